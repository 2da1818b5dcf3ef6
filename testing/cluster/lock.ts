import {
  closeSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Milliseconds after which a lock without a number in it is left behind by somebody who was killed at that moment. */
const NAMELESS_FOR_MS = 5000;

/**
 * Does something while nobody else, in any process of this machine, does the same. A lock of a process that has ended
 * counts as none.
 *
 * @param file - the lock
 * @param work - what to do
 * @param onWait - told once, with the number of the process, when somebody else is at it
 */
export async function withLock<T>(
  file: string,
  work: () => Promise<T>,
  onWait: (pid: number) => void = () => undefined,
): Promise<T> {
  mkdirSync(path.dirname(file), { recursive: true });
  let told = false;
  while (!take(file)) {
    const holder = holderOf(file);
    if (holder === undefined) {
      setAside(file);
      continue;
    }
    if (!told) onWait(holder);
    told = true;
    await sleep(200);
  }
  try {
    return await work();
  } finally {
    rmSync(file, { force: true });
  }
}

function take(file: string): boolean {
  try {
    const handle = openSync(file, 'wx');
    writeSync(handle, String(process.pid));
    closeSync(handle);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** The process that holds a lock; undefined where it has ended. */
function holderOf(file: string): number | undefined {
  try {
    const pid = Number(readFileSync(file, 'utf8'));
    if (pid === 0) return Date.now() - statSync(file).mtimeMs > NAMELESS_FOR_MS ? undefined : 0;
    process.kill(pid, 0);
    return pid;
  } catch (error) {
    // Not ours to signal, but there.
    return (error as NodeJS.ErrnoException).code === 'EPERM' ? 0 : undefined;
  }
}

/** Moves a dead lock away. Somebody may have done so and locked since: then the living lock is put back. */
function setAside(file: string): void {
  const aside = `${file}.${process.pid}`;
  try {
    renameSync(file, aside);
    if (holderOf(aside) !== undefined) linkSync(aside, file);
    rmSync(aside, { force: true });
  } catch {
    // Its holder has just removed it.
  }
}
