/**
 * What releases cost: `npm run build && node bench/rollouts.mjs`. The same 1,000 services and 3,000 calls are synthesized in a
 * mesh, first as Deployments, then each as a canary with figures; an object may take 15 % more than before.
 */
import { print } from './plans.mjs';
import { synthesized } from './synths.mjs';

const MOST_RATIO = 1.15;

const [before, released] = synthesized(
  { pattern: 'timeout', environment: 'mesh' },
  { pattern: 'canary', environment: 'releases' },
);
const ratio = released.perObject / before.perObject;
print('1000 services in a mesh', before);
print('the same, each released as a canary', released);
console.log(`an object takes ${ratio.toFixed(2)} times as long; at most ${MOST_RATIO}`);
if (ratio > MOST_RATIO) process.exitCode = 1;
