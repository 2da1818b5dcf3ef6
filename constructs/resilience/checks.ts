import type { Duration } from 'cdk8s';
import type { Problem } from '../model/finding';
import { printed, type Percent } from '../values';

/** Longest time that a proxy is told to wait: a day. */
const MAX_MS = 24 * 3600 * 1000;

/** Milliseconds of a duration; 0 where none can be read, which is a problem. */
export function millisecondsOf(duration: Duration): number {
  return typeof duration?.toMilliseconds === 'function' ? duration.toMilliseconds({ integral: false }) : 0;
}

/** Seconds of a time; a fraction, or nothing that can be read, is told by whoever checks the number. */
export function secondsOf(time: Duration | undefined, otherwise: number): number {
  return time === undefined ? otherwise : millisecondsOf(time) / 1000;
}

/** A time that is a time: at least a millisecond, at most a day. */
export function problemsOfTime(field: string, ms: number | undefined): readonly Problem[] {
  if (ms === undefined || (Number.isInteger(ms) && ms >= 1 && ms <= MAX_MS)) return [];
  return [
    {
      code: 'out-of-range',
      message: `${field} is no time that can be waited.`,
      field,
      got: `${ms} ms`,
      allowed: '1 ms to 1 day, in whole milliseconds',
      fix: 'Give a Duration in that range, or leave it out.',
    },
  ];
}

/** A share that is a share: above 0, at most 100. */
export function problemsOfShare(field: string, share: Percent): readonly Problem[] {
  const { value } = share;
  if (Number.isInteger(value) && value >= 1 && value <= 100) return [];
  return [
    {
      code: 'out-of-range',
      message: `${field} is no share.`,
      field,
      got: `${printed(value)} %`,
      allowed: '1 to 100 %, in whole percents',
      fix: 'Give Percent.of(50) for a half.',
    },
  ];
}
