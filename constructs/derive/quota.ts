import type { IConstruct } from 'constructs';
import { TeamObject } from '../model/adopted';
import { facet } from '../model/facet';
import { view, type Graph } from '../model/graph';
import { keyOfManifest, type KubeObject } from '../model/kube-object';
import { parseQuantity } from '../model/quantity';
import { podTemplateOf, referencesOf } from '../model/references';
import { InjectedContainers, PodContainers, Resources, type ResourceFacts } from './pod';
import { mostPodsOfRun } from './run';
import { formOf } from './rollout/rollout';
import { Replicas } from './scaling';
import { OperatedPods, type OperatedPodsFacts } from './traffic';
import { Workload, runOf, type WorkloadFacts } from './workload';

/** Pods that somebody makes in a context for an object of the plan, and that are in no manifest. */
export interface ContextPodsPart {
  /** Key of the facet: `waypoint`. */
  readonly name: string;
  /** Namespace of the pods: that of the context. */
  readonly namespace: string;
  /** Most pods at once. */
  readonly pods: number;
  /** What the containers of one pod ask for together. */
  readonly resources: ResourceFacts;
}

/** Pods of a context that the quota counts beside its workloads, given to the context. */
export const ContextPods = facet<ContextPodsPart>('context.pods', ({ name }) => name);

/** What all pods of a namespace can take at once. */
export interface Footprint {
  pods: number;
  /** In cores. */
  requestsCpu: number;
  /** In cores; undefined where some container has no limit. */
  limitsCpu: number | undefined;
  /** In bytes. */
  requestsMemory: number;
  /** In bytes; undefined where some container has no limit. */
  limitsMemory: number | undefined;
}

/** The largest footprint of each namespace: every workload at its largest scale, in the middle of an update. */
export const footprints = view('footprints', (graph: Graph): ReadonlyMap<string, Footprint> => {
  const byNamespace = new Map<string, Footprint>();
  const of = (namespace: string): Footprint => {
    let footprint = byNamespace.get(namespace);
    if (footprint === undefined) {
      footprint = { pods: 0, requestsCpu: 0, limitsCpu: 0, requestsMemory: 0, limitsMemory: 0 };
      byNamespace.set(namespace, footprint);
    }
    return footprint;
  };
  const team = graph.having(TeamObject).map(({ construct, facts }) => ({ construct, manifest: facts.render() }));
  const scaled = scaledPods(team.map(({ manifest }) => manifest));
  const adopted = new Set<object>();
  for (const { construct, facts } of graph.having(Workload)) {
    if (facts.adopted !== undefined) {
      adopted.add(facts.adopted);
      const manifest = facts.adopted.toJson() as KubeObject;
      addManifest(of(facts.namespace), manifest, scaled, injectedInto(graph, construct));
    } else addWorkload(of(facts.namespace), graph, construct, facts);
  }
  for (const { construct, facts } of graph.having(OperatedPods))
    add(of(facts.namespace), mostOperated(graph, construct, facts), [facts.resources], []);
  for (const construct of graph.receivers(ContextPods)) {
    for (const { value } of graph.collect(ContextPods, construct)) {
      add(of(value.namespace), value.pods, [value.resources], []);
    }
  }
  for (const { construct, manifest } of team) {
    const { namespace } = manifest.metadata;
    if (!adopted.has(construct) && namespace !== undefined && podTemplateOf(manifest) !== undefined)
      addManifest(of(namespace), manifest, scaled);
  }
  return byNamespace;
});

function addWorkload(sum: Footprint, graph: Graph, construct: IConstruct, facts: WorkloadFacts): void {
  const pods = mostPods(graph, construct, facts);
  const beside = graph.collect(PodContainers, construct).map(({ value }) => value);
  const running = [
    graph.setting(Resources, construct, facts.container.resources),
    ...beside.filter(({ role }) => role === 'sidecar').map(({ container }) => container.resources),
    ...injectedInto(graph, construct),
  ];
  const before = beside.filter(({ role }) => role === 'init').map(({ container }) => container.resources);
  add(sum, pods, running, before);
}

/** Most pods that a quota counts at once. */
function mostPods(graph: Graph, construct: IConstruct, facts: WorkloadFacts): number {
  const run = runOf(facts);
  if (run !== undefined) return mostPodsOfRun(run);
  return graph.setting(Replicas, construct, facts.scale).max * formOf(graph, construct, facts).sets;
}

/** While pods of a Deployment are replaced, the old ones stand beside the new ones. */
function mostOperated(graph: Graph, construct: IConstruct, { pods }: OperatedPodsFacts): number {
  return typeof pods === 'number' ? pods : 2 * graph.setting(Replicas, construct, pods.scale).max;
}

/** What runs in the pod beside the containers of its manifest. */
function injectedInto(graph: Graph, construct: IConstruct): Amounts {
  return graph.collect(InjectedContainers, construct).map(({ value }) => value.resources);
}

interface PodLike {
  readonly spec?: {
    readonly containers?: readonly ContainerLike[];
    readonly initContainers?: readonly ContainerLike[];
  };
}

interface ContainerLike {
  readonly resources?: Partial<ResourceFacts>;
  readonly restartPolicy?: string;
}

/** Most pods of the workloads that the team's own scalers move, by key. */
type Scaled = ReadonlyMap<string, number>;

function scaledPods(manifests: readonly KubeObject[]): Scaled {
  const scalers = manifests.filter(({ kind }) => kind === 'HorizontalPodAutoscaler');
  return new Map(
    scalers.flatMap((scaler) => {
      const { maxReplicas } = (scaler['spec'] ?? {}) as { readonly maxReplicas?: unknown };
      return typeof maxReplicas === 'number' ? referencesOf(scaler).map(({ key }) => [key, maxReplicas] as const) : [];
    }),
  );
}

/** Counts a workload that came as a manifest. */
function addManifest(sum: Footprint, manifest: KubeObject, scaled: Scaled, injected: Amounts = []): void {
  const pod = podTemplateOf(manifest) as PodLike | undefined;
  if (pod?.spec === undefined) return;
  const replicas = scaled.get(keyOfManifest(manifest)) ?? podsOf(manifest);
  const sets = manifest.kind === 'Deployment' ? 2 : 1;
  const inits = pod.spec.initContainers ?? [];
  const isSidecar = (container: ContainerLike): boolean => container.restartPolicy === 'Always';
  const running = [...(pod.spec.containers ?? []), ...inits.filter(isSidecar)];
  add(
    sum,
    replicas * sets,
    [...running.map(amounts), ...injected],
    inits.filter((init) => !isSidecar(init)).map(amounts),
  );
}

/** How many pods a manifest asks for; one where it does not say, or says it later. */
function podsOf(manifest: KubeObject): number {
  const spec = manifest['spec'] as
    { replicas?: unknown; parallelism?: unknown; jobTemplate?: { spec?: { parallelism?: unknown } } } | undefined;
  const said = spec?.replicas ?? spec?.parallelism ?? spec?.jobTemplate?.spec?.parallelism;
  return typeof said === 'number' ? said : 1;
}

function amounts({ resources }: ContainerLike): ResourceFacts {
  return { requests: resources?.requests ?? {}, limits: resources?.limits ?? {} };
}

type Amounts = readonly (ResourceFacts | undefined)[];

/** Requests and memory limit that the namespace's LimitRange gives a container that says none. CPU keeps no limit. */
export const CONTAINER_DEFAULTS = {
  defaultRequest: { cpu: '50m', memory: '64Mi' },
  default: { memory: '256Mi' },
} as const;

/** What a container requests: what it says, else its limit (as Kubernetes takes it), else what the LimitRange gives. */
function requested(container: ResourceFacts | undefined, name: 'cpu' | 'memory'): number {
  const fallback = CONTAINER_DEFAULTS.defaultRequest[name];
  return knownQuantity(container?.requests[name] ?? container?.limits[name] ?? fallback, fallback);
}

/** What a container may use: what it says, else what the LimitRange gives; CPU may be without limit. */
function limited(container: ResourceFacts | undefined, name: 'cpu' | 'memory'): number | undefined {
  const limit = container?.limits[name] ?? (name === 'memory' ? CONTAINER_DEFAULTS.default.memory : undefined);
  return limit === undefined || Number.isNaN(parseQuantity(limit)) ? undefined : parseQuantity(limit);
}

/** A quantity; the fallback where it is none, or is known only later. */
function knownQuantity(quantity: string, fallback: string): number {
  const value = parseQuantity(quantity);
  return Number.isNaN(value) ? parseQuantity(fallback) : value;
}

/**
 * A pod takes the sum of its containers and sidecars, or its largest init container if that is more (Kubernetes 1.36,
 * "Init Containers: Resource sharing within containers").
 */
function add(sum: Footprint, pods: number, running: Amounts, before: Amounts): void {
  sum.pods += pods;
  sum.requestsCpu += pods * (ofPod(running, before, (one) => requested(one, 'cpu')) ?? 0);
  sum.requestsMemory += pods * (ofPod(running, before, (one) => requested(one, 'memory')) ?? 0);
  sum.limitsCpu = plus(
    sum.limitsCpu,
    pods,
    ofPod(running, before, (one) => limited(one, 'cpu')),
  );
  sum.limitsMemory = plus(
    sum.limitsMemory,
    pods,
    ofPod(running, before, (one) => limited(one, 'memory')),
  );
}

function ofPod(
  running: Amounts,
  before: Amounts,
  amount: (container: ResourceFacts | undefined) => number | undefined,
): number | undefined {
  let total = 0;
  for (const container of running) {
    const value = amount(container);
    if (value === undefined) return undefined;
    total += value;
  }
  for (const container of before) {
    const value = amount(container);
    if (value === undefined) return undefined;
    total = Math.max(total, value);
  }
  return total;
}

function plus(sum: number | undefined, pods: number, value: number | undefined): number | undefined {
  return sum === undefined || value === undefined ? undefined : sum + pods * value;
}
