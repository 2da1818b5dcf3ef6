import type { IConstruct } from 'constructs';
import { given } from './given';
import type { Kind } from './kind';
import type { Source } from './source';

/** A kind of edge between two constructs, declared beside its pattern. */
export interface Relation<From extends IConstruct, To extends IConstruct, F> {
  /** The verb: `calls`, `reads`; an extension prefixes it: `acme.delays`. */
  readonly id: string;
  /** What tells two edges of one pair apart: a port, a group. */
  key(facts: Readonly<F>): string;
  /** What may be spoken of. What else a program gives is told (`bad-value`). @defaultValue any construct */
  readonly takes?: Kind<To>;
  /** Never set. It ties the id to the types of both ends. */
  readonly ends?: (from: From, to: To) => F;
}

/** One edge. */
export interface Edge<From extends IConstruct, To extends IConstruct, F> {
  /** Id of its relation: `calls`. */
  readonly kind: string;
  /** Who spoke: the caller. */
  readonly from: From;
  /** What was spoken of: the callee. */
  readonly to: To;
  /** What the relation's `key` gives for the facts: a port. Empty where a pair has one edge only. */
  readonly key: string;
  /** What was said about this one edge. Plain data: do not change it. */
  readonly facts: Readonly<F>;
  /** The line of the program that said it. */
  readonly source: Source;
}

/**
 * Makes a relation kind.
 * @param key - which part of the facts tells two edges of one pair apart; `() => ''` where there can be one only
 * @param takes - what may be spoken of; any construct where left out
 */
export function relation<From extends IConstruct, To extends IConstruct, F>(
  id: string,
  key: (facts: Readonly<F>) => string,
  takes?: Kind<To>,
): Relation<From, To, F> {
  return { id, key, ...given({ takes }) };
}
