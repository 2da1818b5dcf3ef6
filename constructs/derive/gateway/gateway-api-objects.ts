import type { IConstruct } from 'constructs';
import { view, viewOf, type Graph } from '../../model/graph';
import { groupBy } from '../../model/order';
import { Gateway, namesApart, type WeightedRoute } from './gateway';
import { ledBy, type Led } from './gateway-api-led';
import { grpcRules, httpRules, kindOfRoutes, type RenderedRule } from './gateway-api-rules';

/** Most rules of one route object (Gateway API 1.6, `HTTPRouteSpec.rules`). */
const MOST_RULES = 16;

/** One route object: rules that lead to one Service, for some names. */
export interface RouteObject extends WeightedRoute {
  readonly hostnames: readonly string[];
  readonly rules: readonly RenderedRule[];
}

const byGateway = viewOf('gateway-api.route-objects', (graph: Graph, gateway: IConstruct): readonly RouteObject[] => {
  const facts = graph.facts(gateway, Gateway);
  if (facts === undefined) return [];
  const { namespace, hosts } = facts;
  const led = ledBy(graph, gateway);
  const kind = kindOfRoutes(led);
  const rules = kind === 'GRPCRoute' ? grpcRules(led, namespace) : httpRules(led, namespace);
  const apart = namesApart(led.map(({ route }) => route));
  const others = hosts.filter((host) => !apart.has(host));
  const objects = [...groupBy(rules, ({ led: one }) => dottedName(gateway, one))];
  const byDashes = groupBy(objects, ([dotted]) => dashed(dotted));
  return objects.flatMap(([dotted, ofService]) => {
    const own = ofService[0]?.led.route.facts.host;
    const hostnames = own === undefined ? others : [own];
    if (hostnames.length === 0) return [];
    const short = dashed(dotted);
    const name = byDashes.get(short)?.length === 1 ? short : dotted;
    return numbered(name, ofService).map((part) => ({ kind, namespace, hostnames, ...part }));
  });
});

/** Route objects of a gateway, by the Service that they lead to: a route of one service changes no object of another. */
export function routeObjects(graph: Graph, gateway: IConstruct): readonly RouteObject[] {
  return graph.viewOf(byGateway, gateway);
}

/** No part but the last has dots, so no two are alike. */
function dottedName({ node }: IConstruct, { service, route }: Led): string {
  const { host } = route.facts;
  return [node.id, service.namespace, service.name, ...(host === undefined ? [] : [host])].join('.');
}

/** As objects are called, unless two would have the name: `api` of `shop-orders` and `orders-api` of `shop`. */
function dashed(dotted: string): string {
  return dotted.replaceAll('.', '-');
}

function numbered(name: string, rules: readonly RenderedRule[]): readonly Pick<RouteObject, 'name' | 'rules'>[] {
  return Array.from({ length: Math.ceil(rules.length / MOST_RULES) }, (_, at) => ({
    name: at === 0 ? name : `${name}-${at + 1}`,
    rules: rules.slice(at * MOST_RULES, (at + 1) * MOST_RULES),
  }));
}

const byService = view('gateway-api.weighted-routes', (graph: Graph) => {
  const objects = graph.having(Gateway).flatMap(({ construct }) => routeObjects(graph, construct));
  const moved = objects.flatMap((object) => {
    const rule = object.rules.find(({ isMoved }) => isMoved);
    return rule === undefined ? [] : [{ object, service: rule.led.route.to }];
  });
  return groupBy(moved, ({ service }) => service);
});

/** Route objects in which a controller moves the weights of a service. */
export function weightedRoutes(graph: Graph, service: IConstruct): readonly WeightedRoute[] {
  return (graph.view(byService).get(service) ?? []).map(({ object }) => object);
}
