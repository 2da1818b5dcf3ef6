import type { Construct, IConstruct } from 'constructs';
import { backEnd } from '../../model/back-end';
import type { Build, Derived, RuleFinding } from '../../model/extension';
import type { Part } from '../../model/facet';
import type { Graph } from '../../model/graph';
import type { JsonSchema } from '../../model/json-schema';
import { declare } from '../../model/recorder';
import { pathBelowPlatform } from '../../model/setting';
import { Versioned } from '../endpoint';
import { LABEL_PREFIX } from '../labels';
import { renderPod } from '../pod-template';
import type { TextPart } from '../pod';
import { KeptRevisions, Replicas } from '../scaling';
import { Workload, metadataOf } from '../workload';
import { Delivery, type DeliveryFacts } from './facts';
import { isShared, versionNames } from './names';
import { DEPLOYMENT, RolloutNeed, type RolloutBackEnd } from './rollout';

/** The state of one release, as the environment file names it. */
interface State {
  /** Image of the version that comes. */
  readonly image: string;
  /** Percent of the requests that it gets, 0 to 100. */
  readonly percent: number;
}

const OPTIONS: JsonSchema = {
  type: 'object',
  properties: {
    versions: {
      type: 'object',
      description: 'By path of the service, ordering/orders: the version that comes beside that of the program.',
      additionalProperties: {
        type: 'object',
        properties: {
          image: { type: 'string', pattern: '^\\S+$', description: 'Image of the version that comes.' },
          percent: { type: 'integer', minimum: 0, maximum: 100, description: 'Percent of the requests that it gets.' },
        },
        required: ['image', 'percent'],
        additionalProperties: false,
      },
    },
  },
  additionalProperties: false,
};

/** Label by which the pods of both versions are told apart. */
const VERSION_LABEL = `${LABEL_PREFIX}/version`;

const CURRENT = { [VERSION_LABEL]: 'current' };
const NEXT = { [VERSION_LABEL]: 'next' };

type States = Readonly<Record<string, State>>;

/**
 * One state of a release and no controller: a second Deployment holds the version that comes, and a person moves the
 * numbers in the environment file.
 */
export const plainRollouts = backEnd(RolloutNeed, 'plain', OPTIONS, (said): RolloutBackEnd => {
  const { versions: states = {} } = said as { readonly versions?: States };
  return {
    name: 'plain',
    performs: false,
    releases: () => [],
    realize: (construct, facts, build) => realize(construct, facts, build, states),
    // The version that comes is counted with its own update.
    form: (_, construct) => (stateOf(states, construct) === undefined ? undefined : { ...DEPLOYMENT, sets: 4 }),
    objects: (graph) => comingVersions(graph, states),
    podLabels: currentLabels,
    problems: (graph) => problemsOf(graph, states),
  };
});

function stateOf(states: States, construct: IConstruct): State | undefined {
  return states[pathBelowPlatform(construct)];
}

function realize(construct: Construct, facts: Readonly<DeliveryFacts>, build: Build, states: States): void {
  const state = stateOf(states, construct);
  if (state === undefined || facts.ports.length === 0) return;
  const { name, namespace, strategy } = facts;
  const { serving, waiting } = versionNames(facts);
  const isSwitched = strategy.kind === 'blue-green' && state.percent === 100;
  const [served, other] = isSwitched ? [NEXT, CURRENT] : [CURRENT, NEXT];
  const { testers } = strategy;
  declare(construct, Versioned, {
    name,
    namespace,
    services: [serving, waiting],
    verified: [],
    labels: { [serving]: served, [waiting]: other },
    ...(testers !== undefined && { testers: { ...testers, service: isSwitched ? serving : waiting } }),
    ...(strategy.kind === 'canary' &&
      isShared(build, facts) && { split: { stable: serving, canary: waiting, percent: state.percent } }),
  });
}

/** A label can come and go only with a restart of all pods: so it is there before it is needed. */
function* currentLabels(graph: Graph): Iterable<Part<TextPart>> {
  for (const { construct } of graph.having(Delivery)) {
    const source = { by: 'rollout', at: construct.node.path };
    yield { to: construct, source, part: { name: VERSION_LABEL, value: CURRENT[VERSION_LABEL] ?? '' } };
  }
}

/** Deployments of versions that come (Kubernetes 1.36, apps/v1). */
function* comingVersions(graph: Graph, states: States): Iterable<Derived> {
  for (const { construct, facts: delivery } of graph.having(Delivery)) {
    const state = stateOf(states, construct);
    const facts = graph.facts(construct, Workload);
    if (state === undefined || facts === undefined) continue;
    const image = { ...facts, container: { ...facts.container, image: state.image } };
    const { template, sources } = renderPod(graph, construct, image);
    const { metadata } = template as { readonly metadata: { readonly labels?: object } };
    const labels = { ...metadata.labels, ...NEXT };
    const current = metadataOf(construct, facts);
    yield {
      scope: construct,
      sources,
      manifest: {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { ...current, name: nameOf(delivery), labels: { ...current.labels, ...NEXT } },
        spec: {
          replicas: podsOf(graph.setting(Replicas, construct, facts.scale).min, delivery, state),
          revisionHistoryLimit: graph.setting(KeptRevisions, construct),
          selector: { matchLabels: { ...facts.selector, ...NEXT } },
          strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: 0 } },
          template: { ...template, metadata: { ...metadata, labels } },
        },
      },
    };
  }
}

function nameOf({ name }: DeliveryFacts): string {
  return `${name}-next`;
}

/** All pods where it may have to take over at once; of a canary as many as its share asks for, at least one. */
function podsOf(pods: number, { strategy }: DeliveryFacts, { percent }: State): number {
  return strategy.kind === 'blue-green' ? pods : Math.max(1, Math.ceil((pods * percent) / 100));
}

function* problemsOf(graph: Graph, states: States): Iterable<RuleFinding> {
  const known = new Map(graph.having(Delivery).map((one) => [pathBelowPlatform(one.construct), one]));
  for (const [path, { percent }] of Object.entries(states)) {
    const found = known.get(path);
    if (found === undefined) yield unknown(graph, path, [...known.keys()]);
    else if (found.facts.strategy.kind === 'blue-green' && percent > 0 && percent < 100) {
      yield {
        at: found.construct,
        code: 'bad-percent',
        message: 'Of a blue-green release one version gets all requests.',
        field: `backEnds.rollout.options.versions.${path}.percent`,
        got: String(percent),
        allowed: '0 or 100',
        fix: 'Write 0 while it waits, and 100 when it serves.',
      };
    } else yield* tooFine(graph, found, percent);
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

/** Without weights the share is that of the pods, and there is no half a pod. */
function* tooFine(
  graph: Graph,
  { construct, facts }: { readonly construct: IConstruct; readonly facts: Readonly<DeliveryFacts> },
  percent: number,
): Iterable<RuleFinding> {
  if (facts.strategy.kind === 'blue-green' || graph.facts(construct, Versioned)?.split !== undefined) return;
  const { min } = graph.setting(Replicas, construct, graph.facts(construct, Workload)?.scale);
  const least = 100 / (min + 1);
  if (percent >= least) return;
  yield {
    at: construct,
    code: 'share-below-one-pod',
    message: 'Without weights one pod among them all is the least share.',
    field: `backEnds.rollout.options.versions.${pathBelowPlatform(construct)}.percent`,
    got: `${percent} % of ${min} pods`,
    allowed: `at least ${Math.ceil(least)} %, or a mesh that shares requests by weights`,
    fix: 'Raise the percent or the number of pods, or choose such a mesh.',
  };
}
