import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Engine } from './engine';
import { command, pinned } from './kubernetes';

const MODULE = path.join(__dirname, 'rollouts');
const ROLLOUTS = 'github.com/argoproj/argo-rollouts';
const COMMANDS = ['rollouts-controller', 'kubectl-argo-rollouts'];

/** Argo Rollouts: its controller, and the command that checks and promotes. */
export function rollouts(): Engine {
  const manifest = readFileSync(path.join(MODULE, 'go.mod'), 'utf8');
  const version = pinned(manifest, ROLLOUTS);
  const flags = `-s -w -X ${ROLLOUTS}/utils/version.version=v${version}`;
  return {
    name: 'rollouts',
    version,
    inputs: [manifest, readFileSync(path.join(MODULE, 'go.sum'), 'utf8'), readFileSync(__filename, 'utf8')],
    parts: COMMANDS.map((name) => command(name, `${ROLLOUTS}/cmd/${name}`, MODULE, flags)),
  };
}
