import {
  Aggregator,
  BoundedContext,
  Bulkhead,
  Check,
  CircuitBreaker,
  ClickHouseDatabase,
  Config,
  Cpu,
  Duration,
  ExternalService,
  Failover,
  Health,
  Key,
  LoadBalancing,
  Microservice,
  Migration,
  POSTGRES_ENV,
  Percent,
  Pooler,
  PostgresDatabase,
  PostgresServer,
  Retry,
  Rollout,
  Scale,
  Schedule,
  ScheduledTask,
  Size,
  Verify,
  type Platform,
} from 'ashlar';
import { backup, image, onceMore } from './common';

/** What orders need of others. */
export interface Peers {
  readonly payments: Microservice;
  readonly rates: Microservice;
  readonly inventory: Microservice;
  readonly shipping: Microservice;
  readonly notifications: Microservice;
}

/** What others ask for. */
export interface Offered {
  readonly orders: Microservice;
  readonly page: Aggregator;
  readonly insights: Microservice;
}

/** Orders, their returns, and what is told of them. */
export function ordering(shop: Platform, peers: Peers): Offered {
  const context = new BoundedContext(shop, 'ordering', { team: 'orders', subdomain: 'core' });
  const limits = new Config(context, 'order-limits', {
    schema: {
      LOG_LEVEL: Key.oneOf('debug', 'info', 'warning'),
      MAX_ITEMS: Key.integer({ min: 1, max: 1000 }),
      PAYMENT_TIMEOUT_SECONDS: Key.number({ min: 0.1 }),
    },
    values: { LOG_LEVEL: 'info', MAX_ITEMS: 100, PAYMENT_TIMEOUT_SECONDS: 2 },
  });
  const orders = new Microservice(context, 'orders', {
    image: image('orders', '1.4.2'),
    ports: { http: 8080 },
    health: Health.of({ readiness: Check.http('/ready'), liveness: Check.http('/live') }),
    scale: Scale.between(3, 20).onCpu(Percent.of(70)),
    resources: {
      cpu: { request: Cpu.millis(250) },
      memory: { request: Size.mebibytes(256), limit: Size.mebibytes(512) },
    },
    rollout: Rollout.canary({
      weights: [5, 25, 50],
      hold: Duration.minutes(5),
      verify: Verify.successRate(Percent.of(99)).latency({ percentile: 99, under: Duration.millis(300) }),
      testers: { header: 'x-canary', value: 'yes' },
    }),
  });
  orders.reads(limits);
  callPeers(orders, peers);
  callRates(context, orders, peers.rates);
  storeOrders(context, orders);
  orders.calls(smallServices(context, orders), { env: { AUDITS_URL: 'url' }, timeout: Duration.seconds(1) });

  const insights = new Microservice(context, 'insights', { image: image('insights', '1.2.0'), ports: { http: 8080 } });
  insights.owns(new ClickHouseDatabase(context, 'events', { storage: Size.gibibytes(100), backup }));
  orders.calls(insights, { env: { INSIGHTS_URL: 'url' }, timeout: Duration.millis(300) });

  const page = new Aggregator(context, 'order-page', {
    image: image('order-page', '0.3.0'),
    ports: { http: 8080 },
    deadline: Duration.seconds(6),
  });
  page
    .gathers(orders, { deadline: Duration.seconds(5) })
    .gathers(peers.shipping, { deadline: Duration.millis(500), onFailure: 'omit' });
  return { orders, page, insights };
}

/** What is asked of each peer while a customer waits. */
function callPeers(orders: Microservice, { payments, inventory, shipping, notifications }: Peers): void {
  orders
    .calls(payments, {
      env: 'PAYMENTS_ADDR',
      timeout: Duration.seconds(2),
      retry: Retry.attempts(2).on('connect-failure', 'unavailable').perTry(Duration.millis(600)),
      idempotent: ['/acme.Payments/Quote'],
      circuitBreaker: CircuitBreaker.consecutiveErrors(5, { open: Duration.seconds(30), maxEjected: Percent.of(50) }),
      bulkhead: Bulkhead.of({ maxConnections: 50, maxPending: 20, maxRequests: 50 }),
      loadBalancing: LoadBalancing.leastRequest(),
      failover: Failover.zones(),
    })
    .calls(inventory, { env: 'INVENTORY_ADDR', timeout: Duration.seconds(1), idempotent: true, retry: onceMore })
    .calls(shipping, { env: { SHIPPING_URL: 'url' }, timeout: Duration.seconds(1) })
    .calls(notifications, { env: { NOTIFICATIONS_URL: 'url' }, timeout: Duration.millis(500) });
}

/** Rates of an hour ago, which somebody else keeps, are better than none. */
function callRates(context: BoundedContext, orders: Microservice, rates: Microservice): void {
  const standby = ExternalService.of(context, 'rates-backup', {
    host: 'rates.example.com',
    addresses: ['198.51.100.32/28'],
  });
  orders.calls(rates, {
    env: { RATES_URL: 'url' },
    timeout: Duration.seconds(1),
    retry: Retry.attempts(3).on('5xx', 'connect-failure').perTry(Duration.millis(200)),
    circuitBreaker: CircuitBreaker.consecutiveErrors(3, { open: Duration.seconds(30), maxEjected: Percent.of(100) }),
    failover: Failover.to(standby).whenUnhealthy(),
  });
}

function storeOrders(context: BoundedContext, orders: Microservice): void {
  const database = new PostgresDatabase(context, 'orders-db', {
    storage: Size.gibibytes(50),
    backup,
    pooler: Pooler.transaction(40),
  });
  orders.owns(database, { env: POSTGRES_ENV.url });
  const command = { image: image('orders', '1.4.2') };
  new Migration(context, 'orders-tables', {
    ...command,
    of: database,
    args: ['migrate', 'up'],
    access: POSTGRES_ENV.url,
  });
  new ScheduledTask(context, 'report-orders', {
    ...command,
    args: ['report'],
    schedule: Schedule.daily({ at: '04:30' }),
  }).reads(database, { env: POSTGRES_ENV.url });
}

/** Two small services of one team share a server, each with a part that the other cannot reach. */
function smallServices(context: BoundedContext, orders: Microservice): Microservice {
  const small = new PostgresServer(context, 'small', { storage: Size.gibibytes(20), backup });
  const returns = new Microservice(context, 'returns', { image: image('returns', '0.4.0'), ports: { http: 8080 } });
  returns.owns(small.schema('returns')).calls(orders, { env: { ORDERS_URL: 'url' }, timeout: Duration.seconds(5) });
  const audits = new Microservice(context, 'audits', { image: image('audits', '0.2.1'), ports: { http: 8080 } });
  audits.owns(small.tables('audits', ['audit_*']));
  return audits;
}
