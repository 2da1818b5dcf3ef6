/**
 * `npm test`: builds, runs the checks two at a time, then the tests. A step tells its time on one line; the output of a
 * check is shown if it failed. `npm test -- lint types` runs only the named steps, `npm test -- --list` names them.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
const RESULTS = join(ROOT, 'node_modules/.cache/ashlar/jest.json');
const bin = (path) => join(ROOT, 'node_modules', path);

/** The longest first: two at a time, the end comes sooner. */
const CHECKS = [
  ['lint', bin('eslint/bin/eslint.js'), '--max-warnings=0', '.'],
  ['types', bin('typescript/bin/tsc'), '-p', 'tsconfig.json'],
  ['api', '.ci/api.mjs'],
  [
    'layers',
    bin('dependency-cruiser/bin/dependency-cruiser.mjs'),
    '--output-type',
    'err-long',
    'constructs',
    'charts',
    'stacks',
    'policies',
    'testing',
    'cli',
    'examples',
  ],
  ['format', bin('prettier/bin/prettier.cjs'), '--check', '--log-level', 'warn', '.'],
  ['unused', bin('knip/bin/knip.js'), '--no-progress', '--no-config-hints'],
];
const BUILD = ['build', '.ci/build.mjs'];
/**
 * Jest ends a worker that has not gone half a second after its last test, and says that a test leaks. None does: a heap of
 * a gigabyte takes longer to be given back. So a worker that has grown is replaced between two files.
 */
const WORKERS = '--workerIdleMemoryLimit=512MB';
const JSON_RESULTS = ['--json', `--outputFile=${RESULTS}`];
const TESTS = ['tests', bin('jest/bin/jest.js'), '--selectProjects=unit', WORKERS, ...JSON_RESULTS];

/** Plain text: the output is read in logs. */
const ENV = { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined };

const running = new Set();
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => {
    for (const child of running) child.kill(signal);
    process.exit(1);
  });
}

function execute([name, ...command], stdio) {
  const start = performance.now();
  const child = spawn(process.execPath, command, { cwd: ROOT, stdio, env: ENV });
  const output = [];
  running.add(child);
  child.stdout?.on('data', (chunk) => output.push(chunk));
  child.stderr?.on('data', (chunk) => output.push(chunk));
  return new Promise((resolve) => {
    child.on('close', (code) => {
      running.delete(child);
      resolve({ name, ok: code === 0, output: Buffer.concat(output).toString(), ms: performance.now() - start });
    });
  });
}

function report({ name, ok, output, ms }) {
  console.log(`${ok ? 'ok    ' : 'FAILED'} ${name.padEnd(8)} ${(ms / 1000).toFixed(1).padStart(5)} s`);
  if (!ok && output.trim()) console.log(`${output.trimEnd()}\n`);
  return ok ? [] : [name];
}

async function checks(steps) {
  const failed = [];
  const queue = [...steps];
  const lane = async () => {
    for (let step = queue.shift(); step; step = queue.shift()) {
      failed.push(...report(await execute(step, ['ignore', 'pipe', 'pipe'])));
    }
  };
  await Promise.all([lane(), lane()]);
  return failed;
}

/** Jest speaks for itself; its count is said again in one plain line, last of all. */
async function tests() {
  rmSync(RESULTS, { force: true });
  mkdirSync(dirname(RESULTS), { recursive: true });
  const result = await execute(TESTS, ['ignore', 1, 1]);
  const failed = report(result);
  return { failed, count: countOf(readResults()) };
}

function readResults() {
  try {
    return JSON.parse(readFileSync(RESULTS, 'utf8'));
  } catch {
    return undefined; // jest did not come to its end; the step has failed and said so
  }
}

/** A test file that does not even load counts as one failure. */
function countOf(results) {
  if (!results) return undefined;
  return `${results.numPassedTests} passed, ${results.numFailedTests + results.numRuntimeErrorTestSuites} failed`;
}

async function main(only) {
  const wanted = ([name]) => only.length === 0 || only.includes(name);
  const start = performance.now();
  const failed = report(await execute(BUILD, ['ignore', 'pipe', 'pipe']));
  if (failed.length > 0) return failed;
  failed.push(...(await checks(CHECKS.filter(wanted))));
  const tested = wanted(TESTS) ? await tests() : undefined;
  failed.push(...(tested?.failed ?? []));
  console.log(
    `${((performance.now() - start) / 1000).toFixed(0)} s in all${failed.length > 0 ? `; failed: ${failed.join(', ')}` : ''}`,
  );
  if (tested?.count) console.log(tested.count);
  return failed;
}

const only = process.argv.slice(2);
const names = [...CHECKS, TESTS].map(([name]) => name);
const unknown = only.filter((name) => !names.includes(name));
if (unknown.length > 0) {
  console.log(`steps: ${names.join(' ')}`);
  process.exitCode = unknown[0] === '--list' ? 0 : 2;
} else {
  process.exitCode = (await main(only)).length > 0 ? 1 : 0;
}
