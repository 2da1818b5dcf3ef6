import type { JsonSchema } from '../constructs/model/json-schema';
import { suggestion } from '../constructs/suggestion';

/** One place in the data that does not fit. */
export interface Misfit {
  /** Keys and indices from the root. */
  readonly path: readonly (string | number)[];
  /** True where the key itself is wrong, not its value. */
  readonly atKey: boolean;
  readonly got: string;
  readonly allowed: string;
}

/** All places at which data does not fit a schema, in the order of the data. */
export function validateData(schema: JsonSchema, data: unknown): readonly Misfit[] {
  return [...check(schema, data, [])];
}

type Path = readonly (string | number)[];

function* check(schema: JsonSchema, data: unknown, path: Path): Iterable<Misfit> {
  const expected = expectation(schema);
  if (!hasType(schema, data) || !isAdmitted(schema, data)) {
    yield { path, atKey: false, got: shown(data), allowed: expected };
  } else if (Array.isArray(data)) {
    yield* checkItems(schema, data, path);
  } else if (typeof data === 'object' && data !== null) {
    yield* checkFields(schema, data as Record<string, unknown>, path);
  }
}

function* checkItems(schema: JsonSchema, data: readonly unknown[], path: Path): Iterable<Misfit> {
  const { items, minItems = 0 } = schema;
  if (data.length < minItems)
    yield { path, atKey: false, got: `${data.length} items`, allowed: `at least ${minItems}` };
  if (items === undefined) return;
  for (const [index, item] of data.entries()) yield* check(items, item, [...path, index]);
}

function* checkFields(schema: JsonSchema, data: Record<string, unknown>, path: Path): Iterable<Misfit> {
  const { properties = {}, required = [] } = schema;
  for (const name of required) {
    if (Object.hasOwn(data, name)) continue;
    yield { path, atKey: true, got: `no ${name}`, allowed: `${name}: ${expectation(properties[name] ?? {})}` };
  }
  for (const [name, value] of Object.entries(data)) yield* checkField(schema, name, value, [...path, name]);
}

function* checkField(schema: JsonSchema, name: string, value: unknown, path: Path): Iterable<Misfit> {
  const { properties = {}, additionalProperties = true } = schema;
  const known = Object.hasOwn(properties, name) ? (properties[name] ?? true) : additionalProperties;
  if (known === false) yield { path, atKey: true, got: name, allowed: suggestion(name, Object.keys(properties)) };
  else if (known !== true) yield* check(known, value, path);
}

const IS: Readonly<Record<NonNullable<JsonSchema['type']>, (data: unknown) => boolean>> = {
  object: (data) => typeof data === 'object' && data !== null && !Array.isArray(data),
  array: Array.isArray,
  string: (data) => typeof data === 'string',
  number: (data) => typeof data === 'number',
  integer: Number.isInteger,
  boolean: (data) => typeof data === 'boolean',
};

function hasType({ type }: JsonSchema, data: unknown): boolean {
  return type === undefined || IS[type](data);
}

function isAdmitted(
  { enum: values, pattern, minimum = -Infinity, maximum = Infinity }: JsonSchema,
  data: unknown,
): boolean {
  if (values !== undefined && !values.includes(data as string)) return false;
  if (typeof data === 'number') return data >= minimum && data <= maximum;
  return typeof data !== 'string' || pattern === undefined || new RegExp(pattern, 'u').test(data);
}

function expectation({ type, enum: values, pattern, minimum, maximum, description }: JsonSchema): string {
  if (values !== undefined) return values.join(', ');
  const range = [
    ...(minimum === undefined ? [] : [`from ${minimum}`]),
    ...(maximum === undefined ? [] : [`to ${maximum}`]),
  ];
  const kind = [type ?? 'any value', ...range, ...(pattern === undefined ? [] : [`like ${pattern}`])].join(' ');
  return description === undefined ? kind : `${kind}: ${description}`;
}

function shown(data: unknown): string {
  if (Array.isArray(data)) return 'a list';
  return typeof data === 'object' && data !== null ? 'an object' : JSON.stringify(data);
}
