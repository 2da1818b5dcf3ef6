import type { IConstruct } from 'constructs';
import type { ApiObjectLike } from '../model/adopted';
import { capability } from '../model/capability';
import { contribute } from '../model/extension';
import type { Part } from '../model/facet';
import type { Graph } from '../model/graph';
import type { KubeObject } from '../model/kube-object';
import { sharedMetadata } from './labels';
import {
  PodContainers,
  PodEnv,
  PodVolumes,
  type ContainerFacts,
  type ContainerPart,
  type EnvPart,
  type ShutdownFacts,
  type VolumePart,
} from './pod';
import { setting } from '../model/setting';
import { saidBy } from '../model/source';
import type { RunFacts } from './run';
import type { ScaleFacts } from './scaling';

/** Something that runs in pods. */
export interface WorkloadFacts {
  /** Name of its objects, a DNS label: `orders`. */
  readonly name: string;
  /** Namespace of its objects: that of its context. */
  readonly namespace: string;
  /** Never changes: neither can the selector of a Deployment. */
  readonly selector: Readonly<Record<string, string>>;
  /** The main container. Others stand in `beside`. */
  readonly container: ContainerFacts;
  /**
   * `rolling` and `recreate` are Deployments, `ordered` is a StatefulSet. A run ends: it is a Job, or a CronJob where it
   * has a schedule.
   */
  readonly strategy: 'rolling' | 'recreate' | 'ordered' | RunFacts;
  /** How many pods the program wants. A run has none. @defaultValue by the setting `scale` */
  readonly scale?: ScaleFacts;
  /** How strictly pods are spread over zones; those of a run are not. @defaultValue by the setting `spread` */
  readonly spread?: 'preferred' | 'required';
  /** User that the processes run as; not 0. */
  readonly user?: number;
  /** How long a pod drains and finishes. @defaultValue by the setting `shutdown` */
  readonly shutdown?: ShutdownFacts;
  /** The pod holds a token for the API server. */
  readonly mountsToken: boolean;
  /** What the construct says itself about its pod; other patterns add theirs. */
  readonly env: readonly EnvPart[];
  /** Its own volumes, with their mounts in all containers. */
  readonly volumes: readonly VolumePart[];
  /** Its own sidecars and init containers. */
  readonly beside: readonly ContainerPart[];
  /** Claims that each pod of a StatefulSet gets. */
  readonly claims: readonly ClaimFacts[];
  /** A workload that the team wrote with cdk8s; it is taken as it is, and parts are added. */
  readonly adopted?: ApiObjectLike;
}

/** A volume that outlives the pod. */
export interface ClaimFacts {
  /** Name of the volume that it makes in the pod: `data`. */
  readonly name: string;
  /** Size as a quantity: `10Gi`. */
  readonly size: string;
}

/** What volumes are made by. A class that allows expansion lets a store grow. */
export const StorageClass = setting<string>({
  id: 'storageClass',
  schema: { type: 'string', description: 'StorageClass of volumes that outlive their pods.' },
  byTier: () => '',
  print: (name) => (name === '' ? 'that of the cluster' : name),
});

/** The capability of running in pods. */
export const Workload = capability<WorkloadFacts>('workload');

/** How a workload ends; undefined where it runs on and on. */
export function runOf({ strategy }: WorkloadFacts): RunFacts | undefined {
  return typeof strategy === 'object' ? strategy : undefined;
}

/** A workload has its say in its own pod like anybody else, so that a doubled variable is found. */
export const ownParts = [
  contribute('workload.env', PodEnv, (graph) => own(graph, (facts) => facts.env)),
  contribute('workload.volumes', PodVolumes, (graph) => own(graph, (facts) => facts.volumes)),
  contribute('workload.containers', PodContainers, (graph) => own(graph, (facts) => facts.beside)),
];

function* own<T extends object>(graph: Graph, partsOf: (facts: WorkloadFacts) => readonly T[]): Iterable<Part<T>> {
  for (const { construct, facts } of graph.having(Workload)) {
    const parts = partsOf(facts);
    if (parts.length === 0) continue;
    const source = saidBy(construct);
    for (const part of parts) yield { to: construct, part, source };
  }
}

/** Name, namespace and labels of an object of a workload. */
export function metadataOf(
  construct: IConstruct,
  { name, namespace }: Pick<WorkloadFacts, 'name' | 'namespace'>,
): KubeObject['metadata'] {
  return sharedMetadata(construct, name, namespace);
}
