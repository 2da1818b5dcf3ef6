import {
  ApiGateway,
  Auth,
  BoundedContext,
  Cors,
  Duration,
  Microservice,
  Port,
  RateLimit,
  type RouteOptions,
} from 'ashlar';
import { HOST, blocksOf, gatewayPlan, guarded, image, jwt, open, timeout, type Made } from '../support/gateways';
import { codesOf, objectOf, planOf } from '../support/plans';

test('a gateway is a workload with a certificate, which sends plain HTTP on to HTTPS', () => {
  const plan = gatewayPlan(({ edge, orders }) => edge.route('/orders', orders, open));
  expect(codesOf(plan)).toEqual([]);
  expect(objectOf(plan, 'Gateway/shop/edge')['spec']).toEqual({
    selector: { 'app.kubernetes.io/name': 'edge' },
    servers: [
      { port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts: [HOST], tls: { httpsRedirect: true } },
      {
        port: { number: 443, name: 'https', protocol: 'HTTPS' },
        hosts: [HOST],
        tls: { mode: 'SIMPLE', credentialName: 'edge-tls', minProtocolVersion: 'TLSV1_2' },
      },
    ],
  });
  const { metadata, spec } = objectOf(plan, 'Deployment/shop/edge')['spec'].template;
  expect(metadata).toMatchObject({
    labels: { 'sidecar.istio.io/inject': 'true' },
    annotations: { 'inject.istio.io/templates': 'gateway' },
  });
  expect(spec.containers.map(({ name }: { name: string }) => name)).toEqual(['istio-proxy']);
  expect(objectOf(plan, 'Service/shop/edge')['spec'].type).toBe('LoadBalancer');
  expect(plan.prerequisites).toContainEqual(
    expect.objectContaining({ type: 'secret', name: 'edge-tls', namespace: 'shop', generated: false }),
  );
});

describe('a gateway that stands in the platform', () => {
  const planWith = (team?: string) =>
    gatewayPlan(({ shop, orders }) =>
      new ApiGateway(shop, 'front', { hosts: ['front.example.com'], ...(team !== undefined && { team }) }).route(
        '/',
        orders,
        open,
      ),
    );

  test('is a component of its own: a chart, a namespace with all that a context has, and an owner', () => {
    const plan = planWith();
    expect(codesOf(plan)).toEqual([]);
    const { labels } = objectOf(plan, 'Namespace/front').metadata;
    expect(labels).toMatchObject({ 'ashlar.dev/team': 'platform', 'pod-security.kubernetes.io/enforce': 'restricted' });
    expect(plan.objects.find(({ manifest }) => manifest.kind === 'VirtualService')?.chart).toBe('front');
    expect(objectOf(plan, 'Deployment/front/front')).toBeDefined();
    expect(objectOf(planWith('edge-team'), 'Namespace/front').metadata.labels).toMatchObject({
      'ashlar.dev/team': 'edge-team',
    });
  });

  test('has an owner; one in a context has that of the context', () => {
    const plan = gatewayPlan(() => undefined, { props: { team: 'edge-team' } });
    expect(codesOf(plan)).toEqual(['team-of-context']);
  });
});

test('the way from the gateway to a service is open for this pair, by address and by identity', () => {
  const plan = gatewayPlan(({ edge, orders }) => edge.route('/orders', orders, open).route('/o', orders, open));
  expect(JSON.stringify(objectOf(plan, 'AuthorizationPolicy/shop/orders'))).toContain('cluster.local/ns/shop/sa/edge');
  expect(JSON.stringify(objectOf(plan, 'NetworkPolicy/shop/edge'))).toContain('15012');
  const kinds = plan.objects
    .filter(({ manifest }) => manifest.metadata.name === 'edge')
    .map(({ manifest }) => manifest.kind);
  expect(kinds).not.toContain('Sidecar');
  expect(kinds).not.toContain('PeerAuthentication');
});

test('longer paths are tried first, those that name methods before those that do not, whatever the order of statements', () => {
  const say =
    (...paths: readonly (readonly [string, RouteOptions])[]) =>
    ({ edge, orders }: Made) => {
      for (const [path, options] of paths) edge.route(path, orders, options);
    };
  const routes: readonly (readonly [string, RouteOptions])[] = [
    ['/', open],
    ['/orders', open],
    ['/orders', { ...open, methods: ['POST'] }],
    ['/orders/status', open],
  ];
  const names = blocksOf(gatewayPlan(say(...routes))).map(({ name }) => name);
  expect(names).toEqual(['orders:/orders/status', 'orders:/orders:POST', 'orders:/orders', 'orders:/']);
  expect(blocksOf(gatewayPlan(say(...routes.toReversed()))).map(({ name }) => name)).toEqual(names);
});

test('a route takes whole segments of a path', () => {
  const [block] = blocksOf(
    gatewayPlan(({ edge, orders }) => edge.route('/a.b', orders, { ...open, methods: ['GET'], rewrite: '/v2' })),
  );
  expect(block).toEqual({
    name: 'orders:/a.b:GET',
    match: [{ uri: { regex: '/a\\.b(/.*)?' }, method: { regex: 'GET' } }],
    rewrite: { uriRegexRewrite: { match: '^/a\\.b(.*)$', rewrite: '/v2\\1' } },
    timeout: '5s',
    retries: { attempts: 0 },
    route: [{ destination: { host: 'orders.shop.svc.cluster.local', port: { number: 8080 } } }],
  });
});

test('tokens are checked for each issuer once, and each route refuses what does not fit it', () => {
  const plan = gatewayPlan(({ edge, orders }) =>
    edge
      .route('/orders', orders, guarded)
      .route('/admin', orders, { ...guarded, auth: Auth.jwt({ ...jwt, audiences: ['staff'] }) })
      .route('/orders/open', orders, open)
      .route('/orders/half', orders, { ...open, methods: ['GET'] }),
  );
  expect(objectOf(plan, 'RequestAuthentication/shop/edge')['spec'].jwtRules).toEqual([
    { issuer: jwt.issuer, audiences: ['shop', 'staff'], jwksUri: jwt.jwksUri, forwardOriginalToken: true },
  ]);
  const { action, rules } = objectOf(plan, 'AuthorizationPolicy/shop/edge-tokens')['spec'];
  expect(action).toBe('DENY');
  const notPaths = ['/orders/half', '/orders/half/*', '/orders/open', '/orders/open/*'];
  const to = [
    { operation: { ports: ['8443'], paths: ['/orders', '/orders/*'], notPaths } },
    // A route that takes away only some methods leaves the others.
    { operation: { ports: ['8443'], paths: ['/orders/half', '/orders/half/*'], notMethods: ['GET'] } },
  ];
  const from = [{ source: { requestPrincipals: ['https://login.example.com/*'] } }];
  expect(rules.slice(0, 3)).toEqual([
    {
      from: [{ source: { notRequestPrincipals: ['https://login.example.com/*'] } }],
      to,
      when: [{ key: 'request.headers[authorization]', values: ['*'] }],
    },
    { from, to, when: [{ key: 'request.auth.audiences', notValues: ['shop'] }] },
    { from, to, when: [{ key: 'request.auth.claims[scope]', notValues: ['orders'] }] },
  ]);
});

test('browsers are answered before tokens are asked for, if they come from a declared origin', () => {
  const cors = Cors.from(['https://a.example', 'https://b.example'], { headers: ['x-a'], credentials: true });
  const blocks = blocksOf(
    gatewayPlan(({ edge, orders }) => edge.route('/o', orders, { ...guarded, cors, methods: ['GET'] })),
  );
  expect(blocks.map(({ name }) => name)).toEqual([
    'orders:/o:GET:preflight',
    'orders:/o:GET:no-token',
    'orders:/o:GET',
  ]);
  expect(blocks[0]?.['match']).toEqual(
    ['https://a.example', 'https://b.example'].map((exact) => ({
      uri: { regex: '/o(/.*)?' },
      method: { exact: 'OPTIONS' },
      headers: { origin: { exact }, 'access-control-request-method': { regex: '.+' } },
    })),
  );
  expect(blocks[1]).toMatchObject({
    match: [{ uri: { regex: '/o(/.*)?' }, method: { regex: 'GET' }, withoutHeaders: { authorization: {} } }],
    directResponse: { status: 401 },
  });
  expect(blocks[2]?.['corsPolicy']).toEqual({
    allowOrigins: [{ exact: 'https://a.example' }, { exact: 'https://b.example' }],
    allowMethods: ['GET'],
    allowHeaders: ['x-a'],
    allowCredentials: true,
    maxAge: '600s',
  });
});

test('limits stand at their route, by its name', () => {
  const plan = gatewayPlan(({ edge, orders }) =>
    edge.route('/orders', orders, { ...open, rateLimit: RateLimit.perClient(100, Duration.minutes(1)) }),
  );
  const [filter, limit] = objectOf(plan, 'EnvoyFilter/shop/edge-rate-limits')['spec'].configPatches;
  expect(filter.applyTo).toBe('HTTP_FILTER');
  expect(limit.match.routeConfiguration.vhost.route.name).toBe(blocksOf(plan)[0]?.['name']);
  expect(JSON.stringify(limit.patch)).toContain(
    '"token_bucket":{"max_tokens":100,"tokens_per_fill":100,"fill_interval":"60s"}',
  );
});

test('everything that was given wrongly is told in one run', () => {
  const plan = gatewayPlan(({ edge, orders, context }) => {
    const other = new ApiGateway(context, 'other', { hosts: [HOST, 'http://x', 'Upper.example.com'] });
    other.route('/x', orders, { ...open, port: 'grpc' });
    edge
      .route('orders/', orders, { ...open, rewrite: '/a?b' })
      .route('/a', orders, { auth: Auth.none(' '), timeout: Duration.seconds(0), methods: ['FETCH' as never] })
      .route('/b', orders, { timeout } as never)
      .route('/c', orders, { auth: Auth.jwt({ issuer: '', audiences: [], jwksUri: 'http://keys', claims: { a: [] } }) })
      .route('/d', orders, {
        ...open,
        cors: Cors.from('https://a.example/', { maxAge: Duration.seconds(0) }),
        rateLimit: RateLimit.overall(0, Duration.seconds(0)),
      })
      .route('/d/e', orders, { ...open, methods: ['GET'] })
      .route('/d/e', orders, { ...open, methods: ['GET', 'POST'] })
      .route('/d/e', orders, { ...open, when: { header: 'v', value: '2*' } })
      .route('/f', orders, { ...open, responseHeaders: { set: { 'x-a': '100%' } } })
      .route('/f', context as never, { ...open, timeout: Duration.seconds(1) });
  });
  expect(codesOf(plan)).toEqual([
    'bad-header',
    'bad-header',
    'bad-host',
    'bad-host',
    'bad-origin',
    'bad-path',
    'bad-path',
    'bad-value',
    'host-taken',
    'no-auth',
    'not-https',
    'nothing-given',
    'nothing-given',
    'nothing-given',
    'nothing-given',
    'out-of-range',
    'out-of-range',
    'out-of-range',
    'out-of-range',
    'route-overlap',
    'route-overlap',
    'route-without-timeout',
    'unknown-choice',
    'unknown-port',
    'unknown-port',
  ]);
  for (const { fix } of plan.findings) expect(fix).toEqual(expect.any(String));
});

test('a route that no request finds is told, with the one before it', () => {
  const plan = gatewayPlan(({ edge, orders, context }) => {
    const other = new Microservice(context, 'other', { image, ports: { http: 80 } });
    edge.route('/a', orders, open).route('/a', other, { ...open, timeout: Duration.seconds(1) });
  });
  expect(plan.findings).toMatchObject([{ code: 'route-shadowed', path: 'shop/shop/edge', field: 'route /a' }]);
});

test('a route of TCP is told', () => {
  const plan = gatewayPlan(({ edge, context }) => {
    edge.route('/a', new Microservice(context, 'raw', { image, ports: { raw: Port.tcp(1) } }), open);
  });
  expect(codesOf(plan)).toContain('unknown-port');
});

test('where no gateway runs, nothing of it is there', () => {
  const plan = planOf((shop) => {
    const context = new BoundedContext(shop, 'shop', { team: 'a' });
    const orders = new Microservice(context, 'orders', { image, ports: { http: 8080 } });
    new ApiGateway(context, 'edge', { hosts: [HOST] }).route('/orders', orders, guarded);
  });
  expect(codesOf(plan)).toEqual([]);
  expect(plan.objects.filter(({ manifest }) => manifest.metadata.name.startsWith('edge'))).toEqual([]);
  expect(plan.prerequisites).toEqual([]);
});

test('without a mesh the gateway still guards its routes', () => {
  const plan = gatewayPlan(({ edge, orders }) => edge.route('/orders', orders, guarded), { mesh: 'none' });
  expect(codesOf(plan)).toEqual([]);
  const names = plan.objects
    .filter(({ manifest }) => manifest.kind === 'AuthorizationPolicy')
    .map(({ manifest }) => manifest.metadata.name);
  expect(names).toEqual(['edge', 'edge-tokens']);
});

test('where no mesh brings Istio, gateways say that they need it', () => {
  const releasesOf = (mesh: string, gateway: string): readonly string[] =>
    gatewayPlan(({ edge, orders }) => edge.route('/orders', orders, open), { mesh, gateway })
      .prerequisites.filter((one) => one.type === 'release')
      .map(({ name, for: by }) => `${name} for ${by.join()}`);
  const alone = ['istio-base for shop/shop/edge', 'istiod for shop/shop/edge'];
  expect(releasesOf('none', 'istio')).toEqual(alone);
  expect(releasesOf('none', 'gateway-api')).toEqual(alone);
  expect(releasesOf('istio-sidecar', 'istio')).toEqual(
    ['istio-base', 'istio-cni', 'istiod'].map((name) => `${name} for shop`),
  );
});
