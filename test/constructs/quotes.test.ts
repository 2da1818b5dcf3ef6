import {
  BoundedContext,
  Config,
  ConfigFile,
  Element,
  ExternalService,
  Key,
  Microservice,
  Quotable,
  Quote,
  declare,
  type ConfigProps,
  type Environment,
  type Layer,
  type Plan,
  type StandardSchema,
} from 'ashlar';
import { displayNameOf } from 'ashlar';
import { PlainStore } from '../support/stores';
import { codesOf, planOf } from '../support/plans';

const image = 'ghcr.io/acme/app:1.0.0';

/** A construct of another pattern, which has a name and no address. */
class Topic extends Element {
  constructor(scope: BoundedContext, id: string) {
    super(scope, id);
    declare(this, Quotable, { fields: { name: `shop.${id}` } });
  }
}

interface World {
  readonly payments: Microservice;
  readonly admin: Microservice;
  readonly bank: ExternalService;
  readonly store: PlainStore;
  readonly placed: Topic;
}

type Values = Readonly<Record<string, Quote | string | number>>;
type More = Partial<ConfigProps<Record<string, StandardSchema>>>;

const anything: StandardSchema = { '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value }) } };

/** A configuration that `orders` reads; it calls and owns all that there is, unless it is told to stay at home. */
function planWith(
  say: (world: World) => Values,
  { stays = false, environment, ...more }: More & { stays?: boolean; environment?: Partial<Environment> } = {},
): Plan {
  return planOf(
    (shop) => {
      const ordering = new BoundedContext(shop, 'ordering', { team: 'orders' });
      const billing = new BoundedContext(shop, 'billing', { team: 'billing' });
      const world: World = {
        payments: new Microservice(billing, 'payments', { image, ports: { grpc: 9090 } }),
        admin: new Microservice(billing, 'admin', { image, ports: { http: 8080, metrics: 9464 } }),
        bank: ExternalService.of(shop, 'bank', { host: 'api.bank.example', ports: { https: 443 } }),
        store: new PlainStore(ordering, 'orders-db'),
        placed: new Topic(ordering, 'order-placed'),
      };
      const values = say(world);
      const schema = Object.fromEntries(Object.keys(values).map((key) => [key, anything]));
      const config = new Config(ordering, 'peers', { schema, values, change: 'replace', ...more });
      const orders = new Microservice(ordering, 'orders', { image }).reads(config).owns(world.store);
      if (stays) return;
      orders.calls(world.payments).calls(world.admin, { port: 'http' }).calls(world.bank);
    },
    environment === undefined ? {} : { environment },
  );
}

const mapOf = (plan: Plan) =>
  plan.objects.find(({ manifest }) => displayNameOf(manifest).startsWith('ConfigMap/ordering/peers'));
const dataOf = (plan: Plan): unknown => mapOf(plan)?.manifest['data'];

test('a value may be what a construct is called', () => {
  const plan = planWith(({ payments, admin, bank, store, placed }) => ({
    ADMIN: Quote.of(admin, 'url', { port: 'http' }),
    BANK: Quote.of(bank, 'url'),
    HOST: Quote.of(payments, 'host'),
    PAYMENTS: Quote.of(payments, 'host:port'),
    STORE: Quote.of(store, 'host'),
    TOPIC: Quote.of(placed, 'name'),
  }));
  expect(codesOf(plan)).toEqual([]);
  expect(dataOf(plan)).toEqual({
    ADMIN: 'http://admin.billing.svc:8080',
    BANK: 'https://api.bank.example:443',
    HOST: 'payments.billing.svc',
    PAYMENTS: 'payments.billing.svc:9090',
    STORE: 'orders-db.ordering.svc',
    TOPIC: 'shop.order-placed',
  });
});

test('a text may hold several, and other texts of the same kind', () => {
  const plan = planWith(({ payments, store }) => {
    const host = Quote.text`${Quote.of(store, 'host')}:${1234}`;
    return { ALL: Quote.text`a=${host};b=${Quote.of(payments, 'host:port')}`, NONE: Quote.text`plain` };
  });
  expect(codesOf(plan)).toEqual([]);
  expect(dataOf(plan)).toEqual({ ALL: 'a=orders-db.ordering.svc:1234;b=payments.billing.svc:9090', NONE: 'plain' });
});

test('a port by itself is a number, so that a schema can ask for one', () => {
  const schema = { PORT: Key.integer({ min: 1, max: 65535 }), URL: Key.url() };
  const files = { 'a.json': ConfigFile.json() };
  const plan = planWith(
    ({ payments, admin }) => ({ PORT: Quote.of(payments, 'port'), URL: Quote.of(admin, 'url', { port: 'http' }) }),
    { schema, files, folder: '/etc/it' },
  );
  expect(codesOf(plan)).toEqual([]);
  expect(JSON.parse((dataOf(plan) as Record<string, string>)['a.json']!)).toEqual({
    PORT: 9090,
    URL: 'http://admin.billing.svc:8080',
  });
});

test('what is put together has to fit the schema', () => {
  const plan = planWith(({ payments }) => ({ URL: Quote.of(payments, 'host:port') }), {
    schema: { URL: Key.text({ pattern: /^https:/ }) },
  });
  expect(plan.findings).toMatchObject([
    { code: 'config-value-wrong', got: '"payments.billing.svc:9090" from program' },
  ]);
});

test('the ConfigMap says what it names, and where the program said so', () => {
  const plan = planWith(({ payments }) => ({ PAYMENTS: Quote.of(payments, 'host:port') }));
  expect(mapOf(plan)?.sources).toEqual(
    [
      { by: 'value of PAYMENTS', at: 'program' },
      { by: 'peers.quotes(payments)', at: expect.stringMatching(/peers \(quotes\.test\.ts:\d+:\d+\)$/) as string },
    ].map((source) => expect.objectContaining(source) as object),
  );
});

const layer: Layer = {
  name: 'environment',
  settings: {},
  config: { PAYMENTS: { value: 'elsewhere:1', at: 'environments/dev.yaml:3:3' } },
  services: {},
};

test('a layer may say something else, and then nothing is named', () => {
  const plan = planWith(({ payments }) => ({ PAYMENTS: Quote.of(payments, 'host:port') }), {
    stays: true,
    environment: { layers: [layer] },
  });
  expect(codesOf(plan)).toEqual([]);
  expect(dataOf(plan)).toEqual({ PAYMENTS: 'elsewhere:1' });
  expect(mapOf(plan)?.sources).toEqual([{ by: 'value of PAYMENTS', at: 'environments/dev.yaml:3:3' }]);
});

describe('what is wrong', () => {
  test.each<[string, (world: World) => Values, string]>([
    [
      'a field that is none',
      ({ payments }) => ({ A: Quote.of(payments, 'hostname') }),
      'host:port, host, port, url of the ports grpc',
    ],
    [
      'a port that is none',
      ({ payments }) => ({ A: Quote.of(payments, 'url', { port: 'http' }) }),
      'host:port, host, port, url of the ports grpc',
    ],
    [
      'one of several ports',
      ({ admin }) => ({ A: Quote.of(admin, 'url') }),
      'host:port, host, port, url of the ports http, metrics',
    ],
    ['an address of what has none', ({ placed }) => ({ A: Quote.of(placed, 'host') }), 'name'],
    ['a password', ({ store }) => ({ A: Quote.of(store, 'password') }), 'host, port'],
    ['an address with a password in it', ({ store }) => ({ A: Quote.of(store, 'url') }), 'host, port'],
    [
      'a construct that has no name at all',
      ({ payments }) => ({ A: Quote.of(payments.node.scope!, 'host') }),
      'nothing: it cannot be named',
    ],
  ])('%s is a finding, and the only one', (_what, say, allowed) => {
    expect(planWith(say).findings).toMatchObject([
      { code: 'unknown-quote', severity: 'error', path: 'shop/ordering/peers', field: 'A', allowed },
    ]);
  });

  test('an address that is read by who has no way there', () => {
    const plan = planWith(
      ({ payments, placed, store }) => ({
        PAYMENTS: Quote.of(payments, 'host:port'),
        STORE: Quote.of(store, 'host'),
        TOPIC: Quote.of(placed, 'name'),
      }),
      { stays: true },
    );
    expect(plan.findings).toMatchObject([
      {
        code: 'quoted-but-not-called',
        severity: 'warning',
        path: 'shop/ordering/orders',
        field: 'shop/ordering/peers',
      },
    ]);
  });

  test('a quote within a list', () => {
    const say = ({ payments }: World): Values => ({ A: [Quote.of(payments, 'host')] as unknown as string });
    expect(codesOf(planWith(say, { stays: true }))).toEqual(['nested-quote']);
  });

  test('a quote for a key that is not in the schema', () => {
    const plan = planWith(({ placed }) => ({ A: Quote.of(placed, 'name') }), { schema: {} });
    expect(codesOf(plan)).toEqual(['config-key-unknown']);
  });

  test('a construct that an environment does without', () => {
    const without = [{ path: 'billing/payments', at: 'environments/dev.yaml:3:3' }];
    const plan = planWith(({ payments }) => ({ A: Quote.of(payments, 'host') }), {
      stays: true,
      environment: { without },
    });
    expect(codesOf(plan)).toContain('needs-what-is-left-out');
  });
});
