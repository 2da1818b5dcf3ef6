import {
  Backup,
  BoundedContext,
  Check,
  Config,
  Cpu,
  Directory,
  Duration,
  Exposure,
  ExternalService,
  Health,
  Key,
  Manifest,
  Microservice,
  Percent,
  Port,
  RedisStore,
  Scale,
  Shutdown,
  Size,
  accept,
  definePlatform,
  type Environment,
  type Platform,
} from 'ashlar';
import { makePlan, plainEnvironment } from 'ashlar/charts';
import { ApiObject, JsonPatch } from 'cdk8s';
import * as kplus from 'cdk8s-plus-27';
import type { Example } from './examples';

const image = (name: string): string => `registry.example.com/zoo/${name}:1.0.0`;
const small = {
  cpu: { request: Cpu.millis(20), limit: Cpu.units(1.5) },
  memory: { request: Size.mebibytes(32), limit: Size.gibibytes(1) },
};

/** A definition of the platform's own; it goes with the plan. */
const DEFINITION = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'reports.zoo.example.com' },
  spec: {
    group: 'zoo.example.com',
    scope: 'Namespaced',
    names: { kind: 'Report', listKind: 'ReportList', plural: 'reports', singular: 'report' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: {
          openAPIV3Schema: {
            type: 'object',
            required: ['spec'],
            properties: {
              spec: {
                type: 'object',
                required: ['schedule'],
                properties: {
                  schedule: { type: 'string', pattern: '^@(daily|weekly)$' },
                  copies: { type: 'integer', minimum: 1, maximum: 5 },
                  recipients: { type: 'array', items: { type: 'string' }, 'x-kubernetes-list-type': 'set' },
                },
              },
            },
          },
        },
      },
    ],
  },
};

/** A platform that uses everything that Ashlar has, so that no kind and no field goes without a proof. */
export const zoo = definePlatform('zoo', { definitions: [DEFINITION] }, (platform) => {
  const animals = new BoundedContext(platform, 'animals', { team: 'keepers', subdomain: 'core' });
  const store = new BoundedContext(platform, 'store', { team: 'storage', subdomain: 'supporting' });
  const lion = addService(animals);
  lion.calls(addCache(store), { env: 'CACHE' });
  lion.calls(addAdopted(store), { env: 'VAULT', port: 'http' });
  addManifests(platform, animals);
});

/** The plan of the zoo in production, or for a Kubernetes version. */
export function zooIn(kubernetes?: string): Example {
  const plain = plainEnvironment('production', 'production');
  const environment: Environment = kubernetes === undefined ? plain : { ...plain, kubernetes };
  return { name: 'zoo', environment: environment.name, plan: makePlan(zoo, environment, { today: '2026-01-01' }) };
}

/** A service with everything that a service can be told. */
function addService(animals: BoundedContext): Microservice {
  const lion = new Microservice(animals, 'lion', {
    image: image('lion'),
    command: ['/bin/lion'],
    args: ['--roar', '--port=8080'],
    env: {
      MODE: 'fast',
      PASSWORD: { valueFrom: { secretKeyRef: { name: 'lion-password', key: 'password' } } },
      NODE: kplus.EnvValue.fromFieldRef(kplus.EnvFieldPaths.NODE_NAME),
    },
    ports: { http: Port.http(80, { container: 8080 }), grpc: 9090, metrics: 9464, 'udp-stats': 8125 },
    health: Health.of({
      startup: Check.tcp({ period: Duration.seconds(2), failures: 30 }),
      readiness: Check.http('/ready', {
        headers: { 'X-Probe': 'ready' },
        scheme: 'HTTP',
        timeout: Duration.seconds(2),
      }),
      liveness: Check.exec(['/bin/alive'], { initialDelay: Duration.seconds(5), successes: 1 }),
    }),
    resources: { ...small, ephemeralStorage: { request: Size.mebibytes(100), limit: Size.gibibytes(2) } },
    scale: Scale.between(3, 9).onCpu(Percent.of(60)).onMemory(Percent.of(80)),
    shutdown: Shutdown.graceful({ drain: Duration.seconds(10), finish: Duration.seconds(60) }),
    directories: [
      Directory.temporary('/tmp', { limit: Size.mebibytes(100) }).alsoIn('den', '/spool', { readOnly: true }),
      Directory.inMemory('/run/lion', Size.mebibytes(16)).alsoIn('cub', '/run/lion'),
      Directory.of(
        '/etc/extra',
        { name: 'extra', configMap: { name: 'extra', optional: true } } as object as {
          readonly name: string;
        },
        { readOnly: true },
      ),
    ],
    sidecars: {
      den: { image: image('den'), resources: small, ports: { admin: 9901 }, health: Health.both(Check.grpc()) },
    },
    initContainers: { cub: { image: image('cub'), command: ['/bin/cub'], resources: small, env: { GROW: '1' } } },
    user: 2000,
    spread: 'required',
  });
  for (const config of configsOf(animals)) lion.reads(config);
  return lion
    .calls(ExternalService.of(animals, 'vet', { host: 'vet.example.com', addresses: ['203.0.113.0/24'] }), {
      env: { VET_URL: 'url' },
    })
    .calls(
      ExternalService.inCluster(animals, 'prometheus', {
        namespace: 'monitoring',
        podLabels: { app: 'prometheus' },
        ports: { http: 9090 },
      }),
      { env: { PROMETHEUS: 'url' } },
    )
    .addService('lion-all', { headless: true, ports: ['grpc'] })
    .exposes('http', Exposure.loadBalancer('lion-public', { from: ['198.51.100.0/24'] }))
    .exposes('grpc', Exposure.addresses('192.0.2.0/24'))
    .exposes('metrics', Exposure.pods('monitoring', { app: 'prometheus' }))
    .accessesKubernetes(
      { resources: ['configmaps'], resourceNames: ['lion'], verbs: ['get', 'watch'] },
      { apiGroups: ['apps'], resources: ['deployments', 'deployments/scale'], verbs: ['get', 'patch'] },
    );
}

/** Configurations in each of their forms. */
function configsOf(animals: BoundedContext): readonly Config<never>[] {
  const made = [
    new Config(animals, 'rolled', {
      schema: { LOG_LEVEL: Key.oneOf('debug', 'info'), LIMIT: Key.number({ min: 0.1 }) },
      values: { LOG_LEVEL: 'info', LIMIT: 2.5 },
    }),
    new Config(animals, 'replaced', {
      schema: { DARK: Key.boolean(), HOME: Key.url() },
      values: { DARK: true, HOME: 'https://zoo.example.com' },
      change: 'replace',
    }),
    new Config(animals, 'files', {
      schema: { 'menu.txt': Key.text() },
      values: { 'menu.txt': 'meat\nmore meat\n' },
      folder: '/etc/lion',
    }),
    new Config(animals, 'replaced-files', {
      schema: { 'hours.txt': Key.text() },
      values: { 'hours.txt': '9 to 5' },
      folder: '/etc/hours',
      change: 'replace',
    }),
  ];
  return made as object[] as Config<never>[];
}

function addCache(store: BoundedContext): RedisStore {
  const cache = new RedisStore(store, 'cache', {
    memory: Size.mebibytes(64),
    evict: 'volatile-lru',
    access: 'network',
    backup: Backup.daily(),
    storage: Size.gibibytes(1),
    resources: {
      cpu: { request: Cpu.millis(50) },
      memory: { request: Size.mebibytes(128), limit: Size.mebibytes(256) },
    },
  });
  accept(cache, 'single-replica', 'It is one in a zoo.');
  return cache;
}

/** A workload of cdk8s-plus-27 that the platform takes in. */
function addAdopted(store: BoundedContext): ReturnType<typeof Microservice.fromWorkload> {
  const vault = new kplus.StatefulSet(store, 'vault', {
    replicas: 2,
    service: new kplus.Service(store, 'vault-members', { ports: [{ port: 8080 }], clusterIP: 'None' }),
    containers: [
      {
        name: 'vault',
        image: image('vault'),
        ports: [{ name: 'http', number: 8080 }],
        envVariables: { MODE: kplus.EnvValue.fromValue('safe') },
      },
    ],
  });
  // Pod Security wants both, and cdk8s-plus-27 sets neither.
  ApiObject.of(vault).addJsonPatch(
    JsonPatch.add('/spec/template/spec/securityContext/seccompProfile', { type: 'RuntimeDefault' }),
    JsonPatch.add('/spec/template/spec/containers/0/securityContext/capabilities', { drop: ['ALL'] }),
  );
  return Microservice.fromWorkload(vault);
}

/** What a team brings as it is. */
function addManifests(platform: Platform, animals: BoundedContext): void {
  Manifest.from(animals, 'report', {
    apiVersion: 'zoo.example.com/v1',
    kind: 'Report',
    metadata: { name: 'daily' },
    spec: { schedule: '@daily', copies: 2, recipients: ['keeper@example.com'] },
  });
  Manifest.from(platform, 'report-definition', DEFINITION);
  const secret = Manifest.from(animals, 'secret', {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'lion-password' },
    type: 'Opaque',
    stringData: { password: 'only an example' },
  });
  accept(secret, 'secret-in-manifest', 'Only an example.');
  Manifest.from(animals, 'reports', [
    {
      apiVersion: 'batch/v1',
      kind: 'CronJob',
      metadata: { name: 'feeding' },
      spec: {
        schedule: '0 9 * * 1-5',
        timeZone: 'Europe/Berlin',
        suspend: true,
        jobTemplate: { spec: { template: { spec: { ...quietPod('feeding'), restartPolicy: 'Never' } } } },
      },
    },
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'Ingress',
      metadata: { name: 'lion' },
      spec: {
        rules: [
          {
            host: 'lion.example.com',
            http: {
              paths: [
                { path: '/', pathType: 'Prefix', backend: { service: { name: 'lion', port: { name: 'http' } } } },
              ],
            },
          },
        ],
      },
    },
  ]);
}

/** A pod that Pod Security lets into a restricted namespace. */
function quietPod(name: string): object {
  return {
    automountServiceAccountToken: false,
    securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: 'RuntimeDefault' } },
    containers: [
      {
        name,
        image: image(name),
        resources: { requests: { cpu: '0.010', memory: '16Mi' }, limits: { cpu: '1000m', memory: '65536Ki' } },
        securityContext: {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        },
      },
    ],
  };
}
