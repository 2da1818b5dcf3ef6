import { mkdtempSync, readFileSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  Backup,
  BoundedContext,
  Duration,
  Microservice,
  RedisCache,
  RedisStore,
  Size,
  type EvictionPolicy,
  type Plan,
} from 'ashlar';
import { until } from 'ashlar/testing/cluster';
import { objectOf, planOf, type PlanOptions } from '../support/plans';
import {
  argumentsOf,
  envOf,
  podOf,
  replicaOf,
  startRedis,
  withRedis,
  type Container,
  type Env,
  type Login,
  type RunningRedis,
} from './support/redis';

const image = 'ghcr.io/acme/service:1.0.0';
const scrapedBy = { namespace: 'monitoring', podLabels: { app: 'prometheus' } };
const backEnds = { redis: { name: 'in-cluster', options: { exporter: { scrapedBy } }, at: 'x' } };

/** A store that cartservice owns and reports reads, with an exporter and backups. */
const carts = (generation = 1): Plan =>
  planOf(
    (shop) => {
      const cart = new BoundedContext(shop, 'cart', { team: 'carts' });
      const store = new RedisStore(cart, 'carts', {
        memory: Size.mebibytes(16),
        storage: Size.mebibytes(64),
        backup: Backup.daily(),
      });
      new Microservice(cart, 'cartservice', { image }).owns(store);
      new Microservice(cart, 'reports', { image }).reads(store);
    },
    { environment: { backEnds, layers: [generationLayer(generation)] } },
  );

function generationLayer(value: number): NonNullable<NonNullable<PlanOptions['environment']>['layers']>[number] {
  return { name: 'environment', settings: { credentialGeneration: { value, at: 'x' } }, config: {}, services: {} };
}

const PASSWORDS = {
  'carts-cartservice-v1': 'owner-one',
  'carts-cartservice-v2': 'owner-two',
  'carts-cartservice-v3': 'owner-three',
  'carts-reports-v1': 'reader-one',
  'carts-reports-v2': 'reader-two',
  'carts-reports-v3': 'reader-three',
  'carts-exporter-v1': 'exporter-one',
  'carts-backup-v1': 'backup-one',
  'carts-exporter-v2': 'exporter-two',
  'carts-backup-v2': 'backup-two',
  'carts-exporter-v3': 'exporter-three',
  'carts-backup-v3': 'backup-three',
  'carts-restore-v1': 'restore-one',
  'carts-restore-v2': 'restore-two',
  'carts-restore-v3': 'restore-three',
};
const OWNER: Login = { user: 'cartservice_a', password: 'owner-one' };
const READER: Login = { user: 'reports_a', password: 'reader-one' };
const EXPORTER: Login = { user: 'exporter', password: 'exporter-one' };

let redis: RunningRedis;
const start = (plan: Plan, workload: string, data?: string): Promise<RunningRedis> =>
  startRedis({ pod: podOf(plan, workload), passwords: PASSWORDS, ...(data !== undefined && { data }) });

withRedis('who gets into a Redis', () => {
  beforeAll(async () => {
    redis = await start(carts(), 'StatefulSet/cart/carts');
    await redis.ask(OWNER, 'SET', 'cart:1', 'apples');
  });
  afterAll(() => redis.stop());

  test.each([
    ['nobody', {}, 'NOAUTH'],
    ['the default user, who has no password', { user: 'default', password: '' }, 'NOAUTH'],
    ['the default user with the password of another', { user: 'default', password: 'owner-one' }, 'WRONGPASS'],
    ['the owner with a wrong password', { user: 'cartservice_a', password: 'reader-one' }, 'WRONGPASS'],
    ['the login that rests', { user: 'cartservice_b', password: 'owner-one' }, 'WRONGPASS'],
    ['somebody else', { user: 'orders_a', password: 'owner-one' }, 'WRONGPASS'],
  ])('%s is refused', async (_who, login: Login, error) => {
    expect(await redis.ask(login, 'GET', 'cart:1')).toContain(error);
  });

  test('the owner writes, reads and deletes', async () => {
    expect(await redis.ask(OWNER, 'SET', 'cart:2', 'pears', 'EX', '60')).toBe('OK');
    expect(await redis.ask(OWNER, 'GET', 'cart:2')).toBe('pears');
    expect(await redis.ask(OWNER, 'DEL', 'cart:2')).toBe('1');
    expect(await redis.ask(OWNER, 'EVAL', "return redis.call('GET', KEYS[1])", '1', 'cart:1')).toBe('apples');
  });

  test.each([
    ['CONFIG', 'GET', '*'],
    ['FLUSHALL'],
    ['KEYS', '*'],
    ['ACL', 'LIST'],
    ['SHUTDOWN'],
    ['CLIENT', 'LIST'],
    ['REPLICAOF', 'NO', 'ONE'],
    ['MONITOR'],
  ])('not even the owner may %s', async (...command) => {
    expect(await redis.ask(OWNER, ...command)).toContain('NOPERM');
  });

  test('a client may ask whether the server is ready', async () => {
    expect(await redis.ask(OWNER, 'INFO', 'server')).toContain('redis_version');
    expect(await redis.ask(READER, 'INFO', 'server')).toContain('redis_version');
  });

  test('a reader reads', async () => {
    expect(await redis.ask(READER, 'GET', 'cart:1')).toBe('apples');
    expect(await redis.ask(READER, 'SCAN', '0')).toContain('cart:1');
  });

  test.each([
    ['SET', 'cart:1', 'stones'],
    ['DEL', 'cart:1'],
    ['EXPIRE', 'cart:1', '1'],
    ['GETEX', 'cart:1', 'EX', '1'],
    ['SORT', 'cart:1', 'STORE', 'cart:3'],
    ['EVAL', "return redis.call('SET', KEYS[1], 'stones')", '1', 'cart:1'],
    ['PUBLISH', 'news', 'stones'],
    ['FLUSHDB'],
    ['CONFIG', 'GET', '*'],
  ])('a reader cannot %s', async (...command) => {
    expect(await redis.ask(READER, ...command)).toContain('NOPERM');
    expect(await redis.ask(OWNER, 'GET', 'cart:1')).toBe('apples');
  });

  test('the exporter learns how it is, and nothing that is in it', async () => {
    expect(await redis.ask(EXPORTER, 'INFO', 'ALL')).toContain('used_memory');
    expect(await redis.ask(EXPORTER, 'CLIENT', 'SETNAME', 'redis_exporter')).toBe('OK');
    expect(await redis.ask(EXPORTER, 'SLOWLOG', 'LEN')).toMatch(/^\d+$/);
    expect(await redis.ask(EXPORTER, 'LATENCY', 'LATEST')).not.toContain('NOPERM');
    expect(await redis.ask(EXPORTER, 'GET', 'cart:1')).toContain('NOPERM');
    expect(await redis.ask(EXPORTER, 'CONFIG', 'GET', '*')).toContain('NOPERM');
  });

  test('its readiness probe gets an answer, and whoever asks like it gets nothing else', async () => {
    const [{ readinessProbe }] = objectOf(carts(), 'StatefulSet/cart/carts')['spec'].template.spec.containers;
    expect(await redis.exec(readinessProbe.exec.command as readonly string[])).toMatchObject({ code: 0 });
    expect(await redis.ask({ user: 'health', password: 'any' }, 'GET', 'cart:1')).toContain('NOPERM');
    expect(await redis.ask({ user: 'health', password: 'any' }, 'INFO')).toContain('NOPERM');
  });

  test('its readiness probe fails where nobody answers', async () => {
    const [{ readinessProbe }] = objectOf(carts(), 'StatefulSet/cart/carts')['spec'].template.spec.containers;
    const [shell, flag, script] = readinessProbe.exec.command as [string, string, string];
    expect(await redis.exec([shell, flag, script.replace('ping', '-p 1 ping')])).toMatchObject({ code: 1 });
  });

  test('no password is in its arguments, in its accounts or in what it prints', () => {
    const told = [
      argumentsOf(redis.process),
      redis.process.output(),
      readFileSync(path.join(redis.folder, 'users.acl'), 'utf8'),
    ].join('\n');
    expect(told).toContain('user cartservice_a on #');
    for (const password of Object.values(PASSWORDS)) expect(told).not.toContain(password);
  });
});

withRedis('passwords that change', () => {
  const accepts = async (user: string, password: string): Promise<boolean> =>
    (await redis.ask({ user, password }, 'PING')) === 'PONG';

  afterEach(() => redis.stop());

  test('the old and the new login both work, until the next', async () => {
    redis = await start(carts(2), 'StatefulSet/cart/carts');
    expect(await accepts('cartservice_a', 'owner-one')).toBe(true);
    expect(await accepts('cartservice_b', 'owner-two')).toBe(true);
    await redis.stop();
    redis = await start(carts(3), 'StatefulSet/cart/carts');
    expect(await accepts('cartservice_a', 'owner-one')).toBe(false);
    expect(await accepts('cartservice_b', 'owner-two')).toBe(true);
    expect(await accepts('cartservice_a', 'owner-three')).toBe(true);
  });

  test('an old Secret that was tidied up is nobody’s login', async () => {
    const { 'carts-cartservice-v1': _gone, ...passwords } = PASSWORDS;
    redis = await startRedis({ pod: podOf(carts(2), 'StatefulSet/cart/carts'), passwords });
    expect(await accepts('cartservice_a', 'owner-one')).toBe(false);
    expect(await accepts('cartservice_a', '')).toBe(false);
    expect(await accepts('cartservice_b', 'owner-two')).toBe(true);
  });
});

withRedis('shares of one Redis', () => {
  const passwords = { 'small-returns-v1': 'one', 'small-audits-v1': 'two', 'small-audits-returns-v1': 'three' };
  const shared = planOf((shop) => {
    const context = new BoundedContext(shop, 'ordering', { team: 'orders' });
    const small = new RedisStore(context, 'small', { storage: Size.gibibytes(1) });
    const audits = small.keys('audits');
    new Microservice(context, 'returns', { image }).owns(small.keys('returns')).reads(audits);
    new Microservice(context, 'audits', { image }).owns(audits);
  });
  const AUDITS: Login = { user: 'audits_a', password: 'two' };
  const RETURNS: Login = { user: 'returns_a', password: 'one' };

  beforeAll(async () => {
    redis = await startRedis({ pod: podOf(shared, 'StatefulSet/ordering/small'), passwords });
  });
  afterAll(() => redis.stop());

  test('each owner has its own keys and channels', async () => {
    expect(await redis.ask(AUDITS, 'SET', 'audits:1', 'seen')).toBe('OK');
    expect(await redis.ask(RETURNS, 'SET', 'returns:1', 'broken')).toBe('OK');
    expect(await redis.ask(AUDITS, 'PUBLISH', 'audits:news', 'x')).toBe('0');
  });

  test.each([
    ['GET', 'returns:1'],
    ['SET', 'returns:1', 'x'],
    ['COPY', 'audits:1', 'returns:2'],
    ['EVAL', "return redis.call('GET', 'returns:1')", '0'],
    ['PUBLISH', 'returns:news', 'x'],
    ['SCAN', '0'],
    ['RANDOMKEY'],
    ['DBSIZE'],
    ['FLUSHDB'],
    ['FUNCTION', 'FLUSH'],
    ['SCRIPT', 'FLUSH'],
  ])('nobody gets at the keys of another with %s %s', async (...command) => {
    expect(await redis.ask(AUDITS, ...command)).toMatch(/NOPERM|ACL failure|can't access/);
  });

  test('who owns one share and reads another logs in to each with an account of its own', async () => {
    const reading: Login = { user: 'audits_returns_a', password: 'three' };
    expect(await redis.ask(reading, 'GET', 'audits:1')).toBe('seen');
    expect(await redis.ask(reading, 'SET', 'audits:1', 'x')).toContain('NOPERM');
    expect(await redis.ask(reading, 'GET', 'returns:1')).toContain('NOPERM');
    expect(await redis.ask(RETURNS, 'GET', 'audits:1')).toContain('NOPERM');
  });
});

withRedis('a full Redis', () => {
  const LOGIN: Login = { user: 'orders_a', password: 'one' };
  const started = (evict: EvictionPolicy): Promise<RunningRedis> => {
    const plan = planOf((shop) => {
      const context = new BoundedContext(shop, 'ordering', { team: 'orders' });
      const memory = Size.mebibytes(4);
      const store =
        evict === 'noeviction'
          ? new RedisStore(context, 'pages', { memory, storage: Size.mebibytes(64) })
          : new RedisCache(context, 'pages', { memory, evict });
      const orders = new Microservice(context, 'orders', { image });
      if (store instanceof RedisCache) orders.caches(store, { ttl: Duration.minutes(1) });
      else orders.owns(store);
    });
    const kind = evict === 'noeviction' ? 'StatefulSet' : 'Deployment';
    return startRedis({ pod: podOf(plan, `${kind}/ordering/pages`), passwords: { 'pages-orders-v1': 'one' } });
  };
  /** Writes eight times what it may hold; the answers that differ. */
  const fill = async (ends = ''): Promise<string> => {
    const value = 'x'.repeat(4096);
    const lines = Array.from({ length: 8192 }, (_, at) => `SET filler:${at + 1} ${value}${ends && ` EX ${60 + at}`}`);
    const answers = await redis.feed(LOGIN, lines);
    return [...new Set(answers.split('\n').filter((answer) => answer !== ''))].join('; ');
  };
  /** Writes until that is refused, at most so many times; the last answer. */
  const more = async (times: number): Promise<string> => {
    const answer = await redis.ask(LOGIN, 'SET', `more:${times}`, 'x'.repeat(4096));
    return answer === 'OK' && times > 1 ? more(times - 1) : answer;
  };
  const info = async (field: string): Promise<number> =>
    Number(new RegExp(`${field}:(\\d+)`).exec(await redis.ask(LOGIN, 'INFO', 'ALL'))?.[1]);

  afterEach(() => redis.stop());

  test('a cache that forgets what was used least recently makes room and stays below its memory', async () => {
    redis = await started('allkeys-lru');
    expect(await fill()).toBe('OK');
    expect(await info('evicted_keys')).toBeGreaterThan(6000);
    expect(await info('used_memory')).toBeLessThanOrEqual(4.5 * 2 ** 20);
    expect(await redis.ask(LOGIN, 'EXISTS', 'filler:1', 'filler:8192')).toBe('1');
    expect(await redis.ask(LOGIN, 'SET', 'one', 'more')).toBe('OK');
  });

  test('a cache that forgets what ends soonest keeps what has no end', async () => {
    redis = await started('volatile-ttl');
    await redis.ask(LOGIN, 'SET', 'kept', 'for ever');
    expect(await fill('EX')).toBe('OK');
    expect(await redis.ask(LOGIN, 'GET', 'kept')).toBe('for ever');
    expect(await redis.ask(LOGIN, 'EXISTS', 'filler:1', 'filler:8192')).toBe('1');
  });

  test('a store refuses writes instead of forgetting, and can still be read', async () => {
    redis = await started('noeviction');
    await redis.ask(LOGIN, 'SET', 'first', 'kept');
    expect(await fill()).toContain('OOM');
    // What the client that filled it took for itself is free again: a few more may go in.
    expect(await more(100)).toContain('OOM');
    expect(await redis.ask(LOGIN, 'GET', 'first')).toBe('kept');
    expect(await info('evicted_keys')).toBe(0);
  });
});

withRedis('what a store keeps', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'ashlar-redis-data-'))));
  afterEach(async () => {
    await redis.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  test('is there after it was killed, but for the last second', async () => {
    redis = await start(carts(), 'StatefulSet/cart/carts', folder);
    await redis.ask(OWNER, 'SET', 'cart:1', 'apples');
    await new Promise((resolve) => setTimeout(resolve, 1500));
    process.kill(redis.process.pid, 'SIGKILL');
    await redis.stop();
    redis = await start(carts(), 'StatefulSet/cart/carts', folder);
    expect(await redis.ask(OWNER, 'GET', 'cart:1')).toBe('apples');
  });

  /** A run of a CronJob of the plan. */
  const runOf = (name: string, given: Env = {}) => {
    const cronJob = objectOf(carts(), `CronJob/cart/${name}`)['spec'];
    const [container] = cronJob.jobTemplate.spec.template.spec.containers as readonly [Container];
    const here = { FOLDER: folder, WORK: folder, HOST: '127.0.0.1', PORT: String(redis.port) };
    return redis.exec(container.command ?? [], { ...envOf(container, PASSWORDS), ...here, ...given });
  };

  test('is in its backup, which can be put into one that runs', async () => {
    redis = await start(carts(), 'StatefulSet/cart/carts');
    await redis.ask(OWNER, 'SET', 'cart:1', 'apples');
    await redis.ask(OWNER, 'HSET', 'a key "with" all\nthat is hard', 'field', 'pears');
    await redis.ask(OWNER, 'SET', 'cart:2', 'plums', 'EX', '100');
    const old = path.join(folder, 'carts-20200101T020000Z.rdb');
    writeFileSync(old, '');
    utimesSync(old, new Date('2020-01-01'), new Date('2020-01-01'));
    expect(await runOf('carts-backup')).toMatchObject({ code: 0 });
    // The one that is too old is gone.
    expect(readdirSync(folder)).toEqual([expect.stringMatching(/^carts-\d{8}T\d{6}Z\.rdb$/)]);

    await redis.stop();
    redis = await start(carts(), 'StatefulSet/cart/carts');
    await redis.ask(OWNER, 'SET', 'cart:1', 'stones');
    await redis.ask(OWNER, 'SET', 'cart:3', 'later');
    const refused = await runOf('carts-restore', { PASSWORD: 'wrong' });
    expect(refused).toMatchObject({ code: 1, output: expect.stringContaining('WRONGPASS') });
    const restored = await runOf('carts-restore');
    expect(restored).toMatchObject({ code: 0, output: expect.stringContaining('3 keys restored from') });
    expect(restored.output).not.toContain('restore-one');
    expect(await redis.ask(OWNER, 'MGET', 'cart:1', 'cart:2', 'cart:3')).toBe('apples\nplums\nlater');
    expect(await redis.ask(OWNER, 'HGET', 'a key "with" all\nthat is hard', 'field')).toBe('pears');
    expect(Number(await redis.ask(OWNER, 'TTL', 'cart:2'))).toBeLessThanOrEqual(100);
  });

  test('is in no backup that somebody else asks for', async () => {
    redis = await start(carts(), 'StatefulSet/cart/carts');
    expect((await runOf('carts-backup', { PASSWORD: 'wrong' })).code).not.toBe(0);
    expect(readdirSync(folder).filter((file) => file.endsWith('.rdb'))).toEqual([]);
  });
});

withRedis('what the operator starts', () => {
  const passwords = { ...PASSWORDS, 'carts-default-v1': 'operator' };
  const plan = planOf(
    (shop) => {
      const cart = new BoundedContext(shop, 'cart', { team: 'carts' });
      const store = new RedisStore(cart, 'carts', { storage: Size.gibibytes(1) });
      new Microservice(cart, 'cartservice', { image }).owns(store);
      new Microservice(cart, 'reports', { image }).reads(store);
    },
    { environment: { backEnds: { redis: { name: 'redis-operator', options: {}, at: 'x' } } } },
  );
  const OPERATOR: Login = { user: 'default', password: 'operator' };
  const pod = replicaOf(plan, 'RedisReplication/cart/carts', passwords);
  let replica: RunningRedis;

  beforeAll(async () => {
    [redis, replica] = await Promise.all([startRedis({ pod, passwords }), startRedis({ pod, passwords })]);
  });
  afterAll(() => Promise.all([redis.stop(), replica.stop()]));

  test('takes no writes that no replica has', async () => {
    expect(await redis.ask(OWNER, 'SET', 'cart:1', 'apples')).toContain('NOREPLICAS');
  });

  test('copies what is written, and the accounts hold on the copy', async () => {
    expect(await replica.ask(OPERATOR, 'REPLICAOF', '127.0.0.1', String(redis.port))).toBe('OK');
    await until(async () => (await redis.ask(OWNER, 'SET', 'cart:1', 'apples')) === 'OK');
    await until(async () => (await replica.ask(READER, 'GET', 'cart:1')) === 'apples');
    expect(await replica.ask(READER, 'SET', 'cart:1', 'stones')).toContain('NOPERM');
  });

  test('is administered by the operator alone', async () => {
    expect(await redis.ask(OPERATOR, 'ROLE')).toContain('master');
    expect(await redis.ask(OWNER, 'ROLE')).toContain('NOPERM');
    expect(await redis.ask({}, 'PING')).toContain('NOAUTH');
    expect(await redis.ask({ user: 'default', password: 'owner-one' }, 'PING')).toContain('WRONGPASS');
  });
});
