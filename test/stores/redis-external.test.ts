import { BoundedContext, Microservice, RedisCache, RedisStore, Size, type RedisConnection } from 'ashlar';
import { codesOf, objectOf, planOf, type PlanOptions } from '../support/plans';

const image = 'ghcr.io/acme/orders:1.0.0';
const ADDRESSES = ['10.20.0.0/24'];

const envOf = (plan: ReturnType<typeof planOf>): readonly object[] =>
  objectOf(plan, 'Deployment/ordering/orders')['spec'].template.spec.containers[0].env;

function connected(connection: RedisConnection, options: PlanOptions = {}) {
  return planOf((shop) => {
    const ordering = new BoundedContext(shop, 'ordering', { team: 'orders' });
    new Microservice(ordering, 'orders', { image }).owns(RedisStore.fromConnection(ordering, 'carts', connection));
  }, options);
}

describe('a Redis that somebody else runs', () => {
  const plan = connected({ host: 'carts.cache.example.com', addresses: ADDRESSES });

  test('is reached by its name, with TLS, at its addresses alone', () => {
    expect(codesOf(plan)).toEqual([]);
    expect(envOf(plan)).toContainEqual({
      name: 'REDIS_URL',
      value: 'rediss://$(REDIS_URL_USER):$(REDIS_URL_PASSWORD)@carts.cache.example.com:6379/0',
    });
    expect(objectOf(plan, 'NetworkPolicy/ordering/orders')['spec'].egress).toEqual([
      { to: [{ ipBlock: { cidr: '10.20.0.0/24' } }], ports: [{ protocol: 'TCP', port: 6379 }] },
    ]);
  });

  test('is in no object of the plan', () => {
    expect(plan.objects.filter(({ construct }) => construct.endsWith('/carts'))).toEqual([]);
  });

  test('has accounts that its people give', () => {
    expect(plan.prerequisites).toMatchObject([
      {
        type: 'secret',
        name: 'carts-orders-v1',
        generated: false,
        keys: {
          username: { known: 'ordering/carts-orders-v1/username' },
          password: { known: 'ordering/carts-orders-v1/password' },
        },
      },
    ]);
  });

  test('is backed up by its people', () => {
    const options = { tier: 'production', environment: { zones: ['a', 'b'] } } as const;
    expect(codesOf(connected({ host: 'carts.example.com', addresses: ADDRESSES }, options))).toEqual([]);
    expect(codesOf(connected({ host: 'carts.example.com', addresses: ADDRESSES, tls: false }, options))).toEqual([
      'plain-text-connection',
    ]);
  });
});

test('the certificate of a private authority comes as a file', () => {
  const authority = { secret: 'redis-authority', key: 'ca.crt' };
  const plan = planOf((shop) => {
    const ordering = new BoundedContext(shop, 'ordering', { team: 'orders' });
    const carts = RedisCache.fromConnection(ordering, 'carts', {
      host: 'c.example.com',
      addresses: ADDRESSES,
      authority,
    });
    new Microservice(ordering, 'orders', { image }).owns(carts, { env: { CA: 'authority', REDIS: 'address' } });
  });
  expect(codesOf(plan)).toEqual([]);
  expect(envOf(plan)).toEqual([
    { name: 'CA', value: '/var/run/ashlar/carts/ca.crt' },
    { name: 'REDIS', value: 'c.example.com:6379' },
  ]);
  const { containers, volumes } = objectOf(plan, 'Deployment/ordering/orders')['spec'].template.spec;
  expect(volumes).toEqual([
    { name: 'carts-ca', secret: { secretName: 'redis-authority', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
  ]);
  expect(containers[0].volumeMounts).toEqual([
    { name: 'carts-ca', mountPath: '/var/run/ashlar/carts', readOnly: true },
  ]);
});

test('one that lets everybody in is called without a login', () => {
  const plan = planOf((shop) => {
    const ordering = new BoundedContext(shop, 'ordering', { team: 'orders' });
    const carts = RedisCache.fromConnection(ordering, 'carts', {
      host: 'c.example.com',
      addresses: ADDRESSES,
      port: 6380,
      access: 'network',
    });
    new Microservice(ordering, 'orders', { image }).calls(carts, { env: 'REDIS_ADDR' });
  });
  expect(codesOf(plan)).toEqual([]);
  expect(envOf(plan)).toEqual([{ name: 'REDIS_ADDR', value: 'c.example.com:6380' }]);
  expect(plan.prerequisites).toEqual([]);
});

test('a host that is known only later is a hole', () => {
  const host = { __pulumiOutput: true, apply: () => undefined } as const;
  const plan = connected({ host, addresses: ADDRESSES });
  expect(envOf(plan)).toContainEqual({
    name: 'REDIS_URL',
    value: 'rediss://$(REDIS_URL_USER):$(REDIS_URL_PASSWORD)@<ashlar:shop/ordering/carts#host>:6379/0',
  });
});

describe('servers that the environment names', () => {
  const named = (servers: Readonly<Record<string, object>>) =>
    planOf(
      (shop) => {
        const ordering = new BoundedContext(shop, 'ordering', { team: 'orders' });
        const carts = new RedisStore(ordering, 'carts', { storage: Size.gibibytes(1) });
        new Microservice(ordering, 'orders', { image }).owns(carts);
      },
      { environment: { backEnds: { redis: { name: 'external', options: { servers }, at: 'x' } } } },
    );

  test('stand in for what the cluster would run', () => {
    const plan = named({ 'ordering/carts': { host: 'carts.example.com', addresses: ADDRESSES, port: 6390 } });
    expect(codesOf(plan)).toEqual([]);
    expect(envOf(plan)).toContainEqual({
      name: 'REDIS_URL',
      value: 'rediss://$(REDIS_URL_USER):$(REDIS_URL_PASSWORD)@carts.example.com:6390/0',
    });
    expect(plan.objects.filter(({ construct }) => construct.endsWith('/carts'))).toEqual([]);
  });

  test('are all there', () => {
    expect(named({ 'ordering/cart': { host: 'x', addresses: ADDRESSES } }).findings).toMatchObject([
      { code: 'missing-host', path: 'shop/ordering/carts', field: 'backEnds.redis.options' },
    ]);
  });
});

test('an account in a host is found, and is in no finding', () => {
  const { findings } = connected({ host: 'orders:planted@c.example.com', addresses: ADDRESSES });
  expect(findings.map(({ code }) => code)).toContain('bad-host');
  expect(JSON.stringify(findings)).not.toContain('planted');
});

test.each([
  ['no address', { host: 'c.example.com', addresses: [] }, 'no-addresses'],
  ['a host with more than a name', { host: 'https://c.example.com', addresses: ADDRESSES }, 'bad-host'],
  ['a port that is none', { host: 'c.example.com', addresses: ADDRESSES, port: 70000 }, 'out-of-range'],
  ['a password', { host: 'c.example.com', addresses: ADDRESSES, password: 'x' } as RedisConnection, 'unknown-prop'],
])('%s is a finding', (_what, connection, code) => {
  expect(codesOf(connected(connection))).toContain(code);
});
