import type { Construct } from 'constructs';
import { backEnd } from '../../../model/back-end';
import { given } from '../../../model/given';
import { declare } from '../../../model/recorder';
import { connectTo, connectionTo, elsewhere, externalOptions, optionsOf } from '../external';
import { OwnSecrets, knownAccount } from '../own-secrets';
import { Store, type StoreFacts } from '../store';
import { declareConnection } from './connect';
import {
  POSTGRES_PORT,
  PostgresAdmin,
  PostgresNeed,
  type PostgresAdminFacts,
  type PostgresBackEnd,
  type PostgresConnection,
  type PostgresFacts,
} from './server';

/** What an environment file says of servers of PostgreSQL only. */
const OPTIONS = externalOptions(POSTGRES_PORT, {
  database: { type: 'string', pattern: '^[a-z_][a-z0-9_]{0,62}$', description: 'Name of the database.' },
  maintenance: { type: 'string', description: 'Database to connect to before the own one is there: postgres.' },
  connections: { type: 'integer', minimum: 1, description: 'Connections that each account may have.' },
});

/** Servers that somebody else runs: a managed service, an old machine. */
export const externalPostgres = backEnd(PostgresNeed, 'external', OPTIONS, (options): PostgresBackEnd => {
  const to = (server: Construct): PostgresConnection | undefined => {
    const connection = connectionTo(server, options, POSTGRES_PORT);
    if (connection === undefined) return undefined;
    const {
      maintenance = 'postgres',
      database,
      connections,
    } = optionsOf(server, options) as Partial<PostgresConnection>;
    return { ...connection, maintenance, ...given({ database, connections }) };
  };
  return {
    name: 'external',
    realize: (construct, facts, build) =>
      connectTo(construct, PostgresNeed, to(construct), (connection) =>
        externalPostgresBackEnd(connection).realize(construct, facts, build),
      ),
    connect: (store, server, share) => {
      // A share stands below its server.
      const connection = to(share === undefined ? store : (store.node.scope as Construct));
      if (connection !== undefined) externalPostgresBackEnd(connection).connect(store, server, share);
    },
  };
});

/** The back end for a connection. */
export function externalPostgresBackEnd(connection: PostgresConnection): PostgresBackEnd {
  const { host, port, tls, authority, accounts } = connection;
  return {
    name: 'external',
    realize: (construct, facts) => {
      if (accounts === 'existing') return;
      const { namespace } = facts;
      declare(construct, OwnSecrets, { namespace, secrets: [knownAccount(namespace, connection.adminSecret)] });
      declare(construct, PostgresAdmin, adminOf(connection, facts));
    },
    connect: (store, facts, share) => {
      declare(store, Store, storeOf(facts, share?.store ?? facts.store));
      declareConnection(store, {
        store: share?.store.name ?? facts.name,
        host,
        port,
        database: connection.database ?? facts.database,
        tls,
        ...given({ authority }),
        ...elsewhere(connection),
      });
    },
  };
}

/** Others have accounts on the same server, so that those of this store are called by it. */
function storeOf({ name }: Readonly<PostgresFacts>, store?: StoreFacts): StoreFacts {
  const known = store ?? { engine: 'postgres', name, namespace: '', isolation: 'server', durable: true };
  return {
    ...known,
    share: known.share === undefined ? name : known.name,
  };
}

function adminOf(connection: PostgresConnection, { namespace, database }: Readonly<PostgresFacts>): PostgresAdminFacts {
  const { host, port, reach, tls, authority, image, adminSecret, maintenance, connections } = connection;
  return {
    namespace,
    reach,
    host,
    port,
    tls,
    secret: adminSecret,
    maintenance,
    database: connection.database ?? database,
    // Other databases on the server are others' business.
    closes: [],
    retires: [],
    ...given({ authority, clientImage: image, perAccount: connections }),
  };
}
