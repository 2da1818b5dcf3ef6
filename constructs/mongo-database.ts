import type { Construct } from 'constructs';
import type { IStore } from './capabilities';
import { MONGO_LEAST_MEMORY, MONGO_PORT, Mongo } from './derive/stores/mongo';
import { Store } from './derive/stores/store';
import { Element } from './model/element';
import type { Problem } from './model/finding';
import { given } from './model/given';
import { declare, report } from './model/recorder';
import { namespaceOf } from './namespace';
import {
  CONNECTION_PROPS,
  SERVER_PROPS,
  STORE_DEFAULTS,
  connectionFacts,
  problemsOfConnection,
  problemsOfServer,
  serverSizes,
  type StoreConnectionProps,
  type StoreServerProps,
} from './store-props';
import { printed, unknownProps } from './values';

/** What a MongoDB is told. Its memory is at least 512 MiB; half of what is above 1 GiB becomes its cache. */
export interface MongoDatabaseProps extends StoreServerProps {
  /** Name of the database: 1 to 63 bytes. @defaultValue the id, with `_` for `-` */
  readonly database?: string;
}

/** Where a MongoDB is that somebody else runs. */
export interface MongoConnectionProps extends StoreConnectionProps {
  /** Name of the database: 1 to 63 bytes. @defaultValue the id, with `_` for `-` */
  readonly database?: string;
}

/**
 * A MongoDB of its own for one service (Database per Service). Its owner reads and writes this one database and no other;
 * who reads it has an account that cannot write. What runs it, the environment decides: `in-cluster` for development,
 * `percona` (Percona Operator for MongoDB), `external`.
 *
 * Errors: `bad-database-name`, `storage-missing`, `memory-too-small`, `even-replicas`, `no-backup`, `single-replica`,
 * `backup-without-storage`, `back-end-for-development`, `name-too-long`, and those of every store.
 *
 * @example
 * ```ts
 * const ordersDb = new MongoDatabase(ordering, 'orders-db', {
 *   storage: Size.gibibytes(20),
 *   backup: Backup.daily({ keep: Duration.days(30) }),
 * });
 * orders.owns(ordersDb);
 * ```
 */
export class MongoDatabase extends Element implements IStore {
  /** What keeps the data. */
  readonly engine = 'mongodb';

  /** @param props - what the environment's back end is to run, or where a server is that somebody else runs */
  constructor(scope: Construct, id: string, props: MongoDatabaseProps | MongoConnectionProps) {
    super(scope, id);
    const { database = id.replaceAll('-', '_') } = props;
    const elsewhere = 'host' in props;
    const problems = elsewhere
      ? [...unknownProps(props, { ...CONNECTION_PROPS, database: true }), ...problemsOfConnection(props)]
      : [
          ...unknownProps(props, { ...SERVER_PROPS, database: true }),
          ...problemsOfServer(props, MONGO_LEAST_MEMORY, 'its least cache takes 256 MB'),
        ];
    for (const problem of [...problems, ...problemsOfDatabase(database)]) report(this, problem);
    const sizes = serverSizes(elsewhere ? {} : props, STORE_DEFAULTS.memory);
    const common = {
      name: this.node.id,
      namespace: namespaceOf(this),
      storage: sizes.storage,
      ...given({ backup: sizes.backup }),
    };
    // What somebody else runs, somebody else backs up.
    declare(this, Store, { ...common, engine: this.engine, isolation: 'server', durable: !elsewhere });
    declare(this, Mongo, {
      ...common,
      ...sizes,
      database,
      ...given({ connection: elsewhere ? connectionFacts(this, props, MONGO_PORT) : undefined }),
    });
  }

  /** A database of a server that somebody else runs, whatever the environment's back end is. */
  static fromConnection(scope: Construct, id: string, props: MongoConnectionProps): MongoDatabase {
    return new MongoDatabase(scope, id, props);
  }
}

/** Names that MongoDB refuses (MongoDB 8.0, "Naming Restrictions"), and those of its own databases. */
const FORBIDDEN = /[/\\. "$*<>:|?\0]/;
const OWN = ['admin', 'config', 'local'];
const LONGEST_NAME = 63;

function problemsOfDatabase(database: string): readonly Problem[] {
  const bytes = Buffer.byteLength(database);
  if (bytes > 0 && bytes <= LONGEST_NAME && !FORBIDDEN.test(database) && !OWN.includes(database.toLowerCase()))
    return [];
  return [
    {
      code: 'bad-database-name',
      message: `MongoDB takes no database called ${printed(database)}.`,
      field: 'database',
      got: printed(database),
      allowed: `1 to ${LONGEST_NAME} bytes without / \\ . " $ * < > : | ? and blanks; not ${OWN.join(', ')}`,
      fix: 'Choose a name such as "orders".',
    },
  ];
}
