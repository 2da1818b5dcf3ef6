import type { KubeObject } from '../../constructs/model/kube-object';
import type { ClusterClient } from './client';
import { until } from './until';

/** Milliseconds that a namespace has to be emptied, or the objects of a definition to be removed. */
const EMPTY_WITHIN_MS = 120_000;

/**
 * Deletes objects in the order given, and waits until their namespaces are gone, with what is in them, and until the
 * kinds of their definitions are served no more: while one is ending, it still answers, with other refusals than 404.
 */
export async function cleanUp(
  client: ClusterClient,
  objects: readonly KubeObject[],
  controllers: boolean,
): Promise<void> {
  const namespaces = objects.filter(({ kind, apiVersion }) => kind === 'Namespace' && apiVersion === 'v1');
  const names = new Set(namespaces.map(({ metadata }) => metadata.name));
  // Without controllers nobody empties a namespace.
  const goesWithIt = ({ metadata }: KubeObject): boolean => controllers && names.has(metadata.namespace ?? '');
  const alone = objects.filter((object) => !namespaces.includes(object) && !goesWithIt(object));
  await Promise.all(alone.map((object) => client.delete(object)));
  await Promise.all(namespaces.map((object) => client.delete(object)));
  if (!controllers) await Promise.all(namespaces.map((namespace) => finalize(client, namespace)));
  await Promise.all([
    ...namespaces.map((namespace) =>
      until(async () => (await client.get(namespace)) === undefined, {
        withinMs: EMPTY_WITHIN_MS,
        what: `namespace ${namespace.metadata.name} to be gone`,
      }),
    ),
    ...objects.filter(isDefinition).flatMap((definition) => servedPaths(definition).map((path) => gone(client, path))),
  ]);
}

interface Definition extends KubeObject {
  readonly spec: {
    readonly group: string;
    readonly names: { readonly plural: string };
    readonly versions: readonly { readonly name: string; readonly served: boolean }[];
  };
}

function isDefinition(object: KubeObject): object is Definition {
  return object.kind === 'CustomResourceDefinition';
}

function servedPaths({ spec: { group, names, versions } }: Definition): readonly string[] {
  return versions.filter(({ served }) => served).map(({ name }) => `/apis/${group}/${name}/${names.plural}`);
}

function gone(client: ClusterClient, path: string): Promise<unknown> {
  const isGone = async (): Promise<boolean> => (await client.send({ method: 'GET', path })).status === 404;
  return until(isGone, { withinMs: EMPTY_WITHIN_MS, what: `${path} to be served no more` });
}

/** What the namespace controller does once a namespace is empty. */
async function finalize(client: ClusterClient, { metadata: { name } }: KubeObject): Promise<void> {
  const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name }, spec: { finalizers: [] } };
  await client.send({ method: 'PUT', path: `/api/v1/namespaces/${name}/finalize`, body });
}
