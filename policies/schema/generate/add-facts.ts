/**
 * Adds to definitions read from types what types do not say: since which version a field is kept (extracted facts) and
 * values that the server allows although the type is a plain string (facts written by hand).
 */
import facts from '../facts.json';
import { ENUMS, REQUIRED } from '../facts-by-hand';
import type { Since } from '../encoding';
import { isRawObject, type RawObject, type RawTables, type RawType } from '../raw';

/** Changes the definitions in place. Throws where a fact speaks of a field that is not there, so that none goes stale. */
export function addFacts(tables: RawTables): void {
  for (const [table, types] of Object.entries(
    facts.fields as unknown as Record<string, Record<string, Record<string, Since>>>,
  )) {
    for (const [type, fields] of Object.entries(types))
      change(tables, table, type, (code) => ({ ...code, v: present(code, fields) }));
  }
  for (const [id, values] of Object.entries(ENUMS)) {
    const [table, type, field] = split(id);
    changeField(tables, table, type, field, ['|', ...values]);
  }
  for (const [id, fields] of Object.entries(REQUIRED)) {
    const [table, type] = id.split('/') as [string, string];
    change(tables, table, type, (code) => ({ ...code, r: [...new Set([...(code.r ?? []), ...fields])] }));
  }
}

function present(code: RawObject, fields: Readonly<Record<string, Since>>): Record<string, Since> {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => code.f[name] !== undefined));
}

function change(tables: RawTables, table: string, type: string, to: (code: RawObject) => RawObject): void {
  const code = tables.get(table)?.get(type);
  if (code !== undefined && isRawObject(code)) tables.get(table)!.set(type, to(code));
}

function changeField(tables: RawTables, table: string, type: string, field: string, to: RawType): void {
  const code = tables.get(table)?.get(type) as RawObject | undefined;
  if (code?.f[field] === undefined) throw new Error(`a fact speaks of ${table}/${type}.${field}, which is not there`);
  change(tables, table, type, (old) => ({ ...old, f: { ...old.f, [field]: to } }));
}

function split(id: string): [string, string, string] {
  const [table, rest] = id.split('/') as [string, string];
  const [type, field] = rest.split('.') as [string, string];
  return [table, type, field];
}
