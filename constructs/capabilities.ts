import type { IConstruct } from 'constructs';

/** Something that can be called: a service, a cache, a peer outside the platform. */
export interface IEndpoint extends IConstruct {
  /** Names of its ports. */
  readonly portNames: readonly string[];
}

/** Something that runs in pods and can call. */
export interface IWorkload extends IConstruct {
  /** Name of its objects. */
  readonly workloadName: string;
}

/** Something that workloads read their configuration from. */
export interface IConfig extends IConstruct {
  /** The keys that a reader gets. */
  readonly keys: readonly string[];
}

/** Something that holds secrets, which workloads read as variables or files. */
export interface ISecret extends IConstruct {
  /** Its keys: `api-key`. */
  readonly keys: readonly string[];
}

/** Something that keeps data: one service owns it, others of its context may read it. */
export interface IStore extends IConstruct {
  /** What keeps the data: `postgres`. */
  readonly engine: string;
}
