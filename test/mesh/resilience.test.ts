import {
  BoundedContext,
  Bulkhead,
  CircuitBreaker,
  Duration,
  ExternalService,
  LoadBalancing,
  Microservice,
  Percent,
  Port,
  Retry,
  type CallOptions,
  type Program,
} from 'ashlar';
import { meshPlanOf } from '../support/meshes';
import { codesOf, objectOf, planOf } from '../support/plans';

const image = 'registry.example.com/it:1';
const seconds = (amount: number): Duration => Duration.seconds(amount);

/** `orders` of one context calls `payments` of another, on a port of a kind. */
const calling =
  (options: CallOptions, port: number | Port = Port.http(8080), others: readonly string[] = []): Program =>
  (shop) => {
    const ordering = new BoundedContext(shop, 'ordering', { team: 'a' });
    const billing = new BoundedContext(shop, 'billing', { team: 'b' });
    const payments = new Microservice(billing, 'payments', { image, ports: { api: port } });
    new Microservice(ordering, 'orders', { image }).calls(payments, options);
    for (const id of others) new Microservice(ordering, id, { image }).calls(payments, { timeout: seconds(9) });
  };

const grpc = Port.grpc(9090);
const routesOf = (program: Program) =>
  objectOf(meshPlanOf(program), 'VirtualService/billing/payments')['spec'].http as readonly Record<string, unknown>[];
const ruleOf = (program: Program, name = 'orders') =>
  objectOf(meshPlanOf(program), `DestinationRule/ordering/${name}.payments.billing`)['spec'];

const ORDERS = { sourceNamespace: 'ordering', sourceLabels: { 'app.kubernetes.io/name': 'orders' } };
const route = (number: number) => [{ destination: { host: 'payments.billing.svc.cluster.local', port: { number } } }];

test('a callee has one object of routes: a block a caller, and a last one that gives nothing', () => {
  expect(routesOf(calling({ timeout: seconds(2) }, Port.http(8080), ['invoices', 'plain']))).toEqual([
    expect.objectContaining({ name: 'ordering-invoices-api', timeout: '9s' }),
    {
      name: 'ordering-orders-api',
      match: [{ port: 8080, ...ORDERS }],
      timeout: '2s',
      retries: { attempts: 0 },
      route: route(8080),
    },
    expect.objectContaining({ name: 'ordering-plain-api' }),
    { name: 'everybody-api', match: [{ port: 8080 }], retries: { attempts: 0 }, route: route(8080) },
  ]);
});

test('a caller that asks for nothing has no block', () => {
  expect(routesOf(calling({})).map(({ name }) => name)).toEqual(['everybody-api']);
});

test('HTTP is sent again where the method is safe; other methods get a block without retries', () => {
  const retry = Retry.attempts(2).on('5xx', 429).perTry(Duration.millis(600)).backOff(Duration.millis(50));
  const [safe, rest] = routesOf(calling({ retry, timeout: seconds(2) }));
  const methods = ['GET', 'HEAD', 'OPTIONS', 'TRACE'];
  expect(safe).toMatchObject({
    match: methods.map((method) => ({ ...ORDERS, method: { exact: method } })),
    timeout: '2s',
    retries: { attempts: 2, retryOn: '5xx,429', perTryTimeout: '600ms', backoff: '50ms' },
  });
  expect(rest).toMatchObject({ match: [{ port: 8080, ...ORDERS }], timeout: '2s', retries: { attempts: 0 } });
});

test('a call that may arrive twice has one block', () => {
  const names = routesOf(calling({ retry: Retry.attempts(1), idempotent: true })).map(({ name }) => name);
  expect(names).toEqual(['ordering-orders-api', 'everybody-api']);
});

test('gRPC is sent again where nothing arrived, and more for methods that may arrive twice', () => {
  const retry = Retry.attempts(2).on('connect-failure', 'unavailable');
  const blocks = routesOf(calling({ retry, idempotent: ['/acme.P/Quote', '/acme.P/Get'] }, grpc));
  expect(blocks.map(({ match, retries }) => ({ match, retries }))).toEqual([
    {
      match: ['/acme.P/Get', '/acme.P/Quote'].map((exact) => ({ port: 9090, ...ORDERS, uri: { exact } })),
      retries: { attempts: 2, retryOn: 'connect-failure,unavailable' },
    },
    { match: [{ port: 9090, ...ORDERS }], retries: { attempts: 2, retryOn: 'connect-failure' } },
    { match: [{ port: 9090 }], retries: { attempts: 0 } },
  ]);
});

test('policies towards endpoints stand in the namespace of the caller', () => {
  const options = {
    circuitBreaker: CircuitBreaker.consecutiveErrors(5, { open: seconds(20), maxEjected: Percent.of(30) }),
    bulkhead: Bulkhead.of({ maxConnections: 50, maxPending: 20, maxRequests: 100, maxRetries: 3 }),
    loadBalancing: LoadBalancing.leastRequest(),
  };
  expect(ruleOf(calling(options))).toEqual({
    host: 'payments.billing.svc.cluster.local',
    workloadSelector: { matchLabels: { 'app.kubernetes.io/name': 'orders' } },
    exportTo: ['.'],
    trafficPolicy: {
      portLevelSettings: [
        {
          port: { number: 8080 },
          loadBalancer: { simple: 'LEAST_REQUEST', localityLbSetting: { enabled: false } },
          connectionPool: {
            tcp: { maxConnections: 50 },
            http: { http1MaxPendingRequests: 20, http2MaxRequests: 100, maxRetries: 3 },
          },
          outlierDetection: {
            consecutive5xxErrors: 5,
            interval: '1s',
            baseEjectionTime: '20s',
            maxEjectionPercent: 30,
          },
        },
      ],
    },
  });
});

test('where one caller of a namespace has a rule, all callers there have one; those elsewhere have none', () => {
  const program = calling({ bulkhead: Bulkhead.of({ maxRequests: 1 }) }, Port.http(8080), ['plain']);
  expect(ruleOf(program, 'plain')).not.toHaveProperty('trafficPolicy');
  const without = meshPlanOf(calling({ timeout: seconds(1) }, Port.http(8080), ['plain']));
  expect(without.objects.map(({ manifest }) => manifest.kind)).not.toContain('DestinationRule');
});

test.each([
  [LoadBalancing.roundRobin(), { simple: 'ROUND_ROBIN' }],
  [LoadBalancing.random(), { simple: 'RANDOM' }],
  [LoadBalancing.byHeader('x-user'), { consistentHash: { httpHeaderName: 'x-user' } }],
  [LoadBalancing.byCookie('user', seconds(60)), { consistentHash: { httpCookie: { name: 'user', ttl: '60s' } } }],
  [LoadBalancing.bySourceAddress(), { consistentHash: { useSourceIp: true } }],
])('%j is said to Istio', (loadBalancing, expected) => {
  expect(ruleOf(calling({ loadBalancing })).trafficPolicy.portLevelSettings[0].loadBalancer).toEqual(expected);
});

test('a rate of failures is told to the caller’s proxies directly', () => {
  const circuitBreaker = CircuitBreaker.failureRate(Percent.of(40), { within: seconds(5), minimumRequests: 20 });
  const plan = meshPlanOf(calling({ circuitBreaker, timeout: seconds(1) }));
  expect(codesOf(plan)).toEqual([]);
  const { spec } = objectOf(plan, 'EnvoyFilter/ordering/orders.payments.billing.failure-rate');
  expect(spec.workloadSelector).toEqual({ labels: { 'app.kubernetes.io/name': 'orders' } });
  expect(spec.configPatches).toMatchObject([
    {
      match: { cluster: { service: 'payments.billing.svc.cluster.local', portNumber: 8080 } },
      patch: {
        value: {
          outlier_detection: {
            interval: '5s',
            failure_percentage_threshold: 40,
            failure_percentage_request_volume: 20,
            enforcing_consecutive_5xx: 0,
          },
        },
      },
    },
  ]);
});

test('a host outside has its routes in each namespace that calls it', () => {
  const plan = meshPlanOf((shop) => {
    const rates = ExternalService.of(shop, 'rates', { host: 'rates.example', ports: { http: 80 } });
    for (const id of ['a', 'b']) {
      const caller = new Microservice(new BoundedContext(shop, id, { team: id }), 'caller', { image });
      caller.calls(rates, id === 'a' ? { timeout: seconds(3) } : {});
    }
  });
  const names = (namespace: string) =>
    objectOf(plan, `VirtualService/${namespace}/rates`)['spec'].http.map(({ name }: { name: string }) => name);
  expect([names('a'), names('b')]).toEqual([['a-caller-http', 'everybody-http'], ['everybody-http']]);
  expect(objectOf(plan, 'VirtualService/a/rates')['spec']).toMatchObject({ hosts: ['rates.example'], exportTo: ['.'] });
});

test('what a callee admits is said to its own proxy', () => {
  const plan = meshPlanOf((shop) => {
    new Microservice(new BoundedContext(shop, 'a', { team: 'a' }), 'web', { image, ports: { http: 80 } }).admits(
      Bulkhead.of({ maxConnections: 9, maxRequests: 5 }),
    );
  });
  expect(objectOf(plan, 'Sidecar/a/web')['spec'].inboundConnectionPool).toEqual({
    tcp: { maxConnections: 9 },
    http: { http2MaxRequests: 5 },
  });
});

test('everything that was given wrongly is told in one run', () => {
  const plan = meshPlanOf(
    calling(
      {
        timeout: seconds(0),
        retry: Retry.attempts(0)
          .on('unknown' as never, 999)
          .perTry(seconds(0)),
        circuitBreaker: CircuitBreaker.failureRate(Percent.of(101), { open: Duration.days(2), minimumRequests: 0 }),
        bulkhead: Bulkhead.of({}),
        loadBalancing: LoadBalancing.byHeader('x user'),
        idempotent: ['Quote'],
      },
      grpc,
    ),
  );
  const told = plan.findings.map(({ code, field }) => `${code} ${field}`);
  expect(told.sort()).toEqual([
    'bad-name idempotent',
    'bad-name loadBalancing.byHeader',
    'nothing-limited bulkhead',
    'out-of-range circuitBreaker.failureRate',
    'out-of-range circuitBreaker.minimumRequests',
    'out-of-range circuitBreaker.open',
    'out-of-range retry.attempts',
    'out-of-range retry.perTry',
    'out-of-range timeout',
    'per-try-above-timeout retry.perTry',
    'unknown-choice retry.on',
    'unknown-choice retry.on',
    'wrong-protocol retry.on',
  ]);
  for (const { path, fix } of plan.findings) expect([path, fix]).toEqual(['shop/ordering/orders', expect.any(String)]);
});

test.each<[string, CallOptions, Port, readonly string[]]>([
  ['a timeout of TCP', { timeout: seconds(1) }, Port.tcp(1), ['wrong-protocol']],
  ['a retry of UDP', { retry: Retry.attempts(1) }, Port.udp(1), ['wrong-protocol']],
  ['balancing of TCP by a header', { loadBalancing: LoadBalancing.byHeader('a') }, Port.tcp(1), ['wrong-protocol']],
  ['methods of HTTP', { idempotent: ['/a.B/C'], timeout: seconds(1) }, Port.http(1), ['wrong-protocol']],
  ['a status of gRPC', { retry: Retry.attempts(1).on(503), timeout: seconds(1) }, grpc, ['wrong-protocol']],
  [
    'a condition of gRPC',
    { retry: Retry.attempts(1).on('unavailable'), timeout: seconds(1) },
    Port.http(1),
    ['wrong-protocol'],
  ],
  [
    'gRPC that may not arrive twice',
    { retry: Retry.attempts(1).on('unavailable'), timeout: seconds(1) },
    grpc,
    ['retry-not-idempotent'],
  ],
  [
    'a first attempt that takes all',
    { retry: Retry.attempts(1).perTry(seconds(1)), timeout: seconds(1) },
    grpc,
    ['per-try-above-timeout'],
  ],
  ['limits of TCP', { bulkhead: Bulkhead.of({ maxConnections: 1 }) }, Port.tcp(1), []],
])('%s', (_, options, port, codes) => {
  expect(codesOf(meshPlanOf(calling(options, port)))).toEqual(codes);
});

test('without a mesh, development is told once what nobody does, and elsewhere each caller', () => {
  const program = calling({ timeout: seconds(1), bulkhead: Bulkhead.of({ maxRequests: 1 }) }, 8080, ['returns']);
  const told = (tier: 'development' | 'staging') =>
    planOf(program, { tier }).findings.filter(({ code }) => code === 'mesh-cannot');
  expect(told('development')).toMatchObject([
    {
      severity: 'warning',
      path: 'shop',
      got: expect.stringMatching(
        /^timeout \(2\), bulkhead \(1\): orders\.calls\(payments\) at .*, and 1 more$/,
      ) as string,
      allowed: expect.stringContaining('istio-sidecar') as string,
    },
  ]);
  expect(told('staging').map(({ severity, path }) => [severity, path])).toEqual([
    ['error', 'shop/ordering/orders'],
    ['error', 'shop/ordering/returns'],
  ]);
});
