import type { IConstruct } from 'constructs';
import { expand } from '../../model/extension';
import { viewOf, type Graph } from '../../model/graph';
import { groupBy } from '../../model/order';
import { relation } from '../../model/relation';
import type { Source } from '../../model/source';
import { Calls, portOfCall } from '../calls';
import { Endpoint, isEncrypted, type EndpointFacts, type PortFacts } from '../endpoint';
import { hasRequests } from '../resilience/conditions';
import { GatewayNeed, nameOfMatch, type GatewayRoute } from './gateway';

/** Where else requests of a route go. */
export interface AlsoRoutesFacts {
  /** Which requests: the words of the route. */
  readonly route: string;
  /** Name of the callee's port; empty: its only one. */
  readonly port: string;
  /** It answers a share of them, or gets copies whose answers nobody waits for. */
  readonly as: 'share' | 'copy';
  /** How many of 100: 1 to 99 of a share, 1 to 100 of copies. */
  readonly percent: number;
}

/** A gateway leads requests of one of its routes to another endpoint, too. */
export const AlsoRoutesTo = relation<IConstruct, IConstruct, AlsoRoutesFacts>(
  'also-routes-to',
  ({ as, route }) => `${as} ${route}`,
);

/** Where there are pods, this is a call like that of the route itself. */
export const sideCalls = expand('gateway.side-calls', AlsoRoutesTo, ({ from, to, facts }, build) => {
  if (build.backEnd(GatewayNeed).runs) build.relate(Calls, from, to, { port: facts.port, env: {} });
});

/** One of those to whom requests of a route go. */
export interface Destination {
  readonly to: IConstruct;
  /** Name of its port; empty: its only one. */
  readonly port: string;
  readonly as: 'share' | 'copy';
  /** How many of 100 requests. */
  readonly percent: number;
  readonly source: Source;
}

const others = viewOf('gateway.destinations', (graph: Graph, gateway: IConstruct) =>
  groupBy(graph.from(gateway, AlsoRoutesTo), ({ facts }) => facts.route),
);

/** To whom requests of a route go: first its own service, with what the others leave over. */
export function destinationsOf(graph: Graph, route: GatewayRoute): readonly [Destination, ...Destination[]] {
  const { from, to, facts, source } = route;
  const more = (graph.viewOf(others, from).get(nameOfMatch(facts)) ?? []).map((edge): Destination => {
    const { port, as, percent } = edge.facts;
    return { to: edge.to, port, as, percent, source: edge.source };
  });
  const taken = more.filter(({ as }) => as === 'share').reduce((sum, { percent }) => sum + percent, 0);
  return [{ to, port: facts.port, as: 'share', percent: 100 - taken, source }, ...more];
}

/** Where a destination listens. */
export interface Reached {
  readonly destination: Destination;
  readonly endpoint: Readonly<EndpointFacts>;
  readonly port: PortFacts;
}

/** Where a destination listens; undefined where it has no such port, which is a finding. */
export function reachedBy(graph: Graph, destination: Destination): Reached | undefined {
  const endpoint = graph.facts(destination.to, Endpoint);
  const port = portOfCall(endpoint, destination);
  return endpoint === undefined || port === undefined ? undefined : { destination, endpoint, port };
}

/** True where requests are spoken: a gateway encrypts them on their way to a peer outside whose port is called `https`. */
export function takesRequests({ endpoint, port }: Pick<Reached, 'endpoint' | 'port'>): boolean {
  return hasRequests(port.protocol) || isHttpsOutside({ endpoint, port });
}

/** True where the gateway has to encrypt what it sends. */
export function isHttpsOutside({ endpoint, port }: Pick<Reached, 'endpoint' | 'port'>): boolean {
  return 'name' in endpoint.host && isEncrypted(port) && /^https(-|$)/.test(port.name);
}
