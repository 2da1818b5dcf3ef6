import type { KubeObject } from '../../constructs/model/kube-object';
import type { ApiAnswer, ApiRequest } from './connection';
import type { ObjectId } from './kinds';
import type { Verdict } from './verdict';

/** Who asks. */
export interface Identity {
  /** Field manager of what is written. @defaultValue 'ashlar' */
  readonly manager?: string;
  /** User to act as: `alice`, `system:serviceaccount:ordering:orders`. @defaultValue the administrator */
  readonly user?: string;
  /** Groups to act in; needs a user. @defaultValue none */
  readonly groups?: readonly string[];
}

/** Which objects of a kind. */
export interface ListOptions {
  /** The one whose objects are listed. @defaultValue all namespaces */
  readonly namespace?: string;
  /** Labels that they all have. @defaultValue any */
  readonly labels?: Readonly<Record<string, string>>;
}

/** How an object is patched. */
export interface PatchOptions {
  /** `merge` (RFC 7396), `json` (RFC 6902), `strategic` (Kubernetes, built-in kinds). @defaultValue 'merge' */
  readonly type?: 'merge' | 'json' | 'strategic';
  /** `status`, `scale`. @defaultValue the object itself */
  readonly subresource?: string;
}

/** Somebody, by name or with groups. */
export type Subject = string | { readonly user: string; readonly groups?: readonly string[] };

/** Reads and writes objects of a cluster as one user and one field manager. */
export interface ClusterClient {
  /** The same cluster, asked by somebody else: another field manager (a controller), another user. */
  as(identity: Identity): ClusterClient;

  /**
   * The object as it is stored; undefined where there is none.
   * @param id - a manifest, or its apiVersion, kind, name and namespace
   * @throws AshlarError `refused` where it must not be read, `unknown-kind`
   */
  get<T extends object = KubeObject>(id: ObjectId): Promise<T | undefined>;

  /** True where the object is stored. */
  has(id: ObjectId): Promise<boolean>;

  /**
   * The objects of a kind, by namespace and name.
   * @throws AshlarError `refused` where they must not be read, `unknown-kind`
   */
  list<T extends object = KubeObject>(apiVersion: string, kind: string, options?: ListOptions): Promise<readonly T[]>;

  /**
   * Creates an object, with strict checks, or a subresource such as the `eviction` of a pod.
   * @param manifest - what to create; for a subresource its body
   * @param subresource - `eviction`, `token`, with the object that it belongs to
   * @throws AshlarError `unknown-kind`; what is refused is a verdict
   */
  create(manifest: KubeObject, subresource?: { readonly name: string; readonly of: ObjectId }): Promise<Verdict>;

  /**
   * What the server would say to a new object: all unknown fields, defaults, admission; nothing is stored. The same
   * request as that of `kubectl apply --dry-run=server --validate=strict`. Its namespace must be there, its name not.
   * @throws AshlarError `unknown-kind`; what is refused is a verdict
   */
  dryRun(manifest: KubeObject): Promise<Verdict>;

  /**
   * Applies one object, server-side and strictly: what this field manager applied before and leaves out now is removed.
   * @param options - `force` takes fields over from other managers instead of a conflict (409); default false
   * @throws AshlarError `unknown-kind`; what is refused is a verdict
   */
  applyObject(manifest: KubeObject, options?: { readonly force?: boolean }): Promise<Verdict>;

  /**
   * Changes an object: by default a merge patch with the fields that change.
   * @throws AshlarError `unknown-kind`; what is refused is a verdict
   */
  patch(id: ObjectId, patch: unknown, options?: PatchOptions): Promise<Verdict>;

  /**
   * Deletes an object, and in the background what it owns. An object that is not there is a verdict of status 404.
   * @throws AshlarError `unknown-kind`
   */
  delete(id: ObjectId): Promise<Verdict>;

  /**
   * Whether somebody may do something, by SubjectAccessReview: what the cluster's roles do, not what they look like.
   * @param subject - a user, by name or with groups
   * @param verb - `get`, `list`, `create`, `delete`, ...
   * @param resource - plural with group and subresource: `pods`, `pods/log`, `deployments.apps`
   * @param namespace - default: all namespaces, or a cluster-scoped resource
   * @throws AshlarError `refused` where reviews must not be made
   */
  can(subject: Subject, verb: string, resource: string, namespace?: string): Promise<boolean>;

  /**
   * Any request, for what has no method here.
   * @throws AshlarError `cluster-unreachable`, `engine-died`
   */
  send(request: ApiRequest): Promise<ApiAnswer>;
}
