import type { RuleFinding } from '../../model/extension';
import type { FileFacts, FileFormat } from './facts';

/** Values by key. */
export type Values = Readonly<Record<string, unknown>>;

type Problem = Omit<RuleFinding, 'at'>;

/** A file as it is written, or why it cannot be. */
export type Rendered = { readonly text: string } | { readonly problem: Problem };

/** A key in a template, as in `{{LOG_LEVEL}}`. */
const PLACEHOLDER = /\{\{\s*([A-Za-z0-9._-]+)\s*\}\}/g;

/** What a value looks like as a text by itself. */
function textOfValue(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** The keys that a template names. */
export function keysInTemplate(template: string): readonly string[] {
  return [...template.matchAll(PLACEHOLDER)].map(([, key = '']) => key);
}

/** Writes a file. A template gets nothing for a key that may be left out, and is. */
export function renderFile(name: string, file: FileFacts, values: Values): Rendered {
  if ('format' in file) return WRITERS[file.format](name, values);
  const text = file.template.replace(PLACEHOLDER, (_, key: string) =>
    values[key] === undefined ? '' : textOfValue(values[key]),
  );
  return { text };
}

const WRITERS: Readonly<Record<FileFormat, (name: string, values: Values) => Rendered>> = {
  json: (name, values) => nested(name, values, (tree) => `${JSON.stringify(tree, null, 2)}\n`),
  yaml: (name, values) =>
    nested(name, values, (tree) => {
      // Loaded where there is such a file: starting is to stay quick.
      const { toYaml } = require('../../model/yaml') as typeof import('../../model/yaml');
      return toYaml(tree);
    }),
  properties: (_, values) => ({ text: lines(values, (key, text) => `${propertyKey(key)}=${propertyText(text)}`) }),
  dotenv: writeDotenv,
};

function lines(values: Values, line: (key: string, text: string) => string): string {
  return Object.entries(values)
    .map(([key, value]) => `${line(key, textOfValue(value))}\n`)
    .join('');
}

/** A mapping while it grows. */
interface Tree extends Map<string, Tree | { readonly value: unknown }> {}

/** Keys with points are members of members: `server.port`. */
function nested(name: string, values: Values, write: (tree: object) => string): Rendered {
  const tree: Tree = new Map();
  for (const [key, value] of Object.entries(values)) {
    if (!put(tree, key.split('.'), value)) return { problem: collision(name, key) };
  }
  return { text: write(plain(tree)) };
}

/** Puts a value at its place, if nothing is there. */
function put(tree: Tree, [step = '', ...rest]: readonly string[], value: unknown): boolean {
  const found = tree.get(step);
  if (rest.length === 0) {
    tree.set(step, { value });
    return found === undefined;
  }
  const branch: Tree = found instanceof Map ? found : new Map();
  if (found === undefined) tree.set(step, branch);
  return (found === undefined || found === branch) && put(branch, rest, value);
}

function plain(tree: Tree): object {
  return Object.fromEntries([...tree].map(([key, node]) => [key, node instanceof Map ? plain(node) : node.value]));
}

/** What `java.util.Properties` reads back, whatever encoding it takes the file to have (Java 21, `load(Reader)`). */
function propertyText(text: string): string {
  return text.replace(/[\\\t\n\r\f]|^ |[^ -~\t\n\r\f]/g, escaped);
}

function propertyKey(key: string): string {
  return key.replace(/[\\\t\n\r\f =:#!]|[^ -~\t\n\r\f]/g, escaped);
}

const SHORT: Readonly<Record<string, string>> = { '\t': '\\t', '\n': '\\n', '\r': '\\r', '\f': '\\f' };

function escaped(character: string): string {
  const short = SHORT[character];
  if (short !== undefined) return short;
  return character >= ' ' && character <= '~'
    ? `\\${character}`
    : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/**
 * There is no standard, so what is written is only what shells, Docker, and the readers of all languages take for the
 * same: a plain word, or a text in single quotes without quotes, backslashes and line breaks.
 */
function writeDotenv(name: string, values: Values): Rendered {
  for (const [key, value] of Object.entries(values)) {
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(key))
      return { problem: unwritable(name, key, 'letters, digits and _ in keys') };
    if (/['\\\n\r]/.test(textOfValue(value))) {
      return { problem: unwritable(name, key, "a value without ', \\ and line breaks") };
    }
  }
  return { text: lines(values, (key, text) => `${key}=${/^[\w./:@%+,-]*$/.test(text) ? text : `'${text}'`}`) };
}

function collision(name: string, key: string): Problem {
  return {
    code: 'config-keys-collide',
    message: `In ${name}, ${key} stands where another key has its place.`,
    field: `files.${name}`,
    got: key,
    allowed: 'keys of which none is another with a point and more after it',
    fix: 'Rename one of the keys.',
  };
}

/** The value is not printed: it may be long. */
function unwritable(name: string, key: string, allowed: string): Problem {
  return {
    code: 'config-value-unwritable',
    message: `${key} cannot be written into ${name} so that every reader takes it for the same.`,
    field: `files.${name}`,
    got: key,
    allowed,
    fix: 'Change it, or choose another format.',
  };
}
