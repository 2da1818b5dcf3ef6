import type { IConstruct } from 'constructs';
import { rule, type RuleFinding } from '../../model/extension';
import { given } from '../../model/given';
import type { Graph } from '../../model/graph';
import { setting } from '../../model/setting';
import { kindOfCaller } from '../callers';
import { Calls } from '../calls';
import { AlsoRoutesTo, destinationsOf } from '../gateway/destinations';
import { RoutesTo, nameOfMatch, routesOf } from '../gateway/gateway';
import { MeshNeed } from '../mesh/mesh';
import { Replicas } from '../scaling';
import { Workload } from '../workload';
import { Admission } from './admission';
import { ClientLibrary } from './client-library';
import { callGraph, chainOf, circleOf, worstOf, type CallGraph, type SyncCall } from './call-graph';

/**
 * How often a service may be asked for one request at the start of a chain, before that is a finding. Two attempts on two
 * levels are four; each level more multiplies.
 */
export const MostTries = setting<number>({
  id: 'mostTries',
  schema: {
    type: 'integer',
    minimum: 1,
    maximum: 1000,
    description: 'Most tries of a callee for one request, by all retries of a chain.',
  },
  byTier: () => 4,
});

const pathOf = ({ node }: IConstruct): string => node.path.split('/').slice(1).join('/');

function printed(milliseconds: number): string {
  return milliseconds % 1000 === 0 ? `${milliseconds / 1000} s` : `${milliseconds} ms`;
}

/** `orders → payments (2 s) → bank (5 s)`. */
function printChain(chain: readonly SyncCall[], note: (call: SyncCall) => string): string {
  const [first] = chain;
  if (first === undefined) return '';
  return [pathOf(first.from), ...chain.map((call) => `${pathOf(call.to)}${note(call)}`)].join(' → ');
}

const timeoutNote = ({ facts }: SyncCall): string =>
  facts.resilience?.timeoutMs === undefined ? '' : ` (${printed(facts.resilience.timeoutMs)})`;

/** A caller that gives up before its callee does leaves work behind that nobody waits for. */
const timeoutInversion = rule('timeout-inversion', function* (graph): Iterable<RuleFinding> {
  const calls = graph.view(callGraph);
  const worst = worstOf(calls, 0, ({ facts }, rest) => facts.resilience?.timeoutMs ?? rest);
  for (const { call, verb } of waits(graph, calls)) {
    const timeout = call.facts.resilience?.timeoutMs;
    const callee = worst.get(call.to);
    if (timeout === undefined || callee === undefined || callee.value <= timeout) continue;
    yield {
      at: call.from,
      code: 'timeout-inversion',
      severity: 'warning',
      message: `It gives up on ${pathOf(call.to)} while that still waits itself.`,
      field: `${verb}: timeout`,
      got: printChain([call, ...chainOf(worst, call.to)], timeoutNote),
      allowed: `at least ${printed(callee.value)}, the worst case of the callee`,
      fix: 'Raise this timeout, or lower those further down.',
    };
  }
});

interface Wait {
  readonly call: SyncCall;
  /** What the program said. */
  readonly verb: string;
}

/** Who waits for whom: by a call, or by a route of a gateway for each of those who answer it. */
function* waits(graph: Graph, { from }: CallGraph): Iterable<Wait> {
  for (const call of [...from.values()].flat()) yield { call, verb: `calls ${pathOf(call.to)}` };
  for (const route of graph.all(RoutesTo)) {
    const resilience = given({ timeoutMs: route.facts.timeoutMs });
    const answering = destinationsOf(graph, route).filter(({ as }) => as === 'share');
    for (const { to, port } of answering)
      yield { call: { ...route, to, facts: { port, env: {}, resilience } }, verb: `route ${nameOfMatch(route.facts)}` };
  }
}

/** Retries multiply along a chain: when the last one fails, it is asked most. */
const retryAmplification = rule('retry-amplification', function* (graph): Iterable<RuleFinding> {
  const calls = graph.view(callGraph);
  const tries = ({ facts }: SyncCall): number => 1 + (facts.resilience?.retry?.attempts ?? 0);
  const worst = worstOf(calls, 1, (call, rest) => tries(call) * rest);
  for (const start of calls.from.keys()) {
    const { value = 1 } = worst.get(start) ?? {};
    const most = graph.setting(MostTries, start);
    if (calls.called.has(start) || value <= most) continue;
    const chain = chainOf(worst, start);
    if (chain.filter((call) => tries(call) > 1).length < 2) continue;
    yield {
      at: start,
      code: 'retry-amplification',
      severity: 'warning',
      message: 'Retries multiply along a chain of calls.',
      got: `${printChain(chain, (call) => ` (x${tries(call)})`)}: one request becomes up to ${value}`,
      allowed: `up to ${most} (setting mostTries)`,
      fix: 'Retry at one place of the chain only, best where the failure is seen first.',
    };
  }
});

/**
 * Those who wait for each other in a circle fail together, and wait for each other when they start. One circle is printed
 * of those that reach each other: all would be more than anybody reads.
 */
const synchronousCycles = rule('synchronous-cycle', function* (graph): Iterable<RuleFinding> {
  const calls = graph.view(callGraph);
  for (const group of calls.groups) {
    if (group.length < 2) continue;
    const start = group.reduce((first, node) => (node.node.path < first.node.path ? node : first));
    const circle = circleOf(calls, start, group);
    const others = group.length - circle.length;
    yield {
      at: start,
      code: 'synchronous-cycle',
      severity: 'warning',
      message: 'Services wait for each other in a circle.',
      got: printChain(circle, () => '') + (others === 0 ? '' : `, and ${others} more that are in circles with these`),
      allowed: 'calls that end',
      fix: 'Turn one of the calls into an event, or move what both need into a service of its own.',
    };
  }
});

/** Who waits without end keeps its own callers waiting. Only where somebody could see to it. */
const noTimeout = rule('no-timeout', function* (graph): Iterable<RuleFinding> {
  const canTime = graph.backEnd(MeshNeed).can.has('timeout');
  for (const call of [...graph.view(callGraph).from.values()].flat()) {
    // A gateway waits as long as each of its routes says, a failover as the call does, and a test has a deadline.
    if (call.facts.resilience?.timeoutMs !== undefined || kindOfCaller(graph, call) !== 'services') continue;
    if (!canTime && graph.setting(ClientLibrary, call.from) === 'none') continue;
    yield {
      at: call.from,
      code: 'no-timeout',
      severity: 'warning',
      message: `It waits for ${pathOf(call.to)} without end.`,
      field: `calls ${pathOf(call.to)}: timeout`,
      got: `none at ${call.source.at}`,
      allowed: 'a timeout for each call that is waited for',
      fix: 'Give timeout: Duration.seconds(2).',
    };
  }
});

/** The pools of all pods of all callers, and what gateways pass on, against what all pods of the callee admit. */
const pools = rule('pools-above-admission', function* (graph): Iterable<RuleFinding> {
  for (const { construct, facts } of graph.having(Admission)) {
    const pods = podsOf(graph, construct)?.min;
    if (facts.maxRequests === undefined || pods === undefined) continue;
    const admitted = facts.maxRequests * pods;
    const asked = graph.to(construct, Calls).flatMap((call) => {
      const each = call.facts.resilience?.bulkhead?.maxRequests;
      const most = podsOf(graph, call.from)?.max;
      if (each === undefined || most === undefined) return [];
      return [{ by: `${pathOf(call.from)} ${most} x ${each}`, all: each * most }];
    });
    asked.push(...passedOn(graph, construct));
    const sum = asked.reduce((total, { all }) => total + all, 0);
    if (sum <= admitted) continue;
    yield {
      at: construct,
      code: 'pools-above-admission',
      severity: 'warning',
      message: 'Its callers may ask for more at once than it admits.',
      field: 'admits',
      got: `${asked.map(({ by }) => by).join(', ')}: ${sum} requests`,
      allowed: `${admitted}: ${pods} pods x ${facts.maxRequests}`,
      fix: 'Lower the bulkheads of the callers, or raise the scale of the callee or what it admits.',
    };
  }
});

/** Shares and copies of what somebody else admits: so many of them can be under way at once. */
function passedOn(graph: Graph, construct: IConstruct): readonly { readonly by: string; readonly all: number }[] {
  return graph.to(construct, AlsoRoutesTo).flatMap(({ from, facts: { route, as, percent } }) => {
    const first = routesOf(graph, from).find(({ facts }) => nameOfMatch(facts) === route)?.to;
    const admits = first === undefined ? undefined : graph.facts(first, Admission)?.maxRequests;
    const pods = first === undefined ? undefined : podsOf(graph, first)?.max;
    if (first === undefined || admits === undefined || pods === undefined) return [];
    const what = as === 'copy' ? 'copies' : 'a share';
    const all = Math.ceil((admits * pods * percent) / 100);
    return [{ by: `${pathOf(from)} ${what} of ${pathOf(first)} ${pods} x ${admits} x ${percent} %`, all }];
  });
}

function podsOf(graph: Graph, construct: IConstruct): { readonly min: number; readonly max: number } | undefined {
  const facts = graph.facts(construct, Workload);
  return facts === undefined ? undefined : graph.setting(Replicas, construct, facts.scale);
}

/** What is wrong between calls. */
export const graphRules = [timeoutInversion, retryAmplification, synchronousCycles, noTimeout, pools];
