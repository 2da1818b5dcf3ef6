/**
 * The fields of the Redis operator 0.26.0 that Ashlar writes (redis.redis.opstreelabs.in/v1beta2, RedisReplication).
 * There is no type package for it, and its Go module cannot be had. Source: the operator's API reference,
 * `api/redisreplication/v1beta2` and `api/common/v1beta2` of its repository.
 */
import type { RawObject, RawType } from '../raw';

const CONTAINER = {
  image: 's',
  imagePullPolicy: ['|', 'Always', 'IfNotPresent', 'Never'],
  resources: '@core_v1/ResourceRequirements',
} as const satisfies Readonly<Record<string, RawType>>;

const PASSWORD: RawObject = { f: { name: 's', key: 's' } };

const POD = {
  podSecurityContext: '@core_v1/PodSecurityContext',
  securityContext: '@core_v1/SecurityContext',
  serviceAccountName: 's',
  affinity: '@core_v1/Affinity',
  nodeSelector: ['{}', 's'],
  priorityClassName: 's',
  tolerations: ['[]', '@core_v1/Toleration'],
  topologySpreadConstraints: ['[]', '@core_v1/TopologySpreadConstraint'],
  terminationGracePeriodSeconds: 'l',
} as const satisfies Readonly<Record<string, RawType>>;

const REPLICATION: RawObject = {
  f: {
    ...POD,
    clusterSize: 'i',
    kubernetesConfig: {
      f: {
        ...CONTAINER,
        redisSecret: PASSWORD,
        persistentVolumeClaimRetentionPolicy: {
          f: { whenDeleted: ['|', 'Retain', 'Delete'], whenScaled: ['|', 'Retain', 'Delete'] },
        },
        minReadySeconds: 'i',
      },
      r: ['image'],
    },
    redisConfig: {
      f: { additionalRedisConfig: 's', maxMemoryPercentOfLimit: ['&', 'l', { minimum: 1, maximum: 100 }] },
    },
    redisExporter: {
      f: {
        ...CONTAINER,
        enabled: 'b',
        port: 'l',
        env: ['[]', '@core_v1/EnvVar'],
        securityContext: '@core_v1/SecurityContext',
      },
      r: ['image'],
    },
    storage: {
      f: {
        keepAfterDelete: 'b',
        volumeClaimTemplate: { f: { metadata: '@meta_v1/ObjectMeta', spec: '@core_v1/PersistentVolumeClaimSpec' } },
        volumeMount: { f: { volume: ['[]', '@core_v1/Volume'], mountPath: ['[]', '@core_v1/VolumeMount'] } },
      },
    },
    initContainer: {
      f: {
        ...CONTAINER,
        enabled: 'b',
        command: ['[]', 's'],
        args: ['[]', 's'],
        env: ['[]', '@core_v1/EnvVar'],
        securityContext: '@core_v1/SecurityContext',
      },
      r: ['image'],
    },
    readinessProbe: '@core_v1/Probe',
    livenessProbe: '@core_v1/Probe',
    pdb: { f: { enabled: 'b', minAvailable: 'i', maxUnavailable: 'i' } },
    sentinel: { f: { ...POD, ...CONTAINER, size: 'i', redisSecret: PASSWORD }, r: ['image', 'size'] },
  },
  r: ['clusterSize', 'kubernetesConfig'],
};

/** Kinds by name. */
export const REDIS_OPERATOR: Readonly<Record<string, RawType>> = { RedisReplication: REPLICATION };
