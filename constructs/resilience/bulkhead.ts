import type { BulkheadFacts } from '../derive/resilience/facts';
import type { Problem } from '../model/finding';
import { given } from '../model/given';
import { kindOf, membersOf, problemsOfOptions } from '../kinds';
import { problemOfInteger, type Checked } from '../values';

/** What is limited. At least one of them. */
export interface BulkheadOptions {
  /** Connections at once. @defaultValue no limit */
  readonly maxConnections?: number;
  /** Requests that wait for a connection. @defaultValue no limit */
  readonly maxPending?: number;
  /** Requests at once. @defaultValue no limit */
  readonly maxRequests?: number;
  /** Retries at once. @defaultValue no limit */
  readonly maxRetries?: number;
}

const OPTIONS: Readonly<Record<keyof BulkheadOptions, true>> = {
  maxConnections: true,
  maxPending: true,
  maxRequests: true,
  maxRetries: true,
};

/** Highest limit: proxies keep them in 32 bits. */
const MOST = 2 ** 31 - 1;

/** Limits how much of one side the other may take up; what is above is refused at once. Counted in each pod. */
export class Bulkhead implements Checked {
  private constructor(
    /** As facts. */
    readonly facts: BulkheadFacts,
    /** What was given wrongly. */
    readonly problems: readonly Problem[],
  ) {}

  /** Each limit is a whole number from 1. */
  static of(options: BulkheadOptions): Bulkhead {
    const { maxConnections, maxPending, maxRequests, maxRetries } = membersOf(options);
    const facts = given({ maxConnections, maxPending, maxRequests, maxRetries });
    const limits = Object.entries(facts);
    const wrong = problemsOfOptions('bulkhead', options, OPTIONS, 'Bulkhead.of({ maxRequests: 100 })');
    return new Bulkhead(facts, [
      ...limits.flatMap(([name, value]) => problemOfInteger(`bulkhead.${name}`, value, 1, MOST)),
      ...wrong,
      ...(limits.length + wrong.length > 0 ? [] : [nothingLimited()]),
    ]);
  }
}

/** Bulkheads, of whichever copy of the kit. */
export const BULKHEAD = kindOf(Bulkhead, 'Bulkhead.of({ maxRequests: 100 })');

function nothingLimited(): Problem {
  return {
    code: 'nothing-limited',
    message: 'The bulkhead limits nothing.',
    field: 'bulkhead',
    got: 'no limit',
    allowed: Object.keys(OPTIONS).join(', '),
    fix: 'Give a limit, or leave the bulkhead out.',
  };
}
