import {
  BoundedContext,
  CacheControl,
  Compression,
  Cors,
  Duration,
  ExternalService,
  Microservice,
  Percent,
  RateLimit,
  Scale,
  Size,
  Tls,
  type KubeObject,
  type RouteOptions,
} from 'ashlar';
import { HOST, gatewayPlan, guarded, image, open, type GatewayPlanOptions, type Made } from '../support/gateways';
import { codesOf, objectOf } from '../support/plans';

const portable = (say: (made: Made) => void, more: GatewayPlanOptions = {}) =>
  gatewayPlan(say, { gateway: 'gateway-api', mesh: 'none', ...more });

const ofImplementation = (implementation: string, more = {}) =>
  portable(({ edge, orders }) => edge.route('/orders', orders, open), { options: { implementation, ...more } });

const specOf = (plan: ReturnType<typeof portable>, display: string) => objectOf(plan, display)['spec'];

const names = ({ objects }: ReturnType<typeof portable>) =>
  objects.map(({ manifest }) => `${manifest.kind}/${manifest.metadata.name}`);

test('a gateway has a listener for requests and one that sends on to it', () => {
  const plan = portable(({ edge, orders }) => edge.route('/orders', orders, open), {
    props: { tls: Tls.issuedBy('letsencrypt') },
  });
  expect(codesOf(plan)).toEqual([]);
  const allowedRoutes = { namespaces: { from: 'Same' } };
  const tls = { mode: 'Terminate', certificateRefs: [{ kind: 'Secret', name: 'edge-tls' }] };
  expect(specOf(plan, 'Gateway/shop/edge')).toEqual({
    gatewayClassName: 'istio',
    infrastructure: { parametersRef: { group: '', kind: 'ConfigMap', name: 'edge' } },
    listeners: [
      { name: 'http', port: 80, protocol: 'HTTP', allowedRoutes },
      { name: 'https', port: 443, protocol: 'HTTPS', tls, allowedRoutes },
    ],
  });
  expect(specOf(plan, 'HTTPRoute/shop/edge-to-https')).toEqual({
    parentRefs: [{ name: 'edge', sectionName: 'http' }],
    hostnames: [HOST],
    rules: [{ filters: [{ type: 'RequestRedirect', requestRedirect: { scheme: 'https', statusCode: 301 } }] }],
  });
  expect(specOf(plan, 'Certificate/shop/edge').secretName).toBe('edge-tls');
  const kinds = plan.objects
    .filter(({ construct }) => construct.endsWith('/edge'))
    .map(({ manifest }) => manifest.kind);
  expect(kinds).not.toContain('Deployment');
});

test('pods that istiod makes are as many, as spread and as restricted as others', () => {
  const parametersOf = (plan: ReturnType<typeof portable>) => {
    const { data } = objectOf(plan, 'ConfigMap/shop/edge') as unknown as { data: Record<string, string> };
    return Object.fromEntries(Object.entries(data).map(([name, text]) => [name, JSON.parse(text) as object]));
  };
  const lead = ({ edge, orders }: Made) => edge.route('/orders', orders, open);
  const { deployment, ...others } = parametersOf(portable(lead, { props: { scale: Scale.fixed(3) } }));
  expect(deployment).toMatchObject({
    spec: {
      replicas: 3,
      template: {
        spec: {
          securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
          topologySpreadConstraints: [
            { labelSelector: { matchLabels: { 'gateway.networking.k8s.io/gateway-name': 'edge' } } },
          ],
        },
      },
    },
  });
  expect(others).toEqual({
    podDisruptionBudget: { spec: { maxUnavailable: 1, unhealthyPodEvictionPolicy: 'AlwaysAllow' } },
  });
  const scaled = parametersOf(portable(lead, { props: { scale: Scale.between(2, 10).onCpu(Percent.of(60)) } }));
  expect(scaled['deployment']).not.toHaveProperty('spec.replicas');
  expect(scaled['horizontalPodAutoscaler']).toMatchObject({ spec: { minReplicas: 2, maxReplicas: 10 } });
  expect(Object.keys(parametersOf(portable(lead)))).toEqual(['deployment']);
});

test('pods that somebody else looks after are not completed, and not scaled', () => {
  for (const options of [{ implementation: 'nginx' }, { pods: { namespace: 'ingress' } }]) {
    const plan = portable(({ edge, orders }) => edge.route('/orders', orders, open), {
      options,
      props: { scale: Scale.fixed(2) },
    });
    const told = plan.findings.filter(({ code }) => code === 'gateway-cannot').map(({ field }) => field);
    expect(told).toContain('the gateway');
    expect(names(plan)).not.toContain('ConfigMap/edge');
    expect(specOf(plan, 'Gateway/shop/edge')).not.toHaveProperty('infrastructure');
  }
});

test('routes are rules of the service that they lead to', () => {
  const plan = portable(({ edge, orders }) =>
    edge
      .route('/orders', orders, { ...open, methods: ['GET', 'POST'], rewrite: '/', when: { header: 'v', value: '2' } })
      .route('/all', orders, {
        ...open,
        cors: Cors.from('https://shop.example.com'),
        cache: CacheControl.never(),
        requestHeaders: { remove: ['x-internal'] },
      }),
  );
  expect(codesOf(plan)).toEqual([]);
  const common = { backendRefs: [{ name: 'orders', port: 8080 }], timeouts: { request: '5s' } };
  const match = { path: { type: 'PathPrefix', value: '/orders' }, headers: [{ type: 'Exact', name: 'v', value: '2' }] };
  const path = { type: 'ReplacePrefixMatch', replacePrefixMatch: '/' };
  const filters = [{ type: 'URLRewrite', urlRewrite: { path } }];
  expect(specOf(plan, 'HTTPRoute/shop/edge-shop-orders')).toEqual({
    parentRefs: [{ name: 'edge', sectionName: 'https' }],
    hostnames: [HOST],
    rules: [
      { matches: [{ ...match, method: 'GET' }], filters, ...common },
      { matches: [{ ...match, method: 'POST' }], filters, ...common },
      {
        matches: [{ path: { type: 'PathPrefix', value: '/all' } }],
        filters: [
          { type: 'RequestHeaderModifier', requestHeaderModifier: { remove: ['x-internal'] } },
          {
            type: 'ResponseHeaderModifier',
            responseHeaderModifier: { set: [{ name: 'cache-control', value: 'no-store' }] },
          },
          {
            type: 'CORS',
            cors: {
              allowOrigins: ['https://shop.example.com'],
              allowMethods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
              allowCredentials: false,
              maxAge: 600,
            },
          },
        ],
        ...common,
      },
    ],
  });
});

test('of two routes that share a method, the narrower one has it', () => {
  const plan = portable(({ edge, orders, context }) => {
    const all = new Microservice(context, 'all', { image, ports: { http: 8080 } });
    edge.route('/a', all, { ...open, methods: ['GET', 'POST'] }).route('/a', orders, { ...open, methods: ['POST'] });
  });
  expect(codesOf(plan)).toEqual([]);
  const methodsOf = (display: string) =>
    specOf(plan, display).rules[0].matches.map(({ method }: { method: string }) => method);
  expect([methodsOf('HTTPRoute/shop/edge-shop-orders'), methodsOf('HTTPRoute/shop/edge-shop-all')]).toEqual([
    ['POST'],
    ['GET'],
  ]);
});

test('more rules than an object may have are in several', () => {
  const plan = portable(({ edge, orders }) => {
    for (let count = 0; count < 17; count += 1) edge.route(`/p${count}`, orders, open);
  });
  expect(specOf(plan, 'HTTPRoute/shop/edge-shop-orders').rules).toHaveLength(16);
  expect(specOf(plan, 'HTTPRoute/shop/edge-shop-orders-2').rules).toHaveLength(1);
});

test('a service of another context gives leave, for itself alone', () => {
  const plan = portable(({ edge, shop }) => {
    const billing = new BoundedContext(shop, 'billing', { team: 'b' });
    edge.route('/pay', new Microservice(billing, 'payments', { image, ports: { http: 8080 } }), open);
  });
  expect(codesOf(plan)).toEqual([]);
  expect(specOf(plan, 'HTTPRoute/shop/edge-billing-payments').rules[0].backendRefs).toEqual([
    { name: 'payments', namespace: 'billing', port: 8080 },
  ]);
  expect(specOf(plan, 'ReferenceGrant/billing/shop-edge-payments')).toEqual({
    from: [{ group: 'gateway.networking.k8s.io', kind: 'HTTPRoute', namespace: 'shop' }],
    to: [{ group: '', kind: 'Service', name: 'payments' }],
  });
});

test('nothing is put into namespaces of others, but that leave is needed there is told', () => {
  const plan = portable(({ edge, shop }) => {
    const peer = { namespace: 'legacy', podLabels: { app: 'erp' }, ports: { http: 80 } };
    edge.route('/erp', ExternalService.inCluster(shop, 'erp', peer), open);
  });
  expect(plan.objects.map(({ manifest }) => manifest.kind)).not.toContain('ReferenceGrant');
  expect(plan.findings).toMatchObject([{ code: 'grant-needed', severity: 'warning', field: 'route /erp' }]);
});

test('a gateway that leads to gRPC only has routes of gRPC, unless one of them has a time', () => {
  const routes = (options: RouteOptions) =>
    portable(({ edge, context }) => {
      const catalog = new Microservice(context, 'catalog', { image, ports: { grpc: 9090 } });
      edge
        .route('/shop.Catalog', catalog, { ...options, when: { header: 'v', value: '2' } })
        .route('/shop.Catalog/List', catalog, options)
        .route('/', catalog, options);
    });
  const untimed = routes({ auth: open.auth });
  const backendRefs = [{ name: 'catalog', port: 9090 }];
  expect(specOf(untimed, 'GRPCRoute/shop/edge-shop-catalog').rules).toEqual([
    { matches: [{ method: { service: 'shop.Catalog', method: 'List' } }], backendRefs },
    {
      matches: [{ method: { service: 'shop.Catalog' }, headers: [{ type: 'Exact', name: 'v', value: '2' }] }],
      backendRefs,
    },
    { backendRefs },
  ]);
  expect(specOf(routes(open), 'HTTPRoute/shop/edge-shop-catalog').rules).toHaveLength(3);
});

const policy = (plan: ReturnType<typeof portable>, name: string): KubeObject['spec'] =>
  specOf(plan, `NetworkPolicy/shop/${name}`);

test('pods beside the gateway may be asked from outside, ask its services, and are told what to do', () => {
  const plan = ofImplementation('istio');
  const gateway = { matchLabels: { 'gateway.networking.k8s.io/gateway-name': 'edge' } };
  expect(policy(plan, 'edge')).toMatchObject({ podSelector: gateway, policyTypes: ['Ingress', 'Egress'] });
  const text = JSON.stringify(policy(plan, 'edge'));
  for (const expected of ['0.0.0.0/0', '"port":80}', '"port":443}', '"port":15012}', '"port":8080}'])
    expect(text).toContain(expected);
  expect(JSON.stringify(policy(plan, 'orders'))).toContain(JSON.stringify(gateway));
});

test('pods in a namespace of their own are let in from there, and no object is put there', () => {
  const ingressOf = (plan: ReturnType<typeof portable>) => (policy(plan, 'orders') as { ingress: object[] }).ingress;
  const from = (namespace: string, podSelector: object) => [
    {
      from: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } }, podSelector }],
      ports: [{ protocol: 'TCP', port: 8080 }],
    },
  ];
  const owned = {
    'gateway.envoyproxy.io/owning-gateway-name': 'edge',
    'gateway.envoyproxy.io/owning-gateway-namespace': 'shop',
  };
  const plan = ofImplementation('envoy-gateway');
  expect(ingressOf(plan)).toEqual(from('envoy-gateway-system', { matchLabels: owned }));
  expect(plan.objects.filter(({ manifest }) => manifest.metadata.namespace === 'envoy-gateway-system')).toEqual([]);
  expect(ingressOf(ofImplementation('kong'))).toEqual(
    from('kong', { matchLabels: { 'app.kubernetes.io/name': 'gateway' } }),
  );
  const pods = { namespace: 'edge', labels: { app: 'traefik' } };
  expect(ingressOf(ofImplementation('traefik', { pods }))).toEqual(from('edge', { matchLabels: { app: 'traefik' } }));
});

test('classes and ports are those of the implementation, or of the environment', () => {
  const spec = (plan: ReturnType<typeof portable>) => {
    const { gatewayClassName, listeners } = specOf(plan, 'Gateway/shop/edge');
    return [gatewayClassName, ...listeners.map(({ port }: { port: number }) => port)];
  };
  expect(spec(ofImplementation('traefik'))).toEqual(['traefik', 8000, 8443]);
  expect(spec(ofImplementation('nginx'))).toEqual(['nginx', 80, 443]);
  const own = { gatewayClassName: 'public', ports: { http: 8080, https: 9443 } };
  expect(spec(ofImplementation('envoy-gateway', own))).toEqual(['public', 8080, 9443]);
});

test('in a mesh that wants identities, services know the gateway by that of the pods that istiod makes', () => {
  const plan = portable(({ edge, orders }) => edge.route('/orders', orders, open), { mesh: 'istio-sidecar' });
  expect(codesOf(plan)).toEqual([]);
  expect(specOf(plan, 'AuthorizationPolicy/shop/edge')).toEqual({
    targetRefs: [{ group: 'gateway.networking.k8s.io', kind: 'Gateway', name: 'edge' }],
    action: 'ALLOW',
    rules: [{}],
  });
  const admitted = specOf(plan, 'AuthorizationPolicy/shop/orders').rules;
  const principals = ['cluster.local/ns/shop/sa/edge-istio'];
  expect(admitted).toEqual([{ from: [{ source: { principals } }], to: [{ operation: { ports: ['8080'] } }] }]);
  expect(names(plan)).not.toContain('PeerAuthentication/orders');
});

test('in such a mesh services take requests of a gateway elsewhere without an identity', () => {
  const plan = portable(({ edge, orders }) => edge.route('/orders', orders, open), {
    mesh: 'istio-sidecar',
    options: { pods: { namespace: 'ingress' } },
  });
  expect(specOf(plan, 'AuthorizationPolicy/shop/orders').rules).toEqual([{ to: [{ operation: { ports: ['8080'] } }] }]);
  expect(specOf(plan, 'PeerAuthentication/shop/orders').portLevelMtls).toEqual({ '8080': { mode: 'PERMISSIVE' } });
});

test('whoever collects the figures of the mesh reaches the gateway', () => {
  const meshOptions = { scraper: { namespace: 'monitoring', podLabels: { app: 'prometheus' } } };
  const plan = portable(({ edge, orders }) => edge.route('/orders', orders, open), {
    mesh: 'istio-sidecar',
    meshOptions,
  });
  expect(JSON.stringify(policy(plan, 'edge'))).toContain('15020');
});

test('beside ambient pods the gateway is let in, too', () => {
  const plan = portable(({ edge, orders }) => edge.route('/orders', orders, open), { mesh: 'istio-ambient' });
  expect(codesOf(plan)).toEqual([]);
  expect(specOf(plan, 'AuthorizationPolicy/shop/edge').rules).toEqual([{}]);
  const gateway = { matchLabels: { 'gateway.networking.k8s.io/gateway-name': 'edge' } };
  const { ingress } = policy(plan, 'orders') as { readonly ingress: readonly object[] };
  const [, through] = ingress;
  expect(through).toMatchObject({ from: [{ podSelector: gateway }], ports: [{ port: 15008 }] });
});

test('what the API has no words for is told for each route, with the gateways that can', () => {
  const { auth } = open;
  const say = ({ edge, orders, context }: Made): void => {
    const outside = ExternalService.of(context, 'outside', { host: 'api.example.com', ports: { http: 80 } });
    edge
      .route('/a', orders, { auth: guarded.auth })
      .route('/b', orders, { auth, rateLimit: RateLimit.overall(5, Duration.seconds(1)) })
      .route('/c', orders, { auth, maxRequest: Size.mebibytes(1) })
      .route('/d', orders, { auth, cors: Cors.from('https://shop.example.com') })
      .route('/e', outside, { auth })
      .route('/f', orders, { auth, cache: CacheControl.shared(Duration.days(1)) });
  };
  const more = {
    options: { implementation: 'kong' },
    props: { compression: Compression.gzip(), scale: Scale.fixed(2) },
  };
  const found = portable(say, more).findings.filter(({ code }) => code === 'gateway-cannot');
  expect(found.map(({ field, message, allowed }) => [field, message.split(': ')[1], allowed])).toEqual([
    ['route /a', 'jwt.', 'istio'],
    ['route /b', 'rate-limit.', 'istio'],
    ['route /c', 'request-size.', 'istio'],
    ['route /d', 'cors.', 'istio, gateway-api with istio, gateway-api with envoy-gateway, gateway-api with nginx'],
    ['route /e', 'outside-host.', 'istio'],
    ['route /f', 'caching.', 'istio'],
    ['the gateway', 'compression, scale.', 'istio'],
  ]);
  expect(codesOf(gatewayPlan(say, { props: more.props, mesh: 'none' }))).not.toContain('gateway-cannot');
});

test('times are told where an implementation passes them over', () => {
  const told = ['istio', 'envoy-gateway', 'kong', 'nginx', 'traefik'].filter((implementation) =>
    codesOf(ofImplementation(implementation)).includes('gateway-cannot'),
  );
  expect(told).toEqual(['kong', 'nginx', 'traefik']);
});

test('pods beside the gateway are reached on the ports of its listeners, and reach who tells them what to do', () => {
  const text = JSON.stringify(policy(ofImplementation('nginx', { ports: { http: 8080, https: 9443 } }), 'edge'));
  for (const expected of [
    '"port":8080}',
    '"port":9443}',
    '"port":8443}',
    '"app.kubernetes.io/name":"nginx-gateway-fabric"',
  ])
    expect(text).toContain(expected);
  expect(text).not.toContain('"port":443}');
});
