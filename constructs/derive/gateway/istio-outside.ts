import { contribute, type Derived } from '../../model/extension';
import type { Part } from '../../model/facet';
import type { Graph } from '../../model/graph';
import { destinationRules } from '../mesh/istio/endpoint-policies';
import { serviceEntries } from '../mesh/istio/egress';
import { MeshNeed, withProxies } from '../mesh/mesh';
import { EndpointPolicies, callerFacts, type EndpointPolicyPart } from '../resilience/routes';
import { destinationsOf, isHttpsOutside, reachedBy } from './destinations';
import { Gateway, GatewayNeed, routesOf } from './gateway';

/** A gateway speaks HTTP to its clients, and encrypts it anew for a peer outside that wants it. */
export const gatewayEncryption = contribute('gateway.encryption', EndpointPolicies, function* (graph): Iterable<
  Part<EndpointPolicyPart>
> {
  if (!graph.backEnd(GatewayNeed).can.has('outside-host')) return;
  for (const { construct } of graph.having(Gateway)) {
    const caller = callerFacts(graph, construct);
    if (caller === undefined) continue;
    for (const destination of routesOf(graph, construct).flatMap((route) => destinationsOf(graph, route))) {
      const reached = reachedBy(graph, destination);
      if (reached === undefined || !isHttpsOutside(reached) || !('name' in reached.endpoint.host)) continue;
      const part = { caller, port: reached.port.number, serverName: reached.endpoint.host.name };
      yield { to: destination.to, source: destination.source, part };
    }
  }
});

/** What a gateway has to know of peers outside, where no mesh tells its proxies. */
export function* outsideObjects(graph: Graph): Iterable<Derived> {
  if (graph.backEnd(MeshNeed).can.has('outside-hosts')) return;
  const gateways = withProxies(graph).filter(({ proxy }) => proxy === 'itself');
  yield* serviceEntries(graph, gateways);
  const outside = gateways.flatMap(({ construct }) =>
    routesOf(graph, construct).flatMap((route) => destinationsOf(graph, route)),
  );
  yield* destinationRules(graph, new Set(outside.filter((one) => isOutside(graph, one)).map(({ to }) => to)));
}

function isOutside(graph: Graph, destination: Parameters<typeof reachedBy>[1]): boolean {
  const reached = reachedBy(graph, destination);
  return reached !== undefined && 'name' in reached.endpoint.host;
}
