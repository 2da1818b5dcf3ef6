import type { PoolerFacts } from './derive/stores/postgres/server';
import type { Problem } from './model/finding';
import { kindOf } from './kinds';
import { problemOfInteger, type Checked } from './values';

/** Most connections of a pool. */
const MOST_CONNECTIONS = 10_000;

/** A pool of connections before a PostgreSQL server, so that many pods need few of them. */
export class Pooler implements Checked {
  private constructor(
    /** The mode and the size. */
    readonly facts: PoolerFacts,
    /** What was given wrongly; empty where all is well. */
    readonly problems: readonly Problem[],
  ) {}

  /**
   * A client holds a connection for one transaction. What outlives it is lost: settings of the session, advisory locks,
   * `LISTEN`, temporary tables (PgBouncer 1.25, "Features", SQL feature map).
   * @param connections - to the server, for each account, all pods of the pool together; 1 to 10,000
   */
  static transaction(connections: number): Pooler {
    return Pooler.#of('transaction', connections);
  }

  /**
   * A client holds a connection as long as it stays.
   * @param connections - to the server, for each account, all pods of the pool together; 1 to 10,000
   */
  static session(connections: number): Pooler {
    return Pooler.#of('session', connections);
  }

  static #of(mode: PoolerFacts['mode'], connections: number): Pooler {
    return new Pooler({ mode, connections }, problemOfInteger('pooler', connections, 1, MOST_CONNECTIONS));
  }
}

/** Those, of whichever copy of the kit. */
export const POOLER = kindOf(Pooler, 'Pooler.transaction(50)');
