import type { Derived } from '../../model/extension';
import type { Graph } from '../../model/graph';
import { envoyFilter, insertFilter, onRoute, typed } from './envoy-filter';
import { Gateway, routesOf, type GatewayRoute } from './gateway';
import { isKept } from './headers';

const FILTER = 'envoy.filters.http.lua';
const TYPE = 'envoy.extensions.filters.http.lua.v3';

/** Routes add headers to every answer, to those of failures, too, which then would be kept as long. So a script looks first. */
const SCRIPT = `function envoy_on_response(handle)
  local headers = handle:headers()
  if tonumber(headers:get(":status")) >= 400 or headers:get("cache-control") ~= nil then return end
  headers:add("cache-control", handle:filterContext():get("cache-control"))
end
`;

/** How long answers may be kept: those that are no errors, and of which the service says nothing (Envoy 1.40, "Lua"). */
export function* caching(graph: Graph): Iterable<Derived> {
  for (const { construct, facts } of graph.having(Gateway)) {
    const kept = routesOf(graph, construct).filter((route) => isKept(route.facts));
    if (kept.length === 0) continue;
    const source = { default_source_code: { inline_string: SCRIPT } };
    // Off, unless a route turns it on.
    const filter = { name: FILTER, disabled: true, typed_config: typed(`${TYPE}.Lua`, source) };
    yield {
      scope: construct,
      sources: kept.map(({ source: from }) => from),
      manifest: envoyFilter(construct, facts, 'caching', [insertFilter(filter), ...kept.map(headerOf)]),
    };
  }
}

function headerOf(route: GatewayRoute): object {
  const value = { filter_context: { 'cache-control': route.facts.cacheControl } };
  return onRoute(route, FILTER, typed(`${TYPE}.LuaPerRoute`, value));
}
