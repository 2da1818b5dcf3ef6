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
  readonly configMap?: MapSource;
  readonly secret?: Omit<MapSource, 'name'> & { readonly secretName: string };
  readonly persistentVolumeClaim?: { readonly claimName: string };
  readonly projected?: {
    readonly sources?: readonly { readonly configMap?: MapSource; readonly secret?: MapSource }[];
  };
}

/** Files of a ConfigMap or Secret: all of its keys, or some. */
interface MapSource {
  readonly name: string;
  readonly optional?: boolean;
  readonly items?: readonly { readonly key: string }[];
}

interface KeyRef {
  readonly name: string;
  readonly key: string;
  readonly optional?: boolean;
}

interface Container {
  readonly env?: readonly {
    readonly valueFrom?: { readonly configMapKeyRef?: KeyRef; readonly secretKeyRef?: KeyRef };
  }[];
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
  return podTemplatePath(manifest)?.reduce<unknown>(
    (at, step) => (at as Record<string, unknown> | undefined)?.[step],
    manifest,
  ) as Readonly<Record<string, unknown>> | undefined;
}

/** References of pods, which both the order of objects and the policies ask for. Planned manifests do not change. */
const ofPods = new WeakMap<KubeObject, readonly Reference[]>();

/** The objects that a finished manifest names, except its namespace. */
export function referencesOf(manifest: KubeObject): readonly Reference[] {
  const template = podTemplateOf(manifest);
  if (template !== undefined) {
    let found = ofPods.get(manifest);
    if (found === undefined) {
      found = [...ofPod(manifest, template['spec'] as PodSpec | undefined)];
      ofPods.set(manifest, found);
    }
    return found;
  }
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

function* ofPod(manifest: KubeObject, spec: PodSpec = {}): Iterable<Reference> {
  const at = `/${[...(podTemplatePath(manifest) ?? []), 'spec'].join('/')}`;
  const { namespace } = manifest.metadata;
  const refer: Refer = (kind, name, reason, field) => ({
    key: keyOf({ group: '', kind, namespace, name }),
    reason,
    field,
  });
  const { serviceAccountName: account = 'default', imagePullSecrets = [], volumes = [] } = spec;
  if (account !== 'default') yield refer('ServiceAccount', account, 'runs as it', `${at}/serviceAccountName`);
  for (const [index, { name }] of imagePullSecrets.entries()) {
    yield { ...refer('Secret', name, 'pulls with it', `${at}/imagePullSecrets/${index}/name`), optional: true };
  }
  for (const [index, volume] of volumes.entries()) yield* ofVolume(volume, `${at}/volumes/${index}`, refer);
  yield* ofContainers(spec.initContainers, `${at}/initContainers`, refer);
  yield* ofContainers(spec.containers, `${at}/containers`, refer);
}

function* ofContainers(list: readonly Container[] | undefined, at: string, refer: Refer): Iterable<Reference> {
  for (const [index, container] of (list ?? []).entries()) {
    yield* ofVariables(container, `${at}/${index}/env`, refer);
    yield* ofWholeMaps(container, `${at}/${index}/envFrom`, refer);
  }
}

type Refer = (kind: string, name: string, reason: string, field: string) => Reference;

function* ofVolume(volume: Volume, at: string, refer: Refer): Iterable<Reference> {
  const { configMap, secret, projected, persistentVolumeClaim: claim } = volume;
  if (configMap !== undefined) yield* ofFiles('ConfigMap', configMap, `${at}/configMap`, 'name', refer);
  if (secret !== undefined) {
    yield* ofFiles('Secret', { ...secret, name: secret.secretName }, `${at}/secret`, 'secretName', refer);
  }
  for (const [index, source] of (projected?.sources ?? []).entries()) {
    const within = `${at}/projected/sources/${index}`;
    if (source.configMap !== undefined)
      yield* ofFiles('ConfigMap', source.configMap, `${within}/configMap`, 'name', refer);
    if (source.secret !== undefined) yield* ofFiles('Secret', source.secret, `${within}/secret`, 'name', refer);
  }
  if (claim !== undefined) {
    yield refer('PersistentVolumeClaim', claim.claimName, 'mounts it', `${at}/persistentVolumeClaim/claimName`);
  }
}

function* ofFiles(kind: string, source: MapSource, at: string, nameField: string, refer: Refer): Iterable<Reference> {
  yield { ...refer(kind, source.name, 'mounts it', `${at}/${nameField}`), ...optional(source) };
  for (const [index, { key }] of (source.items ?? []).entries()) {
    yield { ...refer(kind, source.name, 'mounts it', `${at}/items/${index}/key`), entry: key, ...optional(source) };
  }
}

function* ofVariables({ env = [] }: Container, at: string, refer: Refer): Iterable<Reference> {
  for (const [index, { valueFrom }] of env.entries()) {
    if (valueFrom === undefined) continue;
    const { configMapKeyRef: config, secretKeyRef: secret } = valueFrom;
    const field = `${at}/${index}/valueFrom`;
    if (config !== undefined) {
      yield {
        ...refer('ConfigMap', config.name, 'reads it', `${field}/configMapKeyRef`),
        entry: config.key,
        ...optional(config),
      };
    }
    if (secret !== undefined) {
      yield {
        ...refer('Secret', secret.name, 'reads it', `${field}/secretKeyRef`),
        entry: secret.key,
        ...optional(secret),
      };
    }
  }
}

function* ofWholeMaps({ envFrom = [] }: Container, at: string, refer: Refer): Iterable<Reference> {
  for (const [index, { configMapRef: config, secretRef: secret }] of envFrom.entries()) {
    if (config !== undefined) {
      yield { ...refer('ConfigMap', config.name, 'reads it', `${at}/${index}/configMapRef/name`), ...optional(config) };
    }
    if (secret !== undefined) {
      yield { ...refer('Secret', secret.name, 'reads it', `${at}/${index}/secretRef/name`), ...optional(secret) };
    }
  }
}

function optional(ref: { readonly optional?: boolean }): { readonly optional?: true } {
  return ref.optional === true ? { optional: true } : {};
}

function ofScaler(manifest: KubeObject): readonly Reference[] {
  const target = (
    manifest['spec'] as { scaleTargetRef?: { apiVersion?: string; kind: string; name: string } } | undefined
  )?.scaleTargetRef;
  if (target === undefined) return [];
  const group = groupOf(target.apiVersion ?? 'v1');
  const { namespace } = manifest.metadata;
  return [
    {
      key: keyOf({ group, kind: target.kind, namespace, name: target.name }),
      reason: 'scales it',
      field: '/spec/scaleTargetRef',
    },
  ];
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
    yield {
      key: keyOf({ group, kind: role.kind, namespace, name: role.name }),
      reason: 'grants it',
      field: '/roleRef',
    };
  }
  for (const [index, subject] of ((manifest['subjects'] as readonly Subject[] | undefined) ?? []).entries()) {
    if (subject.kind !== 'ServiceAccount') continue;
    const namespace = subject.namespace ?? manifest.metadata.namespace;
    yield {
      key: keyOf({ group: '', kind: 'ServiceAccount', namespace, name: subject.name }),
      reason: 'grants to it',
      field: `/subjects/${index}`,
    };
  }
}
