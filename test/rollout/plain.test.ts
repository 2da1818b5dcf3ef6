import { BoundedContext, Microservice, Rollout, Scale, type Program } from 'ashlar';
import { codesOf, objectOf } from '../support/plans';
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
  ['share-below-one-pod', { 'ordering/orders': { image: next, percent: 5 } }, 'none'],
])('%s', (code, versions, mesh) => {
  expect(codesOf(planOf(versions, mesh))).toContain(code);
});

test('with weights a share may be smaller than that of one pod', () => {
  expect(codesOf(planOf({ 'ordering/orders': { image: next, percent: 5 } }))).not.toContain('share-below-one-pod');
});

test('holds and verifications are performed by nobody, which is told but in development', () => {
  const staging = rolloutPlanOf(services, { rollout: 'plain', rolloutOptions: {}, tier: 'staging' });
  expect(codesOf(staging).filter((code) => code === 'rollout-not-performed')).toHaveLength(2);
});
