import type { IConstruct } from 'constructs';
import { capability } from '../../model/capability';
import { derive, type Derived } from '../../model/extension';
import type { Graph } from '../../model/graph';
import { imageOf } from '../image';
import { NAME_LABEL, ownershipLabels } from '../labels';
import { Spread } from '../scaling';
import { StorageClass } from '../workload';
import { loginName, type Account } from './accounts';
import { EXPORTER_RESOURCES, serverResources } from './in-cluster';
import { MONGO_PORT, Mongo, REPLICA_SET, type MongoFacts } from './mongo';
import { RESTRICTED_CONTAINER, restrictedPod, zoneSpread, type Bucket } from './operated';
import { accountsOn } from './set-up';

/** Version of the operator. Definitions, images and behaviour are those of its release. */
export const PERCONA_VERSION = '1.22.0';

/** The server that the operator's release is tested with (its deploy/cr.yaml). */
export const PERCONA_IMAGE = 'docker.io/percona/percona-server-mongodb:8.0.19-7';

/** The agent of the same release that takes backups. */
const BACKUP_IMAGE = 'docker.io/percona/percona-backup-mongodb:2.12.0';

/** CPU and memory of that agent. */
export const BACKUP_RESOURCES = {
  requests: { cpu: '50m', memory: '128Mi' },
  limits: { memory: '512Mi' },
} as const;

/** User that the operator runs its containers as (pkg/apis/psmdb/v1/psmdb_defaults.go). */
const PERCONA_USER = 1001;

/** What an environment says of the operator. */
export interface PerconaOptions {
  /** Namespace of the operator. */
  readonly namespace: string;
  readonly image: string;
  readonly exporterImage: string;
  /** Replicas where the program says none. */
  readonly replicas: number | undefined;
  /** Where backups go. */
  readonly bucket: Bucket | undefined;
}

/** What the operator is told of a MongoDB, besides its accounts. */
export interface PerconaFacts {
  readonly options: PerconaOptions;
  readonly replicas: number;
}

/** The capability of being run by Percona's operator. */
export const Percona = capability<PerconaFacts>('mongodb.percona');

/** Labels that the operator puts on the pods of a replica set (pkg/naming/labels.go). */
export function perconaSelector(name: string): Readonly<Record<string, string>> {
  return {
    [NAME_LABEL]: 'percona-server-mongodb',
    'app.kubernetes.io/instance': name,
    'app.kubernetes.io/component': 'mongod',
  };
}

/** Replica sets (psmdb.percona.com/v1, operator 1.22.0). */
export const perconaClusters = derive('mongodb.percona', function* (graph): Iterable<Derived> {
  for (const { construct, facts } of graph.having(Percona)) {
    const mongo = graph.facts(construct, Mongo);
    if (mongo === undefined) continue;
    const production = graph.environment.tier === 'production';
    yield {
      scope: construct,
      ...(production && { hints: { protect: true, retain: true } }),
      manifest: {
        apiVersion: 'psmdb.percona.com/v1',
        kind: 'PerconaServerMongoDB',
        metadata: {
          name: mongo.name,
          namespace: mongo.namespace,
          labels: { [NAME_LABEL]: mongo.name, ...ownershipLabels(construct) },
          // Primaries go last. Claims stay: the finalizer that deletes them is not asked for.
          finalizers: ['percona.com/delete-psmdb-pods-in-order'],
        },
        spec: renderSpec(graph, construct, mongo, facts),
      },
    };
  }
});

function renderSpec(graph: Graph, construct: IConstruct, mongo: MongoFacts, facts: PerconaFacts): object {
  const { options, replicas } = facts;
  const { clusterDomain } = graph.environment;
  return {
    crVersion: PERCONA_VERSION,
    image: imageOf(graph, options.image),
    clusterServiceDNSSuffix: `svc.${clusterDomain}`,
    initContainerSecurityContext: RESTRICTED_CONTAINER,
    updateStrategy: 'SmartUpdate',
    // An image changes when the program says so.
    upgradeOptions: { apply: 'disabled' },
    tls: { mode: 'requireTLS' },
    unsafeFlags: { replsetSize: replicas < 3 },
    replsets: [renderReplicaSet(graph, construct, mongo, facts)],
    sharding: { enabled: false },
    users: graph.viewOf(accountsOn, construct).map(({ account }) => renderUser(account, mongo.database)),
    backup: renderBackup(graph, mongo, options),
    logcollector: { enabled: false },
  };
}

function renderReplicaSet(
  graph: Graph,
  construct: IConstruct,
  mongo: MongoFacts,
  { options, replicas }: PerconaFacts,
): object {
  const storageClassName = graph.setting(StorageClass, construct);
  const spread = graph.setting(Spread, construct);
  return {
    name: REPLICA_SET,
    size: replicas,
    configuration: CONFIGURATION,
    affinity: { antiAffinityTopologyKey: replicas > 1 ? 'kubernetes.io/hostname' : 'none' },
    topologySpreadConstraints: zoneSpread(perconaSelector(mongo.name), spread === 'required'),
    podSecurityContext: restrictedPod(PERCONA_USER),
    containerSecurityContext: RESTRICTED_CONTAINER,
    podDisruptionBudget: { maxUnavailable: 1 },
    expose: { enabled: false },
    resources: serverResources(mongo),
    volumeSpec: {
      persistentVolumeClaim: {
        accessModes: ['ReadWriteOnce'],
        ...(storageClassName !== '' && { storageClassName }),
        resources: { requests: { storage: mongo.storage } },
      },
    },
    sidecars: [renderExporter(graph, mongo, options)],
    sidecarVolumes: [
      { name: 'exporter-ca', secret: { secretName: `${mongo.name}-ssl`, items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
    ],
  };
}

/** Clients show a password, not a certificate: the operator's certificates are for servers (MongoDB 8.0, `net.tls`). */
const CONFIGURATION = `net:
  tls:
    allowConnectionsWithoutCertificates: true
`;

/** The operator makes no native sidecars, so it is a container beside the server. */
function renderExporter(graph: Graph, { name }: MongoFacts, { exporterImage }: PerconaOptions): object {
  const uri = `mongodb://localhost:${MONGO_PORT}/admin?directConnection=true&tls=true&tlsCAFile=/etc/exporter/ca.crt`;
  // The operator's own account for monitoring.
  const fromUsers = (variable: string, key: string): object => ({
    name: variable,
    valueFrom: { secretKeyRef: { name: `internal-${name}-users`, key } },
  });
  return {
    name: 'exporter',
    image: imageOf(graph, exporterImage),
    args: [`--mongodb.uri=${uri}`, '--compatible-mode', '--collect-all'],
    env: [
      fromUsers('MONGODB_USER', 'MONGODB_CLUSTER_MONITOR_USER'),
      fromUsers('MONGODB_PASSWORD', 'MONGODB_CLUSTER_MONITOR_PASSWORD'),
    ],
    ports: [{ name: 'metrics', containerPort: 9216 }],
    resources: EXPORTER_RESOURCES,
    securityContext: { ...RESTRICTED_CONTAINER, readOnlyRootFilesystem: true },
    volumeMounts: [{ name: 'exporter-ca', mountPath: '/etc/exporter', readOnly: true }],
  };
}

/**
 * The operator makes the login that holds, and leaves alone those that it is not told of: so the one before goes on
 * until its turn comes again (pkg/controller/perconaservermongodb/custom_users.go).
 */
function renderUser({ name, generation, level, secret }: Account, db: string): object {
  const roles = level === 'owner' ? ['readWrite', 'dbAdmin'] : ['read'];
  return {
    name: loginName(name, generation),
    db,
    passwordSecretRef: { name: secret, key: 'password' },
    roles: roles.map((role) => ({ name: role, db })),
  };
}

function renderBackup(graph: Graph, { name, backup }: MongoFacts, { bucket }: PerconaOptions): object {
  const image = imageOf(graph, BACKUP_IMAGE);
  if (backup === undefined || bucket === undefined) return { enabled: false, image };
  const { bucket: bucketName, region, endpoint, secret, prefix = '' } = bucket;
  return {
    enabled: true,
    image,
    resources: BACKUP_RESOURCES,
    containerSecurityContext: RESTRICTED_CONTAINER,
    podSecurityContext: restrictedPod(PERCONA_USER),
    storages: {
      bucket: {
        type: 's3',
        main: true,
        s3: {
          bucket: bucketName,
          prefix: `${prefix}${name}`,
          credentialsSecret: secret,
          ...(region !== undefined && { region }),
          ...(endpoint !== undefined && { endpointUrl: endpoint }),
        },
      },
    },
    // Between two backups, what was written is kept every ten minutes.
    pitr: { enabled: true, compressionType: 'gzip' },
    tasks: [
      {
        name: 'scheduled',
        enabled: true,
        schedule: backup.schedule,
        storageName: 'bucket',
        compressionType: 'gzip',
        retention: { type: 'count', count: keptBackups(backup), deleteFromStorage: true },
      },
    ],
  };
}

/** The operator counts backups, not days. A weekly schedule ends with a day of the week. */
function keptBackups({ schedule, keepDays }: NonNullable<MongoFacts['backup']>): number {
  const isWeekly = !schedule.endsWith('*');
  return isWeekly ? Math.ceil(keepDays / 7) : keepDays;
}
