import { derive, type Derived } from '../model/extension';
import { sourcesOf, type Joined } from '../model/facet';
import type { KubeObject } from '../model/kube-object';
import { byText, groupBy } from '../model/order';
import { oncePerValue, shared } from '../model/shared';
import { selecting } from './labels';
import { OperatedPods, peerKey, renderPeer, type TrafficPart } from './traffic';
import { onTheWire } from './tunnels';
import { Workload, metadataOf } from './workload';

type Flows = readonly Joined<TrafficPart>[];

/**
 * One NetworkPolicy a workload (Kubernetes 1.36, networking.k8s.io/v1), with exactly what was said. The context denies
 * all the rest.
 */
export const networkPolicies = derive('network-policies', function* (graph): Iterable<Derived> {
  for (const { construct, facts } of [...graph.having(Workload), ...graph.having(OperatedPods)]) {
    const { incoming, outgoing } = onTheWire(graph, construct);
    if (incoming.length === 0 && outgoing.length === 0) continue;
    yield {
      scope: construct,
      sources: sourcesOf(incoming, outgoing),
      manifest: renderPolicy(metadataOf(construct, facts), facts.selector, incoming, outgoing),
    };
  }
});

/** The policy of some pods. */
export function renderPolicy(
  metadata: KubeObject['metadata'],
  selector: Readonly<Record<string, string>>,
  incoming: Flows,
  outgoing: Flows,
): KubeObject {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata,
    spec: {
      podSelector: selecting(selector),
      policyTypes: [...(incoming.length > 0 ? ['Ingress'] : []), ...(outgoing.length > 0 ? ['Egress'] : [])],
      ...(incoming.length > 0 && {
        ingress: renderRules(incoming).map((rule) => ({ from: rule.peer, ports: rule.ports })),
      }),
      ...(outgoing.length > 0 && {
        egress: renderRules(outgoing).map((rule) => ({ to: rule.peer, ports: rule.ports })),
      }),
    },
  };
}

/** One rule a peer, with all its ports. */
function renderRules(parts: Flows): readonly { peer: readonly object[]; ports: object }[] {
  return [...groupBy(parts, ({ value }) => peerKey(value.peer)).values()].map((ofPeer) => ({
    peer: renderPeer((ofPeer[0] as Joined<TrafficPart>).value.peer),
    ports: renderPorts(ofPeer),
  }));
}

/** Ports by number and transport, each once. Mostly it is one, and the same for many peers. */
function renderPorts(parts: Flows): object {
  const [first] = parts;
  if (first !== undefined && parts.length === 1) return portList(portKey(first));
  return portList([...new Set(parts.map(portKey))].sort(byText).join());
}

function portKey({ value }: Joined<TrafficPart>): string {
  return `${String(value.port).padStart(5, '0')}/${value.transport}`;
}

const portList = oncePerValue((keys: string) =>
  shared(
    keys.split(',').map((key) => {
      const [port, protocol] = key.split('/');
      return { protocol, port: Number(port) };
    }),
  ),
);
