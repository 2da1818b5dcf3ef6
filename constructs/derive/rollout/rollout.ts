import type { Construct, IConstruct } from 'constructs';
import { need } from '../../model/back-end';
import { realize, type Build, type Derived, type RuleFinding } from '../../model/extension';
import type { Part } from '../../model/facet';
import type { Graph } from '../../model/graph';
import { shared } from '../../model/shared';
import type { ReleasePrerequisite } from '../../model/prerequisite';
import type { TextPart } from '../pod';
import type { WorkloadFacts } from '../workload';
import { Delivery, type DeliveryFacts } from './facts';

/** What a kind of workload is to the objects around it. */
export interface WorkloadForm {
  /** As in its manifest: `apps/v1`. */
  readonly apiVersion: string;
  /** As in its manifest: `Deployment`. */
  readonly kind: string;
  /** The label by which pods of one version are told from those of another. */
  readonly versionKeys: readonly [string];
  /** Most sets of pods at once, each of the wanted number. */
  readonly sets: number;
  /** How many pods it has. @defaultValue by the setting `scale`: a fixed number, or what a scaler makes of it */
  readonly replicas?: number;
  /** Name of what a scaler moves. @defaultValue its own */
  readonly scaled?: string;
  /** What stands in its `spec` besides number, selector and template, where that is not a Deployment's. */
  readonly spec?: () => object;
}

/** How an environment performs releases. */
export interface RolloutBackEnd {
  /** As environment files name it: `argo-rollouts`. */
  readonly name: string;
  /** Whether holds, verifications and aborts are performed. */
  readonly performs: boolean;
  /** Where metrics are asked for. @defaultValue nowhere */
  readonly metrics?: string;
  /** Seconds between two values that are collected of a figure. @defaultValue nobody collects any */
  readonly scrapeSeconds?: number;
  /** What has to run in the cluster. */
  releases(graph: Graph): readonly ReleasePrerequisite[];
  /** Declares what a release consists of here. */
  realize(construct: Construct, facts: Readonly<DeliveryFacts>, build: Build): void;
  /** What a workload is here. @returns undefined where it stays a Deployment */
  form(graph: Graph, construct: IConstruct, facts: Readonly<DeliveryFacts>): WorkloadForm | undefined;
  /** Its objects, besides the workloads. */
  objects(graph: Graph): Iterable<Derived>;
  /** Labels of pods, by which versions are told apart. */
  podLabels(graph: Graph): Iterable<Part<TextPart>>;
  /** What is wrong with what the environment says to it. */
  problems(graph: Graph): Iterable<RuleFinding>;
}

/** The need for somebody who performs releases. */
export const RolloutNeed = need<RolloutBackEnd>('rollout', 'none');

/** Each release is what its environment's back end makes of it. */
export const realizeRollout = realize('rollout', Delivery, (construct, facts, build) => {
  build.backEnd(RolloutNeed).realize(construct, facts, build);
});

/** A Deployment. */
export const DEPLOYMENT: WorkloadForm = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  versionKeys: shared(['pod-template-hash']),
  // A pod that was told to end counts until it is gone: at the peak of an update all old ones stand beside all new ones.
  sets: 2,
};
const RECREATED: WorkloadForm = { ...DEPLOYMENT, sets: 1 };
const STATEFUL_SET: WorkloadForm = { ...RECREATED, kind: 'StatefulSet' };

/** What a workload that stays is: by its strategy, or by whoever performs its releases. */
export function formOf(graph: Graph, construct: IConstruct, { strategy }: Readonly<WorkloadFacts>): WorkloadForm {
  if (strategy === 'ordered') return STATEFUL_SET;
  if (strategy === 'recreate') return RECREATED;
  const delivery = graph.facts(construct, Delivery);
  if (delivery === undefined) return DEPLOYMENT;
  return graph.backEnd(RolloutNeed).form(graph, construct, delivery) ?? DEPLOYMENT;
}
