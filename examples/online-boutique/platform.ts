import {
  ApiGateway,
  Auth,
  BoundedContext,
  Check,
  Cpu,
  Directory,
  Duration,
  ExternalService,
  Health,
  Microservice,
  Percent,
  Port,
  RateLimit,
  RedisCache,
  Retry,
  Rollout,
  Shutdown,
  Size,
  Verify,
  accept,
  definePlatform,
  type Resources,
} from 'ashlar';

/** Online Boutique v0.10.6, Google's demo shop: eleven services and a Redis, as its released manifests describe them. */
const image = (service: string): string =>
  `us-central1-docker.pkg.dev/online-boutique-ci/microservices-demo/${service}:v0.10.6`;

const uses = (cpu: [number, number], memory: [number, number]): Resources => ({
  cpu: { request: Cpu.millis(cpu[0]), limit: Cpu.millis(cpu[1]) },
  memory: { request: Size.mebibytes(memory[0]), limit: Size.mebibytes(memory[1]) },
});
const small = uses([100, 200], [64, 128]);

/** Every program of the shop ends within five seconds of the signal. */
const shutdown = Shutdown.graceful({ finish: Duration.seconds(5) });
const everyFiveSeconds = { period: Duration.seconds(5) };
const quiet = { DISABLE_PROFILER: '1' };

/** Asked for what does not change by being asked for: once more where that failed. */
const asked = {
  timeout: Duration.seconds(1),
  idempotent: true,
  retry: Retry.attempts(1).on('connect-failure', 'unavailable').perTry(Duration.millis(400)),
} as const;

export default definePlatform('online-boutique', (shop) => {
  const web = new BoundedContext(shop, 'web', { team: 'web', subdomain: 'supporting' });
  const catalog = new BoundedContext(shop, 'catalog', { team: 'catalog', subdomain: 'core' });
  const checkout = new BoundedContext(shop, 'checkout', { team: 'checkout', subdomain: 'core' });
  const cart = new BoundedContext(shop, 'cart', { team: 'checkout', subdomain: 'core' });
  const payment = new BoundedContext(shop, 'payment', { team: 'payment', subdomain: 'generic' });
  const delivery = new BoundedContext(shop, 'delivery', { team: 'delivery', subdomain: 'supporting' });

  const frontend = new Microservice(web, 'frontend', {
    image: image('frontend'),
    ports: { http: Port.http(80, { container: 8080 }) },
    env: { PORT: '8080', ENABLE_PROFILER: '0' },
    resources: small,
    shutdown,
    health: Health.of({
      readiness: Check.http('/_healthz', {
        initialDelay: Duration.seconds(10),
        headers: { Cookie: 'shop_session-id=x-readiness-probe' },
      }),
      liveness: Check.http('/_healthz', {
        initialDelay: Duration.seconds(10),
        headers: { Cookie: 'shop_session-id=x-liveness-probe' },
      }),
    }),
    rollout: Rollout.canary({
      weights: [10, 50],
      hold: Duration.minutes(5),
      verify: Verify.successRate(Percent.of(99)).latency({ percentile: 95, under: Duration.millis(500) }),
    }),
  });

  const ads = new Microservice(web, 'adservice', {
    image: image('adservice'),
    ports: { grpc: 9555 },
    env: { PORT: '9555' },
    resources: uses([200, 300], [180, 300]),
    shutdown,
    health: Health.both(Check.grpc({ initialDelay: Duration.seconds(20), period: Duration.seconds(15) })),
  });

  const products = new Microservice(catalog, 'productcatalogservice', {
    image: image('productcatalogservice'),
    ports: { grpc: 3550 },
    env: { PORT: '3550', ...quiet },
    resources: small,
    shutdown,
    health: Health.both(Check.grpc()),
  });
  const recommendations = new Microservice(catalog, 'recommendationservice', {
    image: image('recommendationservice'),
    ports: { grpc: 8080 },
    env: { PORT: '8080', ...quiet },
    resources: uses([100, 200], [220, 450]),
    shutdown,
    health: Health.both(Check.grpc(everyFiveSeconds)),
  });
  const currency = new Microservice(catalog, 'currencyservice', {
    image: image('currencyservice'),
    ports: { grpc: 7000 },
    env: { PORT: '7000', ...quiet },
    resources: small,
    shutdown,
    health: Health.both(Check.grpc()),
  });

  const redis = new RedisCache(cart, 'redis-cart', {
    image: 'redis:alpine',
    // The cart service knows an address and no login.
    access: 'network',
    memory: Size.mebibytes(200),
    resources: uses([70, 125], [200, 256]),
  });
  accept(
    redis,
    'single-replica',
    'Carts are lost with their Redis, as in the original; a shop would keep them in a database.',
  );
  const carts = new Microservice(cart, 'cartservice', {
    image: image('cartservice'),
    ports: { grpc: 7070 },
    resources: uses([200, 300], [64, 128]),
    shutdown,
    health: Health.of({
      readiness: Check.grpc({ initialDelay: Duration.seconds(15) }),
      liveness: Check.grpc({ initialDelay: Duration.seconds(15), period: Duration.seconds(10) }),
    }),
  });
  carts.calls(redis, { env: 'REDIS_ADDR' });

  const payments = new Microservice(payment, 'paymentservice', {
    image: image('paymentservice'),
    ports: { grpc: 50051 },
    env: { PORT: '50051', ...quiet },
    resources: small,
    shutdown,
    health: Health.both(Check.grpc()),
  });

  const shipping = new Microservice(delivery, 'shippingservice', {
    image: image('shippingservice'),
    ports: { grpc: 50051 },
    env: { PORT: '50051', ...quiet },
    resources: small,
    shutdown,
    health: Health.of({ readiness: Check.grpc(everyFiveSeconds), liveness: Check.grpc() }),
  });
  const emails = new Microservice(delivery, 'emailservice', {
    image: image('emailservice'),
    ports: { grpc: Port.grpc(5000, { container: 8080 }) },
    env: { PORT: '8080', ...quiet },
    resources: small,
    shutdown,
    health: Health.both(Check.grpc(everyFiveSeconds)),
  });

  const checkouts = new Microservice(checkout, 'checkoutservice', {
    image: image('checkoutservice'),
    ports: { grpc: 5050 },
    env: { PORT: '5050' },
    resources: small,
    shutdown,
    health: Health.both(Check.grpc()),
  });

  // The shopping assistant is no part of the released manifests, but the frontend wants to know where it would be.
  const assistant = ExternalService.inCluster(shop, 'shoppingassistantservice', {
    namespace: 'assistant',
    podLabels: { app: 'shoppingassistantservice' },
    ports: { http: 80 },
  });

  frontend
    .calls(products, { env: 'PRODUCT_CATALOG_SERVICE_ADDR', ...asked })
    .calls(currency, { env: 'CURRENCY_SERVICE_ADDR', ...asked })
    .calls(carts, { env: 'CART_SERVICE_ADDR', timeout: Duration.seconds(1) })
    .calls(recommendations, { env: 'RECOMMENDATION_SERVICE_ADDR', timeout: Duration.seconds(2) })
    .calls(shipping, { env: 'SHIPPING_SERVICE_ADDR', timeout: Duration.seconds(1) })
    .calls(checkouts, { env: 'CHECKOUT_SERVICE_ADDR', timeout: Duration.seconds(10) })
    .calls(ads, { env: 'AD_SERVICE_ADDR', timeout: Duration.millis(300) })
    .calls(assistant, { env: 'SHOPPING_ASSISTANT_SERVICE_ADDR', timeout: Duration.seconds(10) });
  recommendations.calls(products, { env: 'PRODUCT_CATALOG_SERVICE_ADDR', ...asked });
  checkouts
    .calls(products, { env: 'PRODUCT_CATALOG_SERVICE_ADDR', ...asked })
    .calls(shipping, { env: 'SHIPPING_SERVICE_ADDR', timeout: Duration.seconds(1) })
    .calls(payments, { env: 'PAYMENT_SERVICE_ADDR', timeout: Duration.seconds(2) })
    .calls(emails, { env: 'EMAIL_SERVICE_ADDR', timeout: Duration.seconds(1) })
    .calls(currency, { env: 'CURRENCY_SERVICE_ADDR', ...asked })
    .calls(carts, { env: 'CART_SERVICE_ADDR', timeout: Duration.seconds(1) });

  new ApiGateway(shop, 'ingress', { hosts: ['boutique.example.com'] }).route('/', frontend, {
    auth: Auth.none('The shop is for everybody.'),
    timeout: Duration.seconds(15),
    rateLimit: RateLimit.perClient(600, Duration.minutes(1)),
  });

  const load = new Microservice(web, 'loadgenerator', {
    image: image('loadgenerator'),
    env: { USERS: '10', RATE: '1' },
    directories: [Directory.temporary('/tmp')],
    resources: uses([300, 500], [256, 512]),
    shutdown: Shutdown.prompt(Duration.seconds(5)),
  });
  load.calls(frontend, { env: 'FRONTEND_ADDR', timeout: Duration.seconds(15) });
});
