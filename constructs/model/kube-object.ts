/** A Kubernetes object as plain data. */
export interface KubeObject {
  /** Group and version: `apps/v1`; of the core group the version alone: `v1`. */
  readonly apiVersion: string;
  /** In the singular, as in YAML: `Deployment`. */
  readonly kind: string;
  /** What names the object, and what is said about it. */
  readonly metadata: KubeMetadata;
  /** What else the kind has: `spec`, `data`, `rules`. */
  readonly [field: string]: unknown;
}

/** The part of `metadata` that Ashlar reads. */
export interface KubeMetadata {
  /** Unique among objects of its kind in its namespace: `orders`. */
  readonly name: string;
  /** Namespace that it lives in. @defaultValue none: an object of the whole cluster */
  readonly namespace?: string;
  /** What selectors may ask for. Keys may have a prefix: `app.kubernetes.io/name`. */
  readonly labels?: Readonly<Record<string, string>>;
  /** What tools read and no selector can ask for. */
  readonly annotations?: Readonly<Record<string, string>>;
  /** What else Kubernetes knows there: `finalizers`, `generateName`. */
  readonly [field: string]: unknown;
}

/** Kind, namespace and name of an object. */
export interface ObjectName {
  /** Without the version, so that an object keeps its identity when its version moves on. Empty for the core group. */
  readonly group: string;
  readonly kind: string;
  readonly namespace?: string | undefined;
  readonly name: string;
}

/** The group of an apiVersion: `apps` of `apps/v1`, empty for `v1`. */
export function groupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf('/');
  return slash < 0 ? '' : apiVersion.slice(0, slash);
}

/** Key by which an object is known in a plan: unique in a cluster. */
export function keyOf({ group, kind, namespace, name }: ObjectName): string {
  return `${group}/${kind}/${namespace ?? ''}/${name}`;
}

/** The key of a manifest. */
export function keyOfManifest(manifest: KubeObject): string {
  const { metadata } = manifest;
  return `${groupOf(manifest.apiVersion)}/${manifest.kind}/${metadata.namespace ?? ''}/${metadata.name}`;
}

/** How people name an object: `Deployment/ordering/orders`, `Namespace/ordering`. */
export function displayNameOf({ kind, metadata }: KubeObject): string {
  return metadata.namespace === undefined
    ? `${kind}/${metadata.name}`
    : `${kind}/${metadata.namespace}/${metadata.name}`;
}
