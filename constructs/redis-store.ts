import type { Construct } from 'constructs';
import type { Backup } from './backup';
import { Size } from './cdk8s-values';
import { SIZE, membersOf, problemsOfNeeded } from './kinds';
import { given } from './model/given';
import { report } from './model/recorder';
import { methodOf, propsOr, tellProps } from './props';
import { RedisServer, connectedRedis, type RedisConnection, type RedisProps } from './redis';
import type { StorageAmount } from './storage';
import { SERVER_NEEDS } from './store-props';
import { unknownProps } from './values';

/** What a store is told. */
export interface RedisStoreProps extends RedisProps {
  /** Size of its volume, or of that of each replica. At least twice the memory: it is written anew beside what it has. */
  readonly storage: StorageAmount;
  /** Memory for its data; all of it is in memory. @defaultValue 128 MiB */
  readonly memory?: Size;
  /** Backups. @defaultValue none, which is a finding in production */
  readonly backup?: Backup;
}

/** Defaults, for code, docs and tests alike. */
export const REDIS_STORE_DEFAULTS = { memory: Size.mebibytes(128), evict: 'noeviction', access: 'accounts' } as const;

/**
 * A Redis that keeps what it is given: every write goes to an append-only file on a volume, once a second, and a full
 * one refuses writes instead of forgetting. One service owns it.
 *
 * Errors: as those of `RedisCache`, and `store-that-evicts`, `storage-below-data`; in production `no-backup`.
 *
 * @example
 * ```ts
 * const carts = new RedisStore(cart, 'carts', { storage: Size.gibibytes(2), backup: Backup.daily() });
 * cartservice.owns(carts);
 * ```
 */
export class RedisStore extends RedisServer {
  constructor(scope: Construct, id: string, props: RedisStoreProps) {
    const {
      memory = REDIS_STORE_DEFAULTS.memory,
      evict = REDIS_STORE_DEFAULTS.evict,
      storage,
      backup,
      ...rest
    } = propsOr(props, SERVER_NEEDS);
    super(scope, id, { isDurable: true, memory, evict, storage, ...given({ backup }) }, rest);
    tellProps(this, props, SERVER_NEEDS);
    const missing = storage === undefined ? problemsOfNeeded('storage', storage, SIZE) : [];
    for (const problem of [...missing, ...unknownProps(membersOf(props), PROPS)]) report(this, problem);
  }

  /** A store that somebody else runs, and backs up: a managed Redis, one of another cluster. */
  static fromConnection(scope: Construct, id: string, connection: RedisConnection): RedisServer {
    return connectedRedis(scope, id, true, connection, methodOf(RedisStore, 'fromConnection'));
  }
}

const PROPS: Readonly<Record<keyof RedisStoreProps, true>> = {
  storage: true,
  memory: true,
  backup: true,
  evict: true,
  access: true,
  image: true,
  resources: true,
  user: true,
};
