import { Construct } from 'constructs';
import { backEnd } from '../../model/back-end';
import { prerequisite, type Build, type NeededBy } from '../../model/extension';
import type { JsonSchema } from '../../model/json-schema';
import type { ReleasePrerequisite } from '../../model/prerequisite';
import { declare, report } from '../../model/recorder';
import { Endpoint, type Reach } from '../endpoint';
import { OperatedPods } from '../traffic';
import { Connection } from './connection-facts';
import {
  REDIS_ENV,
  REDIS_PORT,
  RedisNeed,
  redisFields,
  resourcesOf,
  type RedisBackEnd,
  type RedisFacts,
} from './redis';
import { BACKUP_LOGINS, ensureBackup } from './redis-backup';
import { EXPORTER_IMAGE, EXPORTER_PORT, EXPORTER_RESOURCES } from './redis-exporter';
import { RedisLogins } from './redis-logins';
import {
  OPERATOR_LOGIN,
  RedisReplication,
  SENTINELS,
  SENTINEL_PORT,
  SENTINEL_RESOURCES,
  replicaSelector,
  sentinelSelector,
  type RedisReplicationFacts,
} from './redis-replication';
import { ControlTraffic, flows, sumOf } from './operated';
import { EXPORTER_OPTION, Scraped, exporterOf, type ExporterOption, type ExporterFacts } from './scraped';

/** Images that the operator starts (Redis operator 0.26, chart `redis-replication`). */
const IMAGES = {
  image: 'quay.io/opstree/redis:v7.0.15',
  sentinelImage: 'quay.io/opstree/redis-sentinel:v7.0.15',
} as const;

/** What the chart calls the operator's pods (Redis operator 0.26, chart `redis-operator`). */
const OPERATOR = { namespace: 'redis-operator', podLabels: { name: 'redis-operator' } } as const;

/** The user that the images are made for. */
const IMAGE_USER = 1000;

const OPTIONS: JsonSchema = {
  type: 'object',
  properties: {
    replicas: { type: 'integer', minimum: 2, maximum: 9, description: 'Pods of each Redis; 3 where left out.' },
    image: { type: 'string', description: 'Image of the servers, made for this operator.' },
    sentinelImage: { type: 'string', description: 'Image of the sentinels, made for this operator.' },
    exporter: EXPORTER_OPTION,
    operator: {
      type: 'object',
      description: 'The pods of the operator, if its chart was installed otherwise than usual.',
      properties: {
        namespace: { type: 'string' },
        podLabels: { type: 'object', additionalProperties: { type: 'string' } },
      },
      required: ['namespace', 'podLabels'],
      additionalProperties: false,
    },
  },
  additionalProperties: false,
};

interface Options {
  readonly replicas?: number;
  readonly image?: string;
  readonly sentinelImage?: string;
  readonly exporter?: ExporterOption;
  readonly operator?: { readonly namespace: string; readonly podLabels: Readonly<Record<string, string>> };
}

/** The Redis operator of OT-CONTAINER-KIT: one server that is written to, replicas, and sentinels that choose among them. */
export const operatedRedis = backEnd(RedisNeed, 'redis-operator', OPTIONS, (given): RedisBackEnd => {
  const options = given as Options;
  const { namespace, podLabels } = options.operator ?? OPERATOR;
  const exporter = exporterOf(options.exporter, EXPORTER_IMAGE);
  const replication = {
    replicas: options.replicas ?? 3,
    image: options.image ?? IMAGES.image,
    sentinelImage: options.sentinelImage ?? IMAGES.sentinelImage,
    user: IMAGE_USER,
    operator: { pods: { namespace, labels: podLabels } },
    ...(exporter !== undefined && { exporter }),
  };
  return { realize: (construct, facts, build) => operate(construct, facts, build, replication) };
});

type Replication = Omit<RedisReplicationFacts, 'redis' | 'sentinels'>;

function operate(construct: Construct, facts: Readonly<RedisFacts>, build: Build, replication: Replication): void {
  const { id: name } = construct.node;
  const { namespace, access } = facts;
  const sentinels = build.ensure(construct, '.sentinels', (scope) => new Construct(scope, '.sentinels'));
  const reach: Reach = { pods: { namespace, labels: replicaSelector(name) } };
  // The operator leads its Services to the pods that have the role (Redis operator 0.26, `redis-role`).
  const host = (role: 'master' | 'replica'): string => `${name}-${role}.${namespace}.svc`;
  for (const field of ['image', 'user'] as const)
    if (facts[field] !== undefined) report(construct, notHere(field, facts));
  declare(construct, RedisReplication, { redis: facts, sentinels, ...replication });
  declare(construct, Endpoint, { host: { service: `${name}-master`, namespace }, ports: [REDIS_PORT], reach });
  declare(construct, Connection, {
    fields: {
      owner: redisFields(host('master'), REDIS_PORT.number, 'redis', access),
      reader: redisFields(host('replica'), REDIS_PORT.number, 'redis', access),
    },
    env: REDIS_ENV,
    reach,
    ports: [REDIS_PORT.containerPort],
    credentials: access === 'accounts' ? 'made' : 'none',
    isEncrypted: false,
  });
  declarePods(construct, sentinels, facts, replication);
  const isBackedUp = ensureBackup(construct, build, facts, { host: host('master'), image: replication.image });
  if (access === 'network') return;
  declare(construct, RedisLogins, {
    image: replication.image,
    control: [OPERATOR_LOGIN, ...(isBackedUp ? BACKUP_LOGINS : [])],
    isWorkload: false,
  });
}

function declarePods(
  construct: Construct,
  sentinels: Construct,
  facts: Readonly<RedisFacts>,
  { replicas, exporter, operator }: Replication,
): void {
  const { id: name } = construct.node;
  const { namespace } = facts;
  declare(construct, OperatedPods, {
    name,
    namespace,
    selector: replicaSelector(name),
    pods: replicas,
    resources: sumOf(resourcesOf(facts), ...exporterResources(exporter)),
  });
  declare(sentinels, OperatedPods, {
    name: `${name}-s`,
    namespace,
    selector: sentinelSelector(name),
    pods: SENTINELS,
    resources: SENTINEL_RESOURCES,
  });
  const port = REDIS_PORT.containerPort;
  const servers: Reach = { pods: { namespace, labels: replicaSelector(name) } };
  const voters: Reach = { pods: { namespace, labels: sentinelSelector(name) } };
  declare(construct, ControlTraffic, {
    peerPorts: [port],
    from: [...flows(operator, port), ...flows(voters, port)],
    to: flows(voters, SENTINEL_PORT),
  });
  declare(sentinels, ControlTraffic, {
    peerPorts: [SENTINEL_PORT],
    from: [...flows(operator, SENTINEL_PORT), ...flows(servers, SENTINEL_PORT)],
    to: flows(servers, port),
  });
  if (exporter !== undefined) declare(construct, Scraped, { scraper: exporter.scraper, port: EXPORTER_PORT });
}

function exporterResources(exporter: ExporterFacts | undefined) {
  return exporter === undefined ? [] : [EXPORTER_RESOURCES];
}

function notHere(field: 'image' | 'user', facts: Readonly<RedisFacts>) {
  return {
    code: 'not-by-this-back-end',
    message: `The back end redis-operator cannot take the ${field} of one Redis: it starts images made for it.`,
    field,
    got: String(facts[field]),
    allowed: 'none here; the back end in-cluster takes one',
    fix: `Leave ${field} out, name the image under backEnds.redis.options, or choose in-cluster in this environment.`,
  };
}

/** Redis operator 0.26 and its usual installation. */
const RELEASE: ReleasePrerequisite = {
  type: 'release',
  name: 'redis-operator',
  namespace: OPERATOR.namespace,
  chart: {
    repository: 'https://ot-container-kit.github.io/helm-charts',
    name: 'redis-operator',
    version: '0.26.1',
  },
  version: '0.26.0',
  groups: ['redis.redis.opstreelabs.in'],
};

/** The operator has to be there first. */
export const redisOperatorPrerequisites = prerequisite('redis.operator', function* (graph): Iterable<NeededBy> {
  for (const { construct } of graph.having(RedisReplication)) yield { at: construct, needs: RELEASE };
});
