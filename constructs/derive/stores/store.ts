import type { IConstruct } from 'constructs';
import { capability } from '../../model/capability';
import { constructWith } from '../../model/kind';
import { relation } from '../../model/relation';

/** A backup that is made by itself. */
export interface BackupFacts {
  /** When, in the five fields of cron, in UTC: `0 2 * * *`. */
  readonly schedule: string;
  /** How long each is kept, in days, 1 to 3650. */
  readonly keepDays: number;
}

/** Something that keeps data for one service: a database of its own, or a share of a server. */
export interface StoreFacts {
  /** What keeps the data: `postgres`, `mongodb`, `clickhouse`, `elasticsearch`, `redis`. */
  readonly engine: string;
  /** Name of its objects, a DNS label. Stateful names are pinned: renaming the construct makes a new, empty store. */
  readonly name: string;
  /** Namespace of its objects: that of its context. */
  readonly namespace: string;
  /** What parts it from other stores: a server, or a schema, tables, an index, a key prefix within one. */
  readonly isolation: 'server' | 'schema' | 'tables' | 'index' | 'keys';
  /** Whether losing it loses data. A cache can be filled again. */
  readonly durable: boolean;
  /**
   * Its name on a server that holds other stores, too: accounts of this store are called by it. @defaultValue none: the
   * server is its own
   */
  readonly share?: string;
  /** Size of the volume of each replica as a quantity. @defaultValue by the server that it is a share of */
  readonly storage?: string;
  /** Of a share: what it has besides the connection of its server, and the variables for that. @defaultValue nothing */
  readonly besides?: { readonly fields: Readonly<Record<string, string>>; readonly env: ConnectionEnv };
  /** Backups. @defaultValue none, which is a finding in production where it is durable */
  readonly backup?: BackupFacts;
}

/** The capability of keeping data. */
export const Store = capability<StoreFacts>('store');

/** What a program may own. A server that several share is none: its shares are. */
export const STORE = constructWith<IConstruct & { readonly engine: string }>(
  'a store',
  "the construct itself, such as the PostgresDatabase ordersDb, or a share of a server: shared.schema('orders')",
  ({ engine }) => typeof engine === 'string',
);

/** A share of a server stands on that server: its pods, its backups, its limits are the server's. */
export const StandsOn = relation<IConstruct, IConstruct, Record<string, never>>('stands-on', () => '');

/** Clients of a server come through something that stands before it, such as a pool of connections. */
export const ReachedThrough = relation<IConstruct, IConstruct, Record<string, never>>('reached-through', () => '');

/** Which variables of a workload get what of a connection, by name of the variable: `{ DATABASE_URL: 'url' }`. */
export type ConnectionEnv = Readonly<Record<string, string>>;

/** How a workload wants its access. */
export interface AccessFacts {
  /** Variables that it gets. @defaultValue those that the engine's own clients read */
  readonly env?: ConnectionEnv;
  /** Folder in which each key of a Secret is a file. @defaultValue none */
  readonly folder?: string;
}

/** What a service does when its cache does not answer. */
export type CacheFailure = 'bypass' | 'fail';

/** How a workload caches. */
export interface CacheFacts extends AccessFacts {
  /** How long an entry may be old, in seconds, 1 to 2,592,000 (30 days). */
  readonly ttlSeconds: number;
  /** `bypass`: it goes to the source as if the cache were empty; `fail`: it answers with an error. */
  readonly onError: CacheFailure;
}

/** A service keeps copies in a store, of what has its home elsewhere (Cache-aside). It alone writes them. */
export const Caches = relation<IConstruct, IConstruct, CacheFacts>('caches', () => '', STORE);

/** A service owns a store: it alone writes, and it alone decides what the data looks like. */
export const Owns = relation<IConstruct, IConstruct, AccessFacts>('owns', () => '', STORE);

/** A task works on a store with the rights of its owner: a migration, a clean-up. */
export const Maintains = relation<IConstruct, IConstruct, AccessFacts>('maintains', () => '', STORE);
