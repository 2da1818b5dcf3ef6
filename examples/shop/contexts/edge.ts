import {
  ApiGateway,
  Auth,
  BackendForFrontend,
  BoundedContext,
  Check,
  CacheControl,
  Compression,
  Cors,
  Deprecation,
  Duration,
  ExternalService,
  Health,
  Microservice,
  RateLimit,
  Secret,
  Size,
  Tls,
  accept,
  type Aggregator,
  type Platform,
} from 'ashlar';
import { image } from './common';

/** What the outside may ask for. */
export interface Offered {
  readonly orders: Microservice;
  readonly page: Aggregator;
  readonly catalog: Microservice;
  readonly insights: Microservice;
}

const login = {
  issuer: 'https://login.shop.example.com',
  audiences: ['shop'],
  jwksUri: 'https://login.shop.example.com/keys',
};

/** The way in. */
export function edge(shop: Platform, offered: Offered): ApiGateway {
  const { orders, page, catalog } = offered;
  const context = new BoundedContext(shop, 'edge', { team: 'platform', subdomain: 'generic' });
  const cors = Cors.from('https://shop.example.com');
  const asCustomer = Auth.jwt({ ...login, claims: { scope: 'orders' } });
  const successor = 'https://api.shop.example.com/orders';
  const gateway = new ApiGateway(context, 'gateway', {
    hosts: ['api.shop.example.com'],
    tls: Tls.issuedBy('letsencrypt'),
    compression: Compression.gzip(),
  })
    .route('/v1/orders', orders, {
      auth: asCustomer,
      methods: ['GET'],
      rewrite: '/orders',
      timeout: Duration.seconds(5),
      deprecated: Deprecation.since('2026-09-01', { sunset: '2027-03-01', successor }),
    })
    .route('/orders', orders, {
      auth: asCustomer,
      methods: ['GET', 'POST'],
      timeout: Duration.seconds(5),
      rateLimit: RateLimit.perClient(100, Duration.minutes(1)).global(),
      maxRequest: Size.kibibytes(256),
      requestHeaders: { remove: ['x-internal-user'] },
      cors,
    })
    .route('/order-page', page, { auth: asCustomer, methods: ['GET'], timeout: Duration.seconds(7), cors })
    .route('/catalog', catalog, {
      auth: Auth.none('Everybody may look at what there is to buy.'),
      methods: ['GET'],
      port: 'http',
      rewrite: '/',
      timeout: Duration.seconds(3),
      rateLimit: RateLimit.perClient(600, Duration.minutes(1)),
      cache: CacheControl.shared(Duration.minutes(1)),
      cors,
    });
  accept(gateway, 'single-replica', 'Counters that are lost begin anew.');
  accept(gateway, 'plain-text-connection', 'The mesh encrypts; what is counted is no secret.');
  // Whoever gets around the gateway still needs the token.
  page.requires(asCustomer);
  backOffice(context, gateway, offered);
  mobile(shop, gateway, offered);
  return gateway;
}

/** Staff log in with a browser, before anything behind is asked. */
function backOffice(context: BoundedContext, gateway: ApiGateway, { insights }: Offered): void {
  const proxy = new Microservice(context, 'login', {
    image: 'quay.io/oauth2-proxy/oauth2-proxy:v7.12.0',
    ports: { http: 4180 },
    env: {
      OAUTH2_PROXY_PROVIDER: 'oidc',
      OAUTH2_PROXY_OIDC_ISSUER_URL: login.issuer,
      OAUTH2_PROXY_EMAIL_DOMAINS: 'shop.example.com',
      OAUTH2_PROXY_REVERSE_PROXY: 'true',
      OAUTH2_PROXY_UPSTREAMS: 'static://202',
      OAUTH2_PROXY_HTTP_ADDRESS: '0.0.0.0:4180',
    },
    health: Health.both(Check.http('/ping')),
  });
  const account = new Secret(context, 'login-account', {
    keys: {
      'client-id': Secret.known('login/client-id'),
      'client-secret': Secret.known('login/client-secret'),
      cookie: Secret.random(32),
    },
  });
  proxy.reads(account, {
    env: {
      OAUTH2_PROXY_CLIENT_ID: 'client-id',
      OAUTH2_PROXY_CLIENT_SECRET: 'client-secret',
      OAUTH2_PROXY_COOKIE_SECRET: 'cookie',
    },
  });
  const issuer = ExternalService.of(context, 'issuer', { host: 'login.shop.example.com' });
  proxy.calls(issuer, { env: {} });
  gateway
    .route('/oauth2', proxy, { auth: Auth.none('Here staff log in.'), timeout: Duration.seconds(10) })
    .route('/insights', insights, {
      auth: Auth.external(proxy, { protocol: 'http', passes: ['x-auth-request-email'] }),
      timeout: Duration.seconds(10),
      rewrite: '/',
    });
}

/** What the app on phones shows, gathered and shaped for it. */
function mobile(shop: Platform, gateway: ApiGateway, { orders, catalog }: Offered): void {
  const context = new BoundedContext(shop, 'storefront', { team: 'apps', subdomain: 'supporting' });
  const bff = new BackendForFrontend(context, 'mobile-bff', {
    client: 'mobile',
    gateway,
    host: 'm.shop.example.com',
    image: image('mobile-bff', '1.3.0'),
    ports: { http: 8080 },
    health: Health.both(Check.http('/healthz')),
    auth: Auth.jwt({ ...login, audiences: ['shop-app'] }),
    rateLimit: RateLimit.perClient(20, Duration.seconds(1)),
    timeout: Duration.seconds(6),
  });
  bff
    .calls(orders, { env: { ORDERS_URL: 'url' }, timeout: Duration.seconds(5) })
    .calls(catalog, { port: 'http', env: { CATALOG_URL: 'url' }, timeout: Duration.seconds(2) });
}
