import type { Construct, IConstruct } from 'constructs';
import type { BackEndPiece, Need } from './back-end';
import type { Capability } from './capability';
import type { Environment } from './environment';
import type { Facet, Part } from './facet';
import type { Problem } from './finding';
import type { Graph } from './graph';
import type { Hints } from './hints';
import type { KubeObject } from './kube-object';
import type { Edge, Relation } from './relation';
import type { Setting } from './setting';
import type { PlannedObject } from './plan';
import type { ReleasePrerequisite, SecretPrerequisite } from './prerequisite';
import type { ObjectSource } from './source';

/** What an expansion may do. It gets no graph, so the order of expansions cannot matter. */
export interface Build {
  /** The environment that the plan is made for. */
  readonly environment: Environment;
  /** The back end that the environment chose. */
  backEnd<B>(need: Need<B>): B;
  /** Makes a part, or returns the one that the same edge made before. The id comes from the edge, never from a counter. */
  ensure<T extends IConstruct>(scope: IConstruct, id: string, make: (scope: Construct) => T): T;
  /** Records an edge, which may expand in its turn. */
  relate<From extends IConstruct, To extends IConstruct, F>(
    kind: Relation<From, To, F>,
    from: From,
    to: To,
    facts: F,
  ): void;
}

/** An object that follows from the graph. */
export interface Derived {
  /** The construct that it belongs to, which decides its chart. */
  readonly scope: IConstruct;
  /** The finished object. Only patches change it after this. */
  readonly manifest: KubeObject;
  /** The relations and parts that made it, besides the scope's own facts. */
  readonly sources?: readonly ObjectSource[];
  /** What deployers have to know about it. @defaultValue none */
  readonly hints?: Hints;
}

/** What a rule found. */
export interface RuleFinding extends Problem {
  /** The construct that is to blame. Acceptances of it and of those around it cover the finding. */
  readonly at: IConstruct;
}

/** Builds parts that depend on an edge. */
export interface ExpandPiece {
  /** Tells it from other pieces. */
  readonly piece: 'expand';
  /** Unique among expansions; an extension prefixes it: `acme.replicas`. */
  readonly id: string;
  /** Id of the relation whose edges it builds for: `calls`. */
  readonly relation: string;
  /** Called once for each distinct edge, also for edges that expansions add. */
  run(edge: Edge<IConstruct, IConstruct, unknown>, build: Build): void;
}

/** Builds what a construct consists of where that depends on the environment's back end. */
export interface RealizePiece {
  /** Tells it from other pieces. */
  readonly piece: 'realize';
  /** Unique among realizations; an extension prefixes it: `acme.queue`. */
  readonly id: string;
  /** Id of the capability whose constructs it builds: `redis`. */
  readonly capability: string;
  /** Called once for each construct that has the capability, with what it declared. */
  run(construct: Construct, facts: unknown, build: Build): void;
}

/** Gives parts to a facet that another pattern owns. */
export interface ContributePiece {
  /** Tells it from other pieces. */
  readonly piece: 'contribute';
  /** Unique among contributions; an extension prefixes it: `acme.lease-env`. */
  readonly id: string;
  /** Id of the facet that it gives to: `pod.env`. */
  readonly facet: string;
  /** Called once a plan, when somebody first asks for the facet. The order of the parts does not matter. */
  run(graph: Graph): Iterable<Part<object>>;
}

/** Makes objects. */
export interface DerivePiece {
  /** Tells it from other pieces. */
  readonly piece: 'derive';
  /** Unique among derivations; an extension prefixes it: `acme.leases`, which `ashlar explain` shows. */
  readonly id: string;
  /** Called once a plan. Two objects of one kind, namespace and name are a finding (`duplicate-object`). */
  run(graph: Graph): Iterable<Derived>;
}

/** Looks at the graph and finds what is wrong with it. */
export interface RulePiece {
  /** Tells it from other pieces. */
  readonly piece: 'rule';
  /** Unique among rules; an extension prefixes it: `acme.lease-holders`. */
  readonly id: string;
  /** Called once a plan, after all objects are made. It reads, and changes nothing. */
  run(graph: Graph): Iterable<RuleFinding>;
}

/** What a policy found. */
export interface PolicyFinding extends Problem {
  /** The object that is to blame. The finding is told at its construct. */
  readonly on: PlannedObject;
}

/** Looks at the finished objects and finds what is wrong with them. */
export interface PolicyPiece {
  /** Tells it from other pieces. */
  readonly piece: 'policy';
  /** Unique among policies; an extension prefixes it: `acme.registries`. */
  readonly id: string;
  /** Called once a plan, with the objects as patches left them. It reads, and changes nothing. */
  run(objects: readonly PlannedObject[], graph: Graph): Iterable<PolicyFinding>;
}

/** Says what has to be there before the plan, and is not in it. */
export interface PrerequisitePiece {
  /** Tells it from other pieces. */
  readonly piece: 'prerequisite';
  /** Unique among prerequisites; an extension prefixes it: `acme.queue-operator`. */
  readonly id: string;
  /** Called once a plan. What several constructs need is told once, with all of them. */
  run(graph: Graph): Iterable<NeededBy>;
}

/** A prerequisite and a construct that needs it. */
export interface NeededBy {
  /** The construct that cannot be without it. */
  readonly at: IConstruct;
  /** What has to be there. */
  readonly needs: ReleasePrerequisite | SecretPrerequisite;
}

/** Makes a setting known to environment files. */
export interface SettingPiece {
  /** Tells it from other pieces. */
  readonly piece: 'setting';
  /** That of the setting: `acme.leaseSeconds`. */
  readonly id: string;
  /** The setting, whose schema files and editors are told. */
  readonly setting: Setting<unknown>;
}

/** One thing that an extension adds. Made only by the functions of this file and by `backEnd`. */
export type Piece =
  | ExpandPiece
  | RealizePiece
  | ContributePiece
  | DerivePiece
  | RulePiece
  | PolicyPiece
  | PrerequisitePiece
  | SettingPiece
  | BackEndPiece;

/** A set of pieces under a name. Nothing is registered by an import: a platform's definition names its extensions. */
export interface Extension {
  /** Who brings it and what: `acme.leader-election`. */
  readonly name: string;
  /** What it adds, in any order. */
  readonly pieces: readonly Piece[];
  /** CustomResourceDefinition manifests of the kinds that it emits, against which they are checked. */
  readonly definitions?: readonly object[];
}

/** Builds parts for each edge of a kind, at the seal, until no new edge appears. */
export function expand<From extends IConstruct, To extends IConstruct, F>(
  id: string,
  on: Relation<From, To, F>,
  run: (edge: Edge<From, To, F>, build: Build) => void,
): ExpandPiece {
  return { piece: 'expand', id, relation: on.id, run };
}

/** Builds what a construct consists of, at the seal, by the back end that the environment chose. */
export function realize<F>(
  id: string,
  of: Capability<F>,
  run: (construct: Construct, facts: Readonly<F>, build: Build) => void,
): RealizePiece {
  return { piece: 'realize', id, capability: of.id, run };
}

/** Contributes to a facet. */
export function contribute<T extends object>(
  id: string,
  to: Facet<T>,
  run: (graph: Graph) => Iterable<Part<T>>,
): ContributePiece {
  return { piece: 'contribute', id, facet: to.id, run };
}

/** Derives objects. */
export function derive(id: string, run: (graph: Graph) => Iterable<Derived>): DerivePiece {
  return { piece: 'derive', id, run };
}

/** Checks the graph. */
export function rule(id: string, run: (graph: Graph) => Iterable<RuleFinding>): RulePiece {
  return { piece: 'rule', id, run };
}

/** Checks the finished objects. */
export function policy(id: string, run: PolicyPiece['run']): PolicyPiece {
  return { piece: 'policy', id, run };
}

/** Says what has to be there before the plan: an operator, a Secret that somebody makes. */
export function prerequisite(id: string, run: PrerequisitePiece['run']): PrerequisitePiece {
  return { piece: 'prerequisite', id, run };
}

/** Lets environment files give a setting. */
export function knownSetting<T>(known: Setting<T>): SettingPiece {
  return { piece: 'setting', id: known.id, setting: known };
}
