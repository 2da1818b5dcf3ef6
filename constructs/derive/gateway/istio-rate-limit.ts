import type { Derived } from '../../model/extension';
import type { Graph } from '../../model/graph';
import { envoyDurationOf } from '../mesh/istio/durations';
import { envoyFilter, insertFilter, onRoute, typed } from './envoy-filter';
import { Gateway, routesOf, type GatewayRoute, type RateLimitFacts } from './gateway';
import { blockName } from './istio-routes';

const TYPE = 'envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit';
const FILTER = 'envoy.filters.http.local_ratelimit';

type Limited = GatewayRoute & { readonly facts: { readonly rateLimit: RateLimitFacts } };

/**
 * Limits that each pod of a gateway keeps by itself (Envoy 1.40, "Local rate limit"): the filter, which does nothing alone,
 * and the limit of each route.
 */
export function* rateLimits(graph: Graph): Iterable<Derived> {
  for (const { construct, facts } of graph.having(Gateway)) {
    const limited = routesOf(graph, construct).filter(isLimited);
    if (limited.length === 0) continue;
    const filter = { name: FILTER, typed_config: typed(TYPE, { stat_prefix: 'gateway' }) };
    yield {
      scope: construct,
      sources: limited.map(({ source }) => source),
      manifest: envoyFilter(construct, facts, 'rate-limits', [insertFilter(filter), ...limited.map(limitOf)]),
    };
  }
}

function isLimited(route: GatewayRoute): route is Limited {
  const { rateLimit } = route.facts;
  return rateLimit !== undefined && rateLimit.global === undefined;
}

const ALWAYS = { default_value: { numerator: 100, denominator: 'HUNDRED' } };

function limitOf(route: Limited): object {
  const { requests, perMs, by } = route.facts.rateLimit;
  const bucket = { max_tokens: requests, tokens_per_fill: requests, fill_interval: envoyDurationOf(perMs) };
  const value = {
    stat_prefix: blockName(route).replace(/[^A-Za-z0-9]+/g, '_'),
    filter_enabled: ALWAYS,
    filter_enforced: ALWAYS,
    // Where clients are told apart, the bucket for all is never empty before theirs are.
    token_bucket: by === 'all' ? bucket : { ...bucket, max_tokens: MOST, tokens_per_fill: MOST },
    ...(by === 'client' && {
      rate_limits: [{ actions: [{ remote_address: {} }] }],
      descriptors: [{ entries: [{ key: 'remote_address' }], token_bucket: bucket }],
    }),
  };
  return onRoute(route, FILTER, typed(TYPE, value));
}

/** Most tokens of a bucket: 32 bits. */
const MOST = 2 ** 32 - 1;
