import { Backup, BoundedContext, Microservice, RedisCache, RedisStore, Size, type RedisStoreProps } from 'ashlar';
import { codesOf, objectOf, planOf, type PlanOptions } from '../support/plans';

const image = 'ghcr.io/acme/cart:1.0.0';

const operated = (options: Readonly<Record<string, unknown>> = {}): PlanOptions => ({
  tier: 'production',
  environment: {
    zones: ['a', 'b', 'c'],
    backEnds: { redis: { name: 'redis-operator', options, at: 'x' } },
  },
});

function carts(props: Partial<RedisStoreProps> = {}, options = operated()) {
  return planOf((shop) => {
    const cart = new BoundedContext(shop, 'cart', { team: 'carts' });
    const store = new RedisStore(cart, 'carts', { storage: Size.gibibytes(2), backup: Backup.daily(), ...props });
    new Microservice(cart, 'cartservice', { image }).owns(store);
    new Microservice(cart, 'reports', { image }).reads(store);
  }, options);
}

const specOf = (plan: ReturnType<typeof planOf>) => objectOf(plan, 'RedisReplication/cart/carts')['spec'];

test('a store has replicas that fail over, which production wants', () => {
  const plan = carts();
  expect(codesOf(plan)).toEqual(['plain-text-connection']);
  expect(specOf(plan)).toMatchObject({
    clusterSize: 3,
    sentinel: { size: 3 },
    pdb: { enabled: true, maxUnavailable: 1 },
  });
  expect(plan.objects.filter(({ manifest }) => manifest.kind === 'StatefulSet')).toEqual([]);
  expect(plan.objects.find(({ manifest }) => manifest.kind === 'RedisReplication')?.hints).toEqual({
    protect: true,
    retain: true,
  });
});

test('who writes goes to the one that takes writes, who reads to the replicas', () => {
  const urlOf = (workload: string) =>
    objectOf(carts(), `Deployment/cart/${workload}`)['spec'].template.spec.containers[0].env.at(-1).value;
  expect(urlOf('cartservice')).toContain('@carts-master.cart.svc:6379/0');
  expect(urlOf('reports')).toContain('@carts-replica.cart.svc:6379/0');
});

test('what it is told stands in a ConfigMap that is called by its content', () => {
  const plan = carts();
  const { additionalRedisConfig } = specOf(plan).redisConfig;
  expect(additionalRedisConfig).toMatch(/^carts-config-[0-9a-f]{10}$/);
  expect(objectOf(plan, `ConfigMap/cart/${additionalRedisConfig}`)['data']).toEqual({
    'redis-additional.conf': [
      'maxmemory 134217728',
      'maxmemory-policy noeviction',
      'save ""',
      'appendonly yes',
      'appendfsync everysec',
      'aclfile /run/redis/users.acl',
      'min-replicas-to-write 1',
      'min-replicas-max-lag 10',
      '',
    ].join('\n'),
  });
});

test('its accounts are those of a pod of our own, and the operator has the default user', () => {
  const spec = specOf(carts());
  const script = spec.initContainer.command.at(-1) as string;
  expect(script).toContain("login default '~* &* +@all'");
  expect(script).toContain("login cartservice_a '~* &* +@all -@admin -@dangerous +info'");
  expect(script).not.toContain('user default off');
  expect(spec.kubernetesConfig.redisSecret).toEqual({ name: 'carts-default-v1', key: 'password' });
  expect(spec.storage.volumeMount).toEqual({
    volume: [{ name: 'accounts', emptyDir: { medium: 'Memory', sizeLimit: '1Mi' } }],
    mountPath: [{ name: 'accounts', mountPath: '/run/redis' }],
  });
});

test('the password of the operator outlives a generation; those of accounts do not', () => {
  const { environment } = operated();
  const layers = [
    {
      name: 'environment' as const,
      settings: { credentialGeneration: { value: 2, at: 'x' } },
      config: {},
      services: {},
    },
  ];
  const plan = carts({}, { ...operated(), environment: { ...environment, layers } });
  const secrets = plan.prerequisites.flatMap((needs) => (needs.type === 'secret' ? [needs.name] : []));
  expect(secrets).toEqual([
    'carts-backup-v2',
    'carts-cartservice-v2',
    'carts-default-v1',
    'carts-reports-v2',
    'carts-restore-v2',
  ]);
});

test('the plan says which operator it needs', () => {
  expect(carts().prerequisites).toContainEqual({
    type: 'release',
    name: 'redis-operator',
    namespace: 'redis-operator',
    chart: { repository: 'https://ot-container-kit.github.io/helm-charts', name: 'redis-operator', version: '0.26.1' },
    version: '0.26.0',
    groups: ['redis.redis.opstreelabs.in'],
    for: ['shop/cart/carts'],
  });
});

test('the server lets in who has access, its operator, its replicas and its sentinels', () => {
  const peersOf = (side: 'from' | 'to', rules: readonly Record<string, { podSelector: object }[]>[]) =>
    rules.map((rule) => rule[side]?.map(({ podSelector }) => Object.values(podSelector)[0] as object)).flat();
  const plan = carts();
  const app = (name: string, type: string, role = type) => ({ app: name, redis_setup_type: type, role });
  const server = objectOf(plan, 'NetworkPolicy/cart/carts')['spec'];
  expect(server.podSelector.matchLabels).toEqual(app('carts', 'replication'));
  expect(peersOf('from', server.ingress)).toEqual([
    { 'app.kubernetes.io/name': 'carts-backup' },
    { 'app.kubernetes.io/name': 'carts-restore' },
    { 'app.kubernetes.io/name': 'cartservice' },
    { 'app.kubernetes.io/name': 'reports' },
    app('carts', 'replication'),
    app('carts-s', 'sentinel'),
    { name: 'redis-operator' },
  ]);
  expect(peersOf('to', server.egress)).toEqual([app('carts', 'replication'), app('carts-s', 'sentinel')]);
  const watch = objectOf(plan, 'NetworkPolicy/cart/carts-s')['spec'];
  expect(peersOf('from', watch.ingress)).toEqual([
    app('carts', 'replication'),
    app('carts-s', 'sentinel'),
    { name: 'redis-operator' },
  ]);
});

test('its pods are counted by the quota', () => {
  const { hard } = objectOf(carts({ memory: Size.gibibytes(1), backup: Backup.daily() }), 'ResourceQuota/cart/quota')[
    'spec'
  ];
  // 3 servers and 3 sentinels; 3 pods of each service, twice during an update; one copying, one putting back.
  expect(Number(hard.pods)).toBeGreaterThanOrEqual(3 + 3 + 12 + 2);
});

test('a cache has no volume, and a program without a login gets no password', () => {
  const plan = planOf(
    (shop) => {
      const cart = new BoundedContext(shop, 'cart', { team: 'carts' });
      const cache = new RedisCache(cart, 'carts', { access: 'network' });
      new Microservice(cart, 'cartservice', { image }).calls(cache, { env: 'REDIS_ADDR' });
    },
    operated({ replicas: 2 }),
  );
  expect(codesOf(plan)).toEqual([]);
  const spec = specOf(plan);
  expect(spec.clusterSize).toBe(2);
  expect(spec).not.toHaveProperty('storage');
  expect(spec).not.toHaveProperty('initContainer');
  expect(spec.kubernetesConfig).not.toHaveProperty('redisSecret');
  const { env } = objectOf(plan, 'Deployment/cart/cartservice')['spec'].template.spec.containers[0];
  expect(env).toEqual([{ name: 'REDIS_ADDR', value: 'carts-master.cart.svc:6379' }]);
  expect(plan.prerequisites).toMatchObject([{ type: 'release' }]);
});

test('what it is told of the operator, images and the exporter holds', () => {
  const plan = carts(
    {},
    operated({
      image: 'registry.example.com/redis:8',
      sentinelImage: 'registry.example.com/sentinel:8',
      operator: { namespace: 'ops', podLabels: { app: 'redis-op' } },
      exporter: {
        image: 'registry.example.com/exporter:1',
        scrapedBy: { namespace: 'monitoring', podLabels: { app: 'p' } },
      },
    }),
  );
  const spec = specOf(plan);
  expect(spec.kubernetesConfig.image).toBe('registry.example.com/redis:8');
  expect(spec.initContainer.image).toBe('registry.example.com/redis:8');
  expect(spec.sentinel.image).toBe('registry.example.com/sentinel:8');
  expect(spec.redisExporter).toMatchObject({ enabled: true, image: 'registry.example.com/exporter:1', port: 9121 });
  const peers = objectOf(plan, 'NetworkPolicy/cart/carts')['spec'].ingress.flatMap(
    ({ from }: { from: object[] }) => from,
  );
  expect(peers).toMatchObject(
    expect.arrayContaining([
      expect.objectContaining({ podSelector: { matchLabels: { app: 'redis-op' } } }),
      expect.objectContaining({ podSelector: { matchLabels: { app: 'p' } } }),
    ]),
  );
});

test('what it cannot do is told, with who can', () => {
  const plan = carts({ image: 'docker.io/valkey/valkey:8.1-alpine', user: 999 });
  expect(plan.findings.filter(({ code }) => code === 'not-by-this-back-end')).toMatchObject([
    { field: 'image', allowed: expect.stringContaining('in-cluster') },
    { field: 'user', allowed: expect.stringContaining('in-cluster') },
  ]);
});
