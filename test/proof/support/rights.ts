import type { ClusterClient, Subject } from 'ashlar/testing/cluster';

/** Every verb of the API server's resources (Kubernetes 1.36, "Authorization: Request verbs"), and those of RBAC's own. */
const VERBS = [
  'get',
  'list',
  'watch',
  'create',
  'update',
  'patch',
  'delete',
  'deletecollection',
  'bind',
  'escalate',
  'impersonate',
  'approve',
] as const;

interface ResourceList {
  readonly resources: readonly { readonly name: string; readonly namespaced: boolean }[];
}

/** Every resource of namespaces that the server has, subresources included: `pods/log`, `deployments.apps/scale`. */
export async function namespacedResources(cluster: ClusterClient): Promise<readonly string[]> {
  const bodyOf = async (path: string): Promise<unknown> => (await cluster.send({ path })).body;
  const { groups } = (await bodyOf('/apis')) as {
    readonly groups: readonly { readonly name: string; readonly preferredVersion: { readonly groupVersion: string } }[];
  };
  const places = groups.map(({ name, preferredVersion }) => ({ name, path: `/apis/${preferredVersion.groupVersion}` }));
  const lists = await Promise.all(
    [{ name: '', path: '/api/v1' }, ...places].map(async ({ name, path }) => {
      const { resources } = (await bodyOf(path)) as ResourceList;
      const ours = resources.filter(({ namespaced }) => namespaced);
      return ours.map((resource) => qualified(resource.name, name));
    }),
  );
  return lists.flat().sort();
}

/** `deployments/scale` of the group `apps` is `deployments.apps/scale`. */
function qualified(resource: string, group: string): string {
  const [plural = '', ...subresource] = resource.split('/');
  return [group === '' ? plural : `${plural}.${group}`, ...subresource].join('/');
}

/** All that somebody may do with these resources, as `get pods`; asked of the server, one question each. */
export async function rightsOf(
  cluster: ClusterClient,
  subject: Subject,
  resources: readonly string[],
  namespace?: string,
): Promise<readonly string[]> {
  const questions = resources.flatMap((resource) => VERBS.map((verb) => ({ verb, resource })));
  const answers = await Promise.all(
    questions.map(({ verb, resource }) => cluster.can(subject, verb, resource, namespace)),
  );
  const allowed = questions.filter((_, index) => answers[index]);
  return allowed.map(({ verb, resource }) => `${verb} ${resource}`).sort();
}

/** Rights written by resource: `{ 'pods': 'get list' }` are `get pods` and `list pods`. */
export function written(rights: Readonly<Record<string, string>>): readonly string[] {
  const all = Object.entries(rights).flatMap(([resource, verbs]) =>
    verbs.split(' ').map((verb) => `${verb} ${resource}`),
  );
  return all.sort();
}
