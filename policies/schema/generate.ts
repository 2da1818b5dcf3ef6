/**
 * Builds the schema tables: reads the installed type packages of Kubernetes and of the custom resources that Ashlar
 * knows, adds the facts that types cannot say, and writes one compact table a group and version to `dist/schema`.
 *
 *     npx jiti policies/schema/generate.ts
 *
 * jiti runs it, because the package is CommonJS: Node's own type stripping would want every import written with its
 * `.ts` ending, which the compiler settings of the project refuse. To add a family of custom resources, install its
 * type package and add one line to `FAMILIES`; where there is none, write its types in `by-hand`.
 */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { BY_HAND } from './by-hand';
import { NEVER, tableApiVersion, type KindCode, type TableCode } from './encoding';
import facts from './facts.json';
import { addFacts } from './generate/add-facts';
import { declarations, packageFolder } from './generate/places';
import { addLimits } from './generate/probe';
import { intern, isRawObject, references, type RawObject, type RawType } from './raw';
import { TypeReader } from './generate/read-types';

/** A type package and what its types do not say: which of its kinds lie outside namespaces. */
interface Family {
  readonly package: string;
  readonly clusterScoped?: readonly string[];
  /** Whether only kinds listed in `facts.json` are kept; the package also carries kinds long gone. */
  readonly builtIn?: boolean;
}

const FAMILIES: readonly Family[] = [
  { package: 'kubernetes-models', builtIn: true },
  { package: '@kubernetes-models/gateway-api', clusterScoped: ['GatewayClass', 'XMesh'] },
  { package: '@kubernetes-models/istio' },
  {
    package: '@kubernetes-models/external-secrets',
    clusterScoped: ['ClusterExternalSecret', 'ClusterGenerator', 'ClusterPushSecret', 'ClusterSecretStore'],
  },
  { package: '@kubernetes-models/sealed-secrets' },
  { package: '@kubernetes-models/cloudnative-pg', clusterScoped: ['ClusterImageCatalog'] },
  { package: '@kubernetes-models/elastic-cloud' },
  { package: '@kubernetes-models/argo-rollouts', clusterScoped: ['ClusterAnalysisTemplate'] },
];

/** The kinds of a family: types with `apiVersion` and `kind` that are no list. */
function kindsOf(reader: TypeReader, family: Family): Map<string, Map<string, KindCode>> {
  const kinds = new Map<string, Map<string, KindCode>>();
  for (const place of declarations(family.package)) {
    const code = reader.read(place);
    const kind = kindCode(code, place.table, place.name, family);
    if (kind === undefined) continue;
    const table = kinds.get(place.table) ?? new Map<string, KindCode>();
    kinds.set(place.table, table.set(place.name, kind));
  }
  return kinds;
}

function kindCode(code: RawType, table: string, name: string, family: Family): KindCode | undefined {
  const fields = isRawObject(code) ? code.f : {};
  if (fields['apiVersion'] === undefined || fields['items'] !== undefined) return undefined;
  if (!Array.isArray(fields['kind'])) return undefined;
  if (family.builtIn !== true) return [family.clusterScoped?.includes(name) ? 0 : 1];
  return (facts.kinds as unknown as Record<string, Record<string, KindCode>>)[table]?.[name];
}

/** Names of all definitions that the kinds need, by table. A status is the server's to write: anything goes there. */
function reachable(
  reader: TypeReader,
  kinds: ReadonlyMap<string, ReadonlyMap<string, KindCode>>,
): Map<string, Set<string>> {
  const needed = new Map<string, Set<string>>();
  const visit = (table: string, name: string): void => {
    const names = needed.get(table) ?? new Set<string>();
    needed.set(table, names);
    if (names.has(name)) return;
    names.add(name);
    const code = reader.defs.get(table)?.get(name);
    if (code === undefined) throw new Error(`no definition for ${table}/${name}`);
    for (const [elsewhere, target] of references(code)) visit(elsewhere ?? table, target);
  };
  for (const [table, names] of kinds) for (const name of names.keys()) visit(table, name);
  return needed;
}

function openStatus(code: RawObject): RawObject {
  if (code.f['status'] === undefined) return code;
  const required = code.r?.filter((name) => name !== 'status');
  return { ...code, f: { ...code.f, status: 'a' }, ...(required === undefined ? {} : { r: required }) };
}

/** The order of everything is that of the declarations, which is sorted: the same packages give the same bytes. */
function write(folder: string, tables: ReadonlyMap<string, TableCode>): void {
  fs.rmSync(folder, { recursive: true, force: true });
  fs.mkdirSync(folder, { recursive: true });
  const index: Record<string, string[]> = {};
  for (const [name, table] of tables) {
    fs.writeFileSync(path.join(folder, `${name}.json`), JSON.stringify(table));
    for (const [kind, [, since]] of Object.entries(table.kinds)) {
      if (since !== NEVER) (index[kind] ??= []).push(tableApiVersion(name));
    }
  }
  fs.writeFileSync(path.join(folder, 'index.json'), JSON.stringify(index));
}

function main(): void {
  const reader = new TypeReader();
  const kinds = new Map<string, Map<string, KindCode>>();
  for (const family of FAMILIES) for (const [table, found] of kindsOf(reader, family)) kinds.set(table, found);
  for (const [table, types] of BY_HAND) {
    reader.defs.set(table, new Map(types));
    kinds.set(table, new Map([...types.keys()].map((kind) => [kind, [1]])));
  }
  for (const place of declarations('@kubernetes-models/apimachinery')) reader.read(place);
  for (const [table, names] of kinds) {
    const defs = reader.defs.get(table)!;
    for (const name of names.keys()) defs.set(name, openStatus(defs.get(name) as RawObject));
  }
  const needed = reachable(reader, kinds);
  for (const { package: name } of [...FAMILIES, { package: '@kubernetes-models/apimachinery' }]) {
    addLimits(
      declarations(name).filter((place) => needed.get(place.table)?.has(place.name)),
      reader.defs,
    );
  }
  addFacts(reader.defs);
  const tables = new Map<string, TableCode>();
  for (const [table, names] of [...needed].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const defs = new Map([...names].sort().map((name) => [name, reader.defs.get(table)!.get(name)!]));
    tables.set(table, { kinds: Object.fromEntries(kinds.get(table) ?? []), defs: intern(defs) });
  }
  write(path.join(path.dirname(packageFolder('typescript')), '../dist/schema'), tables);
}

main();
