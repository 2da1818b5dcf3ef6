import type { IConstruct } from 'constructs';
import { TeamObject } from '../model/adopted';
import { view, type Graph } from '../model/graph';
import type { KubeObject } from '../model/kube-object';
import { parseQuantity } from '../model/quantity';
import { podTemplateOf } from '../model/references';
import { PodContainers, Resources, type ResourceFacts } from './pod';
import { DEFAULT_SURGE_PERCENT, Replicas, Surge, mostPods } from './scaling';
import { Workload, type WorkloadFacts } from './workload';

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
  const adopted = new Set<object>();
  for (const { construct, facts } of graph.having(Workload)) {
    if (facts.adopted !== undefined) {
      adopted.add(facts.adopted);
      addManifest(of(facts.namespace), facts.adopted.toJson() as KubeObject);
    } else addWorkload(of(facts.namespace), graph, construct, facts);
  }
  for (const { construct, facts } of graph.having(TeamObject)) {
    if (adopted.has(construct)) continue;
    const manifest = facts.render();
    if (manifest.metadata.namespace !== undefined) addManifest(of(manifest.metadata.namespace), manifest);
  }
  return byNamespace;
});

function addWorkload(sum: Footprint, graph: Graph, construct: IConstruct, facts: WorkloadFacts): void {
  const pods = mostPods(
    graph.setting(Replicas, construct, facts.scale),
    facts.strategy,
    graph.setting(Surge, construct),
  );
  const beside = graph.collect(PodContainers, construct).map(({ value }) => value);
  const running = [
    graph.setting(Resources, construct, facts.container.resources),
    ...beside.filter(({ role }) => role === 'sidecar').map(({ container }) => container.resources),
  ];
  const before = beside.filter(({ role }) => role === 'init').map(({ container }) => container.resources);
  add(sum, pods, running, before);
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

/** Counts a workload that came as a manifest. */
function addManifest(sum: Footprint, manifest: KubeObject): void {
  const pod = podTemplateOf(manifest) as PodLike | undefined;
  if (pod?.spec === undefined) return;
  const spec = (manifest['spec'] ?? {}) as { replicas?: number; parallelism?: number };
  const replicas = spec.replicas ?? spec.parallelism ?? 1;
  const surge = manifest.kind === 'Deployment' ? Math.ceil((replicas * DEFAULT_SURGE_PERCENT) / 100) : 0;
  const inits = pod.spec.initContainers ?? [];
  const isSidecar = (container: ContainerLike): boolean => container.restartPolicy === 'Always';
  const running = [...(pod.spec.containers ?? []), ...inits.filter(isSidecar)];
  add(sum, replicas + surge, running.map(amounts), inits.filter((init) => !isSidecar(init)).map(amounts));
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
  return parseQuantity(container?.requests[name] ?? container?.limits[name] ?? CONTAINER_DEFAULTS.defaultRequest[name]);
}

/** What a container may use: what it says, else what the LimitRange gives; CPU may be without limit. */
function limited(container: ResourceFacts | undefined, name: 'cpu' | 'memory'): number | undefined {
  const limit = container?.limits[name] ?? (name === 'memory' ? CONTAINER_DEFAULTS.default.memory : undefined);
  return limit === undefined ? undefined : parseQuantity(limit);
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
