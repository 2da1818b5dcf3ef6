import type { IConstruct } from 'constructs';
import { capability } from '../../model/capability';
import { derive, type Derived } from '../../model/extension';
import type { Graph } from '../../model/graph';
import type { KubeObject } from '../../model/kube-object';
import { renderCertificate, type CertificateWish } from '../cert-manager';
import { imageOf } from '../image';
import { NAME_LABEL, ownershipLabels } from '../labels';
import type { ResourceFacts } from '../pod';
import { Spread } from '../scaling';
import { StorageClass } from '../workload';
import {
  CLICKHOUSE_ADMIN,
  CLICKHOUSE_USER,
  ClickHouse,
  METRICS_PORT,
  SECURE,
  memorySettings,
  type ClickHouseFacts,
} from './clickhouse';
import { serverResources } from './in-cluster';
import { RESTRICTED_CONTAINER, restrictedPod, zoneSpread, type Bucket } from './operated';
import { adminSecretOf } from './own-secrets';

/** Version of the operator. Definitions and behaviour are those of its release. */
export const ALTINITY_VERSION = '0.25.6';

/** ClickHouse Keeper where the environment names no image; of the release of the server. */
export const KEEPER_IMAGE = 'docker.io/clickhouse/clickhouse-keeper:25.8';

/** Port by which servers ask Keeper (ClickHouse 25.8, `keeper_server.tcp_port`, as the operator sets it). */
export const KEEPER_PORT = 2181;

/** CPU and memory of a member of Keeper. */
export const KEEPER_RESOURCES: ResourceFacts = {
  requests: { cpu: '100m', memory: '512Mi' },
  limits: { memory: '512Mi' },
};

/** Name of the cluster in the installation, which statements name. */
export const CLUSTER = 'main';

/** What an environment says of the operator. */
export interface AltinityOptions {
  /** Namespace of the operator. */
  readonly namespace: string;
  readonly image: string;
  readonly keeperImage: string;
  /** Replicas where the program says none. */
  readonly replicas: number | undefined;
  /** Issuer of cert-manager that signs for the servers. */
  readonly issuer: { readonly name: string; readonly kind: string } | undefined;
  /** Where backups go. */
  readonly bucket: Bucket | undefined;
}

/** What the operator is told of a ClickHouse. */
export interface AltinityFacts {
  readonly options: AltinityOptions;
  readonly replicas: number;
}

/** The capability of being run by Altinity's operator. */
export const Altinity = capability<AltinityFacts>('clickhouse.altinity');

/** Labels that the operator puts on the pods of an installation (pkg/model/chi/tags/labeler). */
export function serverSelector(name: string): Readonly<Record<string, string>> {
  return { 'clickhouse.altinity.com/chi': name };
}

/** The same for Keeper (pkg/model/chk/tags/labeler). */
export function keeperSelector(name: string): Readonly<Record<string, string>> {
  return { 'clickhouse-keeper.altinity.com/chk': keeperName(name) };
}

/** Name of the Keeper of a ClickHouse. */
export function keeperName(name: string): string {
  return `${name}-keeper`;
}

/** Name of the certificate of a ClickHouse, and of its Secret. */
export function certificateOf(name: string): string {
  return `${name}-tls`;
}

const KEPT = { protect: true, retain: true } as const;

/** What a ClickHouse is as objects. */
interface Parts {
  readonly graph: Graph;
  readonly construct: IConstruct;
  readonly facts: ClickHouseFacts;
  readonly altinity: AltinityFacts;
}

/** Installations (clickhouse.altinity.com/v1), Keepers (clickhouse-keeper.altinity.com/v1) and certificates. */
export const altinityObjects = derive('clickhouse.altinity', function* (graph): Iterable<Derived> {
  for (const { construct, facts: altinity } of graph.having(Altinity)) {
    const facts = graph.facts(construct, ClickHouse);
    if (facts === undefined) continue;
    const parts = { graph, construct, facts, altinity };
    const kept = graph.environment.tier === 'production' && { hints: KEPT };
    yield { scope: construct, ...kept, manifest: renderInstallation(parts) };
    if (altinity.replicas > 1) yield { scope: construct, ...kept, manifest: renderKeeper(parts) };
    const { issuer } = altinity.options;
    if (issuer !== undefined) yield { scope: construct, manifest: certificateFor(parts, issuer) };
  }
});

function metadataOf({ construct, facts }: Parts, name: string): KubeObject['metadata'] {
  return { name, namespace: facts.namespace, labels: { [NAME_LABEL]: name, ...ownershipLabels(construct) } };
}

function renderInstallation(parts: Parts): KubeObject {
  const { facts, altinity } = parts;
  const { name, namespace, memoryBytes } = facts;
  const { options, replicas } = altinity;
  const keeper = { zookeeper: { nodes: [{ host: `keeper-${keeperName(name)}.${namespace}.svc`, port: KEEPER_PORT }] } };
  return {
    apiVersion: 'clickhouse.altinity.com/v1',
    kind: 'ClickHouseInstallation',
    metadata: metadataOf(parts, name),
    spec: {
      defaults: { templates: { podTemplate: 'server', dataVolumeClaimTemplate: 'data' } },
      configuration: {
        ...(replicas > 1 && keeper),
        users: renderUsers(name),
        profiles: { 'default/default_table_engine': replicas > 1 ? 'ReplicatedMergeTree' : 'MergeTree' },
        settings: {
          ...memorySettings(memoryBytes),
          'logger/console': 1,
          'prometheus/endpoint': '/metrics',
          'prometheus/port': METRICS_PORT,
          'prometheus/metrics': 'true',
          'prometheus/events': 'true',
          'prometheus/asynchronous_metrics': 'true',
          ...(replicas > 1 && REPLICATED_ACCESS),
          ...(options.issuer !== undefined && SECURE_SETTINGS),
          ...backupSettings(facts, options),
        },
        clusters: [
          {
            name: CLUSTER,
            layout: { shardsCount: 1, replicasCount: replicas },
            // Replicas know one another by a word that the operator makes up, not by an account.
            secret: { auto: 'true' },
            pdbMaxUnavailable: 1,
          },
        ],
      },
      templates: { podTemplates: [renderPod(parts)], volumeClaimTemplates: [renderClaim(parts, facts.storage)] },
    },
  };
}

/** The administrator's account alone: the others are made by statements, so that a new one restarts nothing. */
function renderUsers(name: string): object {
  const password = { valueFrom: { secretKeyRef: { name: adminSecretOf(name), key: 'password' } } };
  return {
    [`${CLICKHOUSE_ADMIN}/password`]: password,
    [`${CLICKHOUSE_ADMIN}/networks/ip`]: '::/0',
    [`${CLICKHOUSE_ADMIN}/profile`]: 'default',
    [`${CLICKHOUSE_ADMIN}/quota`]: 'default',
    [`${CLICKHOUSE_ADMIN}/access_management`]: 1,
    [`${CLICKHOUSE_ADMIN}/named_collection_control`]: 1,
  };
}

/** Accounts that statements make are kept in Keeper, for all replicas (ClickHouse 25.8, `user_directories`). */
const REPLICATED_ACCESS = { 'user_directories/replicated/zookeeper_path': '/clickhouse/access' };

const TLS_FOLDER = '/etc/clickhouse-server/tls';

/** Plain ports stay, for the operator and the replicas; clients are let in by the others only. */
const SECURE_SETTINGS = {
  https_port: SECURE.http,
  tcp_port_secure: SECURE.native,
  'openSSL/server/certificateFile': `${TLS_FOLDER}/tls.crt`,
  'openSSL/server/privateKeyFile': `${TLS_FOLDER}/tls.key`,
  'openSSL/server/verificationMode': 'none',
};

/** A disk in the bucket, which `BACKUP` writes to (ClickHouse 25.8, "Backup and restore"). */
function backupSettings({ name, backup }: ClickHouseFacts, { bucket }: AltinityOptions): object {
  if (backup === undefined || bucket === undefined) return {};
  const { bucket: bucketName, secret, region, endpoint, prefix = '' } = bucket;
  const host = endpoint ?? `https://s3${region === undefined ? '' : `.${region}`}.amazonaws.com`;
  const key = (of: string): object => ({ valueFrom: { secretKeyRef: { name: secret, key: of } } });
  return {
    'storage_configuration/disks/backups/type': 's3_plain',
    'storage_configuration/disks/backups/endpoint': `${host}/${bucketName}/${prefix}${name}/`,
    'storage_configuration/disks/backups/access_key_id': key('AWS_ACCESS_KEY_ID'),
    'storage_configuration/disks/backups/secret_access_key': key('AWS_SECRET_ACCESS_KEY'),
    'backups/allowed_disk': 'backups',
  };
}

function renderPod({ graph, construct, facts, altinity }: Parts): object {
  const { options } = altinity;
  const strict = graph.setting(Spread, construct) === 'required';
  const secure = options.issuer !== undefined;
  return {
    name: 'server',
    metadata: { labels: ownershipLabels(construct) },
    podDistribution: [{ type: 'ReplicaAntiAffinity', topologyKey: 'kubernetes.io/hostname' }],
    spec: {
      automountServiceAccountToken: false,
      securityContext: restrictedPod(CLICKHOUSE_USER),
      topologySpreadConstraints: zoneSpread(serverSelector(facts.name), strict),
      containers: [
        {
          name: 'clickhouse',
          image: imageOf(graph, options.image),
          // Without the image's own start, which writes beside its configuration.
          command: ['clickhouse-server', '--config-file=/etc/clickhouse-server/config.xml'],
          resources: serverResources(facts),
          securityContext: { ...RESTRICTED_CONTAINER, readOnlyRootFilesystem: true },
          volumeMounts: [
            { name: 'tmp', mountPath: '/tmp' },
            { name: 'logs', mountPath: '/var/log/clickhouse-server' },
            ...(secure ? [{ name: 'tls', mountPath: TLS_FOLDER, readOnly: true }] : []),
          ],
        },
      ],
      volumes: [
        { name: 'tmp', emptyDir: {} },
        { name: 'logs', emptyDir: {} },
        ...(secure ? [{ name: 'tls', secret: { secretName: certificateOf(facts.name) } }] : []),
      ],
    },
  };
}

function renderClaim({ graph, construct }: Parts, storage: string): object {
  const storageClassName = graph.setting(StorageClass, construct);
  return {
    name: 'data',
    reclaimPolicy: 'Retain',
    spec: {
      accessModes: ['ReadWriteOnce'],
      ...(storageClassName !== '' && { storageClassName }),
      resources: { requests: { storage } },
    },
  };
}

/** Size of the volume of a member: it keeps names and numbers, no data. */
const KEEPER_STORAGE = '10Gi';

function renderKeeper(parts: Parts): KubeObject {
  const { graph, construct, facts, altinity } = parts;
  const name = keeperName(facts.name);
  const strict = graph.setting(Spread, construct) === 'required';
  const pod = {
    name: 'keeper',
    metadata: { labels: ownershipLabels(construct) },
    spec: {
      automountServiceAccountToken: false,
      securityContext: restrictedPod(CLICKHOUSE_USER),
      topologySpreadConstraints: zoneSpread(keeperSelector(facts.name), strict),
      containers: [
        {
          name: 'clickhouse-keeper',
          image: imageOf(graph, altinity.options.keeperImage),
          resources: KEEPER_RESOURCES,
          securityContext: RESTRICTED_CONTAINER,
        },
      ],
    },
  };
  return {
    apiVersion: 'clickhouse-keeper.altinity.com/v1',
    kind: 'ClickHouseKeeperInstallation',
    metadata: metadataOf(parts, name),
    spec: {
      defaults: { templates: { podTemplate: 'keeper', dataVolumeClaimTemplate: 'data' } },
      configuration: { clusters: [{ name: CLUSTER, layout: { replicasCount: 3 }, pdbMaxUnavailable: 1 }] },
      templates: { podTemplates: [pod], volumeClaimTemplates: [renderClaim(parts, KEEPER_STORAGE)] },
    },
  };
}

/** A certificate for the one name that clients use. */
function certificateFor(parts: Parts, issuer: CertificateWish['issuer']): KubeObject {
  const { name, namespace } = parts.facts;
  return renderCertificate(metadataOf(parts, certificateOf(name)), {
    secretName: certificateOf(name),
    dnsNames: [`clickhouse-${name}.${namespace}.svc`],
    issuer,
  });
}
