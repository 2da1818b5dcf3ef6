import type { Client } from 'pg';
import { exampleOf } from '../proof/support/examples';
import { startPostgres, type TestServer } from '../support/postgres';
import { applyAccess, secretOf } from '../support/store-jobs';

// Real servers and clients, also on a machine that does other things as well.
jest.setTimeout(60_000);

/** What a service of the shop owns in PostgreSQL, and a table that it makes there. */
interface Owned {
  readonly server: string;
  readonly secret: string;
  readonly schema: string;
  readonly table: string;
}

const alone = (server: string, service: string): Owned => ({
  server,
  secret: `${server}-${service}-v1`,
  schema: 'public',
  table: 'lines',
});

const inSchema = (server: string, service: string): Owned => ({
  ...alone(server, `${service}-${service}`),
  schema: service,
});

/** All three ways of parting: servers of their own, schemas, tables. */
const OWNED: Readonly<Record<string, Owned>> = {
  payments: alone('payments-db', 'payments'),
  inventory: alone('inventory-db', 'inventory'),
  orders: alone('orders-db', 'orders'),
  shipping: inSchema('parcels', 'shipping'),
  notifications: inSchema('parcels', 'notifications'),
  returns: inSchema('small', 'returns'),
  audits: { ...alone('small', 'audits-audits'), table: 'audit_log' },
};

const SERVICES = Object.keys(OWNED);
const PAIRS = SERVICES.flatMap((one) =>
  SERVICES.filter((other) => other !== one).map((other) => [one, other] as const),
);

const { plan } = exampleOf('shop', 'dev');
const servers = new Map<string, TestServer>();
const ownedBy = (service: string): Owned => OWNED[service] as Owned;

/** A session with the account of a service, on the server and in the database of some store. */
function session(service: string, { server }: Owned): Promise<Client> {
  const login = secretOf(plan, ownedBy(service).secret);
  return (servers.get(server) as TestServer).connect({ ...login, database: server.replaceAll('-', '_') });
}

beforeAll(async () => {
  const names = new Set(Object.values(OWNED).map(({ server }) => server));
  await Promise.all(
    [...names].map(async (name) => {
      const server = await startPostgres();
      servers.set(name, server);
      expect(await applyAccess(plan, server, name)).toMatchObject({ code: 0 });
    }),
  );
});

afterAll(async () => {
  await Promise.all([...servers.values()].map((server) => server.stop()));
});

test.each(SERVICES)('%s works with what it owns', async (service) => {
  const owned = ownedBy(service);
  const client = await session(service, owned);
  await client.query(`CREATE TABLE ${owned.table} (id serial PRIMARY KEY, text text)`);
  await client.query(`INSERT INTO ${owned.table} (text) VALUES ('one')`);
  await client.query(`ALTER TABLE ${owned.table} ADD COLUMN more text`);
  expect((await client.query(`SELECT text FROM ${owned.schema}.${owned.table}`)).rows).toEqual([{ text: 'one' }]);
  await client.end();
});

describe.each(PAIRS)('%s and what %s owns', (service, other) => {
  const owned = ownedBy(other);
  const table = `${owned.schema}.${owned.table}`;

  if (owned.server === ownedBy(service).server) {
    test.each([
      `SELECT * FROM ${table}`,
      `INSERT INTO ${table} (text) VALUES ('two')`,
      `ALTER TABLE ${table} ADD COLUMN mine text`,
      `DROP TABLE ${table}`,
      `CREATE TABLE ${owned.schema}.${owned.table}_2 ()`,
    ])('is refused: %s', async (statement) => {
      const client = await session(service, owned);
      // Insufficient privilege, whether of the table, the schema or the names in it.
      await expect(client.query(statement)).rejects.toMatchObject({ code: '42501' });
      await client.end();
    });
  } else {
    test('are on servers where the one has no account', async () => {
      await expect(session(service, owned)).rejects.toMatchObject({ code: '28P01' });
    });
  }
});
