import type { Construct } from 'constructs';
import { Size } from './cdk8s-values';
import { membersOf } from './kinds';
import { report } from './model/recorder';
import { methodOf, needsNothing, propsOr, tellProps } from './props';
import { RedisServer, connectedRedis, type RedisConnection, type RedisProps } from './redis';
import { unknownProps } from './values';

/** What a cache is told. */
export interface RedisCacheProps extends RedisProps {
  /** Memory for its data. @defaultValue 128 MiB */
  readonly memory?: Size;
}

/** Defaults, for code, docs and tests alike. */
export const REDIS_CACHE_DEFAULTS = { memory: Size.mebibytes(128), evict: 'allkeys-lru', access: 'accounts' } as const;

/**
 * A cache for one service: a Redis that keeps nothing over a restart and makes room when it is full (Cache-aside). It is
 * never the only copy of what must not be lost; where Redis is, take a `RedisStore`.
 *
 * Errors: `store-without-owner`, `shared-database`, `call-without-account`, `cache-that-never-evicts`,
 * `memory-below-data`, `memory-limit-too-tight`, `request-above-limit`; in production `single-replica` and
 * `plain-text-connection` (accept them with a reason, or choose another back end).
 *
 * @example
 * ```ts
 * const pages = new RedisCache(ordering, 'pages', { memory: Size.mebibytes(200) });
 * orders.calls(payments).caches(pages, { ttl: Duration.minutes(10) });
 * ```
 */
export class RedisCache extends RedisServer {
  constructor(scope: Construct, id: string, props: RedisCacheProps = {}) {
    const { memory = REDIS_CACHE_DEFAULTS.memory, evict = REDIS_CACHE_DEFAULTS.evict, ...rest } = propsOr(props, NEEDS);
    super(scope, id, { isDurable: false, memory, evict }, rest);
    tellProps(this, props, NEEDS);
    for (const problem of unknownProps(membersOf(props), PROPS)) report(this, problem);
  }

  /** A cache that somebody else runs: a managed Redis, one of another cluster. */
  static fromConnection(scope: Construct, id: string, connection: RedisConnection): RedisServer {
    return connectedRedis(scope, id, false, connection, methodOf(RedisCache, 'fromConnection'));
  }
}

const NEEDS = needsNothing('{ memory: Size.mebibytes(256) }');

const PROPS: Readonly<Record<keyof RedisCacheProps, true>> = {
  memory: true,
  evict: true,
  access: true,
  image: true,
  resources: true,
  user: true,
};
