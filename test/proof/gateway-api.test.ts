import {
  ApiGateway,
  Auth,
  BoundedContext,
  CacheControl,
  Cors,
  Duration,
  Microservice,
  Tls,
  definePlatform,
  type KubeObject,
  type Plan,
  type RouteOptions,
} from 'ashlar';
import { proof } from 'ashlar/testing/cluster';
import { certificatesOf } from './support/mesh/around';
import { certify, meshProof } from './support/mesh/engine';
import { deployed } from './support/mesh/gateway-api';
import { Lab } from './support/mesh/lab';
import type { Answer } from './support/mesh/talk';
import { meshed } from './support/mesh/plans';
import { misfits } from './support/misfits';

const HOST = 'api.shop.example.com';
const ORIGIN = 'https://shop.example.com';
const image = 'registry.example.com/it:1';

const open = (options: Partial<RouteOptions> = {}): RouteOptions => ({
  auth: Auth.none('A proof asks.'),
  timeout: Duration.seconds(5),
  ...options,
});

const definition = definePlatform('proof', (platform) => {
  const shop = new BoundedContext(platform, 'shop', { team: 'a' });
  const billing = new BoundedContext(platform, 'billing', { team: 'b' });
  const orders = new Microservice(shop, 'orders', { image, ports: { http: 8080 } });
  const newer = new Microservice(shop, 'newer', { image, ports: { http: 8080 } });
  const payments = new Microservice(billing, 'payments', { image, ports: { http: 8080 } });
  new ApiGateway(shop, 'edge', { hosts: [HOST], tls: Tls.issuedBy('letsencrypt') })
    .route('/orders', orders, open({ methods: ['GET', 'POST'], cors: Cors.from(ORIGIN) }))
    .route('/orders', newer, open({ methods: ['GET'], when: { header: 'api-version', value: '2' } }))
    .route('/orders/status', newer, open())
    .route('/v1', orders, open({ rewrite: '/', requestHeaders: { remove: ['x-internal'] } }))
    .route('/pay', payments, open({ rewrite: '/charges', methods: ['GET', 'PUT'], cache: CacheControl.never() }))
    .route('/hasty', orders, open({ timeout: Duration.millis(200) }));
});

const catalogOf = (options: RouteOptions) =>
  definePlatform('proof', (platform) => {
    const shop = new BoundedContext(platform, 'shop', { team: 'a' });
    const items = new Microservice(shop, 'items', { image, ports: { grpc: 9090 } });
    new ApiGateway(shop, 'edge', { hosts: [HOST] }).route('/shop.Items', items, options);
  });

const catalog = catalogOf({ auth: Auth.none('A proof asks.') });
const timed = catalogOf(open({ methods: ['POST'] }));

const planOf = (of: typeof definition): Plan =>
  meshed(of, 'istio-sidecar', {}, { name: 'gateway-api', options: { implementation: 'istio' } });

const outside = (plan: Plan): readonly KubeObject[] =>
  plan.objects
    .map(({ manifest }) => manifest)
    .filter(
      ({ apiVersion, kind }) =>
        /^(gateway\.networking\.k8s|cert-manager)\.io\//.test(apiVersion) || kind === 'Namespace',
    );

proof(
  'an API server with the definitions of the Gateway API and of cert-manager',
  (cluster) => {
    test.each([
      ['HTTP', definition, ['Certificate', 'Gateway', 'HTTPRoute', 'ReferenceGrant']],
      ['gRPC', catalog, ['GRPCRoute', 'Gateway', 'HTTPRoute']],
    ] as const)('takes gateway, certificate and routes of %s as they are', async (_, of, kinds) => {
      const objects = outside(planOf(of));
      expect([...new Set(objects.map(({ kind }) => kind))].filter((kind) => kind !== 'Namespace').sort()).toEqual(
        kinds,
      );
      expect(misfits(await cluster().apply(objects, { refusals: 'return' }))).toEqual([]);
    });
  },
  { controllers: false, crds: true },
);

meshProof('a gateway of the Gateway API', () => {
  let lab: Lab;
  beforeAll(async () => {
    const shown = certify(HOST);
    const plan = planOf(definition);
    lab = new Lab(deployed(plan), { shown, beside: certificatesOf(plan, shown) });
    await lab.start('shop/edge-istio', 'shop/orders', 'shop/newer', 'billing/payments');
  });
  afterAll(() => lab.stop());
  beforeEach(() => lab.reset());
  const ask = (path: string, request = {}): Promise<Answer> =>
    lab.fromOutside('shop/edge-istio', HOST, { path, ...request });
  const urls = (key: string) => lab.app(key).seen.map(({ url }) => url);

  test('plain HTTP is sent on to HTTPS, and other names find nobody', async () => {
    const answer = await ask('/orders', { plain: true });
    expect([answer.status, answer.headers['location']]).toEqual([301, `https://${HOST}/orders`]);
    expect((await ask('/orders', { headers: { host: 'other.example.com' } })).status).toBe(404);
  });

  test('requests go where path, method and header say', async () => {
    await ask('/orders/1');
    await ask('/orders/1', { method: 'POST', headers: { 'api-version': '2' } });
    await ask('/orders/2', { headers: { 'api-version': '2' } });
    await ask('/orders/status', { method: 'DELETE' });
    expect(urls('shop/orders')).toEqual(['/orders/1', '/orders/1']);
    expect(urls('shop/newer')).toEqual(['/orders/2', '/orders/status']);
    expect((await ask('/orders/1', { method: 'DELETE' })).status).toBe(404);
    expect((await ask('/ordersx')).status).toBe(404);
  });

  test('services see the path and the headers that the route says', async () => {
    await ask('/v1/orders/1?x=1', { headers: { 'x-internal': 'yes' } });
    await ask('/v1');
    expect(urls('shop/orders')).toEqual(['/orders/1?x=1', '/']);
    expect(lab.app('shop/orders').seen[0]?.headers['x-internal']).toBeUndefined();
  });

  test('a service of another context is reached by the leave that it gives', async () => {
    const { status, headers } = await ask('/pay/7', { method: 'PUT' });
    expect([status, headers['cache-control']]).toEqual([200, 'no-store']);
    expect(urls('billing/payments')).toEqual(['/charges/7']);
  });

  test('services know the gateway by its identity, and take nothing in plain text', async () => {
    expect(await lab.plain('shop/orders', 8080)).toBe('refused');
    expect((await ask('/orders/1')).status).toBe(200);
  });

  test('clients are answered 504 when the time of the route is over', async () => {
    lab.app('shop/orders').delayMs = 600;
    expect((await ask('/hasty')).status).toBe(504);
  });

  test('pages of a declared origin may call, and browsers may ask first', async () => {
    const first = { origin: ORIGIN, 'access-control-request-method': 'POST' };
    const asked = await ask('/orders/1', { method: 'OPTIONS', headers: first });
    expect([asked.status, asked.headers['access-control-allow-origin']]).toEqual([200, ORIGIN]);
    expect(lab.app('shop/orders').seen).toEqual([]);
    const strange = await ask('/orders/1', { headers: { origin: 'https://evil.example' } });
    expect(strange.headers['access-control-allow-origin']).toBeUndefined();
  });

  test('what a service has answered badly is not asked again', async () => {
    const app = lab.app('shop/orders');
    app.answer = () => 503;
    expect((await ask('/orders/1', { method: 'POST' })).status).toBe(503);
    expect(app.seen).toHaveLength(1);
  });
});

meshProof('a gateway that leads to gRPC', () => {
  test.each([
    ['by GRPCRoutes', catalog],
    ['by HTTPRoutes, since it has times', timed],
  ])('leads to the methods of its services, and to no others, %s', async (_, of) => {
    const shown = certify(HOST);
    const plan = planOf(of);
    const lab = new Lab(deployed(plan), { shown, beside: certificatesOf(plan, shown) });
    try {
      await lab.start('shop/edge-istio', 'shop/items');
      expect((await lab.grpcFromOutside('shop/edge-istio', HOST, '/shop.Items/List')).grpc).toBe(0);
      // 12: nobody implements it.
      expect((await lab.grpcFromOutside('shop/edge-istio', HOST, '/shop.Prices/List')).grpc).toBe(12);
      expect(lab.app('shop/items').seen.map(({ url }) => url)).toEqual(['/shop.Items/List']);
    } finally {
      await lab.stop();
    }
  });
});

meshProof('without the leave of the other context', () => {
  test('no request gets there', async () => {
    const shown = certify(HOST);
    const plan = planOf(definition);
    const options = { shown, beside: certificatesOf(plan, shown), without: ['ReferenceGrant'] };
    const lab = new Lab(deployed(plan), options);
    try {
      await lab.start('shop/edge-istio', 'billing/payments');
      expect((await lab.fromOutside('shop/edge-istio', HOST, { path: '/pay/7' })).status).toBe(500);
      expect(lab.app('billing/payments').seen).toEqual([]);
    } finally {
      await lab.stop();
    }
  });
});
