/**
 * Writes manifests as YAML that every reader takes for the same data. Readers of YAML 1.1 (kubectl, Go, PyYAML) and of
 * YAML 1.2 differ in what a plain `no`, `010`, `1e3` or `12:30` is. Whatever one of them might not read as a string is
 * quoted, so a country code does not become `false` on its way through a tool.
 *
 * The emitter is our own because this is the hot path: `bench/yaml.mjs` measures it against `stringify` of the `yaml`
 * package. It writes plain data only: no anchors, tags, comments or folded lines.
 */
import { AshlarError } from './error';
import { rememberedOf } from './shared';

/** Deepest nesting that is written. No manifest comes near; what does is a cycle. */
const MAX_DEPTH = 500;

/**
 * What a plain scalar may hold beyond ASCII: printable in YAML 1.1 and 1.2 (c-printable, section 5.1 of both) and
 * visible. Spaces and marks of text direction are left out: some readers trim or break at them, and nobody sees them.
 */
const BEYOND_ASCII =
  '\\u00a1-\\u167f\\u1681-\\u1fff\\u2010-\\u2027\\u2030-\\u205e\\u2070-\\u2fff\\u3001-\\ud7ff\\ue000-\\ufefe' +
  '\\uff00-\\ufffd\\u{10000}-\\u{10ffff}';

/** What stands anywhere in a plain scalar but at its start; `:` and `#` depend on their neighbours. */
const VISIBLE = `!"$-9;-~${BEYOND_ASCII}`;

/** How a plain scalar starts: no indicator (1.2.2 section 5.3), and nothing that starts a number, `.inf` or `---`. */
const WORD_START = `(?:[A-Za-z_/$(;^\\\\${BEYOND_ASCII}]|--[A-Za-z]|[-.][A-HJ-MO-Za-hj-mo-z/])`;

/**
 * Or with a digit, as in `500m`, `10Gi` and `10.0.0.0/8`, if a character is near that no integer, float, sexagesimal or
 * timestamp has (YAML 1.1 type repository; hexadecimal floats, which early Go readers took, have a `p`).
 */
const QUANTITY_START = '(?=[0-9][\\w.:+-]*?[/%g-mnqrsuvwyG-MNQRSUVWY])[0-9]';

/** A plain scalar: `:` only before, and `#` only after, something visible (1.2.2 section 7.3.3). */
const PLAIN = new RegExp(
  `^(?:${WORD_START}|${QUANTITY_START})[#${VISIBLE}]*(?:(?::+(?=[#${VISIBLE}])| +(?=[:${VISIBLE}]))[#${VISIBLE}]*)*$`,
  'u',
);

/**
 * Words of the YAML 1.1 types bool and null, in any case, as implementations disagree on which spellings count; and an
 * exponent by itself, as in the short commit hash `e12345`: the `yaml` package reads it as a float of 1.1, NaN.
 */
const RESERVED = /^(?:y|n|yes|no|on|off|true|false|null|[-.]?e[-+]?[0-9]+)$/i;

/** What JSON leaves as it is but YAML cannot hold (section 5.1), takes for a line break (1.1), or nobody can see. */
const ESCAPED = /[\u007f-\u00a0\u1680\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufeff\ufffe\uffff]/g;

/** What a literal block does not carry unchanged: all but visible text, spaces, tabs and line feeds. */
const NOT_IN_BLOCK = new RegExp(`[^\\t\\n :#${VISIBLE}]`, 'u');

/** Longest plain scalar, in UTF-16 units. Megabytes on one line are no text, and overflow the stack of {@link PLAIN}. */
const MAX_PLAIN = 8192;

/** A key that is longer is written with `? `: readers look ahead 1024 characters only (1.2.2 section 8.2.2). */
const MAX_IMPLICIT_KEY = 1000;

/** Remembered texts, as manifests repeat the same words thousands of times. Bounded, because they outlive the call. */
const MEMO_ENTRIES = 2048;
const MEMO_LENGTH = 32;
const LINE_ENTRIES = 512;
const scalarMemo = new Map<string, string>();

/** Where a node stands: at the top of a document, after `key:`, or after the dash of a sequence. */
const TOP = 0;
const UNDER_KEY = 1;
const AFTER_DASH = 2;
type Place = typeof TOP | typeof UNDER_KEY | typeof AFTER_DASH;

/** A line's beginning (`key:` or `-`) by the place of the collection, where it is the first line; else that of `TOP`. */
type Start = readonly [next: string, underKey: string, afterDash: string];

/** A key at one depth, and whole lines of it by their text: manifests say the same of the same thousands of times. */
interface Key {
  readonly start: Start;
  readonly lines: Map<string, string>;
}

/** What lines of one depth begin with. */
interface Level {
  readonly pad: string;
  readonly dash: Start;
  readonly keys: Map<string, Key>;
}
const levels: Level[] = [];

/** Thrown without a place, as the emitter does not track where it is; {@link toYaml} then goes and looks for it. */
const REFUSED = new Error('not plain data');

/**
 * One YAML document. Block style with two spaces, sequences indented under their key, members in the order they have.
 * `undefined` members and items are left out. An object with `toJSON` is written as what that returns.
 *
 * @throws AshlarError `not-plain-data`, with the JSON pointer in `field`: NaN, infinities, -0, bigint, symbols,
 * functions, instances of classes without `toJSON`, cycles, more than 500 levels; and an `undefined` document.
 */
export function toYaml(value: unknown): string {
  try {
    const text = node(value, 0, TOP);
    if (text === '') throw REFUSED;
    return isLines(value, text) ? text : text.slice(1);
  } catch (error) {
    throw error === REFUSED ? refusal(value) : error;
  }
}

/** Whether a document is more than one value behind a space. Large texts are not looked into: that would copy them. */
function isLines(value: unknown, text: string): boolean {
  const isPlain = typeof value === 'object' && value !== null && !('toJSON' in value);
  return isPlain ? text !== ' {}\n' && text !== ' []\n' : !text.startsWith(' ');
}

/**
 * A stream of documents, each as {@link toYaml} writes it, with `---` between them; empty for none.
 *
 * @throws AshlarError as {@link toYaml}
 */
export function documentsToYaml(values: Iterable<unknown>): string {
  let text = '';
  for (const value of values) text += text === '' ? toYaml(value) : `---\n${toYaml(value)}`;
  return text;
}

/** What follows `key:` or `-`, line feed included; empty for `undefined`. */
function node(value: unknown, depth: number, place: Place): string {
  switch (typeof value) {
    case 'string':
      return scalar(value, depth);
    case 'number':
      return ` ${number(value)}\n`;
    case 'boolean':
      return value ? ' true\n' : ' false\n';
    case 'undefined':
      return '';
    case 'object':
      return value === null ? ' null\n' : known(value, depth, place);
    default:
      throw REFUSED;
  }
}

/** Parts that many objects share are written once for each place that they stand in. */
function known(value: object, depth: number, place: Place): string {
  const remembered = rememberedOf(value);
  if (remembered === undefined) return collection(value, depth, place);
  const slot = 3 * depth + place;
  // Cutting a character off makes one piece of a text that was put together from many.
  return remembered.yamlAt(slot) ?? remembered.keepYaml(slot, ` ${collection(value, depth, place)}`.slice(1));
}

function collection(value: object, depth: number, place: Place): string {
  if (depth > MAX_DEPTH) throw REFUSED;
  const data = jsonOf(value);
  if (typeof data !== 'object' || data === null) return node(data, depth, place);
  if (Array.isArray(data)) return sequence(data, depth, place) || ' []\n';
  if (!isMapping(data)) throw REFUSED;
  return mapping(data, depth, place) || ' {}\n';
}

function mapping(value: Record<string, unknown>, depth: number, place: Place): string {
  const level = levelAt(depth);
  let text = '';
  // A plain object has no enumerable members but its own.
  for (const key in value) {
    const member = value[key];
    const { start, lines } = level.keys.get(key) ?? keyAt(key, level);
    if (typeof member === 'string' && text !== '') {
      text += lines.get(member) ?? remember(lines, member, start[TOP] + scalar(member, depth + 1), LINE_ENTRIES);
      continue;
    }
    const rest = node(member, depth + 1, UNDER_KEY);
    if (rest !== '') text = text === '' ? start[place] + rest : text + start[TOP] + rest;
  }
  return text;
}

function sequence(value: readonly unknown[], depth: number, place: Place): string {
  const { dash } = levelAt(depth);
  let text = '';
  for (let index = 0; index < value.length; index += 1) {
    const rest = node(value[index], depth + 1, AFTER_DASH);
    if (rest !== '') text = text === '' ? dash[place] + rest : text + dash[TOP] + rest;
  }
  return text;
}

function levelAt(depth: number): Level {
  return (levels[depth] ??= newLevel('  '.repeat(depth)));
}

function newLevel(pad: string): Level {
  return { pad, dash: starting('-', pad), keys: new Map() };
}

/** A collection under a key starts on a line of its own, one after a dash on the line of the dash. */
function starting(first: string, pad: string): Start {
  return [`${pad}${first}`, `\n${pad}${first}`, ` ${first}`];
}

/** The float of YAML 1.1 needs a point before its exponent, and a sign in it, which JavaScript writes. */
function number(value: number): string {
  if (!Number.isFinite(value) || Object.is(value, -0)) throw REFUSED;
  const text = String(value);
  return text.includes('e') && !text.includes('.') ? text.replace('e', '.0e') : text;
}

function keyAt(key: string, { pad, keys }: Level): Key {
  const text = onOneLine(key);
  const start = starting(text.length > MAX_IMPLICIT_KEY ? `? ${text}\n${pad}:` : `${text}:`, pad);
  return remember(keys, key, { start, lines: new Map() });
}

function scalar(text: string, depth: number): string {
  // A document by itself: readers disagree on what the indentation indicator of its block would count from.
  if (depth === 0) return ` ${onOneLine(text)}\n`;
  if (text.length <= MEMO_LENGTH) {
    const known = scalarMemo.get(text);
    if (known !== undefined) return known;
  }
  if (isBlock(text)) return block(text, levelAt(depth).pad);
  return remember(scalarMemo, text, ` ${onOneLine(text)}\n`);
}

function remember<T>(memo: Map<string, T>, key: string, written: T, most = MEMO_ENTRIES): T {
  if (key.length > MEMO_LENGTH) return written;
  if (memo.size >= most) memo.clear();
  memo.set(key, written);
  return written;
}

function onOneLine(text: string): string {
  if (text.length <= MAX_PLAIN && PLAIN.test(text) && !RESERVED.test(text)) return text;
  // JSON is a subset of YAML 1.2 and its escapes are in 1.1 too (section 5.6); it escapes lone surrogates by itself.
  return JSON.stringify(text).replace(ESCAPED, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** Not with a last line of blanks: readers disagree on whether it is text or belongs to the line feeds at the end. */
function isBlock(text: string): boolean {
  if (!text.includes('\n') || NOT_IN_BLOCK.test(text)) return false;
  const end = lengthWithoutFinalFeeds(text);
  const lastLine = text.slice(end === 0 ? 0 : text.lastIndexOf('\n', end - 1) + 1, end);
  return /[^\t ]/.test(lastLine);
}

/** A literal block. Its indicator says the indent if a blank or indented first line would hide it (8.1.1.1). */
function block(text: string, pad: string): string {
  const feeds = text.length - lengthWithoutFinalFeeds(text);
  const indicator = /^[\n\t ]/.test(text) ? '2' : '';
  const chomping = ['-', ''][feeds] ?? '+';
  const lines = text.replace(/^(?!$)/gm, pad);
  return ` |${indicator}${chomping}\n${lines}${feeds === 0 ? '\n' : ''}`;
}

function lengthWithoutFinalFeeds(text: string): number {
  let end = text.length;
  while (text[end - 1] === '\n') end -= 1;
  return end;
}

function jsonOf(value: object & { toJSON?: unknown }): unknown {
  return typeof value.toJSON === 'function' ? (value as { toJSON(): unknown }).toJSON() : value;
}

/** An object literal of any realm, such as the one `structuredClone` works in, or one without a prototype. */
function isMapping(value: object): value is Record<string, unknown> {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) return true;
  return Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype as object, 'hasOwnProperty');
}

function refusal(root: unknown): AshlarError {
  const { field, got } = faultIn(root, '', new Set()) ?? { field: '', got: 'a value that changes between two reads' };
  return new AshlarError({
    code: 'not-plain-data',
    message: `cannot write ${got} as YAML, at ${field === '' ? 'the top of the document' : field}`,
    path: 'yaml',
    field,
    got,
    allowed: 'objects, arrays, strings, finite numbers other than -0, booleans and null',
  });
}

interface Fault {
  readonly field: string;
  readonly got: string;
}

function faultIn(value: unknown, field: string, above: Set<object>): Fault | undefined {
  if (typeof value !== 'object' || value === null) return scalarFault(value, field);
  if (above.has(value)) return { field, got: 'a cycle' };
  if (above.size > MAX_DEPTH) return { field, got: `more than ${MAX_DEPTH} levels` };
  const data = jsonOf(value);
  if (typeof data !== 'object' || data === null) return scalarFault(data, field);
  above.add(value);
  const fault = collectionFault(data, field, above);
  above.delete(value);
  return fault;
}

function collectionFault(data: object, field: string, above: Set<object>): Fault | undefined {
  if (!Array.isArray(data) && !isMapping(data)) return { field, got: `an instance of ${data.constructor.name}` };
  for (const [key, member] of Object.entries(data)) {
    const fault = faultIn(member, `${field}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`, above);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function scalarFault(value: unknown, field: string): Fault | undefined {
  switch (typeof value) {
    case 'number':
      if (Object.is(value, -0)) return { field, got: '-0' };
      return Number.isFinite(value) ? undefined : { field, got: String(value) };
    case 'undefined':
      return field === '' ? { field, got: 'undefined' } : undefined;
    case 'bigint':
    case 'symbol':
    case 'function':
      return { field, got: `a ${typeof value}` };
    default:
      return undefined;
  }
}
