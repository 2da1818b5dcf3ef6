import { isDeferred } from './known-later';

/** A value for a finding: short, and never the inside of an object that may hold a secret. */
export function printed(value: unknown): string {
  if (typeof value === 'object' && value !== null) return printedObject(value);
  if (typeof value === 'function') return 'a function';
  return typeof value === 'string' ? JSON.stringify(value) : String(value);
}

function printedObject(value: object): string {
  if (isDeferred(value)) return 'a value that is known only later';
  if (Array.isArray(value)) return 'a list';
  const { node } = value as { readonly node?: { readonly path?: unknown } };
  if (typeof node?.path === 'string') return `the construct ${node.path}`;
  const made = (value.constructor as { readonly name?: string } | undefined)?.name ?? 'Object';
  return made === 'Object' ? 'an object' : withArticle(made);
}

/** `a Rollout`, `an Auth`. */
export function withArticle(name: string): string {
  return `${/^[AEIOU]/.test(name) ? 'an' : 'a'} ${name}`;
}
