import type { IConstruct } from 'constructs';
import { view, type Graph } from '../../model/graph';
import type { Edge } from '../../model/relation';
import { Calls, portOfCall, type CallFacts } from '../calls';
import { Endpoint } from '../endpoint';
import { hasRequests } from './conditions';

/** A call that its caller waits for. */
export type SyncCall = Edge<IConstruct, IConstruct, CallFacts>;

/** Who waits for whom. */
export interface CallGraph {
  /** The calls of each caller. */
  readonly from: ReadonlyMap<IConstruct, readonly SyncCall[]>;
  /** Those that somebody waits for. */
  readonly called: ReadonlySet<IConstruct>;
  /**
   * Those that reach each other are one group; a group comes after those that it calls. Computed with Tarjan's algorithm
   * (SIAM Journal on Computing 1, 1972) on a stack of its own: chains are as long as a platform makes them.
   */
  readonly groups: readonly (readonly IConstruct[])[];
}

/** Calls with HTTP and gRPC. */
export const callGraph = view('call-graph', (graph: Graph): CallGraph => {
  const from = new Map<IConstruct, SyncCall[]>();
  const called = new Set<IConstruct>();
  for (const call of graph.all(Calls)) {
    const port = portOfCall(graph.facts(call.to, Endpoint), call.facts);
    if (port === undefined || !hasRequests(port.protocol)) continue;
    const said = from.get(call.from);
    if (said === undefined) from.set(call.from, [call]);
    else said.push(call);
    called.add(call.to);
  }
  return { from, called, groups: groupsOf(from) };
});

interface Visit {
  readonly node: IConstruct;
  readonly index: number;
  low: number;
  next: number;
}

function groupsOf(from: ReadonlyMap<IConstruct, readonly SyncCall[]>): readonly (readonly IConstruct[])[] {
  const search = new Search(from);
  for (const root of from.keys()) search.from(root);
  return search.groups;
}

class Search {
  readonly groups: IConstruct[][] = [];
  readonly #visits = new Map<IConstruct, Visit>();
  /** Visited, and in no group yet, in the order of their first visits. */
  readonly #open: IConstruct[] = [];
  readonly #isOpen = new Set<IConstruct>();
  readonly #path: Visit[] = [];

  constructor(private readonly calls: ReadonlyMap<IConstruct, readonly SyncCall[]>) {}

  from(root: IConstruct): void {
    if (this.#visits.has(root)) return;
    this.#enter(root);
    for (let visit = this.#path.at(-1); visit !== undefined; visit = this.#path.at(-1)) this.#step(visit);
  }

  #step(visit: Visit): void {
    const call = this.calls.get(visit.node)?.[visit.next];
    visit.next += 1;
    if (call === undefined) {
      this.#leave(visit);
      return;
    }
    const known = this.#visits.get(call.to);
    if (known === undefined) this.#enter(call.to);
    else if (this.#isOpen.has(call.to)) visit.low = Math.min(visit.low, known.index);
  }

  #enter(node: IConstruct): void {
    const index = this.#visits.size;
    const visit = { node, index, low: index, next: 0 };
    this.#visits.set(node, visit);
    this.#path.push(visit);
    this.#open.push(node);
    this.#isOpen.add(node);
  }

  #leave(visit: Visit): void {
    this.#path.pop();
    const above = this.#path.at(-1);
    if (above !== undefined) above.low = Math.min(above.low, visit.low);
    if (visit.low !== visit.index) return;
    const group = this.#open.splice(this.#open.lastIndexOf(visit.node));
    for (const node of group) this.#isOpen.delete(node);
    this.groups.push(group);
  }
}

/** What a service is at its worst, and the call that makes it so. */
export interface Worst {
  readonly value: number;
  readonly by: SyncCall | undefined;
}

/**
 * The worst of each service over all chains that start there, from the end of the chains to their start, each call looked
 * at once. Calls within a circle count for nothing: the circle is a finding by itself.
 *
 * @param alone - of a service that calls nobody
 * @param through - of a chain that starts with a call, from that of its rest
 */
export function worstOf(
  { from, groups }: CallGraph,
  alone: number,
  through: (call: SyncCall, rest: number) => number,
): ReadonlyMap<IConstruct, Worst> {
  const worst = new Map<IConstruct, Worst>();
  for (const group of groups) {
    const circle = new Set(group);
    const found = group.map((node): [IConstruct, Worst] => {
      let most: Worst = { value: alone, by: undefined };
      for (const call of from.get(node) ?? []) {
        if (circle.has(call.to)) continue;
        const value = through(call, worst.get(call.to)?.value ?? alone);
        if (value > most.value) most = { value, by: call };
      }
      return [node, most];
    });
    for (const [node, most] of found) worst.set(node, most);
  }
  return worst;
}

/** The calls of the chain that makes a service its worst. */
export function chainOf(worst: ReadonlyMap<IConstruct, Worst>, start: IConstruct): readonly SyncCall[] {
  const chain: SyncCall[] = [];
  for (let call = worst.get(start)?.by; call !== undefined; call = worst.get(call.to)?.by) chain.push(call);
  return chain;
}

/** The fewest calls that lead from a service back to it, all within its group; of several such circles, always the same. */
export function circleOf({ from }: CallGraph, start: IConstruct, group: readonly IConstruct[]): readonly SyncCall[] {
  const members = new Set(group);
  const reachedBy = new Map<IConstruct, SyncCall>();
  for (const node of wave(start, reachedBy)) {
    const calls = (from.get(node) ?? []).filter(({ to }) => members.has(to) && !reachedBy.has(to));
    for (const call of calls.sort((a, b) => (a.to.node.path < b.to.node.path ? -1 : 1))) reachedBy.set(call.to, call);
    if (reachedBy.has(start)) return wayBack(reachedBy, start);
  }
  return [];
}

/** A service, and then those that were reached, in the order in which they were. */
function* wave(start: IConstruct, reached: ReadonlyMap<IConstruct, SyncCall>): Iterable<IConstruct> {
  yield start;
  // What is added while it is walked through comes in its turn.
  yield* reached.keys();
}

function wayBack(reachedBy: ReadonlyMap<IConstruct, SyncCall>, start: IConstruct): readonly SyncCall[] {
  const calls: SyncCall[] = [];
  for (let call = reachedBy.get(start); call !== undefined; call = reachedBy.get(call.from)) {
    calls.unshift(call);
    if (call.from === start) break;
  }
  return calls;
}
