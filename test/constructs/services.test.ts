import { BoundedContext, Exposure, Microservice, Port, type Ports } from 'ashlar';
import { codesOf, objectOf, planOf } from '../support/plans';

const image = 'ghcr.io/acme/app:1.0.0';

function planWith(ports: Ports, say: (orders: Microservice) => void = () => undefined) {
  return planOf((shop) => {
    const context = new BoundedContext(shop, 'ordering', { team: 'orders' });
    say(new Microservice(context, 'orders', { image, ports }));
  });
}

const specOf = (plan: ReturnType<typeof planOf>, name: string) => objectOf(plan, `Service/ordering/${name}`)['spec'];

test('callers use one port, the process listens on another', () => {
  const plan = planWith({ http: Port.http(80, { container: 8080 }) });
  expect(codesOf(plan)).toEqual([]);
  expect(specOf(plan, 'orders')).toEqual({
    type: 'ClusterIP',
    selector: { 'app.kubernetes.io/name': 'orders' },
    ports: [{ name: 'http', port: 80, targetPort: 8080, protocol: 'TCP', appProtocol: 'http' }],
  });
  const [container] = objectOf(plan, 'Deployment/ordering/orders')['spec'].template.spec.containers;
  expect(container.ports).toEqual([{ name: 'http', containerPort: 8080, protocol: 'TCP' }]);
});

test('what is spoken is said, or told from the name', () => {
  const plan = planWith({
    'http-admin': 8081,
    http2: 8082,
    grpc: 9090,
    udp: 5353,
    redis: 6379,
    public: Port.http2(8083),
    metrics: Port.http(8084),
    dns: Port.udp(53),
  });
  expect(codesOf(plan)).toEqual([]);
  const { ports } = specOf(plan, 'orders') as {
    ports: readonly { name: string; protocol: string; appProtocol?: string }[];
  };
  expect(
    Object.fromEntries(
      ports.map(({ name, protocol, appProtocol = '' }) => [name, `${protocol} ${appProtocol}`.trim()]),
    ),
  ).toEqual({
    'http-admin': 'TCP http',
    http2: 'TCP kubernetes.io/h2c',
    grpc: 'TCP grpc',
    udp: 'UDP',
    redis: 'TCP',
    public: 'TCP kubernetes.io/h2c',
    metrics: 'TCP http',
    dns: 'UDP',
  });
});

test('two ports may lead to one of the container, which lists it once', () => {
  const plan = planWith({ http: Port.http(80, { container: 8080 }), 'http-alt': Port.http(8080) });
  expect(codesOf(plan)).toEqual([]);
  expect(objectOf(plan, 'Deployment/ordering/orders')['spec'].template.spec.containers[0].ports).toHaveLength(1);
  expect(specOf(plan, 'orders').ports).toHaveLength(2);
});

test('what listens on nothing has no Service', () => {
  expect(planWith({}).objects.map(({ manifest }) => manifest.kind)).not.toContain('Service');
});

test.each([
  ['zero', { http: 0 }, 'port-out-of-range'],
  ['65536', { http: 65536 }, 'port-out-of-range'],
  ['half a port', { http: 80.5 }, 'port-out-of-range'],
  ['a text', { http: '80' as unknown as number }, 'port-out-of-range'],
  ['a container’s port out of range', { http: Port.http(80, { container: 70000 }) }, 'port-out-of-range'],
  ['a name with upper case', { HTTP: 80 }, 'bad-port-name'],
  ['a name of sixteen characters', { 'a-very-long-name': 80 }, 'bad-port-name'],
  ['a name of digits', { '80': 80 }, 'bad-port-name'],
  ['a name with two hyphens', { 'a--b': 80 }, 'bad-port-name'],
])('%s is a finding at the service', (_what, ports, code) => {
  expect(planWith(ports).findings).toContainEqual(
    expect.objectContaining({ code, path: 'shop/ordering/orders', field: `ports.${Object.keys(ports)[0]}` }),
  );
});

test('more Services lead to the same pods: a headless one, and one of some ports', () => {
  const plan = planWith({ grpc: 9090, http: 8080 }, (orders) => {
    orders.addService('orders-pods', { headless: true }).addService('orders-web', { ports: ['http'] });
  });
  expect(codesOf(plan)).toEqual([]);
  expect(specOf(plan, 'orders-pods')).toMatchObject({
    type: 'ClusterIP',
    clusterIP: 'None',
    ports: [{ name: 'grpc' }, { name: 'http' }],
  });
  expect(specOf(plan, 'orders-web').ports).toEqual([expect.objectContaining({ name: 'http' })]);
  expect(specOf(plan, 'orders-web')).not.toHaveProperty('clusterIP');
});

test('a Service of a port that is not there is a finding at the service', () => {
  const plan = planWith({ http: 8080 }, (orders) => void orders.addService('more', { ports: ['http', 'grpc'] }));
  expect(plan.findings).toContainEqual(
    expect.objectContaining({
      code: 'unknown-port',
      path: 'shop/ordering/orders',
      got: expect.stringContaining('grpc') as string,
    }),
  );
});

test('the same Service said twice is one', () => {
  const plan = planWith({ http: 8080 }, (orders) => {
    orders.addService('more', { headless: true }).addService('more', { headless: true });
    orders.exposes('http', Exposure.loadBalancer('outside')).exposes('http', Exposure.loadBalancer('outside'));
  });
  expect(codesOf(plan)).toEqual([]);
});

test('two Services of one name are a finding', () => {
  const plan = planWith({ http: 8080, grpc: 9090 }, (orders) => {
    orders.addService('more', { ports: ['http'] }).addService('more', { ports: ['grpc'] });
  });
  expect(codesOf(plan)).toContain('duplicate-object');
});

describe('exposed', () => {
  const admitted = (plan: ReturnType<typeof planOf>): unknown =>
    objectOf(plan, 'NetworkPolicy/ordering/orders')['spec'].ingress;

  test('through a load balancer: a Service of its own, and the way in to the pods’ port', () => {
    const plan = planWith({ http: Port.http(80, { container: 8080 }), grpc: 9090 }, (orders) => {
      orders.exposes('http', Exposure.loadBalancer('outside', { from: ['203.0.113.0/24', '2001:db8::/32'] }));
    });
    expect(codesOf(plan)).toEqual([]);
    expect(specOf(plan, 'outside')).toMatchObject({
      type: 'LoadBalancer',
      ports: [{ name: 'http', port: 80, targetPort: 8080 }],
      loadBalancerSourceRanges: ['203.0.113.0/24', '2001:db8::/32'],
    });
    expect(specOf(plan, 'outside').ports).toHaveLength(1);
    expect(specOf(plan, 'orders')).toMatchObject({ type: 'ClusterIP' });
    expect(admitted(plan)).toEqual([
      {
        from: [{ ipBlock: { cidr: '203.0.113.0/24' } }, { ipBlock: { cidr: '2001:db8::/32' } }],
        ports: [{ protocol: 'TCP', port: 8080 }],
      },
    ]);
  });

  test('to everybody, where no ranges are given', () => {
    const plan = planWith({ http: 8080 }, (orders) => void orders.exposes('http', Exposure.loadBalancer('outside')));
    expect(specOf(plan, 'outside')).not.toHaveProperty('loadBalancerSourceRanges');
    expect(admitted(plan)).toMatchObject([
      { from: [{ ipBlock: { cidr: '0.0.0.0/0' } }, { ipBlock: { cidr: '::/0' } }] },
    ]);
  });

  test('to addresses, and to pods that are not the platform’s', () => {
    const plan = planWith({ http: 8080 }, (orders) => {
      orders
        .exposes('http', Exposure.addresses('198.51.100.7/32'))
        .exposes('http', Exposure.pods('ingress', { app: 'nginx' }));
    });
    expect(plan.objects.filter(({ manifest }) => manifest.kind === 'Service')).toHaveLength(1);
    expect(admitted(plan)).toEqual([
      { from: [{ ipBlock: { cidr: '198.51.100.7/32' } }], ports: [{ protocol: 'TCP', port: 8080 }] },
      {
        from: [
          {
            namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'ingress' } },
            podSelector: { matchLabels: { app: 'nginx' } },
          },
        ],
        ports: [{ protocol: 'TCP', port: 8080 }],
      },
    ]);
  });

  test('a port that is not there is a finding', () => {
    const plan = planWith(
      { http: 8080 },
      (orders) => void orders.exposes('https', Exposure.addresses('198.51.100.7/32')),
    );
    expect(plan.findings).toMatchObject([
      { code: 'unknown-port', got: expect.stringMatching(/^https at /) as string, allowed: 'http (8080)' },
    ]);
  });

  test('a range that is none is a finding', () => {
    const plan = planWith(
      { http: 8080 },
      (orders) => void orders.exposes('http', Exposure.loadBalancer('outside', { from: ['everywhere'] })),
    );
    expect(plan.findings.map(({ object }) => object)).toEqual(
      expect.arrayContaining(['NetworkPolicy/ordering/orders']),
    );
  });
});
