import {
  Aggregator,
  ApiGateway,
  Auth,
  BackendForFrontend,
  BoundedContext,
  ClickHouseDatabase,
  Config,
  ElasticsearchCluster,
  ElasticsearchIndex,
  ExternalService,
  Microservice,
  Migration,
  MongoDatabase,
  PostgresDatabase,
  PostgresServer,
  RedisCache,
  RedisStore,
  ScheduledTask,
  Secret,
  Size,
  StranglerFig,
  Task,
  accept,
  type Platform,
} from 'ashlar';
import { planOf } from '../support/plans';
import { toldBy } from '../support/told';
import { image, worldIn, type Anything } from '../support/wrong';

const storage = Size.gibibytes(1);

/** Plan of what is made in a context, after which one more wrong thing is said. */
function planWith(make: (context: BoundedContext, shop: Platform) => unknown) {
  return planOf((shop) => {
    const context = new BoundedContext(shop, 'ordering', { team: 'orders' });
    make(context, shop);
    new Task(context, 'later', { image }).reads(undefined as Anything);
  });
}

const LATER = expect.objectContaining({ code: 'bad-value', path: 'shop/ordering/later', field: 'reads' }) as unknown;

type Make = (context: BoundedContext, wrong: Anything, shop: Platform) => unknown;

const server = (context: BoundedContext) => new PostgresServer(context, 'server');
const cluster = (context: BoundedContext) => new ElasticsearchCluster(context, 'cluster', { storage });

/** What has to be given, and constructs with props that are needed. */
const MAKERS: readonly [string, string, Make][] = [
  ['BoundedContext', 'team', (_, wrong, shop) => new BoundedContext(shop, 'it', wrong)],
  ['Microservice', 'image', (at, wrong) => new Microservice(at, 'it', wrong)],
  ['Aggregator', 'image and deadline', (at, wrong) => new Aggregator(at, 'it', wrong)],
  ['BackendForFrontend', 'client, gateway, auth and image', (at, wrong) => new BackendForFrontend(at, 'it', wrong)],
  ['ApiGateway', 'hosts', (at, wrong) => new ApiGateway(at, 'it', wrong)],
  ['ApiGateway', 'hosts', (_, wrong, shop) => new ApiGateway(shop, 'it', wrong)],
  ['Task', 'image', (at, wrong) => new Task(at, 'it', wrong)],
  ['ScheduledTask', 'image and schedule', (at, wrong) => new ScheduledTask(at, 'it', wrong)],
  ['Config', 'schema', (at, wrong) => new Config(at, 'it', wrong)],
  ['Secret', 'keys', (at, wrong) => new Secret(at, 'it', wrong)],
  ['ExistingSecret', 'keys', (at, wrong) => Secret.existing(at, 'it', wrong)],
  ['StranglerFig', 'gateway, legacy and auth', (at, wrong) => new StranglerFig(at, 'it', wrong)],
  ['Migration', 'of and image', (at, wrong) => new Migration(at, 'it', wrong)],
  ['MongoDatabase', 'storage', (at, wrong) => new MongoDatabase(at, 'it', wrong)],
  ['ClickHouseDatabase', 'storage', (at, wrong) => new ClickHouseDatabase(at, 'it', wrong)],
  ['ElasticsearchCluster', 'storage', (at, wrong) => new ElasticsearchCluster(at, 'it', wrong)],
  ['ElasticsearchIndex', 'storage', (at, wrong) => new ElasticsearchIndex(at, 'it', wrong)],
  ['RedisStore', 'storage', (at, wrong) => new RedisStore(at, 'it', wrong)],
  ['MongoDatabase', 'host', (at, wrong) => MongoDatabase.fromConnection(at, 'it', wrong)],
  ['ClickHouseDatabase', 'host', (at, wrong) => ClickHouseDatabase.fromConnection(at, 'it', wrong)],
  ['ElasticsearchIndex', 'host', (at, wrong) => ElasticsearchIndex.fromConnection(at, 'it', wrong)],
  ['PostgresDatabase', 'host', (at, wrong) => PostgresDatabase.fromConnection(at, 'it', wrong)],
  ['PostgresServer', 'host', (at, wrong) => PostgresServer.fromConnection(at, 'it', wrong)],
  ['ConnectedRedis', 'host and addresses', (at, wrong) => RedisStore.fromConnection(at, 'it', wrong)],
  ['ConnectedRedis', 'host and addresses', (at, wrong) => RedisCache.fromConnection(at, 'it', wrong)],
  ['ExternalService', 'host', (at, wrong) => ExternalService.of(at, 'it', wrong)],
  ['ExternalService', 'namespace, podLabels and ports', (at, wrong) => ExternalService.inCluster(at, 'it', wrong)],
];

/** Those that can do without any. */
const WITHOUT: readonly [string, string, Make][] = [
  ['PostgresDatabase', '', (at, wrong) => new PostgresDatabase(at, 'it', wrong)],
  ['PostgresServer', '', (at, wrong) => new PostgresServer(at, 'it', wrong)],
  ['RedisCache', '', (at, wrong) => new RedisCache(at, 'it', wrong)],
  ['ElasticsearchIndex', '', (at, wrong) => cluster(at).index('it', wrong)],
  ['Restore', '', (at, wrong) => server(at).restore('it', wrong)],
];

const NO_OBJECTS: readonly [string, unknown][] = [
  ['null', null],
  ['"image:1"', 'image:1'],
  ['a list', []],
  ['8080', 8080],
  ['a value that is known only later', { __pulumiOutput: true, apply: () => undefined }],
];

const props = [...MAKERS, ...WITHOUT].flatMap(([name, needed, make]) => [
  ...NO_OBJECTS.map(([got, wrong]) => ({ name, needed, make, got, wrong })),
  ...(needed === '' ? [] : [{ name, needed, make, got: 'nothing', wrong: undefined }]),
]);

test.each(props)('$name is given $got in place of props with $needed', ({ name, needed, make, got, wrong }) => {
  const { findings } = planWith((context, shop) => make(context, wrong as Anything, shop));
  const told = findings.filter(({ code, path }) => code === 'bad-value' && path.endsWith('/it'));
  const allowed = needed === '' ? 'an object' : `an object with ${needed}`;
  // One wrong thing is told once.
  expect(told).toMatchObject([{ severity: 'error', field: 'props', message: `${name} wants ${allowed}.`, allowed }]);
  expect(told[0]?.fix?.startsWith(`Give ${allowed}: {`)).toBe(true);
  const place = /^(.+) at .*\/it \(wrong-props\.test\.ts:\d+:\d+\)$/.exec(told[0]?.got ?? '');
  expect(place?.[1]).toBe(/Secret$/.test(name) && typeof wrong === 'string' ? 'a text (not shown)' : got);
  expect(findings).toContainEqual(LATER);
  const errors = findings.filter(({ severity, path }) => severity === 'error' && path.endsWith('/it'));
  // Nobody owns it, and the server has no backup: that follows from what this program does not say.
  const others = errors.filter(
    ({ code }) => !['bad-value', 'store-without-owner', 'nothing-to-restore'].includes(code),
  );
  expect(others).toEqual([]);
});

test('what subclasses of the program stand for is told at the line that makes them', () => {
  class Shop extends Microservice {}
  const { findings } = planWith((context) => new Shop(context, 'it', undefined as Anything));
  expect(findings).toContainEqual(
    expect.objectContaining({ message: 'Shop wants an object with image.', path: 'shop/ordering/it' }),
  );
});

/** What is told of each prop that has to be given and is not. */
const MISSING: readonly (readonly string[])[] = [
  ['bad-value it team: nothing'],
  ['bad-image it image: nothing'],
  ['bad-image it image: nothing', 'bad-value it deadline: nothing'],
  [
    'bad-client it client: nothing',
    'bad-image it image: nothing',
    'bad-value it gateway: nothing',
    'frontend-without-place it host: neither a host nor a path',
    'no-auth it auth: nothing',
  ],
  ['bad-value it hosts: nothing'],
  ['bad-value it hosts: nothing'],
  ['bad-image it image: nothing'],
  ['bad-image it image: nothing', 'bad-value it schedule: nothing'],
  ['bad-value it schema: nothing'],
  ['secret-without-keys it keys: none'],
  ['bad-value it keys: nothing'],
  ['bad-value it gateway: nothing', 'bad-value it legacy: nothing', 'no-auth it auth: nothing'],
  ['bad-image it image: nothing', 'bad-value it of: nothing'],
  ['storage-missing it storage: none'],
  ['storage-missing it storage: none'],
  ['storage-missing it storage: none'],
  ['storage-missing it storage: none'],
  ['bad-value it storage: nothing'],
  ['bad-value it host: nothing'],
  ['bad-value it host: nothing'],
  ['bad-value it host: nothing'],
  ['bad-value it host: nothing'],
  ['bad-value it host: nothing'],
  ['bad-value it addresses: nothing', 'bad-value it host: nothing'],
  ['bad-value it addresses: nothing', 'bad-value it host: nothing'],
  ['bad-value it host: nothing'],
  ['bad-value it namespace: nothing', 'bad-value it podLabels: nothing', 'bad-value it ports: nothing'],
];

const missing = MAKERS.map(([name, needed, make], index) => ({ name, needed, make, told: MISSING[index] }));

test.each(missing)('$name is given props without $needed', ({ make, told }) => {
  const plan = planWith((context, shop) => make(context, {} as Anything, shop));
  const lines = toldBy(plan)
    .filter((line) => / it /.test(line) && !/ it : /.test(line))
    .map((line) => line.replace(/ at .*/, ''));
  expect(lines).toEqual(told);
  expect(plan.findings).toContainEqual(LATER);
});

test('a context whose team is no text has none', () => {
  for (const team of ['', ' ', 5, null]) {
    const { findings } = planOf((shop) => new BoundedContext(shop, 'it', { team } as Anything));
    expect(findings).toMatchObject([{ code: 'bad-value', path: 'shop/it', field: 'team', allowed: 'a text' }]);
  }
});

type World = ReturnType<typeof worldIn>;

const jwt = Auth.jwt({
  issuer: 'https://login.example.com/',
  jwksUri: 'https://login.example.com/keys',
  audiences: ['shop'],
});

/** Verbs that take options: where it is told, and what is needed. */
const VERBS: readonly [keyof World, string, string, (world: World, wrong: Anything) => unknown][] = [
  ['orders', 'calls', '', ({ orders, payments }, wrong) => orders.calls(payments, wrong)],
  ['orders', 'reads', '', ({ orders, limits }, wrong) => orders.reads(limits, wrong)],
  ['orders', 'owns', '', ({ orders, db }, wrong) => orders.owns(db, wrong)],
  ['orders', 'caches', 'ttl', ({ orders, cache, payments }, wrong) => orders.calls(payments).caches(cache, wrong)],
  ['orders', 'requires', '', ({ orders }, wrong) => orders.requires(jwt, wrong)],
  ['orders', 'addService', '', ({ orders }, wrong) => orders.addService('orders-headless', wrong)],
  ['orders', 'accept', '', ({ orders }, wrong) => accept(orders, 'single-replica', 'It can be rebuilt.', wrong)],
  ['task', 'maintains', '', ({ task, db }, wrong) => task.maintains(db, wrong)],
  ['page', 'gathers', 'deadline', ({ page, payments }, wrong) => page.gathers(payments, wrong)],
  ['edge', 'route', 'auth', ({ edge, orders }, wrong) => edge.route('/x', orders, wrong)],
];

const options = VERBS.flatMap(([at, verb, needed, say]) => [
  ...NO_OBJECTS.map(([got, wrong]) => ({ at, verb, needed, say, got, wrong })),
  ...(needed === '' ? [] : [{ at, verb, needed, say, got: 'nothing', wrong: undefined }]),
]);

test.each(options)('$verb is given $got in place of options', ({ at, verb, needed, say, got, wrong }) => {
  const { findings } = planWith((context) => say(worldIn(context), wrong as Anything));
  const told = findings.filter(({ path, severity }) => severity === 'error' && path === `shop/ordering/${at}`);
  const allowed = needed === '' ? 'an object' : `an object with ${needed}`;
  // One wrong thing is told once.
  expect(told).toMatchObject([{ code: 'bad-value', field: verb, message: `${verb} wants ${allowed}.`, allowed }]);
  expect(told[0]?.got?.startsWith(`${got} at shop/ordering/${at} (wrong-props.test.ts:`)).toBe(true);
  expect(told[0]?.fix?.startsWith(`Give ${allowed}: {`)).toBe(true);
  expect(findings).toContainEqual(LATER);
});

test('a verb whose options are none is said all the same', () => {
  const { findings } = planWith((context) => {
    const { orders, db, payments } = worldIn(context);
    orders.owns(db, 'rw' as Anything);
    payments.owns(db);
  });
  // Two who own one store.
  expect(findings.map(({ code }) => code)).toContain('shared-database');
});
