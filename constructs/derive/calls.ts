import type { IConstruct } from 'constructs';
import { contribute } from '../model/extension';
import type { Part } from '../model/facet';
import type { Graph } from '../model/graph';
import { relation, type Edge } from '../model/relation';
import { Endpoint, hostOf, transportOf, type EndpointFacts, type PortFacts } from './endpoint';
import type { ResilienceFacts } from './resilience/facts';
import { PodEnv, type EnvPart } from './pod';
import { TrafficIn, TrafficOut, podsOf, type TrafficPart } from './traffic';

/** How an address is written into a variable. */
export type AddressFormat = 'host:port' | 'host' | 'port' | 'url';

/** One call. */
export interface CallFacts {
  /** Name of the callee's port; empty: its only one. */
  readonly port: string;
  /** Variables of the caller that get the address. */
  readonly env: Readonly<Record<string, AddressFormat>>;
  /** What the caller asks for between the two. @defaultValue nothing */
  readonly resilience?: ResilienceFacts;
}

/** A workload calls an endpoint. */
export const Calls = relation<IConstruct, IConstruct, CallFacts>('calls', ({ port }) => port);

type Call = Edge<IConstruct, IConstruct, CallFacts>;

/** The port that a call means; undefined where the callee has no such port (`unknown-port`). */
export function portOfCall(endpoint: EndpointFacts | undefined, { port }: CallFacts): PortFacts | undefined {
  if (endpoint === undefined) return undefined;
  return port === '' ? onlyOne(endpoint.ports) : endpoint.ports.find(({ name }) => name === port);
}

function onlyOne(ports: readonly PortFacts[]): PortFacts | undefined {
  return ports.length === 1 ? ports[0] : undefined;
}

/** What follows from calls: the address in the caller's environment, and the way for exactly that pair. */
export const callParts = [
  contribute('calls.env', PodEnv, function* (graph): Iterable<Part<EnvPart>> {
    for (const call of graph.all(Calls)) {
      const port = portOfCall(graph.facts(call.to, Endpoint), call.facts);
      if (port === undefined) continue;
      const host = graph.viewOf(hostOf, call.to);
      for (const [name, format] of Object.entries(call.facts.env)) {
        yield { to: call.from, part: { name, value: formatAddress(format, host, port) }, source: call.source };
      }
    }
  }),
  contribute('calls.out', TrafficOut, function* (graph) {
    for (const call of graph.all(Calls)) yield* flow(graph, call, 'out');
  }),
  contribute('calls.in', TrafficIn, function* (graph) {
    for (const call of graph.all(Calls)) yield* flow(graph, call, 'in');
  }),
];

function* flow(graph: Graph, call: Call, side: 'in' | 'out'): Iterable<Part<TrafficPart>> {
  const endpoint = graph.facts(call.to, Endpoint);
  const port = portOfCall(endpoint, call.facts);
  const peer = side === 'out' ? endpoint?.reach : podsOf(graph, call.from);
  if (port === undefined || peer === undefined) return;
  const part: TrafficPart = {
    peer,
    port: port.containerPort,
    transport: transportOf(port.protocol),
    purpose: 'relation',
  };
  yield { to: side === 'out' ? call.from : call.to, part, source: call.source };
}

/** An address as a program expects it. */
function formatAddress(format: AddressFormat, host: string, { name, number, protocol }: PortFacts): string {
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
