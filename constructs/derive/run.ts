import { setting } from '../model/setting';

/** A run that ends: once, or again and again by a schedule. */
export interface RunFacts {
  /** When it starts. Without one it starts as soon as it is there: a Job, else a CronJob. */
  readonly schedule?: ScheduleFacts;
  /** How long it may take, all retries included, in seconds. @defaultValue by the setting `deadlineSeconds` */
  readonly deadlineSeconds?: number;
  /** How often it is started again after a failure. @defaultValue by the setting `retries` */
  readonly retries?: number;
  /** Exit codes of the main container that end the run at once: no retry would help. 1 to 255, in ascending order. */
  readonly fatalExitCodes: readonly number[];
  /** How many pods have to end well. Above 1, each has an index of its own. */
  readonly completions: number;
  /** How many of them run at once; at most `completions`. */
  readonly parallelism: number;
  /** Seconds after its end at which it is deleted. @defaultValue never */
  readonly deletedAfterSeconds?: number;
}

/** When a run starts. */
export interface ScheduleFacts {
  /** Five fields or a name, as the standard parser of github.com/robfig/cron v3 reads them. */
  readonly cron: string;
  /** Name in the time zone database: `Europe/Berlin`. @defaultValue by the setting `timeZone` */
  readonly timeZone?: string;
  /** What happens where the run before has not ended: `Forbid` skips this one, `Replace` ends that one. */
  readonly concurrency: 'Forbid' | 'Replace' | 'Allow';
  /** Never by itself: people start a run of it, `kubectl create job --from`. @defaultValue false */
  readonly onDemand?: true;
  /** Seconds after its time at which a run that could not start is skipped. @defaultValue none: it starts late */
  readonly startingDeadlineSeconds?: number;
  /** How many Jobs that ended well are kept. */
  readonly keptSuccesses: number;
  /** How many Jobs that failed are kept. */
  readonly keptFailures: number;
}

/** How long a run may take where nothing is said. A Job without a deadline hangs for as long as its process does. */
export const Deadline = setting<number>({
  id: 'deadlineSeconds',
  schema: { type: 'integer', minimum: 1, maximum: 2 ** 31 - 1, description: 'Seconds that a task may take in all.' },
  byTier: () => 3600,
});

/** How often a run is started again after a failure. */
export const Retries = setting<number>({
  id: 'retries',
  schema: { type: 'integer', minimum: 0, maximum: 1000, description: 'How often a failed task is started again.' },
  byTier: () => 3,
});

/**
 * Time zone of schedules. It is always written: without one the zone is that of the machine which the controller runs on
 * (Kubernetes 1.36, CronJob, "Time zones").
 */
export const TimeZone = setting<string>({
  id: 'timeZone',
  schema: { type: 'string', description: 'Time zone of schedules: Europe/Berlin.' },
  byTier: () => 'Etc/UTC',
});

/** Keeps runs from starting: for an environment that is to be still. */
export const Suspended = setting<boolean>({
  id: 'suspended',
  schema: { type: 'boolean', description: 'Keeps tasks from being started.' },
  byTier: () => false,
});

/**
 * Most pods of a run that count at once. A new version of a task starts while the earlier one still runs, and so does the
 * next run of a schedule that does not forbid it.
 */
export function mostPodsOfRun({ parallelism, schedule }: RunFacts): number {
  return parallelism * (schedule?.concurrency === 'Forbid' ? 1 : 2);
}
