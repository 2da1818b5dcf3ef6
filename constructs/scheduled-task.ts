import type { Duration } from 'cdk8s';
import type { Construct } from 'constructs';
import { AnyTask } from './any-task';
import type { ScheduleFacts } from './derive/run';
import type { Problem } from './model/finding';
import { kindOf, problemsOfNeededValue, problemsOfTime, soundOf, secondsOf, upToSeconds } from './kinds';
import { given } from './model/given';
import { report } from './model/recorder';
import { propsOf, type Needs } from './props';
import { MAX_SECONDS, RUN_NEEDS, RUN_PROPS, runFacts, type RunProps } from './run-props';
import { Schedule } from './schedule';
import { problemOfChoice, problemOfInteger, unknownProps } from './values';

/** What happens where a run is due and the one before has not ended. */
export type Concurrency = 'forbid' | 'replace' | 'allow';

/** How many ended Jobs are kept, with their pods and logs. */
export interface History {
  /** Those that ended well, 0 to 100. @defaultValue 3 */
  readonly successes?: number;
  /** Those that failed, 0 to 100. @defaultValue 1 */
  readonly failures?: number;
}

/** What a scheduled task is told. */
export interface ScheduledTaskProps extends RunProps {
  /** When it runs: `Schedule.daily({ at: '03:30' })`. */
  readonly schedule: Schedule;
  /** Name in the time zone database: `Europe/Berlin`. @defaultValue by the setting `timeZone`: `Etc/UTC` */
  readonly timeZone?: string;
  /**
   * What happens where a run is due and the one before has not ended: `forbid` leaves the new one out, `replace` ends the
   * old one, `allow` lets both run.
   * @defaultValue 'forbid'
   */
  readonly concurrency?: Concurrency;
  /**
   * A run that could not start within this time is left out. Whole seconds, at least 10 s: the controller looks every ten
   * seconds (Kubernetes 1.36, "CronJob", Deadline for delayed Job start).
   * @defaultValue none: it starts late
   */
  readonly startingDeadline?: Duration;
  /** How many ended Jobs are kept. @defaultValue those of Kubernetes 1.36: three that ended well, one that failed */
  readonly history?: History;
}

/** Defaults, for code, docs and tests alike. */
export const SCHEDULED_TASK_DEFAULTS = {
  concurrency: 'forbid',
  history: { successes: 3, failures: 1 },
} as const;

/**
 * Work that is done again and again, by a schedule: a CronJob.
 *
 * The failures that it prevents: two runs at once, a schedule in the time zone of some machine, a run that hangs and
 * keeps all later ones from starting.
 *
 * Errors: `bad-schedule`, `bad-time`, `bad-time-zone`, `out-of-range`, `unknown-choice`, `bad-name` (more than 52
 * characters), `suspended-in-production` as a warning.
 *
 * @example
 * ```ts
 * new ScheduledTask(ordering, 'expire-carts', {
 *   image: 'ghcr.io/acme/orders:1.4.2',
 *   args: ['expire-carts'],
 *   schedule: Schedule.daily({ at: '03:30' }),
 *   timeZone: 'Europe/Berlin',
 * });
 * ```
 */
export class ScheduledTask extends AnyTask {
  constructor(scope: Construct, id: string, props: ScheduledTaskProps) {
    super(scope, id, (task) => {
      const said = propsOf(task, props, NEEDS);
      const { problems, ...schedule } = scheduleFacts(said);
      for (const problem of problems) report(task, problem);
      return runFacts(task, said, PROPS, { schedule });
    });
  }
}

const PROPS: Readonly<Record<keyof ScheduledTaskProps, true>> = {
  ...RUN_PROPS,
  schedule: true,
  timeZone: true,
  concurrency: true,
  startingDeadline: true,
  history: true,
};

const DAILY = Schedule.daily({ at: '03:30' });
const SCHEDULE = kindOf(Schedule, "Schedule.daily({ at: '03:30' })");

const NEEDS: Needs<ScheduledTaskProps> = {
  needed: ['image', 'schedule'],
  example: "{ image: 'ghcr.io/acme/orders:1.4.2', schedule: Schedule.daily({ at: '03:30' }) }",
  instead: { ...RUN_NEEDS.instead, schedule: DAILY },
};

const POLICIES: Readonly<Record<Concurrency, ScheduleFacts['concurrency']>> = {
  forbid: 'Forbid',
  replace: 'Replace',
  allow: 'Allow',
};

const HISTORY: Readonly<Record<keyof History, true>> = { successes: true, failures: true };

/** Most ended Jobs that are kept of each sort. */
const MOST_KEPT = 100;

function scheduleFacts(props: ScheduledTaskProps): ScheduleFacts & { readonly problems: readonly Problem[] } {
  const { cron } = soundOf(props.schedule, SCHEDULE) ?? DAILY;
  const { timeZone, concurrency = SCHEDULED_TASK_DEFAULTS.concurrency, history = {} } = props;
  const { successes, failures } = { ...SCHEDULED_TASK_DEFAULTS.history, ...history };
  return {
    cron,
    concurrency: POLICIES[concurrency] ?? 'Forbid',
    keptSuccesses: successes,
    keptFailures: failures,
    ...given({ timeZone, startingDeadlineSeconds: secondsOf(props.startingDeadline, undefined) }),
    problems: [
      ...problemsOfNeededValue('schedule', props.schedule, SCHEDULE),
      ...problemsOfTime('startingDeadline', props.startingDeadline, upToSeconds(MAX_SECONDS, 10)),
      ...problemOfChoice('concurrency', concurrency, Object.keys(POLICIES)),
      ...problemOfInteger('history.successes', successes, 0, MOST_KEPT),
      ...problemOfInteger('history.failures', failures, 0, MOST_KEPT),
      ...unknownProps(history, HISTORY),
    ],
  };
}
