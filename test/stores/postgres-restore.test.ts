import { mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Backup, BoundedContext, Duration, Microservice, PostgresServer, type Plan } from 'ashlar';
import { planOf } from '../support/plans';
import { ADMIN, installed, startPostgres, type TestServer } from '../support/postgres';
import { containerOf, jobOf, run, secretOf } from '../support/store-jobs';

// Real servers and clients, also on a machine that does other things as well.
jest.setTimeout(60_000);

const image = 'ghcr.io/acme/service:1.0.0';

/** Two ways of sharing, and a restore of all of it. */
function program(dump: string): Plan {
  return planOf((shop) => {
    const ordering = new BoundedContext(shop, 'ordering', { team: 'orders' });
    const backup = Backup.daily({ keep: Duration.days(7) });
    const small = new PostgresServer(ordering, 'small', { backup, extensions: ['citext'] });
    new Microservice(ordering, 'returns', { image }).owns(small.schema('returns'));
    new Microservice(ordering, 'audits', { image }).owns(small.tables('audits', ['audit_*']));
    new Microservice(ordering, 'reports', { image }).reads(small.tables('log', ['log_*']));
    small.restore('back', { dump });
  });
}

/** The client tools of the server's own version: the package that brings a server brings none. */
const tools = installed();
const describeWithTools = tools === undefined ? describe.skip : describe;

describeWithTools('a dump of a real server', () => {
  const plan = program('latest');
  const folder = mkdtempSync(path.join(tmpdir(), 'ashlar-dumps-'));
  let server: TestServer;
  const env = { PATH: `${tools?.folder ?? ''}:${process.env['PATH'] ?? ''}`, BACKUPS: folder };
  const job = (name: string, container: string) => containerOf(plan, jobOf(name), container);
  const enter = (account: string) => server.connect({ ...secretOf(plan, `small-${account}-v1`), database: 'small' });
  const dumps = (): readonly string[] => readdirSync(folder).filter((file) => file.endsWith('.dump'));

  beforeAll(async () => {
    server = await startPostgres(tools);
    expect(await run(job('small-access', 'access'), server, { PATH: env.PATH })).toMatchObject({ code: 0 });
    const [returns, audits] = await Promise.all([enter('returns-returns'), enter('audits-audits')]);
    await returns.query(`CREATE TABLE lines (id serial PRIMARY KEY, text extensions.citext)`);
    await returns.query(`INSERT INTO lines (text) VALUES ('kept')`);
    await audits.query(`CREATE TABLE audit_log AS SELECT 'kept'::text AS text`);
  });

  afterAll(async () => {
    rmSync(folder, { recursive: true, force: true });
    await server.stop();
  });

  test('is made by the backup Job, which takes away what is too old', async () => {
    const old = path.join(folder, 'small-20200101T000000Z.dump');
    writeFileSync(old, 'old');
    utimesSync(old, new Date('2020-01-01'), new Date('2020-01-01'));
    const ran = await run(job('small-backup', 'backup'), server, env);
    expect(ran).toMatchObject({ code: 0, output: expect.stringMatching(/small-\d{8}T\d{6}Z\.dump: \d+ bytes/) });
    expect(dumps()).toEqual([expect.stringMatching(/^small-2/)]);
    expect(dumps()).not.toContain('small-20200101T000000Z.dump');
  });

  test('is put in place of whatever came after it, with all roles and rights', async () => {
    const [returns, audits] = await Promise.all([enter('returns-returns'), enter('audits-audits')]);
    await returns.query(`UPDATE lines SET text = 'lost'`);
    await returns.query(`CREATE TABLE later (line int REFERENCES lines)`);
    await returns.query(`CREATE VIEW later_view AS SELECT text FROM lines`);
    await audits.query(`DROP TABLE audit_log`);
    await Promise.all([returns.end(), audits.end()]);

    const ran = await run(job('small-back', 'restore'), server, env);
    expect(ran).toMatchObject({ code: 0, output: expect.stringContaining('small is restored from') });

    const [after, log] = await Promise.all([enter('returns-returns'), enter('audits-audits')]);
    expect((await after.query('SELECT text FROM lines')).rows).toEqual([{ text: 'kept' }]);
    expect((await log.query('SELECT text FROM audit_log')).rows).toEqual([{ text: 'kept' }]);
    await expect(after.query('SELECT * FROM later')).rejects.toMatchObject({ code: '42P01' });
    await after.query(`INSERT INTO lines (text) VALUES ('next')`);
    await after.query('ALTER TABLE lines ADD COLUMN more text');
    await expect(after.query('SELECT * FROM public.audit_log')).rejects.toMatchObject({ code: '42501' });
    await expect(log.query('CREATE TABLE public.other ()')).rejects.toMatchObject({ code: '42501' });
    await Promise.all([after.end(), log.end()]);
  });

  test('that breaks off changes nothing', async () => {
    const [whole = ''] = dumps();
    const broken = 'broken.dump';
    const { readFileSync } = await import('node:fs');
    const bytes = readFileSync(path.join(folder, whole));
    writeFileSync(path.join(folder, broken), bytes.subarray(0, bytes.length - 40));
    const ran = await run(job('small-back', 'restore'), server, { ...env, DUMP: broken });
    expect(ran.code).not.toBe(0);
    const session = await enter('returns-returns');
    expect((await session.query('SELECT count(*)::int AS count FROM lines')).rows).toEqual([{ count: 2 }]);
    await session.end();
  });

  test('that is not there is told with those that are', async () => {
    const ran = await run(job('small-back', 'restore'), server, { ...env, DUMP: 'none.dump' });
    expect(ran.code).toBe(1);
    expect(ran.output).toContain('There is no dump none.dump');
    expect(ran.output).toContain(dumps()[0]);
    expect(ran.output).not.toContain(ADMIN.password);
  });
});

test('a name that leads elsewhere is no dump', () => {
  expect(program('../../etc/passwd').findings).toContainEqual(expect.objectContaining({ code: 'bad-dump' }));
});
