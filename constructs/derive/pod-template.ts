import type { IConstruct } from 'constructs';
import { given } from '../model/given';
import type { Graph } from '../model/graph';
import { sourcesOf, type Joined } from '../model/facet';
import { alike, oncePerValue, shared } from '../model/shared';
import type { Source } from '../model/source';
import { transportOf } from './endpoint';
import { imageOf } from './image';
import { NAME_LABEL, ownershipLabels, sharedMetadata } from './labels';
import {
  PodAnnotations,
  PodContainers,
  PodEnv,
  PodLabels,
  PodProcesses,
  PodVolumes,
  Resources,
  ShutdownSetting,
  User,
  type ContainerFacts,
  type ContainerPart,
  type EnvPart,
  type HealthFacts,
  type MountFacts,
  type ResourceFacts,
  type TextPart,
  type VolumePart,
} from './pod';
import { defaultHealth } from './probes';
import { variableOf } from './secret-values';
import { renderSpread } from './spread';
import { runOf, type WorkloadFacts } from './workload';

const NONE: readonly never[] = [];

/** A pod template, and everything that had a say in it. */
export interface RenderedPod {
  readonly template: { readonly metadata: object; readonly spec: Readonly<Record<string, unknown>> };
  readonly sources: readonly Source[];
}

/** The pod template of a workload: its own facts and the parts that other patterns gave. */
export function renderPod(graph: Graph, construct: IConstruct, facts: WorkloadFacts): RenderedPod {
  const parts = collectParts(graph, construct);
  const { env, volumes, labels, annotations } = parts;
  const resources = graph.setting(Resources, construct, facts.container.resources);
  const beside = renderAllBeside(graph, facts.name, parts);
  const user = graph.setting(User, construct, facts.user);
  const shutdown = graph.setting(ShutdownSetting, construct, facts.shutdown);
  const drainSeconds = facts.container.ports.length > 0 ? shutdown.drainSeconds : 0;
  const health = facts.container.health ?? defaultHealth(graph, construct, facts.container);
  const main = {
    ...renderContainer(
      graph,
      { ...facts.container, resources, ...(health !== undefined && { health }) },
      variablesOf(graph, facts.name, undefined, env),
      mountsFor(volumes, undefined),
    ),
    ...renderDrain(drainSeconds),
  };
  return {
    sources: parts.sources,
    template: {
      metadata: {
        labels: podLabels(construct, facts, labels),
        ...(annotations.length > 0 && { annotations: texts(annotations) }),
      },
      spec: {
        serviceAccountName: facts.name,
        automountServiceAccountToken: facts.mountsToken,
        enableServiceLinks: false,
        securityContext: podSecurity(user),
        ...(parts.sharesProcesses && { shareProcessNamespace: true }),
        ...(beside.length > 0 && { initContainers: beside }),
        containers: [main],
        terminationGracePeriodSeconds: drainSeconds + shutdown.finishSeconds,
        ...renderStay(graph, construct, facts),
        ...renderVolumes(volumes),
      },
    },
  };
}

function podLabels(construct: IConstruct, facts: WorkloadFacts, more: readonly TextPart[]): object {
  const { name, namespace, selector } = facts;
  const isUsual = more.length === 0 && selector[NAME_LABEL] === name && Object.keys(selector).length === 1;
  if (isUsual) return sharedMetadata(construct, name, namespace).labels;
  return { ...selector, ...ownershipLabels(construct), ...texts(more) };
}

/** What the Pod Security level `restricted` asks of a pod. */
const podSecurity = oncePerValue((user: number) =>
  shared({
    runAsNonRoot: true,
    runAsUser: user,
    runAsGroup: user,
    fsGroup: user,
    seccompProfile: { type: 'RuntimeDefault' },
  }),
);

/** The parts of a pod, as other patterns gave them. */
export interface PodParts {
  readonly env: readonly EnvPart[];
  readonly volumes: readonly VolumePart[];
  readonly containers: readonly ContainerPart[];
  readonly labels: readonly TextPart[];
  readonly annotations: readonly TextPart[];
  readonly sharesProcesses: boolean;
  readonly sources: readonly Source[];
}

/** What all patterns contributed to a pod. */
export function collectParts(graph: Graph, construct: IConstruct): PodParts {
  const env = graph.collect(PodEnv, construct);
  const volumes = graph.collect(PodVolumes, construct);
  const containers = graph.collect(PodContainers, construct);
  const labels = graph.collect(PodLabels, construct);
  const annotations = graph.collect(PodAnnotations, construct);
  const processes = graph.collect(PodProcesses, construct);
  return {
    env: valuesOf(env),
    volumes: valuesOf(volumes),
    containers: valuesOf(containers),
    labels: valuesOf(labels),
    annotations: valuesOf(annotations),
    sharesProcesses: processes.length > 0,
    sources: sourcesOf(env, volumes, containers, labels, annotations, processes),
  };
}

function valuesOf<T extends object>(joined: readonly Joined<T>[]): readonly T[] {
  return joined.length === 0 ? NONE : joined.map(({ value }) => value);
}

/** Names and values as one map. */
export function texts(parts: readonly TextPart[]): Readonly<Record<string, string>> {
  return Object.fromEntries(parts.map(({ name, value }) => [name, value]));
}

/** The mounts of one container; without a name, of the main one. */
export function mountsFor(volumes: readonly VolumePart[], container: string | undefined): readonly object[] {
  const found: object[] = [];
  for (const { name, mounts } of volumes) {
    for (const mount of mounts) if (mount.container === container) found.push(renderMount(name, mount));
  }
  return found;
}

function renderMount(name: string, { path, readOnly, subPath }: MountFacts): object {
  return { name, mountPath: path, ...(subPath !== undefined && { subPath }), ...(readOnly === true && { readOnly }) };
}

/** The volumes of a pod, without those that claim templates make. */
export function renderVolumes(parts: readonly VolumePart[]): { readonly volumes?: readonly object[] } {
  const volumes = parts.filter(({ source }) => source !== undefined).map(({ name, source }) => ({ name, ...source }));
  return volumes.length > 0 ? { volumes } : {};
}

/** Another variable in a value; Kubernetes fills it in where that one comes first in the list. */
const REFERENCE = /\$\(([^)]+)\)/g;

/** Variables as Kubernetes writes them: by name, but each after those that its value is made of. */
export function renderEnv(env: readonly EnvPart[]): readonly object[] {
  const ordered = env.some(({ value }) => value?.includes('$(') === true) ? byReference(env) : env;
  return ordered.map((part) => {
    const { name, value, valueFrom } = part;
    return value === undefined || valueFrom === undefined ? part : { name, valueFrom };
  });
}

function byReference(env: readonly EnvPart[]): readonly EnvPart[] {
  const byName = new Map(env.map((part) => [part.name, part]));
  const ordered = new Set<EnvPart>();
  const add = (part: EnvPart, within: ReadonlySet<EnvPart>): void => {
    if (within.has(part)) return;
    for (const [, name = ''] of part.value?.matchAll(REFERENCE) ?? []) {
      const other = byName.get(name);
      if (other !== undefined && !ordered.has(other)) add(other, new Set([...within, part]));
    }
    ordered.add(part);
  };
  for (const part of env) add(part, new Set());
  return [...ordered];
}

/** Variables of a container, those that nobody may read as references. */
export function variablesOf(
  graph: Graph,
  workload: string,
  container: string | undefined,
  env: readonly EnvPart[],
): readonly EnvPart[] {
  return env.map((part) => variableOf(graph, workload, container, part));
}

/** Those that end first, then those that stay, each in the order in which they were given. */
export function renderAllBeside(graph: Graph, workload: string, { containers, volumes }: PodParts): readonly object[] {
  if (containers.length === 0) return NONE;
  const inTurn = containers.toSorted((a, b) => (a.order ?? -1) - (b.order ?? -1));
  const of = (wanted: ContainerPart['role']) => inTurn.filter(({ role }) => role === wanted);
  return [...of('init'), ...of('sidecar')].map((part) => {
    const env = variablesOf(graph, workload, part.name, part.env);
    return renderBeside(graph, { ...part, env }, mountsFor(volumes, part.name));
  });
}

function renderBeside(graph: Graph, { role, container, env }: ContainerPart, mounts: readonly object[]): object {
  const rendered = renderContainer(graph, container, env, mounts);
  // A native sidecar is an init container that is restarted for ever (KEP-753, stable in Kubernetes 1.33).
  return role === 'sidecar' ? { ...rendered, restartPolicy: 'Always' } : rendered;
}

function renderProbes({ startup, readiness, liveness }: HealthFacts = {}): object {
  return {
    ...(startup !== undefined && { startupProbe: alike(startup) }),
    ...(readiness !== undefined && { readinessProbe: alike(readiness) }),
    ...(liveness !== undefined && { livenessProbe: alike(liveness) }),
  };
}

/** What the Pod Security level `restricted` asks of a container, and a root file system that nobody writes to. */
const CONTAINER_SECURITY = shared({
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ['ALL'] },
});

function renderContainer(
  graph: Graph,
  container: ContainerFacts & { readonly resources?: ResourceFacts },
  env: readonly EnvPart[],
  mounts: readonly object[],
): object {
  const { name, image, command, args, ports, health, resources } = container;
  return {
    name,
    image: imageOf(graph, image),
    ...given({ command, args }),
    ...(ports.length > 0 && { ports: renderPorts(container) }),
    ...(env.length > 0 && { env: renderEnv(env) }),
    ...(resources !== undefined && { resources: alike(resources) }),
    ...renderProbes(health),
    securityContext: CONTAINER_SECURITY,
    ...(mounts.length > 0 && { volumeMounts: mounts }),
  };
}

/** The kubelet sleeps by itself, so that images without a shell drain, too (KEP-3960, stable in Kubernetes 1.34). */
const renderDrain = oncePerValue((seconds: number): object =>
  seconds > 0 ? { lifecycle: shared({ preStop: { sleep: { seconds } } }) } : {},
);

/** Two service ports may lead to one container port, which is listed once. */
function renderPorts({ ports }: ContainerFacts): readonly object[] {
  const rendered: { name: string; readonly containerPort: number; readonly protocol: string }[] = [];
  for (const { name, containerPort, protocol: spoken } of ports) {
    const protocol = transportOf(spoken);
    const twin = rendered.find((one) => one.containerPort === containerPort && one.protocol === protocol);
    if (twin === undefined) rendered.push({ name, containerPort, protocol });
    else twin.name = name;
  }
  return alike(rendered);
}

/** A pod that ends is replaced by its Job, which counts; one that stays is spread. */
function renderStay(graph: Graph, construct: IConstruct, facts: WorkloadFacts): object {
  if (runOf(facts) !== undefined) return { restartPolicy: 'Never' };
  return { topologySpreadConstraints: renderSpread(graph, construct, facts) };
}

/** Label by which a workload is selected. */
export function selectorOf(name: string): Readonly<Record<string, string>> {
  return { [NAME_LABEL]: name };
}
