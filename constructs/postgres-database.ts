import type { Construct } from 'constructs';
import type { IStore } from './capabilities';
import { Postgres, type PostgresFacts } from './derive/stores/postgres/server';
import { Store } from './derive/stores/store';
import { Element } from './model/element';
import { declare } from './model/recorder';
import { serverFacts, storeFacts, type PostgresConnectionProps, type PostgresProps } from './postgres-props';
import { methodOf } from './props';
import { restoreIn, type Restore, type RestoreProps } from './postgres-restore';
import { connected } from './store-props';

/**
 * A PostgreSQL server with one database, for one service alone (Database per service). The owner may do what it likes
 * in it; those who read may select, and nothing else; nobody else may connect.
 *
 * The failures that it prevents: a password that several services share, rights that are wider than what is done with
 * them, a pod that reaches the database of others, a table that its reader cannot see because it came later.
 *
 * Errors: `store-without-owner`, `shared-database`, `bad-identifier`, `role-refused`, `no-backup`, `no-replica` and
 * `back-end-for-development` in production, `not-supported` as a warning where the environment's back end cannot do what is
 * asked.
 *
 * @example
 * ```ts
 * const ordersDb = new PostgresDatabase(ordering, 'orders-db', {
 *   storage: Size.gibibytes(50),
 *   backup: Backup.daily({ keep: Duration.days(30) }),
 *   pooler: Pooler.transaction(50),
 * });
 * orders.owns(ordersDb, { env: POSTGRES_ENV.url });
 * ```
 */
export class PostgresDatabase extends Element implements IStore {
  /** What keeps the data. */
  readonly engine = 'postgres';
  readonly #facts: PostgresFacts;

  constructor(scope: Construct, id: string, props: PostgresProps | PostgresConnectionProps = {}) {
    super(scope, id);
    const facts = serverFacts(this, props);
    const store = storeFacts(facts);
    this.#facts = { ...facts, store };
    declare(this, Store, store);
    declare(this, Postgres, this.#facts);
  }

  /**
   * Puts a dump in place of what is in it, once.
   * @param id - name of the restore: `back-to-monday`
   */
  restore(id: string, props: RestoreProps = {}): Restore {
    return restoreIn(this, id, this.#facts, props, methodOf(this, 'restore'));
  }

  /**
   * A database on a server that somebody else runs, wherever the platform is. Where it is so in one environment only, say
   * it there: `backEnds: { postgres: { name: external } }`.
   */
  static fromConnection(scope: Construct, id: string, props: PostgresConnectionProps): PostgresDatabase {
    const make = (said: PostgresConnectionProps): PostgresDatabase => new PostgresDatabase(scope, id, said);
    return connected(methodOf(PostgresDatabase, 'fromConnection'), props, make);
  }
}
