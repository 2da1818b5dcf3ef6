import type { IConstruct } from 'constructs';
import { contribute } from '../model/extension';
import type { Part } from '../model/facet';
import { relation } from '../model/relation';
import { ENDPOINT, Endpoint, hostOf, transportOf, type EndpointFacts, type PortFacts, type Reach } from './endpoint';
import type { ResilienceFacts } from './resilience/facts';
import { PodEnv, type EnvPart } from './pod';
import { TrafficIn, TrafficOut, podsOf, type TrafficPart } from './traffic';

/** How an address is written into a variable. */
export type AddressFormat = 'host:port' | 'host' | 'port' | 'url';

/** All of them. */
export const ADDRESS_FORMATS: readonly AddressFormat[] = ['host:port', 'host', 'port', 'url'];

/** One call. */
export interface CallFacts {
  /** Name of the callee's port; empty: its only one. */
  readonly port: string;
  /** Variables of the caller that get the address. */
  readonly env: Readonly<Record<string, AddressFormat>>;
  /** What the caller asks for between the two. @defaultValue nothing */
  readonly resilience?: ResilienceFacts;
  /** It is the way to a standby, which a failover opens; the program calls by itself in a call of its own. @defaultValue false */
  readonly isStandby?: true;
}

/** A workload calls an endpoint. */
export const Calls = relation<IConstruct, IConstruct, CallFacts>(
  'calls',
  ({ port, isStandby }) => (isStandby === true ? `${port} standby` : port),
  ENDPOINT,
);

/** The port that a call means; undefined where the callee has no such port (`unknown-port`). */
export function portOfCall(
  endpoint: EndpointFacts | undefined,
  { port }: Pick<CallFacts, 'port'>,
): PortFacts | undefined {
  if (endpoint === undefined) return undefined;
  return port === '' ? onlyOne(endpoint.ports) : endpoint.ports.find(({ name }) => name === port);
}

function onlyOne(ports: readonly PortFacts[]): PortFacts | undefined {
  return ports.length === 1 ? ports[0] : undefined;
}

/** What follows from calls: the address in the caller's environment, and the way for exactly that pair. */
export const callParts = [
  contribute('calls.env', PodEnv, function* (graph): Iterable<Part<EnvPart>> {
    for (const { from, to, facts, source } of graph.all(Calls)) {
      const port = portOfCall(graph.facts(to, Endpoint), facts);
      if (port === undefined) continue;
      const host = graph.viewOf(hostOf, to);
      for (const name in facts.env) {
        const value = formatAddress(facts.env[name] ?? 'host:port', host, port);
        yield { to: from, part: { name, value }, source };
      }
    }
  }),
  contribute('calls.out', TrafficOut, function* (graph): Iterable<Part<TrafficPart>> {
    for (const { from, to, facts, source } of graph.all(Calls)) {
      const endpoint = graph.facts(to, Endpoint);
      const part = flow(endpoint?.reach, portOfCall(endpoint, facts));
      if (part !== undefined) yield { to: from, part, source };
    }
  }),
  contribute('calls.in', TrafficIn, function* (graph): Iterable<Part<TrafficPart>> {
    for (const { from, to, facts, source } of graph.all(Calls)) {
      const part = flow(podsOf(graph, from), portOfCall(graph.facts(to, Endpoint), facts));
      if (part !== undefined) yield { to, part, source };
    }
  }),
];

function flow(peer: Reach | undefined, port: PortFacts | undefined): TrafficPart | undefined {
  if (port === undefined || peer === undefined) return undefined;
  return { peer, port: port.containerPort, transport: transportOf(port.protocol), purpose: 'relation' };
}

/** An address as a program expects it. */
export function formatAddress(format: AddressFormat, host: string, { name, number, protocol }: PortFacts): string {
  switch (format) {
    case 'host':
      return host;
    case 'port':
      return String(number);
    case 'url':
      return `${urlScheme(name, protocol)}://${host}:${number}`;
    default:
      return `${host}:${number}`;
  }
}

/** gRPC clients take `dns:` names; everything that is not HTTP says its own protocol. */
function urlScheme(name: string, protocol: PortFacts['protocol']): string {
  if (name === 'https' || name.startsWith('https-')) return 'https';
  return protocol === 'http' || protocol === 'http2' ? 'http' : protocol;
}
