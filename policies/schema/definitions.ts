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

/** Reads definitions. A version that is not served is left out, as the server refuses its objects. */
export function definitionTables(definitions: readonly object[]): DefinitionTables {
  const kinds = new Map<string, Record<string, KindCode>>();
  const types = new Map<string, Map<string, RawType>>();
  const problems: Problem[] = [];
  for (const definition of definitions) {
    problems.push(...addDefinition(definition as Data, kinds, types));
  }
  return { tables: new Map([...types].map(([table, defs]) => [table, { kinds: kinds.get(table)!, defs: intern(defs, '$added') }])), problems };
}

function addDefinition(definition: Data, kinds: Map<string, Record<string, KindCode>>, types: Map<string, Map<string, RawType>>): Problem[] {
  const spec = data(definition['spec']);
  const outside = checkFrame(definition, spec);
  if (outside !== undefined) return [outside];
  const kind = data(spec!['names'])!['kind'] as string;
  const problems: Problem[] = [];
  for (const [index, entry] of (spec!['versions'] as unknown[]).entries()) {
    const version = data(entry);
    const pointer = `/spec/versions/${index}`;
    const report = (field: string, got: string, allowed: string): void => void problems.push(malformed(definition, pointer + field, got, allowed));
    const schema = data(data(version?.['schema'])?.['openAPIV3Schema']);
    if (typeof version?.['name'] !== 'string') report('/name', print(version?.['name']), 'the name of the version');
    else if (schema === undefined) report('/schema/openAPIV3Schema', 'nothing', 'a structural schema');
    else if (version['served'] !== false) {
      const table = tableName(`${spec!['group'] as string}/${version['name']}`);
      const type = rootType(schema, (field, got, allowed) => report(`/schema/openAPIV3Schema${field}`, got, allowed));
      types.set(table, (types.get(table) ?? new Map<string, RawType>()).set(kind, type));
      kinds.set(table, { ...kinds.get(table), [kind]: [spec!['scope'] === 'Cluster' ? 0 : 1] });
    }
  }
  return problems;
}

/** What is wrong with a definition before its schemas are looked at. */
function checkFrame(definition: Data, spec: Data | undefined): Problem | undefined {
  if (definition['kind'] !== 'CustomResourceDefinition' || definition['apiVersion'] !== 'apiextensions.k8s.io/v1') {
    return malformed(definition, '/kind', `${print(definition['apiVersion'])} ${print(definition['kind'])}`, 'an apiextensions.k8s.io/v1 CustomResourceDefinition');
  }
  const kind = data(spec?.['names'])?.['kind'];
  const versions = spec?.['versions'];
  if (typeof spec?.['group'] !== 'string') return malformed(definition, '/spec/group', print(spec?.['group']), 'the name of the group');
  if (typeof kind !== 'string') return malformed(definition, '/spec/names/kind', print(kind), 'the name of the kind');
  if (Array.isArray(versions) && versions.length > 0) return undefined;
  return malformed(definition, '/spec/versions', print(versions), 'a list of versions with their schemas');
}

/** The root of a custom resource: what every object has, whatever the schema says of it, and an open status. */
function rootType(schema: Data, report: (field: string, got: string, allowed: string) => void): RawType {
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
    code: 'malformed-definition', message: `the definition ${typeof name === 'string' ? name : '(without a name)'} cannot be used at ${field}`,
    field, got, allowed, fix: `make ${field} ${allowed}`,
  };
}
