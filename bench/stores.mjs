/**
 * What a private database a service costs: `npm run build && node bench/stores.mjs`. The same services are planned without
 * stores, and each with a PostgreSQL of its own, in the cluster and by an operator; an object of these may take half as
 * much again as one of the foundation. Then four times the services: the time grows with them, and no faster.
 */
import {
  Backup,
  BoundedContext,
  Duration,
  Microservice,
  PostgresDatabase,
  Size,
  definePlatform,
} from '../dist/index.js';
import { environmentOf, planned, print } from './plans.mjs';

const SERVICES = 1000;
const CONTEXT_SIZE = 20;
const MOST_RATIO = 1.5;
const MOST_GROWTH = 1.25;
const OPERATED = { backup: { destinationPath: 's3://bench/postgres', secret: 'backup-keys' } };

const BACK_ENDS = ['in-cluster', 'cloudnative-pg'];
const [plain, ...owning] = planned(...[undefined, ...BACK_ENDS].map((backEnd) => caseOf(SERVICES, backEnd)));
print(`${SERVICES} services without stores`, plain);
for (const [index, backEnd] of BACK_ENDS.entries()) {
  print(`the same, each with a database (${backEnd})`, owning[index]);
}
const ratios = owning.map(({ perObject }) => perObject / plain.perObject);
console.log(
  `an object takes ${ratios.map((ratio) => ratio.toFixed(2)).join(' and ')} times as long; at most ${MOST_RATIO}`,
);

const [few, many] = planned(...[250, 1000].map((services) => caseOf(services, 'cloudnative-pg')));
const growth = many.ms / few.ms / 4;
console.log(`1000 take ${(growth * 4).toFixed(2)} times as long as 250; at most ${4 * MOST_GROWTH}`);

if (ratios.some((ratio) => ratio > MOST_RATIO) || growth > MOST_GROWTH) process.exitCode = 1;

/** Services in contexts, each of which calls the next one, and owns a database where there is a back end for it. */
function system(services, backEnd) {
  return definePlatform('bench', (platform) => {
    let context;
    let before;
    for (let index = 0; index < services; index += 1) {
      if (index % CONTEXT_SIZE === 0) context = new BoundedContext(platform, `context-${index}`, { team: 'a' });
      const image = 'registry.example.com/it:1';
      const service = new Microservice(context, `service-${index}`, { image, ports: { http: 8080 } });
      if (before !== undefined) service.calls(before, { env: 'PEER_ADDR' });
      before = service;
      if (backEnd !== undefined) service.owns(databaseOf(context, index));
    }
  });
}

function databaseOf(context, index) {
  const backup = Backup.daily({ keep: Duration.days(7) });
  return new PostgresDatabase(context, `database-${index}`, { storage: Size.gibibytes(10), backup });
}

/** Such a system, and where it is planned. */
function caseOf(services, backEnd) {
  const name = backEnd ?? 'in-cluster';
  const postgres = { name, options: name === 'in-cluster' ? {} : OPERATED };
  return { definition: system(services, backEnd), environment: environmentOf('staging', { postgres }) };
}
