import type { Duration } from 'cdk8s';
import type { FallbackFacts } from '../derive/resilience/facts';
import type { Problem } from '../model/finding';
import { millisecondsOf, problemsOfNeededTime } from '../kinds';
import { printed, type Checked } from '../values';

/**
 * What the caller goes on with when a call has failed for good. No proxy can know that, so the caller's library is told:
 * the setting `clientLibrary` says which it is.
 *
 * @example
 * ```ts library=data
 * orders.calls(payments, { fallback: Fallback.value([]) });
 * ```
 */
export class Fallback implements Checked {
  private constructor(
    /** As facts. */
    readonly facts: FallbackFacts,
    /** What was given wrongly. */
    readonly problems: readonly Problem[],
  ) {}

  /**
   * A fixed answer.
   * @param value - plain data, as JSON writes it: `[]`
   */
  static value(value: unknown): Fallback {
    const text = JSON.stringify(value) as string | undefined;
    if (text !== undefined) return new Fallback({ value: JSON.parse(text) as unknown }, []);
    const problem = {
      code: 'bad-value',
      message: 'The fallback is nothing that JSON can write.',
      field: 'fallback.value',
      got: printed(value),
      allowed: 'plain data such as [] or { "items": [] }',
      fix: 'Give the answer itself.',
    };
    return new Fallback({ value: null }, [problem]);
  }

  /**
   * The last good answer to the same question.
   * @param atMost - how old it may be, 1 ms to 1 day
   */
  static lastGood(atMost: Duration): Fallback {
    const lastGoodMs = millisecondsOf(atMost, 0);
    return new Fallback({ lastGoodMs }, problemsOfNeededTime('fallback.lastGood', atMost));
  }
}
