import type { Problem } from './model/finding';
import { printed, withArticle } from './model/printed';
import { suggestion } from './suggestion';

export { printed, withArticle };

/**
 * A value that may have been given wrongly. It is built without throwing, and the construct that takes it reports its
 * problems with its own path, so that all of them are told at once.
 */
export interface Checked {
  /** What was given wrongly; empty where all is well. */
  readonly problems: readonly Problem[];
}

const NONE: readonly never[] = [];

/** Units of numbers in findings, in words. */
const UNITS = { '': 'number', ms: 'number of milliseconds', s: 'number of seconds', '%': 'percent' } as const;

/** A whole number in a range, or a problem that names the field. */
export function problemOfInteger(
  field: string,
  value: unknown,
  min: number,
  max: number,
  unit: keyof typeof UNITS = '',
): readonly Problem[] {
  if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) return NONE;
  const sign = unit === '' ? '' : ` ${unit}`;
  return [
    {
      code: 'out-of-range',
      message: `${field} is not a whole ${UNITS[unit]} from ${min} to ${max}.`,
      field,
      got: `${printed(value)}${sign}`,
      allowed: `${min}${sign} to ${max}${sign}`,
      fix: `Choose a whole ${UNITS[unit]} in that range.`,
    },
  ];
}

/** Highest user id (Linux: 32 bits; Kubernetes 1.36 refuses negative ones). */
const MAX_USER = 2 ** 31 - 1;

/** What is wrong with a user that processes are to run as; nothing where none is given. */
export function problemsOfUser(user: number | undefined): readonly Problem[] {
  return user === undefined ? NONE : problemOfInteger('user', user, 1, MAX_USER);
}

/** An empty list of addresses: to a network policy it would mean everybody. */
export function noAddresses(field: string): Problem {
  return {
    code: 'no-addresses',
    message: 'The list of addresses is empty, which a network policy takes for everybody.',
    field,
    got: 'no addresses',
    allowed: 'at least one CIDR',
    fix: 'Name the addresses, or leave the whole statement out.',
  };
}

/**
 * Props that nobody reads. Types rule them out where they are checked; a program is loaded without that, and in
 * JavaScript there are none.
 * @param prefix - where they stand, with its dot: `rollout.`
 */
export function unknownProps(props: object, known: Readonly<Record<string, true>>, prefix = ''): readonly Problem[] {
  const unknown = Object.keys(props).filter((name) => known[name] !== true);
  if (unknown.length === 0) return NONE;
  return unknown.map((name) => ({
    code: 'unknown-prop',
    message: `There is no prop called ${name}.`,
    field: `${prefix}${name}`,
    got: name,
    allowed: suggestion(name, Object.keys(known)),
    fix: 'Correct the name, or leave it out.',
  }));
}

/** What is wrong with a folder of a container. */
export function problemsOfFolder(folder: string): readonly Problem[] {
  if (folder.startsWith('/')) return [];
  return [
    {
      code: 'bad-folder',
      message: 'The folder is no absolute path.',
      field: 'folder',
      got: folder,
      allowed: 'a path such as /etc/orders',
      fix: 'Start it with a slash.',
    },
  ];
}

/** A text that is none of those that are known; nothing where none is given. */
export function problemOfChoice(
  field: string,
  value: string | undefined,
  choices: readonly string[],
): readonly Problem[] {
  if (value === undefined || choices.includes(value)) return NONE;
  return [
    {
      code: 'unknown-choice',
      message: `${field} cannot be ${printed(value)}.`,
      field,
      got: printed(value),
      allowed: choices.join(', '),
      fix: 'Choose one of them.',
    },
  ];
}

/** A share in percent. What takes it says which shares it admits. */
export class Percent {
  private constructor(
    /** 70 for 70 %. */
    readonly value: number,
  ) {}

  /**
   * Takes the number before the percent sign. No range is checked here.
   * @param value - 70 for 70 %
   */
  static of(value: number): Percent {
    return new Percent(value);
  }
}

/**
 * An amount of CPU. It has the shape of the `Cpu` of cdk8s-plus-27, which is accepted wherever this is; this one loads
 * without the 40,000 lines behind that one.
 */
export class Cpu {
  private constructor(
    /** As a Kubernetes quantity: `500m` is half a core, `2` are two. */
    readonly amount: string,
  ) {}

  /** Thousandths of a core. */
  static millis(amount: number): Cpu {
    return new Cpu(`${amount}m`);
  }

  /** Whole cores. */
  static units(amount: number): Cpu {
    return new Cpu(String(amount));
  }
}
