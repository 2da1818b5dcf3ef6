import { BoundedContext, Microservice, Migration, PostgresDatabase, accept, type Plan } from 'ashlar';
import { planOf } from '../support/plans';
import { ADMIN, startPostgres, testWithPsql, type TestServer } from '../support/postgres';
import { postgresShop } from '../support/postgres-shop';
import { applyAccess, containerOf, jobOf, plantedPasswords, run, secretOf, waits } from '../support/store-jobs';

// Real servers and clients, also on a machine that does other things as well.
jest.setTimeout(60_000);

let server: TestServer;

beforeAll(async () => {
  server = await startPostgres();
});

afterAll(() => server.stop());

const generation = (number: number): Plan => postgresShop({ generation: number });
const login = (number: number) => ({
  ...secretOf(generation(number), `orders-db-orders-v${number}`),
  database: 'orders_db',
});

describe('a new generation of passwords', () => {
  testWithPsql('is one more login, and those of the generation before stay', async () => {
    expect(await applyAccess(generation(1), server, 'orders-db')).toMatchObject({ code: 0 });
    const open = await server.connect(login(1));
    await open.query('CREATE TABLE lines (text text)');

    // Before the Job of the new generation has run, its pods wait, and those that are there go on.
    const early = await waits(generation(2), server, 'orders', 'orders-db');
    expect(early).toMatchObject({ code: 1, output: expect.stringContaining('password authentication failed') });
    await open.query(`INSERT INTO lines VALUES ('before')`);

    expect(await applyAccess(generation(2), server, 'orders-db')).toMatchObject({ code: 0 });
    expect(await waits(generation(2), server, 'orders', 'orders-db')).toEqual({ code: 0, output: '' });
    const [again, next] = await Promise.all([server.connect(login(1)), server.connect(login(2))]);
    await open.query(`INSERT INTO lines VALUES ('open')`);
    await again.query(`INSERT INTO lines VALUES ('again')`);
    await next.query(`ALTER TABLE lines ADD COLUMN more text`);
    await next.query(`INSERT INTO lines VALUES ('next')`);
    await open.query('CREATE TABLE made_by_the_old ()');
    await next.query('DROP TABLE made_by_the_old');
  });

  testWithPsql('ends the one before the last: its password holds no more, its open sessions do', async () => {
    const open = await server.connect(login(1));
    expect(await applyAccess(generation(3), server, 'orders-db')).toMatchObject({ code: 0 });
    await open.query(`INSERT INTO lines VALUES ('still open')`);
    await expect(server.connect(login(1))).rejects.toMatchObject({ code: '28P01' });
    for (const number of [2, 3]) {
      const session = await server.connect(login(number));
      expect((await session.query('SELECT count(*)::int AS count FROM lines')).rows).toEqual([{ count: 5 }]);
    }
  });

  test('has not told the server a password', () => {
    const all = [1, 2, 3].flatMap((number) => plantedPasswords(generation(number)));
    const passwords = all.filter((password) => password !== ADMIN.password);
    expect(passwords.filter((password) => server.log().includes(password))).toEqual([]);
  });
});

describe('an administrator who is no superuser', () => {
  const external = (): Plan =>
    planOf((shop) => {
      const ordering = new BoundedContext(shop, 'ordering', { team: 'orders' });
      const database = PostgresDatabase.fromConnection(ordering, 'books', {
        host: 'db.example.com',
        tls: false,
      });
      const image = 'ghcr.io/acme/service:1.0.0';
      new Microservice(ordering, 'ledger', { image }).owns(database);
      new Microservice(ordering, 'reports', { image }).reads(database);
    });

  testWithPsql('makes roles and rights all the same, twice', async () => {
    const root = await server.connect(ADMIN);
    await root.query(`CREATE ROLE manager LOGIN CREATEROLE CREATEDB PASSWORD 'Manager4711'`);
    await root.query('GRANT CONNECT ON DATABASE postgres TO manager');
    const plan = external();
    const env = { PGUSER: 'manager', PGPASSWORD: 'Manager4711' };
    const job = containerOf(plan, jobOf('books-access'), 'access');
    expect(await run(job, server, env)).toEqual({ code: 0, output: expect.stringContaining('set') });
    expect(await run(job, server, env)).toEqual({ code: 0, output: '' });
    const owner = await server.connect({ ...secretOf(plan, 'books-books-ledger-v1'), database: 'books' });
    await owner.query('CREATE TABLE entries AS SELECT 1 AS one');
    const reader = await server.connect({ ...secretOf(plan, 'books-books-reports-v1'), database: 'books' });
    expect((await reader.query('SELECT one FROM entries')).rows).toEqual([{ one: 1 }]);
    await expect(reader.query('DROP TABLE entries')).rejects.toThrow();
  });
});

describe('a migration', () => {
  const migrated = (image: string): Plan =>
    planOf((shop) => {
      const ordering = new BoundedContext(shop, 'ordering', { team: 'orders' });
      const database = new PostgresDatabase(ordering, 'stock-db');
      const stock = new Microservice(ordering, 'stock', { image: 'ghcr.io/acme/stock:1.0.0' }).owns(database);
      accept(stock, 'single-replica', 'It is not what is tested.');
      new Migration(ordering, 'stock-tables', { of: database, image, args: ['up'] });
    });

  testWithPsql('is waited for by those who use the store, each version anew', async () => {
    const [first, second] = [migrated('ghcr.io/acme/stock:1.0.0'), migrated('ghcr.io/acme/stock:1.1.0')];
    expect(await applyAccess(first, server, 'stock-db')).toMatchObject({ code: 0 });
    expect(await waits(first, server, 'stock', 'stock-db')).toMatchObject({
      code: 1,
      output: expect.stringContaining('stock-db-access, stock-tables'),
    });
    // It waits itself for the roles alone.
    const own = containerOf(first, jobOf('stock-tables'), 'wait-for-stock-db');
    expect(await run(own, server, { WAIT_SECONDS: '1' })).toEqual({ code: 0, output: '' });
    expect(await run(containerOf(first, jobOf('stock-tables'), 'migrated'), server)).toEqual({ code: 0, output: '' });
    expect(await waits(first, server, 'stock', 'stock-db')).toEqual({ code: 0, output: '' });
    expect(await waits(second, server, 'stock', 'stock-db')).toMatchObject({ code: 1 });
  });

  test('runs the team’s program as the owner, before it says so', () => {
    const { manifest } =
      migrated('ghcr.io/acme/stock:1.0.0').objects.find((one) => jobOf('stock-tables')(one.manifest)) ?? {};
    // eslint-disable-next-line @typescript-eslint/no-explicit-any -- a test that reads a manifest knows its shape
    const { initContainers, containers } = (manifest as any).spec.template.spec;
    expect(initContainers.map(({ name }: { name: string }) => name)).toEqual(['wait-for-stock-db', 'migrate']);
    expect(initContainers[1]).toMatchObject({ image: 'ghcr.io/acme/stock:1.0.0', args: ['up'] });
    expect(initContainers[1].env).toContainEqual({
      name: 'PGPASSWORD',
      valueFrom: { secretKeyRef: { name: 'stock-db-stock-v1', key: 'password' } },
    });
    expect(containers.map(({ name }: { name: string }) => name)).toEqual(['migrated']);
  });
});
