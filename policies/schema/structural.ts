/**
 * Turns a structural schema (the JSON schema dialect of CustomResourceDefinitions) into a type. Not turned: `not`, and
 * those parts of `oneOf`, `anyOf` and `allOf` that do more than require fields; the server checks them.
 */
import type { Choice, Limits } from './encoding';
import type { RawObject, RawType } from './raw';
import { print } from './print';

type Data = Readonly<Record<string, unknown>>;
type Report = (field: string, got: string, allowed: string) => void;

const OPEN = 'x-kubernetes-preserve-unknown-fields';
const TYPES = 'string, integer, number, boolean, array or object';

/** Type of a schema at `pointer`; what is malformed is reported and passes for anything. */
export function structuralType(schema: Data, pointer: string, report: Report): RawType {
  const type = bare(schema, pointer, report);
  const limits = limitsOf(schema);
  const values = schema['enum'];
  const base: RawType = Array.isArray(values) ? ['|', ...(values as string[]).filter((value) => value !== null)] : type;
  return Object.keys(limits).length === 0 ? base : ['&', base, limits];
}

/** Types that are the same whatever else the schema says. */
const PLAIN: ReadonlyMap<unknown, RawType> = new Map([
  ['string', 's'],
  ['boolean', 'b'],
  ['number', 'n'],
]);

function bare(schema: Data, pointer: string, report: Report): RawType {
  const { type, format, items } = schema;
  if (schema['x-kubernetes-int-or-string'] === true || format === 'int-or-string') return 'x';
  if (type === 'integer') return format === 'int32' ? 'i' : 'l';
  if (type === 'array') return ['[]', item(items, `${pointer}/items`, report)];
  if (type === 'object') return objectType(schema, pointer, report);
  if (type === undefined) return untyped(schema, pointer, report);
  const plain = PLAIN.get(type);
  if (plain === undefined) report(`${pointer}/type`, print(type), TYPES);
  return plain ?? 'a';
}

/** A schema without a type is legal only where it leaves everything open. */
function untyped(schema: Data, pointer: string, report: Report): RawType {
  if (schema[OPEN] === true) return 'a';
  if (schema['properties'] !== undefined) return objectType(schema, pointer, report);
  report(`${pointer}/type`, 'nothing', TYPES);
  return 'a';
}

function item(schema: unknown, pointer: string, report: Report): RawType {
  if (isData(schema)) return structuralType(schema, pointer, report);
  report(pointer, print(schema), 'a schema');
  return 'a';
}

function objectType(schema: Data, pointer: string, report: Report): RawType {
  const { properties, additionalProperties } = schema;
  const embedded = schema['x-kubernetes-embedded-resource'] === true;
  const open = schema[OPEN] === true || additionalProperties === true;
  if (properties === undefined && !embedded) return open ? 'o' : mapType(additionalProperties, pointer, report);
  if (properties !== undefined && !isData(properties)) {
    report(`${pointer}/properties`, print(properties), 'schemas by field');
    return 'o';
  }
  const f = fieldsOf(properties ?? {}, `${pointer}/properties`, report);
  const required = [...textList(schema['required']), ...(embedded ? ['apiVersion', 'kind'] : [])];
  return objectOf(embedded ? { ...f, ...EMBEDDED } : f, required, choicesOf(schema), open);
}

/** An object that lists no fields: a map, or empty. */
function mapType(values: unknown, pointer: string, report: Report): RawType {
  return isData(values) ? ['{}', item(values, `${pointer}/additionalProperties`, report)] : { f: {} };
}

/** Fields that every embedded object has. */
const EMBEDDED: Readonly<Record<string, RawType>> = { apiVersion: 's', kind: 's', metadata: '@meta_v1/ObjectMeta' };

function fieldsOf(properties: Data, pointer: string, report: Report): Record<string, RawType> {
  return Object.fromEntries(
    Object.entries(properties).map(([name, field]) => [name, item(field, `${pointer}/${name}`, report)]),
  );
}

function objectOf(f: RawObject['f'], r: readonly string[], c: readonly Choice[], open: boolean): RawObject {
  return { f, ...(r.length > 0 ? { r } : {}), ...(c.length > 0 ? { c } : {}), ...(open ? { x: 'a' } : {}) };
}

/** Unions that only require fields: `oneOf: [{ required: [a] }, { required: [b] }]`, also with "none of them" among them. */
function choicesOf(schema: Data): Choice[] {
  return [schema, ...list(schema['allOf'])].flatMap((part) => {
    const members = list(part['oneOf']);
    const sets = members.map((member) => textList(member['required'])).filter((set) => set.length > 0);
    const none = members.filter(isNoneOf).length;
    return sets.length > 0 && sets.length + none === members.length ? [[none > 0 ? 0 : 1, ...sets] as Choice] : [];
  });
}

function isNoneOf(member: Data): boolean {
  const not = member['not'];
  return (
    isData(not) &&
    list(not['anyOf']).length > 0 &&
    list(not['anyOf']).every((part) => textList(part['required']).length > 0)
  );
}

/** Keywords of which each is the limit on the right. */
const LIMITS: readonly (readonly [keyword: string, limit: keyof Limits])[] = [
  ['pattern', 'pattern'],
  ['minLength', 'minLength'],
  ['maxLength', 'maxLength'],
  ['minimum', 'minimum'],
  ['maximum', 'maximum'],
  ['exclusiveMinimum', 'exclusiveMinimum'],
  ['exclusiveMaximum', 'exclusiveMaximum'],
  ['multipleOf', 'multipleOf'],
  ['nullable', 'nullable'],
  ['minItems', 'minLength'],
  ['maxItems', 'maxLength'],
  ['minProperties', 'minLength'],
  ['maxProperties', 'maxLength'],
];

function limitsOf(schema: Data): Limits {
  const limits: Record<string, unknown> = {};
  for (const [keyword, limit] of LIMITS) {
    if (schema[keyword] !== undefined && schema[keyword] !== false) limits[limit] = schema[keyword];
  }
  if (schema['type'] === 'string' && schema['format'] !== undefined) limits['format'] = schema['format'];
  const unique = uniqueKeys(schema);
  return unique === undefined ? limits : { ...limits, unique };
}

/** Keys by which the elements of a list must differ; empty where they must differ themselves. */
function uniqueKeys(schema: Data): readonly string[] | undefined {
  const kind = schema['x-kubernetes-list-type'];
  if (kind === 'set' || schema['uniqueItems'] === true) return [];
  return kind === 'map' ? textList(schema['x-kubernetes-list-map-keys']) : undefined;
}

function isData(value: unknown): value is Data {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function list(value: unknown): readonly Data[] {
  return Array.isArray(value) ? value.filter(isData) : [];
}

function textList(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((entry) => typeof entry === 'string') : [];
}
