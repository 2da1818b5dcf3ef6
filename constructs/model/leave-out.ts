import type { IConstruct } from 'constructs';
import type { Environment } from './environment';
import type { Finding } from './finding';
import type { Recorder } from './recorder';
import { pathBelowPlatform } from './setting';

/**
 * Forgets what an environment does without: the facts of these constructs and their parts, and the edges that start at
 * them. Whoever else needs them is told, since its call would lead nowhere.
 */
export function leaveOut(
  { without }: Environment,
  recorder: Recorder,
  constructs: readonly IConstruct[],
  report: (finding: Finding) => void,
): void {
  if (without.length === 0) return;
  const gone = new Set<IConstruct>();
  for (const { path, at } of without) {
    const found = constructs.filter((construct) => {
      const below = pathBelowPlatform(construct);
      return below === path || below.startsWith(`${path}/`);
    });
    if (found.length === 0) report(unknown(path, at));
    for (const construct of found) gone.add(construct);
  }
  for (const [capability, facts] of recorder.facts) {
    const left = new Map([...facts].filter(([construct]) => gone.has(construct)));
    recorder.leftOut.set(capability, left);
    for (const construct of left.keys()) facts.delete(construct);
  }
  const paths = new Set([...gone].map(({ node }) => node.path));
  recorder.patches.splice(0, recorder.patches.length, ...recorder.patches.filter(({ path }) => !paths.has(path)));
  const kept = recorder.edges.filter((edge) => !gone.has(edge.from));
  for (const edge of kept.filter((one) => gone.has(one.to))) report(needed(edge.from, edge.to, edge.source.by));
  recorder.edges.splice(0, recorder.edges.length, ...kept.filter((edge) => !gone.has(edge.to)));
}

function unknown(path: string, at: string): Finding {
  return {
    code: 'unknown-construct-left-out',
    severity: 'error',
    path: at,
    message: 'The environment does without a construct that is not in the platform.',
    got: path,
    allowed: 'a path below the platform, such as web/loadgenerator',
    fix: 'Correct the path, or remove the line.',
  };
}

function needed(from: IConstruct, to: IConstruct, by: string): Finding {
  return {
    code: 'needs-what-is-left-out',
    severity: 'error',
    path: from.node.path,
    message: `It needs ${to.node.path}, which this environment does without.`,
    got: by,
    allowed: 'relations with what is deployed',
    fix: `Leave ${pathBelowPlatform(from)} out as well, or keep ${pathBelowPlatform(to)}.`,
  };
}
