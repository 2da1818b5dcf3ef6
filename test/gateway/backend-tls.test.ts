import { BackendTls, ExternalService, outsideMesh, type RouteOptions } from 'ashlar';
import { gatewayPlan, open, type GatewayPlanOptions, type Made } from '../support/gateways';
import { codesOf, objectOf } from '../support/plans';

const own = BackendTls.verify({ host: 'orders.internal', authority: 'orders-ca' });

const portable = (say: (made: Made) => void, more: GatewayPlanOptions = {}) =>
  gatewayPlan(say, { gateway: 'gateway-api', mesh: 'none', ...more });

const leading = (options: Partial<RouteOptions>, more: GatewayPlanOptions = {}) =>
  portable(({ edge, orders }) => edge.route('/orders', orders, { ...open, ...options }), more);

const policies = (plan: ReturnType<typeof portable>) =>
  plan.objects.filter(({ manifest }) => manifest.kind === 'BackendTLSPolicy');

test('the port of a service that answers TLS itself is asked for its certificate', () => {
  const plan = leading({ backendTls: own });
  expect(codesOf(plan)).toEqual([]);
  const policy = objectOf(plan, 'BackendTLSPolicy/shop/orders-http');
  expect(policy.apiVersion).toBe('gateway.networking.k8s.io/v1');
  expect(policy['spec']).toEqual({
    targetRefs: [{ group: '', kind: 'Service', name: 'orders', sectionName: 'http' }],
    validation: {
      hostname: 'orders.internal',
      subjectAltNames: [{ type: 'Hostname', hostname: 'orders.internal' }],
      caCertificateRefs: [{ group: '', kind: 'ConfigMap', name: 'orders-ca' }],
    },
  });
});

test('an authority that everybody knows needs no ConfigMap', () => {
  const plan = leading({ backendTls: BackendTls.wellKnown('orders.example.com') });
  expect(codesOf(plan)).toEqual([]);
  expect(objectOf(plan, 'BackendTLSPolicy/shop/orders-http')['spec'].validation).toEqual({
    hostname: 'orders.example.com',
    subjectAltNames: [{ type: 'Hostname', hostname: 'orders.example.com' }],
    wellKnownCACertificates: 'System',
  });
});

test('routes to one port share its policy, and one of them is enough to say it', () => {
  const plan = portable(({ edge, orders }) =>
    edge
      .route('/a', orders, { ...open, backendTls: own })
      .route('/b', orders, { ...open, backendTls: own })
      .route('/c', orders, open),
  );
  expect(codesOf(plan)).toEqual([]);
  expect(policies(plan)).toHaveLength(1);
  expect(policies(leading({}))).toEqual([]);
});

test('routes that want different certificates of one port are told', () => {
  const plan = portable(({ edge, orders }) =>
    edge
      .route('/a', orders, { ...open, backendTls: own })
      .route('/b', orders, { ...open, backendTls: BackendTls.wellKnown('orders.internal') }),
  );
  expect(plan.findings).toMatchObject([
    { code: 'backend-tls-differs', severity: 'error', field: 'route /b: backendTls' },
  ]);
  expect(plan.findings[0]?.got).toMatch(/by the well-known authorities at .*, orders\.internal by orders-ca at /);
});

test('nothing is put beside services of others, but that it is needed there is told', () => {
  const plan = portable(({ edge, shop }) => {
    const peer = { namespace: 'legacy', podLabels: { app: 'erp' }, ports: { http: 8443 } };
    edge.route('/erp', ExternalService.inCluster(shop, 'erp', peer), { ...open, backendTls: own });
  });
  expect(policies(plan)).toEqual([]);
  expect(codesOf(plan).toSorted()).toEqual(['backend-tls-needed', 'grant-needed']);
});

test('a service of the mesh cannot answer TLS itself, unless it is kept out', () => {
  const inside = leading({ backendTls: own }, { mesh: 'istio-sidecar' });
  expect(inside.findings).toMatchObject([{ code: 'backend-tls-in-mesh', severity: 'error' }]);
  const kept = ({ edge, orders }: Made): void => {
    outsideMesh(orders, 'It answers TLS itself.');
    edge.route('/orders', orders, { ...open, backendTls: own });
  };
  expect(codesOf(portable(kept, { mesh: 'istio-sidecar' }))).toEqual([]);
});

test.each([
  ['istio', {}],
  ['gateway-api', { implementation: 'kong' }],
])('where %s does not verify services, that is told with who does', (gateway, options) => {
  const plan = leading({ backendTls: own }, { gateway, options });
  const found = plan.findings.find(({ code }) => code === 'gateway-cannot');
  expect([found?.field, found?.message]).toEqual(['route /orders', expect.stringContaining('backend-tls')]);
  expect(policies(plan)).toEqual([]);
});

test('those that verify services are named', () => {
  const plan = leading({ backendTls: own }, { gateway: 'istio' });
  expect(plan.findings.find(({ code }) => code === 'gateway-cannot')?.allowed).toBe(
    ['istio', 'envoy-gateway', 'nginx', 'traefik'].map((name) => `gateway-api with ${name}`).join(', '),
  );
});

/** No objects come out, whose fields would be told, too. */
const nobody = { gateway: 'none' };

test('hosts that are no DNS names, and names of no object, are told at once', () => {
  const bad = BackendTls.verify({ host: 'https://orders', authority: 'Orders CA' });
  expect(codesOf(leading({ backendTls: bad }, nobody))).toEqual(['bad-host', 'bad-object-name']);
  expect(codesOf(leading({ backendTls: BackendTls.wellKnown('') }, nobody))).toEqual(['bad-host']);
});

test('an authority that is left out is not taken for a well-known one', () => {
  const bad = BackendTls.verify({ host: 'orders.internal' } as Parameters<typeof BackendTls.verify>[0]);
  expect(codesOf(leading({ backendTls: bad }, nobody))).toEqual(['bad-object-name']);
});
