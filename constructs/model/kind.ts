import type { IConstruct } from 'constructs';
import type { Problem } from './finding';
import { isDeferred } from './known-later';
import { printed } from './printed';

/**
 * A kind of value that a prop or a verb takes. Types rule others out where they are checked; a program is loaded without
 * that, so what takes a value asks here, and goes on without it.
 */
export interface Kind<T> {
  /** With its article: `a Duration`. */
  readonly wanted: string;
  /** How one is written: `Duration.seconds(5)`. */
  readonly example: string;
  /** True for a value of the kind. It is asked often, so it looks at properties and makes nothing. */
  readonly is: (value: unknown) => value is T;
}

/** True for what has properties that may be looked at. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  // What is known only later may be a proxy that answers every question.
  return typeof value === 'object' && value !== null && !isDeferred(value);
}

/** True for what is no text, and for one that says nothing. */
export function saysNothing(text: unknown): boolean {
  return typeof text !== 'string' || text.trim() === '';
}

/** Constructs, of whatever kind. */
export const CONSTRUCT: Kind<IConstruct> = {
  wanted: 'a construct',
  example: 'the construct itself, such as the Microservice orders',
  is: (value): value is IConstruct => isObject(value) && isObject(value['node']),
};

/** Constructs that others know by a property which they have. */
export function constructWith<T extends IConstruct>(
  wanted: string,
  example: string,
  has: (construct: Partial<T>) => boolean,
): Kind<T> {
  return { wanted, example, is: (value): value is T => CONSTRUCT.is(value) && has(value as Partial<T>) };
}

/** What is told of a value of another kind. */
export function wrongKind(field: string, value: unknown, { wanted, example }: Kind<unknown>): Problem {
  return {
    code: 'bad-value',
    message: `${field} wants ${wanted}.`,
    field,
    got: value === undefined ? 'nothing' : printed(value),
    allowed: wanted,
    fix: `Give ${wanted}: ${example}.`,
  };
}
