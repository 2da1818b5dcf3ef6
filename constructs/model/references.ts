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
  readonly entry?: string | undefined;
  /** The pod starts without it. */
  readonly optional?: true | undefined;
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

/** Where the pod template of a kind is, by kind; and the kind's group, as others have kinds of the same name. */
const POD_TEMPLATES: ReadonlyMap<string, { readonly group: string; readonly path: readonly string[] }> = new Map([
  ['Pod', { group: '', path: [] }],
  ['Deployment', { group: 'apps', path: ['spec', 'template'] }],
  ['StatefulSet', { group: 'apps', path: ['spec', 'template'] }],
  ['DaemonSet', { group: 'apps', path: ['spec', 'template'] }],
  ['ReplicaSet', { group: 'apps', path: ['spec', 'template'] }],
  ['Job', { group: 'batch', path: ['spec', 'template'] }],
  ['CronJob', { group: 'batch', path: ['spec', 'jobTemplate', 'spec', 'template'] }],
  ['Rollout', { group: 'argoproj.io', path: ['spec', 'template'] }],
]);

/** The path to a manifest's pod template; undefined where the kind has none. */
export function podTemplatePath(manifest: KubeObject): readonly string[] | undefined {
  const known = POD_TEMPLATES.get(manifest.kind);
  return known === undefined || known.group !== groupOf(manifest.apiVersion) ? undefined : known.path;
}

/** The pod template of a manifest; undefined where the kind has none. */
export function podTemplateOf(manifest: KubeObject): Readonly<Record<string, unknown>> | undefined {
  const path = podTemplatePath(manifest);
  if (path === undefined) return undefined;
  let at: unknown = manifest;
  for (const step of path) at = (at as Record<string, unknown> | undefined)?.[step];
  return at as Readonly<Record<string, unknown>> | undefined;
}

/** References of pods, which both the order of objects and the policies ask for. Planned manifests do not change. */
const ofPods = new WeakMap<KubeObject, readonly Reference[]>();

/** The objects that a finished manifest names, except its namespace. */
export function referencesOf(manifest: KubeObject): readonly Reference[] {
  const template = podTemplateOf(manifest);
  if (template !== undefined) {
    let found = ofPods.get(manifest);
    if (found === undefined) {
      found = new PodReferences(manifest).of(template['spec'] as PodSpec | undefined);
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
      return NONE;
  }
}

/** A reference in a pod. Its field is put together only for whoever asks: a pod has dozens, and findings are few. */
class PodReference implements Reference {
  constructor(
    readonly key: string,
    readonly reason: string,
    private readonly list: string,
    private readonly index: number,
    private readonly within: string,
    readonly optional: true | undefined,
    readonly entry: string | undefined,
  ) {}

  get field(): string {
    return this.index < 0 ? this.list : `${this.list}/${this.index}${this.within}`;
  }
}

/** Collects what one pod refers to. */
class PodReferences {
  readonly #found: PodReference[] = [];
  readonly #namespace: string | undefined;
  readonly #at: string;
  /** Variables of one map follow each other, so its key is mostly the last one. */
  #last = { kind: '', name: '', key: '' };

  constructor(manifest: KubeObject) {
    this.#namespace = manifest.metadata.namespace;
    this.#at = `/${[...(podTemplatePath(manifest) ?? []), 'spec'].join('/')}`;
  }

  of(spec: PodSpec = {}): readonly PodReference[] {
    const { serviceAccountName: account = 'default', imagePullSecrets = NONE, volumes = NONE } = spec;
    const at = this.#at;
    if (account !== 'default') this.#add('ServiceAccount', account, 'runs as it', `${at}/serviceAccountName`, -1, '');
    for (const [index, { name }] of imagePullSecrets.entries())
      this.#add('Secret', name, 'pulls with it', `${at}/imagePullSecrets`, index, '/name', { optional: true });
    for (const [index, volume] of volumes.entries()) this.#ofVolume(volume, index);
    this.#ofContainers(spec.initContainers, `${at}/initContainers`);
    this.#ofContainers(spec.containers, `${at}/containers`);
    return this.#found;
  }

  #add(
    kind: string,
    name: string,
    reason: string,
    list: string,
    index: number,
    within: string,
    how: { readonly optional?: boolean } = REQUIRED,
    entry?: string,
  ): void {
    const optional = how.optional === true ? true : undefined;
    this.#found.push(new PodReference(this.#keyOf(kind, name), reason, list, index, within, optional, entry));
  }

  #keyOf(kind: string, name: string): string {
    if (this.#last.kind !== kind || this.#last.name !== name)
      this.#last = { kind, name, key: keyOf({ group: '', kind, namespace: this.#namespace, name }) };
    return this.#last.key;
  }

  #ofVolume({ configMap, secret, projected, persistentVolumeClaim: claim }: Volume, index: number): void {
    const list = `${this.#at}/volumes`;
    if (configMap !== undefined) this.#ofFiles('ConfigMap', configMap, list, index, '/configMap', 'name');
    if (secret !== undefined) {
      this.#ofFiles('Secret', { ...secret, name: secret.secretName }, list, index, '/secret', 'secretName');
    }
    for (const [at, source] of (projected?.sources ?? NONE).entries()) {
      const within = `/projected/sources/${at}`;
      if (source.configMap !== undefined)
        this.#ofFiles('ConfigMap', source.configMap, list, index, `${within}/configMap`, 'name');
      if (source.secret !== undefined) this.#ofFiles('Secret', source.secret, list, index, `${within}/secret`, 'name');
    }
    if (claim !== undefined) {
      const within = '/persistentVolumeClaim/claimName';
      this.#add('PersistentVolumeClaim', claim.claimName, 'mounts it', list, index, within);
    }
  }

  #ofFiles(kind: string, source: MapSource, list: string, index: number, within: string, nameField: string): void {
    this.#add(kind, source.name, 'mounts it', list, index, `${within}/${nameField}`, source);
    for (const [at, { key }] of (source.items ?? NONE).entries())
      this.#add(kind, source.name, 'mounts it', list, index, `${within}/items/${at}/key`, source, key);
  }

  #ofContainers(list: readonly Container[] = NONE, at: string): void {
    for (const [index, { env = NONE, envFrom = NONE }] of list.entries()) {
      this.#ofVariables(env, `${at}/${index}/env`);
      this.#ofWholeMaps(envFrom, `${at}/${index}/envFrom`);
    }
  }

  #ofVariables(env: NonNullable<Container['env']>, list: string): void {
    for (let index = 0; index < env.length; index += 1) {
      const source = env[index]?.valueFrom;
      if (source === undefined) continue;
      const { configMapKeyRef: config, secretKeyRef: secret } = source;
      if (config !== undefined)
        this.#add('ConfigMap', config.name, 'reads it', list, index, '/valueFrom/configMapKeyRef', config, config.key);
      if (secret !== undefined)
        this.#add('Secret', secret.name, 'reads it', list, index, '/valueFrom/secretKeyRef', secret, secret.key);
    }
  }

  #ofWholeMaps(envFrom: NonNullable<Container['envFrom']>, list: string): void {
    for (const [index, { configMapRef: config, secretRef: secret }] of envFrom.entries()) {
      if (config !== undefined)
        this.#add('ConfigMap', config.name, 'reads it', list, index, '/configMapRef/name', config);
      if (secret !== undefined) this.#add('Secret', secret.name, 'reads it', list, index, '/secretRef/name', secret);
    }
  }
}

const NONE: readonly never[] = [];
const REQUIRED = {};

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
