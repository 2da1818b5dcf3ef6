import type { Construct } from 'constructs';
import { backEnd } from '../../model/back-end';
import type { Build } from '../../model/extension';
import { declare } from '../../model/recorder';
import type { ContainerPart, EnvPart } from '../pod';
import { selectorOf } from '../pod-template';
import { Connection } from './connection-facts';
import {
  DumpClaim,
  EXPORTER_RESOURCES,
  ForDevelopment,
  SMALL,
  dumpClaimOf,
  portHealth,
  runServer,
  runTender,
  scheduleOf,
  scratch,
  serverResources,
  tcpPort,
} from './in-cluster';
import {
  MONGO_ENV,
  MONGO_EXPORTER_IMAGE,
  MONGO_IMAGE,
  MONGO_PORT,
  MongoNeed,
  REPLICA_SET,
  cacheOf,
  declareMongo,
  mongoFields,
  type MongoBackEnd,
  type MongoFacts,
} from './mongo';
import { MONGO_SET_UP } from './mongo-script';
import { OwnSecrets, adminSecretOf, exporterSecretOf, fromSecret, madeAccount } from './own-secrets';
import type { BackupFacts } from './store';

interface Images {
  readonly server: string;
  readonly exporter: string;
}

/** One pod in the cluster, without an operator: a replica set of one, so that transactions and change streams work. */
export const inClusterMongo = backEnd(
  MongoNeed,
  'in-cluster',
  {
    type: 'object',
    properties: {
      image: { type: 'string', description: 'Image of MongoDB, with its shell and its tools.' },
      exporterImage: { type: 'string', description: 'Image of the exporter of metrics.' },
    },
    additionalProperties: false,
  },
  ({ image = MONGO_IMAGE, exporterImage = MONGO_EXPORTER_IMAGE }): MongoBackEnd => ({
    realize: (construct, facts, build) =>
      runInCluster(construct, facts, build, { server: String(image), exporter: String(exporterImage) }),
    problems: () => [],
  }),
);

/** User and group of the files in the image. */
const MONGO_USER = 999;

/** The account by which accounts are made. */
const ADMIN = 'admin';

/** The key file may be read by its owner alone, which a file of a Secret never is: so it is written at the start. */
const START = `umask 077
printf %s "$REPLICATION_KEY" > /tmp/replication-key
unset REPLICATION_KEY
exec docker-entrypoint.sh mongod "$@"`;

function runInCluster(construct: Construct, facts: Readonly<MongoFacts>, build: Build, images: Images): void {
  const { name, namespace, database } = facts;
  const host = `${name}.${namespace}.svc`;
  declareMongo(construct, facts, images.server);
  declare(construct, ForDevelopment, {
    need: MongoNeed.id,
    lacks: 'one pod, no TLS',
    others: ['percona', 'external'],
  });
  declare(construct, Connection, {
    fields: mongoFields({ hosts: [host], port: MONGO_PORT, database, options: { replicaSet: REPLICA_SET } }),
    env: MONGO_ENV,
    reach: { pods: { namespace, labels: selectorOf(name) } },
    ports: [MONGO_PORT],
  });
  declare(construct, OwnSecrets, {
    namespace,
    secrets: [
      madeAccount(namespace, adminSecretOf(name), ADMIN),
      madeAccount(namespace, exporterSecretOf(name), 'exporter'),
      {
        name: `${name}-replication`,
        kind: 'Opaque',
        keys: { key: { random: { id: `${namespace}/${name}-replication/key`, length: 128 } } },
      },
    ],
  });
  runMongod(construct, facts, images);
  setUp(construct, facts, build, images);
  if (facts.backup !== undefined) dump(construct, facts, facts.backup, build, images);
}

function runMongod(construct: Construct, facts: MongoFacts, images: Images): void {
  const { name, namespace, memoryBytes, storage } = facts;
  runServer(construct, {
    name,
    namespace,
    storage,
    dataPath: '/data/db',
    user: MONGO_USER,
    ports: [tcpPort('mongodb', MONGO_PORT)],
    env: [
      fromSecret('MONGO_INITDB_ROOT_USERNAME', adminSecretOf(name), 'username'),
      fromSecret('MONGO_INITDB_ROOT_PASSWORD', adminSecretOf(name), 'password'),
      fromSecret('REPLICATION_KEY', `${name}-replication`, 'key'),
      { name: 'HOME', value: '/tmp' },
    ],
    volumes: [scratch('tmp', '/tmp'), scratch('config', '/data/configdb')],
    beside: [exporter(name, images.exporter)],
    container: {
      image: images.server,
      command: ['/bin/bash', '-ec', START, 'mongod'],
      args: [
        '--bind_ip_all',
        '--replSet',
        REPLICA_SET,
        '--keyFile',
        '/tmp/replication-key',
        '--wiredTigerCacheSizeGB',
        String(cacheOf(memoryBytes)),
      ],
      // Its shell takes a second of CPU each time, so the port is asked. Before accounts are made it is closed.
      health: portHealth(MONGO_PORT),
      resources: serverResources(facts),
    },
  });
}

function exporter(name: string, image: string): ContainerPart {
  return {
    name: 'exporter',
    role: 'sidecar',
    container: {
      name: 'exporter',
      image,
      args: [
        '--mongodb.uri=mongodb://127.0.0.1:27017/admin?directConnection=true',
        '--compatible-mode',
        '--collect-all',
      ],
      ports: [tcpPort('metrics', 9216)],
      resources: EXPORTER_RESOURCES,
    },
    env: [
      fromSecret('MONGODB_USER', exporterSecretOf(name), 'username'),
      fromSecret('MONGODB_PASSWORD', exporterSecretOf(name), 'password'),
    ],
  };
}

/** Variables of whatever logs in as the administrator. */
export function adminVariables(secret: string, url: string): readonly EnvPart[] {
  return [
    fromSecret('ADMIN_USER', secret, 'username'),
    fromSecret('ADMIN_PASSWORD', secret, 'password'),
    { name: 'ADMIN_URL', value: url },
    { name: 'HOME', value: '/tmp' },
  ];
}

function setUp(construct: Construct, { name, namespace }: MongoFacts, build: Build, images: Images): void {
  const member = `${name}.${namespace}.svc:${MONGO_PORT}`;
  runTender(
    build,
    construct,
    { name, namespace },
    {
      suffix: 'set-up',
      accounts: true,
      container: {
        image: images.server,
        command: ['mongosh', '--nodb', '--norc', '--quiet', '--eval', MONGO_SET_UP],
        resources: SMALL,
      },
      env: [
        ...adminVariables(
          adminSecretOf(name),
          `mongodb://$(ADMIN_USER):$(ADMIN_PASSWORD)@${member}/admin?directConnection=true`,
        ),
        { name: 'MEMBER', value: member },
        fromSecret('EXPORTER_USER', exporterSecretOf(name), 'username'),
        fromSecret('EXPORTER_PASSWORD', exporterSecretOf(name), 'password'),
      ],
      volumes: [scratch('tmp', '/tmp')],
      user: MONGO_USER,
    },
  );
}

/** Where the claim of dumps is mounted. */
const DUMPS = '/dumps';

/** A dump is called by its time, and has its name only once it is whole. */
const DUMP = `printf 'uri: "%s"\\n' "$ADMIN_URL" > /tmp/connection.yaml
file="${DUMPS}/$(date -u +%Y%m%dT%H%M%SZ).archive.gz"
mongodump --config /tmp/connection.yaml --db "$DATABASE" --gzip --archive="$file.part"
mv "$file.part" "$file"
find ${DUMPS} -name '*.archive.gz*' -mtime "+$KEEP_DAYS" -print -delete`;

function dump(construct: Construct, facts: MongoFacts, backup: BackupFacts, build: Build, images: Images): void {
  const { name, namespace, database, storage } = facts;
  const url = `mongodb://$(ADMIN_USER):$(ADMIN_PASSWORD)@${name}.${namespace}.svc:${MONGO_PORT}/admin?directConnection=true`;
  declare(construct, DumpClaim, { name, namespace, storage });
  runTender(
    build,
    construct,
    { name, namespace },
    {
      suffix: 'dump',
      accounts: false,
      schedule: scheduleOf(backup),
      container: { image: images.server, command: ['/bin/bash', '-ec', DUMP], resources: SMALL },
      env: [
        ...adminVariables(adminSecretOf(name), url),
        { name: 'DATABASE', value: database },
        { name: 'KEEP_DAYS', value: String(backup.keepDays) },
      ],
      volumes: [
        scratch('tmp', '/tmp'),
        {
          name: 'dumps',
          source: { persistentVolumeClaim: { claimName: dumpClaimOf({ name, namespace }) } },
          mounts: [{ path: DUMPS }],
        },
      ],
      user: MONGO_USER,
    },
  );
}
