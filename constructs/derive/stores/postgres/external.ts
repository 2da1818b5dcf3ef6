import type { Construct } from 'constructs';
import { backEnd } from '../../../model/back-end';
import { given } from '../../../model/given';
import type { JsonSchema } from '../../../model/json-schema';
import { declare } from '../../../model/recorder';
import { pathBelowPlatform } from '../../../model/setting';
import { ANYWHERE } from '../../exposure';
import type { Reach } from '../../endpoint';
import { Store, type StoreFacts } from '../store';
import { declareConnection } from './connect';
import {
  POSTGRES_PORT,
  PostgresAdmin,
  PostgresNeed,
  type GivenServer,
  type PostgresAdminFacts,
  type PostgresBackEnd,
  type PostgresFacts,
} from './server';

/** Where a server is, in an environment file. Each field wins over that of the whole back end. */
const SERVER_FIELDS = {
  host: { type: 'string', description: 'DNS name or address of the server.' },
  port: { type: 'integer', minimum: 1, maximum: 65535 },
  addresses: {
    type: 'array',
    minItems: 1,
    items: { type: 'string' },
    description: 'CIDRs of the server. Without them every address is open on its port: policies know no names.',
  },
  sslmode: { type: 'string', enum: ['verify-full', 'require', 'disable'], description: 'verify-full if left out.' },
  caSecret: { type: 'string', description: 'Secret with ca.crt. Without one: the authorities of the image.' },
  adminSecret: { type: 'string', description: 'Secret with username and password of who may make roles.' },
  accounts: {
    type: 'string',
    enum: ['made', 'given'],
    description: 'given: somebody else makes roles and rights, and the Secrets of the accounts hold what they are.',
  },
  database: { type: 'string', pattern: '^[a-z_][a-z0-9_]{0,62}$', description: 'Name of the database.' },
  maintenance: { type: 'string', description: 'Database to connect to before the own one is there: postgres.' },
  connections: { type: 'integer', minimum: 1, description: 'Connections that each account may have.' },
} as const satisfies Readonly<Record<string, JsonSchema>>;

/** What an environment file says of a server. */
interface Options {
  readonly host?: string;
  readonly port?: number;
  readonly addresses?: readonly string[];
  readonly sslmode?: GivenServer['sslmode'];
  readonly caSecret?: string;
  readonly adminSecret?: string;
  readonly accounts?: 'made' | 'given';
  readonly database?: string;
  readonly maintenance?: string;
  readonly connections?: number;
}

/** Servers that somebody else runs: a managed service, an old machine. */
export const externalPostgres = backEnd(
  PostgresNeed,
  'external',
  {
    type: 'object',
    properties: {
      ...SERVER_FIELDS,
      servers: {
        type: 'object',
        description: 'What is different for some of them, by path: ordering/orders-db.',
        additionalProperties: { type: 'object', properties: SERVER_FIELDS, additionalProperties: false },
      },
    },
    additionalProperties: false,
  },
  (raw): PostgresBackEnd => {
    const { servers = {}, ...common } = raw as Options & { readonly servers?: Readonly<Record<string, Options>> };
    const of = (path: string): PostgresBackEnd => givenServer(toServer({ ...common, ...servers[path] }, path));
    return {
      name: 'external',
      realize: (construct, facts, build) => of(pathBelowPlatform(construct)).realize(construct, facts, build),
      connect: (store, server, share) => of(serverPath(store, share !== undefined)).connect(store, server, share),
    };
  },
);

/** A share stands below its server. */
function serverPath(store: Construct, isShare: boolean): string {
  const path = pathBelowPlatform(store);
  return isShare ? path.slice(0, path.lastIndexOf('/')) : path;
}

/** A host that the environment does not name is found by a rule, by this text. */
export const NO_HOST = '';

function toServer(options: Options, path: string): GivenServer {
  const { host = NO_HOST, port = POSTGRES_PORT, sslmode = 'verify-full', maintenance = 'postgres' } = options;
  const { accounts, adminSecret = `${path.slice(path.lastIndexOf('/') + 1)}-admin` } = options;
  const { database, addresses, caSecret, connections } = options;
  return {
    host,
    port,
    sslmode,
    admin: accounts === 'given' ? 'none' : { secret: adminSecret },
    maintenance,
    ...given({ database, addresses, caSecret, connections }),
  };
}

/** A server at a known place. */
export function givenServer(server: GivenServer): PostgresBackEnd {
  const reach: Reach = server.addresses === undefined ? ANYWHERE : { cidrs: server.addresses, except: [] };
  return {
    name: 'external',
    realize: (construct, facts) => {
      if (server.admin !== 'none')
        declare(construct, PostgresAdmin, adminOf(server, server.admin.secret, facts, reach));
    },
    connect: (store, facts, share) => {
      declare(store, Store, storeOf(server, facts, share?.store ?? facts.store));
      declareConnection(store, {
        store: share?.store.name ?? facts.name,
        host: server.host,
        port: server.port,
        database: server.database ?? facts.database,
        sslmode: server.sslmode,
        ...(server.caSecret !== undefined && { caSecret: server.caSecret }),
        reach,
        ...(server.admin === 'none' && { credentials: 'known' as const }),
      });
    },
  };
}

/** Others have accounts on the same server, so that those of this store are called by it. */
function storeOf(server: GivenServer, { name }: Readonly<PostgresFacts>, store?: StoreFacts): StoreFacts {
  const known = store ?? { engine: 'postgres', name, namespace: '', isolation: 'server', durable: true };
  return {
    ...known,
    share: known.share === undefined ? name : known.name,
  };
}

function adminOf(
  server: GivenServer,
  secret: string,
  { namespace, database }: Readonly<PostgresFacts>,
  reach: Reach,
): PostgresAdminFacts {
  return {
    namespace,
    reach,
    host: server.host,
    port: server.port,
    sslmode: server.sslmode,
    secret,
    secretFrom: 'people',
    ...(server.caSecret !== undefined && { caSecret: server.caSecret }),
    maintenance: server.maintenance,
    database: server.database ?? database,
    // Other databases on the server are others' business.
    closes: [],
    retires: [],
    ...(server.connections !== undefined && { perAccount: server.connections }),
  };
}
