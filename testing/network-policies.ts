import { groupBy } from '../constructs/model/order';
import { BlockList, isIP } from 'node:net';
import type { KubeObject } from '../constructs/model/kube-object';

/**
 * What NetworkPolicies admit, worked out from their definition (Kubernetes 1.36, "Network Policies" and
 * networking.k8s.io/v1) and from nothing else: this file knows neither the relations nor the derivations that made
 * them, so that a test can judge one by the other.
 *
 * Left out, because manifests do not tell: the way to and from a pod's own node, which is always open; a pod that talks
 * to itself, which is always admitted; and the addresses of pods, so that an `ipBlock` is met by addresses outside the
 * cluster only, which is how the documentation says to use it.
 */

/** Pods that are all alike: the replicas of one workload, or pods outside the plan. */
export interface Pods {
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Ports that the containers declare; policies may name them. */
  readonly ports: readonly { readonly name?: string; readonly containerPort: number; readonly protocol?: string }[];
}

/** One end of a flow: pods, or an address outside the cluster. */
export type End = Pods | { readonly address: string };

/** Packets from one end to a port of the other, which is the port that the pod itself listens on. */
export interface Flow {
  readonly from: End;
  readonly to: End;
  readonly port: number;
  readonly protocol: string;
}

/** What the policies of one end say about a flow. */
export interface Verdict {
  readonly allowed: boolean;
  /** Names of the policies that select the end in this direction. None: all is open. */
  readonly selectedBy: readonly string[];
  /** Names of those among them that let the flow pass. One is enough. */
  readonly allowedBy: readonly string[];
}

type Direction = 'Ingress' | 'Egress';
type Labels = Readonly<Record<string, string>>;

interface Selector {
  readonly matchLabels?: Labels;
  readonly matchExpressions?: readonly Expression[];
}

interface Expression {
  readonly key: string;
  readonly operator: string;
  readonly values?: readonly string[];
}

interface Peer {
  readonly podSelector?: Selector;
  readonly namespaceSelector?: Selector;
  readonly ipBlock?: { readonly cidr: string; readonly except?: readonly string[] };
}

interface PolicyPort {
  readonly protocol?: string;
  readonly port?: number | string;
  readonly endPort?: number;
}

interface Rule {
  readonly from?: readonly Peer[];
  readonly to?: readonly Peer[];
  readonly ports?: readonly PolicyPort[];
}

interface PolicySpec {
  readonly podSelector?: Selector;
  readonly policyTypes?: readonly string[];
  readonly ingress?: readonly Rule[];
  readonly egress?: readonly Rule[];
}

interface Policy {
  readonly namespace: string;
  readonly name: string;
  readonly spec: PolicySpec;
}

/** The NetworkPolicies among some manifests. */
export class NetworkPolicies {
  readonly #policies: ReadonlyMap<string, readonly Policy[]>;
  readonly #namespaceLabels: ReadonlyMap<string, Labels>;

  constructor(manifests: readonly KubeObject[]) {
    const policies = manifests
      .filter(({ apiVersion, kind }) => apiVersion === 'networking.k8s.io/v1' && kind === 'NetworkPolicy')
      .map(({ metadata: { namespace = 'default', name }, spec = {} }) => ({
        namespace,
        name,
        spec: spec as PolicySpec,
      }));
    const namespaces = manifests.filter(({ apiVersion, kind }) => apiVersion === 'v1' && kind === 'Namespace');
    this.#policies = groupBy(policies, ({ namespace }) => namespace);
    this.#namespaceLabels = new Map(namespaces.map(({ metadata }) => [metadata.name, metadata.labels ?? {}]));
  }

  /** Whether a flow passes: the sender's policies have to let it out, and the receiver's have to let it in. */
  allow(flow: Flow): boolean {
    return this.leaving(flow).allowed && this.entering(flow).allowed;
  }

  /** What the sender's policies say. An address outside has none. */
  leaving(flow: Flow): Verdict {
    return this.#judge('Egress', flow.from, flow.to, flow);
  }

  /** What the receiver's policies say. An address outside has none. */
  entering(flow: Flow): Verdict {
    return this.#judge('Ingress', flow.to, flow.from, flow);
  }

  /** The address blocks of what some pods may open, as `203.0.113.0/24 on 443/TCP`: for messages. */
  blocksOpenTo(pods: Pods): readonly string[] {
    const rules = this.#selecting('Egress', pods).flatMap((policy) => rulesOf(policy, 'Egress'));
    return rules.flatMap(({ to = [], ports = [] }) => {
      const open = ports.map(({ protocol = 'TCP', port = 'all' }) => `${port}/${protocol}`).join(' ') || 'all ports';
      return to.flatMap(({ ipBlock }) => (ipBlock === undefined ? [] : [`${ipBlock.cidr} on ${open}`]));
    });
  }

  #judge(direction: Direction, own: End, other: End, flow: Flow): Verdict {
    const selecting = 'address' in own ? [] : this.#selecting(direction, own);
    const allowing = selecting.filter((policy) =>
      rulesOf(policy, direction).some(
        ({ from, to, ports }) =>
          this.#areMet(policy, (direction === 'Ingress' ? from : to) ?? [], other) && isPort(ports ?? [], flow),
      ),
    );
    return {
      allowed: selecting.length === 0 || allowing.length > 0,
      selectedBy: selecting.map(nameOf),
      allowedBy: allowing.map(nameOf),
    };
  }

  #selecting(direction: Direction, { namespace, labels }: Pods): readonly Policy[] {
    const policies = this.#policies.get(namespace) ?? [];
    return policies.filter(({ spec }) => typesOf(spec).includes(direction) && selects(spec.podSelector, labels));
  }

  /** No peers: everybody. */
  #areMet(policy: Policy, peers: readonly Peer[], other: End): boolean {
    return peers.length === 0 || peers.some((peer) => this.#isMet(policy, peer, other));
  }

  /** A peer that names no namespaces means those of the policy's own. */
  #isMet(policy: Policy, { podSelector, namespaceSelector, ipBlock }: Peer, other: End): boolean {
    if ('address' in other) return ipBlock !== undefined && isInBlock(ipBlock, other.address);
    if (ipBlock !== undefined || !selects(podSelector, other.labels)) return false;
    if (namespaceSelector === undefined) return other.namespace === policy.namespace;
    return selects(namespaceSelector, this.#labelsOf(other.namespace));
  }

  /** The name is a label that the API server sets by itself on each namespace. */
  #labelsOf(namespace: string): Labels {
    return { ...this.#namespaceLabels.get(namespace), 'kubernetes.io/metadata.name': namespace };
  }
}

function nameOf({ namespace, name }: Policy): string {
  return `${namespace}/${name}`;
}

/** Where a policy names no types, it is about what comes in, and about what goes out if it has rules for that. */
function typesOf({ policyTypes, egress }: PolicySpec): readonly string[] {
  if (policyTypes !== undefined && policyTypes.length > 0) return policyTypes;
  return egress !== undefined && egress.length > 0 ? ['Ingress', 'Egress'] : ['Ingress'];
}

function rulesOf({ spec }: Policy, direction: Direction): readonly Rule[] {
  return (direction === 'Ingress' ? spec.ingress : spec.egress) ?? [];
}

/** An empty selector selects all. */
function selects({ matchLabels = {}, matchExpressions = [] }: Selector = {}, labels: Labels): boolean {
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every((one) => holds(one, labels))
  );
}

function holds({ key, operator, values = [] }: Expression, labels: Labels): boolean {
  const value = labels[key];
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    default:
      return false;
  }
}

/** No ports: all of them. A name is looked up in the pods that receive. */
function isPort(ports: readonly PolicyPort[], { to, port, protocol }: Flow): boolean {
  if (ports.length === 0) return true;
  return ports.some((one) => {
    if ((one.protocol ?? 'TCP') !== protocol) return false;
    if (one.port === undefined) return true;
    if (typeof one.port === 'number') return port >= one.port && port <= (one.endPort ?? one.port);
    const named = 'address' in to ? [] : to.ports.filter(({ name }) => name === one.port);
    return named.some((declared) => declared.containerPort === port && (declared.protocol ?? 'TCP') === protocol);
  });
}

function isInBlock(
  { cidr, except = [] }: { readonly cidr: string; readonly except?: readonly string[] },
  address: string,
): boolean {
  return isWithin(cidr, address) && !except.some((inner) => isWithin(inner, address));
}

function isWithin(cidr: string, address: string): boolean {
  const [network = '', bits = ''] = cidr.split('/');
  const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
  if (isIP(network) !== isIP(address)) return false;
  const block = new BlockList();
  block.addSubnet(network, Number(bits), family);
  return block.check(address, family);
}
