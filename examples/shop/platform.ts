import {
  Backup,
  BoundedContext,
  Check,
  ClickHouseDatabase,
  Config,
  Cpu,
  Directory,
  Duration,
  ElasticsearchIndex,
  Exposure,
  ExternalService,
  Health,
  Key,
  Microservice,
  Migration,
  MongoDatabase,
  POSTGRES_ENV,
  Percent,
  Pooler,
  PostgresDatabase,
  PostgresServer,
  RedisCache,
  Scale,
  Schedule,
  ScheduledTask,
  Secret,
  Shutdown,
  Size,
  accept,
  definePlatform,
} from 'ashlar';

/** Kept for a month, every day: what must not be lost. */
const backup = Backup.daily({ keep: Duration.days(30) });

const image = (service: string, version: string): string => `ghcr.io/acme/${service}:${version}`;

export default definePlatform('shop', (shop) => {
  const ordering = new BoundedContext(shop, 'ordering', { team: 'orders', subdomain: 'core' });
  const billing = new BoundedContext(shop, 'billing', { team: 'billing', subdomain: 'supporting' });
  const catalogue = new BoundedContext(shop, 'catalogue', { team: 'catalogue', subdomain: 'core' });
  const fulfilment = new BoundedContext(shop, 'fulfilment', { team: 'logistics', subdomain: 'supporting' });

  const payments = new Microservice(billing, 'payments', {
    image: image('payments', '2.3.1'),
    ports: { grpc: 9090 },
    health: Health.both(Check.grpc()),
    shutdown: Shutdown.graceful({ drain: Duration.seconds(10), finish: Duration.seconds(60) }),
  });
  payments.owns(new PostgresDatabase(billing, 'payments-db', { storage: Size.gibibytes(50), backup }));
  const acquirer = new Secret(billing, 'acquirer-account', {
    keys: { 'api-key': Secret.known('acquirer/api-key'), hmac: Secret.random(48) },
  });
  payments.reads(acquirer, { env: { ACQUIRER_API_KEY: 'api-key', WEBHOOK_HMAC: 'hmac' } });
  payments.calls(
    ExternalService.of(billing, 'acquirer', { host: 'api.acquirer.example', addresses: ['203.0.113.0/24'] }),
    {
      env: { ACQUIRER_URL: 'url' },
    },
  );

  const inventory = new Microservice(catalogue, 'inventory', {
    image: image('inventory', '1.9.0'),
    ports: { grpc: 9090 },
    health: Health.both(Check.grpc()),
  });

  inventory.owns(new PostgresDatabase(catalogue, 'inventory-db', { storage: Size.gibibytes(20), backup }));

  const pages = new RedisCache(catalogue, 'catalog-cache', { memory: Size.mebibytes(256) });
  accept(pages, 'single-replica', 'The catalog is slower, not down, while its cache restarts.');
  accept(pages, 'plain-text-connection', 'What it holds are pages that everybody may see.');
  const catalog = new Microservice(catalogue, 'catalog', {
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
    .owns(new MongoDatabase(catalogue, 'catalog-db', { storage: Size.gibibytes(20), backup }))
    .caches(pages, { ttl: Duration.minutes(10) })
    .calls(inventory, { env: 'INVENTORY_ADDR' });
  const search = new Microservice(catalogue, 'search', {
    image: image('search', '2.1.0'),
    ports: { http: 8080 },
    health: Health.both(Check.http('/healthz')),
  });
  search.owns(new ElasticsearchIndex(catalogue, 'products', { storage: Size.gibibytes(20), backup }));
  catalog.calls(search, { env: { SEARCH_URL: 'url' } });

  const shipping = new Microservice(fulfilment, 'shipping', {
    image: image('shipping', '1.1.4'),
    ports: { http: 8080 },
    health: Health.both(Check.http('/healthz')),
  });
  const parcels = new PostgresServer(fulfilment, 'parcels', { storage: Size.gibibytes(20), backup });
  shipping.owns(parcels.schema('shipping'));
  const notifications = new Microservice(fulfilment, 'notifications', {
    image: image('notifications', '0.8.0'),
    ports: { http: 8080 },
    directories: [Directory.temporary('/var/spool/mail', { limit: Size.mebibytes(100) }).alsoIn('relay', '/spool')],
    sidecars: {
      relay: {
        image: image('mail-relay', '1.0.0'),
        resources: {
          cpu: { request: Cpu.millis(20) },
          memory: { request: Size.mebibytes(32), limit: Size.mebibytes(64) },
        },
      },
    },
  });
  notifications.owns(parcels.schema('notifications'));
  notifications.calls(
    ExternalService.of(fulfilment, 'smtp', { host: 'smtp.example.com', ports: { submission: 587 } }),
    {
      env: { SMTP_HOST: 'host', SMTP_PORT: 'port' },
    },
  );

  const limits = new Config(ordering, 'order-limits', {
    schema: {
      LOG_LEVEL: Key.oneOf('debug', 'info', 'warning'),
      MAX_ITEMS: Key.integer({ min: 1, max: 1000 }),
      PAYMENT_TIMEOUT_SECONDS: Key.number({ min: 0.1 }),
    },
    values: { LOG_LEVEL: 'info', MAX_ITEMS: 100, PAYMENT_TIMEOUT_SECONDS: 2 },
  });
  const orders = new Microservice(ordering, 'orders', {
    image: image('orders', '1.4.2'),
    ports: { http: 8080 },
    health: Health.of({ readiness: Check.http('/ready'), liveness: Check.http('/live') }),
    scale: Scale.between(3, 20).onCpu(Percent.of(70)),
    resources: {
      cpu: { request: Cpu.millis(250) },
      memory: { request: Size.mebibytes(256), limit: Size.mebibytes(512) },
    },
  });
  orders
    .reads(limits)
    .calls(payments, { env: 'PAYMENTS_ADDR' })
    .calls(inventory, { env: 'INVENTORY_ADDR' })
    .calls(shipping, { env: { SHIPPING_URL: 'url' } })
    .calls(notifications, { env: { NOTIFICATIONS_URL: 'url' } });

  const ordersDb = new PostgresDatabase(ordering, 'orders-db', {
    storage: Size.gibibytes(50),
    backup,
    pooler: Pooler.transaction(40),
  });
  orders.owns(ordersDb, { env: POSTGRES_ENV.url });
  const orderCommand = { image: image('orders', '1.4.2') };
  new Migration(ordering, 'orders-tables', {
    ...orderCommand,
    of: ordersDb,
    args: ['migrate', 'up'],
    access: POSTGRES_ENV.url,
  });
  new ScheduledTask(ordering, 'report-orders', {
    ...orderCommand,
    args: ['report'],
    schedule: Schedule.daily({ at: '04:30' }),
  }).reads(ordersDb, { env: POSTGRES_ENV.url });

  // Two small services of one team share a server, each with a part that the other cannot reach.
  const small = new PostgresServer(ordering, 'small', { storage: Size.gibibytes(20), backup });
  const returns = new Microservice(ordering, 'returns', { image: image('returns', '0.4.0'), ports: { http: 8080 } });
  const audits = new Microservice(ordering, 'audits', { image: image('audits', '0.2.1'), ports: { http: 8080 } });
  returns.owns(small.schema('returns')).calls(orders, { env: { ORDERS_URL: 'url' } });
  audits.owns(small.tables('audits', ['audit_*']));
  orders.calls(audits, { env: { AUDITS_URL: 'url' } });
  const insights = new Microservice(ordering, 'insights', { image: image('insights', '1.2.0'), ports: { http: 8080 } });
  insights.owns(new ClickHouseDatabase(ordering, 'events', { storage: Size.gibibytes(100), backup }));
  orders.calls(insights, { env: { INSIGHTS_URL: 'url' } });

  orders.exposes('http', Exposure.loadBalancer('orders-public'));
  catalog.exposes('http', Exposure.loadBalancer('catalog-public'));
});
