import { BoundedContext, Microservice, RedisCache, RedisStore, Size } from 'ashlar';
import { codesOf, objectOf, planOf, type PlanOptions } from '../support/plans';

const image = 'ghcr.io/acme/service:1.0.0';

/** Orders owns a store of its own and a share; reports reads both. */
function shop(options: PlanOptions = {}) {
  return planOf((platform) => {
    const ordering = new BoundedContext(platform, 'ordering', { team: 'orders' });
    const carts = new RedisStore(ordering, 'carts', { storage: Size.gibibytes(1) });
    const small = new RedisStore(ordering, 'small', { storage: Size.gibibytes(1) });
    const returns = small.keys('returns');
    new Microservice(ordering, 'orders', { image })
      .owns(carts)
      .owns(returns, { env: { URL: 'url', PREFIX: 'prefix' } });
    new Microservice(ordering, 'reports', { image })
      .reads(carts, { env: { CARTS: 'address', CARTS_USER: 'user', CARTS_PASSWORD: 'password' } })
      .reads(returns, { env: { RETURNS: 'address' } });
  }, options);
}

const generation = (value: number): PlanOptions => ({
  environment: {
    layers: [{ name: 'environment', settings: { credentialGeneration: { value, at: 'x' } }, config: {}, services: {} }],
  },
});

function accountsOf(plan: ReturnType<typeof planOf>, store: string) {
  const { initContainers } = objectOf(plan, `StatefulSet/ordering/${store}`)['spec'].template.spec;
  const found = initContainers.find(({ name }: { name: string }) => name === 'accounts');
  return { env: found.env as readonly object[], script: found.command.at(-1) as string, found };
}

const secret = (name: string) => ({ secretKeyRef: { name, key: 'password' } });

test('the server takes its accounts from a file in memory that is written before it starts', () => {
  const plan = shop();
  expect(codesOf(plan)).toEqual([]);
  const { spec } = objectOf(plan, 'StatefulSet/ordering/carts')['spec'].template;
  expect(spec.volumes).toEqual([{ name: 'accounts', emptyDir: { medium: 'Memory', sizeLimit: '1Mi' } }]);
  expect(spec.containers[0].args.slice(-2)).toEqual(['--aclfile', '/run/redis/users.acl']);
  expect(spec.containers[0].volumeMounts).toContainEqual({ name: 'accounts', mountPath: '/run/redis', readOnly: true });
  expect(spec.containers[0]).not.toHaveProperty('env');
  const { env, script, found } = accountsOf(plan, 'carts');
  expect(found.volumeMounts).toEqual([{ name: 'accounts', mountPath: '/run/redis' }]);
  expect(env).toEqual([
    { name: 'PASSWORD_0', valueFrom: secret('carts-orders-v1') },
    { name: 'PASSWORD_1', valueFrom: secret('carts-reports-v1') },
  ]);
  expect(script).toContain("echo 'user default off'");
  expect(script).toContain('login orders_a \'~* &* +@all -@admin -@dangerous +info\' "${PASSWORD_0:-}"');
  expect(script).toContain(
    'login reports_a \'%R~* resetchannels -@all +@read +@connection +@transaction -@admin -@dangerous +info\' "${PASSWORD_1:-}"',
  );
});

test('a workload gets its address and account under the names that it wants', () => {
  const envOf = (workload: string) =>
    objectOf(shop(), `Deployment/ordering/${workload}`)['spec'].template.spec.containers[0].env;
  expect(envOf('orders')).toEqual([
    { name: 'PREFIX', value: 'returns:' },
    { name: 'REDIS_URL_USER', valueFrom: { secretKeyRef: { name: 'carts-orders-v1', key: 'username' } } },
    { name: 'REDIS_URL_PASSWORD', valueFrom: secret('carts-orders-v1') },
    { name: 'REDIS_URL', value: 'redis://$(REDIS_URL_USER):$(REDIS_URL_PASSWORD)@carts.ordering.svc:6379/0' },
    { name: 'URL_USER', valueFrom: { secretKeyRef: { name: 'small-returns-orders-v1', key: 'username' } } },
    { name: 'URL_PASSWORD', valueFrom: secret('small-returns-orders-v1') },
    { name: 'URL', value: 'redis://$(URL_USER):$(URL_PASSWORD)@small.ordering.svc:6379/0' },
  ]);
  expect(envOf('reports')).toEqual([
    { name: 'CARTS', value: 'carts.ordering.svc:6379' },
    { name: 'CARTS_PASSWORD', valueFrom: secret('carts-reports-v1') },
    { name: 'CARTS_USER', valueFrom: { secretKeyRef: { name: 'carts-reports-v1', key: 'username' } } },
    { name: 'RETURNS', value: 'small.ordering.svc:6379' },
  ]);
});

test('an account of a share is let at its keys alone', () => {
  const { script } = accountsOf(shop(), 'small');
  const across = '-scan -randomkey -dbsize -function -script|flush -script|kill';
  expect(script).toContain(`login returns_orders_a '~returns:* &returns:* +@all -@admin -@dangerous +info ${across}'`);
  expect(script).toContain(`login returns_reports_a '%R~returns:* resetchannels`);
});

test('a share is told where its keys are if it says nothing', () => {
  const plan = planOf((platform) => {
    const ordering = new BoundedContext(platform, 'ordering', { team: 'orders' });
    const small = new RedisStore(ordering, 'small', { storage: Size.gibibytes(1) });
    new Microservice(ordering, 'orders', { image }).owns(small.keys('returns'));
  });
  expect(codesOf(plan)).toEqual([]);
  const { env } = objectOf(plan, 'Deployment/ordering/orders')['spec'].template.spec.containers[0];
  expect(env).toContainEqual({ name: 'REDIS_KEY_PREFIX', value: 'returns:' });
});

test('a new generation takes the passwords of the one before, too, while they are there', () => {
  const { env, script } = accountsOf(shop(generation(3)), 'carts');
  expect(env).toEqual([
    { name: 'PASSWORD_0', valueFrom: secret('carts-orders-v3') },
    { name: 'PASSWORD_1', valueFrom: { secretKeyRef: { name: 'carts-orders-v2', key: 'password', optional: true } } },
    { name: 'PASSWORD_2', valueFrom: secret('carts-reports-v3') },
    { name: 'PASSWORD_3', valueFrom: { secretKeyRef: { name: 'carts-reports-v2', key: 'password', optional: true } } },
  ]);
  expect(script.match(/^ {2}login \w+/gm)).toEqual(
    ['orders_a', 'orders_b', 'reports_a', 'reports_b'].map((name) => `  login ${name}`),
  );
});

test('each account needs a Secret', () => {
  expect(shop().prerequisites).toMatchObject(
    ['carts-orders-v1', 'carts-reports-v1', 'small-returns-orders-v1', 'small-returns-reports-v1'].map((name) => ({
      type: 'secret',
      name,
      generated: true,
    })),
  );
});

describe('what cannot work', () => {
  const cache = (say: (service: Microservice, redis: RedisCache) => void, tier: PlanOptions['tier'] = 'development') =>
    planOf(
      (platform) => {
        const ordering = new BoundedContext(platform, 'ordering', { team: 'orders' });
        say(new Microservice(ordering, 'orders', { image }), new RedisCache(ordering, 'pages'));
      },
      { tier, environment: { zones: ['a', 'b'] } },
    );

  test('a call where one has to log in', () => {
    const plan = cache((orders, pages) => void orders.calls(pages, { env: 'PAGES' }));
    expect(plan.findings).toMatchObject([
      {
        code: 'call-without-account',
        path: 'shop/ordering/orders',
        got: expect.stringContaining('redis-accounts.test.ts'),
      },
      { code: 'store-without-owner' },
    ]);
    expect(codesOf(cache((orders, pages) => void orders.owns(pages).calls(pages)))).toEqual([]);
  });

  test('passwords that cross the network as they are, in production', () => {
    const plan = cache((orders, pages) => void orders.owns(pages), 'production');
    expect(plan.findings).toMatchObject([
      { code: 'plain-text-connection', severity: 'warning', path: 'shop/ordering/pages' },
      { code: 'single-replica' },
    ]);
  });

  test('two shares of one name, and a name that none can have', () => {
    const plan = planOf((platform) => {
      const ordering = new BoundedContext(platform, 'ordering', { team: 'orders' });
      const small = new RedisStore(ordering, 'small', { storage: Size.gibibytes(1) });
      const orders = new Microservice(ordering, 'orders', { image });
      for (const name of ['carts', 'carts', 'Carts']) orders.owns(small.keys(name), { env: {} });
    });
    expect(codesOf(plan)).toEqual(expect.arrayContaining(['bad-name', 'duplicate-name']));
  });
});
