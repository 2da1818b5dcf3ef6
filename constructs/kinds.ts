import type { Duration } from 'cdk8s';
import { isDeferred } from './model/deferred';
import type { Problem } from './model/finding';
import { isObject, wrongKind, type Kind } from './model/kind';
import type { CpuAmount, SizeAmount } from './amounts';
import { problemOfInteger, unknownProps, withArticle, type Checked, type Percent } from './values';

const NONE: readonly never[] = [];

/** The values of a class, and of its namesake in another copy of the kit. */
export function kindOf<T extends object>(
  made: { readonly name: string; readonly prototype: T },
  example: string,
): Kind<T> {
  const is = (value: unknown): value is T =>
    isObject(value) &&
    (Object.prototype.isPrototypeOf.call(made.prototype, value) || value.constructor?.name === made.name);
  return { wanted: withArticle(made.name), example, is };
}

/** Times. By shape, so that no copy of cdk8s has to be loaded, and any will do. */
export const DURATION: Kind<Duration> = {
  wanted: 'a Duration',
  example: 'Duration.seconds(5)',
  is: (value): value is Duration => isObject(value) && typeof value['toMilliseconds'] === 'function',
};

/** Shares. What they may be is checked by who takes them. */
export const PERCENT: Kind<Percent> = {
  wanted: 'a Percent',
  example: 'Percent.of(99)',
  is: (value): value is Percent => isObject(value) && 'value' in value,
};

/** Amounts of memory. */
export const SIZE: Kind<SizeAmount> = {
  wanted: 'a Size',
  example: 'Size.mebibytes(1)',
  is: (value): value is SizeAmount => isObject(value) && typeof value['asString'] === 'function',
};

/** Amounts of CPU. */
export const CPU: Kind<CpuAmount> = {
  wanted: 'a Cpu',
  example: 'Cpu.millis(500)',
  is: (value): value is CpuAmount => isObject(value) && typeof value['amount'] === 'string',
};

/** A size as a quantity; undefined where it is none, which `problemsOfKind` tells. */
export function quantityOf(size: SizeAmount | undefined): string | undefined {
  return soundOf(size, SIZE)?.asString();
}

/** Lists, of texts mostly. */
export const LIST: Kind<readonly string[]> = {
  wanted: 'a list',
  example: "['serve', '--fast']",
  is: (value): value is readonly string[] => Array.isArray(value) || isDeferred(value),
};

/** Plain objects with members that are named, as they are written in the example. */
export function objectLike<T extends object>(example: string): Kind<T> {
  return { wanted: 'an object', example, is: (value): value is T => hasMembers(value) };
}

function hasMembers(value: unknown): value is Readonly<Record<string, unknown>> {
  return isObject(value) && !Array.isArray(value);
}

/** The value where it is one of the kind; what else was given is told by `problemsOfKind`. */
export function soundOf<T>(value: T | undefined, kind: Kind<T>): T | undefined {
  return kind.is(value) ? value : undefined;
}

/** A value of another kind than the field takes; nothing where none is given. */
export function problemsOfKind(field: string, value: unknown, kind: Kind<unknown>): readonly Problem[] {
  return value === undefined || kind.is(value) ? NONE : [wrongKind(field, value, kind)];
}

/** What is wrong with a value that may have been given wrongly: it is of another kind, or has problems of its own. */
export function problemsOfValue(field: string, value: unknown, kind: Kind<Checked>): readonly Problem[] {
  return value === undefined ? NONE : problemsOfNeededValue(field, value, kind);
}

/** The same for one that has to be given. */
export function problemsOfNeededValue(field: string, value: unknown, kind: Kind<Checked>): readonly Problem[] {
  return kind.is(value) ? value.problems : [wrongKind(field, value, kind)];
}

/** As `problemsOfKind`, for what has to be given. */
export function problemsOfNeeded(field: string, value: unknown, kind: Kind<unknown>): readonly Problem[] {
  return kind.is(value) ? NONE : [wrongKind(field, value, kind)];
}

/** Options as an object, whose members may be wrong still: none where there is no object. */
export function membersOf<T extends object>(options: T | undefined): Partial<T> {
  return hasMembers(options) ? options : {};
}

/** Options that are no object, or have members that nobody reads. */
export function problemsOfOptions(
  field: string,
  options: unknown,
  known: Readonly<Record<string, true>>,
  example: string,
): readonly Problem[] {
  const kind = objectLike(example);
  return kind.is(options) ? unknownProps(options, known, `${field}.`) : [wrongKind(field, options, kind)];
}

/** Between which times a time has to be, in whole units. */
export interface TimeRange {
  /** In which both are counted. */
  readonly unit: 'ms' | 's';
  /** The least. */
  readonly min: number;
  /** The most. */
  readonly max: number;
}

/** What a proxy is told to wait: at most a day. */
const WAIT: TimeRange = { unit: 'ms', min: 1, max: 24 * 3600 * 1000 };

/** Milliseconds of a time; the other number where none can be read, which `problemsOfTime` tells. */
export function millisecondsOf<T extends number | undefined>(time: Duration | undefined, otherwise: T): number | T {
  return DURATION.is(time) ? time.toMilliseconds({ integral: false }) : otherwise;
}

/** Seconds of a time; the other number where none can be read. */
export function secondsOf<T extends number | undefined>(time: Duration | undefined, otherwise: T): number | T {
  return DURATION.is(time) ? time.toMilliseconds({ integral: false }) / 1000 : otherwise;
}

/** Whole seconds from one to so many. */
export function upToSeconds(max: number, min = 1): TimeRange {
  return { unit: 's', min, max };
}

/** A time that is none, or not in the range; nothing where none is given. */
export function problemsOfTime(field: string, time: unknown, range: TimeRange = WAIT): readonly Problem[] {
  return time === undefined ? NONE : problemsOfNeededTime(field, time, range);
}

/** The same for a time that has to be given. */
export function problemsOfNeededTime(field: string, time: unknown, range: TimeRange = WAIT): readonly Problem[] {
  if (!DURATION.is(time)) return [wrongKind(field, time, DURATION)];
  const { unit, min, max } = range;
  return problemOfInteger(field, unit === 's' ? secondsOf(time, 0) : millisecondsOf(time, 0), min, max, unit);
}

/** A share that is none, or not from 1 % to so many; nothing where none is given. */
export function problemsOfShare(field: string, share: unknown, most = 100): readonly Problem[] {
  return share === undefined ? NONE : problemsOfNeededShare(field, share, most);
}

/** The same for a share that has to be given. */
export function problemsOfNeededShare(field: string, share: unknown, most = 100): readonly Problem[] {
  if (!PERCENT.is(share)) return [wrongKind(field, share, PERCENT)];
  return problemOfInteger(field, share.value, 1, most, '%');
}
