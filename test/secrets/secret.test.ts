import { BoundedContext, Config, Key, Microservice, Secret, type Plan, type SecretSource } from 'ashlar';
import { codesOf, objectOf, planOf } from '../support/plans';
import { acquiring } from '../support/secrets';

const IMAGE = 'ghcr.io/acme/service:1.0.0';

const podOf = (plan: Plan, workload: string) => objectOf(plan, `Deployment/${workload}`)['spec'].template.spec;

const secretsOf = (plan: Plan) => plan.prerequisites.filter(({ type }) => type === 'secret');

const generation = (value: number) => ({
  environment: {
    layers: [
      {
        name: 'environment' as const,
        settings: {},
        config: {},
        services: {
          'billing/acquirer': { at: 'x', settings: { credentialGeneration: { value, at: 'x' } }, config: {} },
        },
      },
    ],
  },
});

test('a key reaches the pod as a reference', () => {
  const plan = acquiring();
  expect(codesOf(plan)).toEqual([]);
  expect(podOf(plan, 'billing/payments').containers[0].env).toEqual([
    { name: 'ACQUIRER_API_KEY', valueFrom: { secretKeyRef: { name: 'acquirer-v1', key: 'api-key' } } },
  ]);
});

test('keys are files, which only the process reads', () => {
  const { volumes, containers } = podOf(acquiring({ payments: { folder: '/etc/acquirer' } }), 'billing/payments');
  expect(volumes).toEqual([{ name: 'acquirer', secret: { secretName: 'acquirer-v1', defaultMode: 0o440 } }]);
  expect(containers[0].volumeMounts).toEqual([{ name: 'acquirer', mountPath: '/etc/acquirer', readOnly: true }]);
});

test('the plan says what somebody has to make, and where each value comes from', () => {
  expect(secretsOf(acquiring())).toEqual([
    {
      type: 'secret',
      namespace: 'billing',
      name: 'acquirer-v1',
      kind: 'Opaque',
      keys: {
        'api-key': { known: 'acquirer/api-key' },
        hmac: { random: { id: 'billing/acquirer-v1/hmac', length: 48 } },
      },
      generated: false,
      for: ['shop/billing/acquirer'],
    },
  ]);
});

test('a new generation is a new Secret, and rolls the pods that read it', () => {
  const plan = acquiring(generation(2));
  expect(codesOf(plan)).toEqual([]);
  expect(podOf(plan, 'billing/payments').containers[0].env[0].valueFrom.secretKeyRef.name).toBe('acquirer-v2');
  expect(secretsOf(plan)).toMatchObject([
    { name: 'acquirer-v2', keys: { hmac: { random: { id: 'billing/acquirer-v2/hmac' } } } },
  ]);
});

test('a reader of another context has the same values in its own namespace', () => {
  const plan = acquiring({ orders: { env: { HMAC: 'hmac' } } });
  expect(podOf(plan, 'ordering/orders').containers[0].env).toEqual([
    { name: 'HMAC', valueFrom: { secretKeyRef: { name: 'billing-acquirer-v1', key: 'hmac' } } },
  ]);
  const [own, copy] = secretsOf(plan);
  expect([own, copy]).toMatchObject([
    { namespace: 'billing', name: 'acquirer-v1' },
    { namespace: 'ordering', name: 'billing-acquirer-v1' },
  ]);
  expect(copy).toMatchObject({ keys: own?.type === 'secret' ? own.keys : {} });
});

test('one that exists keeps its name, whatever the generation is', () => {
  const plan = planOf((platform) => {
    const billing = new BoundedContext(platform, 'billing', { team: 'billing' });
    const secret = Secret.existing(billing, 'acquirer', { name: 'acquirer-live', keys: ['token'] });
    new Microservice(billing, 'payments', { image: IMAGE }).reads(secret, { env: { TOKEN: 'token' } });
  }, generation(3));
  expect(codesOf(plan)).toEqual([]);
  expect(podOf(plan, 'billing/payments').containers[0].env[0].valueFrom.secretKeyRef).toEqual({
    name: 'acquirer-live',
    key: 'token',
  });
  expect(secretsOf(plan)).toMatchObject([{ name: 'acquirer-live', generated: false }]);
});

test('one that exists elsewhere cannot be read', () => {
  const plan = planOf((platform) => {
    const billing = new BoundedContext(platform, 'billing', { team: 'billing' });
    const ordering = new BoundedContext(platform, 'ordering', { team: 'orders' });
    const secret = Secret.existing(billing, 'acquirer', { keys: ['token'] });
    new Microservice(ordering, 'orders', { image: IMAGE }).reads(secret, { env: { TOKEN: 'token' } });
  });
  expect(codesOf(plan)).toEqual(['secret-in-another-namespace']);
});

describe('bad input is found:', () => {
  const text = 'hunter2-hunter2' as unknown as SecretSource;
  const known = { 'api-key': Secret.known('acquirer/api-key') };
  const cases: readonly (readonly [string, Parameters<typeof acquiring>[0], readonly string[]])[] = [
    ['a text as value', { keys: { 'api-key': text } }, ['secret-in-program', 'unknown-secret-key']],
    ['a secret as text', { keys: { ...known, password: Secret.text('hunter2') } }, ['secret-in-program']],
    ['a value as name', { keys: { 'api-key': Secret.known('sk_live_0123456789abcdef') } }, ['bad-store-name']],
    ['no keys', { keys: {}, payments: { folder: '/x' } }, ['secret-without-keys']],
    ['only texts', { keys: { 'api-key': Secret.text('shop') } }, ['secret-in-program', 'secret-without-secrets']],
    ['a short value', { keys: { 'api-key': Secret.random(8) } }, ['out-of-range']],
    ['a bad key', { keys: { 'api-key': Secret.random(), 'a b': Secret.random() } }, ['bad-secret-key']],
    ['no password', { keys: known, kind: 'kubernetes.io/basic-auth' }, ['secret-without-password']],
    ['an unknown kind', { keys: known, kind: 'tls' as 'Opaque' }, ['unknown-choice']],
    ['an unknown key', { payments: { env: { KEY: 'apikey' } } }, ['unknown-secret-key']],
    ['reading into nothing', { payments: {} }, ['secret-read-nowhere']],
    ['a relative folder', { payments: { folder: 'etc' } }, ['bad-folder']],
    ['nobody who reads', { payments: undefined }, ['secret-without-reader']],
  ];

  test.each(cases)('%s', (_, options, codes) => {
    expect(codesOf(acquiring(options))).toEqual(codes);
  });

  test('a value that is known later', () => {
    const output = { __pulumiOutput: true, apply: () => undefined } as unknown as SecretSource;
    expect(codesOf(acquiring({ keys: { hmac: output }, payments: { folder: '/x' } }))).toEqual(['secret-in-program']);
  });

  test('where and how a configuration or a store is read', () => {
    const plan = planOf((platform) => {
      const billing = new BoundedContext(platform, 'billing', { team: 'billing' });
      const limits = new Config(billing, 'limits', { schema: { MAX: Key.integer() }, values: { MAX: 1 } });
      new Microservice(billing, 'payments', { image: IMAGE }).reads(limits, { folder: '/etc', env: { MAX: 'MAX' } });
    });
    expect(codesOf(plan)).toEqual(['option-without-effect', 'option-without-effect']);
  });

  test('two constructs that mean one Secret', () => {
    const plan = planOf((platform) => {
      const billing = new BoundedContext(platform, 'billing', { team: 'billing' });
      const ordering = new BoundedContext(platform, 'ordering', { team: 'orders' });
      const keys = { key: Secret.random() };
      const orders = new Microservice(ordering, 'orders', { image: IMAGE });
      orders.reads(new Secret(billing, 'acquirer', { keys }), { env: { A_KEY: 'key' } });
      orders.reads(new Secret(ordering, 'billing-acquirer', { keys }), { env: { B_KEY: 'key' } });
    });
    expect(codesOf(plan)).toEqual(['secret-made-twice']);
  });
});
