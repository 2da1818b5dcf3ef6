import {
  ApiGateway,
  Auth,
  BoundedContext,
  Duration,
  Microservice,
  Percent,
  Rollout,
  Scale,
  Verify,
  type BlueGreenProps,
  type Program,
} from 'ashlar';
import { codesOf, objectOf } from '../support/plans';
import { rolloutPlanOf } from '../support/rollouts';

const image = 'registry.example.com/it:1';

const blueGreen =
  (props: BlueGreenProps = {}, quota?: Readonly<Record<string, string>>, id = 'payments'): Program =>
  (shop) => {
    const billing = new BoundedContext(shop, 'billing', { team: 'b', ...(quota !== undefined && { quota }) });
    const rollout = Rollout.blueGreen(props);
    new Microservice(billing, id, { image, ports: { grpc: 9090 }, scale: Scale.fixed(4), rollout });
  };

const strategyOf = (props: BlueGreenProps) =>
  objectOf(rolloutPlanOf(blueGreen(props)), 'Rollout/billing/payments')['spec'];

test('both versions have a Service, and the controller narrows both', () => {
  const plan = rolloutPlanOf(blueGreen());
  expect(codesOf(plan)).toEqual([]);
  const services = plan.objects.filter(({ manifest }) => manifest.kind === 'Service');
  expect(services.map(({ manifest, hints }) => [manifest.metadata.name, hints.ownedElsewhere])).toEqual([
    ['payments', ['/spec/selector']],
    ['payments-preview', ['/spec/selector']],
  ]);
  expect(strategyOf({})).toMatchObject({
    replicas: 4,
    rollbackWindow: { revisions: 1 },
    strategy: {
      blueGreen: {
        activeService: 'payments',
        previewService: 'payments-preview',
        autoPromotionEnabled: true,
        scaleDownDelaySeconds: 30,
      },
    },
  });
});

test('the team may let its releases go on and take them back, and change nothing of what is released', () => {
  const { rules } = objectOf(rolloutPlanOf(blueGreen(), { tier: 'production' }), 'Role/billing/team-releases');
  const may = (rules as { resources: string[]; verbs: string[] }[]).flatMap(({ resources, verbs }) =>
    resources.flatMap((resource) => verbs.map((verb) => `${verb} ${resource}`)),
  );
  expect(may.filter((right) => right.startsWith('patch'))).toEqual(['patch rollouts/status']);
  expect(may).toContain('get analysisruns');
});

test('needs no mesh', () => {
  const plan = rolloutPlanOf(blueGreen({ verify: Verify.job({ image }) }), { mesh: 'none' });
  expect(codesOf(plan)).toEqual([]);
  expect(plan.objects.filter(({ manifest }) => manifest.apiVersion.includes('istio.io'))).toEqual([]);
});

test('what speaks neither HTTP nor gRPC is verified without routes: Istio refuses those of nothing', () => {
  const program: Program = (shop) => {
    const billing = new BoundedContext(shop, 'billing', { team: 'a' });
    const rollout = Rollout.blueGreen({ verify: Verify.job({ image }) });
    new Microservice(billing, 'ledger', { image, ports: { tcp: 9000 }, rollout });
  };
  for (const mesh of ['istio-sidecar', 'istio-ambient']) {
    const plan = rolloutPlanOf(program, { mesh });
    expect(codesOf(plan)).toEqual([]);
    expect(plan.objects.filter(({ manifest }) => manifest.kind === 'VirtualService')).toEqual([]);
    expect(objectOf(plan, 'AnalysisTemplate/billing/ledger-verify-job')['spec'].metrics).toHaveLength(1);
  }
});

test('is verified by a job before the switch and by figures after it', () => {
  const verifyAfter = Verify.successRate(Percent.of(99)).job({ image });
  const props: BlueGreenProps = {
    verify: Verify.job({ image }),
    verifyAfter,
    keepOld: Duration.minutes(30),
    promote: 'manual',
    rollbackWindow: 0,
  };
  const spec = strategyOf(props);
  expect(spec).not.toHaveProperty('rollbackWindow');
  expect(spec.strategy.blueGreen).toMatchObject({
    autoPromotionEnabled: false,
    scaleDownDelaySeconds: 1800,
    prePromotionAnalysis: { templates: [{ templateName: 'payments-verify-job' }] },
    postPromotionAnalysis: {
      templates: [{ templateName: 'payments-verify-after-metrics' }, { templateName: 'payments-verify-after-job' }],
    },
  });
  const plan = rolloutPlanOf(blueGreen(props));
  const [figure] = objectOf(plan, 'AnalysisTemplate/billing/payments-verify-after-metrics')['spec'].metrics;
  // It ends: half an hour, but for the two minutes that the first measurement looks back.
  expect(figure.count).toBe(28);
  const targets = ['payments-verify-job', 'payments-verify-after-job'].map((name) => {
    const [metric] = objectOf(plan, `AnalysisTemplate/billing/${name}`)['spec'].metrics;
    return metric.provider.job.spec.template.spec.containers[0].env[0].value;
  });
  expect(targets).toEqual(['payments-preview.billing.svc:9090', 'payments.billing.svc:9090']);
});

test('figures after the switch want two values, too', () => {
  const measured = { every: Duration.seconds(5), window: Duration.seconds(10) };
  const verifyAfter = Verify.successRate(Percent.of(99)).measured(measured);
  const { findings } = rolloutPlanOf(blueGreen({ verifyAfter }));
  expect(findings.filter(({ code }) => code === 'window-too-short')).toMatchObject([
    { field: 'rollout.verifyAfter.measured.window', severity: 'error' },
  ]);
});

test('the time of verifications is no time without progress', () => {
  const deadline = (props: BlueGreenProps): number => strategyOf(props).progressDeadlineSeconds;
  expect(deadline({})).toBe(600);
  expect(deadline({ verify: Verify.job({ image, deadline: Duration.minutes(30) }) })).toBe(600 + 1800);
  // 28 measurements after the first two minutes: half an hour.
  const verifyAfter = Verify.successRate(Percent.of(99));
  expect(deadline({ verifyAfter, keepOld: Duration.minutes(30) })).toBe(600 + 1800);
});

test('figures and a job after the switch go on side by side, and at least one figure is asked for', () => {
  const verifyAfter = Verify.successRate(Percent.of(99)).job({ image, deadline: Duration.minutes(10) });
  expect(strategyOf({ verifyAfter, keepOld: Duration.minutes(30) }).progressDeadlineSeconds).toBe(600 + 1800);
  expect(strategyOf({ verifyAfter, keepOld: Duration.minutes(5) }).progressDeadlineSeconds).toBe(600 + 600);
  const plan = rolloutPlanOf(blueGreen({ verifyAfter, keepOld: Duration.seconds(30) }));
  expect(objectOf(plan, 'AnalysisTemplate/billing/payments-verify-after-metrics')['spec'].metrics[0].count).toBe(1);
});

test('after an abort pods stand for half a minute, and of versions that were replaced only one is kept', () => {
  expect(strategyOf({}).strategy.blueGreen).toMatchObject({
    abortScaleDownDelaySeconds: 30,
    scaleDownDelayRevisionLimit: 1,
  });
});

test('a job that verifies is no caller whose proxy measures', () => {
  const verifyAfter = Verify.successRate(Percent.of(99)).job({ image });
  const { findings } = rolloutPlanOf(blueGreen({ verifyAfter }));
  expect(findings).toMatchObject([{ code: 'verification-without-metrics', got: 'nobody calls it' }]);
});

test('only teams that release something here have rights to releases', () => {
  const plan = rolloutPlanOf((shop, settings) => {
    blueGreen()(shop, settings);
    new Microservice(new BoundedContext(shop, 'pricing', { team: 'p' }), 'prices', { image });
  });
  const named = plan.objects.filter(({ manifest }) => manifest.metadata.name === 'team-releases');
  expect(named.map(({ manifest }) => `${manifest.kind}/${manifest.metadata.namespace}`).sort()).toEqual([
    'Role/billing',
    'RoleBinding/billing',
  ]);
});

test('outside of production the team may mend Rollouts by hand, as it may Deployments', () => {
  const { rules } = objectOf(rolloutPlanOf(blueGreen(), { tier: 'staging' }), 'Role/billing/team-releases');
  expect(rules).toContainEqual({ apiGroups: ['argoproj.io'], resources: ['rollouts'], verbs: ['patch'] });
});

test.each([
  // Three sets of four pods. Each asks for 100m and 128Mi for its proxy, up to 1Gi, and 50m and 64Mi, up to 256Mi.
  [{ pods: '6' }, 'quota.pods', '12'],
  [{ 'requests.cpu': '100m', pods: '50' }, 'quota.requests.cpu', '1800m'],
  [{ cpu: '100m' }, 'quota.cpu', '1800m'],
  [{ 'limits.memory': '1Gi', memory: '64Mi' }, 'quota.limits.memory, quota.memory', '15360Mi, 2304Mi'],
])('a quota of %j has no room', (quota, field, least) => {
  const { findings } = rolloutPlanOf(blueGreen({}, quota));
  expect(findings.filter(({ code }) => code === 'rollout-above-quota')).toMatchObject([
    { field, allowed: `at least ${least}, with all versions that may stand at once` },
  ]);
});

test('the quota has room for what serves, what waits and what is kept', () => {
  const { hard } = objectOf(rolloutPlanOf(blueGreen()), 'ResourceQuota/billing/quota')['spec'];
  // Three times four pods, and a quarter above.
  expect(hard.pods).toBe('15');
});

test('testers are led to the version that waits, by every caller and gateway', () => {
  const testers = { header: 'x-preview', value: 'yes' };
  const program: Program = (shop, settings) => {
    blueGreen({ testers })(shop, settings);
    const billing = shop.node.findChild('billing') as BoundedContext;
    const payments = billing.node.findChild('payments') as Microservice;
    new Microservice(billing, 'web', { image }).calls(payments, { timeout: Duration.seconds(2) });
    const options = { auth: Auth.none('A test asks.'), timeout: Duration.seconds(5) };
    new ApiGateway(billing, 'edge', { hosts: ['pay.example.com'] }).route('/pay', payments, options);
  };
  const headers = { 'x-preview': { exact: 'yes' } };
  const preview = [{ destination: { host: 'payments-preview.billing.svc.cluster.local' } }];
  const plan = rolloutPlanOf(program, { gateway: 'istio' });
  expect(codesOf(plan)).toEqual([]);
  for (const [name, treated] of [
    ['payments', { timeout: '2s' }],
    ['edge', { timeout: '5s' }],
  ] as const) {
    const { http } = objectOf(plan, `VirtualService/billing/${name}`)['spec'];
    expect(http[0]).toMatchObject({ match: [{ headers }], route: preview, ...treated });
    expect(http[1].route).toMatchObject([{ destination: { host: 'payments.billing.svc.cluster.local' } }]);
  }
  const behind = rolloutPlanOf(program, { mesh: 'none', gateway: 'gateway-api' });
  expect(objectOf(behind, 'HTTPRoute/billing/edge-billing-payments')['spec'].rules).toMatchObject([
    { matches: [{ headers: [{ name: 'x-preview', value: 'yes' }] }], backendRefs: [{ name: 'payments-preview' }] },
    { backendRefs: [{ name: 'payments' }] },
  ]);
  expect(behind.objects.some(({ hints }) => hints.ownedElsewhere?.includes('/spec/rules'))).toBe(false);
});

test('testers whom nobody leads there are told', () => {
  const program = blueGreen({ testers: { header: 'x-preview', value: 'yes' } });
  expect(codesOf(rolloutPlanOf(program, { mesh: 'none' }))).toEqual(['testers-without-way']);
});

test('a job gets to the version that waits through the waypoint, where there is one', () => {
  const tested = blueGreen({ verify: Verify.job({ image }) });
  expect(codesOf(rolloutPlanOf(tested, { mesh: 'istio-ambient' }))).toEqual([]);
  const called: Program = (shop, settings) => {
    tested(shop, settings);
    const billing = shop.node.findChild('billing') as BoundedContext;
    const payments = billing.node.findChild('payments') as Microservice;
    new Microservice(billing, 'web', { image }).calls(payments, { timeout: Duration.seconds(2) });
  };
  const plan = rolloutPlanOf(called, { mesh: 'istio-ambient' });
  expect(codesOf(plan)).toEqual([]);
  const { metadata } = objectOf(plan, 'Service/billing/payments-preview');
  expect(metadata.labels).toMatchObject({ 'istio.io/use-waypoint': 'waypoint' });
  const { rules, targetRefs } = objectOf(plan, 'AuthorizationPolicy/billing/payments.waypoint')['spec'];
  expect(targetRefs.map(({ name }: { name: string }) => name)).toEqual(['payments', 'payments-preview']);
  expect(JSON.stringify(rules)).toContain('payments-verify');
});

test.each<[string, Program]>([
  ['rollout-above-quota', blueGreen({}, { pods: '6' })],
  ['verification-without-requests', blueGreen({ verify: Verify.successRate(Percent.of(99)) })],
  ['name-too-long', blueGreen({}, undefined, 'a'.repeat(60))],
  ['out-of-range', blueGreen({ rollbackWindow: 11 })],
  ['unknown-choice', blueGreen({ promote: 'sometimes' as 'manual' })],
])('%s', (code, program) => {
  expect(codesOf(rolloutPlanOf(program))).toContain(code);
});
