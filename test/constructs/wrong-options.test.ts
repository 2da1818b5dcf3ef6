import {
  ApiGateway,
  Auth,
  BackendTls,
  Backup,
  BoundedContext,
  Bulkhead,
  Check,
  CircuitBreaker,
  Compression,
  Config,
  Cors,
  Deprecation,
  Directory,
  Duration,
  Exposure,
  ExternalService,
  Failover,
  Health,
  Key,
  Microservice,
  MongoDatabase,
  Percent,
  Port,
  RateLimit,
  Rollout,
  Schedule,
  ScheduledTask,
  Shutdown,
  Size,
  Task,
  Tls,
  Verify,
  type ApiGatewayProps,
  type CallOptions,
  type MicroserviceProps,
  type Platform,
  type RouteOptions,
} from 'ashlar';
import { planOf } from '../support/plans';
import { toldBy } from '../support/told';
import { image, type Anything } from '../support/wrong';

const minute = Duration.minutes(1);

type Make = (context: BoundedContext, options: Anything, shop: Platform) => unknown;

const service =
  (props: (options: Anything) => Partial<MicroserviceProps>): Make =>
  (at, options) =>
    new Microservice(at, 'it', { image, ports: { http: 8080 }, ...props(options) });
const check = (of: (options: Anything) => Check): Make => service((options) => ({ health: Health.both(of(options)) }));
const key =
  (of: (options: Anything) => Key<unknown>): Make =>
  (at, options) =>
    new Config(at, 'it', { schema: { LEVEL: of(options).optional() } });
const schedule =
  (of: (options: Anything) => Schedule): Make =>
  (at, options) =>
    new ScheduledTask(at, 'it', { image, schedule: of(options) });
const call =
  (options: (options: Anything) => CallOptions): Make =>
  (at, given) => {
    const callee = new Microservice(at, 'callee', { image, ports: { http: 8080 } });
    new Microservice(at, 'it', { image }).calls(callee, options(given));
  };
const gateway =
  (props: (options: Anything) => Partial<ApiGatewayProps>, route: (options: Anything) => object = () => ({})): Make =>
  (at, options) => {
    const led = new Microservice(at, 'led', { image, ports: { http: 8080 } });
    const more = { auth: Auth.none('Anybody may.'), timeout: minute, ...route(options) } as RouteOptions;
    new ApiGateway(at, 'it', { hosts: ['a.example.com'], ...props(options) }).route('/led', led, more);
  };
const route = (options: (options: Anything) => object): Make => gateway(() => ({}), options);
const backup =
  (of: (options: Anything) => Backup): Make =>
  (at, options) =>
    new MongoDatabase(at, 'it', { storage: Size.gibibytes(1), backup: of(options) });
const verify = (of: (options: Anything) => Verify): Make =>
  service((options) => ({ rollout: Rollout.blueGreen({ verify: of(options) }) }));
const failover: Make = (at, options) => {
  const standby = new Microservice(at, 'standby', { image, ports: { http: 8080 } });
  call(() => ({ failover: Failover.to(standby, options).whenUnhealthy() }))(at, options, standby as Anything);
};
const figure = Verify.successRate(Percent.of(99));

/** Makers of values, the field that their options are told at, and something that takes the value. */
const MAKERS: readonly [string, string, Make][] = [
  ['Check.http', 'health', check((options) => Check.http('/healthz', options))],
  ['Check.grpc', 'health', check((options) => Check.grpc(options))],
  ['Check.tcp', 'health', check((options) => Check.tcp(options))],
  ['Check.exec', 'health', check((options) => Check.exec(['true'], options))],
  ['Health.of', 'health', service((options) => ({ health: Health.of(options) }))],
  ...(['http', 'http2', 'grpc', 'tcp', 'udp'] as const).map((protocol): [string, string, Make] => [
    `Port.${protocol}`,
    'ports',
    service((options) => ({ ports: { a: Port[protocol](80, options) } })),
  ]),
  [
    'Exposure.loadBalancer',
    'exposes',
    (at, options) =>
      new Microservice(at, 'it', { image, ports: { http: 80 } }).exposes('http', Exposure.loadBalancer('all', options)),
  ],
  ['Directory.temporary', 'directories', service((options) => ({ directories: [Directory.temporary('/a', options)] }))],
  [
    'Directory.inMemory',
    'directories',
    service((options) => ({ directories: [Directory.inMemory('/a', Size.mebibytes(1), options)] })),
  ],
  [
    'Directory.of',
    'directories',
    service((options) => ({ directories: [Directory.of('/a', { name: 'a', emptyDir: {} } as Anything, options)] })),
  ],
  [
    'Directory.alsoIn',
    'directories',
    service((options) => ({
      sidecars: { beside: { image } },
      directories: [Directory.temporary('/a').alsoIn('beside', '/a', options)],
    })),
  ],
  ['a sidecar', 'sidecars.beside', service((beside) => ({ sidecars: { beside } }))],
  ['an init container', 'initContainers.first', service((first) => ({ initContainers: { first } }))],
  ['Key.text', 'schema.LEVEL', key((options) => Key.text(options))],
  ['Key.integer', 'schema.LEVEL', key((options) => Key.integer(options))],
  ['Key.number', 'schema.LEVEL', key((options) => Key.number(options))],
  ['Schedule.hourly', 'schedule', schedule((options) => Schedule.hourly(options))],
  ['Schedule.daily', 'schedule', schedule((options) => Schedule.daily(options))],
  ['Schedule.weekly', 'schedule', schedule((options) => Schedule.weekly(options))],
  ['Schedule.monthly', 'schedule', schedule((options) => Schedule.monthly(options))],
  ['Bulkhead.of', 'bulkhead', call((options) => ({ bulkhead: Bulkhead.of(options) }))],
  [
    'CircuitBreaker.failureRate',
    'circuitBreaker',
    call((options) => ({ circuitBreaker: CircuitBreaker.failureRate(Percent.of(50), options) })),
  ],
  [
    'CircuitBreaker.consecutiveErrors',
    'circuitBreaker',
    call((options) => ({ circuitBreaker: CircuitBreaker.consecutiveErrors(5, options) })),
  ],
  ['Failover.to', 'failover', failover],
  ['Rollout.canary', 'rollout', service((options) => ({ rollout: Rollout.canary(options) }))],
  ['Rollout.blueGreen', 'rollout', service((options) => ({ rollout: Rollout.blueGreen(options) }))],
  ['Verify.latency', 'rollout.verify.latency', verify((options) => Verify.latency(options))],
  ['Verify.measured', 'rollout.verify.measured', verify((options) => figure.measured(options))],
  ['Verify.job', 'rollout.verify.job', verify((options) => Verify.job(options))],
  ['Shutdown.graceful', 'shutdown', service((options) => ({ shutdown: Shutdown.graceful(options) }))],
  ['Backup.daily', 'backup', backup((options) => Backup.daily(options))],
  ['Backup.weekly', 'backup', backup((options) => Backup.weekly(options))],
  [
    'Auth.external',
    'auth.external',
    (at, options) => {
      const asked = new Microservice(at, 'asked', { image, ports: { http: 8080 } });
      route(() => ({ auth: Auth.external(asked, options) }))(at, options, asked as Anything);
    },
  ],
  ['BackendTls.verify', 'backendTls', route((options) => ({ backendTls: BackendTls.verify(options) }))],
  ['Auth.jwt', 'auth.jwt', route((options) => ({ auth: Auth.jwt(options) }))],
  ['Cors.from', 'cors', route((options) => ({ cors: Cors.from('https://shop.example.com', options) }))],
  ['Deprecation.since', 'deprecation', route((options) => ({ deprecated: Deprecation.since('2026-01-31', options) }))],
  [
    'RateLimit.global',
    'rateLimit.global',
    route((options) => ({ rateLimit: RateLimit.perClient(9, minute).global(options) })),
  ],
  ['requestHeaders', 'requestHeaders', route((requestHeaders) => ({ requestHeaders }))],
  ['responseHeaders', 'responseHeaders', route((responseHeaders) => ({ responseHeaders }))],
  ['Tls.issuedBy', 'tls', gateway((options) => ({ tls: Tls.issuedBy('letsencrypt', options) }))],
  ['Compression.gzip', 'compression', gateway((options) => ({ compression: Compression.gzip(options) }))],
];

/** What is told of the construct `it`, after which one more wrong thing is said and told. */
function told(make: Make, options: unknown): readonly string[] {
  const plan = planOf((shop) => {
    const context = new BoundedContext(shop, 'ordering', { team: 'orders' });
    make(context, options as Anything, shop);
    new Task(context, 'later', { image }).reads(undefined as Anything);
  });
  const lines = toldBy(plan);
  expect(lines.filter((line) => line.startsWith('bad-value later reads: nothing'))).toHaveLength(1);
  return lines.filter((line) => line.includes(' it '));
}

describe.each(MAKERS.map(([name, field, make]) => ({ name, field, make })))('options of $name', ({ field, make }) => {
  test('nobody reads a name that is none of theirs', () => {
    expect(told(make, { secnods: 1 })).toContain(`unknown-prop it ${field}.secnods: secnods`);
  });

  test.each([null, 'daily', 8080, []])('%j is no options', (wrong) => {
    expect(told(make, wrong).filter((line) => line.startsWith(`bad-value it ${field}: `))).toHaveLength(1);
  });
});

test('names that are no props of a context and of what is outside are told', () => {
  const unread = (make: Make) => told(make, { secnods: 1 });
  expect(unread((_, more, shop) => new BoundedContext(shop, 'it', { team: 'a', ...(more as object) }))).toEqual([
    'unknown-prop it secnods: secnods',
  ]);
  expect(unread((at, more) => ExternalService.of(at, 'it', { host: 'a.example.com', ...(more as object) }))).toEqual([
    'unknown-prop it secnods: secnods',
  ]);
  const inside = { namespace: 'a', podLabels: {}, ports: { http: 80 } };
  expect(unread((at, more) => ExternalService.inCluster(at, 'it', { ...inside, ...(more as object) }))).toEqual([
    'unknown-prop it secnods: secnods',
  ]);
});

test('a kind of subdomain, and of issuer, is one of those that there are', () => {
  expect(told((_, subdomain, shop) => new BoundedContext(shop, 'it', { team: 'a', subdomain }), 'main')).toEqual([
    'unknown-choice it subdomain: "main"',
  ]);
  const issued = gateway((kind) => ({ tls: Tls.issuedBy('letsencrypt', { kind }) }));
  expect(told(issued, 'Namespace')).toEqual(['unknown-choice it tls.kind: "Namespace"']);
});

test.each([{}, { persistentVolumeClaim: { claimName: 'data' } }, { name: '' }, null, undefined, 'data'])(
  '%j is no volume',
  (volume) => {
    const lines = told(
      service((of) => ({ directories: [Directory.of('/data', of)] })),
      volume,
    );
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^bad-value it directories: /);
  },
);

test('a health check that is nothing is told', () => {
  expect(
    told(
      service((readiness) => ({ health: Health.of({ readiness }) })),
      null,
    ),
  ).toEqual(['unknown-check it health: another object']);
});
