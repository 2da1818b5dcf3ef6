import type { IConstruct } from 'constructs';
import { viewOf, type Graph } from '../../../model/graph';
import { accountsOf, loginName, type Account } from '../accounts';
import { StandsOn, Store } from '../store';
import { PostgresAdmin, PostgresShare } from './server';

/** The roles of an account: one that owns and is granted, which nobody logs in with, and two that log in by turns. */
export interface PostgresRole {
  readonly level: Account['level'];
  /** Owns the objects, or is granted what readers are. */
  readonly group: string;
  /** Those that log in: of odd generations, and of even ones. */
  readonly logins: readonly [string, string];
  /** The one of this generation. */
  readonly current: string;
  /** Secret with its password. */
  readonly secret: string;
  /** Connections that each login may have. @defaultValue no limit of its own */
  readonly connections?: number;
}

/** A store on a server, with the roles that may use it. */
export interface PostgresStore {
  readonly construct: IConstruct;
  /** `orders-db`: says in comments of the script whose part it is. */
  readonly name: string;
  /** The schema of its tables. */
  readonly schema: string;
  /** Names of its tables where others have tables in the schema, too. @defaultValue all */
  readonly tables?: readonly string[];
  /** The server is its own. */
  readonly whole: boolean;
  readonly roles: readonly PostgresRole[];
}

/** Connections that are kept free for administrators, backups and the metrics exporter, in percent, at least five. */
const KEPT_PERCENT = 10;

/** The stores of a server, in the order of their paths. */
export const postgresStores = viewOf(
  'postgres-stores',
  (graph: Graph, server: IConstruct): readonly PostgresStore[] => {
    const shares = graph.to(server, StandsOn).map(({ from }) => from);
    const stores = graph.facts(server, Store) === undefined ? shares : [server];
    const accounts = stores.map((store) => graph.viewOf(accountsOf, store));
    const connections = limitOf(graph, server, accounts.flat().length);
    return stores.map((construct, index) => {
      const share = graph.facts(construct, PostgresShare);
      return {
        construct,
        name: graph.facts(construct, Store)?.name ?? construct.node.id,
        schema: share?.schema ?? 'public',
        ...(share?.tables !== undefined && { tables: share.tables }),
        whole: share === undefined,
        roles: (accounts[index] ?? []).map((account) => rolesOf(account, connections)),
      };
    });
  },
);

/** The roles of an account. The endings keep them apart: no two accounts have a role in common. */
export function rolesOf({ name, level, generation, secret }: Account, connections?: number): PostgresRole {
  return {
    level,
    group: `${name.replaceAll('-', '_')}_${level}`,
    logins: [loginName(name, 1), loginName(name, 2)],
    current: loginName(name, generation),
    secret,
    ...(connections !== undefined && { connections }),
  };
}

/** What the server admits is shared out evenly, so that nobody takes the connections of others (Bulkhead). */
function limitOf(graph: Graph, server: IConstruct, accounts: number): number | undefined {
  const admin = graph.facts(server, PostgresAdmin);
  if (admin?.maxConnections === undefined) return admin?.perAccount;
  const kept = Math.max(5, Math.ceil((admin.maxConnections * KEPT_PERCENT) / 100));
  return Math.max(1, Math.floor((admin.maxConnections - kept) / Math.max(1, accounts)));
}
