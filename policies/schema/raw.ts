/**
 * Types while they are generated: as stored, but with nameless objects in place. They get names last, one for each
 * different shape, which is what keeps a custom resource that repeats itself (Istio's DestinationRule) small.
 */
import type { Choice, Limits, ObjectCode, Since, TypeCode } from './encoding';

/** An object type that has no name yet, or a definition. */
export interface RawObject {
  readonly f: Readonly<Record<string, RawType>>;
  readonly r?: readonly string[];
  readonly c?: readonly Choice[];
  readonly v?: Readonly<Record<string, Since>>;
  readonly x?: RawType;
}

export type RawType =
  | string
  | readonly ['[]' | '{}', RawType]
  | readonly ['|', ...(string | number | boolean)[]]
  | readonly ['&', RawType, Limits]
  | RawObject;

/** Definitions by name, by table. */
export type RawTables = Map<string, Map<string, RawType>>;

/** Whether a type is an object with listed fields. */
export function isRawObject(type: RawType): type is RawObject {
  return typeof type === 'object' && !Array.isArray(type);
}

/** Definitions that a type refers to: table (none for its own) and name. */
export function references(type: RawType): [table: string | undefined, name: string][] {
  if (typeof type === 'string') {
    if (!type.startsWith('@')) return [];
    const cut = type.indexOf('/');
    return [cut < 0 ? [undefined, type.slice(1)] : [type.slice(1, cut), type.slice(cut + 1)]];
  }
  if (isRawObject(type))
    return [...Object.values(type.f), ...(type.x === undefined ? [] : [type.x])].flatMap(references);
  return type[0] === '|' ? [] : references(type[1]);
}

/** Definitions as stored: each nameless object has become one, named `$1`, `$2` and so on. */
export function intern(defs: ReadonlyMap<string, RawType>, prefix = '$'): Record<string, ObjectCode | TypeCode> {
  const result: Record<string, ObjectCode | TypeCode> = {};
  const names = new Map<string, string>();
  const nameOf = (code: ObjectCode): string => {
    const key = JSON.stringify(code);
    let name = names.get(key);
    if (name === undefined) {
      names.set(key, (name = `${prefix}${names.size + 1}`));
      result[name] = code;
    }
    return `@${name}`;
  };
  const object = (raw: RawObject): ObjectCode => {
    const f = Object.fromEntries(Object.entries(raw.f).map(([name, type]) => [name, stored(type)]));
    return { ...raw, f, ...(raw.x === undefined ? {} : { x: stored(raw.x) }) } as ObjectCode;
  };
  const stored = (type: RawType): TypeCode => {
    if (typeof type === 'string') return type;
    if (isRawObject(type)) return nameOf(object(type));
    if (type[0] === '|') return type;
    return [type[0], stored(type[1]), ...type.slice(2)] as unknown as TypeCode;
  };
  for (const [name, type] of defs) result[name] = isRawObject(type) ? object(type) : stored(type);
  return result;
}
