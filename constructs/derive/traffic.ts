import type { IConstruct } from 'constructs';
import { capability } from '../model/capability';
import { derive, type Derived } from '../model/extension';
import { facet, type Joined } from '../model/facet';
import type { Graph } from '../model/graph';
import { byText } from '../model/order';
import type { Source } from '../model/source';
import type { Reach } from './endpoint';
import { NAME_LABEL, NAMESPACE_LABEL, ownershipLabels } from './labels';
import type { ResourceFacts } from './pod';
import { Workload } from './workload';

/** One flow that a pod admits or opens. */
export interface TrafficPart {
  /** The other side. */
  readonly peer: Reach;
  /** Port of the pod that listens. */
  readonly port: number;
  /** Transport of the flow. UDP for the protocol `udp`, TCP for all others. */
  readonly transport: 'TCP' | 'UDP';
  /** Said by a relation between constructs, or needed by the platform itself (a scraper, an operator, the API server). */
  readonly purpose: 'relation' | 'control';
}

const keyOf = (part: TrafficPart): string => `${peerKey(part.peer)} ${part.port}/${part.transport} ${part.purpose}`;

/** What a workload's pods admit. */
export const TrafficIn = facet<TrafficPart>('traffic.in', keyOf);

/** What a workload's pods may open. */
export const TrafficOut = facet<TrafficPart>('traffic.out', keyOf);

/** Pods that an operator makes from a custom resource: they are in no manifest of the plan, but traffic reaches them. */
export interface OperatedPodsFacts {
  /** Name of the custom resource, and of the policy. */
  readonly name: string;
  /** Namespace of the pods. */
  readonly namespace: string;
  /** Labels that the operator puts on these pods and on no others. */
  readonly selector: Readonly<Record<string, string>>;
  /** Most pods at once. */
  readonly pods: number;
  /** What the containers of one pod ask for together, for the quota. */
  readonly resources: ResourceFacts;
}

/** The capability of having pods that an operator runs. */
export const OperatedPods = capability<OperatedPodsFacts>('operated-pods');

/**
 * One NetworkPolicy a workload (Kubernetes 1.36, networking.k8s.io/v1), with exactly what was said. The context denies
 * all the rest.
 */
export const networkPolicies = derive('network-policies', function* (graph): Iterable<Derived> {
  for (const { construct, facts } of [...graph.having(Workload), ...graph.having(OperatedPods)]) {
    const incoming = graph.collect(TrafficIn, construct);
    const outgoing = graph.collect(TrafficOut, construct);
    if (incoming.length === 0 && outgoing.length === 0) continue;
    yield {
      scope: construct,
      sources: sourcesOf(incoming, outgoing),
      manifest: {
        apiVersion: 'networking.k8s.io/v1',
        kind: 'NetworkPolicy',
        metadata: {
          name: facts.name,
          namespace: facts.namespace,
          labels: { [NAME_LABEL]: facts.name, ...ownershipLabels(construct) },
        },
        spec: {
          podSelector: { matchLabels: facts.selector },
          policyTypes: [...(incoming.length > 0 ? ['Ingress'] : []), ...(outgoing.length > 0 ? ['Egress'] : [])],
          ...(incoming.length > 0 && { ingress: renderRules(incoming, 'from') }),
          ...(outgoing.length > 0 && { egress: renderRules(outgoing, 'to') }),
        },
      },
    };
  }
});

function sourcesOf(...lists: readonly (readonly Joined<TrafficPart>[])[]): readonly Source[] {
  return lists.flatMap((list) => list.flatMap((joined) => joined.sources));
}

/** One rule a peer, with all its ports. */
function renderRules(parts: readonly Joined<TrafficPart>[], side: 'from' | 'to'): readonly object[] {
  const byPeer = new Map<string, { readonly peer: Reach; readonly ports: Map<string, object> }>();
  for (const { value } of parts) {
    const key = peerKey(value.peer);
    let rule = byPeer.get(key);
    if (rule === undefined) byPeer.set(key, (rule = { peer: value.peer, ports: new Map() }));
    rule.ports.set(`${String(value.port).padStart(5, '0')}/${value.transport}`, {
      protocol: value.transport,
      port: value.port,
    });
  }
  return [...byPeer.values()].map(({ peer, ports }) => ({
    [side]: renderPeer(peer),
    ports: [...ports].sort(([a], [b]) => byText(a, b)).map(([, port]) => port),
  }));
}

/** A peer as NetworkPolicies write it. */
export function renderPeer(peer: Reach): readonly object[] {
  if ('pods' in peer) {
    const { namespace, labels } = peer.pods;
    return [
      {
        namespaceSelector: { matchLabels: { [NAMESPACE_LABEL]: namespace } },
        podSelector: Object.keys(labels).length === 0 ? {} : { matchLabels: labels },
      },
    ];
  }
  return peer.cidrs.map((cidr) => {
    const except = peer.except.filter((inner) => inner.includes(':') === cidr.includes(':'));
    return { ipBlock: { cidr, ...(except.length > 0 && { except }) } };
  });
}

/** Tells peers apart. */
export function peerKey(peer: Reach): string {
  if ('cidrs' in peer) return `cidr ${peer.cidrs.join(',')} - ${peer.except.join(',')}`;
  const labels = Object.entries(peer.pods.labels).map(([name, value]) => `${name}=${value}`);
  return `pods ${peer.pods.namespace}/${labels.sort(byText).join(',')}`;
}

/** The pods of a workload, as a peer. */
export function podsOf(graph: Graph, workload: IConstruct): Reach | undefined {
  const facts = graph.facts(workload, Workload) ?? graph.facts(workload, OperatedPods);
  return facts === undefined ? undefined : { pods: { namespace: facts.namespace, labels: facts.selector } };
}
