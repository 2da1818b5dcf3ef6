import type { Duration } from 'cdk8s';
import type { BreakerFacts } from '../derive/resilience/facts';
import type { Problem } from '../model/finding';
import { given } from '../model/given';
import {
  PERCENT,
  membersOf,
  millisecondsOf,
  problemsOfNeededShare,
  problemsOfOptions,
  problemsOfShare,
  problemsOfTime,
  soundOf,
} from '../kinds';
import { Percent, problemOfInteger, type Checked } from '../values';

/** How long a circuit breaker is open, and for how many at once. */
export interface BreakerOptions {
  /** How long an endpoint is left alone the first time; it grows with each time. @defaultValue 30 s */
  readonly open?: Duration;
  /** Most endpoints that are left alone at once. @defaultValue 50 % */
  readonly maxEjected?: Percent;
  /**
   * Requests that are let through to try when that time is over, 1 to 1000. No mesh does that: it is for the caller's
   * library. @defaultValue a mesh lets all through; libraries 3, where they can be told
   */
  readonly trials?: number;
}

/** The most trials of a half-open breaker. */
const MOST_TRIALS = 1000;

/** When a rate of failures opens the breaker. */
export interface FailureRateOptions extends BreakerOptions {
  /** Time over which failures are counted. @defaultValue 10 s */
  readonly within?: Duration;
  /** Fewer requests than these in that time say nothing. @defaultValue 10 */
  readonly minimumRequests?: number;
}

const OPEN_MS = 30_000;
const WITHIN_MS = 10_000;
const HALF = Percent.of(50);

/**
 * Leaves endpoints alone that fail. The mesh does it for each endpoint, as each proxy of the caller sees it.
 *
 * @example
 * ```ts
 * orders.calls(payments, { circuitBreaker: CircuitBreaker.consecutiveErrors(5, { open: Duration.seconds(30) }) });
 * ```
 */
export class CircuitBreaker implements Checked {
  private constructor(
    /** As facts. */
    readonly facts: BreakerFacts,
    /** What was given wrongly. */
    readonly problems: readonly Problem[],
  ) {}

  /**
   * Opens after errors in a row: statuses from 500, failed connections, timeouts.
   * @param count - 1 to 1000
   */
  static consecutiveErrors(count: number, options: BreakerOptions = {}): CircuitBreaker {
    const { facts, problems } = common(options, OPTIONS);
    return new CircuitBreaker({ ...facts, consecutiveErrors: count }, [
      ...problemOfInteger('circuitBreaker.consecutiveErrors', count, 1, 1000),
      ...problems,
    ]);
  }

  /**
   * Opens where a share of the requests fails.
   * @param share - `Percent.of(50)`: every second one
   */
  static failureRate(share: Percent, options: FailureRateOptions = {}): CircuitBreaker {
    const { facts, problems } = common(options, { ...OPTIONS, within: true, minimumRequests: true });
    const { within, minimumRequests = 10 } = membersOf(options);
    const withinMs = millisecondsOf(within, WITHIN_MS);
    const percent = (soundOf(share, PERCENT) ?? HALF).value;
    return new CircuitBreaker({ ...facts, failureRate: { percent, withinMs, minimumRequests } }, [
      ...problemsOfNeededShare('circuitBreaker.failureRate', share),
      ...problemsOfTime('circuitBreaker.within', within),
      ...problemOfInteger('circuitBreaker.minimumRequests', minimumRequests, 1, 1_000_000),
      ...problems,
    ]);
  }
}

const OPTIONS: Readonly<Record<keyof BreakerOptions, true>> = { open: true, maxEjected: true, trials: true };

function common(options: BreakerOptions, known: Readonly<Record<string, true>>) {
  const { open, maxEjected, trials } = membersOf(options);
  return {
    facts: {
      openMs: millisecondsOf(open, OPEN_MS),
      maxEjectedPercent: (soundOf(maxEjected, PERCENT) ?? HALF).value,
      ...given({ trials }),
    },
    problems: [
      ...problemsOfOptions('circuitBreaker', options, known, '{ open: Duration.seconds(30) }'),
      ...problemsOfTime('circuitBreaker.open', open),
      ...problemsOfShare('circuitBreaker.maxEjected', maxEjected),
      ...(trials === undefined ? [] : problemOfInteger('circuitBreaker.trials', trials, 1, MOST_TRIALS)),
    ],
  };
}
