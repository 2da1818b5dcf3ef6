import { spawn, type ChildProcess } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  BoundedContext,
  Config,
  Key,
  Microservice,
  Reload,
  Schedule,
  ScheduledTask,
  type ConfigProps,
  type Layer,
  type Plan,
} from 'ashlar';
import { RELOAD_SCRIPTS } from '../../constructs/derive/config/reload';
import { codesOf, objectOf, planOf } from '../support/plans';

const image = 'ghcr.io/acme/app:1.0.0';

const schema = { LEVEL: Key.text() };
type Props = Partial<ConfigProps<typeof schema>>;

function planWith(props: Props, layers: readonly Layer[] = [], level = 'info'): Plan {
  return planOf(
    (shop) => {
      const context = new BoundedContext(shop, 'ordering', { team: 'orders' });
      const config = new Config(context, 'limits', {
        schema,
        values: { LEVEL: level },
        folder: '/etc/limits',
        ...props,
      });
      new Microservice(context, 'orders', { image, ports: { http: 8080, admin: 9901 } }).reads(config);
      new Microservice(context, 'bystander', { image, ports: { http: 8080 } });
    },
    { environment: { layers } },
  );
}

const post = Reload.post({ port: 'admin', path: '/-/reload' });
const hangUp = Reload.hangUp({ executable: 'nginx' });

const podOf = (plan: Plan, name = 'orders') => objectOf(plan, `Deployment/ordering/${name}`)['spec'].template;

test.each<[string, Props]>([
  ['watches by itself', { change: 'watch' }],
  ['is told by a call', { change: post }],
  ['is told by a signal', { change: hangUp }],
])('a process that %s stays when a value changes', (_what, props) => {
  const [before, after] = [planWith(props), planWith(props, [], 'debug')];
  expect(codesOf(before)).toEqual([]);
  expect(objectOf(before, 'ConfigMap/ordering/limits')['data']).toEqual({ LEVEL: 'info' });
  expect(objectOf(after, 'ConfigMap/ordering/limits')['data']).toEqual({ LEVEL: 'debug' });
  expect(objectOf(before, 'ConfigMap/ordering/limits')).not.toHaveProperty('immutable');
  expect(podOf(after)).toEqual(podOf(before));
});

test('a call comes from a sidecar of the same pod, which sees the same files', () => {
  const { spec } = podOf(planWith({ change: post }));
  const [sidecar] = spec.initContainers;
  expect(sidecar).toMatchObject({
    name: 'limits-reload',
    restartPolicy: 'Always',
    image: 'docker.io/library/busybox:1.37.0',
    volumeMounts: [{ name: 'limits', mountPath: '/etc/limits', readOnly: true }],
  });
  expect(sidecar.command.slice(3)).toEqual(['reload', '/etc/limits', 'http://127.0.0.1:9901/-/reload']);
  expect(spec.containers[0].volumeMounts).toEqual([{ name: 'limits', mountPath: '/etc/limits', readOnly: true }]);
  expect(spec).not.toHaveProperty('shareProcessNamespace');
});

test('a signal needs containers that see each other, and only then they do', () => {
  const plan = planWith({ change: hangUp });
  const { spec } = podOf(plan);
  expect(spec.shareProcessNamespace).toBe(true);
  expect(spec.initContainers[0].command.slice(3)).toEqual(['reload', '/etc/limits', 'nginx']);
  expect(podOf(plan, 'bystander').spec).not.toHaveProperty('shareProcessNamespace');
  expect(podOf(plan, 'bystander').spec).not.toHaveProperty('initContainers');
});

test('a process that watches by itself needs no sidecar', () => {
  expect(podOf(planWith({ change: 'watch' })).spec).not.toHaveProperty('initContainers');
});

test('the image of the sidecar is that of the environment', () => {
  const settings = { reloaderImage: { value: 'registry.example.com/busybox:1.38.0', at: 'environments/dev.yaml:3:3' } };
  const layer: Layer = { name: 'environment', settings, config: {}, services: {} };
  const { spec } = podOf(planWith({ change: post }, [layer]));
  expect(spec.initContainers[0].image).toBe('registry.example.com/busybox:1.38.0');
});

test('a task that reads it ends although the sidecar does not', () => {
  const plan = planOf((shop) => {
    const context = new BoundedContext(shop, 'ordering', { team: 'orders' });
    const config = new Config(context, 'limits', {
      schema,
      values: { LEVEL: 'a' },
      folder: '/etc/limits',
      change: hangUp,
    });
    new ScheduledTask(context, 'count', { image, schedule: Schedule.hourly() }).reads(config);
  });
  expect(codesOf(plan)).toEqual([]);
  const { spec } = objectOf(plan, 'CronJob/ordering/count')['spec'].jobTemplate.spec.template;
  expect(spec).toMatchObject({ shareProcessNamespace: true, initContainers: [{ restartPolicy: 'Always' }] });
});

test.each<[string, Props, string, string]>([
  [
    'variables that are watched',
    { change: 'watch', folder: undefined as unknown as string },
    'reload-needs-files',
    'shop/ordering/limits',
  ],
  [
    'variables that are reloaded',
    { change: post, folder: undefined as unknown as string },
    'reload-needs-files',
    'shop/ordering/limits',
  ],
  [
    'a port that the reader does not have',
    { change: Reload.post({ port: 'debug', path: '/' }) },
    'unknown-port',
    'shop/ordering/orders',
  ],
  [
    'a path without a slash',
    { change: Reload.post({ port: 'admin', path: 'reload' }) },
    'bad-path',
    'shop/ordering/limits',
  ],
  [
    'a path with a shell in it',
    { change: Reload.post({ port: 'admin', path: '/"; reboot' }) },
    'bad-path',
    'shop/ordering/limits',
  ],
  [
    'a process with a path',
    { change: Reload.hangUp({ executable: '/usr/sbin/nginx' }) },
    'bad-executable',
    'shop/ordering/limits',
  ],
  ['no name', { change: Reload.hangUp({} as { executable: string }) }, 'bad-executable', 'shop/ordering/limits'],
])('%s: a finding', (_what, props, code, at) => {
  expect(planWith(props).findings).toContainEqual(expect.objectContaining({ code, path: at, severity: 'error' }));
});

/** Runs a script of the sidecar beside a folder that is swapped as the kubelet does it, faster than in a pod. */
class Sidecar {
  readonly folder = mkdtempSync(path.join(tmpdir(), 'ashlar-reload-'));
  readonly #volume = path.join(this.folder, 'volume');
  readonly #children: ChildProcess[] = [];

  constructor() {
    mkdirSync(this.#volume);
    this.swap('first');
    this.command('sleep', 'exec /bin/sleep 0.05');
    this.command('timeout', 'shift; exec "$@"');
  }

  /** Puts a command of this name before all others. */
  command(name: string, text: string): void {
    const bin = path.join(this.folder, 'bin');
    mkdirSync(bin, { recursive: true });
    writeFileSync(path.join(bin, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  }

  /** What the kubelet does: another folder, and a link that is moved over the old one. */
  swap(version: string): void {
    symlinkSync(`..${version}`, path.join(this.#volume, '..next'));
    renameSync(path.join(this.#volume, '..next'), path.join(this.#volume, '..data'));
  }

  start(script: string, to: string): ChildProcess {
    const env = { PATH: `${path.join(this.folder, 'bin')}:${process.env['PATH'] ?? ''}` };
    return this.run('sh', ['-c', script, 'reload', this.#volume, to], env);
  }

  run(command: string, args: readonly string[], env = process.env): ChildProcess {
    // A group of its own: what it starts in the background ends with it.
    const child = spawn(command, args, { env, stdio: 'ignore', detached: true });
    this.#children.push(child);
    return child;
  }

  async end(): Promise<void> {
    const ended = this.#children.map(exitOf);
    for (const { pid } of this.#children) endGroup(pid);
    await Promise.all(ended);
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function exitOf(child: ChildProcess): Promise<unknown> {
  return child.exitCode === null && child.signalCode === null
    ? new Promise((resolve) => child.once('exit', resolve))
    : Promise.resolve();
}

function endGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended.
  }
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function until(condition: () => boolean): Promise<void> {
  for (let tries = 0; tries < 200; tries += 1) {
    if (condition()) return;
    await sleep(25);
  }
  throw new Error('it did not come to that within 5 s');
}

describe('the script of the sidecar', () => {
  let sidecar: Sidecar;
  beforeEach(() => (sidecar = new Sidecar()));
  afterEach(() => sidecar.end());

  const lines = (file: string): readonly string[] =>
    existsSync(file)
      ? readFileSync(file, 'utf8')
          .split('\n')
          .filter((line) => line !== '')
      : [];

  test('calls once for each version, again until it is heard, and ends when it is told', async () => {
    const log = path.join(sidecar.folder, 'log');
    const up = path.join(sidecar.folder, 'up');
    sidecar.command('wget', `echo "$*" >> '${log}'; test -e '${up}'`);
    const child = sidecar.start(RELOAD_SCRIPTS.post, 'http://127.0.0.1:9901/-/reload');
    await sleep(300);
    expect(lines(log)).toEqual([]);
    sidecar.swap('second');
    await until(() => lines(log).length >= 2);
    writeFileSync(up, '');
    await sleep(300);
    const heard = lines(log).length;
    await sleep(300);
    expect(lines(log)).toHaveLength(heard);
    expect(new Set(lines(log))).toEqual(new Set(['-q -O /dev/null --post-data  http://127.0.0.1:9901/-/reload']));
    sidecar.swap('third');
    await until(() => lines(log).length === heard + 1);
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    expect(await ended).toBe(0);
  });

  // Only where there is /proc: the script is for containers of Linux.
  (existsSync('/proc/self/comm') ? test : test.skip)(
    'sends a signal to the first process that runs this file, once',
    async () => {
      const log = path.join(sidecar.folder, 'log');
      const name = `hup-${process.pid}`;
      const program = path.join(sidecar.folder, name);
      copyFileSync(realpathSync('/bin/sh'), program);
      const say = (what: string): string => `trap "echo ${what} >> '${log}'" HUP; echo up >> '${log}'`;
      const wait = 'while :; do sleep 0.05; done';
      sidecar.run(program, ['-c', `(${say('worker')}; ${wait}) & ${say('first')}; ${wait}`]);
      await until(() => lines(log).length === 2);
      sidecar.start(RELOAD_SCRIPTS.hangUp, name);
      await sleep(300);
      sidecar.swap('second');
      await until(() => lines(log).includes('first'));
      await sleep(300);
      expect(lines(log)).toEqual(['up', 'up', 'first']);
    },
  );
});
