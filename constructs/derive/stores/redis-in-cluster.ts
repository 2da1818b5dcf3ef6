import type { Construct } from 'constructs';
import { backEnd } from '../../model/back-end';
import { declare } from '../../model/recorder';
import { Endpoint, Served } from '../endpoint';
import type { HealthFacts } from '../pod';
import { selectorOf } from '../pod-template';
import { Workload, type ClaimFacts } from '../workload';
import { Connection } from './connection-facts';
import {
  REDIS_ENV,
  REDIS_IMAGE,
  REDIS_PORT,
  RedisNeed,
  argumentsOf,
  redisFields,
  resourcesOf,
  type RedisBackEnd,
  type RedisFacts,
} from './redis';
import { BACKUP_LOGINS, ensureBackup } from './redis-backup';
import { EXPORTER_IMAGE, EXPORTER_LOGIN, declareExporter } from './redis-exporter';
import { ACCOUNTS_FILE, ACCOUNTS_VOLUME, HEALTH_COMMAND, RedisLogins } from './redis-logins';
import { EXPORTER_OPTION, exporterOf, type ExporterOption } from './scraped';

/** One pod in the cluster, without an operator. */
export const inClusterRedis = backEnd(
  RedisNeed,
  'in-cluster',
  {
    type: 'object',
    properties: {
      image: {
        type: 'string',
        description: 'Image of every Redis that the program gives none: Redis or Valkey, 7 or newer.',
      },
      exporter: EXPORTER_OPTION,
    },
    additionalProperties: false,
  },
  ({ image = REDIS_IMAGE, exporter: option }): RedisBackEnd => ({
    realize: (construct, facts, build) => {
      const named = { ...facts, image: facts.image ?? String(image) };
      runInCluster(construct, named);
      const source = { host: hostOfServer(construct, facts), image: named.image };
      const isBackedUp = ensureBackup(construct, build, facts, source);
      const exporter = exporterOf(option as ExporterOption | undefined, EXPORTER_IMAGE);
      if (exporter !== undefined) declareExporter(construct, exporter);
      if (facts.access === 'network') return;
      declare(construct, RedisLogins, {
        image: named.image,
        control: [...(isBackedUp ? BACKUP_LOGINS : []), ...(exporter === undefined ? [] : [EXPORTER_LOGIN])],
        isWorkload: true,
      });
    },
  }),
);

type Named = RedisFacts & { readonly image: string };

function hostOfServer(construct: Construct, { namespace }: Readonly<RedisFacts>): string {
  return `${construct.node.id}.${namespace}.svc`;
}

function runInCluster(construct: Construct, facts: Readonly<Named>): void {
  const { id: name } = construct.node;
  const { namespace, user, access } = facts;
  const selector = selectorOf(name);
  const ports = [REDIS_PORT];
  const claims: ClaimFacts[] = facts.storage === undefined ? [] : [{ name: 'data', size: facts.storage }];
  const reach = { pods: { namespace, labels: selector } };
  const fields = redisFields(hostOfServer(construct, facts), REDIS_PORT.number, 'redis', access);
  declare(construct, Endpoint, { host: { service: name, namespace }, ports, reach });
  declare(construct, Connection, {
    fields: { owner: fields, reader: fields },
    env: REDIS_ENV,
    reach,
    ports: [REDIS_PORT.containerPort],
    credentials: access === 'accounts' ? 'made' : 'none',
    isEncrypted: false,
  });
  declare(construct, Served, {
    name,
    namespace,
    selector,
    services: [{ name, type: 'ClusterIP', ports, sourceRanges: [] }],
  });
  declare(construct, Workload, {
    name,
    namespace,
    selector,
    strategy: claims.length > 0 ? 'ordered' : 'recreate',
    // Two pods behind one address would be two caches with different contents.
    scale: { min: 1, max: 1 },
    ...(user !== undefined && { user }),
    mountsToken: false,
    env: [],
    beside: [],
    claims,
    volumes: [
      { name: 'data', ...(claims.length === 0 && { source: { emptyDir: {} } }), mounts: [{ path: '/data' }] },
      ...(access === 'accounts' ? [ACCOUNTS_VOLUME] : []),
    ],
    container: {
      name: 'redis',
      image: facts.image,
      args: ['redis-server', ...argumentsOf(facts), ...(access === 'accounts' ? ['--aclfile', ACCOUNTS_FILE] : [])],
      ports,
      health: healthOf(facts),
      resources: resourcesOf(facts),
    },
  });
}

/** A server that reads its data from disk is alive, and not ready. */
function healthOf({ access }: Readonly<RedisFacts>): HealthFacts {
  const listens = { tcpSocket: { port: REDIS_PORT.containerPort }, periodSeconds: 5 };
  const answers = { exec: { command: [...HEALTH_COMMAND] }, periodSeconds: 5 };
  return { readiness: access === 'accounts' ? answers : listens, liveness: listens };
}
