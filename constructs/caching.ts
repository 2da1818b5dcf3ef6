import { Duration } from './cdk8s-values';
import type { CacheFacts, CacheFailure, ConnectionEnv } from './derive/stores/store';
import type { Problem } from './model/finding';
import { problemsOfTime, secondsOf, upToSeconds } from './kinds';
import { given } from './model/given';
import type { Needs } from './props';
import { problemOfChoice, unknownProps } from './values';

/** On which terms a service caches. The program keeps to them; Ashlar tells it. */
export interface CacheOptions {
  /** How long an entry may be old: whole seconds, 1 second to 30 days. */
  readonly ttl: Duration;
  /**
   * What it does when the cache does not answer: `bypass` goes to the source as if the cache were empty, `fail` answers
   * with an error, where the source could not bear the load. @defaultValue 'bypass'
   */
  readonly onError?: CacheFailure;
  /**
   * Variables that it gets, and what each holds: a field of the connection, or `ttlSeconds`, `onMiss` (always `load`),
   * `onError`. Terms that are not named come as `<CACHE>_TTL_SECONDS`, `<CACHE>_ON_MISS`, `<CACHE>_ON_ERROR`, after the
   * id of the cache. @defaultValue those that the engine's own clients read, and the terms
   */
  readonly env?: ConnectionEnv;
}

/** Longest age of an entry, in seconds: 30 days. What is copied for longer is a second home. */
const MAX_TTL_SECONDS = 30 * 24 * 60 * 60;

const FAILURES: readonly CacheFailure[] = ['bypass', 'fail'];

const OPTIONS: Readonly<Record<keyof CacheOptions, true>> = { ttl: true, onError: true, env: true };

/** What they are, at least. */
export const CACHE_NEEDS: Needs<CacheOptions> = {
  needed: ['ttl'],
  example: '{ ttl: Duration.minutes(10) }',
  instead: { ttl: Duration.minutes(10) },
};

/** Terms as facts, and what is wrong with them. */
export function cacheFacts(options: CacheOptions): {
  readonly facts: CacheFacts;
  readonly problems: readonly Problem[];
} {
  const { onError = 'bypass', env } = options;
  // A program is loaded without a check of its types, so the age may be missing.
  const ttl = options.ttl as Duration | undefined;
  const facts: CacheFacts = { ttlSeconds: secondsOf(ttl, 0), onError, ...given({ env }) };
  const problems = ttl === undefined ? [withoutTtl()] : problemsOfTime('ttl', ttl, upToSeconds(MAX_TTL_SECONDS));
  return {
    facts,
    problems: [...problems, ...problemOfChoice('onError', onError, FAILURES), ...unknownProps(options, OPTIONS)],
  };
}

function withoutTtl(): Problem {
  return {
    code: 'cache-without-ttl',
    message: 'A copy that never ages is never corrected.',
    field: 'ttl',
    got: 'none',
    allowed: '1 second to 30 days',
    fix: 'Give ttl: Duration.minutes(10).',
  };
}
