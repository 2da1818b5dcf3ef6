import type { Construct } from 'constructs';
import type { IConfig } from './capabilities';
import { Config as ConfigCapability, type ConfigFacts } from './derive/config';
import { dataOf, type Deferrable } from './model/deferred';
import { Element } from './model/element';
import { declare, report } from './model/recorder';
import type { StandardSchema } from './model/standard-schema';
import { namespaceOf } from './namespace';
import { problemsOfFolder } from './values';

/** The type of the values that a validator admits. */
export type ValueOf<S> = S extends StandardSchema<infer T> ? T : never;

/** What a configuration is told. */
export interface ConfigProps<S extends Readonly<Record<string, StandardSchema>>> {
  /** What each key may be: `Key.integer({ min: 1 })`, or a validator of zod, valibot, arktype. */
  readonly schema: S;
  /** The program's values: the weakest layer. @defaultValue none */
  readonly values?: { readonly [K in keyof S]?: Deferrable<ValueOf<S[K]>> };
  /** Folder in which each key is a file. @defaultValue keys are variables */
  readonly folder?: string;
  /**
   * What happens when a value changes. `roll`: a new, immutable ConfigMap, which only new pods read, so that a release
   * can be taken back with its values. `replace`: the same ConfigMap, and a checksum that rolls the pods.
   * @defaultValue 'roll'
   */
  readonly change?: 'roll' | 'replace';
}

/**
 * Values outside the image (Externalized configuration): typed, validated, layered (program < base < tier <
 * environment < region < service), each with a source that `ashlar explain` tells. A change rolls exactly the pods that
 * read it.
 *
 * Errors: `config-key-missing`, `config-value-wrong`, `config-key-unknown`.
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
  /** The keys of its schema: `LOG_LEVEL`. A reader gets each as a variable, or as a file of the folder. */
  readonly keys: readonly string[];

  constructor(scope: Construct, id: string, props: ConfigProps<S>) {
    super(scope, id);
    const { schema, values = {}, folder, change = 'roll' } = props;
    this.keys = Object.keys(schema);
    for (const problem of folder === undefined ? [] : problemsOfFolder(folder)) report(this, problem);
    const facts: ConfigFacts = {
      namespace: namespaceOf(this),
      schema,
      values: dataOf(this, 'values', values) as Readonly<Record<string, unknown>>,
      as: folder === undefined ? { env: true } : { folder },
      change,
    };
    declare(this, ConfigCapability, facts);
  }
}
