import { execFileSync } from 'node:child_process';
import path from 'node:path';
import type { KubeObject } from 'ashlar';
import type { KeyPair } from './localize';
import { builtFolder, cacheFolder, readRecord } from '../../../../testing/cluster/engine-cache';
import { hasGo, noEngines } from '../../../../testing/cluster/engines';

/** A piece of Envoy's configuration: proofs look into few of its fields. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type EnvoyJson = any;

/** What istiod sends to a proxy. */
export interface ProxyConfig {
  readonly listeners: readonly EnvoyJson[];
  readonly clusters: readonly EnvoyJson[];
  readonly routes: readonly EnvoyJson[];
  readonly endpoints: readonly EnvoyJson[];
}

/** A proxy as it introduces itself. */
export interface ProxyId {
  readonly id: string;
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** A message of one of istioctl's analyzers. */
export interface AnalyzerMessage {
  readonly code: string;
  readonly level: string;
  readonly origin: string;
  readonly message: string;
}

/** Istio's own builds of Envoy have filters that others do not: metadata exchange, ALPN, telemetry. */
const ENVIRONMENT = {
  PILOT_ENABLE_METADATA_EXCHANGE: 'false',
  PILOT_ENABLE_ALPN_FILTER: 'false',
  PILOT_ENABLE_TELEMETRY_LABEL: 'false',
};

/** Path of one of the mesh's executables. */
export function meshFile(name: 'istiod' | 'envoy'): string {
  const record = readRecord(cacheFolder(), 'mesh');
  if (record === undefined) throw noEngines('no engine mesh');
  return path.join(builtFolder(cacheFolder(), record), name);
}

/** As the chart sets it in the profile `ambient`, where a pod is in that mode. */
const AMBIENT = { PILOT_ENABLE_AMBIENT: 'true' };

function ask<T>(command: string, request: object): T {
  const input = JSON.stringify(request);
  const isAmbient = input.includes('"istio.io/dataplane-mode":"ambient"');
  const text = execFileSync(meshFile('istiod'), [command], {
    input,
    maxBuffer: 2 ** 28,
    env: { ...process.env, ...ENVIRONMENT, ...(isAmbient && AMBIENT) },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  return JSON.parse(text.toString()) as T;
}

/** What istiod sends to each proxy, and what it finds wrong with the objects. */
export function render(objects: readonly KubeObject[], proxies: readonly ProxyId[]) {
  return ask<{ readonly proxies: readonly ProxyConfig[]; readonly problems: readonly string[] }>('render', {
    objects,
    proxies,
  });
}

/** The messages of every analyzer of istioctl, and those that it skipped. */
export function analyze(objects: readonly KubeObject[]) {
  return ask<{
    readonly messages: readonly AnalyzerMessage[];
    readonly skipped: readonly string[];
    readonly problems: readonly string[];
  }>('analyze', { objects });
}

/** A certificate that a host signs itself. */
export function certify(host: string): KeyPair {
  return JSON.parse(execFileSync(meshFile('istiod'), ['certify'], { input: host }).toString()) as KeyPair;
}

/** Throws what Envoy says about a configuration that it does not take. */
export function validate(file: string): void {
  execFileSync(meshFile('envoy'), ['--mode', 'validate', '-c', file, '-l', 'error'], { stdio: 'pipe' });
}

/** A `describe` with a mesh. Without its engine it is skipped, and says so; where it could be built, that is a failure. */
export function meshProof(name: string, body: () => void): void {
  if (readRecord(cacheFolder(), 'mesh') !== undefined) describe(name, body);
  else if (hasGo() || process.env['ASHLAR_PROOF'] === 'required') {
    describe(name, () => {
      test('has a mesh', () => {
        throw noEngines('no engine mesh');
      });
    });
  } else describe.skip(`${name} (skipped: no Go, no engine mesh)`, body);
}
