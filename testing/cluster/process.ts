import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AshlarError } from '../../constructs/model/error';
import { clusterError, lastLines } from './problems';
import { watchFolder, watchGroup } from './watchdog';

/** A process that a proof needs: a server, a database, a broker, a proxy. */
export interface ProcessOptions {
  /** What it is called in errors: `etcd`. */
  readonly name: string;
  /** Path of the executable, or a name that is looked up on PATH. */
  readonly command: string;
  /** Arguments, each as it stands: no shell reads them. @defaultValue none */
  readonly args?: readonly string[];
  /** Variables besides those of this process. @defaultValue none */
  readonly env?: Readonly<Record<string, string>>;
  /** Working directory. @defaultValue that of this process */
  readonly cwd?: string;
  /** Numbers of the user and the group that it runs as, where this process may choose. @defaultValue those of this process */
  readonly user?: { readonly uid: number; readonly gid: number };
  /** File to which its output goes. @defaultValue a file in the temporary folder, removed with the process */
  readonly log?: string;
  /** Asked until it says true; an error that it throws counts as "not yet". @defaultValue ready once it runs */
  readonly ready?: (process: RunningProcess) => boolean | Promise<boolean>;
  /** Milliseconds that it has to get ready. @defaultValue 60000 */
  readonly readyWithinMs?: number;
  /** Signal that asks it to stop. `SIGKILL` where its state is thrown away. @defaultValue 'SIGTERM' */
  readonly stopSignal?: 'SIGTERM' | 'SIGINT' | 'SIGKILL';
  /** Milliseconds until it is killed if it does not stop when asked. @defaultValue 10000 */
  readonly stopWithinMs?: number;
}

/** A process that was started. It does not keep this process alive, and ends with it, however that ends. */
export interface RunningProcess {
  /** As in the options. */
  readonly name: string;
  /** Its number; its process group has the same. */
  readonly pid: number;
  /** How it ended: `exit code 1`, `signal SIGKILL`; undefined while it runs. */
  ended(): string | undefined;
  /** All that it has written so far. */
  output(): string;
  /** The error to throw if it has ended by itself; undefined while all is well. */
  trouble(): AshlarError | undefined;
  /** Ends the process and all that it started, and waits until it is gone. Does nothing when it is. */
  stop(): Promise<void>;
}

/** How a system says that somebody else listens there already. */
const PORT_TAKEN = /address already in use|EADDRINUSE|port is already allocated/i;

/** Milliseconds between two questions whether it is ready. */
const ASK_EVERY_MS = 50;

/** Milliseconds that one answer may take before the question is asked anew. */
const ANSWER_WITHIN_MS = 5000;

/**
 * Starts a process, waits until it is ready, and sees to it that it does not outlive this one.
 *
 * @param options - what to run, and how to tell that it is ready
 * @throws AshlarError `engine-missing` where the command is not there, `port-taken`, `engine-died` where it ends before
 * it is ready, `engine-slow` where it does not get ready in time: each with the last lines of its output, and with
 * nothing left running
 *
 * @example
 * ```ts
 * import { startProcess } from 'ashlar/testing/cluster';
 *
 * const redis = await startProcess({
 *   name: 'redis',
 *   command: 'redis-server',
 *   args: ['--port', '7001', '--bind', '127.0.0.1'],
 *   ready: (process) => process.output().includes('Ready to accept connections'),
 * });
 * await redis.stop();
 * ```
 */
export async function startProcess(options: ProcessOptions): Promise<RunningProcess> {
  const started = await launch(options);
  const { ready = () => true, readyWithinMs = 60_000 } = options;
  const end = performance.now() + readyWithinMs;
  for (;;) {
    const trouble = started.trouble();
    if (trouble !== undefined) throw await stopped(started, trouble);
    if (await saysYes(ready, started)) return started;
    if (performance.now() > end) throw await stopped(started, slow(started, readyWithinMs));
    await sleep(ASK_EVERY_MS);
  }
}

async function saysYes(ready: NonNullable<ProcessOptions['ready']>, started: RunningProcess): Promise<boolean> {
  try {
    // A question that a starting server never answers must not use up the time that there is: it is asked anew.
    return await Promise.race([ready(started), sleep(ANSWER_WITHIN_MS, false, { ref: false })]);
  } catch {
    return false;
  }
}

async function stopped(started: RunningProcess, error: AshlarError): Promise<AshlarError> {
  await started.stop();
  return error;
}

/** Runs it in a process group of its own, so that what it starts itself can be ended with it. */
async function launch(options: ProcessOptions): Promise<RunningProcess> {
  const { name, command, args = [], env, cwd, user = {} } = options;
  const folder = options.log === undefined ? mkdtempSync(path.join(tmpdir(), 'ashlar-process-')) : undefined;
  const unwatchFolder = folder === undefined ? () => undefined : watchFolder(folder);
  const log = options.log ?? path.join(folder ?? '', 'output.log');
  const forget = (): void => {
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
    unwatchFolder();
  };
  const output = openSync(log, 'a', 0o600);
  const child = spawn(command, args, {
    detached: true,
    stdio: ['ignore', output, output],
    env: { ...process.env, ...env },
    ...user,
    ...(cwd === undefined ? {} : { cwd }),
  });
  closeSync(output);
  const unwatch = child.pid === undefined ? () => undefined : watchGroup(child.pid);
  try {
    await running(child, options);
  } catch (error) {
    unwatch();
    forget();
    throw error;
  }
  child.unref();
  return handle({ child, name, log, options, forget, unwatch });
}

function running(child: ChildProcess, { name, command }: ProcessOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (error) => {
      reject(
        clusterError({
          code: 'engine-missing',
          path: name,
          message: `${name} cannot be started.`,
          got: `${command}: ${error.message}`,
          allowed: 'an executable file',
          fix: 'Install it, or build it with npm run engines.',
        }),
      );
    });
  });
}

/** What a running process is made of. */
interface Parts {
  readonly child: ChildProcess;
  readonly name: string;
  readonly log: string;
  readonly options: ProcessOptions;
  readonly forget: () => void;
  readonly unwatch: () => void;
}

function handle({ child, name, log, options, forget, unwatch }: Parts): RunningProcess {
  let kept: string | undefined;
  let stopping = false;
  const gone = new Promise<void>((resolve) => {
    child.once('exit', () => {
      // What it started itself, if it left anything behind. At once: its number may be given to another soon.
      killGroup(child, 'SIGKILL');
      unwatch();
      resolve();
    });
  });
  const output = (): string => kept ?? readFileSync(log, 'utf8');
  const ended = (): string | undefined => {
    if (child.signalCode !== null) return `signal ${child.signalCode}`;
    return child.exitCode === null ? undefined : `exit code ${child.exitCode}`;
  };
  const stop = async (): Promise<void> => {
    stopping = true;
    if (ended() === undefined) await end(child, gone, options);
    kept ??= output();
    forget();
  };
  const trouble = (): AshlarError | undefined => {
    const how = ended();
    return how === undefined || stopping ? undefined : died(name, how, output());
  };
  return { name, pid: child.pid ?? 0, ended, output, trouble, stop };
}

async function end(child: ChildProcess, gone: Promise<void>, options: ProcessOptions): Promise<void> {
  const { stopSignal = 'SIGTERM', stopWithinMs = 10_000 } = options;
  killGroup(child, stopSignal);
  const killer = setTimeout(() => killGroup(child, 'SIGKILL'), stopWithinMs);
  await gone;
  clearTimeout(killer);
}

function killGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, signal);
  } catch {
    // The group is gone already.
  }
}

function died(name: string, how: string, output: string): AshlarError {
  const taken = PORT_TAKEN.test(output);
  return clusterError({
    code: taken ? 'port-taken' : 'engine-died',
    path: name,
    message: taken ? `A port that ${name} wants is taken.` : `${name} has ended by itself.`,
    got: how,
    fix: taken ? 'End what listens there, or choose another port.' : 'Read its last lines.',
    log: lastLines(output),
  });
}

function slow(started: RunningProcess, readyWithinMs: number): AshlarError {
  return clusterError({
    code: 'engine-slow',
    path: started.name,
    message: `${started.name} did not get ready within ${readyWithinMs / 1000} s.`,
    fix: 'Read its last lines; give readyWithinMs where the machine is slow.',
    log: lastLines(started.output()),
  });
}
