import { createHash } from 'node:crypto';
import {
  createReadStream,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import {
  type EngineFile,
  type EngineRecord,
  UNFINISHED,
  readRecord,
  recordFile,
} from '../../testing/cluster/engine-cache';
import { withLock } from '../../testing/cluster/lock';
import type { Engine } from './engine';

/** What was done for an engine. */
export type Outcome = 'built' | 'checked';

/** The parts of an unfinished build that are done, with their files. */
type Progress = Record<string, readonly EngineFile[]>;

/**
 * Builds an engine into the cache, or checks the hash of each of its files where it is there. It is built aside, part by
 * part; a folder that is complete is renamed, and the record, written last, points at it. So whoever reads the cache
 * finds a whole engine or none, and a build that was stopped goes on.
 *
 * @param root - folder of the cache
 * @param engine - what to build
 * @param onWait - told the number of the process that is building it already
 */
export async function ensure(root: string, engine: Engine, onWait: (pid: number) => void): Promise<Outcome> {
  mkdirSync(root, { recursive: true });
  const work = async (): Promise<Outcome> => {
    if (await isWhole(root, engine)) return 'checked';
    await build(root, engine);
    return 'built';
  };
  return withLock(path.join(root, `${engine.name}.lock`), work, onWait);
}

/** True where the engine is built from just these inputs and no file has changed since. */
export async function isWhole(root: string, engine: Engine): Promise<boolean> {
  const record = recordOf(root, engine);
  if (record?.key !== keyOf(engine)) return false;
  const folder = path.join(root, record.folder);
  const same = await Promise.all(record.files.map((file) => isSame(folder, file)));
  return same.every(Boolean);
}

/** A record that cannot be read is none: it will be written anew. */
function recordOf(root: string, { name }: Engine): EngineRecord | undefined {
  try {
    return readRecord(root, name);
  } catch {
    return undefined;
  }
}

async function build(root: string, engine: Engine): Promise<void> {
  const key = keyOf(engine);
  const folder = `${engine.name}-${key}`;
  const target = path.join(root, folder);
  const aside = `${target}${UNFINISHED}`;
  // A folder of that name without a good record: its files are not what was built.
  rmSync(target, { recursive: true, force: true });
  mkdirSync(aside, { recursive: true });
  const progressFile = path.join(aside, 'progress.json');
  const progress = existsSync(progressFile) ? (JSON.parse(readFileSync(progressFile, 'utf8')) as Progress) : {};
  for (const part of engine.parts) {
    if (await isDone(aside, progress[part.name])) continue;
    const files = await part.make(aside);
    progress[part.name] = await Promise.all(files.map((file) => describe(aside, file)));
    write(progressFile, progress);
  }
  const files = engine.parts.flatMap(({ name }) => progress[name] ?? []);
  rmSync(progressFile);
  renameSync(aside, target);
  const previous = recordOf(root, engine)?.folder;
  const record: EngineRecord = { name: engine.name, version: engine.version, key, folder, files };
  write(recordFile(root, engine.name), record);
  removeOthers(root, engine.name, [folder, previous]);
}

/** Somebody may just be starting the one before; those before that only take room. */
function removeOthers(root: string, name: string, kept: readonly (string | undefined)[]): void {
  const all = readdirSync(root).filter((entry) => entry.startsWith(`${name}-`));
  for (const entry of all) {
    if (!kept.includes(entry)) rmSync(path.join(root, entry), { recursive: true, force: true });
  }
}

async function isDone(folder: string, files: readonly EngineFile[] | undefined): Promise<boolean> {
  if (files === undefined) return false;
  return (await Promise.all(files.map((file) => isSame(folder, file)))).every(Boolean);
}

async function isSame(folder: string, { path: file, bytes, sha256 }: EngineFile): Promise<boolean> {
  const found = statSync(path.join(folder, file), { throwIfNoEntry: false });
  return found?.size === bytes && (await describe(folder, file)).sha256 === sha256;
}

async function describe(folder: string, file: string): Promise<EngineFile> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path.join(folder, file), { highWaterMark: 2 ** 20 }), hash);
  return { path: file, bytes: statSync(path.join(folder, file)).size, sha256: hash.digest('hex') };
}

function keyOf({ inputs }: Engine): string {
  const hash = createHash('sha256').update(`${process.platform} ${process.arch}`);
  for (const input of inputs) hash.update('\0').update(input);
  return hash.digest('hex').slice(0, 12);
}

/** Written aside and renamed: nobody reads half of it. */
function write(file: string, value: unknown): void {
  const aside = `${file}.${process.pid}`;
  writeFileSync(aside, `${JSON.stringify(value, undefined, 1)}\n`);
  renameSync(aside, file);
}
