import type { IConstruct } from 'constructs';
import type { Need } from './back-end';
import type { Capability } from './capability';
import type { Environment } from './environment';
import type { Facet, Joined } from './facet';
import type { Edge, Relation } from './relation';
import type { Decided, Setting } from './setting';

/** A construct and its facts. */
export interface Having<F> {
  readonly construct: IConstruct;
  readonly facts: Readonly<F>;
}

/**
 * Everything that was said, sealed and indexed. Lists are in the order of construct paths, whatever the order of
 * statements was.
 */
export interface Graph {
  readonly environment: Environment;
  /** The platform's root, for findings that are about no single construct. */
  readonly root: IConstruct;
  /** Name of the platform. */
  readonly platform: string;
  /** Everything that has a capability. */
  having<F>(capability: Capability<F>): readonly Having<F>[];
  /** What had a capability and is left out in this environment: known, but not here. */
  leftOut<F>(capability: Capability<F>): readonly Having<F>[];
  /** The facts of one construct. */
  facts<F>(construct: IConstruct, capability: Capability<F>): Readonly<F> | undefined;
  all<A extends IConstruct, B extends IConstruct, F>(kind: Relation<A, B, F>): readonly Edge<A, B, F>[];
  from<A extends IConstruct, B extends IConstruct, F>(
    end: IConstruct,
    kind: Relation<A, B, F>,
  ): readonly Edge<A, B, F>[];
  to<A extends IConstruct, B extends IConstruct, F>(end: IConstruct, kind: Relation<A, B, F>): readonly Edge<A, B, F>[];
  view<T>(view: View<T>): T;
  viewOf<S extends object, T>(view: ViewOf<S, T>, subject: S): T;
  /** The parts that patterns gave to a construct, joined by key, in the order of keys. */
  collect<T extends object>(facet: Facet<T>, end: IConstruct): readonly Joined<T>[];
  /** The value of a setting at a construct. */
  setting<T>(setting: Setting<T>, at: IConstruct, said?: T): T;
  /** The same with its source. */
  decided<T>(setting: Setting<T>, at: IConstruct, said?: T): Decided<T>;
  /** The back end that the environment chose. */
  backEnd<B>(need: Need<B>): B;
}

/** What several derivations need to know: a typed function of the graph, computed when first asked for and then kept. */
export interface View<T> {
  readonly id: string;
  compute(graph: Graph): T;
}

/** The same for one subject, such as a construct. */
export interface ViewOf<S extends object, T> {
  readonly id: string;
  compute(graph: Graph, subject: S): T;
}

/** Makes a view of the whole graph. */
export function view<T>(id: string, compute: (graph: Graph) => T): View<T> {
  return { id, compute };
}

/** Makes a view of one subject. */
export function viewOf<S extends object, T>(id: string, compute: (graph: Graph, subject: S) => T): ViewOf<S, T> {
  return { id, compute };
}
