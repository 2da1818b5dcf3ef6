import type { Part } from '../../../model/facet';
import type { Graph } from '../../../model/graph';
import type { ServiceLabelPart } from '../../endpoint';
import type { ResourceFacts, TextPart } from '../../pod';
import { probePorts } from '../../probes';
import type { ContextPodsPart } from '../../quota';
import type { TrafficPart } from '../../traffic';
import type { TunnelPart } from '../../tunnels';
import type { IstioOptions } from '../istio/options';
import { scraperPart } from '../istio/control';
import { members, memberships, sourceOf, withProxies } from '../mesh';
import { TUNNEL_PORT, WAYPOINT, callees7, waypointReach, waypoints } from './waypoints';

/** Label by which a pod is in the mesh (Istio 1.31, "Resource Labels"). */
const MODE_LABEL = 'istio.io/dataplane-mode';

/** Addresses that Istio's CNI plugin gives to the kubelet's probes (Istio 1.31, cni/README.md, `HOST_PROBE_SNAT_IP`). */
const PROBES = { cidrs: ['169.254.7.127/32', 'fd16:9254:7127:1337:ffff:ffff:ffff:ffff/128'], except: [] };

/** What was said to pods and objects, by the mesh. */
const by = (at: string) => ({ by: 'mesh', at });

/** Each pod says it by itself, in or out, and namespaces say nothing: what an operator makes is never drawn in. */
export function* modeLabels(graph: Graph): Iterable<Part<TextPart>> {
  for (const member of graph.view(memberships).values()) {
    if (member.proxy === 'itself') continue;
    const part = { name: MODE_LABEL, value: member.inside ? 'ambient' : 'none' };
    yield { to: member.construct, source: sourceOf(member), part };
  }
}

/** Why each pod is in or out. */
export function* modeReasons(graph: Graph): Iterable<Part<TextPart>> {
  for (const member of graph.view(memberships).values()) {
    yield {
      to: member.construct,
      source: sourceOf(member),
      part: { name: 'ashlar.dev/mesh', value: member.reason },
    };
  }
}

/** Which Services are behind the waypoint of their namespace (Istio 1.31, "Configure waypoint proxies"). */
export function* waypointLabels(graph: Graph): Iterable<Part<ServiceLabelPart>> {
  for (const { member, services } of graph.view(callees7).values()) {
    for (const service of services) {
      const part = { service, name: 'istio.io/use-waypoint', value: WAYPOINT };
      yield { to: member.construct, source: sourceOf(member), part };
    }
  }
}

/** Members open and take tunnels. A gateway opens them only, and goes past waypoints: its routes have their own limits. */
export function* tunnelParts(graph: Graph): Iterable<Part<TunnelPart>> {
  const served = graph.view(callees7);
  for (const member of members(graph)) {
    const callee = served.get(member.construct);
    const ports = callee?.ports.map(({ containerPort }) => containerPort) ?? [];
    const behind = callee === undefined ? undefined : { reach: waypointReach(member.namespace), ports };
    yield {
      to: member.construct,
      source: sourceOf(member),
      part: { name: 'istio', port: TUNNEL_PORT, opens: true, takes: true, ...(behind !== undefined && { behind }) },
    };
  }
  for (const gateway of graph.view(memberships).values()) {
    if (!gateway.inside || gateway.proxy !== 'itself') continue;
    const part: TunnelPart = { name: 'istio', port: TUNNEL_PORT, opens: true, takes: false, direct: true };
    yield { to: gateway.construct, source: sourceOf(gateway), part };
  }
}

/** What pods must admit: probes, and for gateways, which are proxies, whoever scrapes. */
export function* trafficIn(graph: Graph, options: IstioOptions): Iterable<Part<TrafficPart>> {
  yield* probeTraffic(graph);
  const part = scraperPart(options);
  if (part === undefined) return;
  for (const gateway of withProxies(graph).filter(({ proxy }) => proxy === 'itself')) {
    yield { to: gateway.construct, source: sourceOf(gateway), part };
  }
}

/** Probes of the kubelet have an address of their own in pods of the mesh, which no longer is that of the node. */
function* probeTraffic(graph: Graph): Iterable<Part<TrafficPart>> {
  for (const member of members(graph)) {
    for (const port of probePorts(graph, member.construct)) {
      const part: TrafficPart = { peer: PROBES, port, transport: 'TCP', purpose: 'control' };
      yield { to: member.construct, source: sourceOf(member), part };
    }
  }
}

/** How many proxies a waypoint has, and what each takes. */
export function podsOfWaypoint(
  { environment }: Graph,
  { waypoints: said, proxy }: IstioOptions,
): { readonly replicas: number; readonly resources: ResourceFacts } {
  const resources: ResourceFacts = {
    requests: { cpu: proxy.cpu, memory: proxy.memory },
    limits: { memory: proxy.memoryLimit },
  };
  return { replicas: said ?? (environment.tier === 'development' ? 1 : 2), resources };
}

/** The pods of waypoints, for quotas: while they are replaced, the old ones stand beside the new ones. */
export function* waypointPods(graph: Graph, options: IstioOptions): Iterable<Part<ContextPodsPart>> {
  const { replicas, resources } = podsOfWaypoint(graph, options);
  for (const { context, namespace } of graph.view(waypoints)) {
    const part: ContextPodsPart = { name: WAYPOINT, namespace, pods: 2 * replicas, resources };
    yield { to: context, source: by(context.node.path), part };
  }
}
