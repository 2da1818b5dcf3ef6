import type { Derived } from '../../../model/extension';
import type { Joined } from '../../../model/facet';
import type { Graph } from '../../../model/graph';
import { byText } from '../../../model/order';
import type { Reach } from '../../endpoint';
import { TrafficIn, type TrafficPart } from '../../traffic';
import { memberships, type Membership } from '../mesh';
import { istioObject } from './objects';
import { principalOf, workloadOf } from './peers';

/** Whom a callee sees in place of a caller; undefined where it sees the caller. */
export type SeenAs = (graph: Graph, member: Membership, part: TrafficPart) => string | undefined;

/** One port of a callee and those who may use it. */
export interface Opening {
  readonly principals: Set<string>;
  /** Those who have no identity in the mesh: addresses, pods of others. */
  readonly outsiders: Map<string, object | undefined>;
}

/**
 * One AuthorizationPolicy a callee (Istio API 1.31, security.istio.io/v1). It says what the callee's network policy says,
 * with identities in place of addresses: both follow from the same parts, so they cannot disagree.
 */
export function* authorizationPolicies(
  graph: Graph,
  all: readonly Membership[],
  trustDomain: string,
  seenAs: SeenAs = () => undefined,
): Iterable<Derived> {
  for (const member of all) {
    const incoming = graph.collect(TrafficIn, member.construct).filter((joined) => passesProxies(graph, joined));
    const rules = renderOpenings(openingsOf(graph, member, incoming, trustDomain, seenAs));
    if (rules.length === 0) continue;
    const { construct, name, namespace, selector } = member;
    yield {
      scope: construct,
      sources: incoming.flatMap(({ sources }) => sources),
      manifest: istioObject(
        'security',
        'AuthorizationPolicy',
        construct,
        { name, namespace, of: name },
        { selector: { matchLabels: selector }, action: 'ALLOW', rules },
      ),
    };
  }
}

/**
 * Proxies see no UDP, and what the mesh itself needs does not pass through them. What the platform's own tasks do is control
 * traffic, too, but they are workloads with identities like all others.
 */
export function passesProxies(graph: Graph, { value }: Joined<TrafficPart>): boolean {
  return value.transport === 'TCP' && (value.purpose === 'relation' || workloadOf(graph, value.peer) !== undefined);
}

function openingsOf(
  graph: Graph,
  member: Membership,
  incoming: readonly Joined<TrafficPart>[],
  trustDomain: string,
  seenAs: SeenAs,
): ReadonlyMap<number, Opening> {
  const openings = new Map<number, Opening>();
  for (const { value } of incoming) {
    let opening = openings.get(value.port);
    if (opening === undefined) openings.set(value.port, (opening = { principals: new Set(), outsiders: new Map() }));
    const caller = workloadOf(graph, value.peer);
    const principal = caller === undefined ? undefined : principalOf(graph, caller, trustDomain);
    if (principal === undefined) {
      const source = outsiderOf(value.peer);
      opening.outsiders.set(JSON.stringify(source ?? ''), source);
      continue;
    }
    if (graph.view(memberships).get(caller as object as Membership['construct'])?.inside === true) {
      opening.principals.add(seenAs(graph, member, value) ?? principal);
    }
  }
  return openings;
}

/**
 * A peer without an identity. Pods of others are known by their network policy only; everybody is no source at all.
 */
function outsiderOf(peer: Reach): object | undefined {
  if ('pods' in peer) return undefined;
  const everybody = peer.cidrs.includes('0.0.0.0/0') && peer.except.length === 0;
  if (everybody) return undefined;
  return { ipBlocks: peer.cidrs, ...(peer.except.length > 0 && { notIpBlocks: peer.except }) };
}

/** One rule a port. */
export function renderOpenings(openings: ReadonlyMap<number, Opening>): readonly object[] {
  return [...openings].sort(([a], [b]) => a - b).flatMap(renderPort);
}

function renderPort([port, { principals, outsiders }]: readonly [number, Opening]): readonly object[] {
  const to = [{ operation: { ports: [String(port)] } }];
  const sources = [...outsiders].sort(([a], [b]) => byText(a, b)).map(([, source]) => source);
  if (sources.includes(undefined)) return [{ to }];
  const identities = [...principals].sort(byText);
  const from = [...(identities.length > 0 ? [{ principals: identities }] : []), ...sources];
  return from.length === 0 ? [] : [{ from: from.map((source) => ({ source })), to }];
}

/** Ports on which somebody without an identity in the mesh may call: there, plain text is let in. */
export function portsForOutsiders(graph: Graph, { construct }: Membership): readonly number[] {
  const ports = new Set<number>();
  for (const joined of graph.collect(TrafficIn, construct)) {
    if (passesProxies(graph, joined) && workloadOf(graph, joined.value.peer) === undefined)
      ports.add(joined.value.port);
  }
  return [...ports].sort((a, b) => a - b);
}
