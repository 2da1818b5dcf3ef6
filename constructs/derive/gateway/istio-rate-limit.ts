import type { Derived } from '../../model/extension';
import type { Graph } from '../../model/graph';
import { istioObject } from '../mesh/istio/objects';
import { Gateway, routesOf, type GatewayRoute, type RateLimitFacts } from './gateway';
import { blockName } from './istio-routes';

const TYPE = 'type.googleapis.com/envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit';
const FILTER = 'envoy.filters.http.local_ratelimit';

type Limited = GatewayRoute & { readonly facts: { readonly rateLimit: RateLimitFacts } };

/**
 * Limits that each pod of a gateway keeps by itself (Istio API 1.31, networking.istio.io/v1alpha3 EnvoyFilter; Envoy 1.40,
 * "Local rate limit"): the filter, which does nothing alone, and the limit of each route.
 */
export function* rateLimits(graph: Graph): Iterable<Derived> {
  for (const { construct, facts } of graph.having(Gateway)) {
    const limited = routesOf(graph, construct).filter((route): route is Limited => route.facts.rateLimit !== undefined);
    if (limited.length === 0) continue;
    const { id } = construct.node;
    const manifest = istioObject(
      'networking',
      'EnvoyFilter',
      construct,
      { name: `${id}-rate-limits`, namespace: facts.namespace, of: id },
      {
        workloadSelector: { labels: { 'app.kubernetes.io/name': id } },
        // After whatever the mesh's own people patch.
        priority: 10,
        configPatches: [filter(), ...limited.map(limitOf)],
      },
    );
    yield {
      scope: construct,
      sources: limited.map(({ source }) => source),
      manifest: { ...manifest, apiVersion: 'networking.istio.io/v1alpha3' },
    };
  }
}

/** A message of Envoy that Istio does not know by itself. */
function typed(value: object): object {
  return { '@type': 'type.googleapis.com/udpa.type.v1.TypedStruct', type_url: TYPE, value };
}

function filter(): object {
  const manager = 'envoy.filters.network.http_connection_manager';
  return {
    applyTo: 'HTTP_FILTER',
    match: {
      context: 'GATEWAY',
      listener: { filterChain: { filter: { name: manager, subFilter: { name: 'envoy.filters.http.router' } } } },
    },
    patch: { operation: 'INSERT_BEFORE', value: { name: FILTER, typed_config: typed({ stat_prefix: 'gateway' }) } },
  };
}

const ALWAYS = { default_value: { numerator: 100, denominator: 'HUNDRED' } };

function limitOf(route: Limited): object {
  const { requests, perMs, by } = route.facts.rateLimit;
  const bucket = { max_tokens: requests, tokens_per_fill: requests, fill_interval: `${perMs / 1000}s` };
  const value = {
    stat_prefix: blockName(route).replaceAll('-', '_'),
    filter_enabled: ALWAYS,
    filter_enforced: ALWAYS,
    // Where clients are told apart, the bucket for all is never empty before theirs are.
    token_bucket: by === 'all' ? bucket : { ...bucket, max_tokens: MOST, tokens_per_fill: MOST },
    ...(by === 'client' && {
      rate_limits: [{ actions: [{ remote_address: {} }] }],
      descriptors: [{ entries: [{ key: 'remote_address' }], token_bucket: bucket }],
    }),
  };
  return {
    applyTo: 'HTTP_ROUTE',
    match: { context: 'GATEWAY', routeConfiguration: { vhost: { route: { name: blockName(route) } } } },
    patch: { operation: 'MERGE', value: { typed_per_filter_config: { [FILTER]: typed(value) } } },
  };
}

/** Most tokens of a bucket: 32 bits. */
const MOST = 2 ** 32 - 1;
