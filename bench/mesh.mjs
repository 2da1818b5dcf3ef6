/**
 * What a mesh costs: `npm run build && node bench/mesh.mjs`. The same 1,000 services and 3,000 calls are synthesized without
 * a mesh and in one; an object of the mesh may take a quarter more than one of the foundation. Then the routes of a callee
 * by the number of its callers: they grow with it, and no faster. Last the checks of the call graph on 10,000 services: of
 * a chain with more ways through it than there are atoms.
 */
import { performance } from 'node:perf_hooks';
import { createJiti } from 'jiti';
import { BoundedContext, Bulkhead, Duration, Microservice, Retry, definePlatform, rule } from '../dist/index.js';
import { makePlan, plainEnvironment } from '../dist/charts.js';
import { environmentOf, planned, print } from './plans.mjs';
import { synthesized } from './synths.mjs';

const CONTEXTS = 20;
const ROUNDS = 9;
const MOST_RATIO = 1.25;
const MOST_GROWTH = 1.5;
const MANY = 10_000;
const MOST_CHECKS = 1000;

const options = {
  timeout: Duration.seconds(2),
  retry: Retry.attempts(1).on('5xx'),
  bulkhead: Bulkhead.of({ maxRequests: 100 }),
};
const inMesh = environmentOf('production', { mesh: { name: 'istio-sidecar' } });
const [plain, meshed] = synthesized(
  { pattern: 'none', environment: 'plain' },
  { pattern: 'resilience', environment: 'mesh' },
);
const ratio = meshed.perObject / plain.perObject;
print('1000 services without a mesh', plain);
print('the same in a mesh', meshed);
console.log(`an object takes ${ratio.toFixed(2)} times as long; at most ${MOST_RATIO}`);

const [few, many] = planned(...[500, 2000].map((callers) => ({ definition: star(callers), environment: inMesh })));
const growth = many.ms / few.ms / 4;
console.log(
  `2000 callers of one callee take ${(growth * 4).toFixed(2)} times as long as 500; at most ${4 * MOST_GROWTH}`,
);

const checks = await checked();
console.log(`the checks of ${MANY} services take ${checks.toFixed(0)} ms; at most ${MOST_CHECKS}`);

if (checks > MOST_CHECKS) process.exitCode = 1;
if (ratio > MOST_RATIO || growth > MOST_GROWTH) process.exitCode = 1;

/** One callee, and callers that each want something of their own. */
function star(callers) {
  return definePlatform('bench', (platform) => {
    const contexts = contextsOf(platform);
    const callee = serviceOf(contexts, callers);
    for (let index = 0; index < callers; index += 1) {
      serviceOf(contexts, index).calls(callee, { timeout: Duration.millis(100 + index) });
    }
  });
}

/** Milliseconds of the checks of many services in one long chain, each also calling one further on. */
async function checked() {
  const { graphRules } = await createJiti(import.meta.url).import('../constructs/derive/resilience/graph-rules.ts');
  let best = Infinity;
  const measure = rule('bench.checks', function* (graph) {
    for (let round = 0; round < ROUNDS; round += 1) {
      const fresh = withoutViews(graph);
      const start = performance.now();
      for (const { run } of graphRules) Array.from(run(fresh));
      best = Math.min(best, performance.now() - start);
    }
    yield* [];
  });
  const extensions = [{ name: 'bench', pieces: [measure] }];
  const definition = definePlatform('bench', { extensions }, (platform) => {
    const contexts = contextsOf(platform);
    const services = Array.from({ length: MANY }, (_, index) => serviceOf(contexts, index));
    for (const [index, service] of services.entries()) {
      for (const step of [1, 7]) if (services[index + step]) service.calls(services[index + step], options);
    }
  });
  makePlan(definition, plainEnvironment('prod', 'production'), { today: '2026-01-01' });
  return best;
}

/** A graph that has computed no view yet. */
function withoutViews(graph) {
  const views = new Map();
  const fresh = new Proxy(graph, {
    get(target, name) {
      if (name !== 'view') return typeof target[name] === 'function' ? target[name].bind(target) : target[name];
      return (view) => {
        if (!views.has(view.id)) views.set(view.id, view.compute(fresh));
        return views.get(view.id);
      };
    },
  });
  return fresh;
}

function contextsOf(platform) {
  return Array.from(
    { length: CONTEXTS },
    (_, index) => new BoundedContext(platform, `context-${index}`, { team: 'a' }),
  );
}

function serviceOf(contexts, index) {
  const image = 'registry.example.com/it:1';
  return new Microservice(contexts[index % CONTEXTS], `service-${index}`, { image, ports: { http: 8080 } });
}
