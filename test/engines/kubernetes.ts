import { readFileSync, renameSync } from 'node:fs';
import path from 'node:path';
import type { Engine, Part } from './engine';
import { go } from './go';

const MODULE = path.join(__dirname, 'kubernetes');
const COMMANDS = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kubectl'];
const ETCD = 'go.etcd.io/etcd/server/v3';

/** The control plane: etcd, API server, controller manager, scheduler; and kubectl. */
export function kubernetes(): Engine {
  const manifest = readFileSync(path.join(MODULE, 'go.mod'), 'utf8');
  const version = pinned(manifest, 'k8s.io/kubernetes');
  const flags = linkerFlags(version);
  const commands = COMMANDS.map((name) => command(name, `k8s.io/kubernetes/cmd/${name}`, MODULE, flags));
  return {
    name: 'kubernetes',
    version,
    inputs: [manifest, readFileSync(path.join(MODULE, 'go.sum'), 'utf8'), readFileSync(__filename, 'utf8')],
    parts: [command('etcd', ETCD, MODULE, '-s -w'), ...commands],
  };
}

/** One executable of a module. Named by us: Go would call etcd `server`. */
export function command(name: string, main: string, folder: string, linkerFlags: string): Part {
  const make = async (target: string): Promise<readonly string[]> => {
    const partial = path.join(target, `${name}.partial`);
    await go(['build', '-trimpath', '-ldflags', linkerFlags, '-o', partial, main], { folder });
    renameSync(partial, path.join(target, name));
    return [name];
  };
  return { name, make };
}

/** The version of a module in a go.mod, without its `v`. */
export function pinned(manifest: string, module: string): string {
  const line = manifest.split('\n').find((text) =>
    text
      .replace(/^require/, '')
      .trim()
      .startsWith(`${module} v`),
  );
  const version = /\sv(\S+)/.exec(line ?? '')?.[1];
  if (version === undefined) throw new Error(`go.mod requires no ${module}`);
  return version;
}

/** Without these an API server says that it is v0.0.0-master. */
function linkerFlags(version: string): string {
  const [major, minor] = version.split('.');
  const facts = { gitVersion: `v${version}`, gitMajor: major, gitMinor: minor, gitTreeState: 'archive' };
  const variables = ['k8s.io/component-base/version', 'k8s.io/client-go/pkg/version'].flatMap((name) =>
    Object.entries(facts).map(([variable, value]) => `-X ${name}.${variable}=${value}`),
  );
  return ['-s', '-w', ...variables].join(' ');
}
