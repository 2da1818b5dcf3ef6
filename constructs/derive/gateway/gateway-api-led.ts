import type { IConstruct } from 'constructs';
import { given } from '../../model/given';
import { viewOf, type Graph } from '../../model/graph';
import type { PortFacts, SplitFacts, TestersWayFacts, VersionedFacts } from '../endpoint';
import { versionsOf } from '../rollout/ways';
import { destinationsOf, reachedBy, type Destination } from './destinations';
import { routesOf, type GatewayRoute } from './gateway';

/** A Service and the port that requests go to. */
export interface LedTo {
  readonly service: { readonly name: string; readonly namespace: string };
  readonly port: PortFacts;
  readonly destination: Destination;
}

/** A route, and the Service and port that it leads to. */
export interface Led extends LedTo {
  readonly route: GatewayRoute;
  /** All to whom its requests go, itself included. */
  readonly all: readonly LedTo[];
  /** Two versions of the service share its requests. @defaultValue it is there in one */
  readonly split?: SplitFacts;
  /** Whose requests go to the new version. @defaultValue nobody's */
  readonly testers?: TestersWayFacts;
}

/** Names of the Services that objects of a route name for a service. */
export function targetsOf(
  service: string,
  { split, testers }: Pick<VersionedFacts, 'split' | 'testers'> = {},
): readonly string[] {
  const shared = split === undefined ? [service] : [split.stable, split.canary];
  return testers === undefined || shared.includes(testers.service) ? shared : [...shared, testers.service];
}

const byGateway = viewOf('gateway-api.led', (graph: Graph, gateway: IConstruct): readonly Led[] =>
  routesOf(graph, gateway).flatMap((route) => leading(graph, route)),
);

/** Where the routes of a gateway lead, in the order in which they are tried. */
export function ledBy(graph: Graph, gateway: IConstruct): readonly Led[] {
  return graph.viewOf(byGateway, gateway);
}

/** Where a route leads; nowhere, where that is a finding. */
function leading(graph: Graph, route: GatewayRoute): readonly Led[] {
  const [own, ...more] = destinationsOf(graph, route).map((destination) => ledTo(graph, destination));
  if (own === undefined) return [];
  const { split, testers } = (more.length === 0 ? versionsOf(graph, route.to) : undefined) ?? {};
  return [{ ...own, route, all: [own, ...more.filter((one) => one !== undefined)], ...given({ split, testers }) }];
}

function ledTo(graph: Graph, destination: Destination): LedTo | undefined {
  const reached = reachedBy(graph, destination);
  if (reached === undefined || 'name' in reached.endpoint.host) return undefined;
  const { service: name, namespace } = reached.endpoint.host;
  return { destination, port: reached.port, service: { name, namespace } };
}
