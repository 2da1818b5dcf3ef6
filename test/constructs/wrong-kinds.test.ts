import {
  Auth,
  BackendForFrontend,
  BoundedContext,
  Config,
  Duration,
  Failover,
  Key,
  Microservice,
  Migration,
  Phase,
  Quote,
  StranglerFig,
  accept,
  namespaceOf,
  outsideMesh,
  patch,
  relate,
  relation,
  type Finding,
  type Platform,
} from 'ashlar';
import { planOf } from '../support/plans';
import { image, worldIn, type Anything } from '../support/wrong';

const timeout = Duration.seconds(1);
const auth = Auth.none('Visitors look around without an account.');

/** One construct of each kind, and what they stand in. */
function everythingIn(shop: Platform) {
  const ordering = new BoundedContext(shop, 'ordering', { team: 'orders' });
  return { shop, ordering, ...worldIn(ordering) };
}

type World = ReturnType<typeof everythingIn>;
type Name = keyof World;

const figOf = (world: World, wrong: object) =>
  new StranglerFig(world.ordering, 'fig', { gateway: world.edge, legacy: world.orders, auth, timeout, ...wrong });

const quoting = (world: World, value: Quote) =>
  new Config(world.ordering, 'quoting', { schema: { URL: Key.text() }, values: { URL: value } });

/** Verbs and constructors that take something: where it is told, what is wanted, which others they do not take. */
const TAKERS: readonly [string, string, string, readonly Name[], (world: World, wrong: Anything) => unknown][] = [
  ['orders', 'calls', 'a service', ['db', 'ordering', 'shop', 'limits'], ({ orders }, wrong) => orders.calls(wrong)],
  [
    'orders',
    'reads',
    'a configuration, a Secret or a store',
    ['page', 'ordering', 'shop', 'edge'],
    ({ orders }, wrong) => orders.reads(wrong),
  ],
  ['orders', 'owns', 'a store', ['page', 'limits', 'shop', 'server'], ({ orders }, wrong) => orders.owns(wrong)],
  [
    'orders',
    'caches',
    'a store',
    ['page', 'limits', 'shop'],
    ({ orders }, wrong) => orders.caches(wrong, { ttl: Duration.minutes(1) }),
  ],
  ['task', 'maintains', 'a store', ['page', 'limits', 'server'], ({ task }, wrong) => task.maintains(wrong)],
  [
    'page',
    'gathers',
    'a service',
    ['db', 'limits', 'shop'],
    ({ page }, wrong) => page.gathers(wrong, { deadline: timeout }),
  ],
  [
    'edge',
    'route /x: service',
    'a service',
    ['db', 'limits', 'edge'],
    ({ edge }, wrong) => edge.route('/x', wrong, { auth, timeout }),
  ],
  [
    'edge',
    'auth.external',
    'a service',
    ['db', 'shop'],
    ({ edge, orders }, wrong) =>
      edge.route('/x', orders, { auth: Auth.external(wrong, { protocol: 'http' }), timeout }),
  ],
  [
    'orders',
    'failover.to',
    'a service',
    ['db', 'shop'],
    ({ orders, page }, wrong) => orders.calls(page, { failover: Failover.to(wrong).whenUnhealthy() }),
  ],
  ['orders', 'admits', 'a Bulkhead', ['db'], ({ orders }, wrong) => orders.admits(wrong)],
  ['orders', 'requires', 'an Auth', ['db'], ({ orders }, wrong) => orders.requires(wrong)],
  ['orders', 'exposes', 'an Exposure', ['edge'], ({ orders }, wrong) => orders.exposes('http', wrong)],
  ['fig', 'gateway', 'an ApiGateway', ['orders', 'shop'], (world, wrong) => figOf(world, { gateway: wrong })],
  ['fig', 'legacy', 'a service', ['db'], (world, wrong) => figOf(world, { legacy: wrong })],
  [
    'fig',
    'moves /x: service',
    'a service',
    ['db', 'edge'],
    (world, wrong) => figOf(world, {}).moves('/x', wrong, Phase.facade()),
  ],
  [
    'bff',
    'gateway',
    'an ApiGateway',
    ['orders', 'shop'],
    ({ ordering }, wrong) => {
      const host = 'm.shop.example.com';
      const props = { client: 'web', gateway: wrong, host, auth, timeout, image, ports: { http: 8080 } };
      return new BackendForFrontend(ordering, 'bff', props);
    },
  ],
  [
    'tables',
    'of',
    'a store',
    ['orders', 'server'],
    ({ ordering }, wrong) => new Migration(ordering, 'tables', { of: wrong, image }),
  ],
  ['quoting', 'values.URL', 'a construct', [], (world, wrong) => quoting(world, Quote.of(wrong, 'url'))],
  [
    'quoting',
    'values.URL',
    'a construct',
    [],
    (world, wrong) => quoting(world, Quote.text`http://${Quote.of(wrong, 'host')}/v1`),
  ],
];

const NO_CONSTRUCTS: readonly (readonly [string, unknown])[] = [
  ['nothing', undefined],
  ['null', null],
  ['"orders"', 'orders'],
  ['an object', {}],
  ['a list', []],
];

const cases = TAKERS.flatMap(([at, field, wanted, others, say]) => [
  ...NO_CONSTRUCTS.map(([got, wrong]) => ({ at, field, wanted, got, say, wrong: () => wrong })),
  ...others.map((name) => ({ at, field, wanted, got: name, say, wrong: (world: World) => world[name] })),
]);

test.each(cases)('$field is given $got in place of $wanted', ({ at, field, wanted, say, wrong, got }) => {
  let expected = got;
  const plan = planOf((shop) => {
    const world = everythingIn(shop);
    if (got in world) expected = `the construct ${world[got as Name].node.path}`;
    say(world, wrong(world) as Anything);
    // The program goes on, so what is wrong later is told as well.
    world.task.reads(undefined as Anything);
  });
  const told = plan.findings.filter((finding) => finding.field === field && finding.path.endsWith(`/${at}`));
  // One wrong thing is told once.
  expect(told).toMatchObject([{ code: 'bad-value', severity: 'error', allowed: wanted }]);
  expect(told[0]?.got?.startsWith(expected)).toBe(true);
  expect(told[0]?.fix?.startsWith(`Give ${wanted}: `)).toBe(true);
  expect(plan.findings).toContainEqual(expect.objectContaining({ path: 'shop/ordering/task', field: 'reads' }));
});

test('a relation tells the line of the program, and nothing else follows from the edge that is none', () => {
  const plan = planOf((shop) => {
    const { orders, db } = everythingIn(shop);
    orders.owns(db);
    orders.reads(undefined as Anything);
  });
  expect(plan.findings.filter(({ path }) => path.endsWith('/orders'))).toEqual([
    {
      code: 'bad-value',
      severity: 'error',
      path: 'shop/ordering/orders',
      message: 'reads wants a configuration, a Secret or a store.',
      field: 'reads',
      got: expect.stringMatching(/^nothing at shop\/ordering\/orders \(wrong-kinds\.test\.ts:\d+:\d+\)$/) as string,
      allowed: 'a configuration, a Secret or a store',
      fix: 'Give a configuration, a Secret or a store: the construct itself, such as the Config limits.',
    },
  ]);
});

test('a text that names other constructs takes quotes, texts and numbers', () => {
  const told = (part: unknown) =>
    planOf((shop) => {
      const world = everythingIn(shop);
      const given = part === 'orders' ? world.orders : part;
      quoting(world, Quote.text`http://${given as Anything}/v1`);
    }).findings.filter(({ path }) => path.endsWith('/quoting'));
  expect(told(undefined)).toMatchObject([{ code: 'bad-value', field: 'values.URL', got: 'nothing' }]);
  expect(told('orders')).toMatchObject([{ code: 'unknown-quote', field: 'URL', got: 'no field' }]);
  expect(told(8080)).toEqual([]);
});

test('a context stands in the platform, and what stays out of the mesh is a workload with a reason', () => {
  const told = planOf((shop) => {
    const { ordering, db } = everythingIn(shop);
    new BoundedContext(ordering as Anything, 'inner', { team: 'orders' });
    outsideMesh(db as Anything, undefined as Anything);
  }).findings;
  expect(told).toContainEqual(
    expect.objectContaining({ code: 'bad-value', path: 'shop/ordering/inner', allowed: 'a Platform' }),
  );
  expect(told).toContainEqual(
    expect.objectContaining({ code: 'bad-value', path: 'shop/ordering/db', allowed: 'a workload' }),
  );
  expect(told).toContainEqual(expect.objectContaining({ code: 'no-reason', path: 'shop/ordering/db' }));
});

/** What is thrown by a program that says this after a wrong call. */
function thrownBy(say: () => unknown): readonly Finding[] {
  try {
    planOf((shop) => {
      everythingIn(shop).orders.calls(undefined as Anything);
      say();
    });
  } catch (error) {
    return (error as { readonly findings: readonly Finding[] }).findings;
  }
  throw new Error('nothing was thrown');
}

test.each(NO_CONSTRUCTS)(
  'a construct that is given %s to stand in ends the program, with all findings',
  (got, wrong) => {
    const found = thrownBy(() => new Microservice(wrong as Anything, 'payments', { image }));
    expect(found).toMatchObject([
      { code: 'bad-value', path: 'shop/ordering/orders', field: 'calls' },
      {
        code: 'bad-value',
        message: 'There is nothing for the Microservice payments to stand in.',
        path: expect.stringMatching(/wrong-kinds\.test\.ts:\d+:\d+$/) as string,
        field: 'scope',
        got,
        allowed: 'a construct',
      },
    ]);
  },
);

test.each([
  ['accept', () => accept(undefined as Anything, 'single-replica', 'It can be rebuilt.')],
  ['patch', () => patch(undefined as Anything, { kind: 'Deployment' }, [])],
  ['outsideMesh', () => outsideMesh(undefined as Anything, 'It speaks a protocol of its own.')],
  ['namespaceOf', () => namespaceOf(undefined as Anything)],
])('where %s is given no construct, nothing can be told at it', (_name, say) => {
  expect(thrownBy(say)).toMatchObject([
    { code: 'bad-value', field: 'calls' },
    { code: 'bad-value', got: 'nothing', allowed: 'a construct' },
  ]);
});

test('a verb of an extension that speaks for what is no construct tells it at what is spoken of', () => {
  const StandsFor = relation('acme.stands-for', () => '');
  const plan = planOf((shop) => {
    const { orders } = everythingIn(shop);
    expect(relate(StandsFor, undefined as Anything, orders, {}, 1)).toBe(false);
    expect(relate(StandsFor, orders, orders, {}, 1)).toBe(true);
  });
  expect(plan.findings.filter(({ code }) => code === 'bad-value')).toMatchObject([
    { path: 'shop/ordering/orders', field: 'acme.stands-for', allowed: 'a construct' },
  ]);
});

test('an acceptance without a reason is told, whatever stands in its place', () => {
  const plan = planOf((shop) => {
    accept(everythingIn(shop).orders, 'single-replica', undefined as Anything);
  });
  expect(plan.findings.map(({ code }) => code)).toContain('acceptance-without-reason');
});

test.each(NO_CONSTRUCTS)('a workload that is %s is none', (_got, wrong) => {
  const found = thrownBy(() => Microservice.fromWorkload(wrong as Anything));
  expect(found.map(({ code }) => code)).toEqual(['bad-value', 'not-a-workload']);
});
