/**
 * Measures the bridge to Pulumi: `node bench/pulumi.mjs` prints what bench/README.md lists under E, and exits with 1 when
 * a target is missed.
 *
 * E1: CPU an object, from `deploy` to registered resources in the SDK's own mocks, above what a program by hand takes,
 * and how it grows to 10,000 objects.
 * E2: CPU to register Online Boutique with the recording engine of the tests, by that of a program that makes the same
 * resources by hand. Both run in this process, alternately, and the best of each counts. CPU, since other work on the
 * machine makes the clock run on, and the SDK waits a lot.
 */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createJiti } from 'jiti';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const require = createRequire(import.meta.url);
const LIBRARIES = ['charts', 'stacks', 'testing'].map((name) => [`ashlar/${name}`, join(ROOT, `dist/${name}.js`)]);
const ALIAS = { ...Object.fromEntries(LIBRARIES), ashlar: join(ROOT, 'dist/index.js') };
const jiti = createJiti(import.meta.url, { alias: ALIAS });

const pulumi = require('@pulumi/pulumi');
const kubernetes = require('@pulumi/kubernetes');
const { deploy } = require(join(ROOT, 'dist/stacks.js'));
const { loadEnvironment, makePlan } = require(join(ROOT, 'dist/charts.js'));

const TARGETS = { millisecondsAnObject: 1, growth: 1.1, overByHand: 1.15 };
const ROUNDS = 16;

/** A program of `bench/shop.ts`, nine objects a service. It takes the number when it is loaded, so it is read anew. */
async function planFor(services) {
  process.env.ASHLAR_BENCH_SERVICES = String(services);
  const fresh = createJiti(import.meta.url, { alias: ALIAS, moduleCache: false });
  const program = await fresh.import('./shop.ts', { default: true });
  const environment = loadEnvironment(program, join(ROOT, 'bench/environments'), 'prod');
  return { plan: makePlan(program, environment), start: () => deploy(program, { environment }) };
}

/** Milliseconds of CPU an object, until all are registered with the SDK's own mocks. `start` gives the resources. */
async function inMocks(objects, start) {
  await pulumi.runtime.setMocks({
    newResource: ({ name, inputs }) => ({ id: name, state: inputs }),
    call: ({ inputs }) => inputs,
  });
  globalThis.gc?.();
  const before = process.cpuUsage();
  const made = await start();
  await Promise.all(made.map(({ urn }) => urn.promise()));
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000 / objects;
}

/** Both ways at one size, alternately; the best of each. */
async function bridge(services, rounds) {
  const { plan, start } = await planFor(services);
  const { length } = plan.objects;
  const best = { ours: Infinity, theirs: Infinity, objects: length };
  for (let round = 0; round < rounds; round += 1) {
    best.theirs = Math.min(best.theirs, await inMocks(length, async () => byHand(plan)()));
    best.ours = Math.min(best.ours, await inMocks(length, () => start().resources.promise()));
  }
  return best;
}

/** What somebody who wrote it by hand would run: the same classes, names, parents and dependencies, with nothing to find out. */
function byHand(plan) {
  return () => {
    const provider = new kubernetes.Provider('shop', { enableServerSideApply: true, enableConfigMapMutable: true });
    const parents = new Map();
    const made = new Map();
    for (const { manifest, key, chart, dependsOn } of plan.objects) {
      const [group, version] = manifest.apiVersion.includes('/')
        ? manifest.apiVersion.split('/')
        : ['core', manifest.apiVersion];
      // Classes of custom resources there are none.
      const Class =
        kubernetes[group.split('.')[0]]?.[version]?.[manifest.kind] ?? kubernetes.apiextensions.CustomResource;
      let parent = parents.get(chart);
      if (parent === undefined) parents.set(chart, (parent = new pulumi.ComponentResource('acme:index:Chart', chart)));
      const { name, namespace } = manifest.metadata;
      const options = { parent, provider, dependsOn: dependsOn.map(({ on }) => made.get(on.key)) };
      made.set(key, new Class(namespace === undefined ? name : `${namespace}/${name}`, manifest, options));
    }
    return [...made.values()];
  };
}

async function timed(engine, program, resources) {
  const before = process.cpuUsage();
  const { error, registered } = await engine.run(program);
  const { user, system } = process.cpuUsage(before);
  if (error !== undefined) throw new Error(error);
  const objects = registered.filter(({ type }) => type.startsWith('kubernetes:')).length;
  if (objects !== resources) throw new Error(`${objects} resources were registered, and not ${resources}`);
  return (user + system) / 1000;
}

async function overByHand() {
  const { RecordingEngine } = await jiti.import('../test/support/recording-engine.ts');
  const boutique = await jiti.import('../examples/online-boutique/platform.ts', { default: true });
  const environment = loadEnvironment(boutique, join(ROOT, 'examples/online-boutique/environments'), 'prod');
  const plan = makePlan(boutique, environment);
  const engine = await new RecordingEngine().start();
  const ours = () => void deploy(boutique, { environment }) ?? {};
  const theirs = () => void byHand(plan)() ?? {};
  const best = { ours: Infinity, theirs: Infinity };
  for (let round = 0; round < ROUNDS; round += 1) {
    best.theirs = Math.min(best.theirs, await timed(engine, theirs, plan.objects.length));
    best.ours = Math.min(best.ours, await timed(engine, ours, plan.objects.length));
  }
  engine.stop();
  return { ...best, objects: plan.objects.length };
}

/** Rows of the table: what, measured, target, whether it is met. */
export async function rows() {
  // Warnings of the plan are told by each run.
  console.warn = () => undefined;
  process.env.KUBECONFIG = join(ROOT, 'bench/no-such-kubeconfig');
  const small = await bridge(200, 2);
  const large = await bridge(1120, 1);
  const over = small.ours - small.theirs;
  const growth = large.ours / small.ours / (large.theirs / small.theirs);
  const { ours, theirs, objects } = await overByHand();
  const ratio = ours / theirs;
  return [
    [`E1 ${small.objects} objects in mocks, by hand`, `${small.theirs.toFixed(2)} ms of CPU an object`],
    ['E1 deploy', `${small.ours.toFixed(2)} ms of CPU an object`],
    [
      'E1 deploy - by hand',
      `${over.toFixed(2)} ms`,
      `<= ${TARGETS.millisecondsAnObject} ms`,
      over <= TARGETS.millisecondsAnObject,
    ],
    [`E1 ${large.objects} objects in mocks, by hand`, `${large.theirs.toFixed(2)} ms of CPU an object`],
    ['E1 deploy', `${large.ours.toFixed(2)} ms of CPU an object`],
    [
      'E1 growth of an object’s share, by that by hand',
      `${growth.toFixed(2)} x`,
      `<= ${TARGETS.growth} x`,
      growth <= TARGETS.growth,
    ],
    [`E2 ${objects} objects by hand, recorded`, `${theirs.toFixed(0)} ms of CPU`],
    ['E2 deploy / by hand', `${ratio.toFixed(2)} x`, `<= ${TARGETS.overByHand} x`, ratio <= TARGETS.overByHand],
  ];
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const measured = await rows();
  for (const [what, value, target = '', met] of measured) {
    console.log(what.padEnd(44), value.padEnd(24), target.padEnd(12), met === undefined ? '' : met ? 'met' : 'MISSED');
  }
  process.exit(measured.some(([, , , met]) => met === false) ? 1 : 0);
}
