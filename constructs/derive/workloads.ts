import type { IConstruct } from 'constructs';
import type { ApiObjectLike } from '../model/adopted';
import { derive, type Derived } from '../model/extension';
import { given } from '../model/given';
import type { Graph } from '../model/graph';
import type { KubeObject } from '../model/kube-object';
import { podTemplateOf } from '../model/references';
import { imageOf } from './image';
import { ownershipLabels, selecting } from './labels';
import {
  collectParts,
  mountsFor,
  renderAllBeside,
  renderEnv,
  renderPod,
  renderVolumes,
  texts,
  variablesOf,
  type PodParts,
  type RenderedPod,
} from './pod-template';
import { Verification } from './rollout/facts';
import { formOf } from './rollout/rollout';
import { renderRun } from './runs';
import { KeptRevisions, Replicas, Surge, isScaled, rolling } from './scaling';
import { StorageClass, Workload, metadataOf, runOf, type WorkloadFacts } from './workload';

/**
 * Deployments and StatefulSets (Kubernetes 1.36, apps/v1), what stands in their place where releases are performed, Jobs
 * and CronJobs (batch/v1).
 */
export const workloads = derive('workloads', function* (graph): Iterable<Derived> {
  for (const { construct, facts } of graph.having(Workload)) {
    if (graph.facts(construct, Verification) !== undefined) continue;
    if (facts.adopted !== undefined) {
      yield renderAdopted(graph, construct, facts, facts.adopted);
      continue;
    }
    const pod = renderPod(graph, construct, facts);
    const run = runOf(facts);
    yield run === undefined
      ? renderWorkload(graph, construct, facts, pod)
      : renderRun(graph, construct, facts, run, pod);
  }
});

/** One ServiceAccount a workload: the identity by which policies know it (Kubernetes 1.36, core/v1). */
export const serviceAccounts = derive('service-accounts', function* (graph): Iterable<Derived> {
  for (const { construct, facts } of graph.having(Workload)) {
    if (facts.adopted !== undefined) continue;
    yield {
      scope: construct,
      manifest: {
        apiVersion: 'v1',
        kind: 'ServiceAccount',
        metadata: metadataOf(construct, facts),
        automountServiceAccountToken: false,
      },
    };
  }
});

function renderWorkload(
  graph: Graph,
  construct: IConstruct,
  facts: WorkloadFacts,
  { template, sources }: RenderedPod,
): Derived {
  const scale = graph.setting(Replicas, construct, facts.scale);
  const {
    apiVersion,
    kind,
    spec,
    replicas = isScaled(scale) ? undefined : scale.min,
  } = formOf(graph, construct, facts);
  const common = {
    // Left out where a scaler rules, so that applying again does not undo what it did.
    ...given({ replicas }),
    revisionHistoryLimit: graph.setting(KeptRevisions, construct),
    selector: selecting(facts.selector),
  };
  const ordered = facts.strategy === 'ordered';
  return {
    scope: construct,
    sources,
    hints: {
      ...(replicas === undefined && { ownedElsewhere: ['/spec/replicas'] }),
      ...(facts.claims.length > 0 && graph.environment.tier === 'production' && { protect: true, retain: true }),
    },
    manifest: {
      apiVersion,
      kind,
      metadata: metadataOf(construct, facts),
      spec: ordered
        ? {
            ...common,
            serviceName: facts.name,
            template,
            ...renderClaims(graph.setting(StorageClass, construct), facts),
          }
        : {
            ...common,
            ...(spec?.() ?? { strategy: renderStrategy(facts, graph.setting(Surge, construct)) }),
            template,
          },
    },
  };
}

function renderStrategy({ strategy }: WorkloadFacts, surgePercent: number): object {
  if (strategy === 'recreate') return { type: 'Recreate' };
  return rolling(surgePercent);
}

/** Claims outlive their pods and their StatefulSet: data goes only when somebody deletes it by hand. */
function renderClaims(storageClassName: string, { claims }: WorkloadFacts): object {
  return {
    ...(claims.length > 0 && { persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain', whenScaled: 'Retain' } }),
    volumeClaimTemplates: claims.map(({ name, size }) => ({
      metadata: { name },
      spec: {
        accessModes: ['ReadWriteOnce'],
        ...(storageClassName !== '' && { storageClassName }),
        resources: { requests: { storage: size } },
      },
    })),
  };
}

interface MutablePod {
  metadata?: { labels?: object; annotations?: object };
  spec?: MutableSpec;
}

interface MutableSpec {
  containers?: MutableContainer[];
  initContainers?: object[];
  volumes?: object[];
  automountServiceAccountToken?: boolean;
  shareProcessNamespace?: boolean;
}

interface MutableContainer {
  image?: string;
  env?: object[];
  volumeMounts?: object[];
}

/** The team's own manifest with the parts of other patterns added to its pod and its first container. */
function renderAdopted(graph: Graph, construct: IConstruct, facts: WorkloadFacts, adopted: ApiObjectLike): Derived {
  const manifest = structuredClone(adopted.toJson()) as KubeObject;
  const pod = podTemplateOf(manifest) as MutablePod | undefined;
  const parts = collectParts(graph, construct);
  if (pod?.spec !== undefined) {
    addToSpec(graph, pod.spec, facts, parts);
    pod.metadata = {
      ...pod.metadata,
      labels: { ...pod.metadata?.labels, ...facts.selector, ...ownershipLabels(construct), ...texts(parts.labels) },
      ...(parts.annotations.length > 0 && {
        annotations: { ...pod.metadata?.annotations, ...texts(parts.annotations) },
      }),
    };
  }
  return { scope: construct, manifest, sources: parts.sources };
}

function addToSpec(graph: Graph, spec: MutableSpec, { name, mountsToken }: WorkloadFacts, parts: PodParts): void {
  const [main] = spec.containers ?? [];
  if (main !== undefined) addToContainer(graph, name, main, parts);
  if (mountsToken) spec.automountServiceAccountToken = true;
  if (parts.sharesProcesses) spec.shareProcessNamespace = true;
  appendTo(spec, 'initContainers', renderAllBeside(graph, name, parts));
  appendTo(spec, 'volumes', renderVolumes(parts.volumes).volumes ?? []);
}

function addToContainer(graph: Graph, workload: string, main: MutableContainer, { env, volumes }: PodParts): void {
  if (main.image !== undefined) main.image = imageOf(graph, main.image);
  appendTo(main, 'env', renderEnv(variablesOf(graph, workload, undefined, env)));
  appendTo(main, 'volumeMounts', mountsFor(volumes, undefined));
}

/** Adds to a list that may not be there yet; nothing where there is nothing to add. */
function appendTo<K extends string>(holder: { [key in K]?: object[] }, key: K, items: readonly object[]): void {
  if (items.length > 0) holder[key] = [...(holder[key] ?? []), ...items];
}
