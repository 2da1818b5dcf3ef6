import type { DeprecationFacts } from '../derive/gateway/facts';
import { membersOf, problemsOfOptions } from '../kinds';
import type { Problem } from '../model/finding';
import { given } from '../model/given';
import { printed, type Checked } from '../values';
import { problemsOfHttps } from './checks';

/** More about a route that is about to go. */
export interface DeprecationOptions {
  /** Day on which it stops answering: `2027-01-31`. Not before it became deprecated. @defaultValue nobody knows yet */
  readonly sunset?: string;
  /** Where people read about it, over https. @defaultValue nowhere */
  readonly link?: string;
  /** What takes its place, over https (RFC 5829, section 3.3). @defaultValue nothing */
  readonly successor?: string;
}

const OPTIONS: Readonly<Record<keyof DeprecationOptions, true>> = { sunset: true, link: true, successor: true };

const DAY = /^\d{4}-\d{2}-\d{2}$/;

/**
 * Tells clients that a route is about to go: the headers `Deprecation` (RFC 9745), `Sunset` (RFC 8594) and `Link`
 * (RFC 8288) of its answers. It still answers.
 */
export class Deprecation implements Checked {
  private constructor(
    /** As facts. */
    readonly facts: DeprecationFacts,
    /** What was given wrongly. */
    readonly problems: readonly Problem[],
  ) {}

  /**
   * Deprecated since a day, or from a day to come.
   * @param day - `2026-09-01`; it begins at midnight UTC
   */
  static since(day: string, options: DeprecationOptions = {}): Deprecation {
    const { sunset, link, successor } = membersOf(options);
    const since = secondsOf(day);
    const end = sunset === undefined ? undefined : secondsOf(sunset);
    const problems = [
      ...problemsOfDay('deprecation.since', day, since),
      ...(sunset === undefined ? [] : problemsOfDay('deprecation.sunset', sunset, end)),
      ...(end !== undefined && since !== undefined && end < since ? [early(day, sunset ?? '')] : []),
      ...problemsOfLink('deprecation.link', link),
      ...problemsOfLink('deprecation.successor', successor),
      ...problemsOfOptions('deprecation', options, OPTIONS, "{ sunset: '2027-01-31' }"),
    ];
    return new Deprecation({ since: since ?? 0, ...given({ sunset: end, link, successor }) }, problems);
  }
}

/** Seconds since 1970 at which a day begins; undefined where there is no such day. */
function secondsOf(day: string): number | undefined {
  const ms = DAY.test(day) ? Date.parse(`${day}T00:00:00Z`) : Number.NaN;
  // 2026-02-30 is taken for a day of March by some.
  return Number.isNaN(ms) || new Date(ms).toISOString().slice(0, 10) !== day ? undefined : ms / 1000;
}

function problemsOfDay(field: string, day: string, seconds: number | undefined): readonly Problem[] {
  if (seconds !== undefined) return [];
  return [
    {
      code: 'bad-day',
      message: `${printed(day)} is no day.`,
      field,
      got: printed(day),
      allowed: 'a day such as 2027-01-31',
      fix: 'Write year, month and day with dashes.',
    },
  ];
}

/** It stands between `<` and `>` in a header, where a proxy would take a percent for a variable of its own. */
function problemsOfLink(field: string, address: string | undefined): readonly Problem[] {
  if (address === undefined) return [];
  const problems = problemsOfHttps(field, address);
  if (problems.length > 0 || /^[!-$&-;=?-~]+$/.test(address)) return problems;
  return [
    {
      code: 'bad-header',
      message: `${printed(address)} cannot stand in the header Link.`,
      field,
      got: printed(address),
      allowed: 'an address without spaces, <, > and %',
      fix: 'Give another address of the same page.',
    },
  ];
}

function early(day: string, sunset: string): Problem {
  return {
    code: 'bad-day',
    message: 'The route stops answering before it becomes deprecated (RFC 9745, section 4).',
    field: 'deprecation.sunset',
    got: sunset,
    allowed: `${day} or later`,
    fix: 'Correct one of the days.',
  };
}
