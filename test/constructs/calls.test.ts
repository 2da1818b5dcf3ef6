import {
  BoundedContext,
  Exposure,
  ExternalService,
  Microservice,
  Port,
  type CallOptions,
  type Platform,
  type Ports,
} from 'ashlar';
import { codesOf, objectOf, planOf } from '../support/plans';

const image = 'ghcr.io/acme/app:1.0.0';

/** `orders` in ordering and `payments` in billing, which listens on these ports. */
function pair(platform: Platform, ports: Ports) {
  const ordering = new BoundedContext(platform, 'ordering', { team: 'orders' });
  const billing = new BoundedContext(platform, 'billing', { team: 'billing' });
  const payments = new Microservice(billing, 'payments', { image, ports });
  return { orders: new Microservice(ordering, 'orders', { image, ports: { http: 8080 } }), payments };
}

type Pair = ReturnType<typeof pair>;

const planWith = (ports: Ports, say: (parts: Pair, platform: Platform) => void) =>
  planOf((platform) => say(pair(platform, ports), platform));

function envOf(plan: ReturnType<typeof planOf>, of = 'ordering/orders'): Readonly<Record<string, string>> {
  const { env = [] } = objectOf(plan, `Deployment/${of}`)['spec'].template.spec.containers[0] as {
    env?: readonly { name: string; value: string }[];
  };
  return Object.fromEntries(env.map(({ name, value }) => [name, value]));
}

const podsOf = (namespace: string, name: string) => ({
  namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
  podSelector: { matchLabels: { 'app.kubernetes.io/name': name } },
});

const policyOf = (plan: ReturnType<typeof planOf>, of: string) => objectOf(plan, `NetworkPolicy/${of}`)['spec'];

test('the address is that of the Service, the way is to the pods’ port, for exactly this pair', () => {
  const plan = planWith({ grpc: Port.grpc(80, { container: 9090 }) }, ({ orders, payments }) => {
    orders.calls(payments, { env: 'PAYMENTS_ADDR' });
  });
  expect(codesOf(plan)).toEqual([]);
  expect(envOf(plan)).toEqual({ PAYMENTS_ADDR: 'payments.billing.svc:80' });
  expect(policyOf(plan, 'ordering/orders')).toEqual({
    podSelector: { matchLabels: { 'app.kubernetes.io/name': 'orders' } },
    policyTypes: ['Egress'],
    egress: [{ to: [podsOf('billing', 'payments')], ports: [{ protocol: 'TCP', port: 9090 }] }],
  });
  expect(policyOf(plan, 'billing/payments')).toEqual({
    podSelector: { matchLabels: { 'app.kubernetes.io/name': 'payments' } },
    policyTypes: ['Ingress'],
    ingress: [{ from: [podsOf('ordering', 'orders')], ports: [{ protocol: 'TCP', port: 9090 }] }],
  });
});

test.each<[string, CallOptions['env'], Ports, Readonly<Record<string, string>>]>([
  ['host and port', 'ADDR', { grpc: 9090 }, { ADDR: 'payments.billing.svc:9090' }],
  ['host', { A: 'host' }, { grpc: 9090 }, { A: 'payments.billing.svc' }],
  ['port', { A: 'port' }, { grpc: 9090 }, { A: '9090' }],
  ['URL of HTTP', { A: 'url' }, { http: 8080 }, { A: 'http://payments.billing.svc:8080' }],
  ['URL of HTTP/2', { A: 'url' }, { http2: 8080 }, { A: 'http://payments.billing.svc:8080' }],
  ['URL of gRPC', { A: 'url' }, { grpc: 8080 }, { A: 'grpc://payments.billing.svc:8080' }],
  [
    'several',
    { A: 'host', B: 'port', C: 'host:port' },
    { db: 1 },
    { A: 'payments.billing.svc', B: '1', C: 'payments.billing.svc:1' },
  ],
  ['none', undefined, { grpc: 9090 }, {}],
])('the address as %s', (_what, env, ports, expected) => {
  const plan = planWith(ports, ({ orders, payments }) => void orders.calls(payments, env === undefined ? {} : { env }));
  expect(codesOf(plan)).toEqual([]);
  expect(envOf(plan)).toEqual(expected);
});

test('a call over UDP opens UDP', () => {
  const plan = planWith({ udp: 5353 }, ({ orders, payments }) => void orders.calls(payments));
  expect(policyOf(plan, 'ordering/orders').egress[0].ports).toEqual([{ protocol: 'UDP', port: 5353 }]);
});

test('two ports of one peer are two addresses and one rule', () => {
  const plan = planWith({ grpc: 9090, http: 8080 }, ({ orders, payments }) => {
    orders.calls(payments, { port: 'grpc', env: 'GRPC' }).calls(payments, { port: 'http', env: 'HTTP' });
  });
  expect(envOf(plan)).toEqual({ GRPC: 'payments.billing.svc:9090', HTTP: 'payments.billing.svc:8080' });
  expect(policyOf(plan, 'ordering/orders').egress).toEqual([
    {
      to: [podsOf('billing', 'payments')],
      ports: [
        { protocol: 'TCP', port: 8080 },
        { protocol: 'TCP', port: 9090 },
      ],
    },
  ]);
});

test('a call to itself opens both sides', () => {
  const plan = planWith({ grpc: 9090 }, ({ orders }) => void orders.calls(orders, { env: 'SELF' }));
  expect(codesOf(plan)).toEqual([]);
  expect(envOf(plan)).toEqual({ SELF: 'orders.ordering.svc:8080' });
  const flow = { ports: [{ protocol: 'TCP', port: 8080 }] };
  expect(policyOf(plan, 'ordering/orders')).toMatchObject({
    policyTypes: ['Ingress', 'Egress'],
    ingress: [{ from: [podsOf('ordering', 'orders')], ...flow }],
    egress: [{ to: [podsOf('ordering', 'orders')], ...flow }],
  });
});

test('calls in both directions work, and are worth a word', () => {
  const plan = planWith({ grpc: 9090 }, ({ orders, payments }) => {
    orders.calls(payments, { env: 'PAYMENTS' });
    payments.calls(orders, { env: 'ORDERS' });
  });
  expect(codesOf(plan)).toEqual(['synchronous-cycle']);
  expect(envOf(plan, 'billing/payments')).toEqual({ ORDERS: 'orders.ordering.svc:8080' });
  for (const one of ['ordering/orders', 'billing/payments'])
    expect(policyOf(plan, one).policyTypes).toEqual(['Ingress', 'Egress']);
});

test('the only port may be named or left out: it is one flow', () => {
  const plan = planWith(
    { grpc: 9090 },
    ({ orders, payments }) => void orders.calls(payments, { port: 'grpc' }).calls(payments),
  );
  expect(codesOf(plan)).toEqual([]);
  expect(policyOf(plan, 'ordering/orders').egress).toHaveLength(1);
});

test.each<[string, Ports, CallOptions, string]>([
  ['a port that is not there', { grpc: 9090 }, { port: 'http' }, 'grpc (9090)'],
  ['no port, where there are two', { grpc: 9090, http: 80 }, {}, 'grpc (9090), http (80)'],
  ['a peer that listens on nothing', {}, {}, 'nothing: it listens on no port'],
])('%s is a finding at the caller with what there is', (_what, ports, options, allowed) => {
  const plan = planWith(ports, ({ orders, payments }) => void orders.calls(payments, options));
  expect(plan.findings).toMatchObject([
    { code: 'unknown-port', severity: 'error', path: 'shop/ordering/orders', allowed },
  ]);
});

test('one variable for two peers is a finding that names both calls', () => {
  const plan = planWith(
    { grpc: 9090 },
    ({ orders, payments }) => void orders.calls(payments, { env: 'ADDR' }).calls(orders, { env: 'ADDR' }),
  );
  expect(plan.findings).toMatchObject([{ code: 'two-writers' }]);
  expect(plan.findings[0]?.got).toContain('orders.calls(orders)');
  expect(plan.findings[0]?.got).toContain('orders.calls(payments)');
});

test('a variable name that cannot be is a finding', () => {
  const plan = planWith({ grpc: 9090 }, ({ orders, payments }) => void orders.calls(payments, { env: '1 ADDR' }));
  expect(codesOf(plan)).not.toEqual([]);
});

describe('outside the platform', () => {
  test('a public peer: its name, and every public address on its port', () => {
    const plan = planWith({}, ({ orders }, platform) => {
      orders.calls(ExternalService.of(platform, 'stripe', { host: 'api.stripe.com' }), {
        env: { STRIPE: 'host', PORT: 'port' },
      });
    });
    expect(codesOf(plan)).toEqual([]);
    expect(envOf(plan)).toEqual({ STRIPE: 'api.stripe.com', PORT: '443' });
    const [rule] = policyOf(plan, 'ordering/orders').egress;
    expect(rule.ports).toEqual([{ protocol: 'TCP', port: 443 }]);
    expect(rule.to.map(({ ipBlock }: { ipBlock: { cidr: string } }) => ipBlock.cidr)).toEqual(['0.0.0.0/0', '::/0']);
    const [v4, v6] = rule.to as readonly { ipBlock: { except: readonly string[] } }[];
    expect(v4?.ipBlock.except).toEqual(
      expect.arrayContaining(['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '169.254.0.0/16']),
    );
    expect(v6?.ipBlock.except).toEqual(['fc00::/7', 'fe80::/10']);
  });

  test('the URL of a public peer over TLS is https', () => {
    const plan = planWith({}, ({ orders }, platform) => {
      orders.calls(ExternalService.of(platform, 'stripe', { host: 'api.stripe.com' }), { env: { STRIPE: 'url' } });
    });
    expect(envOf(plan)['STRIPE']).toMatch(/^https:\/\/api\.stripe\.com(:443)?$/);
  });

  test('a peer of known addresses', () => {
    const plan = planWith({}, ({ orders }, platform) => {
      const bank = ExternalService.of(platform, 'bank', {
        host: 'bank.example.com',
        ports: { tcp: 5000 },
        addresses: ['192.0.2.0/28'],
      });
      orders.calls(bank, { env: 'BANK' });
    });
    expect(envOf(plan)).toEqual({ BANK: 'bank.example.com:5000' });
    expect(policyOf(plan, 'ordering/orders').egress).toEqual([
      { to: [{ ipBlock: { cidr: '192.0.2.0/28' } }], ports: [{ protocol: 'TCP', port: 5000 }] },
    ]);
  });

  test('a Service of the cluster that somebody else deploys', () => {
    const plan = planWith({}, ({ orders }, platform) => {
      const vault = ExternalService.inCluster(platform, 'vault', {
        namespace: 'security',
        service: 'vault-active',
        podLabels: { app: 'vault' },
        ports: { http: Port.http(80, { container: 8200 }) },
      });
      orders.calls(vault, { env: { VAULT: 'url' } });
    });
    expect(envOf(plan)).toEqual({ VAULT: 'http://vault-active.security.svc:80' });
    expect(policyOf(plan, 'ordering/orders').egress).toEqual([
      {
        to: [
          {
            namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'security' } },
            podSelector: { matchLabels: { app: 'vault' } },
          },
        ],
        ports: [{ protocol: 'TCP', port: 8200 }],
      },
    ]);
  });

  test('a peer that is not the platform’s has no objects', () => {
    const plan = planOf((platform) => void ExternalService.of(platform, 'stripe', { host: 'api.stripe.com' }));
    expect(plan.objects).toEqual([]);
    expect(codesOf(plan)).toEqual([]);
  });

  test.each(['https://api.stripe.com', 'api.stripe.com:443', 'api.stripe.com/v1', '', 'a..b', '-a.example.com'])(
    '%j is no host',
    (host) => {
      const plan = planOf((platform) => void ExternalService.of(platform, 'stripe', { host }));
      expect(plan.findings).toMatchObject([{ code: 'bad-host', path: 'shop/stripe', got: JSON.stringify(host) }]);
    },
  );

  test('addresses that are none are a finding', () => {
    const plan = planWith({}, ({ orders }, platform) => {
      orders.calls(ExternalService.of(platform, 'bank', { host: 'bank.example.com', addresses: ['192.0.2.7'] }));
    });
    expect(codesOf(plan)).not.toEqual([]);
  });

  test('a port of a peer outside is checked, too', () => {
    const plan = planOf(
      (platform) => void ExternalService.of(platform, 'a', { host: 'a.example.com', ports: { http: 0 } }),
    );
    expect(codesOf(plan)).toEqual(['port-out-of-range']);
  });
});

describe('the API server', () => {
  const rule = { apiGroups: ['apps'], resources: ['deployments'], verbs: ['get', 'list'] };

  test('access gives rights, a token in the pod, and the way there', () => {
    const plan = planOf(
      (platform) =>
        void pair(platform, {}).orders.accessesKubernetes(rule, {
          resources: ['pods'],
          resourceNames: ['a'],
          verbs: ['delete'],
        }),
      { environment: { apiServer: { cidrs: ['10.1.2.3/32'], port: 6443 } } },
    );
    expect(codesOf(plan)).toEqual([]);
    expect(objectOf(plan, 'Role/ordering/orders')['rules']).toEqual([
      { apiGroups: ['apps'], resources: ['deployments'], verbs: ['get', 'list'] },
      { apiGroups: [''], resources: ['pods'], resourceNames: ['a'], verbs: ['delete'] },
    ]);
    expect(objectOf(plan, 'RoleBinding/ordering/orders')).toMatchObject({
      roleRef: { kind: 'Role', name: 'orders' },
      subjects: [{ kind: 'ServiceAccount', name: 'orders', namespace: 'ordering' }],
    });
    expect(objectOf(plan, 'Deployment/ordering/orders')['spec'].template.spec.automountServiceAccountToken).toBe(true);
    expect(policyOf(plan, 'ordering/orders').egress).toEqual([
      { to: [{ ipBlock: { cidr: '10.1.2.3/32' } }], ports: [{ protocol: 'TCP', port: 6443 }] },
    ]);
  });

  test('a second access adds to the first, in any order', () => {
    const rulesOf = (...verbs: readonly string[]): unknown =>
      objectOf(
        planWith({}, ({ orders }) => {
          for (const verb of verbs) orders.accessesKubernetes({ resources: ['pods'], verbs: [verb] });
        }),
        'Role/ordering/orders',
      )['rules'];
    expect(rulesOf('get', 'delete')).toHaveLength(2);
    expect(rulesOf('delete', 'get')).toEqual(rulesOf('get', 'delete'));
  });

  test('nobody else has a token or the way', () => {
    const plan = planWith({}, ({ orders }) => void orders.accessesKubernetes(rule));
    expect(objectOf(plan, 'Deployment/billing/payments')['spec'].template.spec.automountServiceAccountToken).toBe(
      false,
    );
    expect(() => objectOf(plan, 'NetworkPolicy/billing/payments')).toThrow('0 objects');
  });
});

test.each([
  ['exposes', (service: Microservice) => service.exposes('http', Exposure.addresses())],
  [
    'a load balancer',
    (service: Microservice) => service.exposes('http', Exposure.loadBalancer('public', { from: [] })),
  ],
])('%s to an empty list of addresses would admit everybody, so it is refused', (_name, say) => {
  const plan = planOf((shop) => {
    const ordering = new BoundedContext(shop, 'ordering', { team: 'orders' });
    say(new Microservice(ordering, 'orders', { image, ports: { http: 8080 } }));
  });
  expect(codesOf(plan)).toEqual(['no-addresses']);
});
