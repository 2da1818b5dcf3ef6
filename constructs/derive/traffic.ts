import type { IConstruct } from 'constructs';
import { capability } from '../model/capability';
import { facet } from '../model/facet';
import type { Graph } from '../model/graph';
import { byText } from '../model/order';
import { oncePer, shared } from '../model/shared';
import type { Reach } from './endpoint';
import { NAMESPACE_LABEL, selecting } from './labels';
import type { ResourceFacts } from './pod';
import type { ScaleFacts } from './scaling';
import { Workload, type WorkloadFacts } from './workload';

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
  /** Most pods at once; or what the program wants, where a Deployment has as many as the setting `scale` says. */
  readonly pods: number | { readonly scale: ScaleFacts | undefined };
  /** What the containers of one pod ask for together, for the quota. */
  readonly resources: ResourceFacts;
  /**
   * Service account of the pods, where they are proxies of Istio, which a mesh of Istio takes for its own.
   * @defaultValue no mesh knows them
   */
  readonly account?: string;
}

/** The capability of having pods that an operator runs. */
export const OperatedPods = capability<OperatedPodsFacts>('operated-pods');

/** A peer as NetworkPolicies write it. */
export const renderPeer = oncePer((peer: Reach): readonly object[] => shared(renderAfresh(peer)));

function renderAfresh(peer: Reach): readonly object[] {
  if ('pods' in peer) {
    const { namespace, labels } = peer.pods;
    return [
      {
        namespaceSelector: { matchLabels: { [NAMESPACE_LABEL]: namespace } },
        podSelector: Object.keys(labels).length === 0 ? {} : selecting(labels),
      },
    ];
  }
  return peer.cidrs.map((cidr) => {
    const except = peer.except.filter((inner) => inner.includes(':') === cidr.includes(':'));
    return { ipBlock: { cidr, ...(except.length > 0 && { except }) } };
  });
}

/** Tells peers apart. */
export const peerKey = oncePer((peer: Reach): string => {
  if ('cidrs' in peer) return `cidr ${peer.cidrs.join(',')} - ${peer.except.join(',')}`;
  const labels = Object.entries(peer.pods.labels).map(([name, value]) => `${name}=${value}`);
  return `pods ${peer.pods.namespace}/${labels.sort(byText).join(',')}`;
});

/** The pods of a workload, as a peer. */
export function podsOf(graph: Graph, workload: IConstruct): Reach | undefined {
  const facts = graph.facts(workload, Workload) ?? graph.facts(workload, OperatedPods);
  return facts === undefined ? undefined : peerOf(facts);
}

/** Pods by the labels that they have, as a peer: the same one each time. */
export const peerOf = oncePer(({ namespace, selector }: WorkloadFacts | OperatedPodsFacts): Reach => ({
  pods: { namespace, labels: selector },
}));
