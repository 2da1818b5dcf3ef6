import {
  Backup,
  BoundedContext,
  Duration,
  Microservice,
  REDIS_CACHE_DEFAULTS,
  RedisCache,
  RedisStore,
  Size,
  accept,
  type RedisCacheProps,
  type RedisStoreProps,
} from 'ashlar';
import { codesOf, objectOf, planOf, type PlanOptions } from '../support/plans';

const image = 'ghcr.io/acme/cart:1.0.0';
const ZONES = { zones: ['a', 'b', 'c'] };

/** A cache that is called without a login. */
function openCache(props: RedisCacheProps = {}, options: PlanOptions = {}) {
  return planOf((shop) => {
    const context = new BoundedContext(shop, 'cart', { team: 'carts' });
    const redis = new RedisCache(context, 'carts', { access: 'network', ...props });
    new Microservice(context, 'cartservice', { image, ports: { grpc: 7070 } }).calls(redis, { env: 'REDIS_ADDR' });
  }, options);
}

/** A store with an owner. */
function ownedStore(props: Partial<RedisStoreProps> = {}, options: PlanOptions = {}) {
  return planOf((shop) => {
    const context = new BoundedContext(shop, 'cart', { team: 'carts' });
    const redis = new RedisStore(context, 'carts', { storage: Size.gibibytes(2), ...props });
    new Microservice(context, 'cartservice', { image }).owns(redis);
  }, options);
}

const podOf = (plan: ReturnType<typeof planOf>, kind = 'Deployment') =>
  objectOf(plan, `${kind}/cart/carts`)['spec'].template.spec;

describe('guarded by the network alone', () => {
  test('it is one pod that keeps nothing, guarded against eating its node', () => {
    const plan = openCache();
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
    expect(pod).not.toHaveProperty('initContainers');
    expect(plan.prerequisites).toEqual([]);
  });

  test('its callers get its address and are the only ones who get in', () => {
    const plan = openCache();
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

  test('whoever owns it gets an address without a login', () => {
    const plan = planOf((shop) => {
      const context = new BoundedContext(shop, 'cart', { team: 'carts' });
      new Microservice(context, 'cartservice', { image }).owns(new RedisCache(context, 'carts', { access: 'network' }));
    });
    const { env } = objectOf(plan, 'Deployment/cart/cartservice')['spec'].template.spec.containers[0];
    expect(env).toEqual([{ name: 'REDIS_URL', value: 'redis://carts.cart.svc:6379/0' }]);
    expect(plan.prerequisites).toEqual([]);
  });

  test('there is no password to ask for', () => {
    const plan = planOf((shop) => {
      const context = new BoundedContext(shop, 'cart', { team: 'carts' });
      const redis = new RedisCache(context, 'carts', { access: 'network' });
      new Microservice(context, 'cartservice', { image }).owns(redis, { env: { PASS: 'password' } });
    });
    expect(plan.findings).toMatchObject([{ code: 'unknown-connection-field', allowed: 'host, port, address, url' }]);
    expect(podOf(plan).containers[0]).not.toHaveProperty('env');
  });
});

test('memory is a quarter above its data, half with storage, and 32 MiB at least', () => {
  const limitsOf = (pod: ReturnType<typeof podOf>) => pod.containers[0].resources.limits.memory;
  expect(limitsOf(podOf(openCache({ memory: Size.mebibytes(16) })))).toBe('48Mi');
  expect(limitsOf(podOf(openCache({ memory: Size.gibibytes(1) })))).toBe('1280Mi');
  expect(limitsOf(podOf(ownedStore({ memory: Size.mebibytes(512) }), 'StatefulSet'))).toBe('768Mi');
});

describe('a store', () => {
  test('is a StatefulSet with a claim, and writes what it gets', () => {
    const plan = ownedStore();
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
    const [container] = podOf(plan, 'StatefulSet').containers;
    const { args } = container;
    expect(args.slice(args.indexOf('--maxmemory-policy'), args.indexOf('--aclfile'))).toEqual([
      '--maxmemory-policy',
      'noeviction',
      '--dir',
      '/data',
      '--save',
      '',
      '--appendonly',
      'yes',
      '--appendfsync',
      'everysec',
    ]);
    expect(container.volumeMounts).toContainEqual({ name: 'data', mountPath: '/data' });
  });

  test.each([
    ['development', {}],
    ['production', { protect: true, retain: true }],
  ] as const)('in %s its data is guarded so: %j', (tier, hints) => {
    const plan = ownedStore({ backup: Backup.daily() }, { tier, environment: ZONES });
    expect(plan.objects.find(({ manifest }) => manifest.kind === 'StatefulSet')?.hints).toEqual(hints);
    const claim = plan.objects.find(({ manifest }) => manifest.kind === 'PersistentVolumeClaim');
    // Copies are kept wherever they are made.
    expect(claim?.hints).toEqual({ skipAwait: true, ...hints, retain: true });
  });

  test('in production it wants replicas, a backup and encryption', () => {
    const codes = (props: Partial<RedisStoreProps>) =>
      codesOf(ownedStore(props, { tier: 'production', environment: ZONES }));
    expect(codes({})).toEqual(['no-backup', 'plain-text-connection', 'single-replica']);
    expect(codes({ backup: Backup.daily() })).toEqual(['plain-text-connection', 'single-replica']);
  });

  test('is copied to another volume with room for all copies, and from there back', () => {
    const plan = ownedStore({
      memory: Size.mebibytes(512),
      backup: Backup.daily({ keep: Duration.days(7), at: '03:30' }),
    });
    expect(codesOf(plan)).toEqual([]);
    expect(objectOf(plan, 'PersistentVolumeClaim/cart/carts-backup')['spec'].resources.requests.storage).toBe('4Gi');
    expect(objectOf(plan, 'CronJob/cart/carts-backup')['spec']).toMatchObject({
      schedule: '30 3 * * *',
      timeZone: 'Etc/UTC',
      concurrencyPolicy: 'Forbid',
    });
    expect(objectOf(plan, 'CronJob/cart/carts-backup')['spec']).not.toHaveProperty('suspend');
    expect(objectOf(plan, 'CronJob/cart/carts-restore')['spec']).toMatchObject({ suspend: true });
  });

  test('that is copied once a week has room for the weeks', () => {
    const plan = ownedStore({
      memory: Size.gibibytes(1),
      storage: Size.gibibytes(4),
      backup: Backup.weekly({ keep: Duration.days(28) }),
    });
    expect(objectOf(plan, 'PersistentVolumeClaim/cart/carts-backup')['spec'].resources.requests.storage).toBe('5Gi');
  });

  test('lets in its owner and what copies it, and nobody else', () => {
    const plan = ownedStore({ backup: Backup.daily() });
    const { ingress } = objectOf(plan, 'NetworkPolicy/cart/carts')['spec'];
    expect(ingress.flatMap(({ from }: { from: object[] }) => from)).toMatchObject([
      { podSelector: { matchLabels: { 'app.kubernetes.io/name': 'carts-backup' } } },
      { podSelector: { matchLabels: { 'app.kubernetes.io/name': 'carts-restore' } } },
      { podSelector: { matchLabels: { 'app.kubernetes.io/name': 'cartservice' } } },
    ]);
    expect(objectOf(plan, 'NetworkPolicy/cart/carts-backup')['spec']).toMatchObject({
      podSelector: { matchLabels: { 'app.kubernetes.io/name': 'carts-backup' } },
      egress: [{ to: [{ podSelector: { matchLabels: { 'app.kubernetes.io/name': 'carts' } } }] }],
    });
  });

  test('guarded by the network alone is copied without a login', () => {
    const plan = planOf((shop) => {
      const context = new BoundedContext(shop, 'cart', { team: 'carts' });
      new RedisStore(context, 'carts', { storage: Size.gibibytes(1), access: 'network', backup: Backup.daily() });
    });
    const [container] = objectOf(plan, 'CronJob/cart/carts-backup')['spec'].jobTemplate.spec.template.spec.containers;
    expect(container.env.map(({ name }: { name: string }) => name)).toEqual([
      'FOLDER',
      'HOST',
      'KEEP_MINUTES',
      'PORT',
      'STORE',
    ]);
    expect(plan.prerequisites).toEqual([]);
  });
});

describe('image', () => {
  const backEnds = { redis: { name: 'in-cluster', options: { image: 'docker.io/valkey/valkey:8.1-alpine' }, at: 'x' } };

  test.each([
    ['the kit’s', {}, {}, /^docker\.io\/library\/redis:8\.\d/],
    ['the environment’s', {}, { environment: { backEnds } }, /^docker\.io\/valkey\/valkey:8\.1-alpine$/],
    ['its own, above all', { image: 'redis:alpine' }, { environment: { backEnds } }, /^redis:alpine$/],
  ])('%s', (_what, props, options, expected) => {
    expect(podOf(openCache(props, options)).containers[0].image).toMatch(expected);
  });
});

test('what it says of eviction, user and resources holds', () => {
  const memory = { limit: Size.mebibytes(256) };
  const pod = podOf(
    openCache({ evict: 'volatile-ttl', user: 999, memory: Size.mebibytes(200), resources: { memory } }),
  );
  expect(pod.securityContext.runAsUser).toBe(999);
  expect(pod.containers[0].args).toEqual(expect.arrayContaining(['--maxmemory-policy', 'volatile-ttl']));
  expect(pod.containers[0].resources.limits).toEqual({ memory: '256Mi' });
});

describe('what cannot work', () => {
  const limited = (limit: number) =>
    openCache({ memory: Size.mebibytes(128), resources: { memory: { limit: Size.mebibytes(limit) } } }).findings;

  test.each([100, 128])('a limit of %i MiB leaves no room above 128 MiB of data', (limit) => {
    expect(limited(limit)).toMatchObject([{ code: 'memory-below-data', path: 'shop/cart/carts', got: `${limit}Mi` }]);
  });

  test('a limit just above the data is too tight', () => {
    expect(limited(159)).toMatchObject([
      { code: 'memory-limit-too-tight', severity: 'warning', allowed: '160Mi or more' },
    ]);
    expect(limited(160)).toEqual([]);
  });

  test('a cache that never evicts', () => {
    expect(codesOf(openCache({ evict: 'noeviction' }))).toEqual(['cache-that-never-evicts']);
  });

  test('a store that evicts what does not expire', () => {
    expect(codesOf(ownedStore({ evict: 'allkeys-lru' }))).toEqual(['store-that-evicts']);
    expect(codesOf(ownedStore({ evict: 'volatile-lru' }))).toEqual([]);
  });

  test('a volume that cannot hold the data twice', () => {
    const plan = ownedStore({ memory: Size.gibibytes(2), storage: Size.gibibytes(3) });
    expect(plan.findings).toMatchObject([{ code: 'storage-below-data', got: '3Gi', allowed: '4096Mi or more' }]);
  });

  test('user 0', () => {
    expect(codesOf(openCache({ user: 0 }))).toEqual(['out-of-range']);
  });

  test('a backup that is kept for ever', () => {
    expect(codesOf(ownedStore({ backup: Backup.daily({ keep: Duration.days(5000) }) }))).toEqual(['out-of-range']);
  });

  test('an access that nobody knows', () => {
    const access = 'everybody' as 'network';
    expect(codesOf(openCache({ access }))).toContain('unknown-choice');
  });
});

test('in production its one pod is a finding, which can be accepted', () => {
  const cart = (reason?: string) =>
    planOf(
      (shop) => {
        const redis = new RedisCache(new BoundedContext(shop, 'cart', { team: 'carts' }), 'carts', {
          access: 'network',
        });
        if (reason !== undefined) accept(redis, 'single-replica', reason);
      },
      { tier: 'production', environment: ZONES },
    );
  expect(cart().findings).toMatchObject([{ code: 'single-replica', path: 'shop/cart/carts' }]);
  expect(codesOf(cart('Carts may be lost.'))).toEqual([]);
});

describe('an exporter', () => {
  const scrapedBy = { namespace: 'monitoring', podLabels: { app: 'prometheus' } };
  const environment = { backEnds: { redis: { name: 'in-cluster', options: { exporter: { scrapedBy } }, at: 'x' } } };

  test('stands beside the server, logs in as itself, and is reached by who collects', () => {
    const plan = ownedStore({}, { environment });
    expect(codesOf(plan)).toEqual([]);
    const exporter = podOf(plan, 'StatefulSet').initContainers.find(
      ({ name }: { name: string }) => name === 'exporter',
    );
    expect(exporter).toMatchObject({
      restartPolicy: 'Always',
      env: [
        { name: 'REDIS_ADDR', value: 'redis://localhost:6379' },
        { name: 'REDIS_EXPORTER_CONFIG_COMMAND', value: '-' },
        { name: 'REDIS_PASSWORD', valueFrom: { secretKeyRef: { name: 'carts-exporter-v1', key: 'password' } } },
        { name: 'REDIS_USER', value: 'exporter' },
      ],
    });
    expect(objectOf(plan, 'NetworkPolicy/cart/carts')['spec'].ingress).toContainEqual({
      from: [
        {
          namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'monitoring' } },
          podSelector: { matchLabels: { app: 'prometheus' } },
        },
      ],
      ports: [{ protocol: 'TCP', port: 9121 }],
    });
  });

  test('of a server without accounts logs in as nobody', () => {
    const [exporter] = podOf(openCache({}, { environment })).initContainers;
    expect(exporter.env.map(({ name }: { name: string }) => name)).toEqual([
      'REDIS_ADDR',
      'REDIS_EXPORTER_CONFIG_COMMAND',
    ]);
  });
});
