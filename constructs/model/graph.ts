import type { IConstruct } from 'constructs';
import type { Need } from './back-end';
import type { Capability } from './capability';
import type { Environment } from './environment';
import type { Facet, Joined } from './facet';
import type { Edge, Relation } from './relation';
import type { Decided, Setting } from './setting';

/** A construct and its facts. */
export interface Having<F> {
  /** Who declared them. */
  readonly construct: IConstruct;
  /** What was declared last. Plain data: do not change it. */
  readonly facts: Readonly<F>;
}

/**
 * Everything that was said, sealed and indexed. Lists are in the order of construct paths, whatever the order of
 * statements was.
 */
export interface Graph {
  /** The environment that the plan is made for. */
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
  /** All edges of a kind, each once: by the path of `from`, then of `to`, then by key. */
  all<A extends IConstruct, B extends IConstruct, F>(kind: Relation<A, B, F>): readonly Edge<A, B, F>[];
  /** Edges of a kind that start at a construct; none where it said none. */
  from<A extends IConstruct, B extends IConstruct, F>(
    end: IConstruct,
    kind: Relation<A, B, F>,
  ): readonly Edge<A, B, F>[];
  /** Edges of a kind that end at a construct; none where nobody said any. */
  to<A extends IConstruct, B extends IConstruct, F>(end: IConstruct, kind: Relation<A, B, F>): readonly Edge<A, B, F>[];
  /**
   * The value of a view: computed once a plan.
   * @throws AshlarError `cycle-of-views` where it needs itself
   */
  view<T>(view: View<T>): T;
  /**
   * The value of a view for one subject: computed once a plan and subject.
   * @throws AshlarError `cycle-of-views` where it needs itself
   */
  viewOf<S extends object, T>(view: ViewOf<S, T>, subject: S): T;
  /** The parts that patterns gave to a construct, joined by key, in the order of keys. */
  collect<T extends object>(facet: Facet<T>, end: IConstruct): readonly Joined<T>[];
  /** The constructs that patterns gave parts to, in the order of paths. */
  receivers<T extends object>(facet: Facet<T>): readonly IConstruct[];
  /** The value of a setting at a construct. */
  setting<T>(setting: Setting<T>, at: IConstruct, said?: T): T;
  /** The same with its source. */
  decided<T>(setting: Setting<T>, at: IConstruct, said?: T): Decided<T>;
  /** The back end that the environment chose. */
  backEnd<B>(need: Need<B>): B;
  /** True for a text that holds a value which nobody may read: it goes into a Secret object, never into a literal. */
  isSecret(text: string): boolean;
  /**
   * Plain data as JSON. Where it holds values that are known later, so is the text: a token stands for it, and it is
   * secret where one of them is.
   * @param field - what it is, unique at the construct: `value of LIMITS`
   */
  json(at: IConstruct, field: string, data: unknown): string;
  /**
   * A text that is made of plain data. Where the data holds values that are known later, so is the text: a token stands
   * for it, and it is secret where one of them is. Then it is made by whoever knows the values.
   * @param field - what it is, unique at the construct: `file settings.yaml`
   * @param make - pure, and of nothing but the data
   */
  text<T>(at: IConstruct, field: string, data: T, make: (data: T) => string): string;
  /**
   * A checksum of plain data, ten characters. Where the data holds values that are known later, so is the checksum: a
   * token stands for it, which a name never holds.
   * @param field - what it is, unique at the construct: `checksum of variables`
   */
  checksum(at: IConstruct, field: string, data: unknown): string;
}

/** What several derivations need to know: a typed function of the graph, computed when first asked for and then kept. */
export interface View<T> {
  /** Unique among views; an extension prefixes it: `acme.lease-holders`. It names the view in errors. */
  readonly id: string;
  /** Called at most once a plan. It must be pure. */
  compute(graph: Graph): T;
}

/** The same for one subject, such as a construct. */
export interface ViewOf<S extends object, T> {
  /** Unique among views of one subject; an extension prefixes it: `acme.lease-of`. */
  readonly id: string;
  /** Called at most once a plan and subject. It must be pure. */
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
