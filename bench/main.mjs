/**
 * `npm run bench`: measures what README.md of this folder lists, prints it as a table, and exits with 1 when a target is
 * missed. `node bench/main.mjs --rounds 20` measures more often (default 7), `--quick` leaves out the 10,000 services.
 */
import { cpus, release, tmpdir, type } from 'node:os';
import { mkdtempSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { compareOutputs } from './compare.mjs';
import { loadedByRequire } from './loaded.mjs';
import { measure } from './measure.mjs';
import { rows as pulumiRows } from './pulumi.mjs';
import { ratio as yamlRatio } from './yaml.mjs';

const BENCH = dirname(fileURLToPath(import.meta.url));
const ROOT = dirname(BENCH);
const CLI = join(ROOT, 'dist/cli.js');

const TARGETS = { overFloor: 2.7, megabytes: 150, tenTimes: 11, overEmpty: 3, yaml: 2 };
const SERVICES = 1000;
const { values } = parseArgs({ options: { rounds: { type: 'string' }, quick: { type: 'boolean' } } });
const ROUNDS = Number(values.rounds ?? 7);

const scratch = mkdtempSync(join(tmpdir(), 'ashlar-bench-'));
const rows = [];

/** A row of the table; without a target it only informs. */
function row(what, measured, target, isMet) {
  rows.push([what, measured, target ?? '', target === undefined ? '' : isMet ? 'met' : 'MISSED']);
}

const empty = { name: 'node -e 0', args: ['-e', '0'] };

function synth(name, program, environment, out, env = {}) {
  const args = [CLI, 'synth', join(BENCH, program), '--env', environment, '--out', out];
  return { name, args, env, before: () => rmSync(out, { recursive: true, force: true }) };
}

function large(services) {
  const out = join(scratch, `ashlar-${services}`);
  return synth(`ashlar, ${services} services`, 'shop.ts', 'prod', out, { ASHLAR_BENCH_SERVICES: String(services) });
}

function floor(services, format = 'json') {
  const out = join(scratch, `floor-${services}-${format}`);
  const args = [join(BENCH, 'floor.mjs'), String(services), out, format];
  // Ashlar's writer may keep what it has compiled, as `ashlar synth` does.
  const env = format === 'json' ? {} : { NODE_COMPILE_CACHE: join(scratch, 'compiled') };
  return { name: `floor, ${format}`, args, env, before: () => rmSync(out, { recursive: true, force: true }) };
}

const ms = (value) => `${value.toFixed(0)} ms`;
const times = (value) => `${value.toFixed(2)} x`;

function benchLarge() {
  measure([floor(SERVICES), large(SERVICES)], 0);
  const objects = compareOutputs(join(scratch, `ashlar-${SERVICES}`, 'prod'), join(scratch, `floor-${SERVICES}-json`));
  const [nothing, base, yaml, ashlar] = measure(
    [empty, floor(SERVICES), floor(SERVICES, 'yaml'), large(SERVICES)],
    ROUNDS,
    ([, least, , ours]) => ours.best / least.best <= TARGETS.overFloor,
  );
  const ratio = ashlar.best / base.best;
  const megabytes = ashlar.peak - nothing.peak;
  row(`A  ${SERVICES} services, ${objects} objects: floor`, describe(base));
  row('A  floor, by Ashlar’s writer of YAML', describe(yaml));
  row('A  ashlar', describe(ashlar));
  row('A  floor as YAML / floor', times(yaml.best / base.best));
  row('A  ashlar / floor', times(ratio), `<= ${TARGETS.overFloor} x`, ratio <= TARGETS.overFloor);
  row(
    'A  peak memory above an empty Node',
    `${megabytes.toFixed(0)} MB`,
    `<= ${TARGETS.megabytes} MB`,
    megabytes <= TARGETS.megabytes,
  );
  return ashlar;
}

function benchLinear(before) {
  const [ten] = measure([large(10 * SERVICES)], 3, ([runs]) => runs.best / before.best <= TARGETS.tenTimes);
  const ratio = ten.best / before.best;
  row(`A  ${10 * SERVICES} services`, `${describe(ten)}, ${ten.peak.toFixed(0)} MB`);
  row(
    `A  ${10 * SERVICES} / ${SERVICES} services`,
    times(ratio),
    `<= ${TARGETS.tenTimes} x`,
    ratio <= TARGETS.tenTimes,
  );
}

function benchSmallest() {
  const smallest = synth('smallest', 'smallest.ts', 'dev', join(scratch, 'smallest'));
  const [nothing, ashlar] = measure(
    [empty, smallest],
    3 * ROUNDS,
    ([least, ours]) => ours.best / least.best <= TARGETS.overEmpty,
  );
  const ratio = ashlar.best / nothing.best;
  row('B  node -e 0', describe(nothing));
  row('B  smallest program', describe(ashlar));
  row('B  smallest / node -e 0', times(ratio), `<= ${TARGETS.overEmpty} x`, ratio <= TARGETS.overEmpty);
}

function describe(runs) {
  return `${ms(runs.best)} (median ${ms(runs.median)}, cpu ${ms(runs.leastCpu)})`;
}

function benchRequire() {
  const { files, modules, superfluous } = loadedByRequire(ROOT);
  const what = superfluous.length === 0 ? 'nothing else' : superfluous.slice(0, 5).join(', ');
  row("C  require('ashlar')", `${files.length} files, ${modules.length} modules of the bundle`);
  row('C  that it does not need', what, 'nothing else', superfluous.length === 0);
}

function print() {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((cells) => cells[column].length)));
  for (const cells of rows)
    console.log(
      cells
        .map((cell, column) => cell.padEnd(widths[column]))
        .join('  ')
        .trimEnd(),
    );
}

try {
  const ashlar = benchLarge();
  if (values.quick !== true) benchLinear(ashlar);
  benchSmallest();
  benchRequire();
  for (const [what, measured, target, isMet] of await pulumiRows()) row(what, measured, target, isMet);
  row('D  yaml package / toYaml', times(yamlRatio), `>= ${TARGETS.yaml} x`, yamlRatio >= TARGETS.yaml);
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
console.log(`\n${cpus().length} cores ${cpus()[0]?.model ?? ''}, ${type()} ${release()}, Node ${process.version}\n`);
print();
if (rows.some(([, , , verdict]) => verdict === 'MISSED')) process.exitCode = 1;
