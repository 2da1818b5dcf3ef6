import { need } from '../../model/back-end';
import { capability } from '../../model/capability';
import type { Derived } from '../../model/extension';
import type { Part } from '../../model/facet';
import { view, type Graph } from '../../model/graph';
import type { IConstruct } from 'constructs';
import type { ReleasePrerequisite } from '../../model/prerequisite';
import type { AppProtocolPart, ServiceLabelPart } from '../endpoint';
import type { InjectedPart, TextPart } from '../pod';
import { Gateway } from '../gateway/gateway';
import type { ContextPodsPart } from '../quota';
import { OperatedPods, type TrafficPart } from '../traffic';
import type { TunnelPart } from '../tunnels';
import { Workload } from '../workload';

/** What a mesh may be able to do. */
export type MeshAbility =
  | 'mutual-tls'
  | 'authorization'
  | 'timeout'
  | 'retry'
  | 'consecutive-errors'
  | 'failure-rate'
  | 'bulkhead'
  | 'admission'
  | 'load-balancing'
  | 'locality'
  | 'failover'
  | 'settings-per-caller'
  | 'outside-hosts'
  | 'weights'
  | 'access-token'
  | 'half-open-trials'
  | 'fallback';

/** One way to run a mesh, or none. Whoever serves the need gives objects and parts; everything else asks what it can. */
export interface MeshBackEnd {
  /** As environment files name it: `istio-sidecar`. */
  readonly name: string;
  /** What it does. What a call asks for and is not in here becomes a finding. */
  readonly can: ReadonlySet<MeshAbility>;
  /** Who measures requests, as its metrics name them in the label `reporter`; empty where nobody does. */
  readonly reporters: readonly string[];
  /** Whether somebody is let to what they measure. */
  readonly isScraped: boolean;
  /** What has to run in the cluster. */
  readonly releases: readonly ReleasePrerequisite[];
  /** Its custom resources. */
  objects(graph: Graph): Iterable<Derived>;
  /** Labels of pods, by which each is in or out. */
  podLabels(graph: Graph): Iterable<Part<TextPart>>;
  /** Annotations of pods. */
  podAnnotations(graph: Graph): Iterable<Part<TextPart>>;
  /** Containers that the cluster adds to pods, so that quotas count them. */
  injected(graph: Graph): Iterable<Part<InjectedPart>>;
  /** Names of protocols that its proxies want to be told, to the root. */
  appProtocols(graph: Graph): Iterable<Part<AppProtocolPart>>;
  /** Labels of Services. */
  serviceLabels(graph: Graph): Iterable<Part<ServiceLabelPart>>;
  /** Pods that it makes in contexts. */
  contextPods(graph: Graph): Iterable<Part<ContextPodsPart>>;
  /** Which connections it carries in tunnels. */
  tunnels(graph: Graph): Iterable<Part<TunnelPart>>;
  /** What pods must admit for the mesh itself. */
  trafficIn(graph: Graph): Iterable<Part<TrafficPart>>;
  /** What pods must open for the mesh itself. */
  trafficOut(graph: Graph): Iterable<Part<TrafficPart>>;
}

/** The need for a mesh. */
export const MeshNeed = need<MeshBackEnd>('mesh', 'none');

/** Why a workload is kept out of the mesh. */
export interface OutsideMeshFacts {
  /** For the reviewer, and for the annotation of the pod. */
  readonly reason: string;
}

/** The capability of being kept out of the mesh. */
export const OutsideMesh = capability<OutsideMeshFacts>('mesh.outside');

/** Whether pods are in the mesh, and why. */
export interface Membership {
  readonly construct: IConstruct;
  readonly name: string;
  readonly namespace: string;
  readonly selector: Readonly<Record<string, string>>;
  readonly inside: boolean;
  /** Where its proxy is: beside its containers, or the pod is one, as that of a gateway. */
  readonly proxy: 'beside' | 'itself';
  /** One sentence. */
  readonly reason: string;
}

const OPERATED = {
  inside: false,
  proxy: 'beside',
  reason: 'An operator runs these pods and encrypts between them by itself.',
} as const;
const PROXY = { inside: true, proxy: 'itself', reason: 'The mesh makes these pods, which are proxies.' } as const;
const MEMBER = 'Every workload of the platform is, unless it is kept out.';

/**
 * All pods of the platform, each said to be in or out. Without a word workloads are in; what an operator runs is out: its
 * pods speak to each other by addresses and certificates of their own.
 */
export const memberships = view('mesh.memberships', (graph: Graph): ReadonlyMap<IConstruct, Membership> => {
  const all = new Map<IConstruct, Membership>();
  for (const { construct, facts } of graph.having(Workload)) {
    const outside = graph.facts(construct, OutsideMesh);
    const { name, namespace, selector } = facts;
    const proxy = graph.facts(construct, Gateway) === undefined ? 'beside' : 'itself';
    const said = { inside: outside === undefined, proxy, reason: outside?.reason ?? MEMBER } as const;
    all.set(construct, { construct, name, namespace, selector, ...said });
  }
  for (const { construct, facts } of graph.having(OperatedPods)) {
    const { name, namespace, selector, account } = facts;
    const said = account === undefined ? OPERATED : PROXY;
    all.set(construct, { construct, name, namespace, selector, ...said });
  }
  return all;
});

/** Those that are in the mesh with a proxy beside them. A gateway says itself what its pods need. */
export function members(graph: Graph): readonly Membership[] {
  return [...graph.view(memberships).values()].filter(({ inside, proxy }) => inside && proxy === 'beside');
}

/** Those whose requests pass through a proxy of their own: members, and gateways that are one. */
export function withProxies(graph: Graph): readonly Membership[] {
  return [...graph.view(memberships).values()].filter(({ inside }) => inside);
}

/** What is said to pods and objects of the mesh, by whom. */
export function sourceOf({ construct }: Pick<Membership, 'construct'>): Part<TextPart>['source'] {
  return { by: 'mesh', at: construct.node.path };
}
