import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { KubeObject, Plan } from 'ashlar';
import { ADMIN, hasPsql, runAlone, type Ran, type TestServer } from './postgres';

/** The password that a Secret of a plan holds here: one a place, and like nothing else in any text. */
export function plantedPassword(id: string): string {
  if (id.endsWith('-admin/password')) return ADMIN.password;
  return `Planted${createHash('sha256').update(id).digest('hex').slice(0, 25)}`;
}

/** Every password that a plan asks for. */
export function plantedPasswords(plan: Plan): readonly string[] {
  return secretsOf(plan).flatMap(({ keys }) =>
    Object.values(keys).flatMap((value) => ('random' in value ? [plantedPassword(value.random.id)] : [])),
  );
}

const secretsOf = (plan: Plan) => plan.prerequisites.flatMap((needs) => (needs.type === 'secret' ? [needs] : []));

/** User name and password that a Secret of the plan holds. */
export function secretOf(plan: Plan, name: string): { readonly user: string; readonly password: string } {
  const secret = secretsOf(plan).find((one) => one.name === name);
  if (secret === undefined)
    throw new Error(
      `expected a Secret ${name}, got ${secretsOf(plan)
        .map((one) => one.name)
        .join(', ')}`,
    );
  const text = (key: string): string => {
    const value = secret.keys[key];
    if (value === undefined) throw new Error(`the Secret ${name} has no key ${key}`);
    if ('text' in value) return value.text;
    return 'random' in value ? plantedPassword(value.random.id) : ADMIN[key === 'username' ? 'user' : 'password'];
  };
  return { user: text('username'), password: text('password') };
}

interface Container {
  readonly name: string;
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly env?: readonly EnvVar[];
  readonly volumeMounts?: readonly { readonly name: string; readonly mountPath: string }[];
}

interface EnvVar {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: { readonly secretKeyRef: { readonly name: string; readonly key: string } };
}

interface PodSpec {
  readonly containers: readonly Container[];
  readonly initContainers?: readonly Container[];
  readonly volumes?: readonly { readonly name: string; readonly configMap?: { readonly name: string } }[];
}

/** A container of a plan, to be run here against a test server. */
export interface Runnable {
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Files by folder of the container. */
  readonly files: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

const podOf = (manifest: KubeObject): PodSpec => {
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- a test that reads a manifest knows its shape
  const spec = manifest['spec'] as any;
  return (spec.jobTemplate?.spec ?? spec).template.spec as PodSpec;
};

/** The container of a workload, by its name, as the kubelet would start it. */
export function containerOf(plan: Plan, workload: (manifest: KubeObject) => boolean, name: string): Runnable {
  const found = plan.objects.map(({ manifest }) => manifest).find(workload);
  if (found === undefined) throw new Error('there is no such workload in the plan');
  const { containers, initContainers = [], volumes = [] } = podOf(found);
  const container = [...containers, ...initContainers].find((one) => one.name === name);
  if (container === undefined) throw new Error(`there is no container ${name}`);
  const { command = [], args = [], volumeMounts = [] } = container;
  const files = volumeMounts.flatMap(({ name: mounted, mountPath }) => {
    const config = volumes.find((volume) => volume.name === mounted)?.configMap;
    return config === undefined ? [] : [[mountPath, dataOf(plan, config.name)] as const];
  });
  return { command: [...command, ...args], env: envOf(plan, container.env ?? []), files: Object.fromEntries(files) };
}

function dataOf(plan: Plan, name: string): Readonly<Record<string, string>> {
  const config = plan.objects.find(({ manifest }) => manifest.kind === 'ConfigMap' && manifest.metadata.name === name);
  return config?.manifest['data'] as Record<string, string>;
}

function envOf(plan: Plan, variables: readonly EnvVar[]): Readonly<Record<string, string>> {
  const env: Record<string, string> = {};
  for (const { name, value = '', valueFrom } of variables) {
    if (valueFrom === undefined) {
      env[name] = value.replaceAll(/\$\(([^)]+)\)/g, (whole, other: string) => env[other] ?? whole);
      continue;
    }
    const { user, password } = secretOf(plan, valueFrom.secretKeyRef.name);
    env[name] = valueFrom.secretKeyRef.key === 'username' ? user : password;
  }
  return env;
}

/** Whether an object is a Job of a task. */
export const jobOf =
  (task: string) =>
  ({ kind, metadata }: KubeObject): boolean =>
    (kind === 'Job' && metadata.labels?.['ashlar.dev/task'] === task) || (kind === 'CronJob' && metadata.name === task);

/** Runs a container's own command against a server on the loopback address. Its folders are temporary ones. */
export async function run(
  { command, env, files }: Runnable,
  server: TestServer,
  more: Readonly<Record<string, string>> = {},
): Promise<Ran> {
  const home = mkdtempSync(path.join(tmpdir(), 'ashlar-job-'));
  try {
    const place = (text: string): string =>
      Object.keys(files).reduce((moved, folder) => moved.replaceAll(folder, path.join(home, folder)), text);
    for (const [folder, contents] of Object.entries(files)) {
      mkdirSync(path.join(home, folder), { recursive: true });
      for (const [name, text] of Object.entries(contents)) writeFileSync(path.join(home, folder, name), text);
    }
    const placed = Object.fromEntries(Object.entries(env).map(([name, value]) => [name, place(value)]));
    return await runAlone(command.map(place), { ...placed, PGHOST: '127.0.0.1', PGPORT: String(server.port), ...more });
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

/** Applies roles and rights: the Job's own command where there is a psql, its very scripts otherwise. */
export async function applyAccess(plan: Plan, server: TestServer, name: string): Promise<Ran> {
  const job = containerOf(plan, jobOf(`${name}-access`), 'access');
  return hasPsql ? await run(job, server) : await runScripts(job, server);
}

/** What the Job does, without psql: its scripts as they are, and verifiers made as a client makes them. */
async function runScripts({ env, files }: Runnable, server: TestServer): Promise<Ran> {
  const text = (name: string): string => files['/scripts']?.[name] ?? '';
  const variable = (name: string): string => env[name] ?? '';
  const database = variable('DATABASE');
  const first = await server.connect({ ...ADMIN, database: variable('MAINTENANCE') });
  const made = await first.query<Record<string, string>>(text('database.sql').replace('\\gexec', ''));
  for (const row of made.rows) for (const statement of Object.values(row)) await first.query(statement);
  const admin = await server.connect({ ...ADMIN, database });
  await admin.query(text('access.sql'));
  for (const user of variable('LOGINS').split(' ')) {
    const password = variable(`PASSWORD_${user}`);
    const holds = await server.connect({ user, password, database }).then(
      (session) => session.end().then(() => true),
      () => false,
    );
    if (!holds) await admin.query(`ALTER ROLE "${user}" PASSWORD '${verifierOf(password)}'`);
  }
  await admin.query(text('applied.sql'));
  await Promise.all([first.end(), admin.end()]);
  return { code: 0, output: '' };
}

/** What PostgreSQL stores of a password (RFC 5802 and RFC 7677; PostgreSQL 18, 52.8 "pg_authid"). */
function verifierOf(password: string): string {
  const [salt, iterations] = [randomBytes(16), 4096];
  const salted = pbkdf2Sync(password, salt, iterations, 32, 'sha256');
  const hmac = (text: string): Buffer => createHmac('sha256', salted).update(text).digest();
  const stored = createHash('sha256').update(hmac('Client Key')).digest('base64');
  const [salt64, server64] = [salt.toString('base64'), hmac('Server Key').toString('base64')];
  return `SCRAM-SHA-256$${iterations}:${salt64}$${stored}:${server64}`;
}

/** Waits as the pod of a workload does; fails after a second. */
export async function waits(plan: Plan, server: TestServer, workload: string, store: string): Promise<Ran> {
  const isIt = ({ kind, metadata }: KubeObject): boolean => kind === 'Deployment' && metadata.name === workload;
  return run(containerOf(plan, isIt, `wait-for-${store}`), server, { WAIT_SECONDS: '1' });
}
