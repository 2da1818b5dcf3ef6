import { accessSync, constants, existsSync } from 'node:fs';
import path from 'node:path';
import { builtFolder, cacheFolder, halfBuilt, isUnfinished, readRecord } from './engine-cache';
import { clusterError } from './problems';

/** Where executables and data are found. */
export interface Engines {
  /** `binaries` of KUBEBUILDER_ASSETS, or the `cache` that `npm run engines` fills. */
  readonly from: 'binaries' | 'cache';
  /** Whether a file or folder is there. */
  has(name: string): boolean;
  /** Path of a file or folder. @throws AshlarError `no-engines` where it is not there */
  fileOf(name: string): string;
}

/** Where a cluster comes from. */
export type Source = { readonly kubeconfig: string } | { readonly engines: Engines };

/** What an API server needs. */
const SERVER_FILES = ['etcd', 'kube-apiserver'];

/** What controllers need besides: executables, and the folder of kwok's stages. */
export const CONTROLLER_FILES = ['kube-controller-manager', 'kube-scheduler', 'kwok', 'kwok-stages'];

/** Folder of the definitions of custom resources, one file a family. */
export const DEFINITIONS = 'definitions';

/**
 * The cluster to use: that of ASHLAR_KUBECONFIG, else the executables in KUBEBUILDER_ASSETS, else those of the engines
 * cache; undefined where there is none of them.
 * @throws AshlarError `half-built-cache`, `no-engines` where KUBEBUILDER_ASSETS names a folder without them
 */
export function findSource(): Source | undefined {
  const { ASHLAR_KUBECONFIG, KUBEBUILDER_ASSETS } = process.env;
  if (ASHLAR_KUBECONFIG) return { kubeconfig: ASHLAR_KUBECONFIG };
  if (KUBEBUILDER_ASSETS) return { engines: whole(enginesIn('binaries', [KUBEBUILDER_ASSETS, ...cachedHelpers()])) };
  const root = cacheFolder();
  if (readRecord(root, 'kubernetes') !== undefined) {
    return { engines: whole(enginesIn('cache', cached(root, ['kubernetes', 'kwok', 'crds']))) };
  }
  if (isUnfinished(root, 'kubernetes'))
    throw halfBuilt('kubernetes', `a build in ${root} that did not come to its end`);
  return undefined;
}

/** Why there is no cluster, in a few words; undefined where there is one, or what should be one. */
export function whyNoCluster(): string | undefined {
  try {
    return findSource() === undefined ? 'no built engines, no KUBEBUILDER_ASSETS, no ASHLAR_KUBECONFIG' : undefined;
  } catch {
    return undefined;
  }
}

/** True where Go is installed, so that engines could be built. */
export function hasGo(): boolean {
  const folders = (process.env['PATH'] ?? '').split(path.delimiter).filter((folder) => folder !== '');
  return folders.some((folder) => isExecutable(path.join(folder, 'go')));
}

/** The error for a cluster that cannot be started. */
export function noEngines(got: string): Error {
  return clusterError({
    code: 'no-engines',
    message: 'There is nothing to start a cluster from.',
    got,
    allowed:
      'engines built by npm run engines, etcd and kube-apiserver in KUBEBUILDER_ASSETS, or a cluster in ASHLAR_KUBECONFIG',
    fix: hasGo() ? 'Run npm run engines.' : 'Install Go and run npm run engines, or set one of the variables.',
  });
}

/** kwok and definitions fit any server: they may come from the cache when the server does not. */
function cachedHelpers(): readonly string[] {
  return cached(cacheFolder(), ['kwok', 'crds']);
}

function cached(root: string, names: readonly string[]): readonly string[] {
  return names.flatMap((name) => {
    const record = readRecord(root, name);
    return record === undefined ? [] : [builtFolder(root, record)];
  });
}

function enginesIn(from: Engines['from'], folders: readonly string[]): Engines {
  const find = (name: string): string | undefined =>
    folders.map((folder) => path.join(folder, name)).find((file) => existsSync(file));
  return {
    from,
    has: (name) => find(name) !== undefined,
    fileOf: (name) => {
      const found = find(name);
      if (found === undefined) throw noEngines(`no ${name} in ${folders.join(', ')}`);
      return found;
    },
  };
}

function whole(engines: Engines): Engines {
  for (const name of SERVER_FILES) engines.fileOf(name);
  return engines;
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
