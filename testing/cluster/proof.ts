import { hasGo, noEngines, whyNoCluster } from './engines';
import type { Cluster } from './cluster';
import type { ClusterOptions } from './options';
import { startCluster } from './start-cluster';

/** Milliseconds for the start of a cluster: the first one with definitions makes their snapshot. */
const START_WITHIN_MS = 600_000;

/** jest, by shape: its globals need not be typed where nobody uses this. */
interface Jest {
  readonly describe: ((name: string, body: () => void) => void) & { skip(name: string, body: () => void): void };
  readonly test: (name: string, body: () => void) => void;
  readonly beforeAll: (body: () => Promise<void>, timeout?: number) => void;
  readonly afterAll: (body: () => Promise<void> | undefined, timeout?: number) => void;
}

/**
 * A `describe` with a cluster, started before its first test and stopped after its last. Where there is none to be had, no
 * built engines, no executables, no cluster of theirs and no Go to build with, its tests are skipped, and the reason is in
 * the name of the block. Where Go is there, or ASHLAR_PROOF is `required`, that is a failure: a proof is never silently
 * green. jest gives each test 5 seconds, if nothing else is said: set `testTimeout` for proofs.
 *
 * @param name - what is proven
 * @param body - its tests; gets a function that gives the cluster, to be called in tests and hooks
 * @param options - the cluster
 *
 * @example
 * ```ts
 * import { proof } from 'ashlar/testing/cluster';
 * import { synthesize } from 'ashlar/testing';
 * import shop from './platform';
 *
 * proof('production', (cluster) => {
 *   test('becomes available', async () => {
 *     await cluster().apply(synthesize(shop, { environment: 'prod' }));
 *   });
 * });
 * ```
 */
export function proof(name: string, body: (cluster: () => Cluster) => void, options: ClusterOptions = {}): void {
  const { describe, test } = globalThis as unknown as Jest;
  const why = whyNoCluster();
  if (why === undefined) {
    describe(name, () => body(startAndStop(options)));
  } else if (mustRun()) {
    describe(name, () => {
      test('has a cluster', () => {
        throw noEngines(why);
      });
    });
  } else {
    describe.skip(`${name} (skipped: no Go, ${why})`, () => body(early));
  }
}

function mustRun(): boolean {
  return hasGo() || process.env['ASHLAR_PROOF'] === 'required';
}

/** Starts a cluster before the tests of the block and stops it after them. */
function startAndStop(options: ClusterOptions): () => Cluster {
  const { beforeAll, afterAll } = globalThis as unknown as Jest;
  let cluster: Cluster | undefined;
  beforeAll(async () => {
    cluster = await startCluster(options);
    const { version, from, startedInMs } = cluster;
    process.stderr.write(`cluster ${version} (${from}) in ${(startedInMs / 1000).toFixed(1)} s\n`);
  }, START_WITHIN_MS);
  afterAll(() => cluster?.stop(), START_WITHIN_MS);
  return () => cluster ?? early();
}

function early(): never {
  throw new Error('The cluster is there in tests and hooks, not while they are described.');
}
