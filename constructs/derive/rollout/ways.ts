import type { IConstruct } from 'constructs';
import { viewOf, type Graph } from '../../model/graph';
import { callersOf } from '../callers';
import { Endpoint, Versioned, type VersionedFacts } from '../endpoint';
import { GatewayNeed, RoutesTo } from '../gateway/gateway';
import { MeshNeed, memberships } from '../mesh/mesh';
import { hasRequests } from '../resilience/conditions';
import { followsWeights } from './names';

/** Who tells the versions of a service apart, of all by whom requests come to it. */
export interface Ways {
  /** Somebody looks at headers of requests: so testers are led to the new version. */
  readonly looked: boolean;
  /** Somebody shares requests by weights. */
  readonly weighed: boolean;
  /** Callers whose requests nobody shares by weights: paths. */
  readonly unweighed: readonly string[];
}

const ways = viewOf('rollout.ways', (graph: Graph, service: IConstruct): Ways => {
  const { ports = [] } = graph.facts(service, Endpoint) ?? {};
  const isAsked = ports.some(({ protocol }) => hasRequests(protocol));
  const { isLed, unweighed } = waysOfMesh(graph, service);
  const byRoutes = isRouted(graph, service);
  return {
    looked: isAsked && (isLed || byRoutes),
    weighed: isAsked && (isLed || (byRoutes && followsWeights(graph))),
    unweighed,
  };
});

/**
 * In a mesh versions are told apart for a service that is in it; for one outside its callers' own proxies do, where they
 * have some that look at such requests.
 */
function waysOfMesh(graph: Graph, service: IConstruct) {
  const { can } = graph.backEnd(MeshNeed);
  const all = graph.view(memberships);
  const isInside = can.has('weights') && all.get(service)?.inside === true;
  const isAtCallers = can.has('weights') && can.has('outside-hosts');
  const { services, standbys } = callersOf(graph, service);
  const callers = [...new Set([...services, ...standbys].map(({ from }) => from))];
  const led = callers.filter((from) => isInside || (isAtCallers && all.get(from)?.inside === true));
  const unweighed = callers.filter((from) => !led.includes(from)).map(({ node }) => node.path);
  return { isLed: isInside || led.length > 0, unweighed };
}

/** Gateways do it by routes, with objects of their own, or with those of the mesh. */
function isRouted(graph: Graph, service: IConstruct): boolean {
  return graph.backEnd(GatewayNeed).can.has('weights') && graph.to(service, RoutesTo).length > 0;
}

/** Who tells the versions of a service apart. */
export function waysInto(graph: Graph, service: IConstruct): Ways {
  return graph.viewOf(ways, service);
}

/** The versions of a service. Where a controller would move weights and nobody follows them, there is one. */
export function versionsOf(graph: Graph, service: IConstruct): Readonly<VersionedFacts> | undefined {
  const facts = graph.facts(service, Versioned);
  const isMoved = facts?.split !== undefined && facts.split.percent === undefined;
  return isMoved && !waysInto(graph, service).weighed ? undefined : facts;
}
