import {
  ApiGateway,
  Auth,
  BackendForFrontend,
  Duration,
  Microservice,
  RateLimit,
  RedisCache,
  RedisStore,
  Size,
  type BackendForFrontendProps,
} from 'ashlar';
import { installMatchers } from 'ashlar/testing';
import { HOST, blocksOf, gatewayPlan, guarded, image, open, type Made } from '../support/gateways';
import { codesOf, objectOf } from '../support/plans';

installMatchers(expect);

const MOBILE = 'm.shop.example.com';

function frontend(
  { context, edge }: Pick<Made, 'context' | 'edge'>,
  client: string,
  props: Partial<BackendForFrontendProps> = {},
): BackendForFrontend {
  return new BackendForFrontend(context, `${client}-bff`, {
    ...{ client, gateway: edge, image, ports: { http: 8080 }, ...open },
    ...props,
  });
}

test('it has a name of its own at the gateway, with its own limits and authentication', () => {
  const plan = gatewayPlan((made) => {
    const rateLimit = RateLimit.perClient(10, Duration.seconds(1));
    frontend(made, 'mobile', { host: MOBILE, ...guarded, rateLimit });
    made.edge.route('/orders', made.orders, open);
  });
  expect(codesOf(plan)).toEqual([]);
  expect(objectOf(plan, 'Gateway/shop/edge')['spec'].servers[1].hosts).toEqual([HOST, MOBILE]);
  expect(objectOf(plan, 'VirtualService/shop/edge')['spec'].hosts).toEqual([HOST, MOBILE]);
  const authority = { regex: '(?i)m\\.shop\\.example\\.com(:.*)?' };
  expect(blocksOf(plan)).toMatchObject([
    { match: [{ uri: { prefix: '/' }, authority }], directResponse: { status: 401 } },
    { match: [{ uri: { prefix: '/' }, authority }], timeout: '5s' },
    { match: [{ uri: { regex: '/orders(/.*)?' } }] },
  ]);
  const [rule] = objectOf(plan, 'AuthorizationPolicy/shop/edge-tokens')['spec'].rules;
  expect(rule.to).toEqual([{ operation: { ports: ['8443'], hosts: [MOBILE, `${MOBILE}:*`], paths: ['/*'] } }]);
});

test('what has a name of its own is taken from routes that have none, and from their tokens', () => {
  const plan = gatewayPlan((made) => {
    frontend(made, 'mobile', { host: MOBILE });
    made.edge.route('/orders', made.orders, guarded);
  });
  expect(codesOf(plan)).toEqual([]);
  const [rule] = objectOf(plan, 'AuthorizationPolicy/shop/edge-tokens')['spec'].rules;
  expect(rule.to[0].operation).toMatchObject({ notHosts: [MOBILE, `${MOBILE}:*`], paths: ['/orders', '/orders/*'] });
});

test('or it has a path of its own', () => {
  const plan = gatewayPlan((made) => {
    frontend(made, 'iot', { path: '/things' });
    frontend(made, 'partner', { path: '/partners', host: HOST });
  });
  expect(codesOf(plan)).toEqual([]);
  expect(blocksOf(plan).map(({ name }) => name)).toEqual([`partner-bff:${HOST}/partners`, 'iot-bff:/things']);
});

test('it reaches the services that it calls and no others, and only the gateway reaches it', () => {
  const plan = gatewayPlan((made) => {
    const { context, orders } = made;
    new Microservice(context, 'payments', { image, ports: { http: 8080 } });
    frontend(made, 'mobile', { host: MOBILE }).calls(orders, { timeout: Duration.seconds(1) });
    frontend(made, 'web', { path: '/web' }).calls(orders, { timeout: Duration.seconds(1) });
  });
  expect(codesOf(plan)).toEqual([]);
  const services = ['orders', 'payments', 'web-bff', 'mobile-bff'];
  for (const other of services.filter((name) => name !== 'mobile-bff')) {
    if (other === 'orders') expect(plan).toAllow('mobile-bff', other, 8080);
    else expect(plan).not.toAllow('mobile-bff', other, 8080);
    expect(plan).not.toAllow(other, 'mobile-bff', 8080);
  }
  expect(plan).toAllow('edge', 'mobile-bff', 8080);
  const { hosts } = objectOf(plan, 'Sidecar/shop/mobile-bff')['spec'].egress[0];
  expect(hosts).toEqual(['shop/orders.shop.svc.cluster.local']);
  const [{ from }] = objectOf(plan, 'AuthorizationPolicy/shop/mobile-bff')['spec'].rules;
  expect(from).toEqual([{ source: { principals: ['cluster.local/ns/shop/sa/edge'] } }]);
});

test('two for one kind of client at one place are told; at two places they are not', () => {
  const plan = gatewayPlan((made) => {
    const { context, edge } = made;
    const common = { client: 'mobile', image, ports: { http: 8080 }, ...open };
    new BackendForFrontend(context, 'a', { ...common, gateway: edge, host: MOBILE });
    new BackendForFrontend(context, 'b', { ...common, gateway: edge, host: MOBILE, path: '/b' });
    const other = new ApiGateway(context, 'other', { hosts: ['other.example.com'] });
    new BackendForFrontend(context, 'c', { ...common, gateway: other, path: '/c' });
  });
  expect(plan.findings).toMatchObject([{ code: 'frontend-twice', path: 'shop/shop/b' }]);
});

test('one that others call, or that keeps data of the business, is told; sessions and caches are not', () => {
  const plan = gatewayPlan((made) => {
    const { context, orders } = made;
    const mobile = frontend(made, 'mobile', { host: MOBILE });
    orders.calls(mobile, { timeout: Duration.seconds(1) });
    mobile.owns(new RedisStore(context, 'favourites', { storage: Size.gibibytes(1) }), { env: { KEPT: 'url' } });
    mobile.owns(new RedisCache(context, 'sessions'), { env: { SESSIONS: 'url' } });
  });
  expect(codesOf(plan)).toEqual(['frontend-called', 'frontend-owns-data']);
});

test('everything that was given wrongly is told in one run', () => {
  const plan = gatewayPlan((made) => {
    const { context, edge } = made;
    const props = { image, ports: { http: 8080 }, gateway: edge };
    new BackendForFrontend(context, 'a', { ...props, ...open, client: 'Mobile App' });
    new BackendForFrontend(context, 'b', {
      ...props,
      client: 'b',
      host: 'http://m',
      auth: undefined as never,
      path: 'x/',
    });
    edge.route('/elsewhere', made.orders, { ...open, host: 'else.example.com' });
  });
  expect(codesOf(plan)).toEqual([
    'bad-client',
    'bad-host',
    'bad-host',
    'bad-path',
    'frontend-without-place',
    'no-auth',
    'route-without-timeout',
    'unknown-host',
  ]);
});

test('the order of statements changes nothing', () => {
  const hosts = (...names: readonly string[]) =>
    objectOf(
      gatewayPlan((made) => {
        for (const name of names)
          frontend(made, name, { host: `${name}.example.com`, auth: Auth.none('It is a test.') });
      }),
      'Gateway/shop/edge',
    )['spec'].servers[1].hosts;
  expect(hosts('b', 'a')).toEqual(hosts('a', 'b'));
});

test('objects of the Gateway API part names alike, and what they cannot is told', () => {
  const plan = gatewayPlan(
    (made) => {
      frontend(made, 'mobile', { host: MOBILE });
      frontend(made, 'partner', { host: HOST, path: '/partners' });
      made.edge.route('/orders', made.orders, open);
    },
    { gateway: 'gateway-api', options: { implementation: 'istio' } },
  );
  expect(codesOf(plan)).toEqual([]);
  const routes = plan.objects.map(({ manifest }) => manifest).filter(({ kind }) => kind === 'HTTPRoute');
  const hostnames = Object.fromEntries(
    routes.map(({ metadata, ...rest }) => [metadata.name, (rest['spec'] as { hostnames: string[] }).hostnames]),
  );
  expect(hostnames).toMatchObject({
    'edge-shop-mobile-bff-m-shop-example-com': [MOBILE],
    'edge-shop-partner-bff-api-shop-example-com': [HOST],
    'edge-shop-orders': [HOST],
  });
  const longer = gatewayPlan(
    (made) => {
      frontend(made, 'partner', { host: HOST, path: '/partners' });
      made.edge.route('/partners/orders', made.orders, open);
    },
    { gateway: 'gateway-api', options: { implementation: 'istio' } },
  );
  expect(codesOf(longer)).toEqual(['gateway-cannot']);
});
