import {
  BoundedContext,
  Duration,
  Exposure,
  ExternalService,
  Microservice,
  Port,
  RedisCache,
  Task,
  outsideMesh,
  type Program,
} from 'ashlar';
import { codesOf, objectOf, planOf } from '../support/plans';
import { meshPlanOf } from '../support/meshes';
import { PlainStore } from '../support/stores';

const image = 'registry.example.com/it:1';

/** Two contexts, two services, a call. */
const pair =
  (
    more: (made: {
      ordering: BoundedContext;
      billing: BoundedContext;
      orders: Microservice;
      payments: Microservice;
    }) => void = () => undefined,
  ): Program =>
  (shop) => {
    const ordering = new BoundedContext(shop, 'ordering', { team: 'a' });
    const billing = new BoundedContext(shop, 'billing', { team: 'b' });
    const payments = new Microservice(billing, 'payments', { image, ports: { grpc: 9090 } });
    const orders = new Microservice(ordering, 'orders', { image, ports: { http: 8080 } });
    orders.calls(payments, { timeout: Duration.seconds(2) });
    more({ ordering, billing, orders, payments });
  };

const istio = (program: Program, options = {}) =>
  meshPlanOf(program, options).objects.filter(({ manifest }) => manifest.apiVersion.includes('istio.io'));

test('without a word there is no mesh, and nothing of it', () => {
  const plan = planOf(pair());
  expect(JSON.stringify(plan.objects.map(({ manifest }) => manifest))).not.toMatch(/istio|ashlar\.dev\/mesh/);
  expect(plan.prerequisites).toEqual([]);
});

test('each context wants mutual TLS, refuses who is not declared, and says what proxies tell', () => {
  const plan = meshPlanOf(pair());
  expect(codesOf(plan)).toEqual([]);
  for (const namespace of ['ordering', 'billing']) {
    expect(objectOf(plan, `PeerAuthentication/${namespace}/default`)['spec']).toEqual({ mtls: { mode: 'STRICT' } });
    expect(objectOf(plan, `AuthorizationPolicy/${namespace}/default-deny`)['spec']).toEqual({});
    expect(objectOf(plan, `Telemetry/${namespace}/default`)['spec'].tracing).toEqual([{ randomSamplingPercentage: 1 }]);
  }
});

test('a callee admits exactly its declared callers, by identity, on exactly the declared port', () => {
  const plan = meshPlanOf(
    pair(({ billing, payments }) => {
      new Microservice(billing, 'invoices', { image, ports: {} }).calls(payments);
      new Microservice(billing, 'stranger', { image, ports: {} });
    }),
  );
  expect(objectOf(plan, 'AuthorizationPolicy/billing/payments')['spec']).toEqual({
    selector: { matchLabels: { 'app.kubernetes.io/name': 'payments' } },
    action: 'ALLOW',
    rules: [
      {
        from: [
          { source: { principals: ['cluster.local/ns/billing/sa/invoices', 'cluster.local/ns/ordering/sa/orders'] } },
        ],
        to: [{ operation: { ports: ['9090'] } }],
      },
    ],
  });
});

test('policies and variables follow the trust domain, the domain of the cluster and the revision', () => {
  const plan = meshPlanOf(pair(), {
    meshOptions: { trustDomain: 'acme.example', revision: 'v2', namespace: 'mesh' },
    environment: { clusterDomain: 'c1.example' },
  });
  expect(JSON.stringify(objectOf(plan, 'AuthorizationPolicy/billing/payments'))).toContain(
    'acme.example/ns/ordering/sa/orders',
  );
  expect(objectOf(plan, 'Sidecar/ordering/orders')['spec'].egress).toEqual([
    { hosts: ['billing/payments.billing.svc.c1.example'] },
  ]);
  expect(objectOf(plan, 'Deployment/ordering/orders')['spec'].template.metadata.labels).toMatchObject({
    'sidecar.istio.io/inject': 'true',
    'istio.io/rev': 'v2',
  });
  expect(JSON.stringify(objectOf(plan, 'NetworkPolicy/ordering/orders'))).toContain(
    '"kubernetes.io/metadata.name":"mesh"',
  );
  expect(plan.prerequisites.map(({ namespace }) => namespace)).toEqual(['mesh', 'mesh', 'mesh']);
});

test('a proxy knows the declared callees and no other host', () => {
  const plan = meshPlanOf(
    pair(({ ordering, orders }) => {
      orders.calls(new RedisCache(ordering, 'carts'));
      orders.accessesKubernetes({ resources: ['pods'], verbs: ['list'] });
    }),
  );
  expect(objectOf(plan, 'Sidecar/ordering/orders')['spec']).toEqual({
    workloadSelector: { labels: { 'app.kubernetes.io/name': 'orders' } },
    egress: [
      {
        hosts: [
          'billing/payments.billing.svc.cluster.local',
          'default/kubernetes.default.svc.cluster.local',
          'ordering/carts.ordering.svc.cluster.local',
        ],
      },
    ],
    outboundTrafficPolicy: { mode: 'REGISTRY_ONLY' },
  });
  expect(objectOf(plan, 'Sidecar/billing/payments')['spec'].egress).toEqual([{ hosts: ['~/*'] }]);
});

test('a host outside the cluster is known in the namespaces that call it, and in no other', () => {
  const plan = meshPlanOf((shop) => {
    const stripe = ExternalService.of(shop, 'stripe', { host: 'api.stripe.com', ports: { https: 443, http: 80 } });
    const bank = ExternalService.of(shop, 'bank', {
      host: 'bank.example',
      ports: { swift: 4000 },
      addresses: ['192.0.2.0/24'],
    });
    for (const id of ['a', 'b']) {
      const caller = new Microservice(new BoundedContext(shop, id, { team: id }), 'caller', { image });
      caller
        .calls(stripe, { port: 'https' })
        .calls(stripe, { port: 'http', timeout: Duration.seconds(1) })
        .calls(bank);
    }
  });
  expect(codesOf(plan)).toEqual([]);
  for (const namespace of ['a', 'b']) {
    expect(objectOf(plan, `ServiceEntry/${namespace}/stripe`)['spec']).toEqual({
      hosts: ['api.stripe.com'],
      exportTo: ['.'],
      location: 'MESH_EXTERNAL',
      resolution: 'DNS',
      ports: [
        { number: 80, name: 'http', protocol: 'HTTP' },
        { number: 443, name: 'https', protocol: 'TLS' },
      ],
    });
    expect(objectOf(plan, `ServiceEntry/${namespace}/bank`)['spec']).toMatchObject({
      resolution: 'NONE',
      addresses: ['192.0.2.0/24'],
      ports: [{ number: 4000, name: 'swift', protocol: 'TCP' }],
    });
  }
});

test('plain TCP to a host without addresses is found', () => {
  const plan = meshPlanOf((shop) => {
    const smtp = ExternalService.of(shop, 'smtp', { host: 'smtp.example.com', ports: { submission: 587 } });
    new Microservice(new BoundedContext(shop, 'a', { team: 'a' }), 'caller', { image }).calls(smtp);
  });
  expect(codesOf(plan)).toEqual(['tcp-without-addresses']);
  expect(plan.findings[0]?.path).toBe('shop/smtp');
});

test('UDP is not the business of a mesh', () => {
  const plan = meshPlanOf((shop) => {
    const context = new BoundedContext(shop, 'a', { team: 'a' });
    const sink = new Microservice(context, 'sink', { image, ports: { stats: Port.udp(8125) } });
    new Microservice(context, 'caller', { image }).calls(sink);
  });
  expect(plan.objects.map(({ manifest }) => `${manifest.kind} ${manifest.metadata.name}`)).not.toContain(
    'AuthorizationPolicy sink',
  );
  expect(objectOf(plan, 'Sidecar/a/caller')['spec'].egress).toEqual([{ hosts: ['~/*'] }]);
});

test('a port that is exposed takes plain text from whom it is exposed to; other ports do not', () => {
  const plan = meshPlanOf((shop) => {
    const context = new BoundedContext(shop, 'a', { team: 'a' });
    const ports = { http: 8080, admin: 9000, grpc: 9090, metrics: 9464 };
    const web = new Microservice(context, 'web', { image, ports });
    web
      .exposes('http', Exposure.loadBalancer('web-public'))
      .exposes('admin', Exposure.addresses('192.0.2.0/24'))
      .exposes('metrics', Exposure.pods('monitoring', { app: 'prometheus' }));
    new Microservice(context, 'caller', { image }).calls(web, { port: 'grpc' }).calls(web, { port: 'admin' });
  });
  expect(objectOf(plan, 'PeerAuthentication/a/web')['spec']).toEqual({
    selector: { matchLabels: { 'app.kubernetes.io/name': 'web' } },
    mtls: { mode: 'STRICT' },
    portLevelMtls: { '8080': { mode: 'PERMISSIVE' }, '9000': { mode: 'PERMISSIVE' }, '9464': { mode: 'PERMISSIVE' } },
  });
  const caller = { source: { principals: ['cluster.local/ns/a/sa/caller'] } };
  expect(objectOf(plan, 'AuthorizationPolicy/a/web')['spec'].rules).toEqual([
    { to: [{ operation: { ports: ['8080'] } }] },
    { from: [caller, { source: { ipBlocks: ['192.0.2.0/24'] } }], to: [{ operation: { ports: ['9000'] } }] },
    { from: [caller], to: [{ operation: { ports: ['9090'] } }] },
    { to: [{ operation: { ports: ['9464'] } }] },
  ]);
});

test('each pod says whether it is in, and why', () => {
  const plan = meshPlanOf(
    pair(({ billing }) =>
      outsideMesh(new Microservice(billing, 'legacy', { image }), 'It checks the certificate of its peer by itself.'),
    ),
  );
  const metadata = (name: string) => objectOf(plan, `Deployment/${name}`)['spec'].template.metadata;
  expect(metadata('ordering/orders').labels['sidecar.istio.io/inject']).toBe('true');
  expect(metadata('billing/legacy')).toMatchObject({
    labels: { 'sidecar.istio.io/inject': 'false' },
    annotations: { 'ashlar.dev/mesh': 'It checks the certificate of its peer by itself.' },
  });
  expect(istio(pair()).map(({ manifest }) => manifest.kind)).not.toContain('Sidecar billing/legacy');
});

test('who is kept out cannot call who is in, and has to say why it is out', () => {
  const plan = meshPlanOf(pair(({ orders }) => outsideMesh(orders, ' ')));
  expect(codesOf(plan)).toEqual(['caller-outside-mesh', 'mesh-cannot', 'no-reason']);
  expect(
    codesOf(meshPlanOf(pair(({ orders, payments }) => [orders, payments].forEach((one) => outsideMesh(one, 'old'))))),
  ).toEqual(['mesh-cannot']);
});

test('pods reach istiod, scrapers reach proxies, and quotas count them', () => {
  const scraper = { namespace: 'monitoring', podLabels: { app: 'prometheus' } };
  const plan = meshPlanOf(pair(), { meshOptions: { scraper, proxy: { cpu: '200m', memory: '64Mi' } } });
  const { spec } = objectOf(plan, 'NetworkPolicy/billing/payments');
  expect(spec.egress).toEqual([
    {
      to: [
        {
          namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'istio-system' } },
          podSelector: { matchLabels: { app: 'istiod' } },
        },
      ],
      ports: [{ protocol: 'TCP', port: 15012 }],
    },
  ]);
  expect(JSON.stringify(spec.ingress)).toContain('15020');
  const annotations = objectOf(plan, 'Deployment/billing/payments')['spec'].template.metadata.annotations;
  expect(annotations).toMatchObject({
    'sidecar.istio.io/proxyCPU': '200m',
    'sidecar.istio.io/proxyMemory': '64Mi',
    'sidecar.istio.io/proxyMemoryLimit': '1Gi',
  });
  const cpu = (of: ReturnType<typeof planOf>): string =>
    objectOf(of, 'ResourceQuota/billing/quota')['spec'].hard['requests.cpu'];
  // Two pods in the middle of an update, 200m each, and a quarter of headroom.
  expect([cpu(planOf(pair())), cpu(plan)]).toEqual(['125m', '625m']);
});

test('stores are reached: those in the cluster by their namespace, those outside by their addresses', () => {
  const plan = meshPlanOf(
    pair(({ ordering, orders }) => {
      orders.owns(new PlainStore(ordering, 'orders-db'));
    }),
  );
  expect(objectOf(plan, 'Sidecar/ordering/orders')['spec'].egress).toEqual([
    { hosts: ['billing/payments.billing.svc.cluster.local', 'ordering/*'] },
  ]);
});

test('no host stands beside all hosts of its namespace: Istio refuses both together', () => {
  const plan = meshPlanOf(
    pair(({ ordering, orders }) => {
      const stock = new Microservice(ordering, 'stock', { image, ports: { http: 8080 } });
      const bank = ExternalService.of(ordering, 'bank', { host: 'bank.example.com', addresses: ['203.0.113.7/32'] });
      orders.owns(new PlainStore(ordering, 'orders-db')).calls(stock).calls(bank);
    }),
  );
  expect(objectOf(plan, 'Sidecar/ordering/orders')['spec'].egress).toEqual([
    { hosts: ['billing/payments.billing.svc.cluster.local', 'ordering/*'] },
  ]);
});

test('what is logged is what the environment says', () => {
  const logging = (accessLog: string) =>
    objectOf(meshPlanOf(pair(), { meshOptions: { accessLog } }), 'Telemetry/billing/default')['spec'].accessLogging;
  expect(logging('all')).toEqual([{ providers: [{ name: 'envoy' }] }]);
  expect(logging('none')).toEqual([{ providers: [{ name: 'envoy' }], disabled: true }]);
  expect(logging('errors')).toEqual([
    { providers: [{ name: 'envoy' }], filter: { expression: 'response.code >= 400 || response.code == 0' } },
  ]);
});

test('ports of plain TCP are named, so that no proxy guesses', () => {
  const program = pair(({ billing }) => {
    new Microservice(billing, 'ledger', { image, ports: { ledger: 4000, 'tls-admin': 4001 } });
  });
  const ports = (of: ReturnType<typeof planOf>) =>
    objectOf(of, 'Service/billing/ledger')['spec'].ports.map((port: { appProtocol?: string }) => port.appProtocol);
  expect(ports(meshPlanOf(program))).toEqual(['tcp', undefined]);
  expect(ports(planOf(program))).toEqual([undefined, undefined]);
});

test('tasks are in, too: their pods say so, their proxies end with them, and callees know them', () => {
  const plan = meshPlanOf(
    pair(({ billing, payments }) => {
      new Task(billing, 'settle', { image }).calls(payments, { timeout: Duration.seconds(9) });
    }),
  );
  expect(codesOf(plan)).toEqual([]);
  const job = plan.objects.find(({ manifest }) => manifest.kind === 'Job')?.manifest as {
    spec?: { template?: object };
  };
  expect(job.spec?.template).toMatchObject({ metadata: { labels: { 'sidecar.istio.io/inject': 'true' } } });
  expect(JSON.stringify(objectOf(plan, 'AuthorizationPolicy/billing/payments'))).toContain('ns/billing/sa/settle');
  expect(objectOf(plan, 'Sidecar/billing/settle')).toBeDefined();
});
