import type { IConstruct } from 'constructs';
import { TeamObject } from '../../model/adopted';
import { rule, type RuleFinding } from '../../model/extension';
import { view, type Graph } from '../../model/graph';
import { PodVolumes } from '../pod';
import { crowded } from './crowded';
import { Delivery, type DeliveryFacts } from './facts';
import { migrationRule } from './migrations';
import { longestName } from './names';
import { pastVersions } from './past-versions';
import { isSharedByPods } from './pods';
import { RolloutNeed } from './rollout';
import { testersWithoutWay, unshared } from './unshared';
import { emptyWindows, unmeasured } from './unmeasured';

/** What cannot be performed, or is performed by nobody. */
const performed = rule('rollout.performed', function* (graph): Iterable<RuleFinding> {
  const rollouts = graph.backEnd(RolloutNeed);
  const { performs, name } = rollouts;
  for (const { construct: at, facts } of graph.having(Delivery)) {
    yield* testersWithoutWay(graph, at);
    yield* pastVersions(graph, at);
    if (performs) {
      yield* unmeasured(graph, at, facts);
      yield* emptyWindows(graph, at, facts);
    }
    if (performs || rollouts.form(graph, at, facts) !== undefined) yield* ofTwoVersions(graph, at, facts, performs);
    if (!performs && graph.environment.tier !== 'development') {
      yield {
        at,
        code: 'rollout-not-performed',
        severity: 'warning',
        message: 'Nobody performs the release: pods are replaced one after the other, and nothing is verified.',
        field: 'backEnds.rollout',
        got: name,
        allowed: 'argo-rollouts',
        fix: 'Choose it for the environment, or accept the finding at the service with a reason.',
      };
    }
  }
});

/** What holds while two versions stand, whoever has put them there. */
function* ofTwoVersions(graph: Graph, at: IConstruct, facts: DeliveryFacts, performs: boolean): Iterable<RuleFinding> {
  // A share of pods holds for all ports and all callers.
  if (performs || !isSharedByPods(graph, at, facts)) yield* unshared(graph, at, facts);
  yield* single(graph, at, facts);
  yield* crowded(graph, at, facts);
  yield* tooLong(at, facts);
}

/** Two versions at once cannot both hold what only one pod may. */
function* single(graph: Graph, at: IConstruct, { namespace }: DeliveryFacts): Iterable<RuleFinding> {
  for (const { value } of graph.collect(PodVolumes, at)) {
    const { persistentVolumeClaim: claim } = (value.source ?? {}) as ClaimSource;
    if (claim === undefined || graph.view(manyWriters).has(`${namespace}/${claim.claimName}`)) continue;
    yield {
      at,
      code: 'single-writer-volume',
      message: 'Two versions at once would share a volume that only one of them may write to.',
      field: 'directories',
      got: `the claim ${claim.claimName}`,
      allowed: 'a claim of the plan with the access mode ReadWriteMany',
      fix: 'Leave the rollout out, or keep the data in a store.',
    };
  }
}

interface ClaimSource {
  readonly persistentVolumeClaim?: { readonly claimName: string };
}

function* tooLong(at: IConstruct, facts: DeliveryFacts): Iterable<RuleFinding> {
  const { name } = facts;
  const longest = longestName(facts);
  if (name.length <= longest) return;
  yield {
    at,
    code: 'name-too-long',
    message: 'The Services of its versions, or what verifies them, would have names that are too long.',
    field: 'id',
    got: `${name.length} characters`,
    allowed: `at most ${longest}`,
    fix: 'Choose a shorter name.',
  };
}

/** Claims that pods of several nodes may write to at once. */
const manyWriters = view('rollout.many-writers', (graph: Graph): ReadonlySet<string> => {
  const claims = graph
    .having(TeamObject)
    .map(({ facts }) => facts.render())
    .filter(({ kind }) => kind === 'PersistentVolumeClaim');
  const shared = claims.filter((claim) => {
    const { accessModes = [] } = (claim['spec'] ?? {}) as { readonly accessModes?: readonly string[] };
    return accessModes.includes('ReadWriteMany');
  });
  return new Set(shared.map(({ metadata }) => `${metadata.namespace ?? ''}/${metadata.name}`));
});

/** What is wrong with releases. */
export const rolloutRules = [performed, migrationRule];
