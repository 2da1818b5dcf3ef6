import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { AshlarError } from '../../constructs/model/error';
import { given } from '../../constructs/model/given';
import type { KubeObject } from '../../constructs/model/kube-object';
import { Claim } from './claim';
import { ApiClient } from './api-client';
import type { ClusterClient } from './client';
import type { Cluster } from './cluster';
import { Connection } from './connection';
import { startControlPlane, type ControlPlane } from './control-plane';
import { startControllers } from './controllers';
import { CONTROLLER_FILES, type Engines } from './engines';
import { furniture } from './furniture';
import { KindIndex } from './kinds';
import { startMetrics } from './metrics';
import { versionOf } from './open-cluster';
import type { ClusterOptions } from './options';
import type { RunningProcess } from './process';
import { restore, snapshotOf } from './snapshot';
import { StartedCluster } from './started-cluster';
import { until } from './until';
import { emulationOf } from './version';
import { watchFolder } from './watchdog';

/** Field manager of what stands in a cluster before a proof begins. */
const MANAGER = 'ashlar-testing';

/** Starts a cluster from executables. See `startCluster`. */
export async function startOwnCluster(engines: Engines, options: ClusterOptions): Promise<Cluster> {
  const start = performance.now();
  const { controllers = true, crds = false, version } = options;
  if (controllers) for (const file of CONTROLLER_FILES) engines.fileOf(file);
  const emulate = await emulationOf(engines, version);
  const snapshot = crds ? await snapshotOf(engines) : undefined;
  const folder = mkdtempSync(path.join(tmpdir(), 'ashlar-cluster-'));
  const running: RunningProcess[] = [];
  const end = endOf(folder, running);
  try {
    if (snapshot !== undefined) restore(snapshot, folder);
    const all = { engines, folder, ...given({ emulate }) };
    const plane = await startControlPlane(all);
    running.push(plane.apiServer, plane.etcd);
    if (controllers) running.push(...(await startControllers(plane, all)));
    return await assemble({ plane, engines, running, controllers, start, end });
  } catch (error) {
    const cause = troubleOf(running);
    await end();
    throw cause ?? error;
  }
}

/** Its folder goes with it, also when this process is killed. */
function endOf(folder: string, running: readonly RunningProcess[]): () => Promise<void> {
  const unwatch = watchFolder(folder);
  return async () => {
    await Promise.all(running.map((one) => one.stop()));
    rmSync(folder, { recursive: true, force: true });
    unwatch();
  };
}

/** Any of its processes may be why nothing works any more. */
function troubleOf(running: readonly RunningProcess[]): AshlarError | undefined {
  return running.map((one) => one.trouble()).find((trouble) => trouble !== undefined);
}

/** What is there once all processes run. */
interface Started {
  readonly plane: ControlPlane;
  readonly engines: Engines;
  readonly running: readonly RunningProcess[];
  readonly controllers: boolean;
  readonly start: number;
  readonly end: () => Promise<void>;
}

async function assemble({ plane, engines, running, controllers, start, end }: Started): Promise<Cluster> {
  const connection = new Connection(plane.connection.access, () => troubleOf(running));
  plane.connection.close();
  const kinds = new KindIndex(connection);
  const quiet = new ApiClient({ connection, kinds, written: () => undefined }, { manager: MANAGER });
  const version = await versionOf(quiet);
  const metrics = controllers ? await startMetrics(plane, quiet) : undefined;
  for (const object of furniture(`v${version}`)) await quiet.applyObject(object);
  if (controllers) await ready(quiet);
  const claim = new Claim();
  return new StartedCluster({
    connection,
    kinds,
    written: (object) => claim.note(object),
    claim,
    version,
    controllers,
    metrics,
    end,
    from: engines.from,
    kubeconfig: plane.kubeconfigOf('admin'),
    kubectl: engines.has('kubectl') ? engines.fileOf('kubectl') : undefined,
    startedInMs: performance.now() - start,
  });
}

/** Pods can be made once their service account is there, and placed once nodes are ready. */
async function ready(client: ClusterClient): Promise<void> {
  const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { namespace: 'default', name: 'default' } };
  await until(() => client.get(account), { what: 'the default service account', everyMs: 50 });
  const allReady = async (): Promise<boolean> => (await client.list('v1', 'Node')).every(isReady);
  await until(allReady, { what: 'the nodes to get ready', everyMs: 50 });
}

function isReady(node: KubeObject): boolean {
  const { conditions = [] } = (node['status'] ?? {}) as { conditions?: { type: string; status: string }[] };
  return conditions.some(({ type, status }) => type === 'Ready' && status === 'True');
}
