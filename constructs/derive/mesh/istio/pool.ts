import type { BulkheadFacts } from '../../resilience/facts';

/** Limits as pools of connections (Istio API 1.31, `ConnectionPoolSettings`). */
export function renderPool({ maxConnections, maxPending, maxRequests, maxRetries }: BulkheadFacts): object {
  const http = {
    ...(maxPending !== undefined && { http1MaxPendingRequests: maxPending }),
    ...(maxRequests !== undefined && { http2MaxRequests: maxRequests }),
    ...(maxRetries !== undefined && { maxRetries }),
  };
  return {
    ...(maxConnections !== undefined && { tcp: { maxConnections } }),
    ...(Object.keys(http).length > 0 && { http }),
  };
}
