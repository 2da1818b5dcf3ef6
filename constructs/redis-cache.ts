import { Size } from './cdk8s-values';
import type { Construct } from 'constructs';
import type { IEndpoint } from './capabilities';
import { EVICTION_POLICIES, REDIS_PORT, Redis, type EvictionPolicy } from './derive/redis';
import { isDeferred, textOf, type Deferred } from './model/deferred';
import { Element } from './model/element';
import type { Problem } from './model/finding';
import { given } from './model/given';
import { declare, report } from './model/recorder';
import { namespaceOf } from './namespace';
import { resourceFacts, type Resources, type SizeAmount } from './resources';
import { problemOfChoice, problemsOfUser, unknownProps } from './values';

/** What a Redis is told. */
export interface RedisCacheProps {
  /** Memory for its data. @defaultValue 128 MiB */
  readonly memory?: Size;
  /** Which keys go when memory runs out. @defaultValue 'allkeys-lru' */
  readonly evict?: EvictionPolicy;
  /** Keeps data on a volume of this size; known later, it is a quantity: `10Gi`. @defaultValue none: a restart empties it */
  readonly storage?: SizeAmount | Deferred<string>;
  /** Image with tag or digest: `docker.io/library/redis:8.2-alpine`. @defaultValue by the back end, redis 8 */
  readonly image?: string;
  /**
   * CPU and memory of its container. The memory limit must be above `memory`.
   * @defaultValue computed from `memory`: a quarter more, at least 32 MiB more
   */
  readonly resources?: Resources;
  /** User that it runs as; not 0. @defaultValue by the setting `user`: 1000 */
  readonly user?: number;
}

/** Defaults, for code, docs and tests alike. */
export const REDIS_CACHE_DEFAULTS = { memory: Size.mebibytes(128), evict: 'allkeys-lru' } as const;

/**
 * A small Redis for one service. In the cluster it is one pod: what several pods behind one address would hold is not
 * one cache. It is never the only copy of what must not be lost, unless it is given storage.
 *
 * Errors: `memory-below-data`, `single-replica` in production (accept it with a reason), `request-above-limit`.
 *
 * @example
 * ```ts
 * const carts = new RedisCache(cart, 'redis-cart', { memory: Size.mebibytes(200) });
 * cartservice.calls(carts, { env: 'REDIS_ADDR' });
 * ```
 */
export class RedisCache extends Element implements IEndpoint {
  /** Its one port: `redis`, number 6379. */
  readonly portNames: readonly string[] = [REDIS_PORT.name];

  constructor(scope: Construct, id: string, props: RedisCacheProps = {}) {
    super(scope, id);
    const { memory = REDIS_CACHE_DEFAULTS.memory, evict = REDIS_CACHE_DEFAULTS.evict, user } = props;
    const resources = props.resources === undefined ? undefined : resourceFacts(props.resources);
    for (const problem of [...(resources?.problems ?? []), ...problemsOfUser(user), ...problemsOfProps(props)]) {
      report(this, problem);
    }
    declare(this, Redis, {
      namespace: namespaceOf(this),
      memoryBytes: memory.toMebibytes({ rounding: 2 }) * 2 ** 20,
      evict,
      ...given({ user, image: props.image, resources: resources?.facts, storage: storageOf(this, props.storage) }),
    });
  }
}

function storageOf(cache: RedisCache, storage: RedisCacheProps['storage']): string | undefined {
  if (storage === undefined) return undefined;
  return isDeferred(storage) ? textOf(cache, 'storage', storage) : storage.asString();
}

const PROPS: Readonly<Record<keyof RedisCacheProps, true>> = {
  memory: true,
  evict: true,
  storage: true,
  image: true,
  resources: true,
  user: true,
};

function problemsOfProps(props: RedisCacheProps): readonly Problem[] {
  return [...unknownProps(props, PROPS), ...problemOfChoice('evict', props.evict, EVICTION_POLICIES)];
}
