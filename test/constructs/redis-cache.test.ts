import {
  BoundedContext,
  Microservice,
  REDIS_CACHE_DEFAULTS,
  RedisCache,
  Size,
  accept,
  type RedisCacheProps,
} from 'ashlar';
import { codesOf, objectOf, planOf, type PlanOptions } from '../support/plans';

function planWith(props: RedisCacheProps = {}, options: PlanOptions = {}) {
  return planOf((shop) => {
    const context = new BoundedContext(shop, 'cart', { team: 'carts' });
    const redis = new RedisCache(context, 'carts', props);
    new Microservice(context, 'cartservice', { image: 'ghcr.io/acme/cart:1.0.0', ports: { grpc: 7070 } }).calls(redis, {
      env: 'REDIS_ADDR',
    });
  }, options);
}

const podOf = (plan: ReturnType<typeof planOf>, kind = 'Deployment') =>
  objectOf(plan, `${kind}/cart/carts`)['spec'].template.spec;

test('one pod that keeps nothing, guarded against eating its node', () => {
  const plan = planWith();
  expect(codesOf(plan)).toEqual([]);
  expect(objectOf(plan, 'Deployment/cart/carts')['spec']).toMatchObject({
    replicas: 1,
    strategy: { type: 'Recreate' },
  });
  const pod = podOf(plan);
  const [container] = pod.containers;
  const bytes = REDIS_CACHE_DEFAULTS.memory.toMebibytes() * 1024 * 1024;
  expect(container.args).toEqual([
    'redis-server',
    '--maxmemory',
    String(bytes),
    '--maxmemory-policy',
    REDIS_CACHE_DEFAULTS.evict,
    '--save',
    '',
    '--appendonly',
    'no',
  ]);
  expect(container.resources).toEqual({ requests: { cpu: '50m', memory: '160Mi' }, limits: { memory: '160Mi' } });
  expect(container.ports).toEqual([{ name: 'redis', containerPort: 6379, protocol: 'TCP' }]);
  expect(pod.volumes).toEqual([{ name: 'data', emptyDir: {} }]);
});

test('its callers get its address and are the only ones who get in', () => {
  const plan = planWith();
  const { env } = objectOf(plan, 'Deployment/cart/cartservice')['spec'].template.spec.containers[0];
  expect(env).toEqual([{ name: 'REDIS_ADDR', value: 'carts.cart.svc:6379' }]);
  expect(objectOf(plan, 'NetworkPolicy/cart/carts')['spec']).toMatchObject({
    policyTypes: ['Ingress'],
    ingress: [
      {
        from: [{ podSelector: { matchLabels: { 'app.kubernetes.io/name': 'cartservice' } } }],
        ports: [{ port: 6379 }],
      },
    ],
  });
});

test('memory is a quarter above its data, and 32 MiB at least', () => {
  expect(podOf(planWith({ memory: Size.mebibytes(16) })).containers[0].resources.limits).toEqual({ memory: '48Mi' });
  expect(podOf(planWith({ memory: Size.gibibytes(1) })).containers[0].resources.limits).toEqual({ memory: '1280Mi' });
});

test('with storage it is a StatefulSet with a claim, and writes what it gets', () => {
  const plan = planWith({ storage: Size.gibibytes(2) });
  expect(codesOf(plan)).toEqual([]);
  expect(objectOf(plan, 'StatefulSet/cart/carts')['spec']).toMatchObject({
    serviceName: 'carts',
    replicas: 1,
    volumeClaimTemplates: [
      {
        metadata: { name: 'data' },
        spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '2Gi' } } },
      },
    ],
  });
  const pod = podOf(plan, 'StatefulSet');
  expect(pod.containers[0].args).toEqual(expect.arrayContaining(['--appendonly', 'yes']));
  expect(pod.containers[0].volumeMounts).toEqual([{ name: 'data', mountPath: '/data' }]);
  expect(pod).not.toHaveProperty('volumes');
});

test.each([
  ['development', {}],
  ['production', { protect: true, retain: true }],
] as const)('in %s its data is guarded so: %j', (tier, hints) => {
  const plan = planWith({ storage: Size.gibibytes(2) }, { tier });
  expect(plan.objects.find(({ manifest }) => manifest.kind === 'StatefulSet')?.hints).toEqual(hints);
});

describe('image', () => {
  const backEnds = { redis: { name: 'in-cluster', options: { image: 'example.com/redis:9' }, at: 'x' } };

  test.each([
    ['the kit’s', {}, {}, /^docker\.io\/library\/redis:8\.\d/],
    ['the environment’s', {}, { environment: { backEnds } }, /^example\.com\/redis:9$/],
    ['its own, above all', { image: 'redis:alpine' }, { environment: { backEnds } }, /^redis:alpine$/],
  ])('%s', (_what, props, options, image) => {
    expect(podOf(planWith(props, options)).containers[0].image).toMatch(image);
  });
});

test('what it says of eviction, user and resources holds', () => {
  const memory = { limit: Size.mebibytes(256) };
  const pod = podOf(planWith({ evict: 'noeviction', user: 999, memory: Size.mebibytes(200), resources: { memory } }));
  expect(pod.securityContext.runAsUser).toBe(999);
  expect(pod.containers[0].args).toEqual(expect.arrayContaining(['--maxmemory-policy', 'noeviction']));
  expect(pod.containers[0].resources.limits).toEqual({ memory: '256Mi' });
});

test.each([100, 128])('a limit of %i MiB leaves no room above 128 MiB of data', (limit) => {
  const plan = planWith({ memory: Size.mebibytes(128), resources: { memory: { limit: Size.mebibytes(limit) } } });
  expect(plan.findings).toMatchObject([{ code: 'memory-below-data', path: 'shop/cart/carts', got: `${limit}Mi` }]);
});

test('user 0 is a finding', () => {
  expect(codesOf(planWith({ user: 0 }))).toContain('out-of-range');
});

test('in production its one pod is a finding, which can be accepted', () => {
  const cart = (reason?: string) =>
    planOf(
      (shop) => {
        const redis = new RedisCache(new BoundedContext(shop, 'cart', { team: 'carts' }), 'carts');
        if (reason !== undefined) accept(redis, 'single-replica', reason);
      },
      { tier: 'production' },
    );
  expect(cart().findings).toMatchObject([{ code: 'single-replica', path: 'shop/cart/carts' }]);
  expect(codesOf(cart('Carts may be lost.'))).toEqual([]);
});
