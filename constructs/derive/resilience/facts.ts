/** What a caller asks for between itself and a callee. Plain data; what is left out is not asked for. */
export interface ResilienceFacts {
  /** Most milliseconds from the request to the end of the answer, all attempts together. */
  readonly timeoutMs?: number;
  /** What is sent again. */
  readonly retry?: RetryFacts;
  /** When an endpoint is left alone. */
  readonly circuitBreaker?: BreakerFacts;
  /** How much of the caller the callee may take up. */
  readonly bulkhead?: BulkheadFacts;
  /** Which endpoint is asked. */
  readonly loadBalancing?: BalancingFacts;
  /** Endpoints near the caller come first. @defaultValue all endpoints alike, wherever they are */
  readonly locality?: LocalityFacts;
  /** Who answers while the callee cannot: its path, and the name of its port; empty: its only one. */
  readonly failover?: { readonly standby: string; readonly port: string };
  /** What the caller goes on with when the call has failed. */
  readonly fallback?: FallbackFacts;
  /** Whether requests may arrive twice: all, or these methods of gRPC (`/acme.Payments/Quote`). */
  readonly idempotent?: true | readonly string[];
}

/** What is sent again, when, how often. */
export interface RetryFacts {
  /** Attempts after the first, 1 to 10. */
  readonly attempts: number;
  /** Names of conditions, or statuses of HTTP as text: `503`. */
  readonly on: readonly string[];
  /** Most milliseconds of one attempt. @defaultValue the timeout of the call */
  readonly perTryMs?: number;
  /** Milliseconds before the first retry; later ones wait longer. @defaultValue 25 (Istio API 1.31, `HTTPRetry.backoff`) */
  readonly backOffMs?: number;
}

/** When an endpoint is left alone, for how long, and how many may be at once. */
export interface BreakerFacts {
  /** Errors in a row that open it; undefined where a rate does. */
  readonly consecutiveErrors?: number;
  /** The rate that opens it; undefined where errors in a row do. */
  readonly failureRate?: { readonly percent: number; readonly withinMs: number; readonly minimumRequests: number };
  /** Requests that are let through to try, half open. @defaultValue as whoever does it has it */
  readonly trials?: number;
  /** Milliseconds that it is open the first time. */
  readonly openMs: number;
  /** Most endpoints that may be left alone at once, in percent. */
  readonly maxEjectedPercent: number;
}

/** Which endpoints are near: those of the caller's zone, then those of its region, then the others. */
export interface LocalityFacts {
  /** The region that comes after a region: `{ 'eu-west-1': 'eu-central-1' }`. Empty: all others come alike. */
  readonly nextRegion: Readonly<Record<string, string>>;
}

/** What stands in place of an answer: plain data, or the last good one where it is not too old. */
export type FallbackFacts = { readonly value: unknown } | { readonly lastGoodMs: number };

/** How much of the caller, of each of its pods, the callee may take up. */
export interface BulkheadFacts {
  /** Connections. */
  readonly maxConnections?: number;
  /** Requests that wait for a connection. */
  readonly maxPending?: number;
  /** Requests at once. */
  readonly maxRequests?: number;
  /** Retries at once. */
  readonly maxRetries?: number;
}

/** Which endpoint is asked: the next by a rule, or always the same for one key. */
export type BalancingFacts =
  | { readonly simple: 'LEAST_REQUEST' | 'ROUND_ROBIN' | 'RANDOM' }
  | { readonly header: string }
  | { readonly cookie: string; readonly ttlMs: number }
  | { readonly sourceAddress: true };
