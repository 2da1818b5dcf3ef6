import {
  BoundedContext,
  Microservice,
  Schedule,
  ScheduledTask,
  Task,
  accept,
  type ConnectionEnv,
  type StoreFacts,
} from 'ashlar';
import { codesOf, objectOf, planOf, type PlanOptions } from '../support/plans';
import { PlainStore } from '../support/stores';

const IMAGE = 'ghcr.io/acme/service:1.0.0';

/** Orders owns the store, reports reads it, and invoices of another context may be let in. */
function shop(options: PlanOptions & { env?: ConnectionEnv; facts?: Partial<StoreFacts>; invited?: boolean } = {}) {
  const { env, facts, invited = false, ...rest } = options;
  return planOf((platform) => {
    const ordering = new BoundedContext(platform, 'ordering', { team: 'orders' });
    const billing = new BoundedContext(platform, 'billing', { team: 'billing' });
    const store = new PlainStore(ordering, 'orders-db', facts);
    new Microservice(ordering, 'orders', { image: IMAGE }).owns(store, env === undefined ? {} : { env });
    new Microservice(ordering, 'reports', { image: IMAGE }).reads(store);
    const invoices = new Microservice(billing, 'invoices', { image: IMAGE });
    if (invited) {
      invoices.reads(store);
      accept(invoices, 'reader-in-another-context', 'Until invoices has its own copy.');
    }
  }, rest);
}

const envOf = (plan: ReturnType<typeof planOf>, workload: string): readonly object[] =>
  objectOf(plan, `Deployment/${workload}`)['spec'].template.spec.containers[0].env;

const secretsOf = (plan: ReturnType<typeof planOf>) =>
  plan.prerequisites.flatMap((needs) => (needs.type === 'secret' ? [needs] : []));

test('a password reaches the pod as a reference, also within an address', () => {
  const plan = shop();
  expect(codesOf(plan)).toEqual([]);
  const fromSecret = (key: string) => ({ secretKeyRef: { name: 'orders-db-orders-v1', key } });
  expect(envOf(plan, 'ordering/orders')).toEqual([
    { name: 'STORE_URL_USER', valueFrom: fromSecret('username') },
    { name: 'STORE_URL_PASSWORD', valueFrom: fromSecret('password') },
    { name: 'STORE_URL', value: 'plain://$(STORE_URL_USER):$(STORE_URL_PASSWORD)@orders-db.ordering.svc:1234' },
  ]);
});

test('a reader has an account of its own, and its own fields', () => {
  expect(envOf(shop(), 'ordering/reports')).toContainEqual({
    name: 'STORE_URL',
    value: 'plain://$(STORE_URL_USER):$(STORE_URL_PASSWORD)@orders-db.ordering.svc:1234?readonly',
  });
});

test('variables have the names that the program wants', () => {
  const env = envOf(shop({ env: { DB_HOST: 'host', DB_USER: 'user', DB_PASSWORD: 'password' } }), 'ordering/orders');
  expect(env).toEqual([
    { name: 'DB_HOST', value: 'orders-db.ordering.svc' },
    { name: 'DB_PASSWORD', valueFrom: { secretKeyRef: { name: 'orders-db-orders-v1', key: 'password' } } },
    { name: 'DB_USER', valueFrom: { secretKeyRef: { name: 'orders-db-orders-v1', key: 'username' } } },
  ]);
});

test('each account needs a Secret, made of a user name and a random password', () => {
  expect(secretsOf(shop())).toEqual([
    {
      type: 'secret',
      namespace: 'ordering',
      name: 'orders-db-orders-v1',
      kind: 'kubernetes.io/basic-auth',
      keys: {
        username: { text: 'orders_a' },
        password: { random: { id: 'ordering/orders-db-orders-v1/password', length: 32 } },
      },
      generated: true,
      for: ['shop/ordering/orders-db'],
    },
    expect.objectContaining({ name: 'orders-db-reports-v1' }),
  ]);
});

test('a reader of another context has the same password in its own namespace', () => {
  const secrets = secretsOf(shop({ invited: true })).filter(({ name }) => name.includes('invoices'));
  expect(secrets.map(({ namespace }) => namespace)).toEqual(['billing', 'ordering']);
  expect(new Set(secrets.map(({ keys }) => JSON.stringify(keys))).size).toBe(1);
});

test('a new generation is a new Secret for the login that rests', () => {
  const layers = [
    {
      name: 'environment' as const,
      settings: { credentialGeneration: { value: 2, at: 'environments/dev.yaml:3:3' } },
      config: {},
      services: {},
    },
  ];
  const [secret] = secretsOf(shop({ environment: { layers } }));
  expect(secret).toMatchObject({ name: 'orders-db-orders-v2', keys: { username: { text: 'orders_b' } } });
});

test('exactly those who have access may connect', () => {
  const plan = shop();
  const [rule] = objectOf(plan, 'NetworkPolicy/ordering/orders')['spec'].egress;
  expect(rule.to[0].podSelector).toEqual({ matchLabels: { store: 'orders-db' } });
  expect(rule.ports).toEqual([{ protocol: 'TCP', port: 1234 }]);
  expect(
    plan.objects.some(({ manifest }) => manifest.kind === 'NetworkPolicy' && manifest.metadata.name === 'invoices'),
  ).toBe(false);
});

test('a task maintains a store with the account of its owner, or reads it with one of its own', () => {
  const plan = planOf((platform) => {
    const ordering = new BoundedContext(platform, 'ordering', { team: 'orders' });
    const store = new PlainStore(ordering, 'orders-db');
    new Microservice(ordering, 'orders', { image: IMAGE }).owns(store);
    new Task(ordering, 'migrate', { image: IMAGE }).maintains(store, { env: { DB: 'user' } });
    new ScheduledTask(ordering, 'count', { image: IMAGE, schedule: Schedule.hourly() }).reads(store, {
      env: { DB: 'user' },
    });
  });
  expect(codesOf(plan)).toEqual([]);
  const user = (name: string) => [{ name: 'DB', valueFrom: { secretKeyRef: { name, key: 'username' } } }];
  const job = plan.objects.find(({ manifest }) => manifest.kind === 'Job')?.manifest['spec'];
  expect(job).toMatchObject({ template: { spec: { containers: [{ env: user('orders-db-orders-v1') }] } } });
  const cronJob = objectOf(plan, 'CronJob/ordering/count')['spec'].jobTemplate.spec;
  expect(cronJob).toMatchObject({ template: { spec: { containers: [{ env: user('orders-db-count-v1') }] } } });
  expect(objectOf(plan, 'NetworkPolicy/ordering/migrate')['spec'].egress[0].ports).toEqual([
    { protocol: 'TCP', port: 1234 },
  ]);
});

test('in production, what must not be lost has a backup', () => {
  const zones = ['a', 'b', 'c'];
  const options = { tier: 'production', environment: { zones } } as const;
  expect(codesOf(shop(options))).toEqual(['no-backup']);
  expect(codesOf(shop({ ...options, facts: { durable: false } }))).toEqual([]);
  expect(codesOf(shop({ ...options, facts: { backup: { schedule: '0 2 * * *', keepDays: 7 } } }))).toEqual([]);
});

describe('a store that is not one service alone', () => {
  const services = (say: (services: { orders: Microservice; billing: Microservice; store: PlainStore }) => void) =>
    planOf((platform) => {
      const ordering = new BoundedContext(platform, 'ordering', { team: 'orders' });
      const store = new PlainStore(ordering, 'orders-db');
      const orders = new Microservice(ordering, 'orders', { image: IMAGE });
      const billing = new Microservice(new BoundedContext(platform, 'billing', { team: 'b' }), 'invoices', {
        image: IMAGE,
      });
      say({ orders, billing, store });
    });

  test('has two owners', () => {
    const plan = services(({ orders, billing, store }) => void [orders.owns(store), billing.owns(store)]);
    expect(codesOf(plan)).toEqual(['owner-in-another-context', 'shared-database']);
  });

  test('has none', () => {
    expect(codesOf(services(() => undefined))).toEqual(['store-without-owner']);
  });

  test('is read from another context', () => {
    const plan = services(({ orders, billing, store }) => void [orders.owns(store), billing.reads(store)]);
    expect(codesOf(plan)).toEqual(['reader-in-another-context']);
  });

  test('is asked for what it does not have', () => {
    const plan = services(({ orders, store }) => void orders.owns(store, { env: { DB: 'socket' } }));
    expect(plan.findings).toEqual([
      expect.objectContaining({ code: 'unknown-connection-field', allowed: 'user, password, host, port, url' }),
    ]);
  });
});
