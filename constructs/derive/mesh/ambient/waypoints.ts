import type { IConstruct } from 'constructs';
import { view, type Graph } from '../../../model/graph';
import { Context } from '../../context';
import { Endpoint, Served, Versioned, leadsApart, type PortFacts, type Reach } from '../../endpoint';
import { versionsOf } from '../../rollout/ways';
import type { Joined } from '../../../model/facet';
import { EndpointPolicies, HostRoutes, type RoutePart } from '../../resilience/routes';
import { members, type Membership } from '../mesh';

/** Name of the proxies of a context that see its requests, and of all that is made for them. */
export const WAYPOINT = 'waypoint';

/** Port on which tunnels arrive (Istio 1.31, "HBONE"). */
export const TUNNEL_PORT = 15008;

/** A callee whose Services are behind its context's waypoint. */
export interface LayerSeven {
  readonly member: Membership;
  /** Name of the Service that callers know. */
  readonly service: string;
  /** Names of all Services that lead to it: that one, and those of its versions. */
  readonly services: readonly [string, ...string[]];
  /** Ports of the Service. */
  readonly ports: readonly PortFacts[];
}

/** Proxies of one context, and for whom they are. */
export interface WaypointFacts {
  readonly context: IConstruct;
  readonly namespace: string;
  readonly callees: readonly LayerSeven[];
}

/** Labels by which istiod finds the pods that it makes for a Gateway (Gateway API 1.6, "GatewayInfrastructure"). */
export const WAYPOINT_LABELS: Readonly<Record<string, string>> = {
  'gateway.networking.k8s.io/gateway-name': WAYPOINT,
};

/** The pods of a context's waypoint. */
export function waypointReach(namespace: string): Reach {
  return { pods: { namespace, labels: WAYPOINT_LABELS } };
}

/**
 * Callees of whose requests something is asked: a route that treats them, a policy towards their endpoints, or that each of
 * two versions gets its own. All others need no more than identities, which the node's own proxy has.
 */
export const callees7 = view('mesh.callees-of-layer-7', (graph: Graph): ReadonlyMap<IConstruct, LayerSeven> => {
  const asked = new Set([
    ...graph.receivers(HostRoutes).filter((callee) => graph.collect(HostRoutes, callee).some(treats)),
    ...graph.receivers(EndpointPolicies),
    ...graph
      .having(Versioned)
      .map(({ construct }) => construct)
      .filter((callee) => leadsApart(versionsOf(graph, callee))),
  ]);
  const found = members(graph).flatMap((member): readonly LayerSeven[] => {
    const host = graph.facts(member.construct, Endpoint)?.host;
    if (!asked.has(member.construct) || host === undefined || !('service' in host)) return [];
    const service = graph.facts(member.construct, Served)?.services.find(({ name }) => name === host.service);
    if (service === undefined) return [];
    const { name, ports } = service;
    const versions = versionsOf(graph, member.construct)?.services.filter((version) => version !== name) ?? [];
    return [{ member, service: name, services: [name, ...versions], ports }];
  });
  return new Map(found.map((one) => [one.member.construct, one]));
});

/** True for a block that does more than to let through. */
function treats({ value }: Joined<RoutePart>): boolean {
  const { name: _name, port: _port, caller: _caller, treat, ...more } = value;
  return Object.keys(treat).length > 0 || Object.keys(more).length > 0;
}

/** One waypoint for each context that needs one. */
export const waypoints = view('mesh.waypoints', (graph: Graph): readonly WaypointFacts[] => {
  const all = [...graph.view(callees7).values()];
  return graph.having(Context).flatMap(({ construct: context, facts: { namespace } }) => {
    const callees = all.filter(({ member }) => member.namespace === namespace);
    return callees.length === 0 ? [] : [{ context, namespace, callees }];
  });
});
