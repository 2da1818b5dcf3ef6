import {
  ApiGateway,
  Auth,
  BoundedContext,
  Bulkhead,
  Check,
  CircuitBreaker,
  Duration,
  Exposure,
  ExternalService,
  Health,
  Microservice,
  Percent,
  Port,
  RedisCache,
  Retry,
  outsideMesh,
  type CallOptions,
  type Program,
} from 'ashlar';
import { meshPlanOf } from '../support/meshes';
import { codesOf, objectOf } from '../support/plans';

const image = 'registry.example.com/it:1';
const seconds = (amount: number): Duration => Duration.seconds(amount);
const ambient = (program: Program, options = {}) => meshPlanOf(program, { mesh: 'istio-ambient', ...options });

interface Made {
  readonly ordering: BoundedContext;
  readonly billing: BoundedContext;
  readonly orders: Microservice;
  readonly payments: Microservice;
}

/** `orders` of one context calls `payments` of another. */
const pair =
  (options: CallOptions, more: (made: Made) => void = () => undefined): Program =>
  (shop) => {
    const ordering = new BoundedContext(shop, 'ordering', { team: 'a' });
    const billing = new BoundedContext(shop, 'billing', { team: 'b' });
    const payments = new Microservice(billing, 'payments', {
      image,
      ports: { http: Port.http(80, { container: 8080 }) },
    });
    const orders = new Microservice(ordering, 'orders', { image }).calls(payments, options);
    more({ ordering, billing, orders, payments });
  };

const keysOf = (plan: ReturnType<typeof ambient>): readonly string[] => plan.objects.map(({ key }) => key);

test('where nothing is asked of requests, identities are enough: there is no waypoint', () => {
  const plan = ambient(pair({}));
  expect(codesOf(plan)).toEqual(['no-timeout']);
  expect(JSON.stringify(keysOf(plan))).not.toMatch(/waypoint|VirtualService|DestinationRule|Sidecar/);
  expect(objectOf(plan, 'AuthorizationPolicy/billing/payments')['spec'].rules).toEqual([
    {
      from: [{ source: { principals: ['cluster.local/ns/ordering/sa/orders'] } }],
      to: [{ operation: { ports: ['8080'] } }],
    },
  ]);
  expect(objectOf(plan, 'PeerAuthentication/billing/default')['spec']).toEqual({ mtls: { mode: 'STRICT' } });
});

test('each pod says whether it is in, and why; namespaces say nothing', () => {
  const plan = ambient(
    pair({}, ({ payments, orders }) => [orders, payments].forEach((one) => outsideMesh(one, 'Old.'))),
  );
  const { metadata } = objectOf(plan, 'Deployment/billing/payments')['spec'].template;
  expect(metadata.labels).toMatchObject({ 'istio.io/dataplane-mode': 'none' });
  expect(metadata.annotations).toMatchObject({ 'ashlar.dev/mesh': 'Old.' });
  const inside = objectOf(ambient(pair({})), 'Deployment/billing/payments')['spec'].template.metadata;
  expect(inside.labels).toMatchObject({ 'istio.io/dataplane-mode': 'ambient' });
  expect(JSON.stringify(objectOf(plan, 'Namespace/billing').metadata)).not.toContain('istio');
});

test('a context whose callees are asked something of gets a waypoint, which stands before them alone', () => {
  const plan = ambient(
    pair({ timeout: seconds(2) }, ({ billing, orders }) => {
      orders.calls(new Microservice(billing, 'plain', { image, ports: { http: 8080 } }));
    }),
    { tier: 'production' },
  );
  expect(keysOf(plan).filter((key) => key.endsWith('/waypoint'))).toEqual([
    expect.stringContaining('NetworkPolicy/billing/waypoint'),
    expect.stringContaining('ConfigMap/billing/waypoint'),
    expect.stringContaining('Gateway/billing/waypoint'),
  ]);
  expect(objectOf(plan, 'Gateway/billing/waypoint')['spec']).toMatchObject({ gatewayClassName: 'istio-waypoint' });
  const label = (name: string): unknown =>
    objectOf(plan, `Service/billing/${name}`).metadata.labels?.['istio.io/use-waypoint'];
  expect([label('payments'), label('plain')]).toEqual(['waypoint', undefined]);
  expect(JSON.parse(String(objectOf(plan, 'ConfigMap/billing/waypoint')['data'].deployment)).spec).toMatchObject({
    replicas: 2,
    template: { spec: { securityContext: { seccompProfile: { type: 'RuntimeDefault' } } } },
  });
});

test('behind a waypoint a callee admits the waypoint alone, which admits the declared callers on the port of the Service', () => {
  const plan = ambient(pair({ timeout: seconds(2) }));
  expect(objectOf(plan, 'AuthorizationPolicy/billing/payments')['spec']).toMatchObject({
    selector: { matchLabels: { 'app.kubernetes.io/name': 'payments' } },
    rules: [
      {
        from: [{ source: { principals: ['cluster.local/ns/billing/sa/waypoint'] } }],
        to: [{ operation: { ports: ['8080'] } }],
      },
    ],
  });
  expect(objectOf(plan, 'AuthorizationPolicy/billing/payments.waypoint')['spec']).toEqual({
    targetRefs: [{ group: '', kind: 'Service', name: 'payments' }],
    action: 'ALLOW',
    rules: [
      {
        from: [{ source: { principals: ['cluster.local/ns/ordering/sa/orders'] } }],
        to: [{ operation: { ports: ['80'] } }],
      },
    ],
  });
});

test('what is asked holds for all callers, without labels that a waypoint drops', () => {
  const breaker = CircuitBreaker.consecutiveErrors(5, { open: seconds(30), maxEjected: Percent.of(50) });
  const asked = { timeout: seconds(2), retry: Retry.attempts(2).on('5xx'), circuitBreaker: breaker };
  const plan = ambient(
    pair(asked, ({ ordering, payments }) => {
      new Microservice(ordering, 'returns', { image }).calls(payments, asked);
    }),
  );
  expect(codesOf(plan)).toEqual([]);
  const { http } = objectOf(plan, 'VirtualService/billing/payments')['spec'];
  expect(http.map(({ name }: { name: string }) => name)).toEqual(['everybody-http-safe', 'everybody-http']);
  expect(http[1]).toMatchObject({ match: [{ port: 80 }], timeout: '2s', retries: { attempts: 0 } });
  expect(JSON.stringify(http)).not.toContain('source');
  const rule = objectOf(plan, 'DestinationRule/billing/payments')['spec'];
  expect(rule).not.toHaveProperty('workloadSelector');
  expect(rule.trafficPolicy.portLevelSettings).toEqual([
    {
      port: { number: 80 },
      loadBalancer: { localityLbSetting: { enabled: false } },
      outlierDetection: expect.objectContaining({ consecutive5xxErrors: 5 }),
    },
  ]);
});

test('callers that want different things are a finding that names who can, and nobody gets what he did not ask for', () => {
  const plan = ambient(
    pair({ timeout: seconds(2), retry: Retry.attempts(1) }, ({ ordering, payments }) => {
      new Microservice(ordering, 'returns', { image }).calls(payments, {
        timeout: seconds(9),
        retry: Retry.attempts(1),
      });
    }),
  );
  const found = plan.findings.filter(({ code }) => code === 'mesh-cannot');
  expect(found.map(({ path, allowed }) => [path, allowed])).toEqual([
    ['shop/ordering/orders', 'istio-sidecar'],
    ['shop/ordering/returns', 'istio-sidecar'],
  ]);
  expect(found[0]?.got).toContain('other callers: 9000');
  const text = JSON.stringify(objectOf(plan, 'VirtualService/billing/payments'));
  expect(text).not.toContain('timeout');
  expect(text).toContain('"attempts":1');
});

test('what a waypoint cannot do is a finding that names who can', () => {
  const cases: readonly (readonly [CallOptions, string])[] = [
    [{ bulkhead: Bulkhead.of({ maxRequests: 5 }) }, 'bulkhead'],
    [{ circuitBreaker: CircuitBreaker.failureRate(Percent.of(50)) }, 'failure-rate'],
  ];
  for (const [options, ability] of cases) {
    const found = ambient(pair({ timeout: seconds(2), ...options })).findings.filter(
      ({ code }) => code === 'mesh-cannot',
    );
    expect(found.map(({ message, allowed }) => [message, allowed])).toEqual([
      [expect.stringContaining(ability), 'istio-sidecar'],
    ]);
  }
  const outside: Program = (shop) => {
    const ordering = new BoundedContext(shop, 'ordering', { team: 'a' });
    const bank = ExternalService.of(shop, 'bank', { host: 'bank.example', ports: { http: 80 } });
    new Microservice(ordering, 'orders', { image }).calls(bank, { timeout: seconds(2) });
  };
  expect(codesOf(ambient(outside))).toContain('mesh-cannot');
  expect(codesOf(meshPlanOf(outside))).not.toContain('mesh-cannot');
});

test('packets go through tunnels, probes come from the address of the CNI plugin', () => {
  const plan = ambient(
    pair({ timeout: seconds(2) }, ({ billing, orders }) => {
      const health = Health.of({ readiness: Check.http('/ready', { port: 9464 }) });
      const probed = new Microservice(billing, 'probed', { image, ports: { http: 8080, admin: 9464 }, health });
      orders.calls(probed, { port: 'http' });
      orders.calls(new RedisCache(billing, 'cache', { access: 'network' }));
    }),
  );
  const spec = (name: string) => objectOf(plan, `NetworkPolicy/${name}`)['spec'];
  const ports = (rules: unknown): readonly number[] =>
    (rules as readonly { ports: readonly { port: number }[] }[]).flatMap((rule) => rule.ports.map(({ port }) => port));
  expect(ports(spec('ordering/orders').egress)).toEqual([15008, 15008, 15008]);
  expect(JSON.stringify(spec('ordering/orders').egress)).toContain('gateway.networking.k8s.io/gateway-name');
  expect(JSON.stringify(spec('billing/payments').ingress)).not.toContain('ordering');
  expect(spec('billing/probed').ingress).toEqual([
    {
      from: [
        { ipBlock: { cidr: '169.254.7.127/32' } },
        { ipBlock: { cidr: 'fd16:9254:7127:1337:ffff:ffff:ffff:ffff/128' } },
      ],
      ports: [{ protocol: 'TCP', port: 9464 }],
    },
    expect.objectContaining({ ports: [{ protocol: 'TCP', port: 15008 }] }),
  ]);
  expect(ports(spec('billing/waypoint').egress)).toEqual([15008, 15012]);
});

test('who is outside is reached, and exposed, without tunnels', () => {
  const plan = ambient(
    pair({}, ({ billing, orders, payments }) => {
      const old = new Microservice(billing, 'old', { image, ports: { http: 8080 } });
      outsideMesh(old, 'It has certificates of its own.');
      orders.calls(old);
      payments.exposes('http', Exposure.addresses('198.51.100.0/24'));
    }),
  );
  const egress = JSON.stringify(objectOf(plan, 'NetworkPolicy/ordering/orders')['spec'].egress);
  expect(egress).toContain(
    '{"matchLabels":{"app.kubernetes.io/name":"old"}}}],"ports":[{"protocol":"TCP","port":8080}]',
  );
  const { ingress } = objectOf(plan, 'NetworkPolicy/billing/payments')['spec'];
  expect(JSON.stringify(ingress)).toContain('{"cidr":"198.51.100.0/24"}}],"ports":[{"protocol":"TCP","port":8080}]');
  expect(objectOf(plan, 'PeerAuthentication/billing/payments')['spec'].portLevelMtls).toEqual({
    '8080': { mode: 'PERMISSIVE' },
  });
});

test('a gateway goes past the waypoint, by its own identity', () => {
  const program = pair({ timeout: seconds(2) }, ({ ordering, payments }) => {
    const edge = new ApiGateway(ordering, 'edge', { hosts: ['api.example.com'] });
    edge.route('/pay', payments, { auth: Auth.none('A test.'), timeout: seconds(1) });
  });
  const gateway = { name: 'istio', options: {}, at: 'environments/test.yaml:2:1' };
  const plan = ambient(program, { environment: { backEnds: { gateway } } });
  expect(codesOf(plan)).toEqual([]);
  expect(objectOf(plan, 'AuthorizationPolicy/billing/payments')['spec'].rules[0].from[0].source.principals).toEqual([
    'cluster.local/ns/billing/sa/waypoint',
    'cluster.local/ns/ordering/sa/edge',
  ]);
  expect(JSON.stringify(objectOf(plan, 'AuthorizationPolicy/billing/payments.waypoint'))).not.toContain('edge');
  expect(JSON.stringify(objectOf(plan, 'NetworkPolicy/billing/waypoint'))).not.toContain('"edge"');
  expect(JSON.stringify(objectOf(plan, 'NetworkPolicy/ordering/edge')['spec'].egress)).toContain('"port":15008');
});

test('the quota counts the pods of waypoints while they are replaced', () => {
  const podsIn = (program: Program, options = {}): number =>
    Number(objectOf(ambient(program, options), 'ResourceQuota/billing/quota')['spec'].hard.pods);
  const without = podsIn(pair({}));
  expect(podsIn(pair({ timeout: seconds(2) }), { meshOptions: { waypoints: 4 } }) - without).toBe(10);
});

test('the plan lists the charts in their profile, with the proxy of the nodes', () => {
  const { prerequisites } = ambient(pair({}));
  expect(prerequisites.map((one) => (one.type === 'release' ? [one.name, one.values] : []))).toEqual([
    ['istio-base', undefined],
    ['istio-cni', { profile: 'ambient' }],
    ['istiod', { pilot: { cni: { enabled: true } }, profile: 'ambient' }],
    ['ztunnel', undefined],
  ]);
});
