import type { IConstruct } from 'constructs';
import { rule, type RuleFinding } from '../../model/extension';
import type { Graph } from '../../model/graph';
import { callersOf, type Call } from '../callers';
import { Calls, portOfCall } from '../calls';
import { Endpoint } from '../endpoint';
import { isHttpsOutside } from '../gateway/destinations';
import { versionsOf } from '../rollout/ways';
import { Replicas, type ScaleFacts } from '../scaling';
import { Workload, runOf } from '../workload';
import { hasRequests } from './conditions';
import type { BreakerFacts, LocalityFacts } from './facts';
import { meshFailovers, standbyOf, type MeshFailover } from './failover';
import { endsOf } from './routes';

/** A failover that never comes, or leads to somebody who does not understand. */
export const failoverRules = rule('failover', function* (graph): Iterable<RuleFinding> {
  for (const call of graph.all(Calls)) {
    const { locality, failover } = call.facts.resilience ?? {};
    if (locality !== undefined) yield* [...betweenPlaces(graph, call), ...withoutNext(graph, call, locality)];
    if (failover === undefined) continue;
    if (leavesAlone(call) < ALL.percent) yield neverSetOff(call, ALL);
    if (!isUnderstood(graph, call)) yield differs(graph, call);
    if (versionsOf(graph, call.to)?.split !== undefined) yield besideCanary(call);
  }
  for (const failover of graph.view(meshFailovers)) yield* encryptedTwice(graph, failover);
});

/** What a breaker has to be let leave alone at once, so that a failover comes. */
interface Enough {
  readonly percent: number;
  /** For the finding. */
  readonly what: string;
}

const ALL: Enough = { percent: 100, what: 'all endpoints' };

/** What the breaker of the mesh may leave alone at once, in percent; one with trials is a library's. */
function leavesAlone({ facts }: Call): number {
  const { circuitBreaker } = facts.resilience ?? {};
  return circuitBreaker === undefined || circuitBreaker.trials !== undefined ? 0 : circuitBreaker.maxEjectedPercent;
}

/** Where no endpoint is nearer than others, a zone is never left alone, or an option means less than it says. */
function* betweenPlaces(graph: Graph, call: Call): Iterable<RuleFinding> {
  const { zones, tier } = graph.environment;
  const scale = scaleOf(graph, call.to);
  const why = inOnePlace(graph, call, scale);
  if (why !== undefined) {
    if (tier !== 'development') yield doesNothing(call, why);
    return;
  }
  const enough = scale === undefined ? { percent: 1, what: 'endpoints' } : fullestZone(scale, zones.length);
  if (leavesAlone(call) < enough.percent) yield neverSetOff(call, enough);
  const { loadBalancing } = call.facts.resilience ?? {};
  if (loadBalancing !== undefined && !('simple' in loadBalancing)) yield sameByZone(call);
}

/** How many pods of it there are; undefined for what is not the platform's. */
function scaleOf(graph: Graph, callee: IConstruct): ScaleFacts | undefined {
  const facts = graph.facts(callee, Workload);
  return facts === undefined || runOf(facts) !== undefined ? undefined : graph.setting(Replicas, callee, facts.scale);
}

/** Why all endpoints of a callee are in one zone; undefined where they may be in several. */
function inOnePlace(graph: Graph, { to }: Call, scale: ScaleFacts | undefined): string | undefined {
  const { zones, name } = graph.environment;
  const host = graph.facts(to, Endpoint)?.host;
  if (host !== undefined && 'name' in host) return 'a host outside, whose places nobody knows';
  if (zones.length < 2) return `${zones.length === 0 ? 'no zones' : 'one zone'} in ${name}`;
  return scale !== undefined && scale.max < 2 ? 'no more than one pod' : undefined;
}

/**
 * The largest share of a callee's pods that one zone has while they are spread evenly: of 3 pods in 2 zones two. The share
 * is largest within the first round of zones; later rounds differ by less.
 */
function fullestZone({ min, max }: ScaleFacts, zones: number): Enough {
  const inOne = (pods: number): number => Math.ceil(pods / zones);
  const shareOf = (pods: number): number => Math.ceil((100 * inOne(pods)) / pods);
  const from = Math.max(2, min);
  const counts = Array.from({ length: Math.min(max - from, zones) + 1 }, (_, index) => from + index);
  const pods = counts.reduce((worst, count) => (shareOf(count) > shareOf(worst) ? count : worst), from);
  const percent = shareOf(pods);
  return { percent, what: `${percent} % of the endpoints: of ${pods} pods ${inOne(pods)} may be in one zone` };
}

function isUnderstood(graph: Graph, call: Call): boolean {
  const spoken = endsOf(graph, call)?.port.protocol;
  const standby = standbyOf(graph, call);
  if (standby === undefined || spoken === undefined) return false;
  return hasRequests(spoken) && (standby.port.protocol === spoken || (spoken === 'http' && isHttpsOutside(standby)));
}

function neverSetOff({ from, to, facts, source }: Call, { percent, what }: Enough): RuleFinding {
  const breaker = facts.resilience?.circuitBreaker;
  return {
    at: from,
    code: 'failover-without-breaker',
    message: `Nothing tells when ${to.node.path} is unwell, or a part of it is always asked.`,
    field: 'failover',
    got: `${nameOf(breaker)}, ${source.by} at ${source.at}`,
    allowed: `a circuit breaker that may leave alone ${what}`,
    fix: `Give circuitBreaker: CircuitBreaker.consecutiveErrors(3, { maxEjected: Percent.of(${Math.max(percent, 50)}) }).`,
  };
}

function nameOf(breaker: BreakerFacts | undefined): string {
  if (breaker === undefined) return 'no circuit breaker';
  return breaker.trials === undefined
    ? `maxEjected of ${breaker.maxEjectedPercent} %`
    : 'a circuit breaker with trials, which is for a library';
}

function sameByZone({ from, to, source }: Call): RuleFinding {
  return {
    at: from,
    code: 'same-endpoint-by-zone',
    severity: 'warning',
    message: `One value leads to one endpoint of ${to.node.path} in each zone, and not to one alone.`,
    field: 'loadBalancing',
    got: `endpoints chosen by a value, and those of the zone first, ${source.by} at ${source.at}`,
    allowed: 'one of both, where a value has to lead to the same endpoint from everywhere',
    fix: 'Leave the failover or the balancing out, or accept the finding where one endpoint a zone will do.',
  };
}

/** Pairs of regions that begin with others than that of the environment. */
function* withoutNext(graph: Graph, { from, source }: Call, { nextRegion }: LocalityFacts): Iterable<RuleFinding> {
  const { region, tier } = graph.environment;
  const pairs = Object.entries(nextRegion);
  if (region === undefined || tier === 'development' || pairs.length === 0 || region in nextRegion) return;
  yield {
    at: from,
    code: 'region-without-next',
    severity: 'warning',
    message: `Its pods are in ${region}, of which nothing says which region comes next.`,
    field: 'failover.regions',
    got: `${pairs.map((pair) => pair.join(': ')).join(', ')}, ${source.by} at ${source.at}`,
    allowed: `a region after ${region}, which is that of the environment`,
    fix: `Name it: Failover.regions({ '${region}': ... }), or use Failover.zones().`,
  };
}

function doesNothing({ from, to, source }: Call, why: string): RuleFinding {
  return {
    at: from,
    code: 'failover-within-one-zone',
    severity: 'warning',
    message: `${to.node.path} has endpoints in one zone only, so none of them is nearer than others.`,
    field: 'failover',
    got: `${why}, ${source.by} at ${source.at}`,
    allowed: 'a callee with two pods or more, in an environment with two zones or more',
    fix: 'Name the zones in the environment file, raise the scale of the callee, or leave the zones out.',
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

/** What the proxies of a caller encrypt, its program cannot encrypt, too (Istio 1.31, "Double TLS"). */
function* encryptedTwice(graph: Graph, { call, standby }: MeshFailover): Iterable<RuleFinding> {
  if (!isHttpsOutside(standby)) return;
  for (const own of callersOf(graph, standby.to).services) {
    const port = portOfCall(standby.endpoint, own.facts);
    if (own.from !== call.from || port?.number !== standby.port.number) continue;
    yield {
      at: call.from,
      code: 'standby-encrypted-twice',
      message: `Its proxy encrypts what goes to ${standby.to.node.path} for the failover, and its program does so itself.`,
      field: 'failover',
      got: `${own.source.by} at ${own.source.at}, and a standby of ${call.source.by} at ${call.source.at}`,
      allowed: 'one of both for a caller, a host outside and a port',
      fix: 'Let another service make this call, or name a standby that has another port or host.',
    };
  }
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
