/**
 * Kinds that a Kubernetes release serves, from the paths of its OpenAPI documents: a kind that can be created is
 * there, and is namespaced where the path to create it names a namespace. Source: `api/openapi-spec/v3` of
 * k8s.io/kubernetes.
 */
import * as fs from 'node:fs';
import * as path from 'node:path';

interface Operation {
  readonly 'x-kubernetes-group-version-kind'?: {
    readonly group: string;
    readonly version: string;
    readonly kind: string;
  };
}

interface Document {
  readonly paths: Readonly<Record<string, { readonly post?: Operation }>>;
}

/** Whether each kind is namespaced, by kind, by apiVersion. */
export type Kinds = Map<string, Map<string, boolean>>;

/** Reads all OpenAPI documents of a folder. Subresources are no kinds of their own. */
export function readKinds(folder: string): Kinds {
  const kinds: Kinds = new Map();
  for (const file of fs
    .readdirSync(folder)
    .filter((name) => /v\d\w*_openapi\.json$/.test(name))
    .sort()) {
    const document = JSON.parse(fs.readFileSync(path.join(folder, file), 'utf8')) as Document;
    for (const [route, { post }] of Object.entries(document.paths)) {
      const kind = post?.['x-kubernetes-group-version-kind'];
      if (kind === undefined || isSubresource(route)) continue;
      const apiVersion = kind.group === '' ? kind.version : `${kind.group}/${kind.version}`;
      const served = kinds.get(apiVersion) ?? new Map<string, boolean>();
      kinds.set(apiVersion, served.set(kind.kind, served.get(kind.kind) === true || route.includes('/{namespace}/')));
    }
  }
  return kinds;
}

function isSubresource(route: string): boolean {
  return route.includes('/{name}/');
}
