import {
  BoundedContext,
  Bulkhead,
  CircuitBreaker,
  Duration,
  ExternalService,
  Fallback,
  LoadBalancing,
  Microservice,
  Percent,
  Port,
  Retry,
  outsideMesh,
  type CallOptions,
  type Layer,
  type Plan,
  type Program,
} from 'ashlar';
import { meshPlanOf } from '../support/meshes';
import { codesOf, objectOf } from '../support/plans';

const image = 'registry.example.com/it:1';

/** The breaker of the guides, and the rest of what may be asked. */
const ASKED: CallOptions = {
  timeout: Duration.seconds(2),
  retry: Retry.attempts(2).on('5xx').perTry(Duration.millis(600)).backOff(Duration.millis(50)),
  circuitBreaker: CircuitBreaker.failureRate(Percent.of(50), { trials: 3 }),
  bulkhead: Bulkhead.of({ maxRequests: 100, maxPending: 20 }),
  fallback: Fallback.value([]),
};

const calling =
  (options: CallOptions, port = Port.http(8080), more: (orders: Microservice) => void = () => undefined): Program =>
  (shop) => {
    const ordering = new BoundedContext(shop, 'ordering', { team: 'a' });
    const billing = new BoundedContext(shop, 'billing', { team: 'b' });
    const payments = new Microservice(billing, 'payments', { image, ports: { api: port } });
    more(new Microservice(ordering, 'orders', { image }).calls(payments, options));
  };

/** A plan in an environment where all services have a library. */
function planWith(program: Program, clientLibrary: string, mesh = 'none'): Plan {
  const settings = { clientLibrary: { value: clientLibrary, at: 'environments/test.yaml:5:1' } };
  const layer: Layer = { name: 'environment', settings, config: {}, services: {} };
  return meshPlanOf(program, { mesh, tier: 'production', environment: { layers: [layer], zones: ['a', 'b'] } });
}

const ofCode = (plan: Plan, code: string): number => codesOf(plan).filter((one) => one === code).length;
const mapOf = (plan: Plan) =>
  plan.objects.map(({ manifest }) => manifest).find(({ metadata }) => metadata.name.startsWith('orders-resilience-'));
const fileOf = (plan: Plan, name = 'resilience.json'): Record<string, never> =>
  JSON.parse((mapOf(plan)?.['data'] as Record<string, string>)[name] ?? '') as Record<string, never>;
const callOf = (plan: Plan): unknown =>
  (fileOf(plan)['calls'] as unknown as Record<string, unknown>)['billing-payments-api'];
const envOf = (plan: Plan): Record<string, string> => {
  const [main] = objectOf(plan, 'Deployment/ordering/orders')['spec'].template.spec.containers as [
    { env: readonly { name: string; value: string }[] },
  ];
  return Object.fromEntries(main.env.map(({ name, value }) => [name, value]));
};

test('without a mesh the library of the caller is told all of it', () => {
  const plan = planWith(calling(ASKED), 'data');
  expect(ofCode(plan, 'mesh-cannot')).toBe(0);
  expect(callOf(plan)).toEqual({
    timeoutMs: 2000,
    retry: [
      {
        attempts: 2,
        on: ['5xx'],
        perTryMs: 600,
        backOffMs: 50,
        only: { methods: ['GET', 'HEAD', 'OPTIONS', 'TRACE'] },
      },
    ],
    circuitBreaker: {
      failureRate: { percent: 50, withinMs: 10_000, minimumRequests: 10 },
      openMs: 30_000,
      maxEjectedPercent: 50,
      trials: 3,
    },
    bulkhead: { maxRequests: 100, maxPending: 20 },
    fallback: { value: [] },
  });
  expect(envOf(plan)).toMatchObject({
    RESILIENCE_FILE: '/etc/resilience/resilience.json',
    RESILIENCE_BILLING_PAYMENTS_API_TIMEOUT_MS: '2000',
    RESILIENCE_BILLING_PAYMENTS_API_RETRY_0_ONLY_METHODS: 'GET,HEAD,OPTIONS,TRACE',
    RESILIENCE_BILLING_PAYMENTS_API_CIRCUIT_BREAKER_FAILURE_RATE_PERCENT: '50',
  });
  expect(JSON.stringify(objectOf(plan, 'Deployment/ordering/orders')['spec'])).toContain(
    '{"name":"resilience","mountPath":"/etc/resilience","readOnly":true}',
  );
});

test('without a mesh and without a library nothing is silent', () => {
  const plan = meshPlanOf(calling(ASKED), { mesh: 'none', tier: 'production' });
  expect(mapOf(plan)).toBeUndefined();
  const [found] = plan.findings.filter(({ code }) => code === 'mesh-cannot');
  expect(found?.message).toContain('timeout, retry, half-open-trials, bulkhead, fallback');
  expect(found?.fix).toContain('settings.clientLibrary');
});

test('a library is told only what the mesh does not do: nothing is sent again by both', () => {
  const plan = planWith(calling(ASKED), 'data', 'istio-sidecar');
  expect(callOf(plan)).toEqual({
    circuitBreaker: expect.objectContaining({ trials: 3 }) as unknown,
    fallback: { value: [] },
  });
  const route = JSON.stringify(objectOf(plan, 'VirtualService/billing/payments'));
  expect(route).toContain('"attempts":2');
  expect(JSON.stringify(plan.objects.map(({ manifest }) => manifest))).not.toContain('EnvoyFilter');
});

test('where the mesh does everything no file is made', () => {
  const { fallback: _none, ...asked } = ASKED;
  const rate = CircuitBreaker.failureRate(Percent.of(50));
  const plan = planWith(calling({ ...asked, circuitBreaker: rate }), 'resilience4j', 'istio-sidecar');
  expect(mapOf(plan)).toBeUndefined();
  expect(JSON.stringify(plan.objects.map(({ manifest }) => manifest))).toContain('EnvoyFilter');
});

test('where callers of a waypoint differ each one’s library is told its own', () => {
  const program = calling({ timeout: Duration.seconds(2) }, Port.http(8080), (orders) => {
    const [payments] = orders.node.root.node.findAll().filter(({ node }) => node.id === 'payments');
    new Microservice(orders.node.scope as BoundedContext, 'returns', { image }).calls(payments as Microservice, {
      timeout: Duration.seconds(9),
    });
  });
  const plan = planWith(program, 'data', 'istio-ambient');
  expect(ofCode(plan, 'mesh-cannot')).toBe(0);
  expect(callOf(plan)).toEqual({ timeoutMs: 2000 });
  expect(JSON.stringify(objectOf(plan, 'Deployment/ordering/returns'))).toContain('"9000"');
});

test('who is outside of the mesh does it by its library', () => {
  const program = calling({ timeout: Duration.seconds(2) }, Port.http(8080), (orders) =>
    outsideMesh(orders, 'It has a proxy of its own.'),
  );
  expect(callOf(planWith(program, 'data', 'istio-sidecar'))).toEqual({ timeoutMs: 2000 });
});

test('of gRPC, methods that are not idempotent are sent again only where nothing was sent', () => {
  const retry = Retry.attempts(1).on('connect-failure', 'unavailable');
  const grpc = (options: CallOptions) => callOf(planWith(calling({ retry, ...options }, Port.grpc(9090)), 'data'));
  expect(grpc({})).toEqual({ retry: [{ attempts: 1, on: ['connect-failure'] }] });
  expect(grpc({ idempotent: ['/acme.Payments/Quote'] })).toEqual({
    retry: [
      { attempts: 1, on: ['connect-failure', 'unavailable'], only: { paths: ['/acme.Payments/Quote'] } },
      { attempts: 1, on: ['connect-failure'] },
    ],
  });
});

test('resilience4j gets its properties', () => {
  expect(fileOf(planWith(calling(ASKED), 'resilience4j'), 'resilience4j.yaml')).toEqual({
    resilience4j: {
      circuitbreaker: {
        instances: {
          'billing-payments-api': {
            slidingWindowType: 'TIME_BASED',
            slidingWindowSize: 10,
            minimumNumberOfCalls: 10,
            failureRateThreshold: 50,
            waitDurationInOpenState: '30000ms',
            permittedNumberOfCallsInHalfOpenState: 3,
            automaticTransitionFromOpenToHalfOpenEnabled: true,
          },
        },
      },
      retry: {
        instances: {
          'billing-payments-api-safe': { maxAttempts: 3, waitDuration: '50ms', enableExponentialBackoff: true },
        },
      },
      timelimiter: { instances: { 'billing-payments-api': { timeoutDuration: '2000ms', cancelRunningFuture: true } } },
      bulkhead: { instances: { 'billing-payments-api': { maxConcurrentCalls: 100, maxWaitDuration: '0ms' } } },
    },
  });
});

test('Polly gets a section for each strategy that is wanted, and for no other', () => {
  expect(fileOf(planWith(calling(ASKED), 'polly'), 'polly.json')).toEqual({
    Resilience: {
      'billing-payments-api': {
        ConcurrencyLimiter: { PermitLimit: 100, QueueLimit: 20 },
        TotalTimeout: { Timeout: '00:00:02' },
        RetrySafe: { MaxRetryAttempts: 2, Delay: '00:00:00.050', BackoffType: 'Exponential', UseJitter: true },
        CircuitBreaker: {
          FailureRatio: 0.5,
          SamplingDuration: '00:00:10',
          MinimumThroughput: 10,
          BreakDuration: '00:00:30',
        },
        AttemptTimeout: { Timeout: '00:00:00.600' },
      },
    },
  });
  const only = fileOf(planWith(calling({ timeout: Duration.minutes(61) }), 'polly'), 'polly.json')['Resilience'];
  expect(only).toEqual({ 'billing-payments-api': { TotalTimeout: { Timeout: '01:01:00' } } });
});

test('cockatiel gets its arguments', () => {
  const inARow = CircuitBreaker.consecutiveErrors(5);
  expect(fileOf(planWith(calling({ ...ASKED, circuitBreaker: inARow }), 'cockatiel'), 'cockatiel.json')).toEqual({
    'billing-payments-api': {
      bulkhead: { limit: 100, queue: 20 },
      timeout: { duration: 2000, strategy: 'aggressive' },
      retrySafe: { maxAttempts: 2, backoff: { initialDelay: 50 } },
      circuitBreaker: { halfOpenAfter: 30_000, breaker: { consecutive: 5 } },
      attemptTimeout: { duration: 600, strategy: 'aggressive' },
    },
  });
  const rate = fileOf(planWith(calling(ASKED), 'cockatiel'), 'cockatiel.json')['billing-payments-api'];
  expect(rate).toMatchObject({
    circuitBreaker: { breaker: { sampling: { threshold: 0.5, duration: 10_000, minimumRps: 1 } } },
  });
});

test('another content is another file, so that exactly this caller rolls', () => {
  const [one, other] = [1, 2].map((seconds) => planWith(calling({ timeout: Duration.seconds(seconds) }), 'data'));
  expect(mapOf(one!)?.metadata.name).not.toBe(mapOf(other!)?.metadata.name);
  expect(mapOf(one!)).toMatchObject({ immutable: true });
});

test('a host outside the platform is called by its path', () => {
  const plan = planWith((shop) => {
    const ordering = new BoundedContext(shop, 'ordering', { team: 'a' });
    const bank = ExternalService.of(shop, 'bank', { host: 'bank.example', ports: { https: 443 } });
    new Microservice(ordering, 'orders', { image }).calls(bank, { bulkhead: Bulkhead.of({ maxRequests: 5 }) });
  }, 'data');
  expect(envOf(plan)).toMatchObject({ RESILIENCE_BANK_HTTPS_BULKHEAD_MAX_REQUESTS: '5' });
});

test('balancing, trials and fallbacks that cannot be are findings', () => {
  const bad = calling({
    loadBalancing: LoadBalancing.roundRobin(),
    circuitBreaker: CircuitBreaker.consecutiveErrors(5, { trials: 0 }),
    fallback: Fallback.lastGood(Duration.millis(0)),
  });
  expect(ofCode(planWith(bad, 'data'), 'out-of-range')).toBe(2);
  const nothing = calling({ fallback: Fallback.value(undefined) });
  expect(codesOf(planWith(nothing, 'data'))).toContain('bad-value');
});
