import { contribute, derive, prerequisite, rule, type NeededBy, type Piece } from '../../model/extension';
import { PodLabels } from '../pod';
import { argoRollouts } from './argo/argo-rollouts';
import { Delivery } from './facts';
import { noRollouts } from './none';
import { plainRollouts } from './plain';
import { RolloutNeed, realizeRollout } from './rollout';
import { rolloutRules } from './rules';

/** What follows from releases that the environment performs. */
export const rolloutPieces: readonly Piece[] = [
  realizeRollout,
  noRollouts,
  plainRollouts,
  argoRollouts,
  derive('rollout', (graph) => graph.backEnd(RolloutNeed).objects(graph)),
  contribute('rollout.labels', PodLabels, (graph) => graph.backEnd(RolloutNeed).podLabels(graph)),
  rule('rollout.said', (graph) => graph.backEnd(RolloutNeed).problems(graph)),
  prerequisite('rollout', function* (graph): Iterable<NeededBy> {
    const backEnd = graph.backEnd(RolloutNeed);
    const releases = backEnd.releases(graph);
    for (const { construct: at, facts } of graph.having(Delivery)) {
      if (backEnd.form(graph, at, facts) === undefined) continue;
      for (const needs of releases) yield { at, needs };
    }
  }),
  ...rolloutRules,
];
