import type { IConstruct } from 'constructs';
import type { Source } from './source';

/** A kind of edge between two constructs, declared beside its pattern. */
export interface Relation<From extends IConstruct, To extends IConstruct, F> {
  /** The verb: `calls`, `reads`; an extension prefixes it: `acme.delays`. */
  readonly id: string;
  /** What tells two edges of one pair apart: a port, a group. */
  key(facts: Readonly<F>): string;
  /** Never set. It ties the id to the types of both ends. */
  readonly ends?: (from: From, to: To) => F;
}

/** One edge. */
export interface Edge<From extends IConstruct, To extends IConstruct, F> {
  readonly kind: string;
  readonly from: From;
  readonly to: To;
  readonly key: string;
  readonly facts: Readonly<F>;
  readonly source: Source;
}

/**
 * Makes a relation kind.
 * @param key - which part of the facts tells two edges of one pair apart; `() => ''` where there can be one only
 */
export function relation<From extends IConstruct, To extends IConstruct, F>(
  id: string,
  key: (facts: Readonly<F>) => string,
): Relation<From, To, F> {
  return { id, key };
}
