import type { Duration } from 'cdk8s';
import { DEFAULT_FINISH_SECONDS } from './derive/pod-template';

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

/** Drain time where nothing is said, in seconds. */
const DEFAULT_DRAIN_SECONDS = 5;

/**
 * How a pod ends. The pod's grace period is computed as drain + finish, so that the two can never disagree (a grace
 * period shorter than the drain would kill the process before it got the signal).
 */
export class Shutdown {
  private constructor(
    /** Seconds before the signal. */
    readonly drainSeconds: number,
    /** Seconds after the signal. */
    readonly finishSeconds: number,
  ) {}

  /** Drains, then stops. */
  static graceful(options: ShutdownOptions = {}): Shutdown {
    return new Shutdown(options.drain?.toSeconds() ?? DEFAULT_DRAIN_SECONDS, options.finish?.toSeconds() ?? DEFAULT_FINISH_SECONDS);
  }

  /** Stops at the signal and drains nothing: for what takes no traffic. */
  static prompt(finish?: Duration): Shutdown {
    return new Shutdown(0, finish?.toSeconds() ?? DEFAULT_FINISH_SECONDS);
  }
}
