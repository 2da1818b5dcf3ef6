import type { Duration } from 'cdk8s';
import type { RateLimitFacts } from '../derive/gateway/gateway';
import type { Problem } from '../model/finding';
import { millisecondsOf, problemsOfTime } from '../resilience/checks';
import { problemOfInteger, type Checked } from '../values';

/** How many requests a route lets through (Throttling); what is above is answered 429. Each pod of the gateway counts for itself. */
export class RateLimit implements Checked {
  /** What was given wrongly. */
  readonly problems: readonly Problem[];

  private constructor(
    /** As facts. */
    readonly facts: RateLimitFacts,
  ) {
    this.problems = [
      ...problemOfInteger('rateLimit.requests', facts.requests, 1, 1_000_000),
      ...problemsOfTime('rateLimit.per', facts.perMs),
    ];
  }

  /** So many of each address of a client, in a time of at least 50 ms. */
  static perClient(requests: number, per: Duration): RateLimit {
    return new RateLimit({ requests, perMs: millisecondsOf(per), by: 'client' });
  }

  /** So many of all clients together. */
  static overall(requests: number, per: Duration): RateLimit {
    return new RateLimit({ requests, perMs: millisecondsOf(per), by: 'all' });
  }
}
