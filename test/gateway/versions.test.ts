import { Auth, type RouteOptions } from 'ashlar';
import { blocksOf, gatewayPlan, guarded, jwt, open } from '../support/gateways';
import { codesOf, objectOf } from '../support/plans';

const v2 = { header: 'Api-Version', value: '2' };
const staff: RouteOptions = { ...guarded, auth: Auth.jwt({ ...jwt, audiences: ['staff'] }) };

/** Rules of a gateway that refuse requests without a token in the header, by the requests that they are for. */
function refusedRequests(plan: ReturnType<typeof gatewayPlan>) {
  const { rules } = objectOf(plan, 'AuthorizationPolicy/shop/edge-tokens')['spec'];
  return rules
    .filter(({ from }: { from: { source: object }[] }) => 'notRequestPrincipals' in (from[0]?.source ?? {}))
    .map(({ to, when }: { to: { operation: object }[]; when: object[] }) => [
      ...to.map(({ operation }) => operation),
      ...when.slice(1),
    ]);
}

test('a version is a path, or a header, and the one with the header is tried first', () => {
  const plan = gatewayPlan(({ edge, orders }) =>
    edge
      .route('/v1/orders', orders, open)
      .route('/orders', orders, open)
      .route('/orders', orders, { ...open, when: v2 }),
  );
  expect(codesOf(plan)).toEqual([]);
  expect(blocksOf(plan).map(({ name, match }) => [name, match])).toEqual([
    ['orders:/v1/orders', [{ uri: { regex: '/v1/orders(/.*)?' } }]],
    ['orders:/orders:api-version=2', [{ uri: { regex: '/orders(/.*)?' }, headers: { 'api-version': { exact: '2' } } }]],
    ['orders:/orders', [{ uri: { regex: '/orders(/.*)?' } }]],
  ]);
});

test('tokens of one version are no matter of another', () => {
  const plan = gatewayPlan(({ edge, orders }) =>
    edge.route('/orders', orders, guarded).route('/orders', orders, { ...staff, when: v2 }),
  );
  const operation = { ports: ['8443'], paths: ['/orders', '/orders/*'] };
  expect(refusedRequests(plan)).toEqual([
    [operation, { key: 'request.headers[api-version]', values: ['2'] }],
    [operation, { key: 'request.headers[api-version]', notValues: ['2'] }],
  ]);
});

test('what a narrower route leaves over, by its method or by its header, is still refused', () => {
  const plan = gatewayPlan(({ edge, orders }) =>
    edge
      .route('/orders', orders, { ...guarded, methods: ['GET', 'POST'] })
      .route('/orders/mine', orders, { ...open, methods: ['POST'], when: v2 })
      .route('/orders/all', orders, { ...open, methods: ['DELETE'] }),
  );
  const own = { ports: ['8443'], paths: ['/orders', '/orders/*'], notPaths: ['/orders/mine', '/orders/mine/*'] };
  const mine = { ports: ['8443'], paths: ['/orders/mine', '/orders/mine/*'] };
  expect(refusedRequests(plan)).toEqual([
    [
      { ...own, methods: ['GET', 'POST'] },
      { ...mine, methods: ['GET'] },
    ],
    [
      { ...mine, methods: ['GET', 'POST'] },
      { key: 'request.headers[api-version]', notValues: ['2'] },
    ],
  ]);
});

test('a header of another route does not open one with a header of its own', () => {
  const plan = gatewayPlan(({ edge, orders }) =>
    edge
      .route('/orders', orders, { ...guarded, when: v2 })
      .route('/orders/mine', orders, { ...open, when: { header: 'x-beta', value: 'yes' } }),
  );
  const [, second] = refusedRequests(plan);
  expect(second).toEqual([
    { ports: ['8443'], paths: ['/orders/mine', '/orders/mine/*'] },
    { key: 'request.headers[api-version]', values: ['2'] },
    { key: 'request.headers[x-beta]', notValues: ['yes'] },
  ]);
});

test('routes of which neither is the narrower are told, with both places', () => {
  const plan = gatewayPlan(({ edge, orders }) =>
    edge
      .route('/a', orders, { ...open, methods: ['GET', 'POST'] })
      .route('/a', orders, { ...open, when: v2 })
      .route('/b', orders, { ...open, methods: ['GET', 'POST'] })
      .route('/b', orders, { ...open, methods: ['POST', 'PUT'] })
      .route('/c', orders, { ...open, methods: ['GET', 'POST'] })
      .route('/c', orders, { ...open, methods: ['POST'] })
      .route('/d', orders, { ...open, when: v2 })
      .route('/d', orders, { ...open, when: { ...v2, value: '3' }, methods: ['GET'] }),
  );
  expect(plan.findings.map(({ code, field }) => [code, field])).toEqual([
    ['route-overlap', 'route /a'],
    ['route-overlap', 'route /b'],
  ]);
});
