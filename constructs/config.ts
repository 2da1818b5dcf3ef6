import type { Construct } from 'constructs';
import type { IConfig } from './capabilities';
import { ConfigFile, problemsOfFiles } from './config-file';
import {
  Config as ConfigCapability,
  Quotes,
  type ConfigFacts,
  type FileFacts,
  type QuotePart,
} from './derive/config/facts';
import { Key } from './key';
import { objectLike, problemsOfNeeded, soundOf } from './kinds';
import { dataOf, isDeferred, type Deferrable } from './model/deferred';
import { Element } from './model/element';
import type { Problem } from './model/finding';
import { CONSTRUCT } from './model/kind';
import { declare, relate, report } from './model/recorder';
import type { StandardSchema } from './model/standard-schema';
import { namespaceOf } from './namespace';
import { propsOf, type Needs } from './props';
import { Quote } from './quote';
import { Reload } from './reload';
import { problemOfChoice, problemsOfFolder, unknownProps } from './values';

/** The type of the values that a validator admits. */
export type ValueOf<S> = S extends StandardSchema<infer T> ? T : never;

/** What a configuration is told. */
export interface ConfigProps<S extends Readonly<Record<string, StandardSchema>>> {
  /** What each key may be: `Key.integer({ min: 1 })`, or a validator of zod, valibot, arktype. */
  readonly schema: S;
  /** The program's values: the weakest layer. A `Quote` says what another construct is called. @defaultValue none */
  readonly values?: { readonly [K in keyof S]?: Deferrable<ValueOf<S[K]>> | Quote };
  /** Folder of the files. @defaultValue keys are variables */
  readonly folder?: string;
  /** Files by name: `{ 'application.yaml': ConfigFile.yaml() }`. @defaultValue each key is a file of its own */
  readonly files?: Readonly<Record<string, ConfigFile>>;
  /**
   * What happens when a value changes. `roll`: a new, immutable ConfigMap, which only new pods read, so that a release
   * can be taken back with its values. `replace`: the same ConfigMap, and a checksum that rolls the pods. `watch`: the
   * files change in the running pod, which notices by itself, or is told by a `Reload`.
   * @defaultValue 'roll'
   */
  readonly change?: 'roll' | 'replace' | 'watch' | Reload;
}

/**
 * Values outside the image (Externalized configuration): typed, validated, layered (program < base < tier <
 * environment < region < service), each with a source that `ashlar explain` tells. A change rolls exactly the pods that
 * read it, or reaches them while they run.
 *
 * Errors: `config-key-missing`, `config-value-wrong`, `config-key-unknown`, `unknown-quote`, `config-keys-collide`,
 * `config-value-unwritable`, `reload-needs-files`, `bad-folder`, `bad-path`, `unknown-port`.
 *
 * @example
 * ```ts
 * const limits = new Config(ordering, 'limits', {
 *   schema: { LOG_LEVEL: Key.oneOf('debug', 'info'), MAX_ITEMS: Key.integer({ min: 1 }) },
 *   values: { LOG_LEVEL: 'info', MAX_ITEMS: 100 },
 * });
 * orders.reads(limits);
 * ```
 */
export class Config<S extends Readonly<Record<string, StandardSchema>>> extends Element implements IConfig {
  /** The keys of its schema: `LOG_LEVEL`. A reader gets each as a variable, or in a file of the folder. */
  readonly keys: readonly string[];

  constructor(scope: Construct, id: string, props: ConfigProps<S>) {
    super(scope, id);
    const said = propsOf(this, props, NEEDS as Needs<ConfigProps<S>>);
    const { values = {}, change = 'roll' } = said;
    const schema = (soundOf(said.schema, SCHEMA) ?? {}) as S;
    this.keys = Object.keys(schema);
    const { quotes, others } = parted(values);
    for (const problem of [
      ...problemsOfNeeded('schema', said.schema, SCHEMA),
      ...Object.entries(schema).flatMap(([name, key]) => problemsOfKey(name, key)),
      ...problemsOfProps(said, this.keys),
      ...nestedQuotes(others),
    ])
      report(this, problem);
    for (const part of Object.values(quotes).flat()) {
      if (typeof part !== 'string' && CONSTRUCT.is(part.of))
        relate(Quotes, this, part.of, { field: part.field, port: part.port });
    }
    const facts: ConfigFacts = {
      namespace: namespaceOf(this),
      schema,
      values: dataOf(this, 'values', others) as Readonly<Record<string, unknown>>,
      quotes,
      as: asFacts(this, said),
      ...(change instanceof Reload ? { change: 'watch', reload: change.facts } : { change }),
    };
    declare(this, ConfigCapability, facts);
  }
}

type AnyProps = ConfigProps<Readonly<Record<string, StandardSchema>>>;

const PROPS: Readonly<Record<keyof AnyProps, true>> = {
  schema: true,
  values: true,
  folder: true,
  files: true,
  change: true,
};

const SCHEMA = objectLike<AnyProps['schema']>('{ LOG_LEVEL: Key.text() }');

const NEEDS: Needs<AnyProps> = {
  needed: ['schema'],
  example: `{ schema: ${SCHEMA.example}, values: { LOG_LEVEL: 'info' } }`,
  instead: { schema: {} },
};

function asFacts(at: Construct, { folder, files }: Pick<AnyProps, 'folder' | 'files'>): ConfigFacts['as'] {
  if (folder === undefined) return { env: true };
  if (files === undefined) return { folder };
  const known = Object.entries(files).filter(([, file]) => file instanceof ConfigFile);
  const facts = Object.fromEntries(known.map(([name, file]) => [name, file.facts]));
  return { folder, files: dataOf(at, 'files', facts) as Readonly<Record<string, FileFacts>> };
}

/** Options of a key of ours that were given wrongly; what other validators are told is their own matter. */
function problemsOfKey(name: string, key: StandardSchema): readonly Problem[] {
  return key instanceof Key ? key.problemsAt(`schema.${name}`) : [];
}

/** Values that name other constructs, and those that do not. */
function parted(values: Readonly<Record<string, unknown>>): {
  readonly quotes: Readonly<Record<string, readonly QuotePart[]>>;
  readonly others: Readonly<Record<string, unknown>>;
} {
  if (!Object.values(values).some((value) => value instanceof Quote)) return { quotes: {}, others: values };
  const quotes: Record<string, readonly QuotePart[]> = {};
  const others: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(values)) {
    if (value instanceof Quote) quotes[key] = value.facts;
    else others[key] = value;
  }
  return { quotes, others };
}

/** Within a value nobody would look one up. */
function nestedQuotes(values: Readonly<Record<string, unknown>>): readonly Problem[] {
  const holding = Object.keys(values).filter((key) => holdsQuote(values[key]));
  return holding.map((key) => ({
    code: 'nested-quote',
    message: `Within the value of ${key} another construct is named.`,
    field: `values.${key}`,
    got: 'a Quote in a list or an object',
    allowed: 'a Quote as the whole value, or Quote.text`...`',
    fix: 'Give it a key of its own; a key with points is a member of members in JSON and YAML.',
  }));
}

function holdsQuote(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || isDeferred(value)) return false;
  if (value instanceof Quote) return true;
  const isPlain = Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype;
  return isPlain && Object.values(value).some(holdsQuote);
}

function problemsOfProps(
  props: object & Omit<AnyProps, 'schema' | 'values'>,
  keys: readonly string[],
): readonly Problem[] {
  const { folder, files } = props;
  return [
    ...unknownProps(props, PROPS),
    ...(folder === undefined ? [] : problemsOfFolder(folder)),
    ...(files === undefined ? [] : problemsOfFiles(files, keys)),
    ...(files !== undefined && folder === undefined ? [filesWithoutFolder()] : []),
    ...problemsOfChange(props),
  ];
}

function problemsOfChange({ folder, change = 'roll' }: Pick<AnyProps, 'folder' | 'change'>): readonly Problem[] {
  const isReload = change instanceof Reload;
  return [
    ...(isReload ? change.problems : problemOfChoice('change', change, ['roll', 'replace', 'watch'])),
    ...(folder === undefined && (isReload || change === 'watch') ? [needsFiles(isReload)] : []),
  ];
}

function filesWithoutFolder(): Problem {
  return {
    code: 'bad-folder',
    message: 'The files of a configuration have no folder.',
    field: 'folder',
    got: 'none',
    allowed: 'a path such as /etc/orders',
    fix: 'Say where the files are to be.',
  };
}

function needsFiles(isReload: boolean): Problem {
  return {
    code: 'reload-needs-files',
    message: 'The variables of a process that runs do not change.',
    field: 'change',
    got: isReload ? 'a Reload, and no folder' : 'watch, and no folder',
    allowed: 'a folder, in which files change',
    fix: "Give folder: '/etc/orders', or use 'roll' or 'replace'.",
  };
}
