import type { IConstruct } from 'constructs';
import type { RuleFinding } from '../../model/extension';
import type { Graph } from '../../model/graph';
import type { JsonSchema } from '../../model/json-schema';
import { pathBelowPlatform } from '../../model/setting';
import { problemsOfImage } from '../image';
import { Replicas, isScaled, type ScaleFacts } from '../scaling';
import { Workload } from '../workload';
import { Delivery, type DeliveryFacts } from './facts';
import { SHARE_TOLERANCE, isSharedByPods, podsOfVersions, type PodsOfVersions } from './pods';

/** The state of one release, as the environment file names it. */
export interface State {
  /** Image of the version that comes. */
  readonly image: string;
  /** Percent of the requests that it gets, 0 to 100. */
  readonly percent: number;
}

/** What an environment file may say under `backEnds.rollout.options`. */
export const STATES: JsonSchema = {
  type: 'object',
  properties: {
    versions: {
      type: 'object',
      description: 'By path of the service, ordering/orders: the version that comes beside that of the program.',
      additionalProperties: {
        type: 'object',
        properties: {
          image: { type: 'string', description: 'Image of the version that comes.' },
          percent: { type: 'integer', minimum: 0, maximum: 100, description: 'Percent of the requests that it gets.' },
        },
        required: ['image', 'percent'],
        additionalProperties: false,
      },
    },
  },
  additionalProperties: false,
};

/** States by path of the service. */
export type States = Readonly<Record<string, State>>;

/** @returns undefined where no version comes */
export function stateOf(states: States, construct: IConstruct): State | undefined {
  return states[pathBelowPlatform(construct)];
}

/** How many pods a service has. */
export function scaleOf(graph: Graph, construct: IConstruct): ScaleFacts {
  return graph.setting(Replicas, construct, graph.facts(construct, Workload)?.scale);
}

/** How many of them each of its versions has. */
export function podsOf(
  graph: Graph,
  construct: IConstruct,
  facts: Readonly<DeliveryFacts>,
  state: State,
): PodsOfVersions {
  const byPods = isSharedByPods(graph, construct, facts);
  return podsOfVersions(scaleOf(graph, construct).min, facts.strategy, state.percent, byPods);
}

/** What is wrong with it. */
export function* problemsOf(graph: Graph, states: States): Iterable<RuleFinding> {
  const known = new Map(graph.having(Delivery).map((one) => [pathBelowPlatform(one.construct), one]));
  for (const [path, state] of Object.entries(states)) {
    const found = known.get(path);
    if (found === undefined) yield unknown(graph, path, [...known.keys()]);
    else {
      const { construct: at, facts } = found;
      const ofImage = problemsOfImage('The version that comes', fieldOf(at, 'image'), state.image);
      yield* ofImage.map((problem) => ({ at, ...problem }));
      yield* facts.strategy.kind === 'blue-green' ? halfSwitched(at, state) : unmetShare(graph, at, facts, state);
    }
  }
}

function unknown({ root }: Graph, path: string, known: readonly string[]): RuleFinding {
  return {
    at: root,
    code: 'unknown-service',
    message: `A version of ${path} is said to come, and no service of that path is released in a way of its own.`,
    field: 'backEnds.rollout.options.versions',
    got: path,
    allowed: known.join(', ') || 'nothing: no service has a rollout',
    fix: 'Correct the path, or give the service a rollout.',
  };
}

function fieldOf(construct: IConstruct, name: keyof State): string {
  return `backEnds.rollout.options.versions.${pathBelowPlatform(construct)}.${name}`;
}

function* halfSwitched(at: IConstruct, { percent }: State): Iterable<RuleFinding> {
  if (percent === 0 || percent === 100) return;
  yield {
    at,
    code: 'bad-percent',
    message: 'Of a blue-green release one version gets all requests.',
    field: fieldOf(at, 'percent'),
    got: String(percent),
    allowed: '0 or 100',
    fix: 'Write 0 while it waits, and 100 when it serves.',
  };
}

/** A share that the pods do not give, or do not keep. */
function* unmetShare(
  graph: Graph,
  at: IConstruct,
  facts: Readonly<DeliveryFacts>,
  state: State,
): Iterable<RuleFinding> {
  const { percent } = state;
  if (percent === 0 || percent === 100) return;
  const byPods = isSharedByPods(graph, at, facts);
  const scale = scaleOf(graph, at);
  const field = fieldOf(at, 'percent');
  if (isScaled(scale)) {
    yield {
      at,
      code: 'share-beside-scaler',
      severity: byPods ? 'error' : 'warning',
      message: byPods
        ? 'The share of the requests is that of the pods, and a scaler moves those of one version only.'
        : 'A scaler moves the pods of one version only, and the other gets its share of the load, too.',
      field,
      got: `${percent} %, beside ${scale.min} to ${scale.max} pods`,
      allowed: 'a fixed number of pods while two versions serve',
      fix: 'Fix the scale of the service in the environment file meanwhile, or write 0 or 100.',
    };
    return;
  }
  const { current, next } = podsOf(graph, at, facts, state);
  const share = (100 * next) / (current + next);
  if (!byPods || scale.min === 0 || Math.abs(share - percent) <= SHARE_TOLERANCE) return;
  yield {
    at,
    code: 'share-between-pods',
    message: 'Without weights the share of the requests is that of the pods, and no number of pods gives this share.',
    field,
    got: `${percent} %; ${next} of ${scale.min} pods get ${Math.round(share)} %`,
    allowed: `a share of ${scale.min} pods, within ${SHARE_TOLERANCE} points; or a mesh that shares requests by weights`,
    fix: 'Write a percent that whole pods give, raise the number of pods, or choose such a mesh.',
  };
}
