import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  BoundedContext,
  ClickHouseDatabase,
  ElasticsearchIndex,
  Microservice,
  MongoDatabase,
  PostgresDatabase,
  Scale,
  Size,
  definePlatform,
  isAshlarError,
  type Plan,
  type Tier,
} from 'ashlar';
import { loadEnvironment } from 'ashlar/charts';
import type { Construct } from 'constructs';
import { codesOf, planOf } from '../support/plans';

const shop = definePlatform('shop', () => undefined);
const storage = Size.gibibytes(10);
const ENGINES = {
  postgres: (at: Construct) => new PostgresDatabase(at, 'db', { storage }),
  mongodb: (at: Construct) => new MongoDatabase(at, 'db', { storage }),
  elasticsearch: (at: Construct) => new ElasticsearchIndex(at, 'db', { storage }),
  clickhouse: (at: Construct) => new ClickHouseDatabase(at, 'db', { storage }),
} as const;
type Engine = keyof typeof ENGINES;
const engines = Object.keys(ENGINES) as Engine[];

/** A service that owns a store on a server that somebody else runs. */
function planWith(engine: Engine, options: object, tier: Tier = 'development', hasReader = false): Plan {
  return planOf(
    (shop) => {
      const ordering = new BoundedContext(shop, 'ordering', { team: 'orders' });
      const orders = new Microservice(ordering, 'orders', {
        image: 'ghcr.io/acme/orders:1.0.0',
        scale: Scale.fixed(3),
      });
      const store = ENGINES[engine](ordering);
      orders.owns(store);
      if (!hasReader) return;
      const billing = new BoundedContext(shop, 'billing', { team: 'billing' });
      new Microservice(billing, 'reports', { image: 'ghcr.io/acme/reports:1.0.0' }).reads(store);
    },
    {
      tier,
      environment: {
        zones: ['a', 'b', 'c'],
        backEnds: { [engine]: { name: 'external', options: { ...options }, at: 'x' } },
      },
    },
  );
}

/** Hosts and Secrets that a plan speaks of. */
const textOf = (plan: Plan): string => JSON.stringify(plan.objects.map(({ manifest }) => manifest));
const kindsOf = (plan: Plan): readonly string[] => plan.objects.map(({ manifest }) => manifest.kind);

describe.each(engines)('a server of %s that somebody else runs', (engine) => {
  const host = 'all.example.com';

  test('is the one of its path, with what holds of all', () => {
    const servers = { 'ordering/db': { host: 'orders.example.com' }, 'ordering/other': { host: 'other.example.com' } };
    const plan = planWith(engine, { host, addresses: ['192.0.2.0/24'], servers });
    expect(codesOf(plan)).toEqual([]);
    expect(textOf(plan)).toContain('orders.example.com');
    expect(textOf(plan)).not.toContain('all.example.com');
    expect(textOf(plan)).toContain('192.0.2.0/24');
  });

  test('that the environment does not name is told, once', () => {
    const { findings } = planWith(engine, { servers: { 'ordering/other': { host } } });
    expect(findings).toEqual([
      expect.objectContaining({
        code: 'missing-host',
        path: 'shop/ordering/db',
        field: `backEnds.${engine}.options`,
        fix: expect.stringContaining('servers: { ordering/db: { host: db.example.com } }'),
      }),
    ]);
  });

  test('is administered by who the environment names, db-admin where it names nobody', () => {
    const secret = (options: object) =>
      planWith(engine, { host, ...options }).prerequisites.map((one) => Object(one).name);
    expect(secret({})).toContain('db-admin');
    expect(secret({ adminSecret: 'root' })).toContain('root');
    expect(secret({ adminSecret: 'root' })).not.toContain('db-admin');
  });

  test('has accounts of its own where it says so, and nothing is made', () => {
    expect(kindsOf(planWith(engine, { host }))).toContain('Job');
    expect(kindsOf(planWith(engine, { host, accounts: 'existing' }))).not.toContain('Job');
  });

  test('brings the certificate of its authority to who connects', () => {
    const text = textOf(planWith(engine, { host, authority: { secret: 'company', key: 'root.pem' } }));
    expect(text).toContain('{"secretName":"company","items":[{"key":"root.pem","path":"ca.crt"}]}');
  });

  test('has its certificate asked for where a reader of another context needs it', () => {
    const plan = planWith(engine, { host, authority: { secret: 'company', key: 'root.pem' } }, 'development', true);
    const secret = { type: 'secret', namespace: 'billing', name: 'company' };
    expect(plan.prerequisites).toContainEqual(
      expect.objectContaining({ ...secret, keys: { 'root.pem': { known: 'ordering/company/root.pem' } } }),
    );
    expect(plan.prerequisites).not.toContainEqual(expect.objectContaining({ ...secret, namespace: 'ordering' }));
  });

  test('is backed up by who runs it, and is known by its certificate', () => {
    expect(codesOf(planWith(engine, { host }, 'production'))).toEqual([]);
    expect(codesOf(planWith(engine, { host, tls: false }, 'production'))).toEqual(['plain-text-connection']);
  });
});

describe('an environment file', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'environments-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** What is wrong with the options of a back end. */
  function misfits(engine: Engine, name: string, options: object): readonly (readonly string[])[] {
    const environment = { tier: 'staging', backEnds: { [engine]: { name, options } } };
    writeFileSync(path.join(folder, 'dev.yaml'), JSON.stringify(environment));
    try {
      loadEnvironment(shop, folder, 'dev');
    } catch (error) {
      if (isAshlarError(error)) return error.findings.map(({ got, allowed }) => [String(got), String(allowed)]);
      throw error;
    }
    return [];
  }

  test.each(engines)('says where a server of %s is in the words of all', (engine) => {
    const server = {
      host: 'db.example.com',
      port: 1234,
      addresses: ['192.0.2.0/24'],
      tls: true,
      authority: { secret: 'company', key: 'ca.crt' },
      accounts: 'existing',
      adminSecret: 'root',
      image: 'ghcr.io/acme/shell:1.0.0',
    };
    expect(misfits(engine, 'external', { ...server, servers: { 'ordering/db': server } })).toEqual([]);
    expect(misfits(engine, 'external', { servers: { 'ordering/db': { adminSecrt: 'root' } } })).toEqual([
      ['adminSecrt', expect.stringContaining('did you mean adminSecret?')],
    ]);
    expect(misfits(engine, 'external', { host: 'root:secret@db' })).toHaveLength(1);
  });

  test.each([
    ['external', { accounts: 'given' }, 'made, existing'],
    ['external', { sslmode: 'require' }, 'tls'],
    ['external', { caSecret: 'ca' }, 'authority'],
    ['cloudnative-pg', { backup: { bucket: 'b' } }, 'did you mean backups?'],
    ['cloudnative-pg', { namespace: 'cnpg' }, 'operatorNamespace'],
    ['in-cluster', { exporterImage: 'e' }, 'exporter'],
  ])('knows no second word: %s %j', (name, options, allowed) => {
    expect(misfits('postgres', name, options)).toEqual([[expect.any(String), expect.stringContaining(allowed)]]);
  });
});
