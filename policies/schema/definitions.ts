/**
 * Turns CustomResourceDefinition manifests into schema tables, so that objects of a kind that Ashlar does not know are
 * checked against the definition their owner ships. The definition must be `apiextensions.k8s.io/v1`, whose schemas
 * are structural: fields that are not listed are pruned by the server, and therefore errors here.
 *
 * Source: "Extend the Kubernetes API with CustomResourceDefinitions" (structural schemas, pruning) and
 * k8s.io/apiextensions-apiserver v0.36.3 `pkg/apiserver/schema`.
 */
import type { Problem } from '../../constructs/model/finding';
import { tableName, type KindCode, type TableCode } from './encoding';
import { intern, type RawType } from './raw';
import { print } from './print';
import { structuralType } from './structural';

type Data = Readonly<Record<string, unknown>>;

/** Tables of added definitions by name, and what is wrong with definitions that are not in them. */
export interface DefinitionTables {
  readonly tables: ReadonlyMap<string, TableCode>;
  readonly problems: readonly Problem[];
}

/** A table while it grows. */
interface Growing {
  readonly kinds: Record<string, KindCode>;
  readonly types: Map<string, RawType>;
}

/** What a definition says besides its schemas. */
interface Frame {
  readonly group: string;
  readonly kind: string;
  readonly namespaced: 0 | 1;
  readonly versions: readonly unknown[];
}

/** Takes what is wrong at a JSON pointer. */
type Report = (field: string, got: string, allowed: string) => void;

/** Reads definitions. A version that is not served is left out, as the server refuses its objects. */
export function definitionTables(definitions: readonly object[]): DefinitionTables {
  const growing = new Map<string, Growing>();
  const problems: Problem[] = [];
  for (const definition of definitions as readonly Data[]) {
    const report: Report = (field, got, allowed) => problems.push(malformed(definition, field, got, allowed));
    const frame = frameOf(definition, report);
    frame?.versions.forEach((version, index) => {
      const at: Report = (field, got, allowed) => report(`/spec/versions/${index}${field}`, got, allowed);
      addVersion(frame, data(version) ?? {}, growing, at);
    });
  }
  const tables = new Map<string, TableCode>();
  for (const [table, { kinds, types }] of growing) tables.set(table, { kinds, defs: intern(types, '$added') });
  return { tables, problems };
}

function addVersion(frame: Frame, version: Data, growing: Map<string, Growing>, report: Report): void {
  const schema = data(data(version['schema'])?.['openAPIV3Schema']);
  const name = version['name'];
  if (typeof name !== 'string') return report('/name', print(name), 'the name of the version');
  if (schema === undefined) return report('/schema/openAPIV3Schema', 'nothing', 'a structural schema');
  if (version['served'] === false) return;
  const table = tableName(`${frame.group}/${name}`);
  const { kinds, types } = growing.get(table) ?? { kinds: {}, types: new Map<string, RawType>() };
  kinds[frame.kind] = [frame.namespaced];
  types.set(
    frame.kind,
    rootType(schema, (field, got, allowed) => report(`/schema/openAPIV3Schema${field}`, got, allowed)),
  );
  growing.set(table, { kinds, types });
}

/** What stands around the schemas; `undefined` where it is wrong, which is reported. */
function frameOf(definition: Data, report: Report): Frame | undefined {
  const type = `${print(definition['apiVersion'])} ${print(definition['kind'])}`;
  const spec = data(definition['spec']) ?? {};
  const { group, scope, versions } = spec;
  const kind = data(spec['names'])?.['kind'];
  if (type !== '"apiextensions.k8s.io/v1" "CustomResourceDefinition"') {
    report('/kind', type, 'an apiextensions.k8s.io/v1 CustomResourceDefinition');
  } else if (typeof group !== 'string') report('/spec/group', print(group), 'the name of the group');
  else if (typeof kind !== 'string') report('/spec/names/kind', print(kind), 'the name of the kind');
  else if (!Array.isArray(versions) || versions.length === 0) {
    report('/spec/versions', print(versions), 'a list of versions with their schemas');
  } else return { group, kind, namespaced: scope === 'Cluster' ? 0 : 1, versions };
  return undefined;
}

/** The root of a custom resource: what every object has, whatever the schema says of it, and an open status. */
function rootType(schema: Data, report: Report): RawType {
  const type = structuralType(schema, '', report);
  if (typeof type === 'string' || Array.isArray(type) || !('f' in type)) return 'o';
  const status = type.f['status'] === undefined ? {} : { status: 'a' };
  const f = { ...type.f, apiVersion: 's', kind: 's', metadata: '@meta_v1/ObjectMeta', ...status };
  return { ...type, f, ...(type.r === undefined ? {} : { r: type.r.filter((name) => name !== 'status') }) };
}

function data(value: unknown): Data | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Data) : undefined;
}

function malformed(definition: Data, field: string, got: string, allowed: string): Problem {
  const name = data(definition['metadata'])?.['name'];
  return {
    code: 'malformed-definition',
    message: `the definition ${typeof name === 'string' ? name : '(without a name)'} cannot be used at ${field}`,
    field,
    got,
    allowed,
    fix: `make ${field} ${allowed}`,
  };
}
