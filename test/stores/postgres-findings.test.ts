import {
  BoundedContext,
  Microservice,
  Migration,
  Pooler,
  PostgresDatabase,
  PostgresServer,
  accept,
  type Environment,
  type Plan,
  type PostgresConnectionProps,
  type PostgresProps,
  type Tier,
} from 'ashlar';
import { codesOf, planOf } from '../support/plans';

const image = 'ghcr.io/acme/service:1.0.0';
const zones = ['a', 'b', 'c'];

const backEnd = (name: string, options: Record<string, unknown> = {}): Partial<Environment> => ({
  zones,
  backEnds: { postgres: { name, options, at: 'environments/prod.yaml:4:3' } },
});
const bucket = { bucket: 'backups', prefix: 'prod/', secret: 'backup-keys' };
const operator = (options: Record<string, unknown> = {}): Partial<Environment> =>
  backEnd('cloudnative-pg', { backups: bucket, ...options });

interface Given {
  readonly tier?: Tier;
  readonly environment?: Partial<Environment>;
  readonly props?: PostgresProps | PostgresConnectionProps;
  readonly env?: Readonly<Record<string, string>>;
}

/** One service with a database of its own, and nothing else. */
function one({ tier = 'development', environment = {}, props = {}, env }: Given = {}): Plan {
  return planOf(
    (shop) => {
      const ordering = new BoundedContext(shop, 'ordering', { team: 'orders' });
      const database = new PostgresDatabase(ordering, 'orders-db', props);
      const orders = new Microservice(ordering, 'orders', { image }).owns(database, env === undefined ? {} : { env });
      accept(orders, 'single-replica', 'It is not what is tested.');
    },
    { tier, environment },
  );
}

/** What a program says that no compiler has seen. */
const unchecked = (props: object): PostgresProps => props;

describe('what PostgreSQL refuses is found before it does', () => {
  const codes = (say: (server: PostgresServer, context: BoundedContext) => void): readonly string[] =>
    codesOf(
      planOf((shop) => {
        const ordering = new BoundedContext(shop, 'ordering', { team: 'orders' });
        say(new PostgresServer(ordering, 'small'), ordering);
      }),
    );
  const own = (context: BoundedContext, id: string): Microservice => new Microservice(context, id, { image });

  test.each(['pg-stats', 'public', 'information-schema', 'ashlar', 'extensions'])('a schema called %s', (name) => {
    expect(codes((server, context) => own(context, 'stats').owns(server.schema(name)))).toContain('bad-identifier');
  });

  test('a database that every server has', () => {
    expect(codesOf(one({ props: { database: 'postgres' } }))).toEqual(['bad-identifier']);
    expect(codesOf(one({ props: { database: 'Orders' } }))).toEqual(['bad-identifier']);
  });

  test('a role that is too long, or of the server’s own', () => {
    const long = 'a'.repeat(60);
    expect(codes((server, context) => own(context, long).owns(server.schema('returns')))).toContain('role-refused');
    expect(
      codesOf(
        planOf((shop) => {
          const ordering = new BoundedContext(shop, 'ordering', { team: 'orders' });
          own(ordering, 'pg-stats').owns(new PostgresDatabase(ordering, 'stats'));
        }),
      ),
    ).toEqual(['role-refused']);
  });

  test.each([[[]], [['*']], [['Audit_*']], [['a*b']], [['x;drop']]])('tables called %j', (patterns) => {
    expect(codes((server, context) => own(context, 'audits').owns(server.tables('audits', patterns)))).toContain(
      'bad-table-pattern',
    );
  });

  test.each([
    ['audit_*', 'audit_log', true],
    ['audit*', 'audit_*', true],
    ['audit', 'audit', true],
    ['audit_*', 'audits', false],
    ['audit', 'audit_*', false],
  ])('tables %s of one and %s of another: %s', (first, second, found) => {
    const all = codes((server, context) => {
      own(context, 'audits').owns(server.tables('audits', [first]));
      own(context, 'logs').owns(server.tables('logs', [second]));
    });
    expect(all).toEqual(found ? ['overlapping-tables'] : []);
  });

  test.each<readonly [string, PostgresProps, string]>([
    ['version', unchecked({ version: 9 }), 'unknown-choice'],
    ['replicas', { replicas: -1 }, 'out-of-range'],
    ['pooler', { pooler: Pooler.transaction(0) }, 'out-of-range'],
    ['extension', { extensions: ['x"; DROP'] }, 'bad-identifier'],
    ['prop', unchecked({ storge: 1 }), 'unknown-prop'],
  ])('a %s that cannot be', (_, props, code) => {
    expect(codesOf(one({ props }))).toContain(code);
  });

  test('a restore of what is not kept, a migration that nobody can wait for', () => {
    const plan = planOf((shop) => {
      const ordering = new BoundedContext(shop, 'ordering', { team: 'orders' });
      const database = new PostgresDatabase(ordering, 'orders-db');
      own(ordering, 'orders').owns(database);
      database.restore('back');
      const elsewhere = PostgresDatabase.fromConnection(ordering, 'old', {
        host: 'db.example.com',
        accounts: 'existing',
      });
      own(ordering, 'old-orders').owns(elsewhere);
      new Migration(ordering, 'old-tables', { of: elsewhere, image });
    });
    expect(codesOf(plan)).toEqual(['migration-without-accounts', 'nothing-to-restore']);
  });

  test('production without backup of a server that several share', () => {
    const plan = planOf(
      (shop) => {
        const ordering = new BoundedContext(shop, 'ordering', { team: 'orders' });
        own(ordering, 'returns').owns(new PostgresServer(ordering, 'small').schema('returns'));
      },
      { tier: 'production', environment: operator() },
    );
    expect(plan.findings).toEqual([expect.objectContaining({ code: 'no-backup', path: 'shop/ordering/small' })]);
  });

  test('a back end that nobody brings', () => {
    expect(() => one({ environment: backEnd('mysql') })).toThrow('allowed in-cluster, external, cloudnative-pg');
  });
});
