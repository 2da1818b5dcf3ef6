import type { IConstruct } from 'constructs';
import { contribute, expand } from '../../model/extension';
import type { Part } from '../../model/facet';
import { view, type Graph } from '../../model/graph';
import { relation } from '../../model/relation';
import type { Call } from '../callers';
import { Calls, portOfCall } from '../calls';
import { Endpoint, type EndpointFacts, type PortFacts } from '../endpoint';
import { isHttpsOutside } from '../gateway/destinations';
import { EndpointPolicies, endsOf, type EndpointPolicyPart, type Ends } from './routes';
import { shares } from './shares';

/** A caller asks a standby while its callee cannot answer. */
export const FailsOverTo = relation<IConstruct, IConstruct, { readonly port: string }>(
  'fails-over-to',
  ({ port }) => port,
);

/** The way to the standby is open before it is needed. */
export const standbyCalls = expand('failover.calls', FailsOverTo, ({ from, to, facts }, build) => {
  build.relate(Calls, from, to, { port: facts.port, env: {}, isStandby: true });
});

/** Where a standby listens. */
export interface StandbyEnds {
  readonly to: IConstruct;
  readonly endpoint: Readonly<EndpointFacts>;
  readonly port: PortFacts;
}

/** The standby of a call, where it has one that listens. */
export function standbyOf(graph: Graph, { from, facts }: Call): StandbyEnds | undefined {
  const wanted = facts.resilience?.failover;
  if (wanted === undefined) return undefined;
  const edge = graph.from(from, FailsOverTo).find(({ to }) => to.node.path === wanted.standby);
  const endpoint = edge === undefined ? undefined : graph.facts(edge.to, Endpoint);
  const port = portOfCall(endpoint, wanted);
  return edge === undefined || endpoint === undefined || port === undefined
    ? undefined
    : { to: edge.to, endpoint, port };
}

/** A failover that the mesh does. */
export interface MeshFailover extends Ends {
  readonly call: Call;
  readonly standby: StandbyEnds;
}

/** All failovers to a standby that the mesh does. */
export const meshFailovers = view('failover.of-mesh', (graph: Graph): readonly MeshFailover[] =>
  [...graph.view(shares)].flatMap(([call, { mesh }]) => {
    const ends = mesh.failover === undefined ? undefined : endsOf(graph, call);
    const standby = mesh.failover === undefined ? undefined : standbyOf(graph, call);
    return ends === undefined || standby === undefined ? [] : [{ call, standby, ...ends }];
  }),
);

/** Programs speak plain HTTP to their proxy, which encrypts it for a standby outside. */
export const standbyEncryption = contribute('failover.encryption', EndpointPolicies, function* (graph): Iterable<
  Part<EndpointPolicyPart>
> {
  for (const { call, standby, caller } of graph.view(meshFailovers)) {
    const { host } = standby.endpoint;
    if (!isHttpsOutside(standby) || !('name' in host)) continue;
    const part = { caller, port: standby.port.number, serverName: host.name };
    yield { to: standby.to, source: call.source, part };
  }
});
