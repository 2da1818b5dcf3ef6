import {
  ApiGateway,
  Auth,
  BoundedContext,
  Directory,
  Duration,
  Microservice,
  Rollout,
  Scale,
  type MicroserviceProps,
  type Program,
} from 'ashlar';
import { codesOf, objectOf, type PlanOptions } from '../support/plans';
import { rolloutPlanOf } from '../support/rollouts';

const image = 'registry.example.com/it:1';
const next = 'registry.example.com/it:2';

const services: Program = (shop) => {
  const ordering = new BoundedContext(shop, 'ordering', { team: 'a' });
  const props = { image, ports: { http: 8080 }, scale: Scale.fixed(4) };
  const canary = Rollout.canary({ weights: [5, 25], testers: { header: 'x-canary', value: 'yes' } });
  const orders = new Microservice(ordering, 'orders', { ...props, rollout: canary });
  const blueGreen = new Microservice(ordering, 'payments', { ...props, rollout: Rollout.blueGreen() });
  new Microservice(ordering, 'web', { image }).calls(orders).calls(blueGreen);
};

const planOf = (versions: object, mesh = 'istio-sidecar') =>
  rolloutPlanOf(services, { rollout: 'plain', rolloutOptions: { versions }, mesh });

const VERSION = 'ashlar.dev/version';
const selectorOf = (plan: ReturnType<typeof planOf>, name: string): string =>
  objectOf(plan, `Service/ordering/${name}`)['spec'].selector[VERSION];

test('without a version that comes there is one Deployment, whose pods say which they are', () => {
  const plan = planOf({});
  const labels = objectOf(plan, 'Deployment/ordering/orders')['spec'].template.metadata.labels;
  expect(labels[VERSION]).toBe('current');
  expect(plan.objects.map(({ manifest }) => manifest.metadata.name)).not.toContain('orders-canary');
});

test('a canary gets its percent by weights that nobody else writes, and its share of the pods', () => {
  const plan = planOf({ 'ordering/orders': { image: next, percent: 30 } });
  const { spec } = objectOf(plan, 'Deployment/ordering/orders-next');
  expect(spec.replicas).toBe(2);
  expect(spec.template.spec.containers[0]).toMatchObject({ image: next, name: 'orders' });
  expect(spec.template.metadata.labels).toMatchObject(spec.selector.matchLabels);
  expect(spec.selector.matchLabels).toEqual({ 'app.kubernetes.io/name': 'orders', [VERSION]: 'next' });
  expect([selectorOf(plan, 'orders-stable'), selectorOf(plan, 'orders-canary')]).toEqual(['current', 'next']);
  const weights = objectOf(plan, 'VirtualService/ordering/orders-http-versions')['spec'].http[0].route;
  expect(weights.map(({ weight }: { weight: number }) => weight)).toEqual([70, 30]);
  expect(plan.objects.filter(({ hints }) => hints.ownedElsewhere !== undefined)).toEqual([]);
  const names = objectOf(plan, 'VirtualService/ordering/orders')['spec'].http.map(({ name }: { name: string }) => name);
  expect(names).toContain('everybody-http-testers');
});

test.each([
  [0, 'current', 'next'],
  [100, 'next', 'current'],
])(
  'of a blue-green release at %d %% one version serves, and the other waits with all pods',
  (percent, serves, waits) => {
    const plan = planOf({ 'ordering/payments': { image: next, percent } }, 'none');
    expect(objectOf(plan, 'Deployment/ordering/payments-next')['spec'].replicas).toBe(4);
    expect([selectorOf(plan, 'payments'), selectorOf(plan, 'payments-preview')]).toEqual([serves, waits]);
  },
);

test('the quota has room for the version that comes', () => {
  const pods = (plan: ReturnType<typeof planOf>) =>
    Number(objectOf(plan, 'ResourceQuota/ordering/quota')['spec'].hard.pods);
  // Four pods more, twice, and a quarter above.
  expect(pods(planOf({ 'ordering/orders': { image: next, percent: 30 } })) - pods(planOf({}))).toBe(10);
});

test.each<[string, object, string]>([
  ['bad-percent', { 'ordering/payments': { image: next, percent: 50 } }, 'none'],
  ['unknown-service', { 'ordering/nobody': { image: next, percent: 50 } }, 'none'],
  ['bad-image', { 'ordering/payments': { image: 'BAD:', percent: 0 } }, 'none'],
])('%s', (code, versions, mesh) => {
  expect(codesOf(planOf(versions, mesh))).toContain(code);
});

test('with weights a share may be smaller than that of one pod', () => {
  expect(codesOf(planOf({ 'ordering/orders': { image: next, percent: 5 } }))).not.toContain('share-between-pods');
});

test('holds and verifications are performed by nobody, which is told but in development', () => {
  const staging = rolloutPlanOf(services, { rollout: 'plain', rolloutOptions: {}, tier: 'staging' });
  expect(codesOf(staging).filter((code) => code === 'rollout-not-performed')).toHaveLength(2);
});

/** A canary that a web calls, of which a version is named. */
const released =
  (more: Partial<MicroserviceProps> = {}, id = 'orders', quota?: Readonly<Record<string, string>>): Program =>
  (shop) => {
    const ordering = new BoundedContext(shop, 'ordering', { team: 'a', ...(quota !== undefined && { quota }) });
    const rollout = Rollout.canary({ weights: [5, 25] });
    const props = { image, ports: { http: 8080 }, scale: Scale.fixed(4), rollout, ...more };
    const orders = new Microservice(ordering, id, props);
    new Microservice(ordering, 'web', { image }).calls(orders, { timeout: Duration.seconds(2) });
  };

const named = (program: Program, percent: number, { id = 'orders', ...options }: Choice = {}) => {
  const versions = { [`ordering/${id}`]: { image: next, percent } };
  return rolloutPlanOf(program, { rollout: 'plain', rolloutOptions: { versions }, ...options });
};

interface Choice extends PlanOptions {
  readonly id?: string;
  readonly mesh?: string;
  readonly gateway?: string;
}

/** Without a mesh nobody keeps to the caller's timeout, which is another matter. */
const told = (plan: ReturnType<typeof planOf>) => plan.findings.filter(({ code }) => code !== 'mesh-cannot');
const toldCodes = (plan: ReturnType<typeof planOf>): readonly string[] => told(plan).map(({ code }) => code);

const podsOf = (plan: ReturnType<typeof planOf>): readonly number[] =>
  ['orders', 'orders-next'].map((name) => objectOf(plan, `Deployment/ordering/${name}`)['spec'].replicas);

test.each([
  [4, 25, [3, 1]],
  [4, 50, [2, 2]],
  [4, 75, [1, 3]],
  [4, 100, [0, 4]],
  [10, 5, [9, 1]],
  [10, 99, [1, 9]],
  [3, 33, [2, 1]],
  [0, 50, [0, 0]],
])('without weights the pods are shared: of %d pods %d %% are %j', (pods, percent, both) => {
  const plan = named(released({ scale: Scale.fixed(pods) }), percent, { mesh: 'none' });
  expect(podsOf(plan)).toEqual(both);
});

test('a version that waits has one pod, to which no request leads; one that serves alone gets them all', () => {
  const waiting = named(released(), 0, { mesh: 'none' });
  expect(toldCodes(waiting)).toEqual([]);
  expect(podsOf(waiting)).toEqual([4, 1]);
  expect(selectorOf(waiting, 'orders')).toBe('current');
  expect(selectorOf(named(released(), 25, { mesh: 'none' }), 'orders')).toBeUndefined();
  expect(selectorOf(named(released(), 100, { mesh: 'none' }), 'orders')).toBe('next');
});

test.each([
  [1, 5, '5 %; 1 of 1 pods get 100 %'],
  [4, 20, '20 %; 1 of 4 pods get 25 %'],
  [4, 5, '5 %; 1 of 4 pods get 25 %'],
  [3, 50, '50 %; 2 of 3 pods get 67 %'],
  [10, 94, '94 %; 9 of 10 pods get 90 %'],
])('of %d pods there is no share of %d %%', (pods, percent, got) => {
  expect(told(named(released({ scale: Scale.fixed(pods) }), percent, { mesh: 'none' }))).toMatchObject([
    { code: 'share-between-pods', severity: 'error', got },
  ]);
});

test.each([
  [4, 28],
  [4, 22],
  [10, 93],
  [0, 5],
])('of %d pods a share of %d %% is near enough', (pods, percent) => {
  expect(toldCodes(named(released({ scale: Scale.fixed(pods) }), percent, { mesh: 'none' }))).toEqual([]);
});

test('with weights the version in the program keeps its pods, and the other has its share, rounded up', () => {
  expect(podsOf(named(released(), 100))).toEqual([4, 4]);
  expect(podsOf(named(released(), 0))).toEqual([4, 1]);
  expect(podsOf(named(released({ scale: Scale.fixed(0) }), 30))).toEqual([0, 0]);
});

describe('a scaler', () => {
  const scaled = released({ scale: Scale.between(2, 10) });
  const moved = (plan: ReturnType<typeof planOf>): string =>
    objectOf(plan, 'HorizontalPodAutoscaler/ordering/orders')['spec'].scaleTargetRef.name;
  const owned = (plan: ReturnType<typeof planOf>) =>
    plan.objects.filter(({ hints }) => hints.ownedElsewhere?.includes('/spec/replicas'));

  test.each(['none', 'istio-sidecar'])('moves the version that serves alone, in the mesh %s', (mesh) => {
    const before = named(scaled, 0, { mesh });
    expect([toldCodes(before), moved(before), podsOf(before)]).toEqual([[], 'orders', [undefined, 1]]);
    const after = named(scaled, 100, { mesh });
    expect([toldCodes(after), moved(after)]).toEqual([[], 'orders-next']);
    expect(podsOf(after)).toEqual([mesh === 'none' ? 0 : 2, 2]);
    expect([before, after].map((plan) => owned(plan).map(({ manifest }) => manifest.metadata.name))).toEqual([
      ['orders'],
      ['orders-next'],
    ]);
  });

  test.each([
    ['none', 'error'],
    ['istio-sidecar', 'warning'],
  ])('that moves one of two which serve is told, in the mesh %s', (mesh, severity) => {
    expect(told(named(scaled, 50, { mesh }))).toMatchObject([
      { code: 'share-beside-scaler', severity, got: '50 %, beside 2 to 10 pods' },
    ]);
  });
});

describe('what stands in the way of two versions at once is told', () => {
  const mixed = { ports: { http: 8080, tcp: 9000 } };
  const volume = { persistentVolumeClaim: { claimName: 'data' }, name: 'data' };
  const long = 'a'.repeat(60);
  test.each<[string, Program, Choice]>([
    ['port-without-weights', released(mixed), {}],
    ['rollout-above-quota', released({}, 'orders', { pods: '3' }), {}],
    ['single-writer-volume', released({ directories: [Directory.of('/data', volume)] }), {}],
    ['name-too-long', released({}, long), { id: long }],
    ['rollout-without-requests', released({ ports: {} }), { mesh: 'none' }],
  ])('%s', (code, program, options) => {
    expect(toldCodes(named(program, 50, options))).toContain(code);
    const alone = rolloutPlanOf(program, { rollout: 'plain', rolloutOptions: {}, ...options });
    expect(toldCodes(alone)).not.toContain(code);
  });

  test('of a share of pods all ports and all callers get theirs', () => {
    expect(toldCodes(named(released(mixed), 50, { mesh: 'none' }))).toEqual(['unknown-port']);
    const tcp = named(released({ ports: { tcp: 9000 } }), 50);
    expect([toldCodes(tcp), podsOf(tcp)]).toEqual([['wrong-protocol'], [2, 2]]);
  });

  test('behind a gateway that weighs requests, other callers are told', () => {
    const led: Program = (shop, settings) => {
      released()(shop, settings);
      const ordering = shop.node.findChild('ordering') as BoundedContext;
      const edge = new ApiGateway(ordering, 'edge', { hosts: ['shop.example.com'] });
      const options = { auth: Auth.none('A test asks.'), timeout: Duration.seconds(5) };
      edge.route('/', ordering.node.findChild('orders') as Microservice, options);
    };
    const plan = named(led, 20, { mesh: 'none', gateway: 'gateway-api' });
    expect(toldCodes(plan)).toEqual(['callers-without-weights']);
    expect(podsOf(plan)).toEqual([4, 1]);
    expect(podsOf(named(released(), 50, { mesh: 'none', gateway: 'gateway-api' }))).toEqual([2, 2]);
    // What Istio's objects of a gateway lead to is shared by the mesh, if there is one.
    expect(podsOf(named(led, 50, { mesh: 'none', gateway: 'istio' }))).toEqual([2, 2]);
  });
});

test('both versions are updated alike', () => {
  const at = 'environments/test.yaml:3:1';
  const settings = { surgePercent: { value: 50, at }, keptRevisions: { value: 7, at } };
  const layers = [{ name: 'environment' as const, settings, config: {}, services: {} }];
  const plan = named(released(), 50, { environment: { layers } });
  for (const name of ['orders', 'orders-next']) {
    expect(objectOf(plan, `Deployment/ordering/${name}`)['spec']).toMatchObject({
      revisionHistoryLimit: 7,
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '50%', maxUnavailable: 0 } },
    });
  }
});

test.each([
  [0, 'payments-preview'],
  [100, 'payments'],
])('testers of a blue-green release get the version that comes: at %d %% by %s', (percent, service) => {
  const tested: Program = (shop) => {
    const ordering = new BoundedContext(shop, 'ordering', { team: 'a' });
    const rollout = Rollout.blueGreen({ testers: { header: 'x-preview', value: 'yes' } });
    const payments = new Microservice(ordering, 'payments', { image, ports: { http: 8080 }, rollout });
    new Microservice(ordering, 'web', { image }).calls(payments, { timeout: Duration.seconds(2) });
  };
  const { http } = objectOf(named(tested, percent, { id: 'payments' }), 'VirtualService/ordering/payments')['spec'];
  expect(http[0]).toMatchObject({
    match: [{ headers: { 'x-preview': { exact: 'yes' } } }],
    route: [{ destination: { host: `${service}.ordering.svc.cluster.local` } }],
  });
});
