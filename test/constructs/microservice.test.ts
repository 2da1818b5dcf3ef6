import { BoundedContext, Config, Directory, Key, Microservice, Size, type MicroserviceProps } from 'ashlar';
import { ConfigMap, EnvFieldPaths, EnvValue, Volume, type IConfigMap } from 'cdk8s-plus-27';
import { codesOf, objectOf, planOf, type PlanOptions } from '../support/plans';

const image = 'ghcr.io/acme/app:1.0.0';

function planWith(props: Partial<MicroserviceProps>, options: PlanOptions = {}) {
  return planOf((shop) => {
    const context = new BoundedContext(shop, 'ordering', { team: 'orders' });
    new Microservice(context, 'orders', { image, ...props });
  }, options);
}

interface Container {
  readonly name: string;
  readonly image: string;
  readonly env?: readonly { readonly name: string; readonly value?: string; readonly valueFrom?: object }[];
  readonly volumeMounts?: readonly object[];
  readonly restartPolicy?: string;
}

function podOf(plan: ReturnType<typeof planOf>) {
  expect(codesOf(plan)).toEqual([]);
  return objectOf(plan, 'Deployment/ordering/orders')['spec'].template.spec as Record<string, unknown> & {
    readonly containers: readonly [Container];
    readonly initContainers: readonly Container[];
    readonly volumes: readonly object[];
  };
}

test('its pods may do nothing that they need not', () => {
  const pod = podOf(planWith({}));
  expect(pod).toMatchObject({
    serviceAccountName: 'orders',
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    securityContext: {
      runAsNonRoot: true,
      runAsUser: 1000,
      runAsGroup: 1000,
      fsGroup: 1000,
      seccompProfile: { type: 'RuntimeDefault' },
    },
  });
  expect(pod.containers[0]).toMatchObject({
    securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
  });
});

test('its account has no token', () => {
  expect(objectOf(planWith({}), 'ServiceAccount/ordering/orders')).toMatchObject({
    automountServiceAccountToken: false,
  });
});

test('it runs as another user where it says so', () => {
  expect(podOf(planWith({ user: 4711 }))).toMatchObject({
    securityContext: { runAsUser: 4711, runAsGroup: 4711, fsGroup: 4711 },
  });
});

test.each([0, -1, 1.5, 2 ** 31])('user %d is a finding', (user) => {
  expect(codesOf(planWith({ user }))).toContain('out-of-range');
});

test('command and arguments are taken as they are', () => {
  expect(podOf(planWith({ command: ['/app'], args: ['--mode', 'fast'] })).containers[0]).toMatchObject({
    command: ['/app'],
    args: ['--mode', 'fast'],
  });
});

describe('variables', () => {
  test('texts and EnvValues of cdk8s-plus-27', () => {
    const plan = planOf((shop) => {
      const context = new BoundedContext(shop, 'ordering', { team: 'orders' });
      const map: IConfigMap = new ConfigMap(context, 'map', { data: { color: 'red' } }) as ConfigMap & IConfigMap;
      const env = {
        PLAIN: 'a',
        LITERAL: EnvValue.fromValue('b'),
        COLOR: EnvValue.fromConfigMap(map, 'color'),
        POD: EnvValue.fromFieldRef(EnvFieldPaths.POD_NAME),
      };
      new Microservice(context, 'orders', { image, env });
    });
    const { env = [] } = podOf(plan).containers[0];
    expect(Object.fromEntries(env.map(({ name, value, valueFrom }) => [name, value ?? valueFrom]))).toMatchObject({
      PLAIN: 'a',
      LITERAL: 'b',
      COLOR: { configMapKeyRef: { name: 'map', key: 'color' } },
      POD: { fieldRef: { fieldPath: 'metadata.name' } },
    });
  });

  test.each([
    ['a bad name', { '1ST': 'a' }, 'bad-env-name'],
    ['no text', { PORT: 80 as unknown as string }, 'bad-env-value'],
    ['an empty EnvValue', { PORT: {} }, 'bad-env-value'],
  ])('%s is a finding', (_what, env, code) => {
    expect(codesOf(planWith({ env }))).toContain(code);
  });

  test('a variable that others are made of comes before them', () => {
    const env = {
      ADDRESS: '$(HOST):$(PORT)',
      HOST: 'a.example.com',
      PORT: '80',
      AGENT: '$(NODE):4317',
      NODE: EnvValue.fromFieldRef(EnvFieldPaths.NODE_NAME),
    };
    const names = (podOf(planWith({ env })).containers[0].env ?? []).map(({ name }) => name);
    const before = (a: string, b: string): boolean => names.indexOf(a) < names.indexOf(b);
    expect({ host: before('HOST', 'ADDRESS'), port: before('PORT', 'ADDRESS'), node: before('NODE', 'AGENT') }).toEqual(
      {
        host: true,
        port: true,
        node: true,
      },
    );
  });

  test('a literal variable and a configuration of one name are told apart', () => {
    const plan = planOf((shop) => {
      const context = new BoundedContext(shop, 'ordering', { team: 'orders' });
      const config = new Config(context, 'limits', { schema: { MAX: Key.text() }, values: { MAX: '1' } });
      new Microservice(context, 'orders', { image, env: { MAX: '2' } }).reads(config);
    });
    expect(plan.findings).toMatchObject([{ code: 'two-writers', path: 'shop/ordering/orders' }]);
  });
});

describe('containers beside it', () => {
  test('init containers run in the order in which they are given', () => {
    const initContainers = { wait: { image }, migrate: { image }, warm: { image } };
    expect(podOf(planWith({ initContainers })).initContainers.map(({ name }) => name)).toEqual([
      'wait',
      'migrate',
      'warm',
    ]);
  });

  test('a sidecar is an init container that is restarted for ever', () => {
    const pod = podOf(
      planWith({
        sidecars: { proxy: { image, env: { A: 'b' }, ports: { admin: 9901 } } },
        initContainers: { wait: { image } },
      }),
    );
    const byName = new Map(pod.initContainers.map((container) => [container.name, container]));
    expect(byName.get('proxy')).toMatchObject({
      restartPolicy: 'Always',
      env: [{ name: 'A', value: 'b' }],
      ports: [{ containerPort: 9901 }],
    });
    expect(byName.get('wait')).not.toHaveProperty('restartPolicy');
    for (const container of pod.initContainers)
      expect(container).toHaveProperty(['securityContext', 'readOnlyRootFilesystem'], true);
    expect(pod.containers).toHaveLength(1);
  });

  test('two containers of one name are a finding', () => {
    expect(codesOf(planWith({ sidecars: { proxy: { image } }, initContainers: { proxy: { image } } }))).not.toEqual([]);
    expect(codesOf(planWith({ sidecars: { orders: { image } } }))).not.toEqual([]);
  });

  test('what is wrong with a sidecar is told', () => {
    const plan = planWith({ sidecars: { proxy: { image: '', ports: { 'UPPER case': 70000 } } } });
    expect(codesOf(plan)).toEqual(expect.arrayContaining(['bad-image', 'bad-port-name', 'port-out-of-range']));
  });
});

describe('directories', () => {
  test('what it may write to is mounted, and only that', () => {
    const directories = [
      Directory.temporary('/tmp', { limit: Size.mebibytes(10) }),
      Directory.inMemory('/var/cache/app', Size.mebibytes(5)),
    ];
    const pod = podOf(planWith({ directories }));
    expect(pod.volumes).toEqual([
      { name: 'tmp', emptyDir: { sizeLimit: '10Mi' } },
      { name: 'var-cache-app', emptyDir: { medium: 'Memory', sizeLimit: '5Mi' } },
    ]);
    expect(pod.containers[0].volumeMounts).toEqual([
      { name: 'tmp', mountPath: '/tmp' },
      { name: 'var-cache-app', mountPath: '/var/cache/app' },
    ]);
  });

  test('a directory is shared with a sidecar and an init container', () => {
    const shared = Directory.temporary('/data').alsoIn('fill', '/out').alsoIn('serve', '/in', { readOnly: true });
    const pod = podOf(
      planWith({ directories: [shared], sidecars: { serve: { image } }, initContainers: { fill: { image } } }),
    );
    const mounts = Object.fromEntries(pod.initContainers.map(({ name, volumeMounts }) => [name, volumeMounts]));
    expect(mounts).toEqual({
      fill: [{ name: 'data', mountPath: '/out' }],
      serve: [{ name: 'data', mountPath: '/in', readOnly: true }],
    });
    expect(pod.containers[0].volumeMounts).toEqual([{ name: 'data', mountPath: '/data' }]);
  });

  test('a container that is not there shares nothing, which is told', () => {
    const directories = [Directory.temporary('/data').alsoIn('srve', '/in')];
    expect(planWith({ directories, sidecars: { serve: { image } } }).findings).toMatchObject([
      { path: 'shop/ordering/orders' },
    ]);
  });

  test('a path that is not absolute is a finding', () => {
    expect(codesOf(planWith({ directories: [Directory.temporary('tmp')] }))).toEqual(['relative-path']);
  });

  test('volumes of cdk8s-plus-27 and plain ones are taken', () => {
    const plan = planOf((shop) => {
      const context = new BoundedContext(shop, 'ordering', { team: 'orders' });
      const map: IConfigMap = new ConfigMap(context, 'map', { data: { a: 'b' } }) as ConfigMap & IConfigMap;
      const directories = [
        Directory.of('/etc/map', Volume.fromConfigMap(context, 'volume', map), { readOnly: true }),
        Directory.of('/etc/secret', { name: 'keys', secret: { secretName: 'keys' } } as { name: string }),
      ];
      new Microservice(context, 'orders', { image, directories });
    });
    const pod = podOf(plan);
    expect(pod.volumes).toMatchObject([
      { configMap: { name: 'map' } },
      { name: 'keys', secret: { secretName: 'keys' } },
    ]);
    expect(pod.containers[0].volumeMounts).toMatchObject([
      { mountPath: '/etc/map', readOnly: true },
      { mountPath: '/etc/secret' },
    ]);
  });

  test('two different directories of one name are two writers', () => {
    const directories = [Directory.temporary('/tmp'), Directory.temporary('/other', { name: 'tmp' })];
    expect(codesOf(planWith({ directories }))).toEqual(['two-writers']);
  });
});

describe('image', () => {
  const imageIn = (given: string, registries: Readonly<Record<string, string>>): string =>
    podOf(planWith({ image: given }, { environment: { registries } })).containers[0].image;

  test.each([
    ['ghcr.io/acme/app:1', { 'ghcr.io': 'mirror.example.com/ghcr' }, 'mirror.example.com/ghcr/acme/app:1'],
    ['ghcr.io/acme/app:1', { 'ghcr.io': 'a.example.com', 'ghcr.io/acme': 'b.example.com' }, 'b.example.com/app:1'],
    ['redis:8', { 'docker.io': 'mirror.example.com' }, 'mirror.example.com/library/redis:8'],
    ['acme/app:1', { 'docker.io': 'mirror.example.com' }, 'mirror.example.com/acme/app:1'],
    ['localhost:5000/app:1', { 'docker.io': 'mirror.example.com' }, 'localhost:5000/app:1'],
    ['ghcr.io.evil.example/app:1', { 'ghcr.io': 'mirror.example.com' }, 'ghcr.io.evil.example/app:1'],
  ])('%s by %j is pulled as %s', (given, registries, expected) => {
    expect(imageIn(given, registries)).toBe(expected);
  });

  test.each([
    '[::1]:5000/acme/app:1',
    `acme/app:1.0.0@sha256:${'0a'.repeat(32)}`,
    'acme/a_b__c--d.e:V1.0-rc_1',
    'ghcr.io/app:<ashlar:shop/orders#tag>',
  ])('%s is none', (given) => {
    expect(codesOf(planWith({ image: given }))).not.toContain('bad-image');
  });

  test.each([
    '',
    ' ',
    'ghcr.io/acme/app: 1',
    'BAD:',
    'app:',
    'ghcr.io/Acme/app:1',
    'acme//app:1',
    'acme/app@sha256:0a',
    'http://ghcr.io/app:1',
  ])('%j is a finding', (given) => {
    expect(codesOf(planWith({ image: given }))).toContain('bad-image');
  });
});
