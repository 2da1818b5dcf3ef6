import { groupOf, keyOf, type KubeObject } from './kube-object';

/** One object names another. */
export interface Reference {
  /** Key of the object that is named. */
  readonly key: string;
  /** Why it has to be there first: `reads it`, `runs as it`. */
  readonly reason: string;
  /** JSON pointer to the name. */
  readonly field: string;
  /** The key in a ConfigMap or Secret that is read. */
  readonly entry?: string;
  /** The pod starts without it. */
  readonly optional?: true;
}

interface PodSpec {
  readonly serviceAccountName?: string;
  readonly volumes?: readonly Volume[];
  readonly containers?: readonly Container[];
  readonly initContainers?: readonly Container[];
  readonly imagePullSecrets?: readonly { readonly name: string }[];
}

interface Volume {
  readonly configMap?: { readonly name: string; readonly optional?: boolean };
  readonly secret?: { readonly secretName: string; readonly optional?: boolean };
  readonly persistentVolumeClaim?: { readonly claimName: string };
}

interface KeyRef {
  readonly name: string;
  readonly key: string;
  readonly optional?: boolean;
}

interface Container {
  readonly env?: readonly { readonly valueFrom?: { readonly configMapKeyRef?: KeyRef; readonly secretKeyRef?: KeyRef } }[];
  readonly envFrom?: readonly {
    readonly configMapRef?: { readonly name: string; readonly optional?: boolean };
    readonly secretRef?: { readonly name: string; readonly optional?: boolean };
  }[];
}

/** Where the pod template of a kind is, by group and kind. */
const POD_TEMPLATES: Readonly<Record<string, readonly string[]>> = {
  '/Pod': [],
  'apps/Deployment': ['spec', 'template'],
  'apps/StatefulSet': ['spec', 'template'],
  'apps/DaemonSet': ['spec', 'template'],
  'apps/ReplicaSet': ['spec', 'template'],
  'batch/Job': ['spec', 'template'],
  'batch/CronJob': ['spec', 'jobTemplate', 'spec', 'template'],
  'argoproj.io/Rollout': ['spec', 'template'],
};

/** The path to a manifest's pod template; undefined where the kind has none. */
export function podTemplatePath(manifest: KubeObject): readonly string[] | undefined {
  return POD_TEMPLATES[`${groupOf(manifest.apiVersion)}/${manifest.kind}`];
}

/** The pod template of a manifest; undefined where the kind has none. */
export function podTemplateOf(manifest: KubeObject): Readonly<Record<string, unknown>> | undefined {
  return podTemplatePath(manifest)?.reduce<unknown>((at, step) => (at as Record<string, unknown> | undefined)?.[step], manifest) as
    | Readonly<Record<string, unknown>>
    | undefined;
}

/** The objects that a manifest names, except its namespace. */
export function referencesOf(manifest: KubeObject): readonly Reference[] {
  const template = podTemplateOf(manifest);
  if (template !== undefined) return [...ofPod(manifest, template['spec'] as PodSpec | undefined)];
  switch (manifest.kind) {
    case 'HorizontalPodAutoscaler':
      return ofScaler(manifest);
    case 'RoleBinding':
    case 'ClusterRoleBinding':
      return [...ofBinding(manifest)];
    default:
      return [];
  }
}

function* ofPod(manifest: KubeObject, spec: PodSpec | undefined): Iterable<Reference> {
  const at = `/${[...(podTemplatePath(manifest) ?? []), 'spec'].join('/')}`;
  const { namespace } = manifest.metadata;
  const key = (kind: string, name: string): string => keyOf({ group: '', kind, namespace, name });
  if (spec?.serviceAccountName !== undefined && spec.serviceAccountName !== 'default') {
    yield { key: key('ServiceAccount', spec.serviceAccountName), reason: 'runs as it', field: `${at}/serviceAccountName` };
  }
  for (const [index, secret] of (spec?.imagePullSecrets ?? []).entries()) {
    yield { key: key('Secret', secret.name), reason: 'pulls with it', field: `${at}/imagePullSecrets/${index}/name`, optional: true };
  }
  for (const [index, volume] of (spec?.volumes ?? []).entries()) yield* ofVolume(volume, `${at}/volumes/${index}`, key);
  for (const list of ['initContainers', 'containers'] as const) {
    for (const [index, container] of (spec?.[list] ?? []).entries()) {
      yield* ofContainer(container, `${at}/${list}/${index}`, key);
    }
  }
}

type KeyFor = (kind: string, name: string) => string;

function* ofVolume(volume: Volume, at: string, key: KeyFor): Iterable<Reference> {
  const { configMap, secret, persistentVolumeClaim: claim } = volume;
  if (configMap !== undefined) {
    yield { key: key('ConfigMap', configMap.name), reason: 'mounts it', field: `${at}/configMap/name`, ...optional(configMap) };
  }
  if (secret !== undefined) {
    yield { key: key('Secret', secret.secretName), reason: 'mounts it', field: `${at}/secret/secretName`, ...optional(secret) };
  }
  if (claim !== undefined) {
    yield { key: key('PersistentVolumeClaim', claim.claimName), reason: 'mounts it', field: `${at}/persistentVolumeClaim/claimName` };
  }
}

function* ofContainer(container: Container, at: string, key: KeyFor): Iterable<Reference> {
  for (const [index, { valueFrom }] of (container.env ?? []).entries()) {
    if (valueFrom === undefined) continue;
    const field = `${at}/env/${index}/valueFrom`;
    const { configMapKeyRef: config, secretKeyRef: secret } = valueFrom;
    if (config !== undefined) {
      yield { key: key('ConfigMap', config.name), entry: config.key, reason: 'reads it', field: `${field}/configMapKeyRef`, ...optional(config) };
    }
    if (secret !== undefined) {
      yield { key: key('Secret', secret.name), entry: secret.key, reason: 'reads it', field: `${field}/secretKeyRef`, ...optional(secret) };
    }
  }
  for (const [index, { configMapRef: config, secretRef: secret }] of (container.envFrom ?? []).entries()) {
    const field = `${at}/envFrom/${index}`;
    if (config !== undefined) {
      yield { key: key('ConfigMap', config.name), reason: 'reads it', field: `${field}/configMapRef/name`, ...optional(config) };
    }
    if (secret !== undefined) {
      yield { key: key('Secret', secret.name), reason: 'reads it', field: `${field}/secretRef/name`, ...optional(secret) };
    }
  }
}

function optional(ref: { readonly optional?: boolean }): { readonly optional?: true } {
  return ref.optional === true ? { optional: true } : {};
}

function ofScaler(manifest: KubeObject): readonly Reference[] {
  const target = (manifest['spec'] as { scaleTargetRef?: { apiVersion?: string; kind: string; name: string } } | undefined)
    ?.scaleTargetRef;
  if (target === undefined) return [];
  const group = groupOf(target.apiVersion ?? 'v1');
  const { namespace } = manifest.metadata;
  return [{ key: keyOf({ group, kind: target.kind, namespace, name: target.name }), reason: 'scales it', field: '/spec/scaleTargetRef' }];
}

interface Subject {
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string;
}

function* ofBinding(manifest: KubeObject): Iterable<Reference> {
  const role = manifest['roleRef'] as { kind: string; name: string } | undefined;
  const group = 'rbac.authorization.k8s.io';
  if (role !== undefined) {
    const namespace = role.kind === 'Role' ? manifest.metadata.namespace : undefined;
    yield { key: keyOf({ group, kind: role.kind, namespace, name: role.name }), reason: 'grants it', field: '/roleRef' };
  }
  for (const [index, subject] of ((manifest['subjects'] as readonly Subject[] | undefined) ?? []).entries()) {
    if (subject.kind !== 'ServiceAccount') continue;
    const namespace = subject.namespace ?? manifest.metadata.namespace;
    yield { key: keyOf({ group: '', kind: 'ServiceAccount', namespace, name: subject.name }), reason: 'grants to it', field: `/subjects/${index}` };
  }
}
