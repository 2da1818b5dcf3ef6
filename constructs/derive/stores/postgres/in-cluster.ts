import type { Construct } from 'constructs';
import { backEnd } from '../../../model/back-end';
import type { Tier } from '../../../model/environment';
import type { Build } from '../../../model/extension';
import { declare } from '../../../model/recorder';
import { shared } from '../../../model/shared';
import type { Reach } from '../../endpoint';
import type { ContainerPart, EnvPart, HealthFacts, VolumePart } from '../../pod';
import { selectorOf } from '../../pod-template';
import { ForDevelopment, runServer, scratch, tcpPort, tend } from '../in-cluster';
import { OwnSecrets, adminSecretOf, fromSecret, madeAccount } from '../own-secrets';
import { EXPORTER_OPTION, Scraped, exporterOf, type ExporterFacts, type ExporterOption } from '../scraped';
import { declareConnection } from './connect';
import { CLIENT_RESOURCES, adminEnv } from './access';
import { dumpPostgres, dumpsOf } from './dumps';
import { CLIENT_IMAGE, SERVER_IMAGES, SERVER_USER } from './images';
import {
  Administers,
  POSTGRES_PORT,
  PostgresAdmin,
  PostgresNeed,
  type PostgresAdminFacts,
  type PostgresRestoreFacts,
  type PostgresBackEnd,
  type PostgresFacts,
} from './server';
import { RESTORE_SCRIPT } from './scripts';
import { maxConnectionsOf, parametersOf, resourcesOf, sharedMemoryOf } from './sizing';

/** Exporter of a server's metrics (github.com/prometheus-community/postgres_exporter). */
const EXPORTER_IMAGE = 'quay.io/prometheuscommunity/postgres-exporter:v0.18.1';

/** Role of the exporter: it reads statistics and no data (PostgreSQL 18, 21.5 "Predefined Roles", pg_monitor). */
const METRICS_ROLE = 'ashlar_metrics';

/** Port of the exporter (postgres_exporter 0.18, `--web.listen-address`). */
const EXPORTER_PORT = 9187;

/** Where the volume is. Below it the server keeps a folder for each major version. */
const VOLUME = '/var/lib/postgresql';

/** What an environment file may say. */
interface Options {
  readonly images: Readonly<Record<string, string>>;
  readonly clientImage: string;
  readonly exporter?: ExporterFacts;
}

/** One pod in the cluster, without an operator and without TLS: for development. */
export const inClusterPostgres = backEnd(
  PostgresNeed,
  'in-cluster',
  {
    type: 'object',
    properties: {
      images: {
        type: 'object',
        description: 'Images of the server by major version. They stand on Debian, with the user 999.',
        additionalProperties: { type: 'string' },
      },
      clientImage: { type: 'string', description: 'Image with psql and a shell.' },
      exporter: EXPORTER_OPTION,
    },
    additionalProperties: false,
  },
  ({ images = {}, clientImage = CLIENT_IMAGE, exporter: option }): PostgresBackEnd => {
    const exporter = exporterOf(option as ExporterOption | undefined, EXPORTER_IMAGE);
    const options: Options = {
      images: { ...SERVER_IMAGES, ...(images as Record<string, string>) },
      clientImage: String(clientImage),
      ...(exporter !== undefined && { exporter }),
    };
    return {
      name: 'in-cluster',
      realize: (construct, facts, build) => runInCluster(construct, facts, options, build),
      connect: (store, server, share) =>
        declareConnection(store, {
          store: share?.store.name ?? server.name,
          host: hostOf(server),
          port: POSTGRES_PORT,
          database: server.database,
          tls: false,
          reach: reachOf(server),
        }),
      restore: (construct, facts, build) => restoreInCluster(construct, facts, options, build),
    };
  },
);

function hostOf({ name, namespace }: Readonly<PostgresFacts>): string {
  return `${name}.${namespace}.svc`;
}

function reachOf({ name, namespace }: Readonly<PostgresFacts>): Reach {
  return { pods: { namespace, labels: selectorOf(name) } };
}

function runInCluster(construct: Construct, facts: Readonly<PostgresFacts>, options: Options, build: Build): void {
  const { name, namespace, backup } = facts;
  const { tier } = build.environment;
  const { exporter } = options;
  const image = serverImage(facts, options);
  const admin = adminOf(facts, options, tier);
  runServer(construct, {
    name,
    namespace,
    storage: facts.storage,
    dataPath: VOLUME,
    user: SERVER_USER,
    service: 'ClusterIP',
    ports: [tcpPort('postgres', POSTGRES_PORT)],
    env: serverEnv(facts),
    // The root file system is read-only: whatever the server writes has its place.
    volumes: [scratch('run', '/var/run/postgresql'), scratch('tmp', '/tmp'), sharedMemory(sharedMemoryOf(facts, tier))],
    beside: exporter === undefined ? [] : [sidecar(exporter, facts)],
    container: {
      name: 'postgres',
      image,
      args: Object.entries(parametersOf(facts, tier)).flatMap(([key, value]) => ['-c', `${key}=${value}`]),
      health: HEALTH,
      resources: resourcesOf(facts, tier),
    },
  });
  declare(construct, ForDevelopment, {
    need: PostgresNeed.id,
    lacks: 'one pod, no TLS',
    others: ['cloudnative-pg', 'external'],
  });
  declare(construct, PostgresAdmin, admin);
  const { monitor } = admin;
  declare(construct, OwnSecrets, {
    namespace,
    secrets: [
      madeAccount(namespace, admin.secret, 'postgres'),
      ...(monitor === undefined ? [] : [madeAccount(namespace, monitor.secret, monitor.role)]),
    ],
  });
  if (exporter !== undefined) declare(construct, Scraped, { scraper: exporter.scraper, port: EXPORTER_PORT });
  if (backup !== undefined) dumpPostgres(build, construct, facts, { image, backup, admin });
}

/** How the Jobs of a server connect to it. */
function adminOf(facts: Readonly<PostgresFacts>, { clientImage, exporter }: Options, tier: Tier): PostgresAdminFacts {
  return {
    namespace: facts.namespace,
    reach: reachOf(facts),
    clientImage,
    host: hostOf(facts),
    port: POSTGRES_PORT,
    tls: false,
    secret: adminSecretOf(facts.name),
    maintenance: 'postgres',
    database: facts.database,
    closes: ['postgres', 'template1'],
    retires: [],
    maxConnections: maxConnectionsOf(facts, tier),
    ...(exporter !== undefined && { monitor: { role: METRICS_ROLE, secret: metricsSecret(facts.name) } }),
  };
}

function serverImage({ version }: Readonly<PostgresFacts>, { images }: Options): string {
  return images[version] ?? SERVER_IMAGES[version];
}

function metricsSecret(name: string): string {
  return `${name}-metrics`;
}

/** A Job with the tools of the server's own version, and the scripts that give roles and rights again. */
function restoreInCluster(
  construct: Construct,
  { dump, server }: Readonly<PostgresRestoreFacts>,
  options: Options,
  build: Build,
): void {
  const { scope, id } = construct.node;
  if (scope === undefined || server.backup === undefined) return;
  const admin = adminOf(server, options, build.environment.tier);
  const { env, volume } = dumpsOf(server.name, server.database);
  tend(build, construct, scope, server, {
    suffix: id,
    accounts: false,
    retries: 0,
    container: {
      name: 'restore',
      image: serverImage(server, options),
      command: ['bash', '-c', RESTORE_SCRIPT],
      resources: CLIENT_RESOURCES,
    },
    env: [...adminEnv(server.name, admin), ...env, { name: 'DUMP', value: dump }],
    volumes: [volume],
    user: SERVER_USER,
  });
  build.relate(Administers, construct, scope, {});
}

function serverEnv(facts: Readonly<PostgresFacts>): readonly EnvPart[] {
  return [
    { name: 'PGDATA', value: `${VOLUME}/${facts.version}/docker` },
    { name: 'POSTGRES_DB', value: facts.database },
    // Nobody is trusted, not even who connects from within the pod.
    { name: 'POSTGRES_INITDB_ARGS', value: '--auth=scram-sha-256' },
    fromSecret('POSTGRES_PASSWORD', adminSecretOf(facts.name), 'password'),
  ];
}

/** What parallel queries exchange. */
function sharedMemory(sizeLimit: string): VolumePart {
  return { name: 'shm', source: { emptyDir: { medium: 'Memory', sizeLimit } }, mounts: [{ path: '/dev/shm' }] };
}

const IS_READY = { command: ['pg_isready', '--quiet', '--host=127.0.0.1'] };

/** While the image sets the database up, the server answers on its socket only, and must not be taken for ready. */
const HEALTH: HealthFacts = {
  startup: shared({ exec: IS_READY, periodSeconds: 2, failureThreshold: 150, timeoutSeconds: 5 }),
  readiness: shared({ exec: IS_READY, periodSeconds: 5, timeoutSeconds: 5 }),
  liveness: shared({ exec: IS_READY, periodSeconds: 10, failureThreshold: 6, timeoutSeconds: 5 }),
};

function sidecar({ image }: ExporterFacts, { name, database }: Readonly<PostgresFacts>): ContainerPart {
  return {
    name: 'metrics',
    role: 'sidecar',
    container: {
      name: 'metrics',
      image,
      ports: [{ name: 'metrics', number: EXPORTER_PORT, containerPort: EXPORTER_PORT, protocol: 'http' }],
      resources: { requests: { cpu: '10m', memory: '32Mi' }, limits: { memory: '64Mi' } },
    },
    env: [
      { name: 'DATA_SOURCE_URI', value: `127.0.0.1:${POSTGRES_PORT}/${database}?sslmode=disable` },
      fromSecret('DATA_SOURCE_USER', metricsSecret(name), 'username'),
      fromSecret('DATA_SOURCE_PASS', metricsSecret(name), 'password'),
    ],
  };
}
