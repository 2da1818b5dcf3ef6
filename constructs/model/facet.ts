import type { IConstruct } from 'constructs';
import type { Source } from './source';

/**
 * A place on an object where several patterns have a say: the variables of a pod, the traffic that it admits. The
 * object's owner declares the facet in the domain's words and is the only one who renders it; any pattern contributes
 * parts.
 */
export interface Facet<T extends object> {
  /** Unique: `pod.env`, `traffic.in`. */
  readonly id: string;
  /** Parts of one key are one thing: a variable's name, a volume's name. */
  key(part: T): string;
  /** Fields of which a thing has one: a literal value or a reference, never both. */
  readonly oneOf?: readonly (keyof T & string)[];
}

/** What one pattern contributes to one construct. */
export interface Part<T extends object> {
  /** The construct that gets it: for `pod.env`, the workload. */
  readonly to: IConstruct;
  /** What is given. Parts of one key are joined field by field. */
  readonly part: T;
  /** Who gives it: mostly the `source` of the edge that it follows from. */
  readonly source: Source;
}

/** All parts of one key, joined field by field. */
export interface Joined<T extends object> {
  /** What the facet's `key` gives for its parts: the name of a variable. */
  readonly key: string;
  /** The fields of all parts together. Where two differ, one is kept and the finding `two-writers` is told. */
  readonly value: T;
  /** Who gave a part; at least one. */
  readonly sources: readonly Source[];
}

/** Makes a facet. */
export function facet<T extends object>(
  id: string,
  key: (part: T) => string,
  ...oneOf: readonly (keyof T & string)[]
): Facet<T> {
  return { id, key, oneOf };
}

/** Who gave the parts, list by list. */
export function sourcesOf(...lists: readonly (readonly Joined<object>[])[]): readonly Source[] {
  const all: Source[] = [];
  for (const list of lists) list.forEach(({ sources }) => all.push(...sources));
  return all;
}
