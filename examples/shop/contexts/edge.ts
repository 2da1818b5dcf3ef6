import {
  ApiGateway,
  Auth,
  BoundedContext,
  CacheControl,
  Compression,
  Cors,
  Deprecation,
  Duration,
  RateLimit,
  Size,
  Tls,
  type Aggregator,
  type Microservice,
  type Platform,
} from 'ashlar';

/** What the outside may ask for. */
export interface Offered {
  readonly orders: Microservice;
  readonly page: Aggregator;
  readonly catalog: Microservice;
}

const login = {
  issuer: 'https://login.shop.example.com',
  audiences: ['shop'],
  jwksUri: 'https://login.shop.example.com/keys',
};

/** The way in. */
export function edge(shop: Platform, { orders, page, catalog }: Offered): void {
  const context = new BoundedContext(shop, 'edge', { team: 'platform', subdomain: 'generic' });
  const cors = Cors.from('https://shop.example.com');
  const asCustomer = Auth.jwt({ ...login, claims: { scope: 'orders' } });
  const successor = 'https://api.shop.example.com/orders';
  new ApiGateway(context, 'gateway', {
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
      rateLimit: RateLimit.perClient(100, Duration.minutes(1)),
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
}
