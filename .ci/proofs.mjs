/**
 * All proofs, two files at a time, as `npm run proof` runs them, and what failed once more, one file at a time: engines,
 * proxies and tests share two cores, and a machine that stops for a second while a breaker of one second is watched says
 * nothing of our objects. What fails twice has failed. What passed alone is named in the end: such a proof has to be mended.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
const RESULTS = join(ROOT, 'node_modules/.cache/ashlar/proofs.json');
const JEST = join(ROOT, 'node_modules/jest/bin/jest.js');
/** More files than that do not fail by accident. */
const MOST = 3;

/** Files that failed, also those that did not load; undefined if jest did not come to its end. */
function failedIn(...more) {
  rmSync(RESULTS, { force: true });
  mkdirSync(dirname(RESULTS), { recursive: true });
  const options = ['--selectProjects=proof', '--json', `--outputFile=${RESULTS}`, ...more];
  const { status } = spawnSync(process.execPath, [JEST, ...options], {
    cwd: ROOT,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  try {
    const { testResults } = JSON.parse(readFileSync(RESULTS, 'utf8'));
    const failed = testResults.filter((file) => file.status === 'failed').map(({ name }) => relative(ROOT, name));
    return status === 0 || failed.length > 0 ? failed : undefined;
  } catch {
    return undefined;
  }
}

function main() {
  const failed = failedIn();
  if (failed === undefined || failed.length > MOST) return 1;
  if (failed.length === 0) return 0;
  console.log(`Failed, and run once more by themselves: ${failed.join(', ')}`);
  const again = failedIn('--runInBand', '--runTestsByPath', ...failed);
  if (again?.length !== 0) return 1;
  console.log(`Passed by themselves, failed beside others, to be mended: ${failed.join(', ')}`);
  return 0;
}

const build = spawnSync(process.execPath, [join(ROOT, '.ci/build.mjs')], { stdio: 'inherit' });
process.exitCode = build.status === 0 ? main() : 1;
