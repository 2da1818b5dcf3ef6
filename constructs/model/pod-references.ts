import { keyOf } from './kube-object';
import type { Reference } from './reference';

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

const NONE: readonly never[] = [];
const REQUIRED = {};

/** What one pod refers to. @param template - the path to its template */
export function referencesOfPod(
  namespace: string | undefined,
  template: readonly string[],
  spec: unknown,
): readonly Reference[] {
  return new PodReferences(namespace, template).of(spec as PodSpec | undefined);
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

  constructor(namespace: string | undefined, template: readonly string[]) {
    this.#namespace = namespace;
    this.#at = `/${[...template, 'spec'].join('/')}`;
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
