import { isDeepStrictEqual } from 'node:util';
import type { IConstruct } from 'constructs';
import type { Finding } from './finding';
import { byKey, byText, groupBy } from './order';
import type { Edge } from './relation';

/** Any edge, its types erased: indices hold edges of all kinds. */
export type AnyEdge = Edge<IConstruct, IConstruct, unknown>;

const NONE: readonly never[] = [];

/** Edges of one kind, by both ends, in an order that does not depend on who spoke first. */
export class EdgeIndex {
  readonly all: readonly AnyEdge[];
  readonly #from: ReadonlyMap<IConstruct, readonly AnyEdge[]>;
  readonly #to: ReadonlyMap<IConstruct, readonly AnyEdge[]>;

  constructor(edges: readonly AnyEdge[]) {
    this.all = edges;
    this.#from = groupBy(edges, (edge) => edge.from);
    this.#to = groupBy(edges, (edge) => edge.to);
  }

  from(end: IConstruct): readonly AnyEdge[] {
    return this.#from.get(end) ?? NONE;
  }

  to(end: IConstruct): readonly AnyEdge[] {
    return this.#to.get(end) ?? NONE;
  }
}

/** Sorts edges, collapses what was said twice, and tells where sayings differ. */
export function indexEdges(edges: readonly AnyEdge[], report: (finding: Finding) => void): Map<string, EdgeIndex> {
  const byKind = groupBy(edges, ({ kind }) => kind);
  return new Map([...byKind].map(([kind, list]) => [kind, new EdgeIndex(inOrder(list, report))]));
}

/** Edges of one kind by their ends and keys, each once. Those of one end are few, so they are sorted by themselves. */
function inOrder(edges: readonly AnyEdge[], report: (finding: Finding) => void): readonly AnyEdge[] {
  const byFrom = [...groupBy(edges, ({ from }) => from)].sort(byKey(([from]) => from.node.path));
  const distinct: AnyEdge[] = [];
  for (const [, list] of byFrom) {
    if (list.length > 1) list.sort((a, b) => byText(a.to.node.path, b.to.node.path) || byText(a.key, b.key));
    for (let start = 0, end = 0; start < list.length; start = end) {
      const first = list[start] as AnyEdge;
      do end += 1;
      while (list[end]?.to === first.to && list[end]?.key === first.key);
      distinct.push(end === start + 1 ? first : one(list.slice(start, end), report));
    }
  }
  return distinct;
}

/** The edge that several sayings mean: the same one, whatever their order was. */
function one(said: readonly AnyEdge[], report: (finding: Finding) => void): AnyEdge {
  const sorted = said
    .map((edge) => ({ edge, text: `${JSON.stringify(edge.facts)} ${edge.source.at}` }))
    .sort((a, b) => byText(a.text, b.text))
    .map(({ edge }) => edge);
  const [first] = sorted as [AnyEdge];
  if (sorted.some((edge) => !isDeepStrictEqual(edge.facts, first.facts))) report(conflict(sorted));
  return first;
}

function conflict(said: readonly AnyEdge[]): Finding {
  const [first] = said as [AnyEdge];
  return {
    code: 'said-twice-differently',
    severity: 'error',
    path: first.from.node.path,
    message: `${first.source.by} is said twice with different facts.`,
    got: said.map((edge) => `${edge.source.at}: ${JSON.stringify(edge.facts)}`).join('; '),
    allowed: 'one saying, or the same facts in each',
    fix: 'Keep one of them, or give them different keys (another port, another group).',
  };
}
