/**
 * Turns a structural schema (the JSON schema dialect of CustomResourceDefinitions) into a type. Not turned: `not`, and
 * those parts of `oneOf`, `anyOf` and `allOf` that do more than require fields; the server checks them.
 */
import type { Choice, Limits } from './encoding';
import type { RawObject, RawType } from './raw';
import { print } from './print';

type Data = Readonly<Record<string, unknown>>;
type Report = (field: string, got: string, allowed: string) => void;

const TYPES = 'string, integer, number, boolean, array or object';

/** Type of a schema at `pointer`; what is malformed is reported and passes for anything. */
export function structuralType(schema: Data, pointer: string, report: Report): RawType {
  const type = bare(schema, pointer, report);
  const limits = limitsOf(schema);
  const values = schema['enum'];
  const base: RawType = Array.isArray(values) ? ['|', ...(values as string[]).filter((value) => value !== null)] : type;
  return Object.keys(limits).length === 0 ? base : ['&', base, limits];
}

function bare(schema: Data, pointer: string, report: Report): RawType {
  if (schema['x-kubernetes-int-or-string'] === true || schema['format'] === 'int-or-string') return 'x';
  switch (schema['type']) {
    case 'string': return 's';
    case 'boolean': return 'b';
    case 'number': return 'n';
    case 'integer': return schema['format'] === 'int32' ? 'i' : 'l';
    case 'array': return ['[]', item(schema['items'], `${pointer}/items`, report)];
    case 'object': return objectType(schema, pointer, report);
    case undefined: return untyped(schema, pointer, report);
    default:
      report(`${pointer}/type`, print(schema['type']), TYPES);
      return 'a';
  }
}

/** A schema without a type is legal only where it leaves everything open. */
function untyped(schema: Data, pointer: string, report: Report): RawType {
  if (schema['x-kubernetes-preserve-unknown-fields'] === true) return 'a';
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
  const properties = schema['properties'];
  const additional = schema['additionalProperties'];
  const open = schema['x-kubernetes-preserve-unknown-fields'] === true || additional === true;
  if (properties === undefined && schema['x-kubernetes-embedded-resource'] !== true) {
    if (open) return 'o';
    return isData(additional) ? ['{}', item(additional, `${pointer}/additionalProperties`, report)] : { f: {} };
  }
  if (properties !== undefined && !isData(properties)) {
    report(`${pointer}/properties`, print(properties), 'schemas by field');
    return 'o';
  }
  const own = Object.fromEntries(Object.entries(properties ?? {}).map(([name, field]) => [name, item(field, `${pointer}/properties/${name}`, report)]));
  const embedded = schema['x-kubernetes-embedded-resource'] === true ? { apiVersion: 's', kind: 's', metadata: '@meta_v1/ObjectMeta' } : {};
  const required = [...textList(schema['required']), ...Object.keys(embedded).filter((name) => name !== 'metadata')];
  const choices = choicesOf(schema);
  const object: RawObject = { f: { ...own, ...embedded } };
  return {
    ...object, ...(required.length > 0 ? { r: required } : {}), ...(choices.length > 0 ? { c: choices } : {}), ...(open ? { x: 'a' } : {}),
  };
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
  return isData(not) && list(not['anyOf']).length > 0 && list(not['anyOf']).every((part) => textList(part['required']).length > 0);
}

const SAME: readonly (keyof Limits & string)[] = ['pattern', 'minLength', 'maxLength', 'minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf', 'nullable', 'format'];
const SIZES: Readonly<Record<string, 'minLength' | 'maxLength'>> = {
  minItems: 'minLength', maxItems: 'maxLength', minProperties: 'minLength', maxProperties: 'maxLength',
};

function limitsOf(schema: Data): Limits {
  const limits: Record<string, unknown> = {};
  for (const name of SAME) if (schema[name] !== undefined && schema[name] !== false) limits[name] = schema[name];
  if (typeof limits['format'] === 'string' && schema['type'] !== 'string') delete limits['format'];
  for (const [name, limit] of Object.entries(SIZES)) if (schema[name] !== undefined) limits[limit] = schema[name];
  if (schema['x-kubernetes-list-type'] === 'map') limits['unique'] = textList(schema['x-kubernetes-list-map-keys']);
  if (schema['x-kubernetes-list-type'] === 'set' || schema['uniqueItems'] === true) limits['unique'] = [];
  return limits;
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
