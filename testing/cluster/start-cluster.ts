import { isAshlarError } from '../../constructs/model/error';
import type { Cluster } from './cluster';
import { findSource, noEngines, type Engines } from './engines';
import { openCluster } from './open-cluster';
import type { ClusterOptions } from './options';
import { startOwnCluster } from './own-cluster';
import { clusterError } from './problems';

/** Somebody may take a free port before it is used; nobody does so three times. */
const ATTEMPTS = 3;

/**
 * Starts a Kubernetes cluster on the loopback address, or opens the one that they have: ASHLAR_KUBECONFIG, else the
 * executables in KUBEBUILDER_ASSETS, else the engines that `npm run engines` built. It takes seconds, ends with this
 * process, however that ends, and several may run side by side.
 *
 * @param options - controllers, definitions, version
 * @throws AshlarError `no-engines` where there is nothing to start; `half-built-cache`; `engine-died`, `engine-slow` and
 * `port-taken` with the last lines of the log; `version-not-available`; `bad-kubeconfig`, `cluster-unreachable`,
 * `cluster-forbidden` for a cluster that they have. Nothing is left running.
 *
 * @example
 * ```ts
 * import { startCluster } from 'ashlar/testing/cluster';
 * import { synthesize } from 'ashlar/testing';
 * import shop from './platform';
 *
 * test('the cluster takes all of production', async () => {
 *   const cluster = await startCluster();
 *   try {
 *     await cluster.apply(synthesize(shop, { environment: 'prod' }));
 *   } finally {
 *     await cluster.stop();
 *   }
 * });
 * ```
 */
export async function startCluster(options: ClusterOptions = {}): Promise<Cluster> {
  const source = findSource();
  if (source === undefined) throw noEngines('no built engines, no KUBEBUILDER_ASSETS, no ASHLAR_KUBECONFIG');
  if ('engines' in source) return startAgain(source.engines, options);
  const cluster = await openCluster(source.kubeconfig);
  const { version = cluster.version } = options;
  if (cluster.version.startsWith(version)) return cluster;
  throw clusterError({
    code: 'version-not-available',
    message: 'The cluster of ASHLAR_KUBECONFIG has another version.',
    got: cluster.version,
    allowed: version,
    fix: 'Leave that variable out, so that a cluster of that version is started.',
  });
}

async function startAgain(engines: Engines, options: ClusterOptions): Promise<Cluster> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await startOwnCluster(engines, options);
    } catch (error) {
      if (attempt === ATTEMPTS || !isAshlarError(error) || error.code !== 'port-taken') throw error;
    }
  }
}
