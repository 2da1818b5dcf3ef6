import {
  BoundedContext,
  Check,
  Config,
  Cpu,
  Directory,
  Duration,
  Exposure,
  ExternalService,
  Health,
  Key,
  Microservice,
  Percent,
  RedisCache,
  Scale,
  Shutdown,
  Size,
  accept,
  definePlatform,
} from 'ashlar';

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

  const pages = new RedisCache(catalogue, 'catalog-cache', { memory: Size.mebibytes(256), access: 'network' });
  accept(pages, 'single-replica', 'The catalog is slower, not down, while its cache restarts.');
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
  catalog.calls(pages, { env: 'CACHE_ADDR' }).calls(inventory, { env: 'INVENTORY_ADDR' });

  const shipping = new Microservice(fulfilment, 'shipping', {
    image: image('shipping', '1.1.4'),
    ports: { http: 8080 },
    health: Health.both(Check.http('/healthz')),
  });
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

  orders.exposes('http', Exposure.loadBalancer('orders-public'));
  catalog.exposes('http', Exposure.loadBalancer('catalog-public'));
});
