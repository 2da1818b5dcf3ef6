import { given } from '../../../model/given';
import type { BreakerFacts } from '../facts';
import type { LibraryCall, LibraryRetry, LibrarySettings } from './settings';

type Calls = LibrarySettings['calls'];
type Preset = (calls: Calls) => object;

/** Trials of a half-open breaker where the program does not say. */
const TRIALS = 3;

/** Milliseconds before the first retry where the program does not say, as the mesh takes them. */
const BACK_OFF_MS = 25;

/** Milliseconds as ISO 8601 and Spring read them. */
const millis = (value: number): string => `${value}ms`;

/** Milliseconds as .NET reads a TimeSpan: `00:00:02`, `00:00:00.6`. */
function timeSpan(ms: number): string {
  const part = (value: number): string => String(Math.floor(value)).padStart(2, '0');
  const rest = ms % 1000 === 0 ? '' : `.${String(ms % 1000).padStart(3, '0')}`;
  return `${part(ms / 3_600_000)}:${part((ms / 60_000) % 60)}:${part((ms / 1000) % 60)}${rest}`;
}

/** Which requests may be sent again, as a word; none where it is all of them. */
function forWhich({ only }: LibraryRetry): readonly string[] {
  if (only === undefined) return [];
  return ['methods' in only ? 'safe' : 'idempotent'];
}

/** Retries of a call as members of an object, each named after the requests that it is for: `RetrySafe`. */
function retriesOf(retry: LibraryCall['retry'], name: string, render: (one: LibraryRetry) => object): object {
  return Object.fromEntries((retry ?? []).map((one) => [name + forWhich(one).map(capitalized).join(''), render(one)]));
}

function capitalized(word: string): string {
  return word.slice(0, 1).toUpperCase() + word.slice(1);
}

/** The longest that one attempt may take. */
function perTryOf(retry: LibraryCall['retry']): number | undefined {
  return retry?.find(({ perTryMs }) => perTryMs !== undefined)?.perTryMs;
}

function instances(found: readonly (readonly [string, object])[]): object | undefined {
  return found.length === 0 ? undefined : { instances: Object.fromEntries(found) };
}

/** One map of a call's parts for each kind of part; calls without a part are not in its map. */
function byPart(calls: Calls, part: (call: LibraryCall) => object | undefined): object | undefined {
  return instances(
    Object.entries(calls).flatMap(([name, call]) => {
      const value = part(call);
      return value === undefined ? [] : [[name, value] as const];
    }),
  );
}

/**
 * Properties of resilience4j 2 (Guides, "Getting started with resilience4j-spring-boot3", and "CircuitBreaker", "Retry",
 * "Bulkhead", "TimeLimiter" there). It counts attempts with the first one. Errors in a row are a window of that many.
 */
const resilience4j: Preset = (calls) => ({
  resilience4j: given({
    circuitbreaker: byPart(calls, ({ circuitBreaker }) => circuitBreaker && windowOf(circuitBreaker)),
    retry: instances(
      Object.entries(calls).flatMap(([name, { retry = [] }]) =>
        retry.map((one) => [[name, ...forWhich(one)].join('-'), attemptsOf(one)] as const),
      ),
    ),
    timelimiter: byPart(calls, ({ timeoutMs }) =>
      timeoutMs === undefined ? undefined : { timeoutDuration: millis(timeoutMs), cancelRunningFuture: true },
    ),
    bulkhead: byPart(calls, ({ bulkhead }) =>
      bulkhead?.maxRequests === undefined
        ? undefined
        : { maxConcurrentCalls: bulkhead.maxRequests, maxWaitDuration: millis(0) },
    ),
  }),
});

function attemptsOf({ attempts, backOffMs = BACK_OFF_MS }: LibraryRetry): object {
  return { maxAttempts: attempts + 1, waitDuration: millis(backOffMs), enableExponentialBackoff: true };
}

function windowOf({ failureRate, consecutiveErrors, openMs, trials = TRIALS }: BreakerFacts): object {
  const window =
    failureRate === undefined
      ? {
          slidingWindowType: 'COUNT_BASED',
          slidingWindowSize: consecutiveErrors,
          minimumNumberOfCalls: consecutiveErrors,
          failureRateThreshold: 100,
        }
      : {
          slidingWindowType: 'TIME_BASED',
          slidingWindowSize: Math.max(1, Math.round(failureRate.withinMs / 1000)),
          minimumNumberOfCalls: failureRate.minimumRequests,
          failureRateThreshold: failureRate.percent,
        };
  return {
    ...window,
    waitDurationInOpenState: millis(openMs),
    permittedNumberOfCallsInHalfOpenState: trials,
    automaticTransitionFromOpenToHalfOpenEnabled: true,
  };
}

/** Least time and number that Polly takes (Polly 8, `CircuitBreakerStrategyOptions`). */
const POLLY_MS = 500;
const POLLY_REQUESTS = 2;

/** Window in which errors in a row are looked for: Polly has shares only. */
const POLLY_WINDOW_MS = 30_000;

/**
 * Options of Polly 8 by strategy (pollydocs.org, "Retry", "Circuit breaker", "Timeout", "Rate limiter"): a section for each
 * strategy that is wanted, to be bound to the options of that name, from the outside to the inside.
 */
const polly: Preset = (calls) => ({
  Resilience: Object.fromEntries(
    Object.entries(calls).map(([name, { timeoutMs, retry, circuitBreaker, bulkhead }]) => {
      const perTryMs = perTryOf(retry);
      const strategies = given({
        ConcurrencyLimiter: bulkhead?.maxRequests === undefined ? undefined : limiterOf(bulkhead),
        TotalTimeout: timeoutMs === undefined ? undefined : { Timeout: timeSpan(timeoutMs) },
        ...retriesOf(retry, 'Retry', pollyRetry),
        CircuitBreaker: circuitBreaker && ratioOf(circuitBreaker),
        AttemptTimeout: perTryMs === undefined ? undefined : { Timeout: timeSpan(perTryMs) },
      });
      return [name, strategies];
    }),
  ),
});

function pollyRetry({ attempts, backOffMs = BACK_OFF_MS }: LibraryRetry): object {
  return { MaxRetryAttempts: attempts, Delay: timeSpan(backOffMs), BackoffType: 'Exponential', UseJitter: true };
}

function limiterOf({ maxRequests, maxPending = 0 }: NonNullable<LibraryCall['bulkhead']>): object {
  return { PermitLimit: maxRequests, QueueLimit: maxPending };
}

function ratioOf({ failureRate, consecutiveErrors = 1, openMs }: BreakerFacts): object {
  const { percent, withinMs, minimumRequests } = failureRate ?? {
    percent: 100,
    withinMs: POLLY_WINDOW_MS,
    minimumRequests: consecutiveErrors,
  };
  return {
    FailureRatio: percent / 100,
    SamplingDuration: timeSpan(Math.max(POLLY_MS, withinMs)),
    MinimumThroughput: Math.max(POLLY_REQUESTS, minimumRequests),
    BreakDuration: timeSpan(Math.max(POLLY_MS, openMs)),
  };
}

/** Arguments of cockatiel 3 by policy (README: "retry", "circuitBreaker", "timeout", "bulkhead"); times in milliseconds. */
const cockatiel: Preset = (calls) =>
  Object.fromEntries(
    Object.entries(calls).map(([name, { timeoutMs, retry, circuitBreaker, bulkhead }]) => {
      const perTryMs = perTryOf(retry);
      const policies = given({
        bulkhead:
          bulkhead?.maxRequests === undefined
            ? undefined
            : { limit: bulkhead.maxRequests, queue: bulkhead.maxPending ?? 0 },
        timeout: timeoutMs === undefined ? undefined : { duration: timeoutMs, strategy: 'aggressive' },
        ...retriesOf(retry, 'retry', cockatielRetry),
        circuitBreaker: circuitBreaker && samplingOf(circuitBreaker),
        attemptTimeout: perTryMs === undefined ? undefined : { duration: perTryMs, strategy: 'aggressive' },
      });
      return [name, policies];
    }),
  );

function cockatielRetry({ attempts, backOffMs = BACK_OFF_MS }: LibraryRetry): object {
  return { maxAttempts: attempts, backoff: { initialDelay: backOffMs } };
}

function samplingOf({ failureRate, consecutiveErrors, openMs }: BreakerFacts): object {
  const breaker =
    failureRate === undefined
      ? { consecutive: consecutiveErrors }
      : {
          sampling: {
            threshold: failureRate.percent / 100,
            duration: failureRate.withinMs,
            minimumRps: (failureRate.minimumRequests * 1000) / failureRate.withinMs,
          },
        };
  return { halfOpenAfter: openMs, breaker };
}

/** The file of a library, by its name; none for one that is not known here. */
export function presetOf({ library, calls }: LibrarySettings): Readonly<Record<string, string>> {
  switch (library) {
    // Spring reads YAML, and JSON is some.
    case 'resilience4j':
      return { 'resilience4j.yaml': jsonOf(resilience4j(calls)) };
    case 'polly':
      return { 'polly.json': jsonOf(polly(calls)) };
    case 'cockatiel':
      return { 'cockatiel.json': jsonOf(cockatiel(calls)) };
    default:
      return {};
  }
}

/** As a file. */
export function jsonOf(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
