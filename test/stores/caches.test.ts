import {
  BoundedContext,
  Duration,
  ExternalService,
  Microservice,
  RedisCache,
  RedisStore,
  Size,
  type CacheOptions,
} from 'ashlar';
import { codesOf, objectOf, planOf } from '../support/plans';

const image = 'ghcr.io/acme/catalog:1.0.0';
const TTL = { ttl: Duration.minutes(10) };

/** Catalog caches what it is told to call or own. */
function catalog(say: (world: World) => void) {
  return planOf((shop) => {
    const catalogue = new BoundedContext(shop, 'catalogue', { team: 'catalogue' });
    say({
      catalogue,
      cache: new RedisCache(catalogue, 'catalog-pages', { memory: Size.mebibytes(256) }),
      catalog: new Microservice(catalogue, 'catalog', { image }),
      inventory: new Microservice(catalogue, 'inventory', { image, ports: { grpc: 9090 } }),
    });
  });
}

interface World {
  readonly catalogue: BoundedContext;
  readonly cache: RedisCache;
  readonly catalog: Microservice;
  readonly inventory: Microservice;
}

const envOf = (plan: ReturnType<typeof planOf>): readonly object[] =>
  objectOf(plan, 'Deployment/catalogue/catalog')['spec'].template.spec.containers[0].env;

const caching = (options: CacheOptions) =>
  catalog(({ catalog, inventory, cache }) => void catalog.calls(inventory).caches(cache, options));

test('a service that caches gets the address, an account and the terms', () => {
  const plan = caching(TTL);
  expect(codesOf(plan)).toEqual([]);
  const account = 'catalog-pages-catalog-v1';
  expect(envOf(plan)).toEqual([
    { name: 'CATALOG_PAGES_ON_ERROR', value: 'bypass' },
    { name: 'CATALOG_PAGES_ON_MISS', value: 'load' },
    { name: 'CATALOG_PAGES_TTL_SECONDS', value: '600' },
    { name: 'REDIS_URL_USER', valueFrom: { secretKeyRef: { name: account, key: 'username' } } },
    { name: 'REDIS_URL_PASSWORD', valueFrom: { secretKeyRef: { name: account, key: 'password' } } },
    { name: 'REDIS_URL', value: 'redis://$(REDIS_URL_USER):$(REDIS_URL_PASSWORD)@catalog-pages.catalogue.svc:6379/0' },
  ]);
});

test('terms come under the names that the program wants; those that it does not name come anyway', () => {
  const env = { CACHE: 'address', TTL: 'ttlSeconds' };
  expect(envOf(caching({ ttl: Duration.hours(2), onError: 'fail', env }))).toEqual([
    { name: 'CACHE', value: 'catalog-pages.catalogue.svc:6379' },
    { name: 'CATALOG_PAGES_ON_ERROR', value: 'fail' },
    { name: 'CATALOG_PAGES_ON_MISS', value: 'load' },
    { name: 'TTL', value: '7200' },
  ]);
});

test('it may write, and it alone may connect', () => {
  const plan = caching(TTL);
  const { initContainers } = objectOf(plan, 'Deployment/catalogue/catalog-pages')['spec'].template.spec;
  expect(initContainers[0].command.at(-1)).toContain("login catalog_a '~* &* +@all");
  expect(objectOf(plan, 'NetworkPolicy/catalogue/catalog-pages')['spec'].ingress).toMatchObject([
    { from: [{ podSelector: { matchLabels: { 'app.kubernetes.io/name': 'catalog' } } }] },
  ]);
});

test('two caches of one service have terms of their own', () => {
  const plan = catalog(({ catalogue, catalog, inventory, cache }) => {
    const prices = new RedisCache(catalogue, 'prices');
    catalog
      .calls(inventory)
      .caches(cache, { ...TTL, env: { PAGES: 'url' } })
      .caches(prices, { ttl: Duration.seconds(5), env: { PRICES: 'url' } });
  });
  expect(codesOf(plan)).toEqual([]);
  expect(envOf(plan)).toEqual(
    expect.arrayContaining([
      { name: 'CATALOG_PAGES_TTL_SECONDS', value: '600' },
      { name: 'PRICES_TTL_SECONDS', value: '5' },
    ]),
  );
});

describe('a cache is nobody’s only copy', () => {
  const codes = (say: (world: World) => void) => codesOf(catalog(say));

  test.each([
    ['a durable store that it owns', ({ catalogue, catalog }: World) => void catalog.owns(storeIn(catalogue))],
    [
      'a durable store that it reads',
      ({ catalogue, catalog, inventory }: World) => {
        const store = storeIn(catalogue);
        inventory.owns(store, { env: {} });
        catalog.reads(store, { env: {} });
      },
    ],
    ['a service that it calls', ({ catalog, inventory }: World) => void catalog.calls(inventory)],
    [
      'a peer outside',
      ({ catalogue, catalog }: World) =>
        void catalog.calls(ExternalService.of(catalogue, 'wiki', { host: 'w.example.com' })),
    ],
  ])('%s is a source', (_what, say) => {
    const cached = (world: World): void => {
      say(world);
      world.catalog.caches(world.cache, { ...TTL, env: {} });
    };
    expect(codes(cached)).toEqual([]);
  });

  test('without a source it would be', () => {
    const plan = catalog(({ catalog, cache }) => void catalog.caches(cache, TTL));
    expect(plan.findings).toMatchObject([
      {
        code: 'cache-is-the-only-copy',
        path: 'shop/catalogue/catalog',
        got: expect.stringContaining('caches.test.ts'),
      },
    ]);
  });

  test('another cache is no source', () => {
    const say = ({ catalogue, catalog, cache }: World): void => {
      const other = new RedisCache(catalogue, 'other', { access: 'network' });
      catalog.owns(other, { env: {} }).calls(other, { env: 'OTHER' }).caches(cache, TTL);
    };
    expect(codes(say)).toEqual(['cache-is-the-only-copy']);
  });

  test('what is cached in a durable store would age away there', () => {
    const say = ({ catalogue, catalog, inventory, cache }: World): void => {
      const store = storeIn(catalogue);
      inventory.calls(catalog).owns(cache);
      catalog.calls(inventory).owns(store).caches(store, TTL);
    };
    expect(codes(say)).toEqual(expect.arrayContaining(['cache-is-the-only-copy']));
  });

  test('two services do not cache in one', () => {
    const say = ({ catalog, inventory, cache }: World): void => {
      catalog.calls(inventory).caches(cache, TTL);
      inventory.calls(ExternalService.of(catalog.node.scope as BoundedContext, 'x', { host: 'x.example.com' }));
      inventory.caches(cache, TTL);
    };
    expect(codes(say)).toEqual(['shared-database']);
  });
});

describe('terms that cannot be', () => {
  test.each([
    ['no age', {} as CacheOptions, 'cache-without-ttl'],
    ['an age of nothing', { ttl: Duration.seconds(0) }, 'out-of-range'],
    ['a part of a second', { ttl: Duration.millis(1500) }, 'out-of-range'],
    ['an age of months', { ttl: Duration.days(31) }, 'out-of-range'],
    ['an unknown failure policy', { ...TTL, onError: 'retry' as 'fail' }, 'unknown-choice'],
    ['an unknown option', { ...TTL, size: 3 } as CacheOptions, 'unknown-prop'],
    ['a bad variable', { ...TTL, env: { '1': 'url' } }, 'bad-env-name'],
    ['a field that it does not have', { ...TTL, env: { X: 'socket' } }, 'unknown-connection-field'],
  ])('%s', (_what, options, code) => {
    expect(codesOf(caching(options))).toEqual([code]);
  });

  test('a day and a month are allowed', () => {
    expect(codesOf(caching({ ttl: Duration.seconds(1) }))).toEqual([]);
    expect(codesOf(caching({ ttl: Duration.days(30) }))).toEqual([]);
  });
});

function storeIn(context: BoundedContext): RedisStore {
  return new RedisStore(context, 'products', { storage: Size.gibibytes(1) });
}
