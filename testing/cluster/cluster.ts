import type { Appliable, Applied, ApplyOptions } from './apply';
import type { ClusterClient } from './client';
import type { Usage, UsageOf } from './metrics';
import type { UntilOptions } from './until';

/** What kubectl printed. */
export interface KubectlResult {
  /** Its exit code. */
  readonly code: number;
  /** What it printed as its result. */
  readonly stdout: string;
  /** What it printed besides: warnings, errors. */
  readonly stderr: string;
}

/** A cluster to prove things on: one that was started for it, or one that was there before. */
export interface Cluster extends ClusterClient {
  /** `kubeconfig` (ASHLAR_KUBECONFIG), `binaries` (KUBEBUILDER_ASSETS) or `cache` (`npm run engines`). */
  readonly from: 'kubeconfig' | 'binaries' | 'cache';
  /** Version of its API server: `1.36.3`; where it behaves like an older one, that: `1.35.0`. */
  readonly version: string;
  /** Path of a kubeconfig of the administrator, for tools. */
  readonly kubeconfig: string;
  /** Whether controllers run: without them pods are not made, quotas are not counted, roles are not aggregated. */
  readonly controllers: boolean;
  /** Milliseconds that its start took. */
  readonly startedInMs: number;

  /**
   * Applies a plan, some of its objects, or manifests: server-side, strictly, as field manager `ashlar`. Nothing is tried
   * twice: what is refused is refused. Of a whole plan, the Secrets that `ashlar secrets` would make are made first, with
   * random values, where they are not there.
   *
   * @param what - in the order in which it is applied
   * @param options - order, waiting, conflicts, refusals
   * @returns what became of each, in the same order
   * @throws AshlarError `refused` with one finding for each refused object, `timed-out` for what did not get ready,
   * `not-ours` on a cluster that was there before
   */
  apply(what: Appliable, options?: ApplyOptions): Promise<readonly Applied[]>;

  /**
   * Asks until the answer is neither undefined nor false, and returns it; ends early when the cluster has died.
   * @throws AshlarError `timed-out`, `engine-died`
   */
  until<T>(condition: () => T | Promise<T>, options?: UntilOptions): Promise<Exclude<T, undefined | false>>;

  /**
   * Says what pods use from now on, each of their containers alike: autoscalers scale by it.
   * @throws AshlarError `no-controllers` where nobody would read it
   */
  use(of: UsageOf, usage: Usage): void;

  /**
   * Runs kubectl with the administrator's kubeconfig.
   * @param args - `['apply', '--dry-run=server', '--validate=strict', '-f', '-']`
   * @param input - its standard input; default none
   * @throws AshlarError `engine-missing` where there is none
   */
  kubectl(args: readonly string[], input?: string): Promise<KubectlResult>;

  /**
   * Deletes all that was applied or created through this cluster so far, and waits until it is gone.
   * @throws AshlarError `timed-out` where something does not go
   */
  cleanUp(): Promise<void>;

  /**
   * Ends the cluster: stops all that was started for it and removes its files; on a cluster that was there before, cleans
   * up. May be called twice.
   */
  stop(): Promise<void>;
}
