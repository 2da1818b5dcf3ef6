import { policy, type PolicyFinding } from '../constructs/model/extension';
import { displayNameOf, type KubeObject } from '../constructs/model/kube-object';
import type { PlannedObject } from '../constructs/model/plan';
import { objectsByKey, objectsWithPods, referencesOf, type Reference } from '../constructs/model/references';
import { plain } from './schema/print';

/** Objects that the cluster makes by itself in every namespace (Kubernetes 1.36). */
const ALWAYS_THERE: ReadonlySet<string> = new Set(['ConfigMap/kube-root-ca.crt', 'ServiceAccount/default']);

/** Kinds that operators, administrators or the cluster itself make outside the plan. */
const MADE_ELSEWHERE: ReadonlySet<string> = new Set(['Secret', 'ClusterRole']);

/**
 * What an object names is there: the configuration and its keys, the account, the claim, the role. Secrets may be made
 * outside the plan (by an operator, by hand), so a Secret that is not in it is no finding.
 */
export const referencesPolicy = policy('references', function* (objects): Iterable<PolicyFinding> {
  const byKey = objectsByKey(objects);
  for (const on of objects) {
    for (const reference of referencesOf(on.manifest)) {
      const problem = problemOf(reference, byKey);
      if (problem !== undefined) yield { on, ...problem };
    }
  }
});

type Found = Omit<PolicyFinding, 'on'> | undefined;
type ByKey = ReadonlyMap<string, PlannedObject>;

function problemOf(reference: Reference, byKey: ByKey): Found {
  if (reference.optional === true) return undefined;
  const target = byKey.get(reference.key);
  return target === undefined ? missing(reference, byKey) : withoutEntry(reference, target.manifest);
}

function missing({ key, field }: Reference, byKey: ByKey): Found {
  // Most are Secrets: their keys are not taken apart.
  const start = key.indexOf('/') + 1;
  if (MADE_ELSEWHERE.has(key.slice(start, key.indexOf('/', start)))) return undefined;
  const [, kind = '', namespace = '', name = ''] = key.split('/');
  if (ALWAYS_THERE.has(`${kind}/${name}`)) return undefined;
  return {
    code: 'reference-to-nothing',
    message: `It names the ${kind} ${name}, which is not in the plan.`,
    field,
    got: name,
    allowed: namesOf(byKey, kind, namespace) || `no ${kind} is planned in ${namespace}`,
    fix: `Correct the name, or add the ${kind}.`,
  };
}

function withoutEntry(reference: Reference, target: KubeObject): Found {
  const { entry } = reference;
  if (entry === undefined || hasEntry(target, entry)) return undefined;
  return {
    code: 'missing-key',
    message: `${displayNameOf(target)} has no key ${entry}.`,
    field: reference.field,
    got: entry,
    allowed: entriesOf(target).join(', ') || 'it has no keys',
    fix: 'Correct the key, or add it to the configuration.',
  };
}

function namesOf(byKey: ReadonlyMap<string, PlannedObject>, kind: string, namespace: string): string {
  const names = [...byKey.values()].filter(
    ({ manifest }) => manifest.kind === kind && (manifest.metadata.namespace ?? '') === namespace,
  );
  return names.map(({ manifest }) => manifest.metadata.name).join(', ');
}

const ENTRIES = ['data', 'stringData', 'binaryData'] as const;

function hasEntry(manifest: KubeObject, entry: string): boolean {
  for (const field of ENTRIES) {
    const entries = manifest[field] as object | undefined;
    if (entries !== undefined && Object.hasOwn(entries, entry)) return true;
  }
  return false;
}

function entriesOf(manifest: KubeObject): readonly string[] {
  return ENTRIES.flatMap((field) => Object.keys((manifest[field] as object | undefined) ?? {}));
}

interface ServiceSpec {
  readonly type?: string;
  readonly selector?: Readonly<Record<string, string>>;
  readonly ports?: readonly { readonly port: number; readonly targetPort?: number | string; readonly name?: string }[];
}

interface PodTemplate {
  readonly metadata?: { readonly labels?: Readonly<Record<string, string>> };
  readonly spec?: {
    readonly containers?: readonly ContainerPorts[];
    readonly initContainers?: readonly ContainerPorts[];
  };
}

interface ContainerPorts {
  readonly ports?: readonly { readonly containerPort: number; readonly name?: string }[];
}

/** A Service leads to pods that are there, on ports that they listen on. */
export const servicesPolicy = policy('services', function* (objects): Iterable<PolicyFinding> {
  const services = objects.filter(({ manifest }) => manifest.kind === 'Service' && manifest.apiVersion === 'v1');
  const names = new Set(services.flatMap(({ manifest }) => firstOf(selectorOf(manifest))?.[0] ?? []));
  const index = indexByLabel(objects, names);
  for (const on of services) {
    const problem = problemOfService(on.manifest, index);
    if (problem !== undefined) yield { on, ...problem };
  }
});

function selectorOf(service: KubeObject): Readonly<Record<string, string>> {
  return ((service['spec'] ?? {}) as ServiceSpec).selector ?? {};
}

function firstOf(selector: Readonly<Record<string, string>>): readonly [name: string, value: string] | undefined {
  for (const name in selector) return [name, plain(selector[name])];
  return undefined;
}

type Index = ReadonlyMap<string, readonly PodTemplate[]>;

/** Pods by namespace and those of their labels whose names selectors begin with, so that each looks at few. */
function indexByLabel(objects: readonly PlannedObject[], names: ReadonlySet<string>): Index {
  const index = new Map<string, PodTemplate[]>();
  for (const { on, template } of objectsWithPods(objects)) {
    const pod: PodTemplate = template;
    const { labels = {} } = pod.metadata ?? {};
    for (const name of names) {
      const value = labels[name];
      if (value === undefined) continue;
      const place = placeOf(on.manifest, name, value);
      const list = index.get(place);
      if (list === undefined) index.set(place, [pod]);
      else list.push(pod);
    }
  }
  return index;
}

function placeOf({ metadata }: KubeObject, name: string, value: string): string {
  return `${metadata.namespace ?? ''} ${name}=${value}`;
}

function problemOfService(manifest: KubeObject, index: Index): Found {
  const { ports = [] } = (manifest['spec'] ?? {}) as ServiceSpec;
  const selector = selectorOf(manifest);
  const first = firstOf(selector);
  if (first === undefined) return undefined;
  const candidates = index.get(placeOf(manifest, ...first)) ?? [];
  const pods = candidates.filter(({ metadata }) => selects(selector, metadata?.labels));
  if (pods.length > 0) return problemOfPorts(ports, pods.flatMap(portsOf));
  return {
    code: 'service-without-pods',
    message: 'No pod in the plan carries the labels that the Service selects.',
    field: '/spec/selector',
    got: JSON.stringify(selector),
    allowed: 'labels of a pod template in the same namespace',
    fix: 'Correct the selector.',
  };
}

function selects(selector: Readonly<Record<string, string>>, labels: Readonly<Record<string, string>> = {}): boolean {
  for (const name in selector) if (labels[name] !== selector[name]) return false;
  return true;
}

type ContainerPort = NonNullable<ContainerPorts['ports']>[number];

function portsOf({ spec }: PodTemplate): readonly ContainerPort[] {
  const containers = [...(spec?.containers ?? []), ...(spec?.initContainers ?? [])];
  return containers.flatMap((container) => container.ports ?? []);
}

function problemOfPorts(ports: NonNullable<ServiceSpec['ports']>, listening: readonly ContainerPort[]): Found {
  const leads = (target: number | string): boolean =>
    // A number leads on even where the pods name no ports: naming them only informs (core/v1 Container.ports).
    (typeof target === 'number' && listening.length === 0) ||
    listening.some(({ containerPort, name }) => containerPort === target || name === target);
  const lost = ports.map(({ port, targetPort = port }) => targetPort).find((target) => !leads(target));
  if (lost === undefined) return undefined;
  const named = listening.map(({ containerPort, name }) =>
    name === undefined ? containerPort : `${containerPort} (${name})`,
  );
  return {
    code: 'service-port-leads-nowhere',
    message: 'The pods behind the Service do not listen on the port that it leads to.',
    field: '/spec/ports',
    got: plain(lost),
    allowed: named.join(', ') || 'the pods name no ports',
    fix: 'Correct the target port, or name the port in the container.',
  };
}
