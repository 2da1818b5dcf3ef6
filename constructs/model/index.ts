/** What patterns are made of: for extensions, and for whoever reads a plan. */
export { TeamObject, type ApiObjectLike, type TeamObjectFacts } from './adopted';
export { backEnd, backEndWithDocuments, need, type BackEndPiece, type Need } from './back-end';
export { capability, type Capability } from './capability';
export { Component, Platform, componentOf, type ChartShape } from './component';
export { isDeferred, type Deferrable, type Deferred } from './known-later';
export { Element } from './element';
export {
  TIERS,
  type ApiServerAddress,
  type BackEndChoice,
  type DnsAddress,
  type Environment,
  type GitOpsDestination,
  type GitOpsTarget,
  type Layer,
  type Located,
  type ServiceLayer,
  type Tier,
} from './environment';
export { AshlarError, isAshlarError } from './error';
export {
  contribute,
  derive,
  expand,
  knownSetting,
  policy,
  prerequisite,
  realize,
  rule,
  type Build,
  type ContributePiece,
  type DerivePiece,
  type Derived,
  type ExpandPiece,
  type Extension,
  type Piece,
  type PolicyFinding,
  type NeededBy,
  type PolicyPiece,
  type PrerequisitePiece,
  type RealizePiece,
  type RuleFinding,
  type RulePiece,
  type SettingPiece,
} from './extension';
export { facet, type Facet, type Joined, type Part } from './facet';
export type { Finding, Problem, Severity } from './finding';
export { view, viewOf, type Graph, type Having, type View, type ViewOf } from './graph';
export type { Hints } from './hints';
export type { JsonSchema } from './json-schema';
export { displayNameOf, type KubeMetadata, type KubeObject } from './kube-object';
export { patch } from './patch';
export {
  chartsOf,
  isDeployable,
  type AcceptedFinding,
  type Dependency,
  type Plan,
  type PlanCounts,
  type PlannedObject,
} from './plan';
export type { Prerequisite, ReleasePrerequisite, SecretPrerequisite, SecretValue } from './prerequisite';
export { accept, declare, relate, report } from './recorder';
export type { Acceptance, Computed, Hole, ObjectSelector, PatchOperation } from './records';
export { CONSTRUCT, constructWith, type Kind } from './kind';
export { relation, type Edge, type Relation } from './relation';
export { setting, type Decided, type Setting, type Trace } from './setting';
export { madePart, type ObjectSource, type Source } from './source';
export type { StandardResult, StandardSchema } from './standard-schema';
