import type { Duration } from 'cdk8s';
import type { Problem } from '../model/finding';
import { problemsOfNeededTime, secondsOf, upToSeconds } from '../kinds';
import type { Checked } from '../values';

const YEAR = upToSeconds(365 * 24 * 3600);

/**
 * How long answers of a route may be kept (RFC 9111, section 5.2.2). The gateway writes the header; it keeps nothing.
 * A time is written into answers below 400 of which the service says nothing; errors are never to be kept for a time.
 */
export class CacheControl implements Checked {
  private constructor(
    /** As fact: the value of the header. */
    readonly facts: string,
    /** What was given wrongly. */
    readonly problems: readonly Problem[],
  ) {}

  /** Anybody on the way may keep them so long: a content delivery network, a browser. 1 s to 1 year, whole seconds. */
  static shared(time: Duration): CacheControl {
    return CacheControl.kept('public', time);
  }

  /** Only who asked may keep them so long: a browser. 1 s to 1 year, whole seconds. */
  static private(time: Duration): CacheControl {
    return CacheControl.kept('private', time);
  }

  /** Nobody keeps them, whatever the service says. */
  static never(): CacheControl {
    return new CacheControl('no-store', []);
  }

  private static kept(by: string, time: Duration): CacheControl {
    const seconds = secondsOf(time, 0);
    return new CacheControl(`${by}, max-age=${seconds}`, problemsOfNeededTime('cache', time, YEAR));
  }
}
