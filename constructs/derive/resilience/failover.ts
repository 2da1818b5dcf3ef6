import type { IConstruct } from 'constructs';
import { contribute, expand, rule, type RuleFinding } from '../../model/extension';
import type { Part } from '../../model/facet';
import type { Graph } from '../../model/graph';
import { relation, type Edge } from '../../model/relation';
import { Calls, portOfCall, type CallFacts } from '../calls';
import { Endpoint, Versioned, type EndpointFacts, type PortFacts } from '../endpoint';
import { isHttpsOutside } from '../gateway/destinations';
import { hasRequests } from './conditions';
import { EndpointPolicies, endsOf, type EndpointPolicyPart } from './routes';
import { shares } from './shares';

/** A caller asks a standby while its callee cannot answer. */
export const FailsOverTo = relation<IConstruct, IConstruct, { readonly port: string }>(
  'fails-over-to',
  ({ port }) => port,
);

/** The way to the standby is open before it is needed. */
export const standbyCalls = expand('failover.calls', FailsOverTo, ({ from, to, facts }, build) => {
  build.relate(Calls, from, to, { port: facts.port, env: {} });
});

/** Where a standby listens. */
export interface StandbyEnds {
  readonly to: IConstruct;
  readonly endpoint: Readonly<EndpointFacts>;
  readonly port: PortFacts;
}

type Call = Edge<IConstruct, IConstruct, CallFacts>;

/** The standby of a call, where it has one that listens. */
export function standbyOf(graph: Graph, { from, facts }: Call): StandbyEnds | undefined {
  const wanted = facts.resilience?.failover;
  if (wanted === undefined) return undefined;
  const edge = graph.from(from, FailsOverTo).find(({ to }) => to.node.path === wanted.standby);
  const endpoint = edge === undefined ? undefined : graph.facts(edge.to, Endpoint);
  const port = portOfCall(endpoint, wanted);
  return edge === undefined || endpoint === undefined || port === undefined
    ? undefined
    : { to: edge.to, endpoint, port };
}

/** True for the call that only a failover makes. */
export function isStandbyCall(graph: Graph, { from, to }: Call): boolean {
  return graph.from(from, FailsOverTo).some((edge) => edge.to === to);
}

/** Programs speak plain HTTP to their proxy, which encrypts it for a standby outside. */
export const standbyEncryption = contribute('failover.encryption', EndpointPolicies, function* (graph): Iterable<
  Part<EndpointPolicyPart>
> {
  for (const [call, { mesh }] of graph.view(shares)) {
    const standby = mesh.failover === undefined ? undefined : standbyOf(graph, call);
    const caller = endsOf(graph, call)?.caller;
    if (standby === undefined || caller === undefined) continue;
    const { host } = standby.endpoint;
    if (!isHttpsOutside(standby) || !('name' in host)) continue;
    const part = { caller, port: standby.port.number, serverName: host.name };
    yield { to: standby.to, source: call.source, part };
  }
});

/** A failover that never comes, or leads to somebody who does not understand. */
export const failoverRules = rule('failover', function* (graph): Iterable<RuleFinding> {
  for (const call of graph.all(Calls)) {
    if (call.facts.resilience?.failover === undefined) continue;
    if (call.facts.resilience.circuitBreaker?.maxEjectedPercent !== 100) yield neverSetOff(call);
    if (!isUnderstood(graph, call)) yield differs(graph, call);
    if (graph.facts(call.to, Versioned)?.split !== undefined) yield besideCanary(call);
  }
});

function isUnderstood(graph: Graph, call: Call): boolean {
  const spoken = endsOf(graph, call)?.port.protocol;
  const standby = standbyOf(graph, call);
  if (standby === undefined || spoken === undefined) return false;
  return hasRequests(spoken) && (standby.port.protocol === spoken || (spoken === 'http' && isHttpsOutside(standby)));
}

function neverSetOff({ from, to, facts, source }: Call): RuleFinding {
  const breaker = facts.resilience?.circuitBreaker;
  const which = breaker === undefined ? 'no circuit breaker' : `maxEjected of ${breaker.maxEjectedPercent} %`;
  return {
    at: from,
    code: 'failover-without-breaker',
    message: `Nothing tells when ${to.node.path} is unwell, or a part of it is always asked.`,
    field: 'failover',
    got: `${which}, ${source.by} at ${source.at}`,
    allowed: 'a circuit breaker that may leave all endpoints alone',
    fix: 'Give circuitBreaker: CircuitBreaker.consecutiveErrors(3, { maxEjected: Percent.of(100) }).',
  };
}

function besideCanary({ from, to, source }: Call): RuleFinding {
  return {
    at: from,
    code: 'failover-beside-canary',
    message: `${to.node.path} is there in two versions, and a caller with a standby would pass by their weights.`,
    field: 'failover',
    got: `${source.by} at ${source.at}`,
    allowed: 'a callee that is released without weights',
    fix: 'Release it without a canary, or leave the failover to others of its callers.',
  };
}

function differs(graph: Graph, call: Call): RuleFinding {
  const { from, to, facts, source } = call;
  const spoken = endsOf(graph, call)?.port.protocol;
  const answered = standbyOf(graph, call)?.port.protocol ?? 'no such port';
  return {
    at: from,
    code: 'standby-differs',
    message: `${facts.resilience?.failover?.standby} does not speak what ${to.node.path} speaks.`,
    field: 'failover',
    got: `${answered} in place of ${spoken}, ${source.by} at ${source.at}`,
    allowed: 'the same protocol, HTTP or gRPC, or for HTTP a port outside that is called https',
    fix: 'Name the port that speaks it: Failover.to(standby, { port }).',
  };
}
