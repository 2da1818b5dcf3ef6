import {
  ApiGateway,
  Auth,
  BoundedContext,
  Duration,
  Exposure,
  Microservice,
  Rollout,
  Verify,
  outsideMesh,
  type Plan,
  type Program,
} from 'ashlar';
import { codesOf, objectOf } from '../support/plans';
import { rolloutPlanOf } from '../support/rollouts';

const image = 'registry.example.com/it:1';
const open = { auth: Auth.none('Everybody may look.'), timeout: Duration.seconds(2) };
const testers = { header: 'x-canary', value: 'yes' };

describe('a route that wants the header of testers', () => {
  const wanting =
    (value: string): Program =>
    (shop) => {
      const ordering = new BoundedContext(shop, 'ordering', { team: 'a' });
      const rollout = Rollout.canary({ weights: [5], testers });
      const orders = new Microservice(ordering, 'orders', { image, ports: { http: 8080 }, rollout });
      const web = new Microservice(ordering, 'web', { image, ports: { http: 8080 } });
      new ApiGateway(ordering, 'edge', { hosts: ['shop.example.com'] })
        .route('/o', orders, { ...open, when: { header: 'X-Canary', value } })
        .route('/o', web, open);
    };

  test('with another value has none of them, takes none of their requests from others, and is told', () => {
    const istio = rolloutPlanOf(wanting('no'), { gateway: 'istio' });
    const { http } = objectOf(istio, 'VirtualService/ordering/edge')['spec'];
    expect(http).toMatchObject([
      { name: 'orders:/o:x-canary=no', match: [{ headers: { 'x-canary': { exact: 'no' } } }] },
      { name: 'web:/o' },
    ]);
    expect(http[0]).toHaveProperty('delegate');
    const api = rolloutPlanOf(wanting('no'), { gateway: 'gateway-api' });
    const { rules } = objectOf(api, 'HTTPRoute/ordering/edge-ordering-orders')['spec'];
    const headers = [{ type: 'Exact', name: 'x-canary', value: 'no' }];
    const backendRefs = [{ name: 'orders-stable' }, { name: 'orders-canary' }];
    expect(rules).toMatchObject([{ matches: [{ headers }], backendRefs }]);
    for (const { findings } of [istio, api]) {
      expect(findings).toMatchObject([
        {
          code: 'testers-without-way',
          severity: 'warning',
          path: 'shop/ordering/edge',
          field: 'route /o x-canary=no: when',
        },
      ]);
    }
  });

  test('with their value leads all of its requests to the new version', () => {
    const istio = rolloutPlanOf(wanting('yes'), { gateway: 'istio' });
    const { http } = objectOf(istio, 'VirtualService/ordering/edge')['spec'];
    const route = [{ destination: { host: 'orders-canary.ordering.svc.cluster.local' } }];
    expect(http).toMatchObject([
      { name: 'orders:/o:x-canary=yes', match: [{ headers: { 'x-canary': { exact: 'yes' } } }], route },
      { name: 'web:/o' },
    ]);
    const api = rolloutPlanOf(wanting('yes'), { gateway: 'gateway-api' });
    const { rules } = objectOf(api, 'HTTPRoute/ordering/edge-ordering-orders')['spec'];
    expect(rules).toEqual([
      expect.objectContaining({
        // A server refuses a match that lists one header twice.
        matches: [expect.objectContaining({ headers: [{ type: 'Exact', name: 'x-canary', value: 'yes' }] })],
        backendRefs: [{ name: 'orders-canary', port: 8080 }],
      }),
    ]);
    for (const plan of [istio, api]) expect(codesOf(plan)).toEqual([]);
  });
});

describe('a canary outside the mesh', () => {
  const outside =
    (...callersOutside: readonly boolean[]): Program =>
    (shop) => {
      const ordering = new BoundedContext(shop, 'ordering', { team: 'a' });
      const rollout = Rollout.canary({ weights: [5], testers });
      const orders = new Microservice(ordering, 'orders', { image, ports: { http: 8080 }, rollout });
      outsideMesh(orders, 'Its proxy is not ready yet.');
      for (const [index, isOutside] of callersOutside.entries()) {
        const caller = new Microservice(ordering, `caller-${index}`, { image });
        caller.calls(orders, { timeout: Duration.seconds(2) });
        if (isOutside) outsideMesh(caller, 'Nor is this one.');
      }
    };
  const weightsIn = (plan: Plan) =>
    plan.objects.filter(({ manifest }) => manifest.metadata.name === 'orders-http-versions');

  test('is weighed by the proxies of its callers; those who have none are told', () => {
    expect(codesOf(rolloutPlanOf(outside(false), { tier: 'staging' }))).toEqual([]);
    const plan = rolloutPlanOf(outside(false, true), { tier: 'staging' });
    expect(weightsIn(plan)).toHaveLength(1);
    expect(plan.findings.filter(({ path }) => path === 'shop/ordering/orders')).toMatchObject([
      { code: 'callers-without-weights', severity: 'warning', got: 'shop/ordering/caller-1' },
    ]);
  });

  test.each([
    ['istio-sidecar', [true]],
    ['istio-sidecar', []],
    ['istio-ambient', [false]],
  ])('has nobody who weighs its requests: %s, callers outside: %j', (mesh, callers) => {
    const { findings } = rolloutPlanOf(outside(...callers), { mesh, tier: 'staging' });
    expect(findings.filter(({ path }) => path === 'shop/ordering/orders')).toMatchObject([
      { code: 'canary-without-mesh', severity: 'error', got: `${mesh}, outside of which it is` },
    ]);
    const development = rolloutPlanOf(outside(...callers), { mesh });
    const names = development.objects.map(({ manifest }) => `${manifest.kind}/${manifest.metadata.name}`);
    expect(names).toContain('Deployment/orders');
    expect(names.filter((name) => /orders-(stable|canary|http-versions)/.test(name))).toEqual([]);
    expect(JSON.stringify(development.objects.map(({ manifest }) => manifest))).not.toContain('delegate');
  });
});

test('in development a canary that nobody weighs is a Deployment, whoever lets clients in', () => {
  const program: Program = (shop) => {
    const ordering = new BoundedContext(shop, 'ordering', { team: 'a' });
    const rollout = Rollout.canary({ weights: [5], verify: Verify.job({ image }), testers });
    new Microservice(ordering, 'orders', { image, ports: { http: 8080 }, rollout });
  };
  for (const gateway of ['none', 'gateway-api']) {
    const plan = rolloutPlanOf(program, { mesh: 'none', gateway });
    expect(codesOf(plan)).toEqual(['canary-without-mesh']);
    const kinds = plan.objects.map(({ manifest }) => manifest.kind);
    expect(kinds).toContain('Deployment');
    expect(kinds).not.toContain('Rollout');
    expect(kinds).not.toContain('AnalysisTemplate');
    expect(kinds.filter((kind) => kind === 'Service')).toHaveLength(1);
    expect(plan.prerequisites.map(({ name }) => name)).not.toContain('argo-rollouts');
  }
});

describe('testers of a blue-green release', () => {
  const tested =
    (ports: Readonly<Record<string, number>>, isRouted = false): Program =>
    (shop) => {
      const billing = new BoundedContext(shop, 'billing', { team: 'a' });
      const payments = new Microservice(billing, 'payments', { image, ports, rollout: Rollout.blueGreen({ testers }) });
      if (isRouted) new ApiGateway(billing, 'edge', { hosts: ['pay.example.com'] }).route('/pay', payments, open);
    };

  test.each([
    [{ http: 8080 }, { mesh: 'none', gateway: 'istio' }],
    [{ http: 8080 }, { mesh: 'none', gateway: 'gateway-api' }],
    [{ tcp: 9000 }, { mesh: 'istio-sidecar' }],
    [{ tcp: 9000 }, { mesh: 'istio-ambient' }],
  ])('have no way where nobody looks at requests: %j, %j', (ports, backEnds) => {
    const { findings } = rolloutPlanOf(tested(ports), { ...backEnds, tier: 'staging' });
    expect(findings).toMatchObject([{ code: 'testers-without-way', severity: 'error', field: 'rollout.testers' }]);
  });

  test.each(['istio', 'gateway-api'])('have one by a route: %s', (gateway) => {
    expect(codesOf(rolloutPlanOf(tested({ http: 8080 }, true), { mesh: 'none', gateway }))).toEqual([]);
  });
});

describe('ways past the versions', () => {
  const passedBy =
    (rollout: () => Rollout, more: (payments: Microservice) => void): Program =>
    (shop) => {
      const billing = new BoundedContext(shop, 'billing', { team: 'a' });
      more(new Microservice(billing, 'payments', { image, ports: { http: 8080 }, rollout: rollout() }));
    };
  const switched = (more: (payments: Microservice) => void) => passedBy(() => Rollout.blueGreen(), more);
  const weighed = (more: (payments: Microservice) => void) => passedBy(() => Rollout.canary({ weights: [5] }), more);
  const openly = (payments: Microservice) =>
    payments.exposes('http', Exposure.loadBalancer('pay-public')).addService('pay-pods', { headless: true });

  test('before a switch further Services lead to the version that waits', () => {
    const got = 'the Service pay-public, the Service pay-pods';
    for (const mesh of ['none', 'istio-sidecar']) {
      expect(rolloutPlanOf(switched(openly), { mesh }).findings).toMatchObject([
        { code: 'service-without-switch', severity: 'error', path: 'shop/billing/payments', got },
      ]);
    }
    const versions = { 'billing/payments': { image: 'registry.example.com/it:2', percent: 0 } };
    const plain = { rollout: 'plain', mesh: 'none' };
    const stated = rolloutPlanOf(switched(openly), { ...plain, rolloutOptions: { versions } });
    expect(codesOf(stated)).toContain('service-without-switch');
    expect(codesOf(rolloutPlanOf(switched(openly), { ...plain, rolloutOptions: {} }))).toEqual([]);
  });

  test('who reaches the Service by its own name from outside gets the version that serves', () => {
    expect(codesOf(rolloutPlanOf(switched((payments) => payments.exposes('http', Exposure.pods('ingress')))))).toEqual(
      [],
    );
  });

  test('of a canary further Services, and what is exposed, pass the weights by', () => {
    expect(rolloutPlanOf(weighed(openly)).findings).toMatchObject([
      {
        code: 'exposed-without-weights',
        severity: 'warning',
        got: 'the Service pay-public, the Service pay-pods, what is exposed on http',
      },
    ]);
    const pods = weighed((payments) => payments.exposes('http', Exposure.pods('ingress')));
    expect(rolloutPlanOf(pods).findings).toMatchObject([{ got: 'what is exposed on http' }]);
    // Nobody weighs: pods are replaced one after the other.
    expect(codesOf(rolloutPlanOf(pods, { mesh: 'none' }))).toEqual(['canary-without-mesh']);
  });

  test.each([
    ['payments-stable', weighed],
    ['payments-canary', weighed],
    ['payments-preview', switched],
  ])('a Service that is called like that of a version is told: %s', (name, released) => {
    const plan = rolloutPlanOf(released((payments) => payments.addService(name, { headless: true })));
    expect(plan.findings).toMatchObject([{ code: 'duplicate-name', severity: 'error', got: name }]);
  });
});
