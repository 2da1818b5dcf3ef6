/**
 * The form in which schemas lie on disk: closed tables, one file for each group and version. It is made to be small
 * and quick to parse, because a program that synthesizes ten objects pays for it on every run.
 *
 * A type is a letter for what is built in, or an array whose first element says what follows:
 * `"i"` is a 32-bit integer, `["[]", "s"]` a list of strings, `["{}", "q"]` a map of quantities, `["|", "A", "B"]` an
 * enumeration, and `"@Name"` or `"@core_v1/Name"` a definition here or in another table.
 */

/** What else must hold of a value. Lengths in characters (strings), elements (lists) or entries (maps). */
export interface Limits {
  /** Regular expression that the string must match somewhere. */
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: boolean;
  readonly exclusiveMaximum?: boolean;
  readonly multipleOf?: number;
  /** A well-known format that is checked: `date-time`, `date`, `ipv4`, `ipv6`, `cidr`, `uri`, `uuid`, `duration`, `byte`. */
  readonly format?: string;
  /** Keys by which list elements must differ; an empty list means the elements themselves. */
  readonly unique?: readonly string[];
  readonly nullable?: boolean;
}

/**
 * A type as stored. Built-in types: `s` string, `b` boolean, `i` 32-bit integer, `l` 64-bit integer, `n` any number, `x`
 * integer or string, `q` quantity, `t` time, `y` bytes in base64, `o` open object, `a` anything at all.
 */
export type TypeCode =
  | string
  | readonly ['[]' | '{}', TypeCode]
  | readonly ['|', ...(string | number | boolean)[]]
  | readonly ['&', TypeCode, Limits];

/**
 * Of these sets of fields (each a member of a union) at most one may be present as a whole, or, where `exactly` is
 * `1`, exactly one.
 */
export type Choice = readonly [exactly: 0 | 1, ...sets: (readonly string[])[]];

/** From which minor version on a default server keeps a field, and the feature gate it hangs on. `99` is never. */
export type Since = readonly [minor: number, gate?: string];

/** An object type as stored. */
export interface ObjectCode {
  /** Fields and their types. */
  readonly f: Readonly<Record<string, TypeCode>>;
  /** Required fields. */
  readonly r?: readonly string[];
  /** Choices between fields. */
  readonly c?: readonly Choice[];
  /** Fields that came after the oldest supported version. */
  readonly v?: Readonly<Record<string, Since>>;
  /** Type of the fields that are not listed; absent means that there are none. */
  readonly x?: TypeCode;
}

/** A kind as stored: whether it is namespaced, and since when it is served. */
export type KindCode = readonly [namespaced: 0 | 1, sinceMinor?: number];

/** One table: the kinds of a group and version and every definition that only they need. */
export interface TableCode {
  readonly kinds: Readonly<Record<string, KindCode>>;
  readonly defs: Readonly<Record<string, ObjectCode | TypeCode>>;
}

/** Never on by default in any supported version. */
export const NEVER = 99;

/** Name of the table that holds a group and version: `apps/v1` is `apps_v1`, `v1` is `core_v1`. */
export function tableName(apiVersion: string): string {
  return apiVersion.includes('/') ? apiVersion.replace('/', '_') : `core_${apiVersion}`;
}

/** Group and version of a table: the reverse of `tableName`. */
export function tableApiVersion(table: string): string {
  const cut = table.lastIndexOf('_');
  const group = table.slice(0, cut);
  return group === 'core' ? table.slice(cut + 1) : `${group}/${table.slice(cut + 1)}`;
}
