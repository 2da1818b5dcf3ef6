import { BoundedContext, Cpu, Manifest, Microservice, RedisCache, Scale, Size, type Resources } from 'ashlar';
import { codesOf, objectOf, planOf } from '../support/plans';

const image = 'ghcr.io/acme/app:1.0.0';

/** Requests and limits in millicores and MiB. */
function uses(cpu: [number, number?], memory: [number, number?]): Resources {
  return {
    cpu: { request: Cpu.millis(cpu[0]), ...(cpu[1] !== undefined && { limit: Cpu.millis(cpu[1]) }) },
    memory: {
      request: Size.mebibytes(memory[0]),
      ...(memory[1] !== undefined && { limit: Size.mebibytes(memory[1]) }),
    },
  };
}

function planWith(fill: (context: BoundedContext) => void, quota?: Readonly<Record<string, string>>) {
  return planOf((shop) =>
    fill(new BoundedContext(shop, 'ordering', { team: 'orders', ...(quota !== undefined && { quota }) })),
  );
}

const hardOf = (plan: ReturnType<typeof planOf>): unknown =>
  objectOf(plan, 'ResourceQuota/ordering/quota')['spec'].hard;

const containerDefaults = (plan: ReturnType<typeof planOf>) =>
  (
    objectOf(plan, 'LimitRange/ordering/limits')['spec'].limits as readonly {
      default: object;
      defaultRequest: object;
    }[]
  )[0];

test('all pods at their largest scale, in the middle of an update, and a quarter above', () => {
  const plan = planWith((context) => {
    // At most 8, and as many that end while one version replaces another: 16 pods.
    new Microservice(context, 'orders', { image, scale: Scale.between(2, 8), resources: uses([100, 200], [64, 128]) });
    // 3 pods, and 3 that end: 6.
    new Microservice(context, 'payments', { image, scale: Scale.fixed(3), resources: uses([50, 500], [100, 100]) });
  });
  expect(codesOf(plan)).toEqual([]);
  expect(hardOf(plan)).toEqual({
    pods: '28', // 22 x 1.25 = 27.5
    'requests.cpu': '2375m', // (16 x 100 + 6 x 50) x 1.25
    'requests.memory': '2030Mi', // (16 x 64 + 6 x 100) x 1.25
    'limits.cpu': '7750m', // (16 x 200 + 6 x 500) x 1.25
    'limits.memory': '3310Mi', // (16 x 128 + 6 x 100) x 1.25
  });
});

test('sidecars count beside the main container, init containers only where they are larger', () => {
  const sidecars = { proxy: { image, resources: uses([20, 40], [16, 32]) } };
  const small = {
    wait: { image, resources: uses([10, 10], [8, 8]) },
    warm: { image, resources: uses([30, 30], [8, 8]) },
  };
  const large = { migrate: { image, resources: uses([10, 10], [512, 1024]) } };
  const resources = uses([100, 200], [64, 128]);
  const plan = planWith((context) => {
    new Microservice(context, 'a', { image, scale: Scale.fixed(1), resources, sidecars, initContainers: small });
    new Microservice(context, 'b', { image, scale: Scale.fixed(1), resources, sidecars, initContainers: large });
  });
  expect(hardOf(plan)).toEqual({
    pods: '5', // two services of one pod, two each during an update: 4 x 1.25
    'requests.cpu': '600m', // 4 x (100 + 20) x 1.25
    'requests.memory': '1480Mi', // (2 x (64 + 16) + 2 x 512) x 1.25
    'limits.cpu': '1200m', // 4 x (200 + 40) x 1.25
    'limits.memory': '2960Mi', // (2 x (128 + 32) + 2 x 1024) x 1.25
  });
});

test('a limit that one container lacks is not counted, so that the quota admits it', () => {
  const plan = planWith((context) => {
    new Microservice(context, 'orders', { image, scale: Scale.fixed(1), resources: uses([100], [64, 128]) });
    new Microservice(context, 'other', { image, scale: Scale.fixed(1), resources: uses([100, 200], [64, 128]) });
  });
  expect(hardOf(plan)).toEqual({
    pods: '5',
    'requests.cpu': '500m',
    'requests.memory': '320Mi',
    'limits.memory': '640Mi',
  });
  expect(containerDefaults(plan)?.default).not.toHaveProperty('cpu');
});

test('where CPU limits are counted, a container without one gets one', () => {
  const plan = planWith(
    (context) => void new Microservice(context, 'orders', { image, resources: uses([100, 200], [64, 128]) }),
  );
  expect(containerDefaults(plan)?.default).toHaveProperty('cpu');
});

test('what the namespace gives to a container that says nothing is counted as well', () => {
  const plan = planWith((context) => {
    const bare = { image };
    new Microservice(context, 'orders', {
      image,
      scale: Scale.fixed(1),
      resources: uses([100], [64, 128]),
      sidecars: { bare },
    });
  });
  expect(containerDefaults(plan)?.defaultRequest).toEqual({ cpu: '50m', memory: '64Mi' });
  expect(hardOf(plan)).toMatchObject({
    'requests.cpu': '375m', // 2 x (100 + 50) x 1.25
    'requests.memory': '320Mi', // 2 x (64 + 64) x 1.25
  });
});

test('a workload that is replaced at once has no pods above its scale', () => {
  const plan = planWith((context) => {
    new RedisCache(context, 'carts', { memory: Size.mebibytes(128), resources: uses([50, 50], [200, 200]) });
  });
  expect(hardOf(plan)).toMatchObject({ pods: '2', 'requests.memory': '250Mi', 'requests.cpu': '63m' });
});

test('a surge that the environment sets is counted', () => {
  const plan = planOf(
    (shop) => {
      const context = new BoundedContext(shop, 'ordering', { team: 'orders' });
      new Microservice(context, 'orders', { image, scale: Scale.fixed(4), resources: uses([100, 200], [64, 128]) });
    },
    {
      environment: {
        layers: [{ name: 'base', settings: { surgePercent: { value: 100, at: 'base' } }, config: {}, services: {} }],
      },
    },
  );
  expect(objectOf(plan, 'Deployment/ordering/orders')['spec'].strategy.rollingUpdate.maxSurge).toBe('100%');
  expect(hardOf(plan)).toMatchObject({ pods: '10' }); // (4 + 4) x 1.25
});

/** What Pod Security asks for. */
const securityContext = { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } };
const main = {
  name: 'raw',
  image,
  securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
};
const metadata = { labels: { app: 'raw' } };

const pod = (requests: object, limits: object) => ({
  metadata,
  spec: { restartPolicy: 'Never', securityContext, containers: [{ ...main, resources: { requests, limits } }] },
});

test('jobs and workloads that came as manifests count', () => {
  const amounts = [
    { cpu: '100m', memory: '10Mi' },
    { cpu: '200m', memory: '20Mi' },
  ] as const;
  const plan = planWith((context) => {
    Manifest.from(context, 'job', {
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: { name: 'job' },
      spec: { parallelism: 3, template: pod(...amounts) },
    });
    Manifest.from(context, 'nightly', {
      apiVersion: 'batch/v1',
      kind: 'CronJob',
      metadata: { name: 'nightly' },
      spec: { schedule: '0 3 * * *', jobTemplate: { spec: { parallelism: 5, template: pod(...amounts) } } },
    });
  });
  expect(codesOf(plan)).toEqual([]);
  expect(hardOf(plan)).toEqual({
    pods: '10', // (3 + 5) x 1.25
    'requests.cpu': '1',
    'requests.memory': '100Mi',
    'limits.cpu': '2',
    'limits.memory': '200Mi',
  });
});

test('a manifest’s workload counts at the largest scale of its scaler', () => {
  const plan = planWith((context) => {
    const template = { metadata, spec: { securityContext, containers: [main] } };
    const name = { name: 'raw' };
    const selector = { matchLabels: { app: 'raw' } };
    Manifest.from(context, 'raw', {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: name,
      spec: { selector, template },
    });
    Manifest.from(context, 'scaler', {
      apiVersion: 'autoscaling/v2',
      kind: 'HorizontalPodAutoscaler',
      metadata: name,
      spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'raw' }, maxReplicas: 8 },
    });
  });
  expect(hardOf(plan)).toMatchObject({ pods: '20' }); // (8 + 8) x 1.25
});

test('objects that run nothing make no quota of zero', () => {
  const plan = planWith((context) => {
    Manifest.from(context, 'map', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'map' }, data: {} });
  });
  expect(plan.objects.map(({ manifest }) => manifest.kind)).not.toContain('ResourceQuota');
});

test('a given quota is taken as it is', () => {
  const quota = { pods: '40', 'count/secrets': '10' };
  expect(hardOf(planWith((context) => void new Microservice(context, 'orders', { image }), quota))).toEqual(quota);
});

test('a given quota that counts CPU limits gives one to containers without', () => {
  const plan = planWith((context) => void new Microservice(context, 'orders', { image }), { 'limits.cpu': '4' });
  expect(containerDefaults(plan)?.default).toHaveProperty('cpu');
});

test('a quantity that is none is a finding, whoever gave it', () => {
  const plan = planWith((context) => void new Microservice(context, 'orders', { image }), { pods: 'many' });
  expect(plan.findings).toMatchObject([{ object: 'ResourceQuota/ordering/quota', field: '/spec/hard/pods' }]);
});
