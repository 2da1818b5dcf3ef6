import type { IConstruct } from 'constructs';
import type { Derived } from '../../model/extension';
import type { Graph } from '../../model/graph';
import { envoyDurationOf } from '../mesh/istio/durations';
import { meshHostOf } from '../mesh/istio/hosts';
import { askedRoutes, authorizerOf, type AskedRoute, type Listening } from './authorizer';
import { clusterOf, envoyFilter, grpcService, insertFilter, onBlock, typed } from './envoy-filter';
import { Gateway, routesOf } from './gateway';
import { blockName, blockNames } from './istio-routes';

const TYPE = 'envoy.extensions.filters.http.ext_authz.v3';
const FILTER = 'envoy.filters.http.ext_authz';

/** After all limits: what those refuse costs the authorizer nothing. */
const PRIORITY = 20;

/** Port on which the process takes requests; on the other there are only redirects. */
const HTTPS_PORT = 8443;

/** Routes that ask the same in the same way. */
interface Group {
  readonly filter: string;
  readonly routes: readonly AskedRoute[];
}

/**
 * Authorizers that a gateway asks (Envoy 1.40, "External Authorization"). A filter asks about every request, and each
 * block that does not want it says so: where one of these is not found, requests are refused, not let in.
 */
export function* authorizers(graph: Graph): Iterable<Derived> {
  for (const { construct, facts } of graph.having(Gateway)) {
    const asked = askedRoutes(graph, construct);
    const filters = groupsOf(asked).flatMap((group) => renderFilter(graph, group));
    if (filters.length === 0) continue;
    const patches = [...strip(asked), ...filters, ...exceptions(graph, construct, groupsOf(asked))];
    yield {
      scope: construct,
      sources: asked.map(({ source }) => source),
      manifest: envoyFilter(construct, facts, 'authorizers', patches, PRIORITY),
    };
  }
}

function groupsOf(routes: readonly AskedRoute[]): readonly Group[] {
  const groups = new Map<string, AskedRoute[]>();
  for (const route of routes) {
    const key = JSON.stringify(route.facts.authorizer);
    groups.set(key, [...(groups.get(key) ?? []), route]);
  }
  return [...groups.keys()]
    .sort()
    .map((key, index) => ({ filter: `${FILTER}.${index}`, routes: groups.get(key) ?? [] }));
}

/** What only the authorizer may say is taken from whoever comes from outside, whichever way he goes. */
function strip(routes: readonly AskedRoute[]): readonly object[] {
  const passed = new Set(routes.flatMap(({ facts }) => facts.authorizer.passes));
  const shown = new Set(routes.flatMap(({ facts }) => facts.authorizer.sends));
  const names = [...passed].filter((name) => !shown.has(name)).sort();
  if (names.length === 0) return [];
  const config = typed('envoy.extensions.filters.http.header_mutation.v3.HeaderMutation', {
    mutations: { request_mutations: names.map((remove) => ({ remove })) },
  });
  return [insertFilter({ name: 'envoy.filters.http.header_mutation', typed_config: config }, HTTPS_PORT)];
}

function renderFilter(graph: Graph, { filter, routes: [route] }: Group): readonly object[] {
  const found = route === undefined ? undefined : authorizerOf(graph, route);
  if (route === undefined || found === undefined) return [];
  const config = {
    transport_api_version: 'V3',
    failure_mode_allow: false,
    status_on_error: { code: 503 },
    // A request that was sent on one way is not sent on another because of what the authorizer adds to it.
    clear_route_cache: false,
    ...serviceOf(graph, route, found),
  };
  return [insertFilter({ name: filter, typed_config: typed(`${TYPE}.ExtAuthz`, config) }, HTTPS_PORT)];
}

function serviceOf(graph: Graph, { facts: { authorizer } }: AskedRoute, { endpoint, port }: Listening): object {
  // Envoy's own form of a duration has no other unit.
  const timeout = envoyDurationOf(authorizer.timeoutMs);
  if (authorizer.protocol === 'grpc') {
    return { grpc_service: { ...grpcService(graph, endpoint, port.number), timeout } };
  }
  const uri = `http://${meshHostOf(graph, endpoint)}:${port.number}`;
  return {
    allowed_headers: patternsOf(['cookie', ...authorizer.sends]),
    http_service: {
      server_uri: { uri, cluster: clusterOf(graph, endpoint, port.number), timeout },
      authorization_response: {
        ...(authorizer.passes.length > 0 && { allowed_upstream_headers: patternsOf(authorizer.passes) }),
        allowed_client_headers_on_success: patternsOf(['set-cookie']),
      },
    },
  };
}

function patternsOf(names: readonly string[]): object {
  return { patterns: [...new Set(names)].sort().map((exact) => ({ exact, ignore_case: true })) };
}

/** Blocks in which an authorizer is not asked: those of other routes, and those that answer by themselves. */
function exceptions(graph: Graph, gateway: IConstruct, groups: readonly Group[]): readonly object[] {
  const off = typed(`${TYPE}.ExtAuthzPerRoute`, { disabled: true });
  return routesOf(graph, gateway).flatMap((route) =>
    blockNames(route).flatMap((block) => {
      const asks = groups.find(({ routes }) => routes.some((one) => one === route && block === blockName(one)));
      const others = groups.filter((group) => group !== asks);
      if (others.length === 0) return [];
      const config = Object.fromEntries(others.map(({ filter }) => [filter, off]));
      return [onBlock(block, { typed_per_filter_config: config })];
    }),
  );
}
