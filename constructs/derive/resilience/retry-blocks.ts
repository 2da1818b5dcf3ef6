import type { Protocol } from '../endpoint';
import { NOT_SENT } from './conditions';
import type { ResilienceFacts, RetryFacts } from './facts';

/** Some of the requests to a port. */
export type RequestMatch = { readonly methods: readonly string[] } | { readonly paths: readonly string[] };

/** What is sent again of some requests; of those that no block before it is for. */
export interface RetryBlock {
  /** Tells blocks of a call apart; empty: all that is left. */
  readonly suffix: string;
  readonly retry: RetryFacts | undefined;
  /** @defaultValue all that is left */
  readonly only?: RequestMatch;
}

/** Methods that change nothing (RFC 9110, section 9.2.1). */
const SAFE_METHODS = ['GET', 'HEAD', 'OPTIONS', 'TRACE'];

/** What may be sent again: what is safe by the protocol, and what is said to be idempotent. The narrower comes first. */
export function retryBlocks(
  retry: RetryFacts | undefined,
  idempotent: ResilienceFacts['idempotent'],
  protocol: Protocol,
): readonly RetryBlock[] {
  const rest = (again: RetryFacts | undefined): RetryBlock => ({ suffix: '', retry: again });
  if (retry === undefined || idempotent === true) return [rest(retry)];
  if (protocol !== 'grpc') return [{ suffix: '-safe', retry, only: { methods: SAFE_METHODS } }, rest(undefined)];
  if (idempotent === undefined) return [rest(notSent(retry))];
  return [{ suffix: '-idempotent', retry, only: { paths: idempotent } }, rest(notSent(retry))];
}

/** What of a retry is safe for a request that must not arrive twice. */
function notSent(retry: RetryFacts): RetryFacts | undefined {
  const on = retry.on.filter((condition) => NOT_SENT.has(condition));
  return on.length === 0 ? undefined : { ...retry, on };
}
