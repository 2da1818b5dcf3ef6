import type { IConstruct } from 'constructs';
import type { Graph } from '../../model/graph';
import type { DeliveryFacts, StrategyFacts } from './facts';
import { waysInto } from './ways';

/** How many pods both versions have. */
export interface PodsOfVersions {
  /** Those of the version in the program. */
  readonly current: number;
  /** Those of the one that comes. */
  readonly next: number;
}

/**
 * Most points by which the share of pods may differ from the percent that is asked for: as near as weights of a mesh come
 * in the proofs of releases.
 */
export const SHARE_TOLERANCE = 3;

/** Whether a canary's share of the requests is that of its pods: neither a mesh nor a gateway shares them by weights. */
export function isSharedByPods(graph: Graph, construct: IConstruct, facts: Readonly<DeliveryFacts>): boolean {
  return facts.strategy.kind === 'canary' && facts.ports.length > 0 && !waysInto(graph, construct).weighed;
}

/**
 * Pods of both versions, of a number that is wanted in all. Where requests are shared by pods, the share of the pods is as
 * near to the percent as whole pods allow. A version that waits has one: it shows whether it starts.
 */
export function podsOfVersions(
  wanted: number,
  { kind }: Pick<StrategyFacts, 'kind'>,
  percent: number,
  byPods: boolean,
): PodsOfVersions {
  if (kind === 'blue-green') return { current: wanted, next: wanted };
  const share = (wanted * percent) / 100;
  if (!byPods) return { current: wanted, next: atLeastOne(Math.ceil(share), wanted) };
  if (percent === 0) return { current: wanted, next: atLeastOne(0, wanted) };
  const next = percent === 100 ? wanted : atLeastOne(Math.min(wanted - 1, Math.round(share)), wanted);
  return { current: wanted - next, next };
}

/** None where none are wanted at all. */
function atLeastOne(pods: number, wanted: number): number {
  return Math.min(wanted, Math.max(1, pods));
}
