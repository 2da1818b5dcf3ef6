import { policy, type PolicyFinding } from '../constructs/model/extension';
import { displayNameOf, type KubeObject } from '../constructs/model/kube-object';
import type { PlannedObject } from '../constructs/model/plan';
import { podTemplateOf, referencesOf, type Reference } from '../constructs/model/references';

/** Objects that the cluster makes by itself in every namespace (Kubernetes 1.36). */
const ALWAYS_THERE: ReadonlySet<string> = new Set(['ConfigMap/kube-root-ca.crt', 'ServiceAccount/default']);

/**
 * What an object names is there: the configuration and its keys, the account, the claim, the role. Secrets may be made
 * outside the plan (by an operator, by hand), so a Secret that is not in it is no finding.
 */
export const referencesPolicy = policy('references', function* (objects): Iterable<PolicyFinding> {
  const byKey = new Map(objects.map((object) => [object.key, object]));
  for (const on of objects) {
    for (const reference of referencesOf(on.manifest)) {
      const problem = problemOf(reference, byKey);
      if (problem !== undefined) yield { on, ...problem };
    }
  }
});

function problemOf(reference: Reference, byKey: ReadonlyMap<string, PlannedObject>): Omit<PolicyFinding, 'on'> | undefined {
  const [, kind = '', namespace = '', name = ''] = reference.key.split('/');
  const target = byKey.get(reference.key);
  if (reference.optional === true || ALWAYS_THERE.has(`${kind}/${name}`)) return undefined;
  if (target === undefined) {
    if (kind === 'Secret' || kind === 'ClusterRole') return undefined;
    return {
      code: 'reference-to-nothing',
      message: `It names the ${kind} ${name}, which is not in the plan.`,
      field: reference.field,
      got: name,
      allowed: namesOf(byKey, kind, namespace) || `no ${kind} is planned in ${namespace}`,
      fix: `Correct the name, or add the ${kind}.`,
    };
  }
  if (reference.entry === undefined || hasEntry(target.manifest, reference.entry)) return undefined;
  return {
    code: 'missing-key',
    message: `${displayNameOf(target.manifest)} has no key ${reference.entry}.`,
    field: reference.field,
    got: reference.entry,
    allowed: entriesOf(target.manifest).join(', ') || 'it has no keys',
    fix: 'Correct the key, or add it to the configuration.',
  };
}

function namesOf(byKey: ReadonlyMap<string, PlannedObject>, kind: string, namespace: string): string {
  const names = [...byKey.values()].filter(({ manifest }) => manifest.kind === kind && (manifest.metadata.namespace ?? '') === namespace);
  return names.map(({ manifest }) => manifest.metadata.name).join(', ');
}

function entriesOf(manifest: KubeObject): readonly string[] {
  return ['data', 'stringData', 'binaryData'].flatMap((field) => Object.keys((manifest[field] as object | undefined) ?? {}));
}

function hasEntry(manifest: KubeObject, entry: string): boolean {
  return entriesOf(manifest).includes(entry);
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
  const podsByNamespace = new Map<string, PodTemplate[]>();
  for (const { manifest } of objects) {
    const template = podTemplateOf(manifest) as PodTemplate | undefined;
    if (template === undefined) continue;
    const namespace = manifest.metadata.namespace ?? '';
    podsByNamespace.set(namespace, [...(podsByNamespace.get(namespace) ?? []), template]);
  }
  const index = new Map([...podsByNamespace].map(([namespace, pods]) => [namespace, indexByLabel(pods)]));
  for (const on of objects) {
    if (on.manifest.kind !== 'Service' || on.manifest.apiVersion !== 'v1') continue;
    const problem = problemOfService(on.manifest, index.get(on.manifest.metadata.namespace ?? ''));
    if (problem !== undefined) yield { on, ...problem };
  }
});

/** Pods by each of their labels, so that a selector looks at few. */
function indexByLabel(pods: readonly PodTemplate[]): ReadonlyMap<string, readonly PodTemplate[]> {
  const index = new Map<string, PodTemplate[]>();
  for (const pod of pods) {
    for (const [name, value] of Object.entries(pod.metadata?.labels ?? {})) {
      const label = `${name}=${value}`;
      const list = index.get(label);
      if (list === undefined) index.set(label, [pod]);
      else list.push(pod);
    }
  }
  return index;
}

function problemOfService(
  manifest: KubeObject,
  index: ReadonlyMap<string, readonly PodTemplate[]> | undefined,
): Omit<PolicyFinding, 'on'> | undefined {
  const { selector, ports = [] } = (manifest['spec'] ?? {}) as ServiceSpec;
  const [first, ...others] = Object.entries(selector ?? {});
  if (first === undefined) return undefined;
  const candidates = index?.get(`${first[0]}=${first[1]}`) ?? [];
  const pods = candidates.filter((pod) => others.every(([name, value]) => pod.metadata?.labels?.[name] === value));
  if (pods.length === 0) {
    return {
      code: 'service-without-pods',
      message: 'No pod in the plan carries the labels that the Service selects.',
      field: '/spec/selector',
      got: JSON.stringify(selector),
      allowed: 'labels of a pod template in the same namespace',
      fix: 'Correct the selector.',
    };
  }
  const listening = pods.flatMap(({ spec }) =>
    [...(spec?.containers ?? []), ...(spec?.initContainers ?? [])].flatMap((container) => container.ports ?? []),
  );
  const lost = ports.find(({ port, targetPort = port }) => {
    return !listening.some(({ containerPort, name }) => containerPort === targetPort || name === targetPort);
  });
  if (lost === undefined) return undefined;
  return {
    code: 'service-port-leads-nowhere',
    message: 'The pods behind the Service do not listen on the port that it leads to.',
    field: '/spec/ports',
    got: String(lost.targetPort ?? lost.port),
    allowed: listening.map(({ containerPort, name }) => (name === undefined ? containerPort : `${containerPort} (${name})`)).join(', ') || 'the pods name no ports',
    fix: 'Correct the target port, or name the port in the container.',
  };
}
