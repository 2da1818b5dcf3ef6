import type { Duration } from 'cdk8s';
import { DEFAULT_SHUTDOWN, type ShutdownFacts } from './derive/pod';
import type { Problem } from './model/finding';
import { membersOf, problemsOfOptions, problemsOfTime, secondsOf, upToSeconds } from './kinds';
import type { Checked } from './values';

/** How long a pod goes on when it is told to end. */
export interface ShutdownOptions {
  /**
   * Time between the moment at which no new traffic is sent and the signal to stop: what it takes until every proxy
   * and DNS cache has noticed. Whole seconds. @defaultValue 5 s
   */
  readonly drain?: Duration;
  /** Time that the process has after the signal, to finish what it began. Whole seconds. @defaultValue 30 s */
  readonly finish?: Duration;
}

/** Longest time of each: an hour. */
const TIME = upToSeconds(3600, 0);

const OPTIONS: Readonly<Record<keyof ShutdownOptions, true>> = { drain: true, finish: true };

/**
 * How a pod ends. The pod's grace period is computed as drain + finish, so that the two can never disagree (a grace
 * period shorter than the drain would kill the process before it got the signal).
 */
export class Shutdown implements Checked {
  private constructor(
    /** The times as facts. */
    readonly facts: ShutdownFacts,
    /** What was given wrongly. */
    readonly problems: readonly Problem[],
  ) {}

  /** Drains, then stops. */
  static graceful(options: ShutdownOptions = {}): Shutdown {
    const { drain, finish } = membersOf(options);
    const drainSeconds = secondsOf(drain, DEFAULT_SHUTDOWN.drainSeconds);
    const finishSeconds = secondsOf(finish, DEFAULT_SHUTDOWN.finishSeconds);
    return new Shutdown({ drainSeconds, finishSeconds }, [
      ...problemsOfOptions('shutdown', options, OPTIONS, '{ drain: Duration.seconds(5) }'),
      ...problemsOfTime('shutdown.drain', drain, TIME),
      ...problemsOfTime('shutdown.finish', finish, TIME),
    ]);
  }

  /** Stops at the signal and drains nothing. */
  static prompt(finish?: Duration): Shutdown {
    const finishSeconds = secondsOf(finish, DEFAULT_SHUTDOWN.finishSeconds);
    return new Shutdown({ drainSeconds: 0, finishSeconds }, problemsOfTime('shutdown.finish', finish, TIME));
  }
}
