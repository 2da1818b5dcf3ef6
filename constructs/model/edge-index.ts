import { isDeepStrictEqual } from 'node:util';
import type { IConstruct } from 'constructs';
import type { Finding } from './finding';
import { byText } from './order';
import type { Edge } from './relation';

/** Any edge, its types erased: indices hold edges of all kinds. */
export type AnyEdge = Edge<IConstruct, IConstruct, unknown>;

const NONE: readonly never[] = [];

/** Edges of one kind, by both ends, in an order that does not depend on who spoke first. */
export class EdgeIndex {
  readonly all: readonly AnyEdge[];
  readonly #from = new Map<IConstruct, AnyEdge[]>();
  readonly #to = new Map<IConstruct, AnyEdge[]>();

  constructor(edges: readonly AnyEdge[]) {
    this.all = edges;
    for (const edge of edges) {
      push(this.#from, edge.from, edge);
      push(this.#to, edge.to, edge);
    }
  }

  from(end: IConstruct): readonly AnyEdge[] {
    return this.#from.get(end) ?? NONE;
  }

  to(end: IConstruct): readonly AnyEdge[] {
    return this.#to.get(end) ?? NONE;
  }
}

/** Sorts edges, collapses what was said twice, and tells where two sayings differ. */
export function indexEdges(edges: readonly AnyEdge[], report: (finding: Finding) => void): Map<string, EdgeIndex> {
  const sorted = edges
    .map((edge) => ({ edge, order: `${edge.from.node.path}\n${edge.to.node.path}\n${edge.key}` }))
    .sort((a, b) => byText(a.edge.kind, b.edge.kind) || byText(a.order, b.order));
  const byKind = new Map<string, AnyEdge[]>();
  let before: (typeof sorted)[number] | undefined;
  for (const item of sorted) {
    const same = before !== undefined && before.order === item.order && before.edge.kind === item.edge.kind;
    if (!same) push(byKind, item.edge.kind, item.edge);
    else if (before !== undefined && !isDeepStrictEqual(before.edge.facts, item.edge.facts)) {
      report(conflict(before.edge, item.edge));
    }
    if (!same) before = item;
  }
  return new Map([...byKind].map(([kind, list]) => [kind, new EdgeIndex(list)]));
}

function conflict(first: AnyEdge, second: AnyEdge): Finding {
  const said = [first, second].map((edge) => `${edge.source.at}: ${JSON.stringify(edge.facts)}`).sort(byText);
  return {
    code: 'said-twice-differently',
    severity: 'error',
    path: first.from.node.path,
    message: `${first.source.by} is said twice with different facts.`,
    got: said.join('; '),
    allowed: 'one saying, or the same facts in each',
    fix: 'Keep one of the two, or give them different keys (another port, another group).',
  };
}

function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}
