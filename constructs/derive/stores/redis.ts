import { need } from '../../model/back-end';
import { capability } from '../../model/capability';
import type { Build } from '../../model/extension';
import { formatMemory, parseQuantity } from '../../model/quantity';
import type { Construct } from 'constructs';
import type { PortFacts } from '../endpoint';
import type { ResourceFacts } from '../pod';
import type { ServerConnection } from './external';
import type { BackupFacts } from './store';

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

/** Who gets in: `accounts` log in, or `network`: whoever the network policies let through. */
export type RedisAccess = 'accounts' | 'network';

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
  /** Who gets in. */
  readonly access: RedisAccess;
  /** CPU and memory of its container. @defaultValue by the back end, from `memoryBytes` */
  readonly resources?: ResourceFacts;
  /** Size of its volume as a quantity; without one, a restart empties it. */
  readonly storage?: string;
  /** Backups. @defaultValue none */
  readonly backup?: BackupFacts;
  /** User that it runs as; not 0. @defaultValue by the setting `user` */
  readonly user?: number;
  /** A server that somebody else runs, whatever back end the environment chose. */
  readonly connection?: ServerConnection;
}

/** The capability of being a Redis. */
export const Redis = capability<RedisFacts>('redis');

/** How a Redis is run in an environment. */
export interface RedisBackEnd {
  /** Declares what the construct is here. */
  realize(construct: Construct, facts: Readonly<RedisFacts>, build: Build): void;
}

/** The need for a Redis. */
export const RedisNeed = need<RedisBackEnd>('redis', 'in-cluster');

/** Redis' own port (Redis 8, redis.conf). */
export const REDIS_PORT: PortFacts = { name: 'redis', number: 6379, containerPort: 6379, protocol: 'tcp' };

/** Image where neither the program nor the environment names one. */
export const REDIS_IMAGE = 'docker.io/library/redis:8.2-alpine';

/** Variables of a workload that says none: the one that clients in most languages read. */
export const REDIS_ENV = { REDIS_URL: 'url' } as const;

/** Fields of a connection, without an account and with one. */
export function redisFields(
  host: string,
  port: number,
  scheme: 'redis' | 'rediss',
  access: RedisAccess,
): Readonly<Record<string, string>> {
  const login = access === 'accounts' ? '{user}:{password}@' : '';
  return { host, port: String(port), address: `${host}:${port}`, url: `${scheme}://${login}${host}:${port}/0` };
}

const MEBIBYTE = 2 ** 20;

/**
 * Memory that the container wants: above the data, for connections, fragmentation and the process itself, a quarter of
 * it, at least 32 MiB. Where it writes to disk, half of it: while a child writes, pages that change are held twice
 * (Redis 8, "Redis persistence").
 */
export function memoryFor({ memoryBytes, storage }: Pick<RedisFacts, 'memoryBytes' | 'storage'>): number {
  return memoryBytes + Math.max(memoryBytes / (storage === undefined ? 4 : 2), 32 * MEBIBYTE);
}

/** What its container asks for. */
export function resourcesOf(facts: Readonly<RedisFacts>): ResourceFacts {
  const memory = formatMemory(memoryFor(facts));
  return facts.resources ?? { requests: { cpu: '50m', memory }, limits: { memory } };
}

/** The memory limit of its container in bytes; undefined where none was said. */
export function saidLimit({ resources }: Readonly<RedisFacts>): number | undefined {
  const limit = resources?.limits.memory;
  return limit === undefined ? undefined : parseQuantity(limit);
}

/** Arguments that make it keep what was said: how much, what goes first, and what is written to disk. */
export function argumentsOf({ memoryBytes, evict, storage }: Readonly<RedisFacts>): readonly string[] {
  const persistence =
    storage === undefined
      ? ['--save', '', '--appendonly', 'no']
      : // What one second wrote is what a crash may lose.
        ['--dir', '/data', '--save', '', '--appendonly', 'yes', '--appendfsync', 'everysec'];
  return ['--maxmemory', String(memoryBytes), '--maxmemory-policy', evict, ...persistence];
}
