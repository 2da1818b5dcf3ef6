import {
  BoundedContext,
  Check,
  Duration,
  ElasticsearchIndex,
  Health,
  LoadBalancing,
  Microservice,
  MongoDatabase,
  Percent,
  PostgresDatabase,
  RedisCache,
  Scale,
  Size,
  accept,
  type Platform,
} from 'ashlar';
import { backup, image, onceMore } from './common';

/** What there is to buy, and how much of it. */
export function catalogue(shop: Platform): { readonly catalog: Microservice; readonly inventory: Microservice } {
  const context = new BoundedContext(shop, 'catalogue', { team: 'catalogue', subdomain: 'core' });
  const inventory = new Microservice(context, 'inventory', {
    image: image('inventory', '1.9.0'),
    ports: { grpc: 9090 },
    health: Health.both(Check.grpc()),
  });
  inventory.owns(new PostgresDatabase(context, 'inventory-db', { storage: Size.gibibytes(20), backup }));

  const search = new Microservice(context, 'search', {
    image: image('search', '2.1.0'),
    ports: { http: 8080 },
    health: Health.both(Check.http('/healthz')),
  });
  search.owns(new ElasticsearchIndex(context, 'products', { storage: Size.gibibytes(20), backup }));

  const pages = new RedisCache(context, 'catalog-cache', { memory: Size.mebibytes(256) });
  accept(pages, 'single-replica', 'The catalog is slower, not down, while its cache restarts.');
  accept(pages, 'plain-text-connection', 'What it holds are pages that everybody may see.');
  const catalog = new Microservice(context, 'catalog', {
    image: image('catalog', '3.0.2'),
    ports: { http: 8080, metrics: 9464 },
    health: Health.of({
      startup: Check.http('/ready', { period: Duration.seconds(2), failures: 30 }),
      readiness: Check.http('/ready'),
      liveness: Check.http('/live'),
    }),
    scale: Scale.between(3, 12).onCpu(Percent.of(60)),
  });
  catalog
    .owns(new MongoDatabase(context, 'catalog-db', { storage: Size.gibibytes(20), backup }))
    .caches(pages, { ttl: Duration.minutes(10) })
    .calls(inventory, { env: 'INVENTORY_ADDR', timeout: Duration.millis(500), idempotent: true, retry: onceMore })
    .calls(search, {
      env: { SEARCH_URL: 'url' },
      timeout: Duration.seconds(1),
      // What was searched for is often searched for again: the same pod has it in memory.
      loadBalancing: LoadBalancing.byHeader('x-query'),
    });
  return { catalog, inventory };
}
