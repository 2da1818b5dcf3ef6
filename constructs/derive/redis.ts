import type { Construct } from 'constructs';
import { backEnd, need } from '../model/back-end';
import { capability } from '../model/capability';
import { realize } from '../model/extension';
import { formatMemory, parseQuantity } from '../model/quantity';
import { declare } from '../model/recorder';
import { Endpoint, Served, type PortFacts } from './endpoint';
import type { ResourceFacts } from './pod';
import { selectorOf } from './pod-template';
import { Workload, type ClaimFacts } from './workload';

/** When memory runs out, which keys go (Redis 8, "Key eviction"). */
export const EVICTION_POLICIES = [
  'noeviction',
  'allkeys-lru',
  'allkeys-lfu',
  'allkeys-random',
  'volatile-lru',
  'volatile-lfu',
  'volatile-random',
  'volatile-ttl',
] as const;

/** One of the eviction policies of Redis. */
export type EvictionPolicy = (typeof EVICTION_POLICIES)[number];

/** A Redis of one service. */
export interface RedisFacts {
  /** Namespace of its objects: that of its context. */
  readonly namespace: string;
  /** Image that the program names. @defaultValue by the back end */
  readonly image?: string;
  /** Memory for data, in bytes. */
  readonly memoryBytes: number;
  /** Which keys go when `memoryBytes` are used up. */
  readonly evict: EvictionPolicy;
  /** CPU and memory of its container. @defaultValue by the back end, from `memoryBytes` */
  readonly resources?: ResourceFacts;
  /** Size of its volume as a quantity; without one, a restart empties it. */
  readonly storage?: string;
  /** User that it runs as; not 0. @defaultValue by the setting `user` */
  readonly user?: number;
}

/** The capability of being a Redis. */
export const Redis = capability<RedisFacts>('redis');

/** How a Redis is run in an environment. */
export interface RedisBackEnd {
  /** Declares what the construct is here. */
  realize(construct: Construct, facts: Readonly<RedisFacts>): void;
}

/** The need for a Redis. */
export const RedisNeed = need<RedisBackEnd>('redis', 'in-cluster');

/** Redis' own port (Redis 8, redis.conf). */
export const REDIS_PORT: PortFacts = { name: 'redis', number: 6379, containerPort: 6379, protocol: 'tcp' };

/** Image where neither the program nor the environment names one. */
const REDIS_IMAGE = 'docker.io/library/redis:8.2-alpine';

/** Memory above the data, for connections, fragmentation and the process itself: a quarter, at least 32 MiB. */
function withOverhead(bytes: number): number {
  return bytes + Math.max(bytes / 4, 32 * 2 ** 20);
}

/** One pod in the cluster, without an operator. */
export const inClusterRedis = backEnd(
  RedisNeed,
  'in-cluster',
  {
    type: 'object',
    properties: { image: { type: 'string', description: 'Image of every Redis that the program gives none.' } },
    additionalProperties: false,
  },
  ({ image = REDIS_IMAGE }): RedisBackEnd => ({
    realize: (construct, facts) => runInCluster(construct, facts, String(image)),
  }),
);

/** Each Redis is what its environment's back end makes of it. */
export const realizeRedis = realize('redis', Redis, (construct, facts, build) => {
  build.backEnd(RedisNeed).realize(construct, facts);
});

function runInCluster(construct: Construct, facts: Readonly<RedisFacts>, image: string): void {
  const { id: name } = construct.node;
  const { namespace, user } = facts;
  const selector = selectorOf(name);
  const ports = [REDIS_PORT];
  const claims: ClaimFacts[] = facts.storage === undefined ? [] : [{ name: 'data', size: facts.storage }];
  declare(construct, Endpoint, {
    host: { service: name, namespace },
    ports,
    reach: { pods: { namespace, labels: selector } },
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
    volumes: [{ name: 'data', ...(claims.length === 0 && { source: { emptyDir: {} } }), mounts: [{ path: '/data' }] }],
    container: {
      name: 'redis',
      image: facts.image ?? image,
      args: argumentsOf(facts),
      ports,
      health: {
        readiness: { tcpSocket: { port: REDIS_PORT.containerPort }, periodSeconds: 5 },
        liveness: { tcpSocket: { port: REDIS_PORT.containerPort }, periodSeconds: 5 },
      },
      resources: facts.resources ?? resourcesFor(facts.memoryBytes),
    },
  });
}

function argumentsOf({ memoryBytes, evict, storage }: Readonly<RedisFacts>): readonly string[] {
  const persistence = storage === undefined ? ['--save', '', '--appendonly', 'no'] : ['--appendonly', 'yes'];
  return ['redis-server', '--maxmemory', String(memoryBytes), '--maxmemory-policy', evict, ...persistence];
}

function resourcesFor(memoryBytes: number): ResourceFacts {
  const memory = formatMemory(withOverhead(memoryBytes));
  return { requests: { cpu: '50m', memory }, limits: { memory } };
}

/** True where the memory limit leaves no room above the data. */
export function isTooTight({ memoryBytes, resources }: Readonly<RedisFacts>): boolean {
  const limit = resources?.limits.memory;
  return limit !== undefined && parseQuantity(limit) <= memoryBytes;
}
