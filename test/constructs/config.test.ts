import {
  BoundedContext,
  Config,
  Key,
  Microservice,
  type ConfigProps,
  type Layer,
  type Located,
  type StandardSchema,
} from 'ashlar';
import { codesOf, objectOf, planOf } from '../support/plans';

const image = 'ghcr.io/acme/app:1.0.0';

type Schema = Readonly<Record<string, StandardSchema>>;

/** Two services that read a configuration, one that does not. */
function planWith<S extends Schema>(props: ConfigProps<S>, layers: readonly Layer[] = []) {
  return planOf(
    (shop) => {
      const context = new BoundedContext(shop, 'ordering', { team: 'orders' });
      const config = new Config(context, 'limits', props);
      for (const id of ['orders', 'history']) new Microservice(context, id, { image }).reads(config);
      new Microservice(context, 'bystander', { image });
    },
    { environment: { layers } },
  );
}

type Plan = ReturnType<typeof planOf>;

const located = (values: Readonly<Record<string, unknown>>, at: string): Readonly<Record<string, Located>> =>
  Object.fromEntries(Object.entries(values).map(([key, value]) => [key, { value, at: `${at} ${key}` }]));

function layer(
  name: Layer['name'],
  config: Readonly<Record<string, unknown>>,
  services: Layer['services'] = {},
): Layer {
  return { name, settings: {}, config: located(config, name), services };
}

const service = (path: string, config: Readonly<Record<string, unknown>>): Layer['services'] => ({
  [path]: { at: path, settings: {}, config: located(config, path) },
});

const mapsOf = (plan: Plan) => plan.objects.filter(({ manifest }) => manifest.kind === 'ConfigMap');
const dataOf = (plan: Plan): unknown => mapsOf(plan).map(({ manifest }) => manifest['data']);
const templateOf = (plan: Plan, name: string) => objectOf(plan, `Deployment/ordering/${name}`)['spec'].template;
const envOf = (plan: Plan, name: string): unknown => templateOf(plan, name).spec.containers[0].env;

const schema = { LEVEL: Key.oneOf('debug', 'info'), MAX: Key.integer({ min: 1, max: 10 }) };
const values = { LEVEL: 'info', MAX: 3 } as const;

test('values are variables that come from a ConfigMap, whoever reads', () => {
  const plan = planWith({ schema, values, change: 'replace' });
  expect(codesOf(plan)).toEqual([]);
  expect(objectOf(plan, 'ConfigMap/ordering/limits')['data']).toEqual({ LEVEL: 'info', MAX: '3' });
  for (const name of ['orders', 'history']) {
    expect(envOf(plan, name)).toEqual([
      { name: 'LEVEL', valueFrom: { configMapKeyRef: { name: 'limits', key: 'LEVEL' } } },
      { name: 'MAX', valueFrom: { configMapKeyRef: { name: 'limits', key: 'MAX' } } },
    ]);
  }
  expect(envOf(plan, 'bystander')).toBeUndefined();
});

test('values are files of a folder, read-only', () => {
  const plan = planWith({ schema, values, folder: '/etc/limits', change: 'replace' });
  expect(codesOf(plan)).toEqual([]);
  const { spec } = templateOf(plan, 'orders');
  expect(spec.volumes).toEqual([{ name: 'limits', configMap: { name: 'limits' } }]);
  expect(spec.containers[0].volumeMounts).toEqual([{ name: 'limits', mountPath: '/etc/limits', readOnly: true }]);
  expect(envOf(plan, 'orders')).toBeUndefined();
});

test('a folder that is no absolute path is a finding', () => {
  expect(codesOf(planWith({ schema, values, folder: 'etc' }))).toContain('bad-folder');
});

describe('a change', () => {
  const names = ['orders', 'history', 'bystander'];
  const before = (change: 'roll' | 'replace'): Plan => planWith({ schema, values, change });
  const after = (change: 'roll' | 'replace'): Plan => planWith({ schema, values: { ...values, MAX: 4 }, change });

  test.each(['roll', 'replace'] as const)('that is to %s changes the pods of readers and of nobody else', (change) => {
    const changed = names.filter(
      (name) => JSON.stringify(templateOf(before(change), name)) !== JSON.stringify(templateOf(after(change), name)),
    );
    expect(changed).toEqual(['orders', 'history']);
  });

  test('rolls to a new name that follows the content only, and cannot be edited', () => {
    const [first, again, other] = [before('roll'), before('roll'), after('roll')].map((plan) => mapsOf(plan)[0]);
    expect(first?.manifest.metadata.name).toMatch(/^limits-[0-9a-f]{10}$/);
    expect(again?.manifest.metadata.name).toBe(first?.manifest.metadata.name);
    expect(other?.manifest.metadata.name).not.toBe(first?.manifest.metadata.name);
    expect(first?.manifest).toMatchObject({ immutable: true });
  });

  test('leaves the earlier ConfigMap to the pods of an earlier release', () => {
    const [map] = mapsOf(before('roll'));
    expect(map?.hints).toEqual({ keepEarlier: true });
    expect(map?.manifest.metadata.annotations).toMatchObject({
      'argocd.argoproj.io/sync-options': 'Prune=false',
      'kustomize.toolkit.fluxcd.io/prune': 'disabled',
    });
  });

  test('that replaces keeps the name and shows in a checksum on the pods', () => {
    const [map] = mapsOf(before('replace'));
    expect(map?.manifest.metadata.name).toBe('limits');
    expect(map?.manifest).not.toHaveProperty('immutable');
    expect(map?.hints).toEqual({});
    expect(Object.keys(templateOf(before('replace'), 'orders').metadata.annotations as object)).toEqual([
      'config.ashlar.dev/limits',
    ]);
  });
});

describe('layers', () => {
  const stack = [
    layer('base', { MAX: 4 }),
    layer('tier', { MAX: 5 }),
    layer('environment', { MAX: 6 }),
    layer('region', { MAX: 7 }),
  ];

  test.each([0, 1, 2, 3, 4])('of %i layers the last one wins over the program', (count) => {
    const plan = planWith({ schema, values, change: 'replace' }, stack.slice(0, count));
    expect(objectOf(plan, 'ConfigMap/ordering/limits')['data'].MAX).toBe(String(3 + count));
  });

  test('each value says who gave it', () => {
    const withDefault: StandardSchema = {
      '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value: value ?? 'x' }) },
    };
    const plan = planWith({ schema: { ...schema, EXTRA: withDefault }, values }, [layer('tier', { MAX: 5 })]);
    expect(mapsOf(plan)[0]?.sources).toEqual([
      { by: 'value of EXTRA', at: 'default of the key' },
      { by: 'value of LEVEL', at: 'program' },
      { by: 'value of MAX', at: 'tier MAX' },
    ]);
  });

  test('what a layer says of one reader holds for that one, in a ConfigMap of its own', () => {
    const plan = planWith({ schema, values, change: 'replace' }, [
      layer('base', {}, service('ordering/orders', { MAX: 9 })),
      layer('region', { MAX: 7 }),
    ]);
    expect(codesOf(plan)).toEqual([]);
    expect(objectOf(plan, 'ConfigMap/ordering/limits')['data']).toEqual({ LEVEL: 'info', MAX: '7' });
    expect(objectOf(plan, 'ConfigMap/ordering/limits-orders')['data']).toEqual({ LEVEL: 'info', MAX: '9' });
    expect(JSON.stringify(envOf(plan, 'orders'))).toContain('"limits-orders"');
    expect(JSON.stringify(envOf(plan, 'history'))).not.toContain('"limits-orders"');
  });

  test('what a layer says of all readers of a context holds for each of them', () => {
    const plan = planWith({ schema, values }, [layer('base', {}, service('ordering/*', { MAX: 9 }))]);
    expect(codesOf(plan)).toEqual([]);
    expect(dataOf(plan)).toEqual([
      { LEVEL: 'info', MAX: '9' },
      { LEVEL: 'info', MAX: '9' },
    ]);
  });
});

describe('what is wrong', () => {
  test.each([
    ['a key that nobody gives', { values: { LEVEL: 'info' } }, 'config-key-missing', 'MAX', 'no value in any layer'],
    [
      'a value of another type',
      { values: { LEVEL: 'info', MAX: 'many' } },
      'config-value-wrong',
      'MAX',
      '"many" from program',
    ],
    ['a value out of range', { values: { LEVEL: 'info', MAX: 11 } }, 'config-value-wrong', 'MAX', '11 from program'],
    [
      'a value that is not one of those',
      { values: { LEVEL: 'loud', MAX: 1 } },
      'config-value-wrong',
      'LEVEL',
      '"loud" from program',
    ],
    ['a key that the schema has not', { values: { ...values, MIN: 1 } }, 'config-key-unknown', 'values.MIN', 'MIN'],
  ])('%s is a finding', (_what, props, code, field, got) => {
    const plan = planWith({ schema, ...(props as object) });
    expect(plan.findings).toMatchObject([{ code, severity: 'error', path: 'shop/ordering/limits', field, got }]);
  });

  test('a wrong value of a layer is told with its place', () => {
    const { findings } = planWith({ schema, values }, [layer('environment', { MAX: 'many' })]);
    expect(findings).toMatchObject([
      { code: 'config-value-wrong', got: '"many" from environment MAX', allowed: 'a whole number from 1 to 10' },
    ]);
  });

  test.each<[string, Layer]>([
    ['for all', layer('base', { MXA: 4 })],
    ['for one service', layer('base', {}, service('ordering/orders', { MXA: 4 }))],
    ['for a context', layer('base', {}, service('ordering/*', { MXA: 4 }))],
  ])('a key that no configuration has, given %s, is told with its place', (_what, given) => {
    expect(planWith({ schema, values }, [given]).findings).toMatchObject([
      { code: 'config-key-unknown', got: 'MXA', field: expect.stringContaining('MXA') as string },
    ]);
  });

  test('several wrong values are told in one run', () => {
    expect(codesOf(planWith({ schema, values: { LEVEL: 'loud' as 'info', MAX: 0 } }))).toEqual([
      'config-value-wrong',
      'config-value-wrong',
    ]);
  });

  test('a configuration that a service of another context reads is a finding', () => {
    const plan = planOf((shop) => {
      const config = new Config(new BoundedContext(shop, 'ordering', { team: 't' }), 'limits', { schema, values });
      new Microservice(new BoundedContext(shop, 'billing', { team: 't' }), 'payments', { image }).reads(config);
    });
    expect(plan.findings).not.toEqual([]);
    for (const { path } of plan.findings) expect(path).toBe('shop/billing/payments');
  });
});

describe('a key', () => {
  const fits = (key: StandardSchema, value: unknown): boolean => {
    const result = key['~standard'].validate(value);
    return !(result instanceof Promise) && result.issues === undefined;
  };

  test.each<[string, StandardSchema, readonly unknown[], readonly unknown[]]>([
    ['text', Key.text(), ['', 'a'], [1, undefined, null]],
    ['text of a form', Key.text({ pattern: /^a+$/ }), ['a', 'aa'], ['', 'b']],
    ['text of a global form', Key.text({ pattern: /a/g }), ['a', 'a', 'a'], ['b']],
    ['integer', Key.integer({ min: 0, max: 2 }), [0, 1, 2], [-1, 3, 0.5, '1', Number.NaN]],
    ['number', Key.number({ min: 0 }), [0, 0.5], [-1, Infinity, Number.NaN, '1']],
    ['boolean', Key.boolean(), [true, false], [0, 'true', undefined]],
    ['one of some', Key.oneOf('a', 'b'), ['a', 'b'], ['c', '', undefined]],
    ['URL', Key.url(), ['https://a.example.com/x'], ['a.example.com', '', 1]],
    ['optional', Key.integer().optional(), [undefined, 1], [null, 'a']],
  ])('%s', (_what, key, good, bad) => {
    expect(good.filter((value) => !fits(key, value))).toEqual([]);
    expect(bad.filter((value) => fits(key, value))).toEqual([]);
  });

  test('that is left out is not in the ConfigMap', () => {
    expect(dataOf(planWith({ schema: { A: Key.text().optional(), B: Key.text() }, values: { B: 'b' } }))).toEqual([
      { B: 'b' },
    ]);
  });
});

describe('a validator of another library', () => {
  const standard = (validate: StandardSchema['~standard']['validate']): StandardSchema => ({
    '~standard': { version: 1, vendor: 'test', validate },
  });

  test('may turn values into others and give defaults', () => {
    const upper = standard((value) => ({ value: typeof value === 'string' ? value.toUpperCase() : 'NONE' }));
    expect(dataOf(planWith({ schema: { A: upper, B: upper }, values: { A: 'x' } }))).toEqual([{ A: 'X', B: 'NONE' }]);
  });

  test('may give data that is no text, which is written as JSON', () => {
    const list = standard(() => ({ value: { hosts: ['a', 'b'] } }));
    expect(dataOf(planWith({ schema: { A: list } }))).toEqual([{ A: '{"hosts":["a","b"]}' }]);
  });

  test('may have several things to say', () => {
    const picky = standard(() => ({ issues: [{ message: 'too short' }, { message: 'no digit' }] }));
    expect(planWith({ schema: { A: picky }, values: { A: 'x' } }).findings).toMatchObject([
      { code: 'config-value-wrong', allowed: 'too short; no digit' },
    ]);
  });

  test.each([
    ['later', () => Promise.resolve({ value: 1 })],
    ['later, with an error', () => Promise.reject(new Error('no'))],
  ])('that answers %s is a finding', async (_what, validate) => {
    expect(codesOf(planWith({ schema: { A: standard(validate) }, values: { A: 'x' } }))).toEqual([
      'config-schema-is-async',
    ]);
    await new Promise((resolve) => setImmediate(resolve));
  });

  test('that throws is a finding', () => {
    const broken = standard(() => {
      throw new Error('a bug');
    });
    expect(planWith({ schema: { A: broken }, values: { A: 'x' } }).findings).toMatchObject([
      { severity: 'error', path: 'shop/ordering/limits', field: 'A' },
    ]);
  });
});
