import { Construct, type IConstruct } from 'constructs';
import { backEnd } from '../../../model/back-end';
import { capability } from '../../../model/capability';
import type { Environment } from '../../../model/environment';
import type { Build } from '../../../model/extension';
import type { JsonSchema } from '../../../model/json-schema';
import { declare } from '../../../model/recorder';
import type { Reach } from '../../endpoint';
import { NAME_LABEL } from '../../labels';
import type { ResourceFacts } from '../../pod';
import { OperatedPods } from '../../traffic';
import type { Authority } from '../connection-facts';
import { BUCKET, ControlTraffic, bucketSecret, flows, sumOf, wayTo, type Bucket, type Flow } from '../operated';
import { OwnSecrets } from '../own-secrets';
import { SCRAPED_BY, Scraped, scraperOf, type ScrapedBy } from '../scraped';
import { ReachedThrough } from '../store';
import { declareConnection } from './connect';
import {
  POSTGRES_PORT,
  PostgresAdmin,
  PostgresNeed,
  type PostgresBackEnd,
  type PostgresFacts,
  type PostgresShareFacts,
  type PostgresVersion,
} from './server';
import { maxConnectionsOf, resourcesOf } from './sizing';

/** Where the backups of all servers go: each server gets a folder there, by its namespace. */
export type BackupBucket = Omit<Bucket, 'secret'> & Partial<Pick<Bucket, 'secret'>>;

/** What an environment file says of the operator. */
export interface CnpgOptions {
  /** Namespace of the operator and of its plugin. */
  readonly operatorNamespace: string;
  readonly images: Readonly<Record<string, string>>;
  readonly clientImage?: string;
  readonly poolerImage: string;
  readonly backups?: BackupBucket;
  readonly podMonitor: boolean;
}

/** A server that the operator runs. */
export interface CnpgFacts {
  readonly server: PostgresFacts;
  readonly options: CnpgOptions;
  readonly resources: ResourceFacts;
  readonly instances: number;
  /** Pods of the pool; 0 where there is none. */
  readonly poolers: number;
}

/** The capability of being run by CloudNativePG. */
export const CnpgCluster = capability<CnpgFacts>('postgres-cnpg');

/** Label of all pods of a cluster, those of its pool and its jobs among them (CloudNativePG 1.29, "Labels and Annotations"). */
const CLUSTER_LABEL = 'cnpg.io/cluster';

/** Label of the pods of a pool (CloudNativePG 1.29, `pkg/utils/labels_annotations.go`). */
export const POOLER_LABEL = 'cnpg.io/poolerName';

/** Port of the metrics of an instance (CloudNativePG 1.29, "Monitoring"). */
const METRICS_PORT = 9187;

/** Port on which instances tell the operator, and each other, how they are (CloudNativePG 1.29, "Networking"). */
const STATUS_PORT = 8000;

/** Id of the construct of a pool. No construct of a program is called so. */
const POOLER_ID = ':pooler';

/** What the pods of a pool ask for; PgBouncer has one thread. */
export const POOLER_RESOURCES: ResourceFacts = {
  requests: { cpu: '100m', memory: '64Mi' },
  limits: { memory: '128Mi' },
};

/** What the plugin's container beside each instance asks for: it packs and sends the log and the backups. */
export const BARMAN_RESOURCES: ResourceFacts = {
  requests: { cpu: '50m', memory: '128Mi' },
  limits: { memory: '512Mi' },
};

/** Copies beside the first where nothing is said. */
const REPLICAS = { development: 0, staging: 1, production: 2 } as const;

/** Pods of a pool. */
const POOLERS = { development: 1, staging: 2, production: 2 } as const;

/**
 * Images of the operator's project: that of 18 is the default of CloudNativePG 1.29 (`pkg/versions/versions.go`), and
 * the others are of the same day.
 */
const IMAGES: Readonly<Record<PostgresVersion, string>> = {
  15: 'ghcr.io/cloudnative-pg/postgresql:15.17-system-trixie',
  16: 'ghcr.io/cloudnative-pg/postgresql:16.13-system-trixie',
  17: 'ghcr.io/cloudnative-pg/postgresql:17.9-system-trixie',
  18: 'ghcr.io/cloudnative-pg/postgresql:18.3-system-trixie',
};

/** PgBouncer as the operator wants it (CloudNativePG 1.29, `pkg/versions/versions.go`). */
const POOLER_IMAGE = 'ghcr.io/cloudnative-pg/pgbouncer:1.25.1';

/** What holds where an environment file says nothing. */
const DEFAULTS = { operatorNamespace: 'cnpg-system', poolerImage: POOLER_IMAGE, podMonitor: false } as const;

/** The plugin speaks more than S3, and can go by the identity of the pod. */
const BACKUPS: JsonSchema = {
  ...BUCKET,
  properties: {
    ...BUCKET.properties,
    bucket: { type: 'string', description: 'Its name; not in S3 its address: gs://backups, https://... of Azure.' },
    secret: {
      type: 'string',
      description: 'Secret with AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY. Else: the identity of the pod.',
    },
  },
  required: ['bucket'],
};

/** The operator CloudNativePG, with its Barman Cloud plugin for backups. */
export const cloudNativePg = backEnd(
  PostgresNeed,
  'cloudnative-pg',
  {
    type: 'object',
    properties: {
      operatorNamespace: { type: 'string', description: 'Namespace of the operator; cnpg-system where left out.' },
      images: {
        type: 'object',
        description: 'Images of the server by major version.',
        additionalProperties: { type: 'string' },
      },
      clientImage: { type: 'string', description: 'Image with psql and a shell.' },
      poolerImage: { type: 'string', description: 'Image of PgBouncer, made for the operator.' },
      backups: BACKUPS,
      scrapedBy: SCRAPED_BY,
      podMonitor: { type: 'boolean', description: 'Has the operator make a PodMonitor (Prometheus operator).' },
    },
    additionalProperties: false,
  },
  (raw): PostgresBackEnd => {
    const { scrapedBy, images, ...given } = raw as Partial<CnpgOptions> & { readonly scrapedBy?: ScrapedBy };
    const options: CnpgOptions = { ...DEFAULTS, ...given, images: { ...IMAGES, ...images } };
    return {
      name: 'cloudnative-pg',
      realize: (construct, facts, build) => {
        runByOperator(construct, facts, options, build);
        if (scrapedBy !== undefined) declare(construct, Scraped, { scraper: scraperOf(scrapedBy), port: METRICS_PORT });
      },
      connect: connectToCluster,
    };
  },
);

/** Name of the pool of a server, and of its Service. */
export function poolerName(server: string): string {
  return `${server}-pool`;
}

/** The operator's own authority (CloudNativePG 1.29, "Certificates"). */
export function authorityOf(server: string): Authority {
  return { secret: `${server}-ca`, key: 'ca.crt' };
}

/** Where clients of a server find it. With a pool all of them do, or it would not keep connections few. */
function connectToCluster(
  store: Construct,
  { name, namespace, database, pooler }: Readonly<PostgresFacts>,
  share: Readonly<PostgresShareFacts> | undefined,
): void {
  const pooled = pooler !== undefined;
  const host = `${pooled ? poolerName(name) : `${name}-rw`}.${namespace}.svc`;
  declareConnection(store, {
    store: share?.store.name ?? name,
    host,
    // Any copy: those who only read are served also while a replica is away.
    readerHost: pooled ? host : `${name}-r.${namespace}.svc`,
    port: POSTGRES_PORT,
    database,
    tls: true,
    authority: authorityOf(name),
    reach: {
      pods: { namespace, labels: pooled ? { [POOLER_LABEL]: poolerName(name) } : { [CLUSTER_LABEL]: name } },
    },
  });
}

function runByOperator(
  construct: Construct,
  server: Readonly<PostgresFacts>,
  options: CnpgOptions,
  build: Build,
): void {
  const { name, namespace, pooler, backup } = server;
  const { tier } = build.environment;
  const instances = 1 + (server.replicas ?? REPLICAS[tier]);
  const resources = resourcesOf(server, tier);
  const poolers = pooler === undefined ? 0 : POOLERS[tier];
  declare(construct, CnpgCluster, { server, options, resources, instances, poolers });
  declare(construct, OperatedPods, {
    name,
    namespace,
    selector: { [CLUSTER_LABEL]: name },
    // A job beside them makes the first copy, or one more.
    pods: instances + 1,
    resources: backup === undefined ? resources : sumOf(resources, BARMAN_RESOURCES),
  });
  const operator: Reach = {
    pods: { namespace: options.operatorNamespace, labels: { [NAME_LABEL]: 'cloudnative-pg' } },
  };
  const bucket = backup === undefined ? undefined : options.backups;
  const apiServer = flowsToApiServer(build.environment);
  declare(construct, ControlTraffic, {
    peerPorts: [POSTGRES_PORT, STATUS_PORT],
    from: flows(operator, POSTGRES_PORT, STATUS_PORT),
    to: [...(bucket === undefined ? [] : [wayTo(bucket)]), ...apiServer],
  });
  declare(construct, PostgresAdmin, {
    namespace,
    reach: reachOf(server),
    ...(options.clientImage !== undefined && { clientImage: options.clientImage }),
    host: `${name}-rw.${namespace}.svc`,
    port: POSTGRES_PORT,
    tls: true,
    secret: `${name}-superuser`,
    authority: authorityOf(name),
    maintenance: 'postgres',
    database: server.database,
    closes: ['postgres', 'template1'],
    // The operator makes an owner for the first database, with a password that nobody needs.
    retires: [server.database],
    maxConnections: maxConnectionsOf(server, tier),
  });
  if (bucket?.secret !== undefined) {
    declare(construct, OwnSecrets, { namespace, secrets: [bucketSecret({ secret: bucket.secret })] });
  }
  if (pooler !== undefined) makePooler(construct, server, poolers, build);
}

function reachOf({ name, namespace }: Readonly<PostgresFacts>): Reach {
  return { pods: { namespace, labels: { [CLUSTER_LABEL]: name } } };
}

/** Instances and pools ask it for what they are to be. */
function flowsToApiServer({ apiServer: { cidrs, port } }: Environment): readonly Flow[] {
  return flows({ cidrs, except: [] }, port);
}

function makePooler(construct: Construct, server: Readonly<PostgresFacts>, pods: number, build: Build): void {
  const { name, namespace } = server;
  const pool = build.ensure(construct, POOLER_ID, (scope) => new Construct(scope, POOLER_ID));
  declare(pool, OperatedPods, {
    name: poolerName(name),
    namespace,
    selector: { [POOLER_LABEL]: poolerName(name) },
    // While one is replaced, the next is there already.
    pods: pods * 2,
    resources: POOLER_RESOURCES,
  });
  declare(pool, ControlTraffic, {
    to: [...flows(reachOf(server), POSTGRES_PORT), ...flowsToApiServer(build.environment)],
  });
  build.relate(ReachedThrough, construct, pool, {});
}

/** The construct of the pool of a server. */
export function poolerOf(server: IConstruct): IConstruct | undefined {
  return server.node.tryFindChild(POOLER_ID);
}
