import type { IConstruct } from 'constructs';
import { derive, type Derived } from '../../../model/extension';
import type { Graph } from '../../../model/graph';
import type { Hints } from '../../../model/hints';
import type { KubeObject } from '../../../model/kube-object';
import { imageOf } from '../../image';
import { NAME_LABEL, ownershipLabels } from '../../labels';
import { StorageClass } from '../../workload';
import {
  BARMAN_RESOURCES,
  CnpgCluster,
  POOLER_LABEL,
  POOLER_RESOURCES,
  poolerName,
  poolerOf,
  type BackupBucket,
  type CnpgFacts,
} from './cloudnative-pg';
import { parametersOf } from './sizing';

const API_VERSION = 'postgresql.cnpg.io/v1';

/** The plugin for backups (plugin-barman-cloud 0.13, "Using the Barman Cloud Plugin"). */
const BARMAN_PLUGIN = 'barman-cloud.cloudnative-pg.io';

/** Connections that clients may hold to one pod of a pool. */
const MOST_CLIENTS = 1000;

type Facts = Readonly<CnpgFacts>;

/** What the operator is told. */
export const cnpgObjects = derive('postgres.cloudnative-pg', function* (graph): Iterable<Derived> {
  for (const { construct, facts } of graph.having(CnpgCluster)) {
    const production = graph.environment.tier === 'production';
    // The operator deletes the volumes of a cluster with the cluster.
    const hints: Hints = production ? { retain: true, protect: true } : { retain: true };
    yield { scope: construct, hints, manifest: renderCluster(graph, construct, facts) };
    const bucket = facts.options.backups;
    if (facts.server.backup !== undefined && bucket !== undefined) {
      for (const manifest of renderBackup(construct, facts, bucket)) yield { scope: construct, hints, manifest };
    }
    const pool = poolerOf(construct);
    if (pool === undefined) continue;
    for (const manifest of renderPool(graph, pool, facts)) yield { scope: pool, manifest };
  }
});

function metadataOf(construct: IConstruct, name: string, namespace: string): KubeObject['metadata'] {
  return { name, namespace, labels: { [NAME_LABEL]: name, ...ownershipLabels(construct) } };
}

function renderCluster(
  graph: Graph,
  construct: IConstruct,
  { server, options, resources, instances }: Facts,
): KubeObject {
  const { name, namespace, version, database, backup, pooler } = server;
  const { tier } = graph.environment;
  const storageClass = graph.setting(StorageClass, construct);
  const backedUp = backup !== undefined && options.backups !== undefined;
  return {
    apiVersion: API_VERSION,
    kind: 'Cluster',
    metadata: metadataOf(construct, name, namespace),
    spec: {
      instances,
      imageName: imageOf(graph, options.images[version] ?? ''),
      enableSuperuserAccess: true,
      bootstrap: { initdb: { database, owner: database, dataChecksums: true } },
      storage: {
        size: server.storage,
        resizeInUseVolumes: true,
        ...(storageClass !== '' && { storageClass }),
      },
      resources,
      postgresql: {
        parameters: parametersOf(server, tier),
        // Passwords travel in TLS only.
        pg_hba: ['hostssl all all all scram-sha-256', 'hostnossl all all all reject'],
      },
      ...(instances > 1 && { affinity: renderAffinity(graph, instances) }),
      ...(pooler !== undefined && { certificates: { serverAltDNSNames: namesOf(poolerName(name), namespace) } }),
      ...(backedUp && {
        plugins: [{ name: BARMAN_PLUGIN, isWALArchiver: true, parameters: { barmanObjectName: name } }],
      }),
      ...(options.podMonitor && { monitoring: { enablePodMonitor: true } }),
    },
  };
}

/** A pool shows the certificate of its cluster, which has to hold the names of the pool, too. */
function namesOf(service: string, namespace: string): readonly string[] {
  return [service, `${service}.${namespace}`, `${service}.${namespace}.svc`];
}

/** Each copy in a zone of its own, where there are as many. */
function renderAffinity({ environment: { tier, zones } }: Graph, instances: number): object {
  const strict = tier === 'production' && zones.length >= instances;
  return {
    enablePodAntiAffinity: true,
    topologyKey: 'topology.kubernetes.io/zone',
    podAntiAffinityType: strict ? 'required' : 'preferred',
  };
}

function renderBackup(construct: IConstruct, { server }: Facts, target: BackupBucket): readonly KubeObject[] {
  const { name, namespace, backup } = server;
  const metadata = metadataOf(construct, name, namespace);
  return [
    {
      apiVersion: 'barmancloud.cnpg.io/v1',
      kind: 'ObjectStore',
      metadata,
      spec: {
        configuration: {
          destinationPath: destinationOf(target, namespace),
          ...(target.endpoint !== undefined && { endpointURL: target.endpoint }),
          ...credentialsOf(target),
          wal: { compression: 'gzip' },
          data: { compression: 'gzip' },
        },
        retentionPolicy: `${backup?.keepDays ?? 1}d`,
        instanceSidecarConfiguration: {
          resources: BARMAN_RESOURCES,
          ...(target.region !== undefined && { env: [{ name: 'AWS_DEFAULT_REGION', value: target.region }] }),
        },
      },
    },
    {
      apiVersion: API_VERSION,
      kind: 'ScheduledBackup',
      metadata,
      spec: {
        // Six fields: the operator's cron begins with seconds (CloudNativePG 1.29, "Backup", Cron Schedule).
        schedule: `0 ${backup?.schedule ?? ''}`,
        // Write-ahead log alone restores nothing: the first backup is made at once.
        immediate: true,
        backupOwnerReference: 'cluster',
        cluster: { name },
        method: 'plugin',
        pluginConfiguration: { name: BARMAN_PLUGIN },
      },
    },
  ];
}

function destinationOf({ bucket, prefix = '' }: BackupBucket, namespace: string): string {
  const address = bucket.includes('://') ? bucket.replace(/\/$/, '') : `s3://${bucket}`;
  return `${address}/${prefix}${namespace}`;
}

/** How the plugin shows who it is; a pod's own identity is called otherwise by each provider. */
function credentialsOf({ bucket, secret }: BackupBucket): object {
  if (bucket.startsWith('gs://')) return { googleCredentials: { gkeEnvironment: true } };
  if (bucket.startsWith('azure://') || bucket.startsWith('https://')) {
    return { azureCredentials: { inheritFromAzureAD: true } };
  }
  if (secret === undefined) return { s3Credentials: { inheritFromIAMRole: true } };
  const from = (key: string) => ({ name: secret, key });
  return {
    s3Credentials: { accessKeyId: from('AWS_ACCESS_KEY_ID'), secretAccessKey: from('AWS_SECRET_ACCESS_KEY') },
  };
}

function renderPool(graph: Graph, pool: IConstruct, { server, options, poolers }: Facts): readonly KubeObject[] {
  const { name, namespace, pooler } = server;
  if (pooler === undefined) return [];
  const metadata = metadataOf(pool, poolerName(name), namespace);
  const matchLabels = { [POOLER_LABEL]: poolerName(name) };
  return [
    {
      apiVersion: API_VERSION,
      kind: 'Pooler',
      metadata,
      spec: {
        cluster: { name },
        instances: poolers,
        type: 'rw',
        pgbouncer: {
          poolMode: pooler.mode,
          parameters: {
            default_pool_size: String(Math.max(1, Math.floor(pooler.connections / poolers))),
            max_client_conn: String(MOST_CLIENTS),
          },
        },
        template: {
          spec: {
            containers: [
              { name: 'pgbouncer', image: imageOf(graph, options.poolerImage), resources: POOLER_RESOURCES },
            ],
            topologySpreadConstraints: [
              {
                maxSkew: 1,
                topologyKey: 'topology.kubernetes.io/zone',
                whenUnsatisfiable: 'ScheduleAnyway',
                labelSelector: { matchLabels },
              },
            ],
          },
        },
      },
    },
    ...(poolers < 2
      ? []
      : [
          {
            apiVersion: 'policy/v1',
            kind: 'PodDisruptionBudget',
            metadata,
            spec: { maxUnavailable: 1, unhealthyPodEvictionPolicy: 'AlwaysAllow', selector: { matchLabels } },
          },
        ]),
  ];
}
