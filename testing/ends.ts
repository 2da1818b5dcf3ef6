import { isIP } from 'node:net';
import { TASK_LABEL } from '../constructs/derive/runs';
import type { KubeObject } from '../constructs/model/kube-object';
import { byText } from '../constructs/model/order';
import type { Plan } from '../constructs/model/plan';
import { podTemplateOf } from '../constructs/model/references';
import { nearest } from '../policies/schema/print';
import type { End, Pods } from './network-policies';

/** Pods that are not in the plan: an ingress controller, the cluster's DNS. */
export interface PodsOutside {
  /** Namespace that they run in. */
  readonly namespace: string;
  /** Labels of the pods. @defaultValue none */
  readonly labels?: Readonly<Record<string, string>>;
}

/** The pods of one workload of the plan. */
export interface WorkloadPods extends Pods {
  readonly kind: string;
  /** `ordering/orders` */
  readonly name: string;
}

/** Every workload of a plan, by name. */
export function workloadsOf(plan: Plan): readonly WorkloadPods[] {
  return plan.objects
    .flatMap(({ manifest }) => podsOf(manifest) ?? [])
    .sort((a, b) => byText(`${a.name} ${a.kind}`, `${b.name} ${b.kind}`));
}

interface PodTemplate {
  readonly metadata?: { readonly labels?: Readonly<Record<string, string>> };
  readonly spec?: {
    readonly containers?: readonly { readonly ports?: Pods['ports'] }[];
    readonly initContainers?: readonly { readonly ports?: Pods['ports'] }[];
  };
}

function podsOf(manifest: KubeObject): WorkloadPods | undefined {
  const template = podTemplateOf(manifest) as PodTemplate | undefined;
  if (template === undefined) return undefined;
  const { namespace = 'default' } = manifest.metadata;
  const containers = [...(template.spec?.containers ?? []), ...(template.spec?.initContainers ?? [])];
  return {
    kind: manifest.kind,
    name: `${namespace}/${knownAs(manifest)}`,
    namespace,
    labels: template.metadata?.labels ?? {},
    ports: containers.flatMap(({ ports = [] }) => ports),
  };
}

/** The name of a Job follows its content; people know its task. */
function knownAs({ metadata }: KubeObject): string {
  return metadata.labels?.[TASK_LABEL] ?? metadata.name;
}

/** What a name turned out to be, or why it is nothing. */
export type Found = { readonly end: End; readonly shown: string } | { readonly problem: string };

/** Finds an end by its name: `orders`, `ordering/orders`, `Deployment/ordering/orders`, `203.0.113.7`. */
export function findEnd(workloads: readonly WorkloadPods[], wanted: string | PodsOutside): Found {
  if (typeof wanted !== 'string') return outside(wanted);
  if (isIP(wanted) !== 0) return { end: { address: wanted }, shown: wanted };
  const found = workloads.filter(
    ({ kind, name }) => `${kind}/${name}` === wanted || name === wanted || lastPart(name) === wanted,
  );
  const [only] = found;
  if (only !== undefined && found.length === 1) return { end: only, shown: only.name };
  return { problem: found.length === 0 ? unknown(workloads, wanted) : ambiguous(found, wanted) };
}

function outside({ namespace, labels = {} }: PodsOutside): Found {
  const said = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
  return { end: { namespace, labels, ports: [] }, shown: `pods of ${[namespace, ...said].join(' ')}` };
}

function lastPart(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1);
}

function unknown(workloads: readonly WorkloadPods[], wanted: string): string {
  const names = workloads.map(({ name }) => name);
  const meant =
    nearest(wanted, names) ?? names.find((name) => lastPart(name) === nearest(lastPart(wanted), names.map(lastPart)));
  const hint = meant === undefined ? '' : ` Is it ${meant}?`;
  return `The plan has no workload called ${wanted}.${hint}\nWorkloads: ${listed(names)}`;
}

function ambiguous(found: readonly WorkloadPods[], wanted: string): string {
  const sameName = new Set(found.map(({ name }) => name)).size === 1;
  const names = found.map(({ kind, name }) => (sameName ? `${kind}/${name}` : name));
  return `The plan has ${found.length} workloads called ${wanted}. Say which: ${listed(names)}`;
}

/** `a, b, c`; at most thirty of them. */
export function listed(names: readonly string[]): string {
  if (names.length === 0) return 'none';
  const more = names.length > 30 ? ` and ${names.length - 30} more` : '';
  return names.slice(0, 30).join(', ') + more;
}

/** A port as the pod listens on it. */
export interface PodPort {
  readonly port: number;
  readonly protocol: string;
}

interface ServicePort {
  readonly port: number;
  readonly targetPort?: number | string;
  readonly protocol?: string;
}

/**
 * Where a port leads: it is the pod's where the pod declares it, else that of a Service over the pods, else it is taken
 * as it is, for a pod can listen on what it does not declare.
 */
export function podPort(plan: Plan, to: End, port: number): PodPort {
  if ('address' in to) return { port, protocol: 'TCP' };
  const declared = to.ports.find(({ containerPort }) => containerPort === port);
  if (declared !== undefined) return { port, protocol: declared.protocol ?? 'TCP' };
  const served = servicePorts(plan, to).find((one) => one.port === port);
  if (served === undefined) return { port, protocol: 'TCP' };
  const { targetPort = port, protocol = 'TCP' } = served;
  if (typeof targetPort === 'number') return { port: targetPort, protocol };
  return { port: to.ports.find(({ name }) => name === targetPort)?.containerPort ?? port, protocol };
}

/** The ports of the Services that select some pods. */
export function servicePorts(plan: Plan, { namespace, labels }: Pods): readonly ServicePort[] {
  return plan.objects.flatMap(({ manifest }) => {
    if (manifest.kind !== 'Service' || manifest.apiVersion !== 'v1' || manifest.metadata.namespace !== namespace)
      return [];
    const spec = manifest['spec'] as
      { readonly selector?: Pods['labels']; readonly ports?: readonly ServicePort[] } | undefined;
    const selector = Object.entries(spec?.selector ?? {});
    const selected = selector.length > 0 && selector.every(([key, value]) => labels[key] === value);
    return selected ? (spec?.ports ?? []) : [];
  });
}
