import type { PrerequisitePiece } from './extension';
import type { Graph } from './graph';
import { byText } from './order';
import { keyOfPrerequisite, type Prerequisite } from './prerequisite';

/** What has to be there before the plan, each once, with everybody who needs it. */
export function prerequisitesOf(graph: Graph, pieces: readonly PrerequisitePiece[]): readonly Prerequisite[] {
  const found = new Map<string, Prerequisite>();
  for (const piece of pieces) {
    for (const { at, needs } of piece.run(graph)) {
      const key = keyOfPrerequisite(needs);
      const paths = new Set(found.get(key)?.for).add(at.node.path);
      found.set(key, { ...needs, for: [...paths].sort(byText) });
    }
  }
  return [...found].sort(([a], [b]) => byText(a, b)).map(([, prerequisite]) => prerequisite);
}
