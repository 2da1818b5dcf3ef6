import type { Duration } from 'cdk8s';
import { DEFAULT_SHUTDOWN, type ShutdownFacts } from './derive/pod';
import type { Problem } from './model/finding';
import { problemOfInteger, type Checked } from './values';

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

/** Longest time of each, in seconds. */
const MAX_SECONDS = 3600;

/**
 * How a pod ends. The pod's grace period is computed as drain + finish, so that the two can never disagree (a grace
 * period shorter than the drain would kill the process before it got the signal).
 */
export class Shutdown implements Checked {
  /** What was given wrongly. */
  readonly problems: readonly Problem[];

  private constructor(
    /** The times as facts. */
    readonly facts: ShutdownFacts,
  ) {
    this.problems = [
      ...problemOfInteger('shutdown.drain', facts.drainSeconds, 0, MAX_SECONDS),
      ...problemOfInteger('shutdown.finish', facts.finishSeconds, 0, MAX_SECONDS),
    ];
  }

  /** Drains, then stops. */
  static graceful({ drain, finish }: ShutdownOptions = {}): Shutdown {
    return new Shutdown({
      drainSeconds: secondsOf(drain, DEFAULT_SHUTDOWN.drainSeconds),
      finishSeconds: secondsOf(finish, DEFAULT_SHUTDOWN.finishSeconds),
    });
  }

  /** Stops at the signal and drains nothing. */
  static prompt(finish?: Duration): Shutdown {
    return new Shutdown({ drainSeconds: 0, finishSeconds: secondsOf(finish, DEFAULT_SHUTDOWN.finishSeconds) });
  }
}

function secondsOf(duration: Duration | undefined, otherwise: number): number {
  return duration === undefined ? otherwise : duration.toSeconds({ integral: false });
}
