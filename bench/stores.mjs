/**
 * What a private database a service costs: `npm run build && node bench/stores.mjs`. The same services are synthesized
 * without stores, and each with a PostgreSQL of its own, in the cluster and by an operator; an object of these may take half
 * as much again as one of the foundation. Then four times the services: the time grows with them, and no faster.
 */
import { print } from './plans.mjs';
import { synthesized } from './synths.mjs';

const MOST_RATIO = 1.5;
const MOST_GROWTH = 1.25;

const [plain, inCluster, operated, few] = synthesized(
  { pattern: 'none', environment: 'plain' },
  { pattern: 'database', environment: 'plain' },
  { pattern: 'database', environment: 'operated' },
  { pattern: 'database', environment: 'operated', services: 250 },
);
print('1000 services without stores', plain);
print('the same, each with a database (in-cluster)', inCluster);
print('the same, each with a database (cloudnative-pg)', operated);
const ratios = [inCluster, operated].map(({ perObject }) => perObject / plain.perObject);
const words = ratios.map((ratio) => ratio.toFixed(2)).join(' and ');
console.log(`an object takes ${words} times as long; at most ${MOST_RATIO}`);

const growth = operated.ms / few.ms / 4;
console.log(`1000 take ${(growth * 4).toFixed(2)} times as long as 250; at most ${4 * MOST_GROWTH}`);

if (ratios.some((ratio) => ratio > MOST_RATIO) || growth > MOST_GROWTH) process.exitCode = 1;
