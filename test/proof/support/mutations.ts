import type { KubeObject } from 'ashlar';
import { changed, pointers, valueAt } from '../../schema/changes';

/** An object with one thing changed. */
export interface Mutation {
  readonly object: KubeObject;
  /** `bad-label at /metadata/labels/app`. */
  readonly what: string;
  /** What is there now; undefined where it was taken away. */
  readonly value: unknown;
}

/** A new value for a place; undefined takes it away. */
interface Change {
  readonly what: string;
  readonly pointer: string;
  readonly value: unknown;
}

const LONG = 'x'.repeat(300);

/** What is written in place of a text. */
const TEXTS: Readonly<Record<string, readonly unknown[]>> = {
  'wrong-type': [7, true, {}, [], ['a']],
  'no-value': [null, ''],
  'bad-enum': ['NoSuchValue', 'always', 'tcp'],
  'bad-name': ['Not_A_Name', '-a', 'a.b.c', LONG, 'x'.repeat(64), 'ÿ'],
  'bad-quantity': ['100mi', '1.5', '-1', '1e3', '0.0001'],
  'bad-path': ['relative', '/a/../b', '/a b', 'https://example.com'],
  'other-text': ['0', '65536', 'a b', '10.0.0.0/33', '10.0.0.1/8', '::/0', '5%', 'http', '$(X)'],
};
const NUMBERS: Readonly<Record<string, readonly unknown[]>> = {
  'wrong-type': ['7', true, {}, []],
  'no-value': [null],
  'bad-number': [-1, 0, 1, 0.5, 101, 65536, 2 ** 31, 2 ** 53],
};
const BOOLEANS: Readonly<Record<string, readonly unknown[]>> = {
  'wrong-type': ['true', 1, {}],
  'no-value': [null],
  'other-boolean': [true, false],
};
const KEYS: readonly (readonly [string, unknown])[] = [
  ['noSuchField', 1],
  ['a/b/c', 'x'],
  ['Not Good', 'x'],
  [LONG, 'x'],
  ['fine', 'x'],
  ['example.com/fine', 'not fine!'],
];

/** All changes of one object, each on a copy of its own. */
export function* mutationsOf(base: KubeObject): Iterable<Mutation> {
  for (const { what, pointer, value } of changesOf(base)) {
    yield { what: `${what} at ${pointer}`, value, object: changed(structuredClone(base), { [pointer]: value }) };
  }
}

function* changesOf(base: KubeObject): Iterable<Change> {
  for (const pointer of pointers(base)) {
    // By these two the request finds its way; a server of objects that are nowhere cannot be asked.
    if (pointer === '/metadata' || pointer === '/metadata/namespace') continue;
    const held = valueAt(base, pointer);
    yield { what: 'missing', pointer, value: undefined };
    if (Array.isArray(held)) yield* ofList(pointer, held);
    else if (typeof held === 'object' && held !== null) yield* ofObject(pointer);
    else yield* ofLeaf(pointer, held);
  }
  yield { what: 'unknown-field', pointer: '/noSuchField', value: 1 };
  yield { what: 'unknown-field', pointer: '/metadata/noSuchField', value: {} };
}

function* ofLeaf(pointer: string, held: unknown): Iterable<Change> {
  const table = typeof held === 'string' ? TEXTS : typeof held === 'number' ? NUMBERS : BOOLEANS;
  for (const [what, values] of Object.entries(table)) {
    for (const value of values) if (value !== held) yield { what, pointer, value };
  }
}

function* ofList(pointer: string, held: readonly unknown[]): Iterable<Change> {
  yield { what: 'wrong-type', pointer, value: {} };
  yield { what: 'wrong-type', pointer, value: 'a' };
  yield { what: 'no-value', pointer, value: null };
  yield { what: 'no-value', pointer, value: [] };
  yield { what: 'bad-element', pointer: `${pointer}/-`, value: null };
  yield { what: 'bad-element', pointer: `${pointer}/-`, value: {} };
  yield { what: 'bad-element', pointer: `${pointer}/-`, value: 7 };
  yield { what: 'duplicate', pointer: `${pointer}/-`, value: structuredClone(held[0]) };
}

function* ofObject(pointer: string): Iterable<Change> {
  yield { what: 'wrong-type', pointer, value: [] };
  yield { what: 'wrong-type', pointer, value: 'a' };
  yield { what: 'no-value', pointer, value: null };
  yield { what: 'no-value', pointer, value: {} };
  for (const [key, value] of KEYS) {
    yield { what: key === 'noSuchField' ? 'unknown-field' : 'bad-key', pointer: `${pointer}/${escaped(key)}`, value };
  }
}

function escaped(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1');
}
