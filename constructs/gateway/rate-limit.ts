import type { Duration } from 'cdk8s';
import type { RateLimitFacts } from '../derive/gateway/gateway';
import { UNITS } from '../derive/gateway/limit-service';
import type { Problem } from '../model/finding';
import { membersOf, millisecondsOf, problemsOfNeededTime, problemsOfOptions } from '../kinds';
import { problemOfChoice, problemOfInteger, type Checked } from '../values';

/** More about a limit that all pods of a gateway keep together. */
export interface GlobalLimitOptions {
  /**
   * What becomes of requests while nobody counts them: they go on, or are answered 503. A limit protects from too much;
   * to shut everybody out because the counter is away would do what it is there to prevent. @defaultValue 'allow'
   */
  readonly whenUnavailable?: 'allow' | 'deny';
}

/**
 * How many requests a route lets through (Throttling); what is above is answered 429. Each pod of the gateway counts for
 * itself, unless the limit is `global()`.
 */
export class RateLimit implements Checked {
  /** What was given wrongly. */
  readonly problems: readonly Problem[];

  private constructor(
    /** As facts. */
    readonly facts: RateLimitFacts,
    private readonly per: Duration,
    more: readonly Problem[] = [],
  ) {
    this.problems = [
      ...problemOfInteger('rateLimit.requests', facts.requests, 1, 1_000_000),
      ...problemsOfNeededTime('rateLimit.per', per),
      ...more,
    ];
  }

  /** So many of each address of a client, in a time of at least 50 ms. */
  static perClient(requests: number, per: Duration): RateLimit {
    return new RateLimit({ requests, perMs: millisecondsOf(per, 0), by: 'client' }, per);
  }

  /** So many of all clients together. */
  static overall(requests: number, per: Duration): RateLimit {
    return new RateLimit({ requests, perMs: millisecondsOf(per, 0), by: 'all' }, per);
  }

  /**
   * Counted for all pods of the gateway together (Envoy, "Global rate limiting"). The gateway brings a service that
   * counts, and its Redis. The time is one second, minute, hour or day, and begins anew with each of the clock.
   */
  global(options: GlobalLimitOptions = {}): RateLimit {
    const { whenUnavailable = 'allow' } = membersOf(options);
    const { perMs } = this.facts;
    return new RateLimit({ ...this.facts, global: { whenUnavailable } }, this.per, [
      ...problemOfChoice('rateLimit.global.whenUnavailable', whenUnavailable, ['allow', 'deny']),
      ...(UNITS.has(perMs) ? [] : [notOneUnit(perMs)]),
      ...problemsOfOptions('rateLimit.global', options, GLOBAL, "{ whenUnavailable: 'deny' }"),
    ]);
  }
}

const GLOBAL: Readonly<Record<keyof GlobalLimitOptions, true>> = { whenUnavailable: true };

function notOneUnit(perMs: number): Problem {
  return {
    code: 'not-one-unit',
    message: 'The service that counts for all pods knows whole units of time only.',
    field: 'rateLimit.per',
    got: `${perMs} ms`,
    allowed: '1 second, 1 minute, 1 hour or 1 day',
    fix: 'Give Duration.minutes(1) and as many requests as fit into it, or leave global() out.',
  };
}
