import { execFile } from 'node:child_process';
import { ApiClient, type ClientParts } from './api-client';
import { applyAll, type Appliable, type Applied, type ApplyOptions } from './apply';
import type { Claim } from './claim';
import { cleanUp } from './clean-up';
import type { Cluster, KubectlResult } from './cluster';
import type { Metrics, Usage, UsageOf } from './metrics';
import { clusterError } from './problems';
import { until, type UntilOptions } from './until';

/** What a cluster is made of; `startCluster` puts it together. */
export interface ClusterParts extends ClientParts {
  readonly from: Cluster['from'];
  readonly version: string;
  readonly kubeconfig: string;
  readonly controllers: boolean;
  readonly startedInMs: number;
  readonly kubectl: string | undefined;
  readonly metrics: Metrics | undefined;
  /** What was written and is to be cleaned up. */
  readonly claim: Claim;
  /** Ends what was started for it; nothing for a cluster that was there before. */
  readonly end: () => Promise<void>;
}

/** A cluster that was started or opened. */
export class StartedCluster extends ApiClient implements Cluster {
  readonly from: 'kubeconfig' | 'binaries' | 'cache';
  readonly version: string;
  readonly kubeconfig: string;
  readonly controllers: boolean;
  readonly startedInMs: number;

  constructor(private readonly all: ClusterParts) {
    super(all);
    this.from = all.from;
    this.version = all.version;
    this.kubeconfig = all.kubeconfig;
    this.controllers = all.controllers;
    this.startedInMs = all.startedInMs;
  }

  async apply(what: Appliable, options: ApplyOptions = {}): Promise<readonly Applied[]> {
    const { objects, prerequisites = [] } = 'objects' in what ? what : { objects: what };
    const claimed = await this.all.claim.take(objects, this);
    return applyAll(this, claimed, { ...options, prerequisites, controllers: this.controllers });
  }

  until<T>(condition: () => T | Promise<T>, options: UntilOptions = {}): Promise<Exclude<T, undefined | false>> {
    return until(condition, options);
  }

  use(of: UsageOf, usage: Usage): void {
    if (this.all.metrics === undefined) {
      throw clusterError({
        code: 'no-controllers',
        path: 'cluster.use',
        message: 'This cluster has no stand-in metrics.',
        got: `a cluster from ${this.from}, controllers: ${this.controllers}`,
        fix: 'Start a cluster of our own with controllers: true.',
      });
    }
    this.all.metrics.use(of, usage);
  }

  kubectl(args: readonly string[], input = ''): Promise<KubectlResult> {
    const { kubectl = 'kubectl' } = this.all;
    return new Promise((resolve, reject) => {
      const options = { env: { ...process.env, KUBECONFIG: this.kubeconfig }, maxBuffer: 2 ** 28 };
      const child = execFile(kubectl, args, options, (error, stdout, stderr) => {
        if (error !== null && typeof error.code !== 'number') reject(noKubectl(kubectl, error.message));
        else resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr });
      });
      child.stdin?.on('error', () => undefined);
      child.stdin?.end(input);
    });
  }

  async cleanUp(): Promise<void> {
    await cleanUp(this, this.all.claim.release(), this.controllers);
  }

  async stop(): Promise<void> {
    if (this.from === 'kubeconfig') await this.cleanUp();
    await this.all.metrics?.stop();
    this.all.connection.close();
    await this.all.end();
  }
}

function noKubectl(command: string, message: string): Error {
  return clusterError({
    code: 'engine-missing',
    path: 'kubectl',
    message: 'kubectl cannot be started.',
    got: `${command}: ${message}`,
    fix: 'Install kubectl, or build it with npm run engines -- kubernetes.',
  });
}
