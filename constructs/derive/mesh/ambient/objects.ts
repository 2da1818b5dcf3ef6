import type { IConstruct } from 'constructs';
import type { Derived } from '../../../model/extension';
import type { Joined } from '../../../model/facet';
import type { Graph } from '../../../model/graph';
import { ownershipLabels } from '../../labels';
import { renderPolicy } from '../../network-policies';
import { TrafficIn, type TrafficPart } from '../../traffic';
import { throughWhom } from '../../tunnels';
import { passesProxies, renderOpenings, type Opening } from '../istio/authorization';
import { istioObject } from '../istio/objects';
import type { IstioOptions } from '../istio/options';
import { principalOf, workloadOf } from '../istio/peers';
import { istiodPart, scraperPart } from '../istio/control';
import { parametersRef, renderParameters, type MadePods } from '../istio/made-pods';
import { podsOfWaypoint } from './parts';
import { TUNNEL_PORT, WAYPOINT, WAYPOINT_LABELS, waypoints, type LayerSeven, type WaypointFacts } from './waypoints';

/** Waypoints, and what they admit. */
export function* waypointObjects(graph: Graph, options: IstioOptions): Iterable<Derived> {
  for (const waypoint of graph.view(waypoints)) {
    const { context, callees } = waypoint;
    const arriving = callees.map((callee) => ({ callee, parts: partsThrough(graph, callee) }));
    const sources = arriving.flatMap(({ parts }) => parts.flatMap((part) => part.sources));
    yield { scope: context, sources, manifest: renderGateway(waypoint, options) };
    yield { scope: context, sources, manifest: renderParameters(context, madePodsOf(graph, waypoint, options)) };
    yield { scope: context, sources, manifest: renderTraffic(waypoint, arriving, options) };
    for (const { callee, parts } of arriving) yield* authorization(graph, callee, parts, options);
  }
}

/** What reaches a callee through its waypoint. */
function partsThrough(graph: Graph, { member }: LayerSeven): readonly Joined<TrafficPart>[] {
  return graph
    .collect(TrafficIn, member.construct)
    .filter(
      (joined) => passesProxies(graph, joined) && throughWhom(graph, member.construct, joined.value) !== undefined,
    );
}

function metadataOf(context: IConstruct, namespace: string, labels: Readonly<Record<string, string>> = {}) {
  return { name: WAYPOINT, namespace, labels: { ...ownershipLabels(context), ...labels } };
}

/** istiod makes the pods of a Gateway of this class (Istio 1.31, "Configure waypoint proxies"). */
function renderGateway({ context, namespace }: WaypointFacts, { revision }: IstioOptions) {
  const labels = { 'istio.io/waypoint-for': 'service', ...(revision !== '' && { 'istio.io/rev': revision }) };
  return {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'Gateway',
    metadata: metadataOf(context, namespace, labels),
    spec: {
      gatewayClassName: 'istio-waypoint',
      listeners: [{ name: 'mesh', port: TUNNEL_PORT, protocol: 'HBONE' }],
      infrastructure: parametersRef(WAYPOINT),
    },
  };
}

function madePodsOf(graph: Graph, { namespace }: WaypointFacts, options: IstioOptions): MadePods {
  const { replicas, resources } = podsOfWaypoint(graph, options);
  const scale = { min: replicas, max: replicas };
  return { name: WAYPOINT, namespace, labels: WAYPOINT_LABELS, scale, resources };
}

type Arriving = readonly { readonly callee: LayerSeven; readonly parts: readonly Joined<TrafficPart>[] }[];

/** Callers come to the waypoint, and it goes on to the callees, both through tunnels. */
function renderTraffic({ context, namespace }: WaypointFacts, arriving: Arriving, options: IstioOptions) {
  const flow = (value: TrafficPart): Joined<TrafficPart> => ({ key: '', value, sources: [] });
  const tunnel = (peer: TrafficPart['peer']) =>
    flow({ peer, port: TUNNEL_PORT, transport: 'TCP', purpose: 'relation' });
  const scraper = scraperPart(options);
  const incoming = [
    ...arriving.flatMap(({ parts }) => parts.map(({ value }) => tunnel(value.peer))),
    ...(scraper === undefined ? [] : [flow(scraper)]),
  ];
  const outgoing = [
    ...arriving.map(({ callee: { member } }) => tunnel({ pods: { namespace, labels: member.selector } })),
    flow(istiodPart(options)),
  ];
  return renderPolicy(metadataOf(context, namespace), WAYPOINT_LABELS, incoming, outgoing);
}

/**
 * Who may ask a callee through its waypoint, by identity (Istio API 1.31, security.istio.io/v1 AuthorizationPolicy). A
 * waypoint sees the port of the Service, and with such a policy it refuses who is not in it.
 */
function* authorization(
  graph: Graph,
  { member, services, ports }: LayerSeven,
  parts: readonly Joined<TrafficPart>[],
  { trustDomain }: IstioOptions,
): Iterable<Derived> {
  const openings = new Map<number, Opening>();
  for (const { value } of parts) {
    const caller = workloadOf(graph, value.peer);
    const principal = caller === undefined ? undefined : principalOf(graph, caller, trustDomain);
    if (principal === undefined) continue;
    for (const { number } of ports.filter(({ containerPort }) => containerPort === value.port)) {
      const opening = openings.get(number) ?? { principals: new Set(), outsiders: new Map() };
      openings.set(number, opening);
      opening.principals.add(principal);
    }
  }
  const { construct, name, namespace } = member;
  yield {
    scope: construct,
    sources: parts.flatMap(({ sources }) => sources),
    manifest: istioObject(
      'security',
      'AuthorizationPolicy',
      construct,
      { name: `${name}.${WAYPOINT}`, namespace, of: name },
      {
        targetRefs: services.map((service) => ({ group: '', kind: 'Service', name: service })),
        action: 'ALLOW',
        rules: renderOpenings(openings),
      },
    ),
  };
}
