import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { clusterError } from './problems';

/** A file of an engine, as it was when it was built. */
export interface EngineFile {
  /** In the engine's folder. */
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** What is known of an engine that was built: `ROOT/NAME.json`, written last. */
export interface EngineRecord {
  /** `kubernetes`, `kwok`, `crds`. */
  readonly name: string;
  /** What people call it: `1.36.3`. */
  readonly version: string;
  /** Hash of all that it is made from. */
  readonly key: string;
  /** In the cache's folder; the key is in its name, so that an older one stays whole for those who run it. */
  readonly folder: string;
  readonly files: readonly EngineFile[];
}

/** Ending of a folder in which something is being built. */
export const UNFINISHED = '.unfinished';

/** The folder of the cache: `ASHLAR_ENGINES`, else `ashlar/engines` in the user's cache folder. */
export function cacheFolder(): string {
  const { ASHLAR_ENGINES, XDG_CACHE_HOME } = process.env;
  if (ASHLAR_ENGINES) return path.resolve(ASHLAR_ENGINES);
  return path.join(XDG_CACHE_HOME || path.join(homedir(), '.cache'), 'ashlar', 'engines');
}

/** Path of an engine's record. */
export function recordFile(root: string, name: string): string {
  return path.join(root, `${name}.json`);
}

/** The record of an engine; undefined where it was never built to its end. */
export function readRecord(root: string, name: string): EngineRecord | undefined {
  const file = recordFile(root, name);
  if (!existsSync(file)) return undefined;
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as EngineRecord;
  } catch {
    throw halfBuilt(name, `${file} cannot be read`);
  }
}

/**
 * Folder of a built engine. Sizes are compared each time, which costs nothing; the hashes when `npm run engines` runs.
 * @throws AshlarError `half-built-cache` where a file is missing or has another size
 */
export function builtFolder(root: string, record: EngineRecord): string {
  const folder = path.join(root, record.folder);
  for (const { path: file, bytes } of record.files) {
    const found = statSync(path.join(folder, file), { throwIfNoEntry: false });
    if (found?.size !== bytes) {
      const what = found === undefined ? 'is not there' : `has ${found.size} bytes instead of ${bytes}`;
      throw halfBuilt(record.name, `${path.join(folder, file)} ${what}`);
    }
  }
  return folder;
}

/** True where the build of an engine was begun and did not come to its end. */
export function isUnfinished(root: string, name: string): boolean {
  if (!existsSync(root)) return false;
  return readdirSync(root).some((entry) => entry.startsWith(`${name}-`) && entry.endsWith(UNFINISHED));
}

/** The error for a cache that is not whole. */
export function halfBuilt(name: string, got: string): Error {
  return clusterError({
    code: 'half-built-cache',
    message: `The engine ${name} is not whole.`,
    got,
    allowed: 'an engine that was built to its end and not changed since',
    fix: `Run npm run engines -- ${name}; it goes on where it was stopped.`,
  });
}
