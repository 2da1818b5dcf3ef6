import type { Plan } from 'ashlar';
import type { Client } from 'pg';
import { ADMIN, startPostgres, testWithPsql, type TestServer } from '../support/postgres';
import { postgresShop } from '../support/postgres-shop';
import { applyAccess, plantedPasswords, secretOf, waits } from '../support/store-jobs';

// Real servers and clients, also on a machine that does other things as well.
jest.setTimeout(60_000);

/** A store of the shop: how its owner and its reader get in, and a table that is its own. */
interface Private {
  readonly server: string;
  readonly database: string;
  readonly secret: string;
  readonly readerSecret: string;
  readonly table: string;
}

const STORES: Readonly<Record<string, Private>> = {
  orders: {
    server: 'orders-db',
    database: 'orders_db',
    secret: 'orders-db-orders-v1',
    readerSecret: 'orders-db-reports-v1',
    table: 'public.lines',
  },
  returns: share('returns', 'returns.lines'),
  stock: share('stock', 'stock.lines'),
  audits: share('audits', 'public.audit_log'),
  invoices: share('invoices', 'public.invoice_lines'),
};

function share(name: string, table: string): Private {
  const secret = `small-${name}-${name}`;
  return { server: 'small', database: 'small', secret: `${secret}-v1`, readerSecret: `${secret}-reports-v1`, table };
}

const SERVERS = ['orders-db', 'small'] as const;
const plan = postgresShop();
const servers = new Map<string, TestServer>();
const snapshots = new Map<string, readonly string[]>();

/** All that roles and rights are in the catalogues, and what the Jobs keep. */
async function catalogOf(server: TestServer, database: string): Promise<readonly string[]> {
  const admin = await server.connect({ ...ADMIN, database });
  const queries = [
    `SELECT * FROM pg_authid WHERE rolname !~ '^pg_' ORDER BY 1`,
    `SELECT * FROM pg_auth_members ORDER BY roleid, member, grantor`,
    `SELECT * FROM pg_db_role_setting ORDER BY 1, 2`,
    `SELECT datname, datacl, datdba FROM pg_database ORDER BY 1`,
    `SELECT oid, nspname, nspowner, nspacl FROM pg_namespace WHERE nspname !~ '^pg_' ORDER BY 1`,
    `SELECT * FROM pg_default_acl ORDER BY oid`,
    `SELECT oid, relname, relowner, relacl FROM pg_class WHERE relnamespace > 16000 OR relname ~ '_l' ORDER BY 1`,
    `SELECT oid, proname, proowner, proacl, prosrc FROM pg_proc WHERE oid > 16000 ORDER BY 1`,
    `SELECT * FROM pg_event_trigger`,
    `SELECT extname, extnamespace FROM pg_extension ORDER BY 1`,
    `SELECT * FROM ashlar.applied ORDER BY 1`,
    `SELECT * FROM ashlar.roles ORDER BY 1`,
  ];
  const answers: string[] = [];
  for (const query of queries) answers.push(JSON.stringify((await admin.query(query)).rows));
  await admin.end();
  return answers;
}

/** A session of whoever has a Secret. */
function session({ server, database }: Private, secret: string, of: Plan = plan): Promise<Client> {
  return (servers.get(server) as TestServer).connect({ ...secretOf(of, secret), database });
}

const ownerOf = (store: Private): Promise<Client> => session(store, store.secret);
const storeOf = (name: string): Private => STORES[name] as Private;
const tableName = ({ table }: Private): string => table.split('.')[1] ?? '';

beforeAll(async () => {
  const start = async (name: string): Promise<void> => {
    const server = await startPostgres();
    servers.set(name, server);
    expect(await applyAccess(plan, server, name)).toMatchObject({ code: 0 });
    snapshots.set(name, await catalogOf(server, name.replaceAll('-', '_')));
  };
  await Promise.all(SERVERS.map(start));
  for (const store of Object.values(STORES)) {
    const owner = await ownerOf(store);
    // By its bare name: the session looks where its own tables are.
    await owner.query(`CREATE TABLE ${tableName(store)} (id serial PRIMARY KEY, text text)`);
    await owner.query(`INSERT INTO ${tableName(store)} (text) VALUES ('one')`);
    await owner.end();
  }
});

afterAll(async () => {
  await Promise.all([...servers.values()].map((server) => server.stop()));
});

test.each(SERVERS)('a second run of the Job of %s changes nothing', async (name) => {
  const server = servers.get(name) as TestServer;
  const database = name.replaceAll('-', '_');
  const before = await catalogOf(server, database);
  expect(await applyAccess(plan, server, name)).toEqual({ code: 0, output: '' });
  expect(await catalogOf(server, database)).toEqual(before);
});

test('nothing of what the Job does is lost by what the owners do', async () => {
  for (const name of SERVERS) {
    const now = await catalogOf(servers.get(name) as TestServer, name.replaceAll('-', '_'));
    const [roles] = snapshots.get(name) ?? [];
    expect(now[0]).toBe(roles);
  }
});

describe.each(Object.keys(STORES))('the owner of %s', (name) => {
  const store = storeOf(name);
  const own = tableName(store);

  test('may do anything with its own tables', async () => {
    const owner = await ownerOf(store);
    await owner.query(`CREATE TABLE ${own}_more (id bigint GENERATED ALWAYS AS IDENTITY, at date)`);
    await owner.query(`CREATE INDEX by_date ON ${own}_more (at)`);
    await owner.query(`CREATE VIEW ${own}_view AS SELECT text FROM ${own}`);
    await owner.query(`ALTER TABLE ${own}_more ADD COLUMN note text`);
    await owner.query(`INSERT INTO ${own}_more (at, note) VALUES ('2026-01-01', 'x')`);
    await owner.query(`CREATE FUNCTION ${own}_count() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM ${own}'`);
    expect((await owner.query(`SELECT ${own}_count() AS count`)).rows).toEqual([{ count: '1' }]);
    await owner.query(`DROP FUNCTION ${own}_count()`);
    await owner.query(`DROP VIEW ${own}_view`);
    await owner.query(`DROP TABLE ${own}_more`);
    await owner.end();
  });

  test('makes objects that belong to its group, whichever login it has', async () => {
    const owner = await ownerOf(store);
    const { rows } = await owner.query<{ owner: string; login: string }>(
      `SELECT pg_get_userbyid(relowner) AS owner, session_user AS login FROM pg_class WHERE oid = $1::regclass`,
      [store.table],
    );
    expect(rows).toEqual([{ owner: `${name}_owner`, login: `${name}_a` }]);
    await owner.end();
  });

  test('may not shed its role to get around it', async () => {
    const owner = await ownerOf(store);
    await owner.query('SET ROLE NONE');
    await expect(owner.query(`SELECT * FROM ${store.table}`)).rejects.toMatchObject({ code: DENIED });
    await expect(owner.query(`CREATE TABLE ${own}_x ()`)).rejects.toThrow();
    await owner.end();
  });

  test('may not touch what the Job keeps', async () => {
    const owner = await ownerOf(store);
    for (const statement of [
      'DELETE FROM ashlar.applied',
      `INSERT INTO ashlar.applied (version) VALUES ('forged')`,
      'CREATE TABLE ashlar.x ()',
      'DROP SCHEMA ashlar CASCADE',
    ]) {
      await expect(owner.query(statement)).rejects.toMatchObject({ code: DENIED });
    }
    await owner.end();
  });

  test('may not become anybody, nor make roles or databases', async () => {
    const owner = await ownerOf(store);
    for (const statement of [
      'SET ROLE postgres',
      'CREATE ROLE intruder',
      'CREATE DATABASE intruder',
      `ALTER ROLE ${name}_b PASSWORD 'mine'`,
    ]) {
      await expect(owner.query(statement)).rejects.toMatchObject({ code: DENIED });
    }
    await owner.end();
  });

  test('may not enter the databases that come with a server', async () => {
    for (const database of ['postgres', 'template1']) {
      const elsewhere = { ...store, database };
      await expect(session(elsewhere, store.secret)).rejects.toMatchObject({ code: DENIED });
    }
  });
});

/** insufficient_privilege, and what else PostgreSQL says where somebody has no way (PostgreSQL 18, Appendix A). */
const DENIED = '42501';
const NO_SUCH_LOGIN = '28P01';

const PAIRS = Object.keys(STORES).flatMap((actor) =>
  Object.keys(STORES).flatMap((target) => (actor === target ? [] : [[actor, target] as const])),
);

describe.each(PAIRS)('%s and the store of %s', (actor, target) => {
  const from = storeOf(actor);
  const to = storeOf(target);
  const otherServer = from.server !== to.server;

  if (otherServer) {
    test('it cannot connect', async () => {
      await expect(session(to, from.secret)).rejects.toMatchObject({ code: NO_SUCH_LOGIN });
    });
    return;
  }

  test('it cannot select, insert, update, delete, truncate, alter, rename or drop', async () => {
    const owner = await ownerOf(from);
    for (const statement of [
      `SELECT * FROM ${to.table}`,
      `SELECT nextval('${to.table}_id_seq')`,
      `INSERT INTO ${to.table} (text) VALUES ('theirs')`,
      `UPDATE ${to.table} SET text = 'theirs'`,
      `DELETE FROM ${to.table}`,
      `TRUNCATE ${to.table}`,
      `ALTER TABLE ${to.table} ADD COLUMN theirs text`,
      `ALTER TABLE ${to.table} RENAME TO ${tableName(from)}_taken`,
      `ALTER TABLE ${to.table} OWNER TO ${actor}_owner`,
      `CREATE INDEX theirs ON ${to.table} (text)`,
      `CREATE TRIGGER theirs BEFORE INSERT ON ${to.table} EXECUTE FUNCTION suppress_redundant_updates_trigger()`,
      `GRANT SELECT ON ${to.table} TO ${actor}_owner`,
      `DROP TABLE ${to.table}`,
      `SET ROLE ${target}_owner`,
    ]) {
      await expect(owner.query(statement)).rejects.toMatchObject({ code: DENIED });
    }
    await owner.end();
  });

  test('it cannot make or move anything there', async () => {
    const owner = await ownerOf(from);
    const place = to.table.split('.')[0] ?? '';
    for (const statement of [
      `CREATE TABLE ${to.table}_theirs ()`,
      `CREATE VIEW ${to.table}_theirs AS SELECT 1 AS one`,
      `CREATE SEQUENCE ${to.table}_theirs`,
      `CREATE TYPE ${to.table}_theirs AS ENUM ('a')`,
      `CREATE FUNCTION ${place}.lower(int) RETURNS int LANGUAGE sql AS 'SELECT 1'`,
      `CREATE OPERATOR ${place}.=== (LEFTARG = int, RIGHTARG = int, FUNCTION = int4eq)`,
      `ALTER TABLE ${from.table} RENAME TO ${tableName(to)}_theirs`,
    ]) {
      // A name of its own in a schema of its own is nobody's business.
      const allowed = statement.includes('RENAME') && from.table.split('.')[0] !== place;
      if (!allowed) await expect(owner.query(statement)).rejects.toMatchObject({ code: DENIED });
    }
    await owner.end();
  });
});

describe('tables of several owners in one schema', () => {
  const audits = storeOf('audits');

  const refuses = async (statement: string, hint: string): Promise<void> => {
    const owner = await ownerOf(audits);
    await expect(owner.query(statement)).rejects.toMatchObject({ code: DENIED, hint });
    await owner.end();
  };

  test('are told by name, and the message says which names are free', async () => {
    const hint = 'Names that are its own: audit_*';
    await refuses('CREATE TABLE public.other ()', hint);
    await refuses('CREATE TABLE public.auditx ()', hint);
    await refuses('CREATE TABLE public.audit_x AS SELECT 1 AS one; ALTER TABLE public.audit_x RENAME TO other', hint);
    await refuses('SELECT 1 AS one INTO public.other', hint);
  });

  test('have indexes with any name but that of another owner', async () => {
    const owner = await ownerOf(audits);
    await owner.query('CREATE INDEX any_name ON public.audit_log (text)');
    await owner.query('DROP INDEX public.any_name');
    await expect(owner.query('CREATE INDEX invoice_next ON public.audit_log (text)')).rejects.toMatchObject({
      code: DENIED,
    });
    await owner.end();
  });

  test('of which one is named exactly have sequences all the same', async () => {
    const owner = await ownerOf(storeOf('invoices'));
    await owner.query('CREATE TABLE invoice (id serial PRIMARY KEY, more bigint GENERATED ALWAYS AS IDENTITY)');
    await owner.query('DROP TABLE invoice');
    await owner.end();
  });
});

describe.each(Object.keys(STORES))('the reader of %s', (name) => {
  const store = storeOf(name);
  const readerOf = (): Promise<Client> => session(store, store.readerSecret);

  test('reads what is there and what comes later', async () => {
    const [owner, reader] = await Promise.all([ownerOf(store), readerOf()]);
    expect((await reader.query(`SELECT text FROM ${tableName(store)}`)).rows).toEqual([{ text: 'one' }]);
    await owner.query(`CREATE TABLE ${tableName(store)}_later AS SELECT 2 AS two`);
    expect((await reader.query(`SELECT two FROM ${store.table}_later`)).rows).toEqual([{ two: 2 }]);
    await owner.query(`DROP TABLE ${store.table}_later`);
    await Promise.all([owner.end(), reader.end()]);
  });

  test('cannot write, even where it says that it wants to', async () => {
    const reader = await readerOf();
    await expect(reader.query(`DELETE FROM ${store.table}`)).rejects.toMatchObject({ code: '25006' });
    await reader.query('SET default_transaction_read_only = off');
    for (const statement of [
      `INSERT INTO ${store.table} (text) VALUES ('x')`,
      `UPDATE ${store.table} SET text = 'x'`,
      `DELETE FROM ${store.table}`,
      `TRUNCATE ${store.table}`,
      `SELECT * FROM ${store.table} FOR UPDATE`,
      `DROP TABLE ${store.table}`,
      `ALTER TABLE ${store.table} ADD COLUMN x int`,
      `CREATE TABLE ${store.table}_x ()`,
      'CREATE TEMPORARY TABLE x ()',
      'CREATE SCHEMA x',
      `SELECT ashlar.migrated('x')`,
      `SET ROLE ${name}_owner`,
    ]) {
      await expect(reader.query(statement)).rejects.toMatchObject({ code: DENIED });
    }
    await reader.end();
  });

  test('reads nothing of others', async () => {
    const reader = await readerOf();
    const others = Object.values(STORES).filter((one) => one !== store && one.server === store.server);
    for (const { table } of others) {
      await expect(reader.query(`SELECT * FROM ${table}`)).rejects.toMatchObject({ code: DENIED });
    }
    await reader.end();
  });
});

test('an extension is there for the owner, without a name before it', async () => {
  const owner = await ownerOf(storeOf('orders'));
  expect((await owner.query(`SELECT 'A'::citext = 'a'::citext AS same`)).rows).toEqual([{ same: true }]);
  await expect(owner.query('CREATE TABLE extensions.x ()')).rejects.toMatchObject({ code: DENIED });
  await owner.end();
});

test('an account takes no more connections than its share', async () => {
  const store = storeOf('stock');
  const sessions: Client[] = [];
  const connectAll = async (): Promise<void> => {
    for (let count = 0; count < 100; count += 1) sessions.push(await ownerOf(store));
  };
  await expect(connectAll()).rejects.toMatchObject({ code: '53300' });
  // A hundred, less ten that are kept free, for eight accounts.
  expect(sessions.length).toBe(11);
  await Promise.all(sessions.map((one) => one.end()));
});

test('the server has never been told a password', () => {
  const passwords = plantedPasswords(plan).filter((password) => password !== ADMIN.password);
  expect(passwords.length).toBeGreaterThan(5);
  for (const server of servers.values()) {
    const log = server.log();
    expect(log).toContain('SCRAM-SHA-256$');
    expect(passwords.filter((password) => log.includes(password))).toEqual([]);
  }
});

describe('a pod that waits', () => {
  testWithPsql.each([
    ['orders', 'orders-db', 'orders-db'],
    ['audits', 'small-audits', 'small'],
    ['reports', 'small-stock', 'small'],
  ])('%s is let go once the Job has said that its version holds', async (workload, store, server) => {
    expect(await waits(plan, servers.get(server) as TestServer, workload, store)).toEqual({ code: 0, output: '' });
  });

  testWithPsql('says what it waited for where it waited too long, and no password', async () => {
    const other = postgresShop({ props: { extensions: ['citext', 'hstore'] } });
    const ran = await waits(other, servers.get('orders-db') as TestServer, 'orders', 'orders-db');
    expect(ran.code).toBe(1);
    expect(ran.output).toContain('Waited 1 s for orders-db');
    expect(ran.output).toContain('the Jobs orders-db-access of the namespace ordering have not done their work');
    expect(plantedPasswords(other).filter((password) => ran.output.includes(password))).toEqual([]);
  });
});

describe('an account that is in the plan no more', () => {
  test('cannot log in', async () => {
    const server = servers.get('orders-db') as TestServer;
    const without = postgresShop({ withoutReader: true });
    expect(await applyAccess(without, server, 'orders-db')).toMatchObject({ code: 0 });
    const { readerSecret, database } = storeOf('orders');
    await expect(server.connect({ ...secretOf(plan, readerSecret), database })).rejects.toMatchObject({
      code: '28000',
    });
    expect(await applyAccess(plan, server, 'orders-db')).toMatchObject({ code: 0 });
    await (await server.connect({ ...secretOf(plan, readerSecret), database })).end();
  });
});
