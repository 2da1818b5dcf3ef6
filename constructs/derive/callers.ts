import type { IConstruct } from 'constructs';
import { viewOf, type Graph } from '../model/graph';
import { groupBy } from '../model/order';
import type { Edge } from '../model/relation';
import { Calls, type CallFacts } from './calls';
import { Gateway } from './gateway/gateway';
import { Verification } from './rollout/facts';

/** A call, whoever makes it. */
export type Call = Edge<IConstruct, IConstruct, CallFacts>;

/** The calls of a callee, by who makes them and why. */
export interface Callers {
  /** Gateways, for their routes. */
  readonly gateways: readonly Call[];
  /** Runs that test a version. */
  readonly verifications: readonly Call[];
  /** Ways that are open for a failover, and that nobody goes until then. */
  readonly standbys: readonly Call[];
  /** Everybody else: services and tasks whose programs call. */
  readonly services: readonly Call[];
}

/** Who calls, and why. */
export function kindOfCaller(graph: Graph, { from, facts }: Call): keyof Callers {
  if (facts.isStandby === true) return 'standbys';
  if (graph.facts(from, Gateway) !== undefined) return 'gateways';
  return graph.facts(from, Verification) === undefined ? 'services' : 'verifications';
}

const byKind = viewOf('callers.by-kind', (graph: Graph, callee: IConstruct): Callers => {
  const calls = groupBy(graph.to(callee, Calls), (call) => kindOfCaller(graph, call));
  const of = (kind: keyof Callers): readonly Call[] => calls.get(kind) ?? [];
  return {
    gateways: of('gateways'),
    verifications: of('verifications'),
    standbys: of('standbys'),
    services: of('services'),
  };
});

/** Who calls a construct. */
export function callersOf(graph: Graph, callee: IConstruct): Callers {
  return graph.viewOf(byKind, callee);
}
