import type { Construct } from 'constructs';
import type { IEndpoint, IStore } from './capabilities';
import { BACKUP, type Backup } from './backup';
import { Size } from './cdk8s-values';
import { EVICTION_POLICIES, REDIS_PORT, Redis, type EvictionPolicy, type RedisAccess } from './derive/stores/redis';
import type { Authority } from './derive/stores/connection-facts';
import type { ServerConnection } from './derive/stores/external';
import { Store } from './derive/stores/store';
import { SIZE, problemsOfKind, problemsOfNeeded, problemsOfValue, soundOf } from './kinds';
import type { Deferrable } from './model/deferred';
import { Element } from './model/element';
import type { Problem } from './model/finding';
import type { Kind } from './model/kind';
import { given } from './model/given';
import { declare, report } from './model/recorder';
import { namespaceOf } from './namespace';
import { propsOr, tellProps, type Needs } from './props';
import { RedisKeys } from './redis-keys';
import { resourceFacts, type Resources } from './resources';
import { storageFacts, type StorageAmount } from './storage';
import { ADDRESSES, connectionFacts, problemsOfConnection } from './store-props';
import { problemOfChoice, problemsOfUser, unknownProps } from './values';

/** What every Redis is told. */
export interface RedisProps {
  /** Which keys go when memory runs out. @defaultValue 'allkeys-lru' for a cache, 'noeviction' for a store */
  readonly evict?: EvictionPolicy;
  /**
   * Who gets in. `accounts`: who owns, caches or reads it logs in, with a password of its own. `network`: whoever calls
   * it, without a login, for programs that cannot log in; network policies alone guard it. @defaultValue 'accounts'
   */
  readonly access?: RedisAccess;
  /**
   * Image with tag or digest, of Redis or Valkey 7 or newer: `docker.io/valkey/valkey:8.1-alpine`.
   * @defaultValue by the back end, redis 8
   */
  readonly image?: string;
  /**
   * CPU and memory of its container. The memory limit must be above `memory`.
   * @defaultValue computed from `memory`: a quarter more, with storage half more, at least 32 MiB more
   */
  readonly resources?: Resources;
  /** User that it runs as; not 0. @defaultValue by the setting `user`: 1000 */
  readonly user?: number;
}

/** Where a Redis is that somebody else runs. */
export interface RedisConnection {
  /** DNS name of the server. It may be known only later. */
  readonly host: Deferrable<string>;
  /** Its addresses as CIDRs, at least one: network policies know no names. */
  readonly addresses: readonly string[];
  /** Its port, 1 to 65535. @defaultValue 6379 */
  readonly port?: number;
  /** Whether clients speak TLS to it. @defaultValue true */
  readonly tls?: boolean;
  /**
   * Secret, and the key in it, with the certificate of a private authority that signs for the server. The readers get it
   * as a file. @defaultValue the authorities that systems know
   */
  readonly authority?: Authority;
  /** Whether one logs in to it. Who runs it gives user names and passwords. @defaultValue 'accounts' */
  readonly access?: RedisAccess;
}

/** What makes a Redis what it is, besides what every Redis is told. */
export interface RedisNature {
  /** Whether losing it loses data. */
  readonly isDurable: boolean;
  /** Memory for its data. */
  readonly memory: Size;
  /** Which keys go when memory runs out. */
  readonly evict: EvictionPolicy;
  /** Size of the volume of each pod. @defaultValue none: a restart empties it */
  readonly storage?: StorageAmount;
  /** Backups. @defaultValue none */
  readonly backup?: Backup;
  /** Where it is, if somebody else runs it. @defaultValue what the environment's back end makes */
  readonly connection?: RedisConnection;
}

/** A Redis or Valkey, as a cache or as a store. */
export abstract class RedisServer extends Element implements IEndpoint, IStore {
  /** What keeps the data: `redis`. */
  readonly engine: string = 'redis';
  /** Its one port: `redis`, number 6379. */
  readonly portNames: readonly string[] = [REDIS_PORT.name];
  readonly #isDurable: boolean;

  protected constructor(scope: Construct, id: string, nature: RedisNature, props: RedisProps) {
    super(scope, id);
    const { isDurable, memory, evict, storage, backup, connection } = nature;
    this.#isDurable = isDurable;
    const { access = 'accounts', image, user } = props;
    const resources = props.resources === undefined ? undefined : resourceFacts(props.resources);
    reportAll(this, [...(resources?.problems ?? []), ...problemsOf(nature, props)]);
    const namespace = namespaceOf(this);
    const kept = given({ storage: storageFacts(this, storage), backup: soundOf(backup, BACKUP)?.facts });
    const facts = connection === undefined ? undefined : connectionOf(this, connection);
    declare(this, Store, {
      engine: this.engine,
      name: id,
      namespace,
      isolation: 'server',
      durable: isDurable,
      ...kept,
    });
    declare(this, Redis, {
      namespace,
      memoryBytes: (soundOf(memory, MEMORY)?.toMebibytes({ rounding: 2 }) ?? 0) * 2 ** 20,
      evict,
      access,
      ...kept,
      ...given({ user, image, connection: facts, resources: resources?.facts }),
    });
  }

  /**
   * A share of it: the keys that begin with `<name>:`. Its owner can do nothing with other keys, and asks nothing of all
   * keys at once (`SCAN`, `DBSIZE`).
   * @param name - a DNS label, unique on this server
   */
  keys(name: string): RedisKeys {
    return new RedisKeys(this, name, this.#isDurable);
  }
}

/** A Redis that somebody else runs, in every environment. */
class ConnectedRedis extends RedisServer {
  constructor(scope: Construct, id: string, isDurable: boolean, connection: RedisConnection) {
    const nature: RedisNature = { isDurable, memory: Size.mebibytes(0), evict: 'noeviction', connection };
    super(scope, id, nature, given({ access: connection.access }));
  }
}

/** A Redis that somebody else runs: callers get the way to it; accounts are known to who runs it. */
export function connectedRedis(
  scope: Construct,
  id: string,
  isDurable: boolean,
  connection: RedisConnection,
  asked: object,
): RedisServer {
  const server = new ConnectedRedis(scope, id, isDurable, propsOr(connection, CONNECTION_NEEDS));
  tellProps(server, connection, CONNECTION_NEEDS, asked);
  return server;
}

/** Sizes of cdk8s, which can be asked for numbers. */
const MEMORY = SIZE as Kind<Size>;

function reportAll(at: RedisServer, problems: readonly Problem[]): void {
  for (const problem of problems) report(at, problem);
}

function problemsOf({ evict, memory, backup }: RedisNature, { access, user }: RedisProps): readonly Problem[] {
  return [
    ...problemsOfKind('memory', memory, MEMORY),
    ...problemsOfValue('backup', backup, BACKUP),
    ...problemsOfUser(user),
    ...problemOfChoice('evict', evict, EVICTION_POLICIES),
    ...problemOfChoice('access', access, ['accounts', 'network']),
  ];
}

const CONNECTION_NEEDS: Needs<RedisConnection> = {
  needed: ['host', 'addresses'],
  example: "{ host: 'redis.example.com', addresses: ['10.20.0.0/16'] }",
  instead: { host: 'redis.example.com', addresses: ['10.20.0.0/16'] },
};

const CONNECTION: Readonly<Record<keyof RedisConnection, true>> = {
  host: true,
  addresses: true,
  port: true,
  tls: true,
  authority: true,
  access: true,
};

function connectionOf(server: RedisServer, connection: RedisConnection): ServerConnection {
  const missing =
    (connection.addresses as unknown) !== undefined ? [] : problemsOfNeeded('addresses', undefined, ADDRESSES);
  reportAll(server, [...unknownProps(connection, CONNECTION), ...missing, ...problemsOfConnection(connection)]);
  return connectionFacts(server, connection, REDIS_PORT.number);
}
