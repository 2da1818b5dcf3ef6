import { createHash } from 'node:crypto';
import {
  constants,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import path from 'node:path';
import type { KubeObject } from '../../constructs/model/kube-object';
import { ApiClient } from './api-client';
import { applyAll } from './apply';
import { startControlPlane } from './control-plane';
import { cacheFolder } from './engine-cache';
import { DEFINITIONS, type Engines } from './engines';
import { KindIndex } from './kinds';
import { withLock } from './lock';
import { clusterError } from './problems';
import { watchFolder } from './watchdog';

/**
 * A copy of etcd's folder with all definitions of custom resources installed. Installing them takes half a minute, most
 * of it the server's; copying them takes none. Made once for each pair of executables and set of definitions.
 *
 * @returns the folder of the copy
 * @throws AshlarError `no-engines` where there are no definitions
 */
export async function snapshotOf(engines: Engines): Promise<string> {
  const root = path.join(cacheFolder(), 'snapshots');
  const folder = path.join(root, keyOf(engines));
  if (existsSync(folder)) return folder;
  return withLock(`${folder}.lock`, async () => {
    if (!existsSync(folder)) await make(engines, root, folder);
    return folder;
  });
}

/** Puts a copy of a snapshot where etcd will look for its data. */
export function restore(snapshot: string, folder: string): void {
  // Where the file system can, it shares the blocks until they are written.
  cpSync(snapshot, path.join(folder, 'etcd'), { recursive: true, mode: constants.COPYFILE_FICLONE });
}

/** The definitions, from all files of the engine. */
function definitionsIn(folder: string): readonly KubeObject[] {
  const files = readdirSync(folder).filter((file) => file.endsWith('.json'));
  return files.flatMap((file) => JSON.parse(readFileSync(path.join(folder, file), 'utf8')) as KubeObject[]);
}

function keyOf(engines: Engines): string {
  const hash = createHash('sha256');
  const definitions = engines.fileOf(DEFINITIONS);
  const files = readdirSync(definitions).sort();
  for (const file of ['etcd', 'kube-apiserver'].map((name) => engines.fileOf(name))) hash.update(stampOf(file));
  for (const file of files) hash.update(file).update(readFileSync(path.join(definitions, file)));
  return hash.digest('hex').slice(0, 16);
}

function stampOf(file: string): string {
  const { size, mtimeMs } = statSync(file);
  return `${file} ${size} ${mtimeMs}\0`;
}

/** Written aside and renamed: a folder with the right name is whole. */
async function make(engines: Engines, root: string, target: string): Promise<void> {
  mkdirSync(root, { recursive: true });
  const folder = mkdtempSync(path.join(root, 'making-'));
  const unwatch = watchFolder(folder);
  try {
    await install(engines, folder);
    renameSync(path.join(folder, 'etcd'), target);
  } finally {
    rmSync(folder, { recursive: true, force: true });
    unwatch();
  }
}

async function install(engines: Engines, folder: string): Promise<void> {
  const plane = await startControlPlane({ engines, folder });
  try {
    const { connection } = plane;
    const client = new ApiClient({ connection, kinds: new KindIndex(connection), written: () => undefined });
    const definitions = definitionsIn(engines.fileOf(DEFINITIONS));
    const order = 'dependencies';
    const applied = await applyAll(client, definitions, { order, wait: true, controllers: false, withinMs: 540_000 });
    if (applied.length === 0) throw empty();
  } finally {
    plane.connection.close();
    await plane.apiServer.stop();
    // Asked politely: its data are kept.
    await plane.etcd.stop();
  }
}

function empty(): Error {
  return clusterError({
    code: 'no-engines',
    message: 'There are no definitions of custom resources to install.',
    fix: 'Run npm run engines -- crds.',
  });
}
