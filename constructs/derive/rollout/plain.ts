import type { Construct, IConstruct } from 'constructs';
import { backEnd } from '../../model/back-end';
import type { Build, Derived } from '../../model/extension';
import type { Part } from '../../model/facet';
import type { Graph } from '../../model/graph';
import { declare } from '../../model/recorder';
import { Versioned } from '../endpoint';
import { LABEL_PREFIX } from '../labels';
import { renderPod } from '../pod-template';
import type { TextPart } from '../pod';
import { KeptRevisions, Surge, isScaled, rolling } from '../scaling';
import { Workload, metadataOf } from '../workload';
import { Delivery, type DeliveryFacts } from './facts';
import { isShared, versionNames } from './names';
import { DEPLOYMENT, RolloutNeed, type RolloutBackEnd, type WorkloadForm } from './rollout';
import { STATES, podsOf, problemsOf, scaleOf, stateOf, type State, type States } from './stated';

/** Label by which the pods of both versions are told apart. */
const VERSION_LABEL = `${LABEL_PREFIX}/version`;

const CURRENT = { [VERSION_LABEL]: 'current' };
const NEXT = { [VERSION_LABEL]: 'next' };

/**
 * One state of a release and no controller: a second Deployment holds the version that comes, and a person moves the
 * numbers in the environment file.
 */
export const plainRollouts = backEnd(RolloutNeed, 'plain', STATES, (said): RolloutBackEnd => {
  const { versions: states = {} } = said as { readonly versions?: States };
  return {
    name: 'plain',
    performs: false,
    releases: () => [],
    realize: (construct, facts, build) => realize(construct, facts, build, states),
    form: (graph, construct, facts) => formOfCurrent(graph, construct, facts, stateOf(states, construct)),
    objects: (graph) => comingVersions(graph, states),
    podLabels: currentLabels,
    problems: (graph) => problemsOf(graph, states),
  };
});

/** The Deployment of the version in the program, while another one stands beside it. */
function formOfCurrent(
  graph: Graph,
  construct: IConstruct,
  facts: Readonly<DeliveryFacts>,
  state: State | undefined,
): WorkloadForm | undefined {
  if (state === undefined) return undefined;
  const scale = scaleOf(graph, construct);
  const isMoved = isScaled(scale) && state.percent < 100;
  return {
    ...DEPLOYMENT,
    // The version that comes is counted with its own update.
    sets: 4,
    ...(!isMoved && { replicas: podsOf(graph, construct, facts, state).current }),
    ...(state.percent === 100 && { scaled: nameOf(facts) }),
  };
}

function realize(construct: Construct, facts: Readonly<DeliveryFacts>, build: Build, states: States): void {
  const state = stateOf(states, construct);
  if (state === undefined || facts.ports.length === 0) return;
  const { name, namespace, strategy } = facts;
  const { serving, waiting } = versionNames(facts);
  const leading = servicesOf(facts, state);
  const { testers } = strategy;
  declare(construct, Versioned, {
    name,
    namespace,
    services: [serving, waiting],
    verified: [],
    labels: leading,
    ...(testers !== undefined && { testers: { ...testers, service: leading[waiting] === NEXT ? waiting : serving } }),
    ...(strategy.kind === 'canary' &&
      isShared(build, facts) && { split: { stable: serving, canary: waiting, percent: state.percent } }),
  });
}

/** Which version each Service leads to. Where one gets all requests, so it does by the Service that leads to both. */
function servicesOf(facts: Readonly<DeliveryFacts>, { percent }: State): Readonly<Record<string, typeof NEXT>> {
  const { serving, waiting } = versionNames(facts);
  const isAlone = percent === 100;
  const all = isAlone || percent === 0 ? { [facts.name]: isAlone ? NEXT : CURRENT } : {};
  if (facts.strategy.kind === 'canary') return { ...all, [serving]: CURRENT, [waiting]: NEXT };
  return isAlone ? { [serving]: NEXT, [waiting]: CURRENT } : { [serving]: CURRENT, [waiting]: NEXT };
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
    const isMoved = isScaled(scaleOf(graph, construct)) && state.percent === 100;
    yield {
      scope: construct,
      sources,
      ...(isMoved && { hints: { ownedElsewhere: ['/spec/replicas'] } }),
      manifest: {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { ...current, name: nameOf(delivery), labels: { ...current.labels, ...NEXT } },
        spec: {
          // Said to a scaler, too: a field that is left out when it takes over would fall back to one pod.
          replicas: podsOf(graph, construct, delivery, state).next,
          revisionHistoryLimit: graph.setting(KeptRevisions, construct),
          selector: { matchLabels: { ...facts.selector, ...NEXT } },
          strategy: rolling(graph.setting(Surge, construct)),
          template: { ...template, metadata: { ...metadata, labels } },
        },
      },
    };
  }
}

function nameOf({ name }: DeliveryFacts): string {
  return `${name}-next`;
}
