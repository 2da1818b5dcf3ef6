import type { Protocol } from '../endpoint';

/** Nothing has reached the callee, so that sending again harms nobody (Envoy 1.40, "x-envoy-retry-on"). */
export const NOT_SENT: ReadonlySet<string> = new Set(['connect-failure', 'refused-stream']);

const COMMON = ['connect-failure', 'refused-stream', 'reset'] as const;

/** Conditions of HTTP (Envoy 1.40, "x-envoy-retry-on"); a status is one, too. */
export const HTTP_CONDITIONS = [...COMMON, 'gateway-error', '5xx', 'retriable-4xx'] as const;

/** Conditions of gRPC (Envoy 1.40, "x-envoy-retry-grpc-on"). */
export const GRPC_CONDITIONS = [
  ...COMMON,
  'cancelled',
  'deadline-exceeded',
  'internal',
  'resource-exhausted',
  'unavailable',
] as const;

/** Conditions of a protocol; none where nothing is sent again. */
export function conditionsOf(protocol: Protocol): readonly string[] {
  if (protocol === 'grpc') return GRPC_CONDITIONS;
  return protocol === 'http' || protocol === 'http2' ? HTTP_CONDITIONS : [];
}

/** True for a status of HTTP. */
export function isStatus(condition: string): boolean {
  return /^[1-5]\d\d$/.test(condition);
}

/** True where a condition can happen in a protocol. */
export function isConditionOf(protocol: Protocol, condition: string): boolean {
  if (conditionsOf(protocol).includes(condition)) return true;
  return isStatus(condition) && (protocol === 'http' || protocol === 'http2');
}

/** True where proxies see single requests. */
export function hasRequests(protocol: Protocol): boolean {
  return protocol === 'http' || protocol === 'http2' || protocol === 'grpc';
}
