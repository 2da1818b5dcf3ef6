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
  readonly to: IConstruct;
  readonly part: T;
  readonly source: Source;
}

/** All parts of one key, joined field by field. */
export interface Joined<T extends object> {
  readonly key: string;
  readonly value: T;
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
