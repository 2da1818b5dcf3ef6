import { groupBy } from './order';
import type { Environment } from './environment';
import { isError, type Finding } from './finding';
import type { Hints } from './hints';
import type { KubeObject } from './kube-object';
import type { Prerequisite } from './prerequisite';
import type { Acceptance, Hole } from './records';
import type { Trace } from './setting';
import type { ObjectSource, Source } from './source';

/** One object has to be there before another, and why. */
export interface Dependency {
  /** What has to be there first. It is an object of the same plan. */
  readonly on: PlannedObject;
  /** `lives in it`, `reads it`, `scales it`. */
  readonly reason: string;
}

/** A finished object, with everything that anybody who takes it further has to know. */
export interface PlannedObject {
  /** The object as it is deployed, patches included. */
  readonly manifest: KubeObject;
  /** Unique in the plan: `apps/Deployment/ordering/orders`. */
  readonly key: string;
  /** Path of the construct that it belongs to. */
  readonly construct: string;
  /** Id of the component that it is deployed with. */
  readonly chart: string;
  /** Id of the derivation that made it. */
  readonly derivation: string;
  /** The relations and parts that made it, besides the construct's own facts. */
  readonly sources: readonly ObjectSource[];
  /** What has to be there before it, each once. In the plan it comes after all of them. */
  readonly dependsOn: readonly Dependency[];
  /** What its manifest does not say; empty for most objects. */
  readonly hints: Hints;
  /** The patches that changed it. */
  readonly patches: readonly Source[];
  /** The settings that it was made with; only where the plan was asked to trace them. */
  readonly settings: readonly Trace[];
}

/** A finding that somebody decided to live with. */
export interface AcceptedFinding {
  /** What was found. */
  readonly finding: Finding;
  /** Who lives with it, why and until when. */
  readonly acceptance: Acceptance;
}

/** How much there is of what. */
export interface PlanCounts {
  /** Workloads. */
  readonly services: number;
  /** Calls between them and to others. */
  readonly calls: number;
}

/** The one way out: everything that is deployed in one environment, in an order in which it can be. */
export interface Plan {
  /** Name of the platform. */
  readonly platform: string;
  /** The environment that it was made for. */
  readonly environment: Environment;
  /** All objects of all charts, each after what it depends on. The order is the same in each run. */
  readonly objects: readonly PlannedObject[];
  /** What has to be there before, by type and name: operators, Secrets that no object of the plan makes. */
  readonly prerequisites: readonly Prerequisite[];
  /** What is wrong, by construct path and code. */
  readonly findings: readonly Finding[];
  /** Findings that are covered by an acceptance; they stop nothing. */
  readonly accepted: readonly AcceptedFinding[];
  /** Acceptances of what is not found in this environment; it may be found in another. */
  readonly unused: readonly Acceptance[];
  /** What the summary of `ashlar synth` tells. */
  readonly counts: PlanCounts;
  /** Values that are known only while the platform is deployed, by the token that stands for each in the manifests. */
  readonly holes: ReadonlyMap<string, Hole>;
  /** Tokens of those values that nobody may read. */
  readonly secrets: ReadonlySet<string>;
}

/** The objects of each chart, charts in the order of their names. */
export function chartsOf(plan: Plan): ReadonlyMap<string, readonly PlannedObject[]> {
  const charts = groupBy(plan.objects, (object) => object.chart);
  return new Map([...charts].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** True when nothing stands in the way of deploying. */
export function isDeployable(plan: Plan): boolean {
  return !plan.findings.some(isError);
}
