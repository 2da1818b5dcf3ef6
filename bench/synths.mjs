/**
 * What patterns cost in whole runs of `ashlar synth`, from start to files: everything that a user waits for.
 */
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { measure } from './measure.mjs';

const BENCH = dirname(fileURLToPath(import.meta.url));
const CLI = join(dirname(BENCH), 'dist/cli.js');
const ROUNDS = 5;

/**
 * Milliseconds of CPU of each run, all threads, and its objects: the best of some rounds, in turn.
 * @param {readonly { pattern: string, environment: string, services?: number }[]} cases - of patterns.ts and environments
 */
export function synthesized(...cases) {
  const scratch = mkdtempSync(join(tmpdir(), 'ashlar-bench-'));
  try {
    const subjects = cases.map(({ pattern, environment, services = 1000 }, index) => {
      const out = join(scratch, String(index));
      return {
        name: `${pattern} in ${environment}`,
        args: [CLI, 'synth', join(BENCH, 'patterns.ts'), '--env', environment, '--out', out],
        env: { ASHLAR_BENCH_PATTERN: pattern, ASHLAR_BENCH_SERVICES: String(services) },
        before: () => rmSync(out, { recursive: true, force: true }),
      };
    });
    return measure(subjects, ROUNDS).map(({ leastCpu: ms }, index) => {
      const objects = objectsIn(join(scratch, String(index)));
      return { ms, objects, perObject: ms / objects };
    });
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function objectsIn(folder) {
  const files = readdirSync(folder, { recursive: true }).filter((name) => /\.yaml$/.test(name));
  return files.reduce(
    (sum, name) => sum + (readFileSync(join(folder, name), 'utf8').match(/^kind: /gm) ?? []).length,
    0,
  );
}
