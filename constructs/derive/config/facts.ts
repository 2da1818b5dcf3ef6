import type { IConstruct } from 'constructs';
import { capability } from '../../model/capability';
import { relation } from '../../model/relation';
import type { StandardSchema } from '../../model/standard-schema';

/** A set of values that workloads read. */
export interface ConfigFacts {
  readonly namespace: string;
  /** By key; a value that no layer gives is checked as undefined. */
  readonly schema: Readonly<Record<string, StandardSchema>>;
  /** What the program says: the weakest layer. */
  readonly values: Readonly<Record<string, unknown>>;
  /** By key: values of the program that are made of what other constructs are called. Beside `values`. */
  readonly quotes: Readonly<Record<string, readonly QuotePart[]>>;
  /** Variables; or files in a folder: one for each key, or those that are named here. */
  readonly as:
    { readonly env: true } | { readonly folder: string; readonly files?: Readonly<Record<string, FileFacts>> };
  /**
   * `roll`: a new name with each content, so that pods of an old release keep what they started with. `replace`: one
   * name, and a checksum on the pods that read it. `watch`: one name, and pods that stay.
   */
  readonly change: 'roll' | 'replace' | 'watch';
  /** Who tells the process that its files have changed. Only with `watch`. @defaultValue nobody: it watches them itself */
  readonly reload?: ReloadFacts;
}

/** What a file is made of: all keys in a format, or a text in which `{{KEY}}` stands for values. */
export type FileFacts = { readonly format: FileFormat } | { readonly template: string };

/** How all keys are written into one file. */
export type FileFormat = 'json' | 'yaml' | 'properties' | 'dotenv';

/** How a process is told that its files have changed. */
export type ReloadFacts =
  | { readonly post: { readonly port: string; readonly path: string } }
  | { readonly hangUp: { readonly executable: string } };

/** A text, or what a construct is called. */
export type QuotePart = string | QuoteFacts;

/** What a construct is called: the address of a service, the name of a topic. */
export interface QuoteFacts {
  /** The construct that is named. */
  readonly of: IConstruct;
  /** What of it: `host:port`, `url`, `name`. */
  readonly field: string;
  /** Name of the port; empty: its only one. */
  readonly port: string;
}

/** The capability of being read as configuration. */
export const Config = capability<ConfigFacts>('config');

/** A configuration names a construct in one of its values. */
export const Quotes = relation<IConstruct, IConstruct, Omit<QuoteFacts, 'of'>>(
  'quotes',
  ({ field, port }) => `${field} ${port}`,
);

/** What configurations may say of a construct besides the addresses of its ports. */
export interface QuotableFacts {
  /** By field: `{ name: 'order-placed' }`. Never a secret: configurations are plain text. */
  readonly fields: Readonly<Record<string, string>>;
}

/** The capability of being named in configurations: for topics, queues, buckets. Back ends may declare it at the seal. */
export const Quotable = capability<QuotableFacts>('quotable');
