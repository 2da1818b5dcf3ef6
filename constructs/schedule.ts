import { membersOf, problemsOfOptions } from './kinds';
import type { Problem } from './model/finding';
import { printed, problemOfChoice, problemOfInteger, type Checked } from './values';

/** A day of the week. */
export type Weekday = 'sunday' | 'monday' | 'tuesday' | 'wednesday' | 'thursday' | 'friday' | 'saturday';

/** As cron counts them. */
const DAYS: readonly Weekday[] = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];

/** Hours and minutes of a day. */
const TIME = /^([01]\d|2[0-3]):([0-5]\d)$/;

/** Last day that each month has. */
const LAST_COMMON_DAY = 28;

/** When something starts, again and again. The time zone is said apart. */
export class Schedule implements Checked {
  private constructor(
    /** In five fields, as cron writes it: `30 3 * * 1`. */
    readonly cron: string,
    /** What was given wrongly. What is wrong with the text of `cron` is told by the schema check. */
    readonly problems: readonly Problem[],
  ) {}

  /**
   * Once an hour.
   * @param options - `minute`: 0 to 59, 0 where it is left out
   */
  static hourly(options: { readonly minute?: number } = {}): Schedule {
    const { minute = 0 } = membersOf(options);
    const unread = problemsOfOptions('schedule', options, { minute: true }, '{ minute: 30 }');
    return new Schedule(`${minute} * * * *`, [...problemOfInteger('schedule.minute', minute, 0, 59), ...unread]);
  }

  /**
   * Once a day. Where clocks are changed, an hour of the night comes twice or not at all, and so does a run in it.
   * @param options - `at`: `03:30`, from `00:00` to `23:59`
   */
  static daily(options: { readonly at: string }): Schedule {
    const { at } = membersOf(options);
    const unread = problemsOfOptions('schedule', options, { at: true }, "{ at: '03:30' }");
    return new Schedule(`${fieldsOf(at)} * * *`, [...problemsOfTime(at), ...unread]);
  }

  /**
   * Once a week.
   * @param options - `on`: `monday`; `at`: `03:30`, from `00:00` to `23:59`
   */
  static weekly(options: { readonly on: Weekday; readonly at: string }): Schedule {
    const { on, at } = membersOf(options);
    const unread = problemsOfOptions('schedule', options, { on: true, at: true }, "{ on: 'monday', at: '03:30' }");
    const problems = [...problemOfChoice('schedule.on', printable(on), DAYS), ...problemsOfTime(at), ...unread];
    return new Schedule(`${fieldsOf(at)} * * ${DAYS.indexOf(on ?? 'sunday')}`, problems);
  }

  /**
   * Once a month.
   * @param options - `day`: 1 to 28, for a later one is not in every month; `at`: `03:30`, from `00:00` to `23:59`
   */
  static monthly(options: { readonly day: number; readonly at: string }): Schedule {
    const { day = 0, at } = membersOf(options);
    const unread = problemsOfOptions('schedule', options, { day: true, at: true }, "{ day: 1, at: '03:30' }");
    const problems = [...problemOfInteger('schedule.day', day, 1, LAST_COMMON_DAY), ...problemsOfTime(at), ...unread];
    return new Schedule(`${fieldsOf(at)} ${day} * *`, problems);
  }

  /**
   * As cron writes it: minute, hour, day of month, month, day of week. Names (`mon-fri`, `jan`), steps (`0-59/5`) and
   * `@daily` are read as the standard parser of github.com/robfig/cron v3 reads them, which Kubernetes uses.
   */
  static cron(text: string): Schedule {
    return new Schedule(text, []);
  }
}

/** Minute and hour of a time; those of midnight where it is none. */
function fieldsOf(at: string | undefined): string {
  const [, hour, minute] = TIME.exec(String(at)) ?? [];
  return `${Number(minute ?? 0)} ${Number(hour ?? 0)}`;
}

function problemsOfTime(at: unknown): readonly Problem[] {
  if (typeof at === 'string' && TIME.test(at)) return [];
  return [
    {
      code: 'bad-time',
      message: 'The time of the schedule is none.',
      field: 'schedule.at',
      got: printed(at),
      allowed: 'hours and minutes from 00:00 to 23:59',
      fix: 'Write it as 03:30.',
    },
  ];
}

/** A choice that was left out is wrong, too. */
function printable(value: unknown): string {
  return typeof value === 'string' ? value : printed(value);
}
