import type { IConstruct } from 'constructs';
import { hasMembers, wrongKind } from './model/kind';
import { reportAt } from './model/recorder';
import { HIDDEN } from './model/secrecy';
import { calledAt } from './model/source';

/** What props or options are, where none are given or what is given is no object. */
export interface Needs<T extends object = object> {
  /** Those that have to be given. */
  readonly needed: readonly string[];
  /** How they are written: `{ image: 'ghcr.io/acme/orders:1.4.2' }`. */
  readonly example: string;
  /** A text in their place may be a secret, and is not repeated. */
  readonly hides?: true;
  /**
   * What it goes on with, so that the rest of the program is told and nothing is told twice. None of it is ever written:
   * a plan with an error is not.
   */
  readonly instead: Partial<T>;
}

/** An image that nothing is wrong with. */
export const SOME_IMAGE = 'ghcr.io/acme/app:1.0.0';

/** What has no props that have to be given. */
export function needsNothing(example: string): Needs {
  return { needed: [], example, instead: {} };
}

/** A method that the program called, for `made` and `asked`. */
export function methodOf<T extends object>(owner: T, name: keyof T): object {
  return owner[name] as object;
}

/** Props as they were given, or what stands in for them. */
export function propsOr<T extends object>(props: T, { instead }: Needs<NoInfer<T>>): T {
  return hasMembers(props) ? props : (instead as T);
}

/**
 * Tells props that are no object, with the line of the program.
 * @param made - what the program called: it and all that it calls are no place of the program
 * @returns whether that was told, so that what follows from it is not told as well
 */
export function tellProps(at: IConstruct, props: unknown, needs: Needs, made: object = at.constructor): boolean {
  return tell(at, props, needs, { field: 'props', wants: at.constructor.name, asked: made });
}

/** `tellProps`, and what `propsOr` gives. */
export function propsOf<T extends object>(at: IConstruct, props: T, needs: Needs<NoInfer<T>>, made?: object): T {
  tellProps(at, props, needs, made);
  return propsOr(props, needs);
}

/** The same for the options of a verb. */
export function tellOptions<C extends IConstruct>(
  at: C,
  verb: keyof C & string,
  options: unknown,
  needs: Needs,
): boolean {
  return tell(at, options, needs, { field: verb, wants: verb, asked: methodOf(at, verb) });
}

interface Place {
  readonly field: string;
  readonly wants: string;
  /** A function or a class. */
  readonly asked: object;
}

function tell(at: IConstruct, value: unknown, { needed, example, hides }: Needs, place: Place): boolean {
  if (hasMembers(value)) return false;
  const { field, wants, asked } = place;
  const wanted = needed.length === 0 ? 'an object' : `an object with ${inWords(needed)}`;
  const wrong = { ...wrongKind(field, value, { wanted, example }), message: `${wants} wants ${wanted}.` };
  const isHidden = hides === true && typeof value === 'string';
  const problem = isHidden ? { ...wrong, got: `a text ${HIDDEN}` } : wrong;
  reportAt(at, problem, calledAt(field, at.node.path, asked as () => unknown));
  return true;
}

function inWords(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}
