import { Auth, Cors, Duration, ExternalService, Microservice, type Plan } from 'ashlar';
import { blocksOf, gatewayPlan, guarded, image, open, type Made } from '../support/gateways';
import { codesOf, objectOf } from '../support/plans';

/** A patch of an EnvoyFilter: tests look into few of its fields. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
type PatchJson = any;

const patchesOf = (plan: Plan): readonly PatchJson[] =>
  objectOf(plan, 'EnvoyFilter/shop/edge-authorizers')['spec'].configPatches;
const filtersOf = (plan: Plan) => patchesOf(plan).filter(({ applyTo }) => applyTo === 'HTTP_FILTER');

function opaIn({ context }: Pick<Made, 'context'>): Microservice {
  return new Microservice(context, 'opa', { image, ports: { grpc: 9191 } });
}

const timeout = Duration.seconds(5);

test('a filter asks about all requests, and each block that does not want it says so', () => {
  const plan = gatewayPlan(({ edge, orders, context }) => {
    const auth = Auth.external(opaIn({ context }), { protocol: 'grpc' });
    edge
      .route('/asked', orders, { auth, timeout, cors: Cors.from('https://a.example') })
      .route('/open', orders, open)
      .route('/token', orders, guarded);
  });
  expect(codesOf(plan)).toEqual([]);
  const [filter, ...others] = filtersOf(plan);
  expect(others).toEqual([]);
  expect(filter.match.listener.portNumber).toBe(8443);
  expect(filter.patch.value.typed_config.value).toMatchObject({
    failure_mode_allow: false,
    status_on_error: { code: 503 },
    grpc_service: { timeout: '0.2s', envoy_grpc: { cluster_name: 'outbound|9191||opa.shop.svc.cluster.local' } },
  });
  const off = patchesOf(plan)
    .filter(({ applyTo }) => applyTo === 'HTTP_ROUTE')
    .map(({ match }) => match.routeConfiguration.vhost.route.name);
  const names = blocksOf(plan).map(({ name }) => name);
  const asked = names.filter((name) => !off.includes(name));
  expect(off).toHaveLength(names.length - 1);
  expect(asked).toEqual([expect.stringMatching(/asked$/)]);
});

test('routes that ask alike share a filter; those that ask others have one each', () => {
  const plan = gatewayPlan(({ edge, orders, context }) => {
    const opa = opaIn({ context });
    const login = new Microservice(context, 'login', { image, ports: { http: 4180 } });
    const auth = Auth.external(opa, { protocol: 'grpc' });
    edge
      .route('/a', orders, { auth, timeout })
      .route('/b', orders, { auth, timeout })
      .route('/c', orders, { auth: Auth.external(login, { protocol: 'http', passes: ['X-User'] }), timeout });
  });
  expect(filtersOf(plan).map(({ patch }) => patch.value.name)).toEqual([
    'envoy.filters.http.header_mutation',
    'envoy.filters.http.ext_authz.0',
    'envoy.filters.http.ext_authz.1',
  ]);
  expect(filtersOf(plan)[0].patch.value.typed_config.value).toEqual({
    mutations: { request_mutations: [{ remove: 'x-user' }] },
  });
});

test('the way to the authorizer is open for the gateway, and for nobody else', () => {
  const plan = gatewayPlan(({ edge, orders, context }) =>
    edge.route('/a', orders, { auth: Auth.external(opaIn({ context }), { protocol: 'grpc' }), timeout }),
  );
  expect(objectOf(plan, 'NetworkPolicy/shop/opa')['spec'].ingress).toEqual([
    expect.objectContaining({ ports: [{ port: 9191, protocol: 'TCP' }] }),
  ]);
  const [rule, ...others] = objectOf(plan, 'AuthorizationPolicy/shop/opa')['spec'].rules;
  expect(others).toEqual([]);
  expect(rule.from).toEqual([{ source: { principals: ['cluster.local/ns/shop/sa/edge'] } }]);
});

test('what asks nobody would let everybody in, so it is told: a wrong port, a wrong protocol, somebody outside', () => {
  const plan = gatewayPlan(({ edge, orders, context }) => {
    const opa = opaIn({ context });
    const outside = ExternalService.of(context, 'idp', {
      host: 'idp.example.com',
      ports: { http: 80 },
      addresses: ['203.0.113.9/32'],
    });
    edge
      .route('/a', orders, { auth: Auth.external(opa, { protocol: 'grpc', port: 'admin' }), timeout })
      .route('/b', orders, { auth: Auth.external(opa, { protocol: 'http' }), timeout })
      .route('/c', orders, { auth: Auth.external(outside, { protocol: 'http' }), timeout })
      .route('/d', orders, {
        auth: Auth.external(opa, { protocol: 'soap' as never, timeout: Duration.seconds(0), passes: ['x user'] }),
        timeout,
      });
  });
  expect(codesOf(plan)).toEqual([
    'authorizer-missing',
    'authorizer-outside',
    'bad-header',
    'out-of-range',
    'unknown-choice',
    'unknown-port',
    'wrong-protocol',
    'wrong-protocol',
  ]);
});

test('where the authorizer is left out and the route is not, that is told, and nobody gets through', () => {
  const plan = gatewayPlan(
    ({ edge, orders, context }) =>
      edge.route('/a', orders, { auth: Auth.external(opaIn({ context }), { protocol: 'grpc' }), timeout }),
    { environment: { without: [{ path: 'shop/opa', at: 'environments/test.yaml:1:1' }] } },
  );
  expect(codesOf(plan)).toContain('authorizer-missing');
  expect(blocksOf(plan)).toMatchObject([{ directResponse: { status: 503 } }]);
});
