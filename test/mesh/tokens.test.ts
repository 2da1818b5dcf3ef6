import { Auth, BoundedContext, Microservice, Port, outsideMesh, type Plan } from 'ashlar';
import { jwt } from '../support/gateways';
import { codesOf, objectOf, planOf, type PlanOptions } from '../support/plans';

const image = 'registry.example.com/it:1';

function tokenPlan(
  say: (orders: Microservice, context: BoundedContext) => void,
  mesh = 'istio-sidecar',
  options: PlanOptions = {},
): Plan {
  const backEnds = { mesh: { name: mesh, options: {}, at: 'environments/test.yaml:1:1' } };
  return planOf(
    (shop) => {
      const context = new BoundedContext(shop, 'shop', { team: 'a' });
      const ports = { http: 8080, grpc: Port.grpc(90, { container: 9090 }), raw: Port.tcp(7000) };
      say(new Microservice(context, 'orders', { image, ports }), context);
    },
    { ...options, environment: { ...options.environment, backEnds } },
  );
}

const from = [{ source: { requestPrincipals: ['https://login.example.com/*'] } }];

test('who shows no token that fits is refused, on all ports with requests and on no other', () => {
  const plan = tokenPlan((orders) => orders.requires(Auth.jwt({ ...jwt, claims: { scope: ['orders', 'all'] } })));
  expect(codesOf(plan)).toEqual([]);
  const selector = { matchLabels: { 'app.kubernetes.io/name': 'orders' } };
  expect(objectOf(plan, 'RequestAuthentication/shop/orders')['spec']).toEqual({
    selector,
    jwtRules: [{ ...jwt, forwardOriginalToken: true }],
  });
  const to = [{ operation: { ports: ['8080', '9090'] } }];
  expect(objectOf(plan, 'AuthorizationPolicy/shop/orders-tokens')['spec']).toEqual({
    selector,
    action: 'DENY',
    rules: [
      { from: [{ source: { notRequestPrincipals: ['https://login.example.com/*'] } }], to },
      { from, to, when: [{ key: 'request.auth.audiences', notValues: ['shop'] }] },
      { from, to, when: [{ key: 'request.auth.claims[scope]', notValues: ['orders', 'all'] }] },
    ],
  });
});

test('or on the port that is named', () => {
  const plan = tokenPlan((orders) => orders.requires(Auth.jwt(jwt), { port: 'grpc' }));
  const { rules } = objectOf(plan, 'AuthorizationPolicy/shop/orders-tokens')['spec'];
  expect(rules[0].to).toEqual([{ operation: { ports: ['9090'] } }]);
});

test('who is no declared caller gets in with no token', () => {
  const plan = tokenPlan((orders, context) => {
    new Microservice(context, 'stranger', { image });
    new Microservice(context, 'friend', { image }).calls(orders.requires(Auth.jwt(jwt)), { port: 'raw' });
  });
  const { action, rules } = objectOf(plan, 'AuthorizationPolicy/shop/orders')['spec'];
  expect(action).toBe('ALLOW');
  expect(JSON.stringify(rules)).toContain('/sa/friend"');
  expect(JSON.stringify(rules)).not.toContain('/sa/stranger"');
});

test('a mesh that does not look at tokens is told, with one that does', () => {
  const say = (orders: Microservice) => orders.requires(Auth.jwt(jwt));
  for (const mesh of ['none', 'istio-ambient']) {
    const [found, ...others] = tokenPlan(say, mesh, { tier: 'staging' }).findings;
    expect(found).toMatchObject({ code: 'mesh-cannot', severity: 'error', allowed: 'istio-sidecar' });
    expect(others).toEqual([]);
  }
  expect(tokenPlan(say, 'none').findings).toMatchObject([{ code: 'mesh-cannot', severity: 'warning' }]);
});

test('what nobody could look at, and what is said wrongly, is told in one run', () => {
  const plan = tokenPlan((orders, context) => {
    orders.requires(Auth.jwt({ ...jwt, jwksUri: 'http://keys' }), { port: 'raw' });
    orders.requires(Auth.jwt(jwt));
    new Microservice(context, 'open', { image, ports: { http: 80 } }).requires(Auth.none('Anybody.'));
    const outside = new Microservice(context, 'outside', { image, ports: { http: 80 } }).requires(Auth.jwt(jwt));
    outsideMesh(outside, 'A test wants it.');
    new Microservice(context, 'mute', { image }).requires(Auth.jwt(jwt), { ports: 'all' } as never);
  });
  expect(codesOf(plan)).toEqual([
    'no-auth',
    'not-https',
    'token-twice',
    'token-unchecked',
    'unknown-port',
    'unknown-port',
    'unknown-prop',
  ]);
});
