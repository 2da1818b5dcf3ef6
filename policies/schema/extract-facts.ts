/**
 * Writes `facts.json`: what the type declarations do not say about built-in kinds, read from the Go modules of
 * Kubernetes. Run it when a new minor version is supported, with those modules in the module cache, and commit the
 * result:
 *
 *     npx jiti policies/schema/extract-facts.ts "$(go env GOMODCACHE)"
 *
 * What it finds: which kinds are served, where and since when; and which fields a default server of the oldest
 * supported version would drop, with the version from which one keeps them. "Default" means that a field behind a
 * feature gate counts from the version in which that gate is on by default.
 */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { NEVER, tableName, type Since } from './encoding';
import { readFields, type Fields } from './extract/fields';
import { GATED, NOT_GATED } from './extract/exceptions';
import { readGates, type Gates } from './extract/gates';
import { readKinds, type Kinds } from './extract/kinds';

/** Newest release first; the patch releases are those whose sources were read. */
const RELEASES: readonly (readonly [minor: number, api: string])[] = [
  [36, 'api@v0.36.3'],
  [35, 'api@v0.35.4'],
  [34, 'api@v0.34.4'],
  [33, 'api@v0.33.6'],
];
const KUBERNETES = 'kubernetes@v1.36.3';
const APISERVER = 'apiserver@v0.36.3';
const OLDEST = 33;

/** Folder in k8s.io/api of a group and version: the group without its domain. */
function apiFolder(apiVersion: string): string {
  const [group, version] = apiVersion.includes('/') ? apiVersion.split('/') : ['core', apiVersion];
  return `${group!.split('.')[0]}/${version}`;
}

/** First version, at least the oldest supported one, in which a default server keeps the field. */
function sinceOf(
  releases: readonly (readonly [number, Fields])[],
  gates: Gates,
  table: string,
  type: string,
  field: string,
): Since {
  const present = releases.filter(([, fields]) => fields.get(table)?.get(type)?.has(field)).map(([minor]) => minor);
  const named = gatesOf(`${table}/${type}.${field}`, releases[0]![1].get(table)!.get(type)!.get(field)!);
  const gate = named.length === 0 ? undefined : named.reduce((a, b) => (on(gates, a) >= on(gates, b) ? a : b));
  const minor = Math.max(Math.min(...present), gate === undefined ? 0 : on(gates, gate));
  return gate === undefined || on(gates, gate) <= OLDEST ? [minor] : [minor, gate];
}

function gatesOf(id: string, named: readonly string[]): readonly string[] {
  if (NOT_GATED.has(id.replace(/_v\d\w*\//, '/'))) return [];
  const added = GATED[id];
  return added === undefined ? named : [added];
}

function on(gates: Gates, gate: string): number {
  return gates.get(gate) ?? 0;
}

/** Fields that came after the oldest supported version, by field, by type, by table. */
function newFields(
  releases: readonly (readonly [number, Fields])[],
  gates: Gates,
): Record<string, Record<string, Record<string, Since>>> {
  const result: Record<string, Record<string, Record<string, Since>>> = {};
  for (const [table, types] of releases[0]![1]) {
    const oldTypes = releases.at(-1)![1].get(table);
    const all = [...types].flatMap(([type, fields]) => [...fields.keys()].map((field) => [type, field] as const));
    for (const [type, field] of all) {
      const since = sinceOf(releases, gates, table, type, field);
      // A type that is new as a whole is reached through a field that says so.
      if (since[0] <= OLDEST || (oldTypes?.get(type) === undefined && since[1] === undefined)) continue;
      ((result[table] ??= {})[type] ??= {})[field] = since;
    }
  }
  return result;
}

/** Minor version in which a kind came, from its generated life cycle; `undefined` if there is none (long ago). */
function introduced(api: string, apiVersion: string, kind: string): number | undefined {
  const file = path.join(api, apiFolder(apiVersion), 'zz_generated.prerelease-lifecycle.go');
  if (!fs.existsSync(file)) return undefined;
  const found = new RegExp(`in \\*${kind}\\) APILifecycleIntroduced\\(\\).*\\n\\s*return 1, (\\d+)`).exec(
    fs.readFileSync(file, 'utf8'),
  );
  return found === null ? undefined : Number(found[1]);
}

/** Kinds as stored. Previews (alpha and beta versions) are not served unless somebody switches them on. */
function kindTable(api: string, kinds: Kinds): Record<string, Record<string, readonly [0 | 1, number?]>> {
  return Object.fromEntries(
    [...kinds].map(([apiVersion, served]) => [
      tableName(apiVersion),
      Object.fromEntries(
        [...served].map(([kind, namespaced]) => {
          const preview = /v\d+(alpha|beta)\d+$/.test(apiVersion);
          const minor = preview ? NEVER : (introduced(api, apiVersion, kind) ?? 0);
          return [kind, minor > OLDEST ? [namespaced ? 1 : 0, minor] : [namespaced ? 1 : 0]];
        }),
      ),
    ]),
  );
}

function main(cache: string): void {
  const root = path.join(cache, 'k8s.io');
  const kinds = readKinds(path.join(root, KUBERNETES, 'api/openapi-spec/v3'));
  const gates = readGates([
    path.join(root, KUBERNETES, 'pkg/features/kube_features.go'),
    path.join(root, APISERVER, 'pkg/features/kube_features.go'),
  ]);
  const tables = new Map([...kinds.keys()].map((apiVersion) => [apiFolder(apiVersion), tableName(apiVersion)]));
  const releases = RELEASES.map(
    ([minor, folder]) => [minor, readFields(path.join(root, folder), tables, gates)] as const,
  );
  const facts = {
    source: `k8s.io/${KUBERNETES} (kinds, feature gates), k8s.io/${RELEASES.map(([, folder]) => folder).join(', ')} (fields)`,
    kinds: kindTable(path.join(root, RELEASES[0]![1]), kinds),
    fields: newFields(releases, gates),
  };
  fs.writeFileSync(path.join(__dirname, 'facts.json'), `${print(facts)}\n`);
}

/** One type a line, so that a new release is a readable diff. */
function print(facts: unknown): string {
  return JSON.stringify(facts, null, 1).replace(
    /\[\s+([^[\]{}]*?)\s+\]/g,
    (_, inner: string) => `[${inner.replace(/\s*\n\s*/g, ' ')}]`,
  );
}

const cache = process.argv[2];
if (cache === undefined) throw new Error('expected the Go module cache as the only argument: $(go env GOMODCACHE)');
main(cache);
