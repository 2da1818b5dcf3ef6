import {
  Backup,
  BoundedContext,
  Microservice,
  POSTGRES_ENV,
  Pooler,
  PostgresDatabase,
  Schedule,
  ScheduledTask,
  Size,
  accept,
  displayNameOf,
  patch,
  type Environment,
  type Plan,
  type PostgresConnectionProps,
  type PostgresProps,
  type Tier,
} from 'ashlar';
import { planToYaml } from 'ashlar/charts';
import { printFinding } from '../../cli/print-findings';
import { NetworkPolicies, type Pods } from '../../testing/network-policies';
import { codesOf, objectOf, planOf } from '../support/plans';
import { postgresShop } from '../support/postgres-shop';

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

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- a test that reads a manifest knows its shape
const object = (plan: Plan, name: string): any => objectOf(plan, name);
interface Variable {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: { readonly secretKeyRef: { readonly key: string } };
}

function variablesOf(plan: Plan): Readonly<Record<string, string>> {
  const env = object(plan, 'Deployment/ordering/orders').spec.template.spec.containers[0].env as readonly Variable[];
  return Object.fromEntries(
    env.map(({ name, value, valueFrom }) => [name, value ?? `secret ${valueFrom?.secretKeyRef.key ?? ''}`]),
  );
}

describe('a workload is told', () => {
  test('what libpq reads, where it says nothing', () => {
    expect(variablesOf(one())).toEqual({
      PGHOST: 'orders-db.ordering.svc',
      PGPORT: '5432',
      PGDATABASE: 'orders_db',
      PGUSER: 'secret username',
      PGPASSWORD: 'secret password',
      PGSSLMODE: 'disable',
    });
  });

  test.each([
    [
      'url',
      'DATABASE_URL',
      'postgresql://$(DATABASE_URL_USER):$(DATABASE_URL_PASSWORD)@orders-db-rw.ordering.svc:5432/orders_db?sslmode=verify-full&sslrootcert=/var/run/ashlar/orders-db/ca.crt',
    ],
    [
      'spring',
      'SPRING_DATASOURCE_URL',
      'jdbc:postgresql://orders-db-rw.ordering.svc:5432/orders_db?sslmode=verify-full&sslrootcert=/var/run/ashlar/orders-db/ca.crt',
    ],
    [
      'dotnet',
      'ConnectionStrings__Default',
      'Host=orders-db-rw.ordering.svc;Port=5432;Database=orders_db;Username=$(ConnectionStrings__Default_USER);Password=$(ConnectionStrings__Default_PASSWORD);SSL Mode=VerifyFull;Root Certificate=/var/run/ashlar/orders-db/ca.crt',
    ],
  ] as const)('an address as %s wants it, with a server that is known by name', (preset, variable, address) => {
    expect(variablesOf(one({ environment: operator(), env: POSTGRES_ENV[preset] }))[variable]).toBe(address);
  });

  test('the pool, where there is one', () => {
    const plan = one({ environment: operator(), props: { pooler: Pooler.transaction(20) } });
    expect(variablesOf(plan)['PGHOST']).toBe('orders-db-pool.ordering.svc');
    expect(object(plan, 'Cluster/ordering/orders-db').spec.certificates.serverAltDNSNames).toContain(
      'orders-db-pool.ordering.svc',
    );
  });
});

describe('a server in the cluster', () => {
  test('is one pod that keeps its volume, and trusts nobody', () => {
    const plan = one();
    expect(codesOf(plan)).toEqual([]);
    const { spec } = object(plan, 'StatefulSet/ordering/orders-db');
    expect(spec).toMatchObject({ replicas: 1, persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain' } });
    const [container] = spec.template.spec.containers;
    expect(container.env).toContainEqual({ name: 'POSTGRES_INITDB_ARGS', value: '--auth=scram-sha-256' });
    expect(container.image).toBe('docker.io/library/postgres:18.4-bookworm');
  });

  test('has parameters that follow from its memory, and those that it is told', () => {
    const resources = { memory: { request: Size.gibibytes(2), limit: Size.gibibytes(2) } };
    const plan = one({ props: { resources, parameters: { work_mem: '16MB' } } });
    const { args } = object(plan, 'StatefulSet/ordering/orders-db').spec.template.spec.containers[0];
    expect(args.filter((arg: string) => arg !== '-c')).toEqual([
      'shared_buffers=512MB',
      'effective_cache_size=1536MB',
      'max_connections=128',
      'work_mem=16MB',
      'maintenance_work_mem=128MB',
    ]);
  });

  test('tells metrics beside it, to those who scrape and to nobody else', () => {
    const scrapedBy = { namespace: 'monitoring', podLabels: { app: 'prometheus' } };
    const plan = one({ environment: backEnd('in-cluster', { exporter: { scrapedBy } }) });
    const [sidecar] = object(plan, 'StatefulSet/ordering/orders-db').spec.template.spec.initContainers;
    expect(sidecar).toMatchObject({ name: 'metrics', restartPolicy: 'Always' });
    const policies = new NetworkPolicies(plan.objects.map(({ manifest }) => manifest));
    const to = pods({ 'app.kubernetes.io/name': 'orders-db' });
    const scraper = pods(scrapedBy.podLabels, 'monitoring');
    expect(policies.entering({ from: scraper, to, port: 9187, protocol: 'TCP' }).allowed).toBe(true);
    expect(policies.entering({ from: scraper, to, port: 5432, protocol: 'TCP' }).allowed).toBe(false);
  });

  test('is not for production', () => {
    const plan = one({ tier: 'production', environment: backEnd('in-cluster') });
    expect(codesOf(plan)).toEqual(['back-end-for-development', 'no-backup', 'single-replica']);
  });

  test('says what it does nothing about', () => {
    const plan = one({ props: { pooler: Pooler.session(10), replicas: 2 } });
    const warnings = plan.findings.filter(({ code }) => code === 'not-supported');
    expect(warnings.map(({ severity, field, allowed }) => [severity, field, allowed])).toEqual([
      ['warning', 'pooler', 'pooler with cloudnative-pg'],
      ['warning', 'replicas', 'replicas with cloudnative-pg'],
    ]);
  });
});

function pods(labels: Readonly<Record<string, string>>, namespace = 'ordering'): Pods {
  return { namespace, labels, ports: [] };
}

describe('who reaches a server', () => {
  const port = 5432;
  const protocol = 'TCP';
  const service = (name: string): Pods => pods({ 'app.kubernetes.io/name': name });
  const everybody = ['orders', 'returns', 'stock', 'audits', 'invoices', 'reports'];
  const reaching = (plan: Plan, to: Pods): readonly string[] => {
    const policies = new NetworkPolicies(plan.objects.map(({ manifest }) => manifest));
    return everybody.filter((name) => policies.allow({ from: service(name), to, port, protocol }));
  };

  test('is its owner, and who reads it', () => {
    expect(reaching(postgresShop(), service('orders-db'))).toEqual(['orders', 'reports']);
    expect(reaching(postgresShop({ withoutReader: true }), service('orders-db'))).toEqual(['orders']);
    const sharing = ['returns', 'stock', 'audits', 'invoices'];
    expect(reaching(postgresShop({ withoutReader: true }), service('small'))).toEqual(sharing);
  });

  test('with a pool, is the pool alone', () => {
    const plan = postgresShop({ environment: operator(), props: { pooler: Pooler.transaction(10) } });
    expect(reaching(plan, pods({ 'cnpg.io/cluster': 'orders-db', 'cnpg.io/podRole': 'instance' }))).toEqual([]);
    const pool = pods({ 'cnpg.io/cluster': 'orders-db', 'cnpg.io/poolerName': 'orders-db-pool' });
    expect(reaching(plan, pool)).toEqual(['orders', 'reports']);
    const policies = new NetworkPolicies(plan.objects.map(({ manifest }) => manifest));
    const instance = pods({ 'cnpg.io/cluster': 'orders-db' });
    expect(policies.allow({ from: pool, to: instance, port, protocol })).toBe(true);
  });

  test('besides, those who run it: the Job, the backup, the operator, the other copies', () => {
    const inCluster = new NetworkPolicies(postgresShop().objects.map(({ manifest }) => manifest));
    for (const name of ['small-access', 'small-backup']) {
      expect(inCluster.allow({ from: service(name), to: service('small'), port, protocol })).toBe(true);
      expect(inCluster.allow({ from: service(name), to: service('orders-db'), port, protocol })).toBe(false);
    }
    const plan = postgresShop({ environment: operator(), withoutReader: true });
    const operated = new NetworkPolicies(plan.objects.map(({ manifest }) => manifest));
    const instance = pods({ 'cnpg.io/cluster': 'small' });
    const other = pods({ 'cnpg.io/cluster': 'orders-db' });
    const from = pods({ 'app.kubernetes.io/name': 'cloudnative-pg' }, 'cnpg-system');
    for (const status of [5432, 8000]) {
      expect(operated.entering({ from, to: instance, port: status, protocol }).allowed).toBe(true);
      expect(operated.allow({ from: instance, to: instance, port: status, protocol })).toBe(true);
      expect(operated.allow({ from: other, to: instance, port: status, protocol })).toBe(false);
    }
    const store = { address: '203.0.113.9' };
    expect(operated.allow({ from: instance, to: store, port: 443, protocol })).toBe(true);
    expect(operated.allow({ from: other, to: store, port: 443, protocol })).toBe(false);
  });
});

describe('a server of CloudNativePG', () => {
  const plan = one({
    tier: 'production',
    environment: operator(),
    props: { backup: Backup.daily(), pooler: Pooler.transaction(50), extensions: ['pgcrypto'] },
  });

  test('has copies in zones of their own, backups, and no findings', () => {
    expect(codesOf(plan)).toEqual([]);
    expect(object(plan, 'Cluster/ordering/orders-db').spec).toMatchObject({
      instances: 3,
      affinity: { topologyKey: 'topology.kubernetes.io/zone', podAntiAffinityType: 'required' },
      plugins: [{ name: 'barman-cloud.cloudnative-pg.io', isWALArchiver: true }],
      postgresql: { pg_hba: ['hostssl all all all scram-sha-256', 'hostnossl all all all reject'] },
    });
    expect(object(plan, 'ScheduledBackup/ordering/orders-db').spec.schedule).toBe('0 0 2 * * *');
    expect(object(plan, 'ObjectStore/ordering/orders-db').spec).toMatchObject({
      configuration: { destinationPath: 's3://backups/prod/ordering' },
      retentionPolicy: '14d',
    });
  });

  test('is kept when it leaves the plan: the operator deletes volumes with it', () => {
    const cluster = plan.objects.find(({ manifest }) => manifest.kind === 'Cluster');
    expect(cluster?.hints).toEqual({ retain: true, protect: true });
  });

  test('shares the connections of its pool out to the pods of the pool', () => {
    expect(object(plan, 'Pooler/ordering/orders-db-pool').spec).toMatchObject({
      instances: 2,
      pgbouncer: { poolMode: 'transaction', parameters: { default_pool_size: '25' } },
    });
    expect(objectOf(plan, 'PodDisruptionBudget/ordering/orders-db-pool')).toBeDefined();
  });

  test('says which operators have to be there', () => {
    const releases = plan.prerequisites.flatMap((needs) =>
      needs.type === 'release' ? [`${needs.name} ${needs.chart.version} (${needs.version})`] : [],
    );
    expect(releases).toEqual([
      'cert-manager v1.21.2 (1.21.2)',
      'cloudnative-pg 0.28.0 (1.29.0)',
      'plugin-barman-cloud 0.7.0 (0.13.0)',
    ]);
  });

  test('may begin with what the backup of another holds', () => {
    const recovered = planOf(
      (shop) => {
        const ordering = new BoundedContext(shop, 'ordering', { team: 'orders' });
        const database = new PostgresDatabase(ordering, 'orders-db-2', {
          database: 'orders_db',
          backup: Backup.daily(),
        });
        new Microservice(ordering, 'orders', { image }).owns(database);
        const parameters = { barmanObjectName: 'orders-db', serverName: 'orders-db' };
        const recovery = { source: 'before', recoveryTarget: { targetTime: '2026-11-16 08:00:00+00' } };
        patch(database, { kind: 'Cluster' }, [
          { op: 'replace', path: '/spec/bootstrap', value: { recovery } },
          {
            op: 'add',
            path: '/spec/externalClusters',
            value: [{ name: 'before', plugin: { name: 'barman-cloud.cloudnative-pg.io', parameters } }],
          },
        ]);
      },
      { environment: operator() },
    );
    expect(codesOf(recovered)).toEqual([]);
    expect(object(recovered, 'Cluster/ordering/orders-db-2').spec.bootstrap).not.toHaveProperty('initdb');
  });

  test('without a place for backups, without a second copy, with too large a pool is found', () => {
    const bad = one({
      tier: 'production',
      environment: backEnd('cloudnative-pg'),
      props: { backup: Backup.daily(), replicas: 0, pooler: Pooler.transaction(400) },
    });
    expect(codesOf(bad)).toEqual(['backup-without-storage', 'no-replica', 'pool-above-limit']);
  });

  test('is reached from another context with an authority that people bring', () => {
    const crossing = planOf(
      (shop) => {
        const ordering = new BoundedContext(shop, 'ordering', { team: 'orders' });
        const billing = new BoundedContext(shop, 'billing', { team: 'billing' });
        const database = new PostgresDatabase(ordering, 'orders-db');
        new Microservice(ordering, 'orders', { image }).owns(database);
        const invoices = new Microservice(billing, 'invoices', { image }).reads(database);
        accept(invoices, 'reader-in-another-context', 'Until it has its own copy.');
      },
      { environment: operator() },
    );
    expect(crossing.prerequisites).toContainEqual(
      expect.objectContaining({
        namespace: 'billing',
        name: 'orders-db-ca',
        keys: { 'ca.crt': { known: 'ordering/orders-db-ca/ca.crt' } },
      }),
    );
  });
});

describe('a server that somebody else runs', () => {
  const host = 'db.example.com';

  test('is where the environment says, for all or for one', () => {
    const addresses = ['203.0.113.0/28'];
    const servers = { 'ordering/orders-db': { host: 'orders.example.com', database: 'legacy_orders' } };
    const plan = one({ environment: backEnd('external', { host, addresses, port: 6432, servers }) });
    expect(codesOf(plan)).toEqual([]);
    expect(variablesOf(plan)).toMatchObject({
      PGHOST: 'orders.example.com',
      PGPORT: '6432',
      PGDATABASE: 'legacy_orders',
      PGSSLMODE: 'verify-full',
      PGSSLROOTCERT: 'system',
    });
    const policies = new NetworkPolicies(plan.objects.map(({ manifest }) => manifest));
    const from = pods({ 'app.kubernetes.io/name': 'orders' });
    const to = (address: string) => ({ from, to: { address }, port: 6432, protocol: 'TCP' });
    expect(policies.allow(to('203.0.113.5'))).toBe(true);
    expect(policies.allow(to('198.51.100.5'))).toBe(false);
  });

  test('has roles that are called by the database, since others have accounts there, too', () => {
    const plan = one({ environment: backEnd('external', { host }) });
    expect(object(plan, accessMap(plan)).data['access.sql']).toContain('"orders_db_orders_owner"');
    expect(object(plan, accessMap(plan)).data['access.sql']).not.toContain('ON DATABASE "postgres"');
  });

  test('whose accounts exist is left alone: no Job, and the Secrets hold what people know', () => {
    const plan = one({ environment: backEnd('external', { host, accounts: 'existing' }) });
    expect(plan.objects.map(({ manifest }) => manifest.kind)).not.toContain('Job');
    expect(object(plan, 'Deployment/ordering/orders').spec.template.spec).not.toHaveProperty('initContainers');
    expect(plan.prerequisites).toEqual([
      expect.objectContaining({
        keys: { username: { known: expect.any(String) }, password: { known: expect.any(String) } },
      }),
    ]);
  });

  test('may be placed by the program, with a host that is known later', () => {
    const later = { __pulumiOutput: true, apply: () => undefined };
    const plan = one({ props: { host: later } });
    expect([...new Set(codesOf(plan))]).toEqual(['hole']);
    expect(plan.findings[0]?.message).toBe('The value of host of shop/ordering/orders-db is not known yet.');
    expect(codesOf(one({ props: { host, accounts: 'existing' } }))).toEqual([]);
  });

  test('that the environment does not place is found', () => {
    expect(one({ environment: backEnd('external') }).findings).toEqual([
      expect.objectContaining({
        code: 'missing-host',
        path: 'shop/ordering/orders-db',
        fix: expect.stringContaining('servers: { ordering/orders-db: { host: db.example.com } }'),
      }),
    ]);
  });

  test('with a password in its address is found, and the password is not printed', () => {
    const plan = one({ props: { host: 'postgres://root:Planted4711@db.example.com/x' } });
    expect(codesOf(plan)).toContain('bad-host');
    expect(plan.findings.map((finding) => printFinding(finding)).join('\n')).not.toContain('Planted4711');
  });

  test('that holds two stores in one database is found', () => {
    const plan = planOf(
      (shop) => {
        const [ordering, billing] = ['ordering', 'billing'].map((id) => new BoundedContext(shop, id, { team: id }));
        for (const context of [ordering, billing]) {
          new Microservice(context!, 'service', { image }).owns(new PostgresDatabase(context!, 'db'));
        }
      },
      { environment: backEnd('external', { host }) },
    );
    expect(codesOf(plan)).toEqual(['same-database']);
  });

  test('does nothing about pools and backups, and says so', () => {
    const plan = one({
      environment: backEnd('external', { host }),
      props: { backup: Backup.daily(), pooler: Pooler.session(5) },
    });
    expect(plan.findings.map(({ code, field }) => [code, field])).toEqual([
      ['not-supported', 'backup'],
      ['not-supported', 'pooler'],
    ]);
  });
});

const accessMap = (plan: Plan): string =>
  plan.objects.map(({ manifest }) => displayNameOf(manifest)).find((name) => /^ConfigMap\/.*-access-/.test(name)) ?? '';

test('a task by schedule reads as a service does, and waits as one', () => {
  const plan = planOf((shop) => {
    const ordering = new BoundedContext(shop, 'ordering', { team: 'orders' });
    const database = new PostgresDatabase(ordering, 'orders-db');
    new Microservice(ordering, 'orders', { image }).owns(database);
    new ScheduledTask(ordering, 'expire-carts', { image, schedule: Schedule.hourly() }).reads(database);
  });
  expect(codesOf(plan)).toEqual([]);
  const { spec } = object(plan, 'CronJob/ordering/expire-carts').spec.jobTemplate.spec.template;
  expect(spec.initContainers[0].name).toBe('wait-for-orders-db');
  expect(spec.containers[0].env).toContainEqual({ name: 'PGHOST', value: 'orders-db.ordering.svc' });
});

test('a change of roles is a new Job, and what has not changed is none', () => {
  const jobs = (plan: Plan): readonly string[] =>
    plan.objects.map(({ manifest }) => displayNameOf(manifest)).filter((name) => name.startsWith('Job/'));
  const [before, same, without, next] = [
    postgresShop(),
    postgresShop(),
    postgresShop({ withoutReader: true }),
    postgresShop({ generation: 2 }),
  ].map(jobs);
  expect(same).toEqual(before);
  for (const other of [without, next]) expect(other!.filter((name) => before!.includes(name))).toEqual([]);
});

test('the manifests hold no passwords, only where they are', () => {
  const yaml = planToYaml(postgresShop({ environment: operator() }));
  const values = [...yaml.matchAll(/name: (PG)?PASSWORD[a-z_]*\n\s+(\w+):/g)].map(([, , key]) => key);
  expect(values.length).toBeGreaterThan(10);
  expect(new Set(values)).toEqual(new Set(['valueFrom']));
});
