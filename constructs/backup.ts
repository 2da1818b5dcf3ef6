import type { Duration } from 'cdk8s';
import type { BackupFacts } from './derive/stores/store';
import type { Problem } from './model/finding';
import { DURATION, kindOf, membersOf, problemsOfKind, problemsOfOptions, soundOf } from './kinds';
import { problemOfInteger, type Checked } from './values';

/** When a backup is made and how long it is kept. */
export interface BackupOptions {
  /** How long each backup is kept: whole days, 1 to 3650. @defaultValue 14 days */
  readonly keep?: Duration;
  /** Time of day in UTC, `HH:MM`. @defaultValue '02:00' */
  readonly at?: string;
}

const OPTIONS: Readonly<Record<keyof BackupOptions, true>> = { keep: true, at: true };

const TIME = /^([01]\d|2[0-3]):([0-5]\d)$/;
const DEFAULT_KEEP_DAYS = 14;
const DEFAULT_TIME = '02:00';

/** A backup that is made by itself. What makes it, and where it is kept, the environment's back end decides. */
export class Backup implements Checked {
  private constructor(
    /** The schedule and the retention. */
    readonly facts: BackupFacts,
    /** What was given wrongly; empty where all is well. */
    readonly problems: readonly Problem[],
  ) {}

  /** One a day. */
  static daily(options: BackupOptions = {}): Backup {
    return Backup.#at('* * *', options);
  }

  /** One a week, on Sundays. */
  static weekly(options: BackupOptions = {}): Backup {
    return Backup.#at('* * 0', options);
  }

  static #at(days: string, options: BackupOptions): Backup {
    const { keep, at = DEFAULT_TIME } = membersOf(options);
    const keepDays = soundOf(keep, DURATION)?.toDays({ integral: false }) ?? DEFAULT_KEEP_DAYS;
    const time = TIME.exec(String(at));
    const [, hour = '2', minute = '0'] = time ?? [];
    return new Backup({ schedule: `${Number(minute)} ${Number(hour)} ${days}`, keepDays }, [
      ...problemsOfOptions('backup', options, OPTIONS, '{ keep: Duration.days(30) }'),
      ...problemsOfKind('backup.keep', keep, DURATION),
      ...problemOfInteger('backup.keep in days', keepDays, 1, 3650),
      ...(time === null ? [badTime(at)] : []),
    ]);
  }
}

/** Those, of whichever copy of the kit. */
export const BACKUP = kindOf(Backup, 'Backup.daily({ keep: Duration.days(30) })');

function badTime(at: string): Problem {
  return {
    code: 'bad-time',
    message: `${JSON.stringify(at)} is no time of day.`,
    field: 'backup.at',
    got: JSON.stringify(at),
    allowed: '00:00 to 23:59',
    fix: 'Write it with two digits each: 02:30.',
  };
}
