import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createHash } from 'node:crypto';
import {
  Backup,
  ClickHouseDatabase,
  Duration,
  Size,
  type ClickHouseConnectionProps,
  type ClickHouseDatabaseProps,
  type Plan,
} from 'ashlar';
import fc from 'fast-check';
import { CLICKHOUSE_LEAST_MEMORY, memorySettings } from '../../constructs/derive/stores/clickhouse';
import {
  planWithStore,
  podOf,
  podOfJob,
  secretsOf,
  trafficOf,
  variablesOf,
  type StoreOptions,
} from '../support/planned-stores';
import { codesOf, objectOf } from '../support/plans';

const STORAGE = Size.gibibytes(20);
const NIGHTLY = Backup.daily({ keep: Duration.days(30) });
const BUCKET = { bucket: 'acme-backups', secret: 'backup-keys', region: 'eu-west-1' };
const ISSUER = { name: 'internal', kind: 'ClusterIssuer' };

function events(props: Partial<ClickHouseDatabaseProps> = {}, options: StoreOptions = {}): Plan {
  return planWithStore((context) => new ClickHouseDatabase(context, 'events', { storage: STORAGE, ...props }), options);
}

const altinity = (options: Readonly<Record<string, unknown>> = {}) => ['clickhouse', 'altinity', options] as const;
const variables = (plan: Plan, service = 'catalog') => variablesOf(podOf(plan, 'Deployment', service).containers[0]);

describe('in the cluster, for development', () => {
  test('its owner and its reader have accounts of their own', () => {
    const plan = events();
    expect(codesOf(plan)).toEqual([]);
    expect(variables(plan)).toEqual({
      CLICKHOUSE_URL: 'http://$(CLICKHOUSE_URL_USER):$(CLICKHOUSE_URL_PASSWORD)@events.catalogue.svc:8123/events',
      CLICKHOUSE_URL_USER: 'events-catalog-v1/username',
      CLICKHOUSE_URL_PASSWORD: 'events-catalog-v1/password',
    });
    expect(variables(plan, 'search')['CLICKHOUSE_URL_PASSWORD']).toBe('events-search-v1/password');
    expect(variables(plan, 'stranger')).toEqual({});
    expect(Object.keys(secretsOf(plan)).sort()).toEqual(['events-admin', 'events-catalog-v1', 'events-search-v1']);
  });

  test('exactly those who have access reach it, and what tends it', () => {
    const plan = events({ backup: NIGHTLY });
    const callers = ['catalog', 'events-backup', 'events-set-up', 'search'];
    expect(trafficOf(plan, 'events')).toEqual({ in: callers.map((name) => `${name}:8123,9000`), out: [] });
  });

  test('it is configured by files that are its own, and writes only where it may', () => {
    const plan = events({ backup: NIGHTLY, memory: Size.gibibytes(4) });
    const pod = podOf(plan, 'StatefulSet', 'events');
    const [server] = pod.containers;
    const mounts = Object.fromEntries(server.volumeMounts.map(({ name, mountPath }) => [mountPath, name]));
    expect(mounts).toEqual({
      '/backups': 'backups',
      '/etc/clickhouse-server/config.d/zz-ashlar.xml': 'files',
      '/etc/clickhouse-server/users.d/zz-ashlar.xml': 'files',
      '/tmp': 'tmp',
      '/var/lib/clickhouse': 'data',
      '/var/log/clickhouse-server': 'logs',
    });
    const files = plan.objects.find(({ manifest }) => manifest.metadata.name.startsWith('events-files-'))?.manifest;
    const { 'server.xml': xml, 'users.xml': users } = files?.['data'] as Record<string, string>;
    expect(xml).toContain(`<max_server_memory_usage>${Math.floor(4 * 2 ** 30 * 0.8)}</max_server_memory_usage>`);
    expect(xml).toContain('<backups><allowed_path>/backups/</allowed_path></backups>');
    expect(users).toContain('<default remove="1"/>');
    expect(users).toContain('<password from_env="ADMIN_PASSWORD"/>');
    expect(pod.initContainers.map(({ name }) => name)).toEqual(['janitor']);
  });

  test('in production it is found, with what to choose instead', () => {
    const plan = events({ backup: NIGHTLY }, { tier: 'production' });
    expect(codesOf(plan)).toEqual(['back-end-for-development', 'single-replica']);
  });
});

describe('by Altinity’s operator', () => {
  const production = (props: Partial<ClickHouseDatabaseProps> = {}, options = {}) =>
    events(props, { tier: 'production', backEnd: altinity(options) });
  const whole = () => production({ backup: NIGHTLY }, { issuer: ISSUER, backups: BUCKET });
  const installationOf = (plan: Plan) => objectOf(plan, 'ClickHouseInstallation/catalogue/events')['spec'];

  test('two replicas with Keeper, encrypted, with backups', () => {
    const plan = whole();
    expect(codesOf(plan)).toEqual([]);
    const { configuration, templates } = installationOf(plan);
    expect(configuration).toMatchObject({
      clusters: [{ name: 'main', layout: { shardsCount: 1, replicasCount: 2 }, pdbMaxUnavailable: 1 }],
      zookeeper: { nodes: [{ host: 'keeper-events-keeper.catalogue.svc', port: 2181 }] },
      users: { 'admin/password': { valueFrom: { secretKeyRef: { name: 'events-admin', key: 'password' } } } },
      settings: {
        https_port: 8443,
        'user_directories/replicated/zookeeper_path': '/clickhouse/access',
        'storage_configuration/disks/backups/endpoint': 'https://s3.eu-west-1.amazonaws.com/acme-backups/events/',
      },
    });
    expect(templates.volumeClaimTemplates).toMatchObject([{ reclaimPolicy: 'Retain' }]);
    expect(objectOf(plan, 'ClickHouseKeeperInstallation/catalogue/events-keeper')['spec']).toMatchObject({
      configuration: { clusters: [{ layout: { replicasCount: 3 } }] },
    });
    expect(objectOf(plan, 'Certificate/catalogue/events-tls')['spec']).toMatchObject({
      dnsNames: ['clickhouse-events.catalogue.svc'],
      issuerRef: ISSUER,
    });
  });

  test('a single one needs no Keeper', () => {
    const plan = events({}, { backEnd: altinity() });
    expect(codesOf(plan)).toEqual([]);
    expect(plan.objects.some(({ manifest }) => manifest.kind === 'ClickHouseKeeperInstallation')).toBe(false);
    expect(installationOf(plan).configuration).not.toHaveProperty('zookeeper');
    expect(variablesOf(podOfJob(plan, 'events-set-up').containers[0])).not.toHaveProperty('CLUSTER');
  });

  test('clients come encrypted only, and verify the server', () => {
    const plan = whole();
    expect(variables(plan)).toMatchObject({
      CLICKHOUSE_CA: '/var/run/ashlar/events/ca.crt',
      CLICKHOUSE_URL: expect.stringMatching(/^https:.*@clickhouse-events\.catalogue\.svc:8443\/events$/) as string,
    });
    expect(trafficOf(plan, 'catalog').out).toEqual(['events:8443,9440']);
  });

  test('the operator, the replicas, Keeper and the bucket are control traffic', () => {
    const plan = production(
      { backup: NIGHTLY },
      { issuer: ISSUER, backups: { ...BUCKET, addresses: ['10.9.0.0/16'] } },
    );
    const { in: incoming, out } = trafficOf(plan, 'events');
    expect([...incoming].sort()).toEqual([
      'altinity-clickhouse-operator:8123,8443',
      'catalog:8443,9440',
      'events-backup:8443,9440',
      'events-set-up:8443,9440',
      'events:9000,9009',
      'search:8443,9440',
    ]);
    expect([...out].sort()).toEqual(['10.9.0.0/16:443', 'events-keeper:2181', 'events:9000,9009']);
    const keeper = trafficOf(plan, 'events-keeper');
    expect([...keeper.in].sort()).toEqual(['altinity-clickhouse-operator:2181', 'events-keeper:9444', 'events:2181']);
    expect(keeper.out).toEqual(['events-keeper:9444']);
  });

  test('the plan tells which release of the operator it relies on', () => {
    const release = events({}, { backEnd: altinity() }).prerequisites.find(({ type }) => type === 'release');
    expect(release).toMatchObject({ chart: { name: 'altinity-clickhouse-operator', version: '0.25.6' } });
  });

  const good = { issuer: ISSUER, backups: BUCKET };
  test.each([
    ['one replica in production', { replicas: 1, backup: NIGHTLY }, good, 'single-replica'],
    ['no certificates in production', { backup: NIGHTLY }, { backups: BUCKET }, 'no-tls'],
    ['a backup without a bucket', { backup: NIGHTLY }, { issuer: ISSUER }, 'backup-without-storage'],
    ['no backup in production', {}, { issuer: ISSUER }, 'no-backup'],
  ])('%s is found', (_what, props, options, code) => {
    expect(codesOf(production(props, options))).toEqual([code]);
  });
});

describe('elsewhere', () => {
  const at = (props: Partial<ClickHouseConnectionProps> = {}): Plan =>
    planWithStore((context) =>
      ClickHouseDatabase.fromConnection(context, 'events', { host: 'ch.example.com', ...props }),
    );
  const chosen = (options: object) =>
    events({}, { backEnd: ['clickhouse', 'external', { host: 'ch.example.com', ...options }] });

  test.each([
    ['by the program', at],
    ['by the environment', chosen],
  ])('%s: nothing is run but what makes the accounts', (_who, plan) => {
    const made = plan({ addresses: ['192.0.2.0/24'] });
    expect(codesOf(made)).toEqual([]);
    expect(made.objects.some(({ manifest }) => manifest.kind === 'StatefulSet')).toBe(false);
    expect(variables(made)['CLICKHOUSE_URL']).toMatch(/^https:.*@ch\.example\.com:8443\/events$/);
    expect(trafficOf(made, 'catalog').out).toEqual(['192.0.2.0/24:8443,9440']);
    expect(plan({ accounts: 'existing' }).objects.some(({ manifest }) => manifest.kind === 'Job')).toBe(false);
  });
});

describe('what it cannot be told', () => {
  test.each([
    [{ database: 'a-b' }, 'bad-database-name'],
    [{ database: 'a`; DROP' }, 'bad-database-name'],
    [{ database: 'system' }, 'bad-database-name'],
    [{ database: '1st' }, 'bad-database-name'],
    [{ memory: Size.mebibytes(1023) }, 'memory-too-small'],
    [{ storage: Size.gibibytes(0) }, 'storage-missing'],
    [{ replicas: -1 }, 'out-of-range'],
    [{ shards: 3 }, 'unknown-prop'],
  ])('%j', (props: object, code) => {
    expect(codesOf(events(props))).toEqual([code]);
  });
});

test('its caches and all that it counts leave room in its memory', () => {
  fc.assert(
    fc.property(fc.integer({ min: CLICKHOUSE_LEAST_MEMORY, max: 2 ** 40 }), (bytes) => {
      const { max_server_memory_usage: all = 0, mark_cache_size: marks = 0 } = memorySettings(bytes);
      return all < bytes && marks < all / 4;
    }),
  );
});

const hasBash = spawnSync('bash', ['--version']).status === 0;

(hasBash ? describe : describe.skip)('the scripts', () => {
  let folder: string;

  beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'ashlar-clickhouse-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  /** Runs a script with a client that writes down what it is given, and answers with users that are there already. */
  function run(command: readonly string[], told: Readonly<Record<string, string>>, there: readonly string[] = []) {
    const client = path.join(folder, 'clickhouse-client');
    const answers = there.map((user) => `echo ${user}`).join('; ');
    writeFileSync(
      client,
      `#!/bin/bash\nprintf '%s\\n' "$*" >> ${folder}/args\ninput=$(cat)\nprintf '%s\\n--\\n' "$input" >> ${folder}/input\n` +
        `case "$input" in *role_grants*) ${answers || 'true'} ;; esac\n`,
    );
    chmodSync(client, 0o755);
    const [shell = '', flag = '', script = ''] = command;
    const env = { ...told, PATH: `${folder}:${process.env['PATH']}` };
    const ran = spawnSync(shell, [flag, script.replaceAll('/tmp/', `${folder}/`)], { env, encoding: 'utf8' });
    const read = (name: string) => {
      const file = path.join(folder, name);
      return existsSync(file) ? readFileSync(file, 'utf8') : '';
    };
    return { ...ran, statements: read('input'), args: read('args'), config: read('client.xml') };
  }

  function setUp(plan: Plan, there: readonly string[] = []) {
    const [container] = podOfJob(plan, 'events-set-up').containers;
    const keys = secretsOf(plan);
    const told = Object.entries(variablesOf(container)).map(([name, value]) => {
      const [secret = '', key = ''] = value.split('/');
      const known = keys[secret]?.[key];
      return [name, known !== undefined && 'text' in known ? known.text : value];
    });
    return run(container.command, Object.fromEntries(told) as Record<string, string>, there);
  }

  const hashed = createHash('sha256').update('events-catalog-v1/password').digest('hex');

  test('makes the database, the roles and the accounts, by hashes', () => {
    const { status, stdout, statements, args } = setUp(events());
    expect({ status, stdout }).toEqual({
      status: 0,
      stdout: 'made catalog_a (owner of events)\nmade search_a (reader of events)\n',
    });
    expect(statements).toContain('CREATE DATABASE IF NOT EXISTS `events`');
    expect(statements).toContain('GRANT SHOW, SELECT, dictGet ON `events`.* TO `events_reader` WITH REPLACE OPTION;');
    expect(statements).toContain(`ALTER USER \`catalog_a\` IDENTIFIED WITH sha256_hash BY '${hashed}'`);
    expect(statements).toContain('GRANT `events_owner` TO `catalog_a` WITH REPLACE OPTION;');
    expect(statements).toContain('GRANT `events_reader` TO `search_a` WITH REPLACE OPTION;');
    expect(statements).toContain("user_name NOT IN ('catalog_a', 'catalog_b', 'search_a', 'search_b')");
    expect(statements + args).not.toContain('v1/password');
  });

  test('drops whoever has a role and no account', () => {
    const { stdout, statements } = setUp(events(), ['retired_a']);
    expect(stdout).toContain('dropped retired_a\n');
    expect(statements).toContain('DROP USER IF EXISTS `retired_a`');
  });

  test('on a cluster, the database is made on all replicas, and the server is verified', () => {
    const options = { backEnd: altinity({ issuer: ISSUER, replicas: 2 }) };
    const { statements, args, config } = setUp(events({}, options));
    expect(statements).toContain(
      "CREATE DATABASE IF NOT EXISTS `events` ON CLUSTER 'main' " +
        "ENGINE = Replicated('/clickhouse/databases/events', '{shard}', '{replica}');",
    );
    expect(args).toMatch(/--host clickhouse-events\.catalogue\.svc --port 9440 --secure --multiquery/);
    expect(config).toContain('<verificationMode>strict</verificationMode>');
    expect(config).toContain('<caConfig>/var/run/ashlar/events/ca.crt</caConfig>');
  });

  test('a backup is called by its time', () => {
    const [container] = podOf(events({ backup: NIGHTLY }), 'CronJob', 'events-backup').containers;
    const { status, statements } = run(container.command, variablesOf(container));
    expect(status).toBe(0);
    expect(statements).toMatch(/^BACKUP DATABASE `events` TO File\('\/backups\/events-\d{8}T\d{6}Z'\)\n--\n$/);
  });
});
