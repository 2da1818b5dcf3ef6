import { withoutSecrets } from '../../constructs/model/secrecy';

/** Words for findings: values as they were got, JSON pointers, lists of what is allowed. */

const LONGEST = 60;

/** A value in at most about sixty characters. */
export function print(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text =
    typeof value === 'bigint' || typeof value === 'function'
      ? `a ${typeof value}`
      : withoutSecrets(JSON.stringify(value));
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST)}...`;
}

/** A text as it is, and any other value as it is printed: `String` fails where an object has a `toString` of its own. */
export function plain(value: unknown): string {
  return typeof value === 'string' ? value : print(value);
}

/** A text as it is, in quotes where nothing would be seen of it. */
export function visible(text: string): string {
  return text.trim() === '' ? JSON.stringify(text) : text;
}

/** The type of a value, with its article. */
export function typeName(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'an object';
  return `a ${typeof value}`;
}

/** One step of a JSON pointer (RFC 6901), with its slash. */
export function step(name: string | number): string {
  return `/${String(name).replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

/** `a, b or c`; at most twenty of them. */
export function oneOf(values: readonly unknown[]): string {
  const shown = values.slice(0, 20).map((value) => visible(plain(value)));
  if (values.length > shown.length) return `${shown.join(', ')}...`;
  return shown.length < 2 ? shown.join('') : `${shown.slice(0, -1).join(', ')} or ${shown.at(-1)}`;
}

/** The one of `known` that was probably meant; `undefined` where none is near. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  if (known.length === 0) return undefined;
  const sameLetters = known.find((candidate) => candidate.toLowerCase() === name.toLowerCase());
  if (sameLetters !== undefined) return sameLetters;
  // Loaded here, because only a mistake needs it.
  const { closest, distance } = require('fastest-levenshtein') as typeof import('fastest-levenshtein');
  const candidate = closest(name, known);
  return distance(name, candidate) <= Math.max(1, Math.floor(name.length / 3)) ? candidate : undefined;
}
