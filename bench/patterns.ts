/**
 * A system in which every service uses one pattern, or none: `ASHLAR_BENCH_PATTERN`. `ASHLAR_BENCH_SERVICES` (default 1,000)
 * in 20 contexts, three calls each; what a pattern adds is told by its time an object, against the same system without it.
 */
import {
  Backup,
  BoundedContext,
  Bulkhead,
  Duration,
  Microservice,
  Percent,
  PostgresDatabase,
  Retry,
  Rollout,
  Scale,
  Size,
  Verify,
  definePlatform,
  type CallOptions,
  type MicroserviceProps,
} from 'ashlar';

const SERVICES = Number(process.env['ASHLAR_BENCH_SERVICES'] ?? 1000);
const CONTEXTS = 20;
const STEPS = [1, 7, 31];

const timeout = Duration.seconds(2);
const verify = Verify.successRate(Percent.of(99)).latency({ percentile: 99, under: Duration.millis(300) });

/** What each service and each call has besides. */
const PATTERNS: Readonly<
  Record<string, { readonly call?: Partial<CallOptions>; readonly service?: Partial<MicroserviceProps> }>
> = {
  none: {},
  timeout: { call: { timeout } },
  resilience: { call: { timeout, retry: Retry.attempts(1).on('5xx'), bulkhead: Bulkhead.of({ maxRequests: 100 }) } },
  canary: { call: { timeout }, service: { rollout: Rollout.canary({ weights: [5, 25, 50], verify }) } },
  database: {},
};

const pattern = process.env['ASHLAR_BENCH_PATTERN'] ?? 'none';

// eslint-disable-next-line no-restricted-syntax -- a program is loaded by its default export
export default definePlatform('bench', (platform) => {
  const { call = {}, service: more = {} } = PATTERNS[pattern] ?? {};
  const contexts = Array.from(
    { length: CONTEXTS },
    (_, index) => new BoundedContext(platform, `context-${index}`, { team: 'a' }),
  );
  const services = Array.from({ length: SERVICES }, (_, index) => {
    const context = contexts[index % CONTEXTS]!;
    // Nobody calls the first, so that it has no figures.
    const own = index === 0 ? {} : more;
    const props = { image: 'registry.example.com/it:1', ports: { http: 8080 }, scale: Scale.fixed(2), ...own };
    const service = new Microservice(context, `service-${index}`, props);
    if (pattern === 'database') service.owns(databaseOf(context, index));
    return service;
  });
  for (const [index, service] of services.entries()) {
    for (const [at, step] of STEPS.entries()) {
      const callee = services[index + step];
      if (callee !== undefined) service.calls(callee, { env: `PEER_${at}_ADDR`, ...call });
    }
  }
});

function databaseOf(context: BoundedContext, index: number): PostgresDatabase {
  const backup = Backup.daily({ keep: Duration.days(7) });
  return new PostgresDatabase(context, `database-${index}`, { storage: Size.gibibytes(10), backup });
}
