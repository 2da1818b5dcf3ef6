import type { IConstruct } from 'constructs';
import type { Graph } from '../../../model/graph';
import { Surge } from '../../scaling';
import type { BlueGreenFacts, CanaryFacts, DeliveryFacts } from '../facts';
import { stagesOf, templateName, versionNames, type Stage } from '../names';
import { renderRouting } from './routing';

/**
 * Seconds in which new pods have to become ready; then the release is taken back (Argo Rollouts 1.10,
 * `progressDeadlineSeconds`: its default, but without `progressDeadlineAbort` it would only be told).
 */
const READY_SECONDS = 600;

/**
 * Seconds without progress after which a release is taken back. Steps of a canary are progress; the verifications of a
 * blue-green release are none to the controller (Argo Rollouts 1.10, `evaluateProgressDeadlineAbort`), so they count in.
 */
function deadlineOf(facts: Readonly<DeliveryFacts>): number {
  if (facts.strategy.kind === 'canary') return READY_SECONDS;
  return stagesOf(facts).reduce((sum, stage) => sum + secondsOf(stage), READY_SECONDS);
}

function secondsOf({ verify: { metrics, job }, count = 1 }: Stage): number {
  const measured = metrics === undefined ? 0 : metrics.windowSeconds + count * metrics.everySeconds;
  return Math.max(measured, job?.deadlineSeconds ?? 0);
}

/**
 * Seconds that pods of a release that was taken back still stand: requests under way end, and somebody may look (Argo
 * Rollouts 1.10, `abortScaleDownDelaySeconds`: its default).
 */
const ABORTED_SECONDS = 30;

/** What stands in the `spec` of a Rollout beside number, selector and template (Argo Rollouts 1.10, argoproj.io/v1alpha1). */
export function renderStrategy(graph: Graph, construct: IConstruct, facts: Readonly<DeliveryFacts>): object {
  const { strategy } = facts;
  const common = { progressDeadlineSeconds: deadlineOf(facts), progressDeadlineAbort: true };
  if (strategy.kind === 'canary') {
    const surge = graph.setting(Surge, construct);
    return {
      ...common,
      strategy: {
        canary: renderCanary(facts, strategy, { surge, trafficRouting: renderRouting(graph, construct, facts) }),
      },
    };
  }
  const { rollbackWindow } = strategy;
  return {
    ...common,
    ...(rollbackWindow > 0 && { rollbackWindow: { revisions: rollbackWindow } }),
    strategy: { blueGreen: renderBlueGreen(facts, strategy) },
  };
}

interface Around {
  /** Percent of the pods that may stand beside all others. */
  readonly surge: number;
  readonly trafficRouting: object;
}

function renderCanary(
  facts: Readonly<DeliveryFacts>,
  strategy: CanaryFacts,
  { surge, trafficRouting }: Around,
): object {
  const { serving, waiting } = versionNames(facts);
  const [stage] = stagesOf(facts);
  return {
    stableService: serving,
    canaryService: waiting,
    trafficRouting,
    maxSurge: `${surge}%`,
    maxUnavailable: 0,
    abortScaleDownDelaySeconds: ABORTED_SECONDS,
    steps: renderSteps(facts, strategy, stage),
    // From the first weight on: before it there is nothing to measure.
    ...(stage?.verify.metrics !== undefined && {
      analysis: { templates: [{ templateName: templateName(facts, stage, 'metrics') }], startingStep: 1 },
    }),
  };
}

function renderSteps(
  facts: Readonly<DeliveryFacts>,
  { weights, holdSeconds, promote }: CanaryFacts,
  stage: Stage | undefined,
): readonly object[] {
  const hold = { pause: { duration: `${holdSeconds}s` } };
  const test =
    stage?.verify.job === undefined
      ? []
      : [{ analysis: { templates: [{ templateName: templateName(facts, stage, 'job') }] } }];
  const steps = weights.flatMap((weight, index) => [{ setWeight: weight }, ...(index === 0 ? test : []), hold]);
  return promote === 'manual' ? [...steps, { pause: {} }] : steps;
}

function renderBlueGreen(facts: Readonly<DeliveryFacts>, { keepOldSeconds, promote }: BlueGreenFacts): object {
  const { serving, waiting } = versionNames(facts);
  const stages = stagesOf(facts);
  const before = templatesOf(
    facts,
    stages.find(({ id }) => id === 'verify'),
  );
  const after = templatesOf(
    facts,
    stages.find(({ id }) => id === 'verify-after'),
  );
  return {
    activeService: serving,
    previewService: waiting,
    autoPromotionEnabled: promote === 'automatic',
    scaleDownDelaySeconds: keepOldSeconds,
    // Of versions that were replaced only the last one is kept, so that there are never more than three.
    scaleDownDelayRevisionLimit: 1,
    abortScaleDownDelaySeconds: ABORTED_SECONDS,
    ...(before.length > 0 && { prePromotionAnalysis: { templates: before } }),
    ...(after.length > 0 && { postPromotionAnalysis: { templates: after } }),
  };
}

function templatesOf(facts: Readonly<DeliveryFacts>, stage: Stage | undefined): readonly object[] {
  if (stage === undefined) return [];
  const { metrics, job } = stage.verify;
  return [
    ...(metrics === undefined ? [] : [{ templateName: templateName(facts, stage, 'metrics') }]),
    ...(job === undefined ? [] : [{ templateName: templateName(facts, stage, 'job') }]),
  ];
}
