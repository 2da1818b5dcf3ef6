/**
 * `npm run engines [-- NAME...]`: builds what is missing of the engines that proofs run on, into ASHLAR_ENGINES or the
 * user's cache folder. Exit code 0: all there; 2: an error; 3: skipped, as Go is not there.
 */
import { isAshlarError } from '../../constructs/model/error';
import { cacheFolder } from '../../testing/cluster/engine-cache';
import { ensure, isWhole } from './build';
import { crds } from './crds';
import type { Engine } from './engine';
import { whyNoGo } from './go';
import { kubernetes } from './kubernetes';
import { kwok } from './kwok';
import { mesh } from './mesh';
import { rollouts } from './rollouts';

const ENGINES: Readonly<Record<string, () => Engine>> = { kubernetes, kwok, crds, mesh, rollouts };
const SKIPPED = 3;

function say(text: string): void {
  process.stdout.write(text);
}

/** One line an engine: what is begun, then how it ended. */
async function ensureOne(root: string, engine: Engine): Promise<void> {
  const start = performance.now();
  say(`${`${engine.name} ${engine.version}`.padEnd(20)} `);
  const outcome = await ensure(root, engine, (pid) => say(`waiting for process ${pid}, which builds it ... `));
  say(`${outcome} in ${((performance.now() - start) / 1000).toFixed(1)} s\n`);
}

async function main(names: readonly string[]): Promise<number> {
  const unknown = names.filter((name) => !(name in ENGINES));
  if (unknown.length > 0) {
    say(`There is no engine ${unknown.join(', ')}; there are ${Object.keys(ENGINES).join(', ')}.\n`);
    return 2;
  }
  const root = cacheFolder();
  const wanted = Object.entries(ENGINES).filter(([name]) => names.length === 0 || names.includes(name));
  const engines = wanted.map(([, make]) => make());
  const reason = await whyNoGo();
  if (reason !== undefined && !(await allWhole(root, engines))) {
    say(`Skipped: ${reason}. Proofs need engines, or KUBEBUILDER_ASSETS, or ASHLAR_KUBECONFIG.\n`);
    return SKIPPED;
  }
  for (const engine of engines) await ensureOne(root, engine);
  say(`in ${root}\n`);
  return 0;
}

async function allWhole(root: string, engines: readonly Engine[]): Promise<boolean> {
  return (await Promise.all(engines.map((engine) => isWhole(root, engine)))).every(Boolean);
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    say(`failed\n${isAshlarError(error) ? error.message : String(error)}\n`);
    process.exitCode = 2;
  },
);
