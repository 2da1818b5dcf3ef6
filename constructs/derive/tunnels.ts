import type { IConstruct } from 'constructs';
import { facet, type Joined } from '../model/facet';
import { view, type Graph } from '../model/graph';
import type { Reach } from './endpoint';
import { TrafficIn, TrafficOut, peerKey, podsOf, type TrafficPart } from './traffic';

/**
 * How connections travel that a mesh carries: whoever opens tunnels reaches whoever takes them on one port, whatever port
 * was meant. So network policies see that port; which of the pod's ports may be used is said by the mesh's own policies.
 */
export interface TunnelPart {
  /** Key of the facet: the mesh that carries. */
  readonly name: string;
  /** Port of the pod on which tunnels arrive. */
  readonly port: number;
  /** Connections of these pods leave through tunnels. */
  readonly opens: boolean;
  /** Connections to these pods arrive through tunnels, where the other side opens them. */
  readonly takes: boolean;
  /** Pods that stand before these, and the ports that they stand before. @defaultValue nobody does */
  readonly behind?: { readonly reach: Reach; readonly ports: readonly number[] };
  /** These pods go past what stands before others. @defaultValue false */
  readonly direct?: true;
}

/** Who opens and takes tunnels; at most one part a workload. */
export const Tunnels = facet<TunnelPart>('traffic.tunnels', ({ name }) => name);

/** Tunnels by the peer that policies write for the pods. */
const tunnelsByPeer = view('traffic.tunnels-by-peer', (graph: Graph): ReadonlyMap<string, TunnelPart> => {
  const all = new Map<string, TunnelPart>();
  for (const construct of graph.receivers(Tunnels)) {
    const [part] = graph.collect(Tunnels, construct);
    const reach = podsOf(graph, construct);
    if (part !== undefined && reach !== undefined) all.set(peerKey(reach), part.value);
  }
  return all;
});

/** How a connection is carried from one to another; undefined where it goes as it is. */
function carried(
  { transport, port }: TrafficPart,
  from: TunnelPart | undefined,
  to: TunnelPart | undefined,
): { readonly port: number; readonly through?: Reach } | undefined {
  if (transport !== 'TCP' || from?.opens !== true || to?.takes !== true) return undefined;
  const isBehind = from.direct !== true && to.behind?.ports.includes(port) === true;
  return { port: to.port, ...(isBehind && to.behind !== undefined && { through: to.behind.reach }) };
}

/** The pods through which a workload is reached by a peer; undefined where nobody stands between them. */
export function throughWhom(graph: Graph, to: IConstruct, part: TrafficPart): Reach | undefined {
  const all = graph.view(tunnelsByPeer);
  const reach = podsOf(graph, to);
  return reach === undefined ? undefined : carried(part, all.get(peerKey(part.peer)), all.get(peerKey(reach)))?.through;
}

/** What a workload's pods admit, and what they open, as packets show it. */
export function onTheWire(
  graph: Graph,
  construct: IConstruct,
): { readonly incoming: readonly Joined<TrafficPart>[]; readonly outgoing: readonly Joined<TrafficPart>[] } {
  const incoming = graph.collect(TrafficIn, construct);
  const outgoing = graph.collect(TrafficOut, construct);
  const all = graph.view(tunnelsByPeer);
  if (all.size === 0) return { incoming, outgoing };
  const reach = podsOf(graph, construct);
  const own = reach === undefined ? undefined : all.get(peerKey(reach));
  return {
    incoming: incoming.map((joined) => shown(joined, carried(joined.value, all.get(peerKey(joined.value.peer)), own))),
    outgoing: outgoing.map((joined) => shown(joined, carried(joined.value, own, all.get(peerKey(joined.value.peer))))),
  };
}

function shown(joined: Joined<TrafficPart>, how: ReturnType<typeof carried>): Joined<TrafficPart> {
  if (how === undefined) return joined;
  const { port, through: peer = joined.value.peer } = how;
  return { ...joined, value: { ...joined.value, peer, port } };
}
