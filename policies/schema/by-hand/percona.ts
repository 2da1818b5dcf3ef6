/**
 * The fields of Percona Operator for MongoDB 1.22.0 that Ashlar writes (psmdb.percona.com/v1). There is no type package
 * for it. Source: the operator's reference of custom resources and its `config/crd/bases`; a proof sends what is written
 * to a server that has those definitions.
 */
import type { RawObject, RawType } from '../raw';

const NAMED_ROLE: RawObject = { f: { name: 's', db: 's' }, r: ['db', 'name'] };

const USER: RawObject = {
  f: {
    name: 's',
    db: 's',
    passwordSecretRef: { f: { name: 's', key: 's' }, r: ['name'] },
    roles: ['[]', NAMED_ROLE],
  },
  r: ['name', 'roles'],
};

const REPLICA_SET: RawObject = {
  f: {
    name: 's',
    size: 'i',
    configuration: 's',
    affinity: { f: { antiAffinityTopologyKey: 's', advanced: '@core_v1/Affinity' } },
    topologySpreadConstraints: ['[]', '@core_v1/TopologySpreadConstraint'],
    labels: ['{}', 's'],
    annotations: ['{}', 's'],
    nodeSelector: ['{}', 's'],
    tolerations: ['[]', '@core_v1/Toleration'],
    priorityClassName: 's',
    podSecurityContext: '@core_v1/PodSecurityContext',
    containerSecurityContext: '@core_v1/SecurityContext',
    podDisruptionBudget: { f: { maxUnavailable: 'x', minAvailable: 'x' } },
    expose: { f: { enabled: 'b', type: 's' }, r: ['enabled'] },
    resources: '@core_v1/ResourceRequirements',
    volumeSpec: { f: { persistentVolumeClaim: '@core_v1/PersistentVolumeClaimSpec' } },
    sidecars: ['[]', '@core_v1/Container'],
    sidecarVolumes: ['[]', '@core_v1/Volume'],
  },
  r: ['size'],
};

const S3: RawObject = {
  f: {
    bucket: 's',
    credentialsSecret: 's',
    endpointUrl: 's',
    forcePathStyle: 'b',
    insecureSkipTLSVerify: 'b',
    prefix: 's',
    region: 's',
  },
  r: ['bucket'],
};

const STORAGE: RawObject = { f: { type: 's', main: 'b', s3: S3 }, r: ['type'] };

const TASK: RawObject = {
  f: {
    name: 's',
    enabled: 'b',
    schedule: 's',
    storageName: 's',
    compressionType: 's',
    type: ['|', 'logical', 'physical', 'incremental', 'incremental-base'],
    retention: {
      f: { count: ['&', 'l', { minimum: 0 }], type: ['|', 'count'], deleteFromStorage: 'b' },
      r: ['deleteFromStorage', 'type'],
    },
  },
  r: ['enabled', 'name'],
};

const BACKUP: RawObject = {
  f: {
    enabled: 'b',
    image: 's',
    resources: '@core_v1/ResourceRequirements',
    containerSecurityContext: '@core_v1/SecurityContext',
    podSecurityContext: '@core_v1/PodSecurityContext',
    storages: ['{}', STORAGE],
    pitr: { f: { enabled: 'b', oplogSpanMin: 'n', compressionType: 's' } },
    tasks: ['[]', TASK],
  },
  r: ['enabled', 'image'],
};

const CLUSTER: RawObject = {
  f: {
    crVersion: 's',
    image: 's',
    pause: 'b',
    clusterServiceDNSSuffix: 's',
    initContainerSecurityContext: '@core_v1/SecurityContext',
    updateStrategy: 's',
    upgradeOptions: { f: { apply: 's', schedule: 's', setFCV: 'b', versionServiceEndpoint: 's' } },
    tls: {
      f: {
        mode: 's',
        allowInvalidCertificates: 'b',
        certValidityDuration: 's',
        issuerConf: { f: { name: 's', kind: 's', group: 's' }, r: ['name'] },
      },
    },
    unsafeFlags: { f: { replsetSize: 'b', tls: 'b', backupIfUnhealthy: 'b', terminationGracePeriod: 'b' } },
    secrets: { f: { users: 's', ssl: 's', sslInternal: 's', keyFile: 's', encryptionKey: 's' } },
    replsets: ['[]', REPLICA_SET],
    sharding: { f: { enabled: 'b' }, r: ['enabled'] },
    users: ['[]', USER],
    backup: BACKUP,
    logcollector: { f: { enabled: 'b', image: 's', resources: '@core_v1/ResourceRequirements' } },
    pmm: { f: { enabled: 'b', image: 's', serverHost: 's' }, r: ['image'] },
  },
  r: ['image'],
};

const RESTORE: RawObject = {
  f: {
    clusterName: 's',
    backupName: 's',
    storageName: 's',
    pitr: { f: { type: ['|', 'date', 'latest'], date: 's' } },
  },
};

/** Kinds by name. */
export const PERCONA: Readonly<Record<string, RawType>> = {
  PerconaServerMongoDB: CLUSTER,
  PerconaServerMongoDBRestore: RESTORE,
};
