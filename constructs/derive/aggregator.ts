import type { IConstruct } from 'constructs';
import { capability } from '../model/capability';
import { contribute, rule, type RuleFinding } from '../model/extension';
import type { Part } from '../model/facet';
import type { Graph } from '../model/graph';
import { relation, type Edge } from '../model/relation';
import { Calls, portOfCall } from './calls';
import { ENDPOINT, Endpoint, hostOf } from './endpoint';
import { RoutesTo } from './gateway/gateway';
import { PodEnv, type EnvPart } from './pod';

/** Something that answers one request with the answers of several. */
export interface AggregatorFacts {
  /** Most milliseconds until it answers, whatever its branches do. */
  readonly deadlineMs: number;
}

/** The capability of gathering answers. */
export const Aggregation = capability<AggregatorFacts>('aggregation');

/** One branch. */
export interface BranchFacts {
  /** Name of the peer's port; empty: its only one. */
  readonly port: string;
  /** Most milliseconds that it may take. */
  readonly deadlineMs: number;
  /** What becomes of the whole when it fails: it fails, too, or goes on without this part. */
  readonly onFailure: 'fail' | 'omit';
}

/** An aggregator asks a peer, beside others. */
export const Gathers = relation<IConstruct, IConstruct, BranchFacts>('gathers', ({ port }) => port, ENDPOINT);

type Branch = Edge<IConstruct, IConstruct, BranchFacts>;

/** What the program is told: how long it has, and its branches as JSON, in the order of their names. */
export const aggregatorEnv = contribute('aggregator.env', PodEnv, function* (graph): Iterable<Part<EnvPart>> {
  for (const { construct, facts } of graph.having(Aggregation)) {
    const branches = graph.from(construct, Gathers);
    const source = { by: `Aggregator ${construct.node.id}`, at: construct.node.path };
    yield { to: construct, source, part: { name: 'AGGREGATOR_DEADLINE_MS', value: String(facts.deadlineMs) } };
    const told = JSON.stringify(branches.map((branch) => printed(graph, branch)));
    yield { to: construct, source, part: { name: 'AGGREGATOR_BRANCHES', value: told } };
  }
});

function printed(graph: Graph, { to, facts }: Branch): object {
  const { deadlineMs, onFailure } = facts;
  const port = portOfCall(graph.facts(to, Endpoint), facts);
  return { name: to.node.id, address: `${graph.viewOf(hostOf, to)}:${port?.number ?? ''}`, deadlineMs, onFailure };
}

/** A branch that may take longer than the whole is always cut off, and one alone is no aggregate. */
export const aggregatorRules = rule('aggregator', function* (graph): Iterable<RuleFinding> {
  for (const { construct, facts } of graph.having(Aggregation)) {
    const branches = graph.from(construct, Gathers);
    if (branches.length === 0) yield nothingGathered(construct);
    for (const branch of branches.filter((one) => one.facts.deadlineMs > facts.deadlineMs)) {
      yield {
        at: construct,
        code: 'deadline-below-branch',
        message: `It answers before ${branch.to.node.path} has to.`,
        field: 'deadline',
        got: `${facts.deadlineMs} ms, and ${branch.facts.deadlineMs} ms for the branch at ${branch.source.at}`,
        allowed: `at least ${branch.facts.deadlineMs} ms`,
        fix: 'Raise the deadline of the aggregator, or lower that of the branch.',
      };
    }
    yield* impatient(graph, construct, facts);
  }
});

/** Who gives up before the deadline never sees an answer with parts left out, which is what the deadline is for. */
function* impatient(graph: Graph, aggregator: IConstruct, { deadlineMs }: AggregatorFacts): Iterable<RuleFinding> {
  const waiting = [
    ...graph.to(aggregator, RoutesTo).map(({ from, facts, source }) => ({ from, ms: facts.timeoutMs, source })),
    ...graph
      .to(aggregator, Calls)
      .map(({ from, facts, source }) => ({ from, ms: facts.resilience?.timeoutMs, source })),
  ];
  for (const { from, ms, source } of waiting) {
    if (ms === undefined || ms >= deadlineMs) continue;
    yield {
      at: from,
      code: 'timeout-below-deadline',
      severity: 'warning',
      message: `It gives up on ${aggregator.node.path} before that has to answer.`,
      field: 'timeout',
      got: `${ms} ms at ${source.at}`,
      allowed: `at least ${deadlineMs} ms, the deadline of the aggregator`,
      fix: 'Raise this timeout, or lower the deadline.',
    };
  }
}

function nothingGathered(at: IConstruct): RuleFinding {
  return {
    at,
    code: 'nothing-gathered',
    severity: 'warning',
    message: 'The aggregator asks nobody.',
    got: 'no branch',
    allowed: 'at least one',
    fix: 'Name its branches with gathers(service, { deadline }).',
  };
}
