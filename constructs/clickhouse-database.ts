import type { Construct } from 'constructs';
import type { IStore } from './capabilities';
import { Size } from './cdk8s-values';
import { CLICKHOUSE_LEAST_MEMORY, ClickHouse, SECURE } from './derive/stores/clickhouse';
import { Store } from './derive/stores/store';
import { Element } from './model/element';
import type { Problem } from './model/finding';
import { given } from './model/given';
import { declare, report } from './model/recorder';
import { namespaceOf } from './namespace';
import {
  CONNECTION_PROPS,
  SERVER_PROPS,
  connectionFacts,
  problemsOfConnection,
  problemsOfServer,
  serverSizes,
  type StoreConnectionProps,
  type StoreServerProps,
} from './store-props';
import { printed, unknownProps } from './values';

/** What a ClickHouse is told. Its memory is at least 1 GiB; it uses up to four fifths of it. */
export interface ClickHouseDatabaseProps extends StoreServerProps {
  /** Name of the database: a word of letters, digits and `_`. @defaultValue the id, with `_` for `-` */
  readonly database?: string;
}

/** Memory where nothing is said. */
const DEFAULT_MEMORY = Size.gibibytes(2);

/** Where a ClickHouse is that somebody else runs. */
export interface ClickHouseConnectionProps extends StoreConnectionProps {
  /** Name of the database: a word of letters, digits and `_`. @defaultValue the id, with `_` for `-` */
  readonly database?: string;
}

/**
 * A ClickHouse of its own for one service (Database per Service). Its owner reads and writes this one database and no other;
 * who reads it has an account that cannot write. What runs it, the environment decides: `in-cluster` for development,
 * `altinity` (Altinity's operator), `external`.
 *
 * Errors: `bad-database-name`, `storage-missing`, `memory-too-small`, `no-backup`, `single-replica`, `no-tls`,
 * `backup-without-storage`, `back-end-for-development`, and those of every store.
 *
 * @example
 * ```ts
 * const events = new ClickHouseDatabase(ordering, 'events', {
 *   storage: Size.gibibytes(20),
 *   backup: Backup.daily({ keep: Duration.days(30) }),
 * });
 * orders.owns(events);
 * ```
 */
export class ClickHouseDatabase extends Element implements IStore {
  /** What keeps the data. */
  readonly engine = 'clickhouse';

  /** @param props - what the environment's back end is to run, or where a server is that somebody else runs */
  constructor(scope: Construct, id: string, props: ClickHouseDatabaseProps | ClickHouseConnectionProps) {
    super(scope, id);
    const { database = id.replaceAll('-', '_') } = props;
    const elsewhere = 'host' in props;
    const problems = elsewhere
      ? [...unknownProps(props, { ...CONNECTION_PROPS, database: true }), ...problemsOfConnection(props)]
      : [
          ...unknownProps(props, { ...SERVER_PROPS, database: true }),
          ...problemsOfServer(props, CLICKHOUSE_LEAST_MEMORY, 'merges of larger parts run out of it'),
        ];
    for (const problem of [...problems, ...problemsOfDatabase(database)]) report(this, problem);
    const sizes = serverSizes(elsewhere ? {} : props, DEFAULT_MEMORY);
    const common = {
      name: this.node.id,
      namespace: namespaceOf(this),
      storage: sizes.storage,
      ...given({ backup: sizes.backup }),
    };
    // What somebody else runs, somebody else backs up.
    declare(this, Store, { ...common, engine: this.engine, isolation: 'server', durable: !elsewhere });
    declare(this, ClickHouse, {
      ...common,
      ...sizes,
      database,
      ...given({ connection: elsewhere ? connectionFacts(this, props, SECURE.http) : undefined }),
    });
  }

  /** A database of a server that somebody else runs, whatever the environment's back end is. */
  static fromConnection(scope: Construct, id: string, props: ClickHouseConnectionProps): ClickHouseDatabase {
    return new ClickHouseDatabase(scope, id, props);
  }
}

/** Names that need no quotes anywhere (ClickHouse 25.8, "Syntax", identifiers), and those of its own databases. */
const NAME = /^[a-zA-Z_][0-9a-zA-Z_]{0,63}$/;
const OWN = ['default', 'system', 'information_schema'];

function problemsOfDatabase(database: string): readonly Problem[] {
  if (NAME.test(database) && !OWN.includes(database.toLowerCase())) return [];
  return [
    {
      code: 'bad-database-name',
      message: `No database of a service is called ${printed(database)}.`,
      field: 'database',
      got: printed(database),
      allowed: `1 to 64 letters, digits and _, not a digit first; not ${OWN.join(', ')}`,
      fix: 'Choose a name such as "events".',
    },
  ];
}
