import type { KubeObject } from '../../constructs/model/kube-object';
import type { ClusterClient, Identity, ListOptions, PatchOptions, Subject } from './client';
import type { ApiAnswer, ApiRequest, Connection } from './connection';
import type { KindIndex, ObjectId } from './kinds';
import { acceptedBy, verdictOf, type Verdict } from './verdict';

/** What was written, for those that clean up. */
export type OnWritten = (object: KubeObject) => void;

const PATCH_TYPES = {
  merge: 'application/merge-patch+json',
  json: 'application/json-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  apply: 'application/apply-patch+yaml',
} as const;

/** Field manager that Ashlar applies plans with. */
const MANAGER = 'ashlar';

/** What a client shares with those that ask as somebody else. */
export interface ClientParts {
  readonly connection: Connection;
  readonly kinds: KindIndex;
  readonly written: OnWritten;
}

/** Reads and writes objects of a cluster as one user and one field manager. */
export class ApiClient implements ClusterClient {
  constructor(
    private readonly parts: ClientParts,
    private readonly identity: Identity = {},
  ) {}

  as(identity: Identity): ClusterClient {
    return new ApiClient(this.parts, identity);
  }

  send(request: ApiRequest): Promise<ApiAnswer> {
    const { user, groups = [] } = this.identity;
    // Node writes a header with a list of values once a value, as impersonation wants it.
    const impersonation = {
      ...(user !== undefined && { 'Impersonate-User': user }),
      ...(groups.length > 0 && { 'Impersonate-Group': groups as unknown as string }),
    };
    return this.parts.connection.send({ ...request, headers: { ...impersonation, ...request.headers } });
  }

  async get<T extends object = KubeObject>(id: ObjectId): Promise<T | undefined> {
    const answer = await this.send({ path: await this.parts.kinds.object(id) });
    return answer.status === 404 ? undefined : (acceptedBy(verdictOf(answer), `get ${id.kind}`) as object as T);
  }

  async has(id: ObjectId): Promise<boolean> {
    return (await this.get(id)) !== undefined;
  }

  async list<T extends object = KubeObject>(
    apiVersion: string,
    kind: string,
    { namespace, labels = {} }: ListOptions = {},
  ): Promise<readonly T[]> {
    const selector = Object.entries(labels).map(([name, value]) => `${name}=${value}`);
    const query = selector.length === 0 ? '' : `?labelSelector=${encodeURIComponent(selector.join(','))}`;
    const collection = await this.parts.kinds.collection(apiVersion, kind, namespace);
    const answer = await this.send({ path: `${collection}${query}` });
    const body = acceptedBy(verdictOf(answer), `list ${kind}`) as object as { items: T[] };
    // The server leaves out what all of a list have in common.
    return body.items.map((item) => ({ apiVersion, kind, ...item }));
  }

  async create(manifest: KubeObject, subresource?: { readonly name: string; readonly of: ObjectId }): Promise<Verdict> {
    const path =
      subresource === undefined
        ? await this.collectionOf(manifest)
        : `${await this.parts.kinds.object(subresource.of)}/${subresource.name}`;
    const verdict = await this.write('POST', path, manifest);
    if (verdict.object !== undefined && subresource === undefined) this.parts.written(verdict.object);
    return verdict;
  }

  async dryRun(manifest: KubeObject): Promise<Verdict> {
    return this.write('POST', await this.collectionOf(manifest), manifest, { dryRun: 'All' });
  }

  async applyObject(manifest: KubeObject, options: { readonly force?: boolean } = {}): Promise<Verdict> {
    const path = await this.parts.kinds.object(manifest);
    const query = { force: String(options.force ?? false) };
    const verdict = await this.write('PATCH', path, manifest, query, PATCH_TYPES.apply);
    if (verdict.object !== undefined) this.parts.written(verdict.object);
    return verdict;
  }

  async patch(id: ObjectId, patch: unknown, { type = 'merge', subresource }: PatchOptions = {}): Promise<Verdict> {
    const path = await this.parts.kinds.object(id);
    return this.write(
      'PATCH',
      subresource === undefined ? path : `${path}/${subresource}`,
      patch,
      {},
      PATCH_TYPES[type],
    );
  }

  async delete(id: ObjectId): Promise<Verdict> {
    const path = `${await this.parts.kinds.object(id)}?propagationPolicy=Background`;
    return verdictOf(await this.send({ method: 'DELETE', path }));
  }

  async can(subject: Subject, verb: string, resource: string, namespace?: string): Promise<boolean> {
    const { user, groups = [] } = typeof subject === 'string' ? { user: subject } : subject;
    const [whole = '', subresource] = resource.split('/');
    const [plural = '', ...group] = whole.split('.');
    const resourceAttributes = { verb, resource: plural, group: group.join('.'), subresource, namespace };
    const review = {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SubjectAccessReview',
      metadata: {},
      spec: { user, groups, resourceAttributes },
    };
    const path = '/apis/authorization.k8s.io/v1/subjectaccessreviews';
    const verdict = verdictOf(await this.send({ method: 'POST', path, body: review }));
    const { status } = acceptedBy(verdict, 'can') as { status?: { allowed?: boolean } };
    return status?.allowed === true;
  }

  private collectionOf({ apiVersion, kind, metadata }: KubeObject): Promise<string> {
    return this.parts.kinds.collection(apiVersion, kind, metadata.namespace ?? 'default');
  }

  private async write(
    method: string,
    path: string,
    body: unknown,
    query: Readonly<Record<string, string>> = {},
    type?: string,
  ): Promise<Verdict> {
    const { manager = MANAGER } = this.identity;
    const all = new URLSearchParams({ fieldManager: manager, fieldValidation: 'Strict', ...query });
    return verdictOf(await this.send({ method, path: `${path}?${all.toString()}`, body, ...(type && { type }) }));
  }
}
