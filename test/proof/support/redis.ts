import { execFile, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Plan } from 'ashlar';
import { startProcess, type RunningProcess } from 'ashlar/testing/cluster';
import { freePorts } from '../../../testing/cluster/ports';
import { objectOf } from '../../support/plans';

const run = promisify(execFile);

/** What a Redis is started from: the pod that a plan made, and the passwords that somebody put into its Secrets. */
export interface RedisOptions {
  readonly pod: RedisPod;
  /** Passwords by name of the Secret. A Secret that is not named is not there. @defaultValue none */
  readonly passwords?: Readonly<Record<string, string>>;
  /** A folder that outlives it, as a claim does. @defaultValue one of its own */
  readonly data?: string;
}

/** What of a pod is run here. */
export interface RedisPod {
  /** Those that end before it starts. */
  readonly before: readonly Container[];
  readonly server: Container;
}

/** A real Redis, started as its pod would be: the containers before it, then its own command. */
export interface RunningRedis {
  readonly port: number;
  /** Where its accounts lie. */
  readonly folder: string;
  readonly process: RunningProcess;
  /** What a client gets to see: one line an answer; an error is an answer, too. */
  ask(login: Login, ...command: readonly string[]): Promise<string>;
  /** Feeds it commands, one a line; its answers. */
  feed(login: Login, lines: readonly string[]): Promise<string>;
  /** Runs a command of the pod, with the pod's paths and port led here; its exit code and output. */
  exec(command: readonly string[], env?: Env): Promise<Ended>;
  stop(): Promise<void>;
}

/** Who logs in; nobody where there is no name. */
export interface Login {
  readonly user?: string;
  readonly password?: string;
}

export type Env = Readonly<Record<string, string>>;

/** Why there is no Redis to prove anything with; undefined where there is one. */
function whyNoRedis(): string | undefined {
  try {
    execFileSync('redis-server', ['--version'], { stdio: 'ignore' });
    return undefined;
  } catch {
    return 'no redis-server on PATH';
  }
}

/** A `describe` for which a `redis-server` has to be there. */
export function withRedis(name: string, body: () => void): void {
  const why = whyNoRedis();
  if (why === undefined) describe(name, body);
  else describe.skip(`${name} (skipped: ${why})`, body);
}

/** A container of a pod, as far as it is run here. */
export interface Container {
  readonly name: string;
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly env?: readonly EnvVariable[];
}

interface EnvVariable {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: { readonly secretKeyRef: { readonly name: string; readonly optional?: boolean } };
}

/** The variables of a container; a Secret that is missing and not optional would keep the pod from starting. */
export function envOf(container: Container, passwords: Env): Env {
  const given = (container.env ?? []).flatMap(({ name, value, valueFrom }): [string, string][] => {
    if (valueFrom === undefined) return [[name, value ?? '']];
    const { name: secret, optional } = valueFrom.secretKeyRef;
    const password = passwords[secret];
    if (password === undefined && optional !== true) throw new Error(`There is no Secret ${secret}.`);
    return password === undefined ? [] : [[name, password]];
  });
  return Object.fromEntries(given);
}

/** The pod of a workload, by its display name: `Deployment/cart/carts`. */
export function podOf(plan: Plan, workload: string): RedisPod {
  const spec = objectOf(plan, workload)['spec'].template.spec as {
    readonly containers: readonly [Container];
    readonly initContainers?: readonly (Container & { readonly restartPolicy?: string })[];
  };
  const before = (spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === undefined);
  return { before, server: spec.containers[0] };
}

/**
 * The pod that the operator makes of its resource, as its image starts it: what the image itself says (password of the
 * default user, that of replication), then the lines of the ConfigMap.
 */
export function replicaOf(plan: Plan, display: string, passwords: Env): RedisPod {
  const { spec, metadata } = objectOf(plan, display);
  const configuration = objectOf(
    plan,
    `ConfigMap/${metadata.namespace ?? ''}/${spec.redisConfig.additionalRedisConfig}`,
  );
  const lines = (configuration['data'] as Env)['redis-additional.conf']?.trim().split('\n') ?? [];
  const told = lines.flatMap((line) => {
    const [, name = '', value = ''] = /^(\S+) (.*)$/.exec(line) ?? [];
    return [`--${name}`, value === '""' ? '' : value];
  });
  const { name } = spec.kubernetesConfig.redisSecret as { readonly name: string };
  const password = passwords[name] ?? '';
  return {
    before: [{ ...(spec.initContainer as Container), name: 'accounts' }],
    server: { name: 'redis', args: ['redis-server', '--requirepass', password, '--masterauth', password, ...told] },
  };
}

/** Runs a program to its end; its exit code and all that it printed. */
async function finish(program: string, args: readonly string[], env: Env): Promise<Ended> {
  return run(program, args, { env: { ...PATH, ...env } }).then(
    ({ stdout, stderr }) => ({ code: 0, output: stdout + stderr }),
    ({ code, stdout, stderr }: { code: number; stdout: string; stderr: string }) => ({ code, output: stdout + stderr }),
  );
}

/** How a program ended. */
export interface Ended {
  readonly code: number;
  readonly output: string;
}

const PATH: Env = { PATH: process.env['PATH'] ?? '' };

/** Starts it. Paths of the pod are led into folders, and its port to a free one. */
export async function startRedis({ pod, passwords = {}, data }: RedisOptions): Promise<RunningRedis> {
  const own = mkdtempSync(path.join(tmpdir(), 'ashlar-redis-'));
  const accounts = path.join(own, 'run');
  const kept = data ?? path.join(own, 'data');
  for (const folder of [accounts, kept]) mkdirSync(folder, { recursive: true });
  const [port = 0] = await freePorts(1);
  const here = (text: string): string =>
    text.replaceAll('/run/redis', accounts).replaceAll('/data', kept).replaceAll('redis-cli ', `redis-cli -p ${port} `);
  const exec = ([program = '', ...args]: readonly string[], env: Env = {}): Promise<Ended> =>
    finish(program, args.map(here), env);
  const { before, server } = pod;
  for (const container of before) {
    const { code, output } = await exec(container.command ?? [], envOf(container, passwords));
    if (code !== 0) throw new Error(`${container.name} ended with ${code}: ${output}`);
  }
  const [command = '', ...args] = server.args ?? [];
  const started = await startProcess({
    name: 'redis',
    command,
    args: [...args.map(here), '--port', String(port), '--bind', '127.0.0.1', '--dir', kept],
    ready: (process) => process.output().includes('Ready to accept connections'),
  });
  return {
    port,
    folder: accounts,
    process: started,
    exec,
    ask: async (login, ...command) =>
      (await finish('redis-cli', ['-p', String(port), ...userOf(login), ...command], passwordOf(login))).output.trim(),
    feed: (login, lines) => feed(['-p', String(port), ...userOf(login)], passwordOf(login), lines),
    stop: async () => {
      await started.stop();
      rmSync(own, { recursive: true, force: true });
    },
  };
}

const userOf = ({ user }: Login): readonly string[] => (user === undefined ? [] : ['--user', user]);
const passwordOf = ({ password }: Login): Env => (password === undefined ? {} : { REDISCLI_AUTH: password });

/** Gives lines to redis-cli; what it answers. */
function feed(args: readonly string[], env: Env, lines: readonly string[]): Promise<string> {
  const client = spawn('redis-cli', args, { env: { ...PATH, ...env }, stdio: ['pipe', 'pipe', 'inherit'] });
  const answers: Buffer[] = [];
  client.stdout.on('data', (chunk: Buffer) => answers.push(chunk));
  client.stdin.end(`${lines.join('\n')}\n`);
  return new Promise((resolve) => client.on('close', () => resolve(Buffer.concat(answers).toString())));
}

/** The arguments of a process, as anybody on its machine can read them. */
export function argumentsOf({ pid }: RunningProcess): string {
  return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
}
