import type { IConstruct } from 'constructs';
import { TeamObject } from '../../model/adopted';
import { rule, type RuleFinding } from '../../model/extension';
import { view, type Graph } from '../../model/graph';
import { Context } from '../context';
import { MeshNeed } from '../mesh/mesh';
import { PodVolumes } from '../pod';
import { footprints } from '../quota';
import { Delivery, type DeliveryFacts } from './facts';
import { migrationRule } from './migrations';
import { RolloutNeed } from './rollout';
import { unled, unshared } from './unshared';

/** Longest name of a Service: a DNS label (RFC 1035, section 2.3.4). */
const MAX_NAME = 63;

/** What the longest name of a version's Service adds. */
const LONGEST_SUFFIX = '-preview'.length;

/** What cannot be performed, or is performed by nobody. */
const performed = rule('rollout.performed', function* (graph): Iterable<RuleFinding> {
  const { performs, name } = graph.backEnd(RolloutNeed);
  for (const { construct: at, facts } of graph.having(Delivery)) {
    yield* unled(graph, at);
    if (performs) {
      yield* unshared(graph, at, facts);
      yield* unmeasured(graph, at, facts);
      yield* single(graph, at);
      yield* crowded(graph, at, facts);
      yield* tooLong(at, facts);
    } else if (graph.environment.tier !== 'development') {
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

function* unmeasured(graph: Graph, at: IConstruct, { strategy }: DeliveryFacts): Iterable<RuleFinding> {
  const { metrics, name } = graph.backEnd(RolloutNeed);
  const after = strategy.kind === 'blue-green' ? strategy.verifyAfter : undefined;
  if (strategy.verify?.metrics === undefined && after?.metrics === undefined) return;
  if (metrics === undefined) {
    yield {
      at,
      code: 'verification-without-metrics',
      message: 'A version is to be judged by figures, and nobody is there to be asked for them.',
      field: 'backEnds.rollout.options.metrics',
      got: `${name} without an address`,
      allowed: 'the address of a Prometheus',
      fix: 'Add the line "metrics: http://prometheus.monitoring:9090" to the options of the back end.',
    };
  } else if (graph.backEnd(MeshNeed).reporters.length === 0) {
    yield {
      at,
      code: 'verification-without-metrics',
      message: 'The figures of a version are measured by the proxies of its callers, and there are none.',
      field: 'backEnds.mesh',
      got: graph.backEnd(MeshNeed).name,
      allowed: 'a mesh with proxies',
      fix: 'Choose such a mesh, or verify by a job.',
    };
  }
}

/** Two versions at once cannot both hold what only one pod may. */
function* single(graph: Graph, at: IConstruct): Iterable<RuleFinding> {
  for (const { value } of graph.collect(PodVolumes, at)) {
    const { persistentVolumeClaim: claim } = (value.source ?? {}) as ClaimSource;
    if (claim === undefined || graph.view(manyWriters).has(claim.claimName)) continue;
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

/** A quota that somebody gave has to have room for both versions at once. */
function* crowded(graph: Graph, at: IConstruct, { namespace }: DeliveryFacts): Iterable<RuleFinding> {
  const given = Number(graph.view(givenPods).get(namespace) ?? Number.NaN);
  const needed = graph.view(footprints).get(namespace)?.pods ?? 0;
  if (Number.isNaN(given) || given >= needed) return;
  yield {
    at,
    code: 'rollout-above-quota',
    message: 'The quota has no room for two versions at once: pods of the new one would never start.',
    field: 'quota.pods',
    got: String(given),
    allowed: `at least ${needed}, with all versions that may stand at once`,
    fix: 'Raise the quota of the context, or leave it to be computed.',
  };
}

/** Pods that somebody gave a namespace, by its name. */
const givenPods = view(
  'rollout.given-pods',
  (graph: Graph): ReadonlyMap<string, string | undefined> =>
    new Map(graph.having(Context).map(({ facts: { namespace, quota } }) => [namespace, quota?.['pods']])),
);

function* tooLong(at: IConstruct, { name }: DeliveryFacts): Iterable<RuleFinding> {
  const longest = MAX_NAME - LONGEST_SUFFIX;
  if (name.length <= longest) return;
  yield {
    at,
    code: 'name-too-long',
    message: 'The Services of its versions would have names that are too long.',
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
  return new Set(shared.map(({ metadata }) => metadata.name));
});

/** What is wrong with releases. */
export const rolloutRules = [performed, migrationRule];
