import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import type net from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import type { KubeObject } from 'ashlar';
import { freePorts, proof, startProcess, type Cluster, type RunningProcess } from 'ashlar/testing/cluster';
import { builtFolder, cacheFolder, readRecord } from '../../../../testing/cluster/engine-cache';
import { hasGo, noEngines } from '../../../../testing/cluster/engines';

/** Path of one of the executables of Argo Rollouts. */
function rolloutsFile(name: 'rollouts-controller' | 'kubectl-argo-rollouts'): string {
  const record = readRecord(cacheFolder(), 'rollouts');
  if (record === undefined) throw noEngines('no engine rollouts');
  return path.join(builtFolder(cacheFolder(), record), name);
}

/** A `proof` with definitions and Argo Rollouts' own executables, and with the mesh that its canaries need. */
export function rolloutsProof(name: string, body: (cluster: () => Cluster) => void): void {
  const missing = ['rollouts', 'mesh'].filter((engine) => readRecord(cacheFolder(), engine) === undefined);
  if (missing.length === 0) proof(name, body, { crds: true });
  else if (hasGo() || process.env['ASHLAR_PROOF'] === 'required') {
    describe(name, () => {
      test('has its engines', () => {
        throw noEngines(`no engine ${missing.join(', ')}`);
      });
    });
  } else describe.skip(`${name} (skipped: no Go, no engine ${missing.join(', ')})`, () => undefined);
}

/**
 * Starts the controller against a cluster.
 * @param cwd - folder to which it copies plugins
 */
export async function startController({ kubeconfig }: Cluster, cwd?: string): Promise<RunningProcess> {
  const [metrics = 0, health = 0] = await freePorts(2);
  return startProcess({
    name: 'rollouts-controller',
    command: rolloutsFile('rollouts-controller'),
    // Plugins are processes of their own, which look there.
    env: { KUBECONFIG: kubeconfig },
    ...(cwd !== undefined && { cwd }),
    args: [
      `--kubeconfig=${kubeconfig}`,
      `--metricsPort=${metrics}`,
      `--healthzPort=${health}`,
      '--leader-elect=false',
      '--rollout-resync=20',
      '--istio-api-version=v1',
    ],
    ready: async () => (await fetch(`http://127.0.0.1:${health}/healthz`)).ok,
    stopSignal: 'SIGKILL',
  });
}

/** Runs `kubectl argo rollouts`. */
export async function argo({ kubeconfig }: Cluster, ...args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(rolloutsFile('kubectl-argo-rollouts'), [
    ...args,
    `--kubeconfig=${kubeconfig}`,
  ]);
  return stdout;
}

/** What `kubectl argo rollouts lint` says about objects; nothing where it finds nothing. */
export function lint(objects: readonly KubeObject[]): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'ashlar-lint-'));
  try {
    const file = path.join(folder, 'objects.yaml');
    writeFileSync(file, objects.map((object) => JSON.stringify(object)).join('\n---\n'));
    return execFileSync(rolloutsFile('kubectl-argo-rollouts'), ['lint', '-f', file], { stdio: 'pipe' }).toString();
  } catch (error) {
    return String((error as { readonly stderr?: Buffer }).stderr ?? error);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A stand-in for Prometheus, whose answers a proof chooses. */
export class Metrics {
  /** What was asked for. */
  readonly queries: string[] = [];
  /** The number of the next answers; undefined: no data. */
  value: (query: string) => number | undefined = () => 1;
  readonly #server = http.createServer((request, response) => {
    const body: Buffer[] = [];
    request.on('data', (chunk: Buffer) => body.push(chunk));
    request.on('end', () => {
      const given = Buffer.concat(body).toString() || (request.url?.split('?')[1] ?? '');
      const query = new URLSearchParams(given).get('query') ?? '';
      this.queries.push(query);
      const value = this.value(query);
      const result = value === undefined ? [] : [{ metric: {}, value: [Date.now() / 1000, String(value)] }];
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ status: 'success', data: { resultType: 'vector', result } }));
    });
  });

  /** Starts it and says where it answers. */
  async start(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return `http://127.0.0.1:${(this.#server.address() as net.AddressInfo).port}`;
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

/**
 * The plugin that moves weights in objects of the Gateway API, where somebody has it: no module proxy carries it, so it is no
 * engine. It is built with `go build` from github.com/argoproj-labs/rollouts-plugin-trafficrouter-gatewayapi, or loaded
 * from its releases.
 */
export function gatewayPlugin(): string | undefined {
  return process.env['ASHLAR_GATEWAY_PLUGIN'];
}
