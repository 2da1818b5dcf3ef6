import { groupBy } from './order';
import type { Construct, IConstruct } from 'constructs';
import type { BackEnds } from './back-end';
import type { AnyEdge } from './edge-index';
import type { Environment } from './environment';
import type { Build, ExpandPiece, Piece, RealizePiece } from './extension';
import { relateBecause, type Recorder } from './recorder';

/** What an expansion may do, for one that follows from what was said at a place. */
type BuildAt = (place: () => string) => Build;

/**
 * Builds what depends on edges and back ends, until nothing new appears: what one expansion records is expanded in its
 * turn. Equal edges build equal parts, so the order in which they are taken does not show.
 */
export function expandAll(
  recorder: Recorder,
  pieces: readonly Piece[],
  environment: Environment,
  backEnds: BackEnds,
): void {
  const parts: Omit<Build, 'relate'> = {
    environment,
    backEnd: (need) => backEnds.of(need),
    ensure: <T extends IConstruct>(scope: IConstruct, id: string, make: (scope: Construct) => T): T =>
      (scope.node.tryFindChild(id) as T | undefined) ?? make(scope),
  };
  const buildAt: BuildAt = (place) => ({
    ...parts,
    relate: (kind, from, to, facts) => relateBecause(place, kind, from, to, facts),
  });
  const expansions = groupBy(
    pieces.filter((piece): piece is ExpandPiece => piece.piece === 'expand'),
    (piece) => piece.relation,
  );
  const realizers = pieces.filter((piece): piece is RealizePiece => piece.piece === 'realize');
  const realized = new Set<string>();
  const seen = new Set<string>();
  let next = 0;
  do {
    for (const piece of realizers) realizeAll(recorder, piece, realized, buildAt);
    for (; next < recorder.edges.length && expansions.size > 0; next += 1) {
      expandOnce(recorder.edges[next] as AnyEdge, expansions, seen, buildAt);
    }
  } while (realizers.some((piece) => hasNew(recorder, piece, realized)));
}

function realizeAll(recorder: Recorder, piece: RealizePiece, done: Set<string>, buildAt: BuildAt): void {
  for (const [construct, facts] of recorder.facts.get(piece.capability) ?? []) {
    const id = `${piece.id}\n${construct.node.path}`;
    if (done.has(id)) continue;
    done.add(id);
    piece.run(
      construct,
      facts,
      buildAt(() => construct.node.path),
    );
  }
}

function hasNew(recorder: Recorder, piece: RealizePiece, done: ReadonlySet<string>): boolean {
  const constructs = recorder.facts.get(piece.capability)?.keys() ?? [];
  return [...constructs].some((construct) => !done.has(`${piece.id}\n${construct.node.path}`));
}

function expandOnce(
  edge: AnyEdge,
  expansions: ReadonlyMap<string, readonly ExpandPiece[]>,
  seen: Set<string>,
  buildAt: BuildAt,
): void {
  const pieces = expansions.get(edge.kind);
  if (pieces === undefined) return;
  const id = [edge.kind, edge.from.node.path, edge.to.node.path, edge.key].join('\n');
  if (seen.has(id)) return;
  seen.add(id);
  const build = buildAt(() => edge.source.at);
  for (const piece of pieces) piece.run(edge, build);
}
