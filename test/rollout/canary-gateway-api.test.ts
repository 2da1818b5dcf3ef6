import {
  ApiGateway,
  Auth,
  BoundedContext,
  Duration,
  Microservice,
  Rollout,
  Verify,
  type Plan,
  type Program,
} from 'ashlar';
import { argocd } from 'ashlar/charts';
import { codesOf, objectOf } from '../support/plans';
import { rolloutPlanOf } from '../support/rollouts';

const image = 'registry.example.com/it:1';
const auth = Auth.none('Everybody may look.');
const timeout = Duration.seconds(5);

/** A service that is released as a canary, behind gateways of so many contexts. */
const behind =
  (gateways: readonly string[], called = false, verify?: Verify): Program =>
  (shop) => {
    const ordering = new BoundedContext(shop, 'ordering', { team: 'a' });
    const testers = { header: 'x-canary', value: 'yes' };
    const rollout = Rollout.canary({ weights: [5, 25], testers, ...(verify !== undefined && { verify }) });
    const orders = new Microservice(ordering, 'orders', { image, ports: { http: 8080 }, rollout });
    for (const id of gateways) {
      const edge = new BoundedContext(shop, id, { team: 'b' });
      new ApiGateway(edge, 'edge', { hosts: [`${id}.example.com`] })
        .route('/orders', orders, { auth, timeout, methods: ['GET', 'POST'] })
        .route('/v1', orders, { auth, timeout, rewrite: '/' });
    }
    if (called) new Microservice(ordering, 'web', { image }).calls(orders);
  };

interface Rule {
  readonly matches: readonly { readonly path: { readonly value: string } }[];
}

const planOf = (program: Program, mesh = 'none', more = {}): Plan =>
  rolloutPlanOf(program, { mesh, gateway: 'gateway-api', ...more });

const rulesOf = (plan: Plan) => objectOf(plan, 'HTTPRoute/way-in/edge-ordering-orders')['spec'].rules;
const routingOf = (plan: Plan) => objectOf(plan, 'Rollout/ordering/orders')['spec'].strategy.canary.trafficRouting;

test('each rule that leads to the service has the weights, and before it testers have their own', () => {
  const plan = planOf(behind(['way-in']));
  expect(codesOf(plan)).toEqual([]);
  const leads = (name: string) => ({ name, namespace: 'ordering', port: 8080 });
  const canary = [leads('orders-canary')];
  const shared = [
    { ...leads('orders-stable'), weight: 100 },
    { ...leads('orders-canary'), weight: 0 },
  ];
  const headers = [{ type: 'Exact', name: 'x-canary', value: 'yes' }];
  const path = { type: 'PathPrefix', value: '/orders' };
  expect(rulesOf(plan)).toMatchObject([
    {
      matches: [
        { path, method: 'GET', headers },
        { path, method: 'POST', headers },
      ],
      backendRefs: canary,
    },
    { matches: [{ method: 'GET' }, { method: 'POST' }], backendRefs: shared, timeouts: { request: '5s' } },
    { matches: [{ path: { value: '/v1' }, headers }], backendRefs: canary },
    { matches: [{ path: { value: '/v1' } }], backendRefs: shared },
  ]);
  const grants = plan.objects.filter(({ manifest }) => manifest.kind === 'ReferenceGrant');
  const granted = grants.flatMap(({ manifest }) => (manifest['spec'] as { to: { name: string }[] }).to);
  expect(granted.map(({ name }) => name).sort()).toEqual(['orders-canary', 'orders-stable']);
});

test('the controller is told where they are, finds them there first, and owns them', () => {
  const plan = planOf(behind(['way-in']));
  expect(routingOf(plan)).toEqual({
    plugins: {
      'argoproj-labs/gatewayAPI': {
        namespace: 'way-in',
        disableInProgressLabel: true,
        httpRoutes: [{ name: 'edge-ordering-orders' }],
      },
    },
  });
  const rollout = plan.objects.find(({ manifest }) => manifest.kind === 'Rollout');
  const before = rollout?.dependsOn.map(({ on }) => `${on.manifest.kind}/${on.manifest.metadata.name}`);
  expect(before).toContain('HTTPRoute/edge-ordering-orders');
  const route = plan.objects.find(({ manifest }) => manifest.metadata.name === 'edge-ordering-orders');
  expect(route?.hints.ownedElsewhere).toEqual(['/spec/rules']);
});

test('services of two contexts have objects of their own, though their names join to one', () => {
  const plan = planOf((shop) => {
    const [first, second] = ['shop', 'shop-orders'].map((id) => new BoundedContext(shop, id, { team: 'a' }));
    const service = (context: BoundedContext | undefined, id: string) =>
      new Microservice(context as BoundedContext, id, {
        image,
        ports: { http: 8080 },
        rollout: Rollout.canary({ weights: [5] }),
      });
    new ApiGateway(first as BoundedContext, 'edge', { hosts: ['shop.example.com'] })
      .route('/a', service(first, 'orders-api'), { auth, timeout })
      .route('/b', service(second, 'api'), { auth, timeout })
      .route('/c', service(first, 'web'), { auth, timeout });
  });
  expect(codesOf(plan)).toEqual([]);
  const told = (display: string) =>
    objectOf(plan, `Rollout/${display}`)['spec'].strategy.canary.trafficRouting.plugins['argoproj-labs/gatewayAPI']
      .httpRoutes;
  const names = ['shop/orders-api', 'shop-orders/api', 'shop/web'].map((display) => told(display)[0].name as string);
  expect(names).toEqual(['edge.shop.orders-api', 'edge.shop-orders.api', 'edge-shop-web']);
  const paths = names.map((name) =>
    objectOf(plan, `HTTPRoute/shop/${name}`)['spec'].rules.map((rule: Rule) => rule.matches[0]?.path.value),
  );
  expect(paths).toEqual([['/a'], ['/b'], ['/c']]);
});

test('the plugin that moves them is installed with the controller, where it is needed', () => {
  const releaseOf = (plan: Plan) => plan.prerequisites.find(({ name }) => name === 'argo-rollouts');
  expect(releaseOf(planOf(behind(['way-in'])))).toMatchObject({
    values: { controller: { trafficRouterPlugins: [{ name: 'argoproj-labs/gatewayAPI' }] } },
  });
  expect(releaseOf(planOf(behind(['way-in']), 'istio-sidecar', { gateway: 'istio' }))).not.toHaveProperty('values');
});

test('in a mesh with weights, both are moved', () => {
  const plan = planOf(behind(['way-in'], true), 'istio-sidecar');
  expect(codesOf(plan)).not.toContain('callers-without-weights');
  expect(routingOf(plan)).toMatchObject({
    istio: { virtualServices: [{ name: 'orders-http-versions' }] },
    plugins: { 'argoproj-labs/gatewayAPI': { httpRoutes: [{ name: 'edge-ordering-orders' }] } },
  });
});

test('a job that verifies is no caller that gateways pass by', () => {
  expect(codesOf(planOf(behind(['way-in'], false, Verify.job({ image }))))).toEqual([]);
});

test('routes of gRPC are told apart', () => {
  const plan = planOf((shop) => {
    const ordering = new BoundedContext(shop, 'ordering', { team: 'a' });
    const rollout = Rollout.canary({ weights: [5], testers: { header: 'x-canary', value: 'yes' } });
    const items = new Microservice(ordering, 'items', { image, ports: { grpc: 9090 }, rollout });
    new ApiGateway(ordering, 'edge', { hosts: ['api.example.com'] }).route('/shop.Items', items, { auth });
  });
  const { rules } = objectOf(plan, 'GRPCRoute/ordering/edge-ordering-items')['spec'];
  const method = { service: 'shop.Items' };
  expect(rules).toMatchObject([
    { matches: [{ method, headers: [{ name: 'x-canary' }] }], backendRefs: [{ name: 'items-canary' }] },
    { matches: [{ method }], backendRefs: [{ name: 'items-stable' }, { name: 'items-canary' }] },
  ]);
  const { plugins } = objectOf(plan, 'Rollout/ordering/items')['spec'].strategy.canary.trafficRouting;
  expect(plugins['argoproj-labs/gatewayAPI']).toMatchObject({ grpcRoutes: [{ name: 'edge-ordering-items' }] });
});

test('without a controller the weights are those of the environment file', () => {
  const versions = { 'ordering/orders': { image: 'registry.example.com/it:2', percent: 30 } };
  const plan = planOf(behind(['way-in']), 'none', { rollout: 'plain', rolloutOptions: { versions } });
  expect(rulesOf(plan)[1].backendRefs).toMatchObject([{ weight: 70 }, { weight: 30 }]);
  expect(plan.objects.filter(({ hints }) => hints.ownedElsewhere !== undefined)).toEqual([]);
});

test.each<[string, readonly string[], Program]>([
  ['callers beside the gateway', ['callers-without-weights'], behind(['way-in'], true)],
  ['gateways of two contexts', ['weights-apart'], behind(['way-in', 'other-way'])],
  ['no gateway at all', ['canary-without-mesh'], behind([])],
])('%s: %j', (_, codes, program) => {
  expect(codesOf(planOf(program))).toEqual(codes);
});

test('what Argo CD leaves behind with the weights is told for each such object, and for no other', () => {
  const target = {
    repository: 'https://github.com/acme/deploy.git',
    revision: 'main',
    path: 'k8s',
    project: 'default',
    destinations: [],
  };
  const told = (gateway: string) => {
    const plan = rolloutPlanOf(behind(['way-in'], true), { gateway });
    const found = argocd({ ...plan, environment: { ...plan.environment, gitops: target } }).findings;
    return found.map(({ code, severity, object, got }) => [code, severity, object, got]);
  };
  expect(told('gateway-api')).toEqual([
    ['change-held-back', 'warning', 'HTTPRoute/way-in/edge-ordering-orders', 'paths, headers and times of routes'],
  ]);
  expect(told('istio')).toEqual([]);
});
