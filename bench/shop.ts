/**
 * The large system as a platform: `ASHLAR_BENCH_SERVICES` services (default 1,000), three calls each. Every kind of
 * object that a service of the examples has is there. Its floor (floor.mjs) makes the same objects by hand.
 */
import {
  BoundedContext,
  Check,
  Config,
  Cpu,
  Directory,
  Health,
  Key,
  Microservice,
  Percent,
  Scale,
  Size,
  definePlatform,
  type Platform,
} from 'ashlar';
import { CONFIG_KEYS, CONTEXT_SIZE, contextName, limit, rules, serviceNumbers } from './numbers.mjs';

const count = Number(process.env['ASHLAR_BENCH_SERVICES'] ?? 1000);

// eslint-disable-next-line no-restricted-syntax -- a program is loaded by its default export
export default definePlatform('bench', (platform) => {
  const contexts = Array.from({ length: Math.ceil(count / CONTEXT_SIZE) }, (_, index) => contextOf(platform, index));
  const services = Array.from({ length: count }, (_, index) => serviceOf(contexts, index));
  for (const [index, service] of services.entries()) {
    for (const [step, callee] of serviceNumbers(index, count).calls.entries()) {
      service.calls(services[callee]!, { port: 'http', env: `PEER_${step}_ADDR` });
    }
  }
});

function contextOf(platform: Platform, index: number): BoundedContext {
  return new BoundedContext(platform, contextName(index), { team: `team-${index % 9}`, subdomain: 'supporting' });
}

function serviceOf(contexts: readonly BoundedContext[], index: number): Microservice {
  const { name, context, image, min, max, cpuPercent, cpuMillis, memoryMebibytes, hasFlags } = serviceNumbers(
    index,
    count,
  );
  const scope = contexts[context]!;
  const service = new Microservice(scope, name, {
    image: `ghcr.io/acme/${image}`,
    ports: { http: 8080, metrics: 9464 },
    env: { SERVICE: name, SHARD: String(index % 16) },
    health: Health.of({ readiness: Check.http('/ready'), liveness: Check.http('/live') }),
    scale: Scale.between(min, max).onCpu(Percent.of(cpuPercent)),
    resources: {
      cpu: { request: Cpu.millis(cpuMillis) },
      memory: { request: Size.mebibytes(memoryMebibytes), limit: Size.mebibytes(2 * memoryMebibytes) },
    },
    directories: [Directory.temporary('/tmp', { limit: Size.mebibytes(64) })],
  });
  return addConfigs(scope, service, index, hasFlags);
}

function addConfigs(scope: BoundedContext, service: Microservice, index: number, hasFlags: boolean): Microservice {
  const { id } = service.node;
  const keys = Array.from({ length: CONFIG_KEYS }, (_, key) => [`LIMIT_${key}`, limit(index, key)] as const);
  service.reads(
    new Config(scope, `${id}-limits`, {
      schema: {
        LOG_LEVEL: Key.oneOf('debug', 'info', 'warning'),
        ...Object.fromEntries(keys.map(([key]) => [key, Key.integer({ min: 1, max: 1000 })])),
      },
      values: { LOG_LEVEL: 'info', ...Object.fromEntries(keys) },
    }),
  );
  service.reads(
    new Config(scope, `${id}-rules`, {
      schema: { 'rules.conf': Key.text() },
      values: { 'rules.conf': rules(index) },
      folder: '/etc/rules',
    }),
  );
  if (!hasFlags) return service;
  return service.reads(
    new Config(scope, `${id}-flags`, {
      schema: { NEW_CHECKOUT: Key.boolean(), BATCH: Key.integer() },
      values: { NEW_CHECKOUT: index % 2 === 0, BATCH: index % 100 },
      change: 'replace',
    }),
  );
}
