import {
  BoundedContext,
  Bulkhead,
  CircuitBreaker,
  Duration,
  Failover,
  Fallback,
  LoadBalancing,
  Microservice,
  Percent,
  Retry,
} from 'ashlar';
import { rolloutPlanOf } from '../support/rollouts';
import { toldBy } from '../support/told';

const image = 'registry.example.com/it:1';
const maxEjected = Percent.of(100);

/** What is told of a call with these options. */
function called(options: (services: { readonly orders: Microservice; readonly rates: Microservice }) => object) {
  return toldBy(
    rolloutPlanOf((shop) => {
      const ordering = new BoundedContext(shop, 'ordering', { team: 'a' });
      const orders = new Microservice(ordering, 'orders', { image, ports: { http: 8080 } });
      const rates = new Microservice(ordering, 'rates', { image, ports: { http: 8080 } });
      const web = new Microservice(ordering, 'web', { image });
      const circuitBreaker = CircuitBreaker.consecutiveErrors(5, { maxEjected });
      web.calls(orders, { timeout: Duration.seconds(2), circuitBreaker, ...options({ orders, rates }) });
    }),
  );
}

test('values of another kind are told, each at its option', () => {
  const numbers = { timeout: 5, retry: 2, circuitBreaker: 5, bulkhead: 3, loadBalancing: 'random', fallback: [] };
  expect(called(() => ({ ...numbers, failover: null, env: 7, idempotent: '/a.B/C' }))).toEqual([
    'bad-value web bulkhead: 3',
    'bad-value web circuitBreaker: 5',
    'bad-value web env: 7',
    'bad-value web failover: null',
    'bad-value web fallback: a list',
    'bad-value web idempotent: "/a.B/C"',
    'bad-value web loadBalancing: "random"',
    'bad-value web retry: 2',
    'bad-value web timeout: 5',
  ]);
  expect(called(() => ({ retry: CircuitBreaker.consecutiveErrors(5) }))).toEqual([
    'bad-value web retry: a CircuitBreaker',
  ]);
});

test('a failover leads to somebody else, by a failover', () => {
  expect(called(({ rates }) => ({ failover: rates }))).toEqual([
    'bad-value web failover: the construct shop/ordering/rates',
  ]);
  expect(called(({ rates }) => ({ failover: Failover.to(rates) }))).toEqual(['bad-value web failover: an object']);
  expect(called(() => ({ failover: Failover.to('rates' as never).whenUnhealthy() }))).toEqual([
    'bad-value web failover.to: "rates"',
  ]);
  expect(called(() => ({ failover: Failover.regions('eu-west-1' as never) }))).toContain(
    'bad-value web failover.regions: "eu-west-1"',
  );
  expect(called(({ orders }) => ({ failover: Failover.to(orders).whenUnhealthy() }))).toEqual([
    'bad-value web failover: shop/ordering/orders, which is called',
  ]);
});

test('what values are made of is told with its option', () => {
  const breaker = { open: 5, maxEjected: 50, opn: 3 } as never;
  expect(called(() => ({ circuitBreaker: CircuitBreaker.consecutiveErrors(5, breaker) }))).toEqual([
    'bad-value web circuitBreaker.maxEjected: 50',
    'bad-value web circuitBreaker.open: 5',
    'unknown-prop web circuitBreaker.opn: opn',
  ]);
  expect(called(() => ({ circuitBreaker: CircuitBreaker.failureRate(50 as never, 7 as never) }))).toEqual([
    'bad-value web circuitBreaker: 7',
    'bad-value web circuitBreaker.failureRate: 50',
  ]);
  expect(
    called(() => ({
      retry: Retry.attempts(2)
        .perTry(5 as never)
        .backOff(undefined as never),
    })),
  ).toEqual(['bad-value web retry.backOff: nothing', 'bad-value web retry.perTry: 5']);
  expect(called(() => ({ bulkhead: Bulkhead.of(undefined as never) }))).toEqual(['bad-value web bulkhead: nothing']);
  expect(called(() => ({ loadBalancing: LoadBalancing.byCookie(7 as never, 5 as never) }))).toEqual([
    'bad-name web loadBalancing.byCookie: 7',
    'bad-value web loadBalancing.byCookie ttl: 5',
  ]);
  expect(called(() => ({ fallback: Fallback.lastGood(5 as never) }))).toContain('bad-value web fallback.lastGood: 5');
});

test('a call of what is no service is told, and so are options that are none', () => {
  const plan = rolloutPlanOf((shop) => {
    const ordering = new BoundedContext(shop, 'ordering', { team: 'a' });
    const web = new Microservice(ordering, 'web', { image });
    web.calls('orders' as never).calls(web, 'http' as never);
  });
  expect(toldBy(plan)).toEqual(
    expect.arrayContaining([
      expect.stringMatching(/^bad-value web calls: "http" at .*bad-input/),
      expect.stringMatching(/^bad-value web calls: "orders" at .*bad-input/),
    ]),
  );
});
