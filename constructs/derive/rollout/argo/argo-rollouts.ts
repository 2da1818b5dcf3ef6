import { Construct } from 'constructs';
import { backEnd } from '../../../model/back-end';
import type { Build } from '../../../model/extension';
import type { Graph } from '../../../model/graph';
import { given } from '../../../model/given';
import { declare } from '../../../model/recorder';
import { GATEWAY_PLUGIN } from '../../../model/rollout-references';
import type { JsonSchema } from '../../../model/json-schema';
import type { ReleasePrerequisite } from '../../../model/prerequisite';
import { shared } from '../../../model/shared';
import { Calls, formatAddress } from '../../calls';
import { Versioned } from '../../endpoint';
import { GatewayNeed } from '../../gateway/gateway';
import type { EnvPart } from '../../pod';
import { selectorOf } from '../../pod-template';
import { Workload } from '../../workload';
import { Verification, type DeliveryFacts, type VerifyJobFacts } from '../facts';
import { RolloutNeed, type RolloutBackEnd } from '../rollout';
import { analysisTemplates } from './analysis';
import { isPossible, runName, setsOf, stagesOf, versionNames, type Stage } from '../names';
import { versionsOf } from '../ways';
import { releaseRights } from './rights';
import { renderStrategy } from './strategy';

/** What an environment file may say under `backEnds.rollout.options`. */
interface Options {
  /** Namespace of the controller. */
  readonly namespace: string;
  /** Where Prometheus answers: `http://prometheus.monitoring:9090`. */
  readonly metrics?: string;
  /** Seconds between two of its looks at the proxies. */
  readonly scrapeSeconds: number;
}

/** Time between two looks where nothing is said, in seconds (Prometheus 3.5, "Configuration", `scrape_interval`). */
const SCRAPE_SECONDS = 60;

const OPTIONS: JsonSchema = {
  type: 'object',
  properties: {
    namespace: { type: 'string', description: 'Namespace of the controller of Argo Rollouts.' },
    metrics: { type: 'string', pattern: '^https?://', description: 'Where Prometheus answers, for verifications.' },
    scrapeSeconds: { type: 'integer', minimum: 1, description: 'Seconds between two of its looks at the proxies.' },
  },
  additionalProperties: false,
};

/** The label that the controller puts on the pods of one version (Argo Rollouts 1.10). */
const VERSION_KEYS = shared(['rollouts-pod-template-hash'] as const);

/**
 * How the plugin comes to the controller, on any architecture (argo-helm, charts/argo-rollouts, `controller`; Argo Rollouts
 * Gateway API plugin 0.15, "Installing the plugin via init containers"). The chart gives it its rights by itself.
 */
const PLUGIN = {
  controller: {
    initContainers: [
      {
        name: 'copy-gateway-plugin',
        image: 'ghcr.io/argoproj-labs/rollouts-plugin-trafficrouter-gatewayapi:v0.15.0',
        command: ['cp', '/bin/rollouts-plugin-trafficrouter-gatewayapi', '/plugins/'],
        volumeMounts: [{ name: 'plugins', mountPath: '/plugins' }],
      },
    ],
    trafficRouterPlugins: [
      { name: GATEWAY_PLUGIN, location: 'file:///plugins/rollouts-plugin-trafficrouter-gatewayapi' },
    ],
    volumes: [{ name: 'plugins', emptyDir: {} }],
    volumeMounts: [{ name: 'plugins', mountPath: '/plugins' }],
  },
};

/** Chart that brings Argo Rollouts 1.10 (argo-helm, charts/argo-rollouts). */
function release(graph: Graph, namespace: string): ReleasePrerequisite {
  return {
    type: 'release',
    name: 'argo-rollouts',
    namespace,
    chart: { repository: 'https://argoproj.github.io/argo-helm', name: 'argo-rollouts', version: '2.43.0' },
    version: '1.10.0',
    groups: ['argoproj.io'],
    ...(graph.backEnd(GatewayNeed).weightedRoutes !== undefined && { values: PLUGIN }),
  };
}

/**
 * Argo Rollouts (1.10): a Rollout stands in place of the Deployment. For a canary, the mesh follows the weights that its
 * controller writes.
 */
export const argoRollouts = backEnd(RolloutNeed, 'argo-rollouts', OPTIONS, (said): RolloutBackEnd => {
  const options: Options = { namespace: 'argo-rollouts', scrapeSeconds: SCRAPE_SECONDS, ...said };
  return {
    name: 'argo-rollouts',
    performs: true,
    scrapeSeconds: options.scrapeSeconds,
    ...given({ metrics: options.metrics }),
    releases: (graph) => [release(graph, options.namespace)],
    realize,
    form: (graph, construct, facts) =>
      versionsOf(graph, construct) !== undefined
        ? {
            apiVersion: 'argoproj.io/v1alpha1',
            kind: 'Rollout',
            versionKeys: VERSION_KEYS,
            sets: setsOf(facts.strategy),
            spec: () => renderStrategy(graph, construct, facts),
          }
        : undefined,
    *objects(graph) {
      yield* analysisTemplates(graph, options.metrics ?? '');
      yield* releaseRights(graph);
    },
    podLabels: () => [],
    problems: () => [],
  };
});

function realize(construct: Construct, facts: Readonly<DeliveryFacts>, build: Build): void {
  if (!isPossible(build, facts)) return;
  const { strategy } = facts;
  const { serving, waiting } = versionNames(facts);
  const stages = stagesOf(facts).filter(({ verify }) => verify.job !== undefined);
  declare(construct, Versioned, {
    name: facts.name,
    namespace: facts.namespace,
    services: [serving, waiting],
    verified: [...new Set(stages.map(({ target }) => target))].filter((target) => target !== facts.name),
    ...(strategy.kind === 'canary' && { split: { stable: serving, canary: waiting } }),
    ...(strategy.testers !== undefined && { testers: { ...strategy.testers, service: waiting } }),
  });
  for (const stage of stages) {
    if (stage.verify.job !== undefined) declareRun(construct, facts, build, stage, stage.verify.job);
  }
}

/** A run that the controller starts. It is a workload like any other: identity, policies and proxy follow from its calls. */
function declareRun(
  construct: Construct,
  facts: Readonly<DeliveryFacts>,
  build: Build,
  stage: Stage,
  { container, env, deadlineSeconds }: VerifyJobFacts,
): void {
  const { namespace, ports } = facts;
  const { id, target } = stage;
  const run = build.ensure(construct, id, (scope) => new Construct(scope, id));
  const name = runName(facts, stage);
  const address = (port: (typeof ports)[number]): string =>
    formatAddress('host:port', `${target}.${namespace}.svc`, port);
  const [first] = ports;
  const named = ports.length > 1 ? ports : [];
  const targets: readonly EnvPart[] = [
    ...(first === undefined ? [] : [{ name: 'TARGET', value: address(first) }]),
    ...named.map((port) => ({ name: `TARGET_${port.name.replaceAll('-', '_').toUpperCase()}`, value: address(port) })),
  ];
  declare(run, Workload, {
    name,
    namespace,
    selector: selectorOf(name),
    container: { ...container, name },
    strategy: { fatalExitCodes: [], completions: 1, parallelism: 1, retries: 0, deadlineSeconds },
    mountsToken: false,
    env: [...env, ...targets],
    volumes: [],
    beside: [],
    claims: [],
  });
  declare(run, Verification, { target });
  for (const port of ports) build.relate(Calls, run, construct, { port: port.name, env: {} });
}
