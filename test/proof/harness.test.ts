import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { AshlarError, KubeObject } from 'ashlar';
import { freePorts, proof, startCluster, startProcess, until, type Cluster } from 'ashlar/testing/cluster';
import { exampleOf } from './support/examples';
import { descendantsOf, processesWith } from './support/processes';

const VARIABLES = ['ASHLAR_KUBECONFIG', 'KUBEBUILDER_ASSETS', 'ASHLAR_ENGINES'] as const;
const before = VARIABLES.map((name) => [name, process.env[name]] as const);
const folder = mkdtempSync(path.join(tmpdir(), 'ashlar-harness-'));

afterEach(() => {
  for (const [name, value] of before) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The error that something ends with. */
async function errorOf(work: Promise<unknown>): Promise<AshlarError> {
  return work.then(
    () => {
      throw new Error('It went well.');
    },
    (error: AshlarError) => error,
  );
}

/** A kubeconfig of a server, with a token that nobody knows. */
function kubeconfigFor(server: string): string {
  const file = path.join(folder, 'kubeconfig');
  const cluster = { server, 'insecure-skip-tls-verify': true };
  const parts = {
    'current-context': 'one',
    contexts: [{ name: 'one', context: { cluster: 'one', user: 'one' } }],
    clusters: [{ name: 'one', cluster }],
    users: [{ name: 'one', user: { token: 'unknown' } }],
  };
  writeFileSync(file, JSON.stringify(parts));
  return file;
}

describe('a process', () => {
  const shell = (script: string) => ({ name: 'example', command: '/bin/sh', args: ['-c', script] });

  test('that ends before it is ready is an error with its last lines', async () => {
    const error = await errorOf(startProcess({ ...shell('echo no such table; exit 3'), ready: () => false }));
    expect(error.code).toBe('engine-died');
    expect(error.message).toContain('exit code 3');
    expect(error.message).toContain('no such table');
  });

  test('that is not ready in time is stopped, with all that it has started', async () => {
    const options = { ...shell('echo $$; sleep 300.25 & wait'), ready: () => false, readyWithinMs: 300 };
    expect((await errorOf(startProcess(options))).code).toBe('engine-slow');
    await until(() => processesWith('sleep 300.25').length === 0, { withinMs: 2000 });
  });

  test('that is not there is an error that names it', async () => {
    const error = await errorOf(startProcess({ name: 'example', command: path.join(folder, 'nothing') }));
    expect(error.code).toBe('engine-missing');
  });

  test('whose port is taken says so', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const script = `require('node:net').createServer().listen(${port}, '127.0.0.1')`;
    const options = { name: 'example', command: process.execPath, args: ['-e', script], ready: () => false };
    expect((await errorOf(startProcess(options))).code).toBe('port-taken');
    await new Promise((resolve) => server.close(resolve));
  });

  test('leaves nothing behind when it is stopped', async () => {
    const started = await startProcess({
      ...shell('sleep 300.5 & echo up; wait'),
      ready: (it) => it.output() === 'up\n',
    });
    await started.stop();
    expect(descendantsOf(process.pid).filter(({ command }) => command.includes('300.5'))).toEqual([]);
    expect(started.trouble()).toBeUndefined();
  });
});

describe('without a cluster', () => {
  test('a kubeconfig that points nowhere is an error', async () => {
    const [port] = await freePorts(1);
    process.env['ASHLAR_KUBECONFIG'] = kubeconfigFor(`https://127.0.0.1:${port}`);
    expect((await errorOf(startCluster())).code).toBe('cluster-unreachable');
  });

  test('a kubeconfig that is not there is an error', async () => {
    process.env['ASHLAR_KUBECONFIG'] = path.join(folder, 'nothing');
    expect((await errorOf(startCluster())).code).toBe('bad-kubeconfig');
  });

  test('a folder without executables is an error', async () => {
    delete process.env['ASHLAR_KUBECONFIG'];
    Object.assign(process.env, { KUBEBUILDER_ASSETS: folder, ASHLAR_ENGINES: folder });
    expect((await errorOf(startCluster())).code).toBe('no-engines');
  });

  test('a cache in which a file is missing is an error', async () => {
    delete process.env['ASHLAR_KUBECONFIG'];
    delete process.env['KUBEBUILDER_ASSETS'];
    process.env['ASHLAR_ENGINES'] = folder;
    const files = [{ path: 'etcd', bytes: 1, sha256: '' }];
    const record = { name: 'kubernetes', version: '1.0.0', key: 'a', folder: 'kubernetes-a', files };
    writeFileSync(path.join(folder, 'kubernetes.json'), JSON.stringify(record));
    expect((await errorOf(startCluster())).code).toBe('half-built-cache');
  });
});

proof('a cluster that dies', (cluster) => {
  test('is an error with the last lines of its server, and leaves nothing', async () => {
    const doomed = await startCluster({ controllers: false });
    const home = path.dirname(doomed.kubeconfig);
    const server = processesWith(home).find(({ command }) => command.includes('kube-apiserver '));
    process.kill(server!.pid, 'SIGKILL');
    const error = await errorOf(doomed.list('v1', 'Node'));
    expect(error.code).toBe('engine-died');
    expect(error.message).toMatch(/kube-apiserver[^]*signal SIGKILL/);
    await doomed.stop();
    expect(processesWith(home)).toEqual([]);
    expect(await cluster().list('v1', 'Node')).toHaveLength(3);
  });
});

proof('a cluster that was there before', (cluster) => {
  const { plan } = exampleOf('shop', 'dev');
  const namespace = (name: string): KubeObject => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  const open = (kubeconfig: string): Promise<Cluster> => {
    process.env['ASHLAR_KUBECONFIG'] = kubeconfig;
    return startCluster();
  };

  test('takes a plan into namespaces of our making and is as before in the end', async () => {
    const names = async () => (await cluster().list('v1', 'Namespace')).map(({ metadata }) => metadata.name);
    const there = await names();
    const opened = await open(cluster().kubeconfig);
    await opened.apply(plan);
    expect((await names()).length).toBeGreaterThan(there.length);
    const again = await opened.apply(plan);
    expect(again.filter(({ outcome }) => outcome !== 'unchanged')).toEqual([]);
    await opened.stop();
    expect(await names()).toEqual(there);
  });

  test('is not written to where somebody else has been', async () => {
    await cluster().apply([namespace('theirs')]);
    const opened = await open(cluster().kubeconfig);
    const config = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'one', namespace: 'theirs' } };
    expect((await errorOf(opened.apply([namespace('theirs')]))).code).toBe('not-ours');
    expect((await errorOf(opened.apply([config]))).code).toBe('not-ours');
    await opened.stop();
    expect(await cluster().has(namespace('theirs'))).toBe(true);
  });

  test('without rights is an error', async () => {
    const kubeconfig = path.join(path.dirname(cluster().kubeconfig), 'kube-scheduler.kubeconfig');
    const error = await errorOf(open(kubeconfig));
    expect(error.code).toBe('cluster-forbidden');
    expect(error.message).toContain('create namespaces');
  });
});
