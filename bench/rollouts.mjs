/**
 * What releases cost: `npm run build && node bench/rollouts.mjs`. The same 1,000 services and 3,000 calls are planned in a
 * mesh, first as Deployments, then each as a canary with figures; an object may take 15 % more than before.
 */
import { BoundedContext, Duration, Microservice, Percent, Rollout, Verify, definePlatform } from '../dist/index.js';
import { environmentOf, planned, print } from './plans.mjs';

const SERVICES = 1000;
const CONTEXTS = 20;
const STEPS = [1, 7, 31];
const MOST_RATIO = 1.15;

const verify = Verify.successRate(Percent.of(99)).latency({ percentile: 99, under: Duration.millis(300) });
const mesh = { name: 'istio-sidecar' };
const rollout = { name: 'argo-rollouts', options: { metrics: 'http://prometheus.monitoring:9090' } };
const [before, released] = planned(
  { definition: system({}), environment: environmentOf('production', { mesh }) },
  {
    definition: system({ rollout: Rollout.canary({ weights: [5, 25, 50], verify }) }),
    environment: environmentOf('production', { mesh, rollout }),
  },
);
const ratio = released.perObject / before.perObject;
print(`${SERVICES} services in a mesh`, before);
print('the same, each released as a canary', released);
console.log(`an object takes ${ratio.toFixed(2)} times as long; at most ${MOST_RATIO}`);
if (ratio > MOST_RATIO) process.exitCode = 1;

/** Services in contexts, each of which calls three others. */
function system(more) {
  return definePlatform('bench', (platform) => {
    const contexts = Array.from(
      { length: CONTEXTS },
      (_, index) => new BoundedContext(platform, `context-${index}`, { team: 'a' }),
    );
    const services = Array.from({ length: SERVICES }, (_, index) => {
      const props = { image: 'registry.example.com/it:1', ports: { http: 8080 }, ...more };
      return new Microservice(contexts[index % CONTEXTS], `service-${index}`, props);
    });
    for (const [index, service] of services.entries()) {
      for (const step of STEPS) {
        if (services[index + step]) service.calls(services[index + step], { timeout: Duration.seconds(2) });
      }
    }
  });
}
