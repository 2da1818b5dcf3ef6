import type { IConstruct } from 'constructs';
import { contribute } from '../../model/extension';
import { facet, type Part } from '../../model/facet';
import { given } from '../../model/given';
import { viewOf, type Graph } from '../../model/graph';
import type { Edge } from '../../model/relation';
import { Calls, portOfCall, type CallFacts } from '../calls';
import { Endpoint, type PortFacts } from '../endpoint';
import { podsOf } from '../traffic';
import { hasRequests } from './conditions';
import type { BalancingFacts, BreakerFacts, BulkheadFacts, LocalityFacts, ResilienceFacts, RetryFacts } from './facts';
import { retryBlocks, type RequestMatch } from './retry-blocks';
import { shares } from './shares';

/** Pods of a caller. */
export interface CallerFacts {
  /** Path below the platform: `ordering/orders`. */
  readonly path: string;
  /** Namespace of the pods. */
  readonly namespace: string;
  /** By which they are told from others of the namespace. */
  readonly labels: Readonly<Record<string, string>>;
}

/** How requests are treated. */
export interface TreatmentFacts {
  /** Most milliseconds until the end of the answer. @defaultValue none */
  readonly timeoutMs?: number;
  /** What is sent again. @defaultValue nothing */
  readonly retry?: RetryFacts;
  /** What is sent again goes to other zones, too, where those of the own one have failed. @defaultValue false */
  readonly retryElsewhere?: boolean;
}

/**
 * One block of a callee's routes: whose requests, which of them, and how they are treated. Blocks of one port are tried in
 * an order that follows from what they match: that of a caller before that of everybody, a narrower one before a wider.
 */
export interface RoutePart {
  /** Key of the facet, and name of the block: `ordering-orders-http-safe`. */
  readonly name: string;
  /** Whose requests. @defaultValue everybody's */
  readonly caller?: CallerFacts;
  /** Number of the port that callers use. */
  readonly port: number;
  /** Which requests. @defaultValue all of them */
  readonly only?: RequestMatch;
  /** How they are treated. */
  readonly treat: TreatmentFacts;
}

/** The routes of a host: calls, gateways and releases contribute, and only the mesh renders. */
export const HostRoutes = facet<RoutePart>('host.routes', ({ name }) => name);

/** How one caller's proxies treat the endpoints of a host. */
export interface EndpointPolicyPart {
  /** Whose proxies. */
  readonly caller: CallerFacts;
  /** Number of the port that callers use. */
  readonly port: number;
  /** When one of them is left alone. @defaultValue never */
  readonly circuitBreaker?: BreakerFacts;
  /** How much of each pod of the caller they may take up. @defaultValue no limit */
  readonly bulkhead?: BulkheadFacts;
  /** Which of them is asked. @defaultValue by the mesh */
  readonly loadBalancing?: BalancingFacts;
  /** Which of them come first. @defaultValue all alike, wherever they are */
  readonly locality?: LocalityFacts;
  /** Name that its certificate has to have: the proxies encrypt what they send. @defaultValue by the mesh */
  readonly serverName?: string;
}

/** Policies towards the endpoints of a host, by caller and port. */
export const EndpointPolicies = facet<EndpointPolicyPart>(
  'host.endpoint-policies',
  ({ caller, port }) => `${caller.path} ${String(port).padStart(5, '0')}`,
);

/** What calls say of routes and endpoints, as far as the mesh does it. */
export const routeParts = [
  contribute('calls.routes', HostRoutes, function* (graph): Iterable<Part<RoutePart>> {
    for (const call of graph.all(Calls)) {
      const found = endsOf(graph, call);
      if (found === undefined || !hasRequests(found.port.protocol)) continue;
      yield { to: call.to, source: call.source, part: forEverybody(found.port) };
      for (const part of blocksOf(found, graph.view(shares).get(call)?.mesh ?? {}))
        yield { to: call.to, source: call.source, part };
    }
  }),
  contribute('calls.endpoint-policies', EndpointPolicies, function* (graph): Iterable<Part<EndpointPolicyPart>> {
    for (const call of graph.all(Calls)) {
      const { circuitBreaker, bulkhead, loadBalancing, locality } = graph.view(shares).get(call)?.mesh ?? {};
      const policy = given({ circuitBreaker, bulkhead, loadBalancing, locality });
      const found = Object.keys(policy).length === 0 ? undefined : endsOf(graph, call);
      if (found === undefined || found.port.protocol === 'udp') continue;
      yield { to: call.to, source: call.source, part: { caller: found.caller, port: found.port.number, ...policy } };
    }
  }),
];

/** Both ends of a call: whose pods ask, and what they ask. */
export interface Ends {
  readonly caller: CallerFacts;
  readonly port: PortFacts;
}

/** Both ends of a call, as routes need them; undefined where it leads nowhere. */
export function endsOf(graph: Graph, { from, to, facts }: Edge<IConstruct, IConstruct, CallFacts>): Ends | undefined {
  const port = portOfCall(graph.facts(to, Endpoint), facts);
  const caller = callerFacts(graph, from);
  return port === undefined || caller === undefined ? undefined : { caller, port };
}

/** A caller, as routes name it. */
export function callerFacts(graph: Graph, construct: IConstruct): CallerFacts | undefined {
  return graph.viewOf(callers, construct);
}

const callers = viewOf('callers', (graph: Graph, construct: IConstruct): CallerFacts | undefined => {
  const reach = podsOf(graph, construct);
  if (reach === undefined || !('pods' in reach)) return undefined;
  return { path: construct.node.path.split('/').slice(1).join('/'), ...reach.pods };
});

/** What everybody gets who asked for nothing: nothing. Proxies would retry by themselves if they were not told. */
function forEverybody({ name, number }: PortFacts): RoutePart {
  return { name: `everybody-${name}`, port: number, treat: {} };
}

function blocksOf({ caller, port }: Ends, resilience: ResilienceFacts): readonly RoutePart[] {
  const { timeoutMs, retry, idempotent, locality, failover } = resilience;
  if (timeoutMs === undefined && retry === undefined && failover === undefined) return [];
  const name = `${caller.path.replaceAll('/', '-')}-${port.name}`;
  const block = (suffix: string, again: RetryFacts | undefined, only?: RoutePart['only']): RoutePart => ({
    name: `${name}${suffix}`,
    caller,
    port: port.number,
    ...given({ only }),
    treat: given({
      timeoutMs,
      retry: again,
      retryElsewhere: again !== undefined && locality !== undefined ? true : undefined,
    }),
  });
  return retryBlocks(retry, idempotent, port.protocol).map(({ suffix, retry: again, only }) =>
    block(suffix, again, only),
  );
}
