import type { IConstruct } from 'constructs';
import type { Graph } from '../../model/graph';
import type { KubeObject } from '../../model/kube-object';
import { imageOf } from '../image';
import { NAME_LABEL } from '../labels';
import { Spread } from '../scaling';
import { StorageClass } from '../workload';
import { REDIS_PORT, resourcesOf, type RedisFacts } from './redis';
import { EXPORTER_PORT, EXPORTER_RESOURCES } from './redis-exporter';
import type { ExporterFacts } from './scraped';
import { ACCOUNTS_FOLDER, ACCOUNTS_VOLUME, HEALTH_COMMAND, accountsContainer, controlSecret } from './redis-logins';
import {
  OPERATOR_LOGIN,
  SENTINELS,
  SENTINEL_RESOURCES,
  replicaSelector,
  sentinelSelector,
  type RedisReplicationFacts,
} from './redis-replication';

/** The custom resource (Redis operator 0.26, `api/redisreplication/v1beta2`). */
export function renderReplication(
  graph: Graph,
  at: IConstruct,
  facts: RedisReplicationFacts,
  configuration: string,
): KubeObject {
  const { redis, replicas, exporter, image, sentinelImage } = facts;
  const { id: name } = at.node;
  const hasAccounts = redis.access === 'accounts';
  return {
    apiVersion: 'redis.redis.opstreelabs.in/v1beta2',
    kind: 'RedisReplication',
    // Its labels become those of a StatefulSet's selector, which cannot change: no team, which might.
    metadata: { name, namespace: redis.namespace, labels: { [NAME_LABEL]: name } },
    spec: {
      clusterSize: replicas,
      ...podOf(graph, at, facts, replicaSelector(name)),
      kubernetesConfig: {
        image: imageOf(graph, image),
        imagePullPolicy: 'IfNotPresent',
        resources: resourcesOf(redis),
        ...(hasAccounts && { redisSecret: { name: controlSecret(graph, at, OPERATOR_LOGIN), key: 'password' } }),
        persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain', whenScaled: 'Retain' },
      },
      redisConfig: { additionalRedisConfig: configuration },
      ...(exporter !== undefined && { redisExporter: renderExporter(graph, exporter) }),
      ...renderStorage(graph, at, redis),
      ...(hasAccounts && { initContainer: renderInit(graph, at), ...renderProbes() }),
      pdb: { enabled: true, maxUnavailable: 1 },
      sentinel: {
        size: SENTINELS,
        image: imageOf(graph, sentinelImage),
        imagePullPolicy: 'IfNotPresent',
        resources: SENTINEL_RESOURCES,
        ...podOf(graph, at, facts, sentinelSelector(name)),
      },
    },
  };
}

/** Its images write their configuration beside their program, so that their file system cannot be read-only. */
const CONTAINER_SECURITY = {
  allowPrivilegeEscalation: false,
  runAsNonRoot: true,
  capabilities: { drop: ['ALL'] },
  seccompProfile: { type: 'RuntimeDefault' },
};

/** Who its pods are, and where they stand. */
function podOf(
  graph: Graph,
  at: IConstruct,
  { user }: RedisReplicationFacts,
  selector: Readonly<Record<string, string>>,
): object {
  const labelSelector = { matchLabels: selector };
  const isStrict = graph.setting(Spread, at) === 'required';
  return {
    serviceAccountName: at.node.id,
    podSecurityContext: {
      runAsNonRoot: true,
      runAsUser: user,
      runAsGroup: user,
      fsGroup: user,
      seccompProfile: { type: 'RuntimeDefault' },
    },
    securityContext: CONTAINER_SECURITY,
    topologySpreadConstraints: ['topology.kubernetes.io/zone', 'kubernetes.io/hostname'].map((topologyKey) => ({
      maxSkew: 1,
      topologyKey,
      whenUnsatisfiable: isStrict ? 'DoNotSchedule' : 'ScheduleAnyway',
      labelSelector,
    })),
  };
}

/** It logs in as the operator does: the operator tells it the password. */
function renderExporter(graph: Graph, { image }: ExporterFacts): object {
  return {
    enabled: true,
    image: imageOf(graph, image),
    imagePullPolicy: 'IfNotPresent',
    port: EXPORTER_PORT,
    resources: EXPORTER_RESOURCES,
    // What CONFIG tells are passwords.
    env: [{ name: 'REDIS_EXPORTER_CONFIG_COMMAND', value: '-' }],
    securityContext: CONTAINER_SECURITY,
  };
}

function renderStorage(graph: Graph, at: IConstruct, { storage, access }: Readonly<RedisFacts>): object {
  const storageClassName = graph.setting(StorageClass, at);
  const { name, source } = ACCOUNTS_VOLUME;
  const claim = {
    keepAfterDelete: true,
    volumeClaimTemplate: {
      spec: {
        accessModes: ['ReadWriteOnce'],
        ...(storageClassName !== '' && { storageClassName }),
        resources: { requests: { storage } },
      },
    },
  };
  const volumeMount = { volume: [{ name, ...source }], mountPath: [{ name, mountPath: ACCOUNTS_FOLDER }] };
  const given = { ...(storage !== undefined && claim), ...(access === 'accounts' && { volumeMount }) };
  return Object.keys(given).length === 0 ? {} : { storage: given };
}

/** Writes the accounts, as in a pod of our own. */
function renderInit(graph: Graph, at: IConstruct): object {
  const { container, env } = accountsContainer(graph, at);
  const { image, command, resources } = container;
  return {
    enabled: true,
    image: imageOf(graph, image),
    imagePullPolicy: 'IfNotPresent',
    command,
    env,
    resources,
    securityContext: CONTAINER_SECURITY,
  };
}

function renderProbes(): object {
  const port = REDIS_PORT.containerPort;
  return {
    readinessProbe: { exec: { command: [...HEALTH_COMMAND] }, periodSeconds: 5 },
    livenessProbe: { tcpSocket: { port }, periodSeconds: 5 },
  };
}
