import type { Construct } from 'constructs';
import type { IStore } from './capabilities';
import { Postgres, PostgresShare, type PostgresFacts } from './derive/stores/postgres/server';
import { StandsOn, Store, type StoreFacts } from './derive/stores/store';
import { LIST, problemsOfNeeded, soundOf } from './kinds';
import { Element } from './model/element';
import type { Problem } from './model/finding';
import { declare, relate, report } from './model/recorder';
import { problemsOfIdentifier, serverFacts, type PostgresConnectionProps, type PostgresProps } from './postgres-props';
import { methodOf } from './props';
import { restoreIn, type Restore, type RestoreProps } from './postgres-restore';
import { connected } from './store-props';
import { printed } from './values';

/**
 * A PostgreSQL server whose one database several services share, each with a part of its own: a schema, or tables. That
 * costs one server where `PostgresDatabase` costs one each; what is shared is memory, disk, backups and the hour of the
 * upgrade.
 *
 * Errors: those of `PostgresDatabase`, and `overlapping-tables`, `bad-table-pattern`.
 *
 * @example
 * ```ts
 * const shared = new PostgresServer(ordering, 'small', { storage: Size.gibibytes(20) });
 * orders.owns(shared.schema('orders'));
 * ```
 */
export class PostgresServer extends Element {
  readonly #facts: PostgresFacts;

  constructor(scope: Construct, id: string, props: PostgresProps | PostgresConnectionProps = {}) {
    super(scope, id);
    this.#facts = serverFacts(this, props);
    declare(this, Postgres, this.#facts);
  }

  /** A server that somebody else runs, wherever the platform is. */
  static fromConnection(scope: Construct, id: string, props: PostgresConnectionProps): PostgresServer {
    const make = (said: PostgresConnectionProps): PostgresServer => new PostgresServer(scope, id, said);
    return connected(methodOf(PostgresServer, 'fromConnection'), props, make);
  }

  /**
   * Puts a dump in place of what is in it, all shares together, once.
   * @param id - name of the restore: `back-to-monday`
   */
  restore(id: string, props: RestoreProps = {}): Restore {
    return restoreIn(this, id, this.#facts, props, methodOf(this, 'restore'));
  }

  /**
   * A schema of its own for one service (Schema per service).
   * @param id - name of the schema, with `_` in place of `-`
   */
  schema(id: string): PostgresSchema {
    return new PostgresSchema(this, id, this.#facts);
  }

  /**
   * Tables of its own for one service, in a schema that others have tables in as well (Private tables per service).
   * @param patterns - names of the tables; a star at the end stands for any others: `audit_*`
   */
  tables(id: string, patterns: readonly string[]): PostgresTables {
    return new PostgresTables(this, id, patterns, this.#facts);
  }
}

/** A schema of a server, for one service alone. */
export class PostgresSchema extends Element implements IStore {
  /** What keeps the data. */
  readonly engine = 'postgres';

  /** @param server - facts of the server that it is a part of; made by `PostgresServer.schema` */
  constructor(scope: PostgresServer, id: string, server: PostgresFacts) {
    super(scope, id);
    const schema = id.replaceAll('-', '_');
    for (const problem of problemsOfIdentifier('id', schema, RESERVED_SCHEMAS)) report(this, problem);
    const store = shareFacts(this, server, 'schema');
    declare(this, Store, store);
    declare(this, PostgresShare, { store, schema, server });
    relate(StandsOn, this, scope, {});
  }
}

/** Tables of a server, for one service alone. */
export class PostgresTables extends Element implements IStore {
  /** What keeps the data. */
  readonly engine = 'postgres';

  /**
   * @param patterns - names of the tables
   * @param server - facts of the server that they are on; made by `PostgresServer.tables`
   */
  constructor(scope: PostgresServer, id: string, patterns: readonly string[], server: PostgresFacts) {
    super(scope, id);
    const known = soundOf(patterns, PATTERNS) ?? [];
    const problems = PATTERNS.is(patterns)
      ? problemsOfPatterns(known)
      : problemsOfNeeded('patterns', patterns, PATTERNS);
    for (const problem of problems) report(this, problem);
    const store = shareFacts(this, server, 'tables');
    declare(this, Store, store);
    declare(this, PostgresShare, { store, schema: SHARED_SCHEMA, tables: [...new Set(known)].sort(), server });
    relate(StandsOn, this, scope, {});
  }
}

/** The schema of those who have tables only. */
const SHARED_SCHEMA = 'public';

/** Schemas that are there already, or that Ashlar makes for itself. */
const RESERVED_SCHEMAS = [SHARED_SCHEMA, 'information_schema', 'ashlar', 'extensions'];

function shareFacts(share: Construct, server: PostgresFacts, isolation: StoreFacts['isolation']): StoreFacts {
  return {
    engine: 'postgres',
    name: `${server.name}-${share.node.id}`,
    namespace: server.namespace,
    isolation,
    durable: true,
    share: share.node.id,
  };
}

const PATTERNS = { ...LIST, example: "['invoices', 'audit_*']" };

/** A star alone would be everybody's tables. */
const PATTERN = /^[a-z_][a-z0-9_]{0,61}\*?$/;

function problemsOfPatterns(patterns: readonly string[]): readonly Problem[] {
  const wrong = patterns.filter((pattern) => typeof pattern !== 'string' || !PATTERN.test(pattern));
  if (wrong.length === 0 && patterns.length > 0) return [];
  return [
    {
      code: 'bad-table-pattern',
      message: 'The tables of a service are not told apart from those of others.',
      field: 'patterns',
      got: wrong.map(printed).join(', ') || 'no pattern',
      allowed: 'names of a-z, 0-9 and _, with a star at the end or without: audit_*, invoices',
      fix: 'Name the tables, or the letters that all of them begin with.',
    },
  ];
}
