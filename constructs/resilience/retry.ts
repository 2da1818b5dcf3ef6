import type { Duration } from 'cdk8s';
import { GRPC_CONDITIONS, HTTP_CONDITIONS, isStatus } from '../derive/resilience/conditions';
import type { RetryFacts } from '../derive/resilience/facts';
import type { Problem } from '../model/finding';
import { millisecondsOf, problemsOfNeededTime } from '../kinds';
import { problemOfInteger, printed, type Checked } from '../values';

/** When HTTP is sent again. */
export type HttpRetryCondition = (typeof HTTP_CONDITIONS)[number];

/** When gRPC is sent again. */
export type GrpcRetryCondition = (typeof GRPC_CONDITIONS)[number];

/** When a request is sent again: a condition of HTTP or of gRPC, or a status of HTTP as a number. */
export type RetryCondition = HttpRetryCondition | GrpcRetryCondition | number;

/** Most attempts after the first. Whoever wants more waits for a cause that goes away by itself. */
const MAX_ATTEMPTS = 10;

const KNOWN: ReadonlySet<string> = new Set([...HTTP_CONDITIONS, ...GRPC_CONDITIONS]);

/**
 * Sends requests again. Only what may arrive twice is: see `idempotent` of the call.
 *
 * @example
 * ```ts
 * orders.calls(payments, { retry: Retry.attempts(2).on('connect-failure', 'unavailable').perTry(Duration.millis(600)) });
 * ```
 */
export class Retry implements Checked {
  /** What was given wrongly. */
  readonly problems: readonly Problem[];

  private constructor(
    /** As facts. */
    readonly facts: RetryFacts,
    private readonly ofTimes: readonly Problem[] = [],
  ) {
    const unknown = facts.on.filter((condition) => !KNOWN.has(condition) && !isStatus(condition));
    this.problems = [
      ...problemOfInteger('retry.attempts', facts.attempts, 1, MAX_ATTEMPTS),
      ...ofTimes,
      ...unknown.map((condition) => unknownCondition(condition)),
    ];
  }

  /**
   * How often, after the first attempt. Without `on` it is sent again where the connection fails.
   * @param count - 1 to 10
   */
  static attempts(count: number): Retry {
    return new Retry({ attempts: count, on: ['connect-failure'] });
  }

  /** When. Conditions must be of the protocol of the callee's port (`wrong-protocol`). */
  on(...conditions: readonly RetryCondition[]): Retry {
    return new Retry({ ...this.facts, on: conditions.map(String) }, this.ofTimes);
  }

  /** Longest time of one attempt. Together they stay below the timeout of the call, which cuts them off. */
  perTry(longest: Duration): Retry {
    return this.#with({ perTryMs: millisecondsOf(longest, 0) }, problemsOfNeededTime('retry.perTry', longest));
  }

  /** Shortest time before the first retry; proxies let later ones wait longer, at random. */
  backOff(shortest: Duration): Retry {
    return this.#with({ backOffMs: millisecondsOf(shortest, 0) }, problemsOfNeededTime('retry.backOff', shortest));
  }

  #with(times: Partial<RetryFacts>, problems: readonly Problem[]): Retry {
    return new Retry({ ...this.facts, ...times }, [...this.ofTimes, ...problems]);
  }
}

function unknownCondition(condition: string): Problem {
  return {
    code: 'unknown-choice',
    message: `Nothing is sent again on ${printed(condition)}.`,
    field: 'retry.on',
    got: printed(condition),
    allowed: [...KNOWN, 'a status from 100 to 599'].join(', '),
    fix: 'Choose one of them.',
  };
}
