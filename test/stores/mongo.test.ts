import {
  Backup,
  Duration,
  MongoDatabase,
  Size,
  type BoundedContext,
  type MongoConnectionProps,
  type MongoDatabaseProps,
  type Plan,
} from 'ashlar';
import fc from 'fast-check';
import { MONGO_LEAST_MEMORY, cacheOf } from '../../constructs/derive/stores/mongo';
import { MONGO_SET_UP } from '../../constructs/derive/stores/mongo-script';
import { MongoStandIn } from '../support/mongo-shell';
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

function mongo(props: Partial<MongoDatabaseProps> = {}, options: StoreOptions = {}, id = 'catalog-db'): Plan {
  return planWithStore(
    (context: BoundedContext) => new MongoDatabase(context, id, { storage: STORAGE, ...props }),
    options,
  );
}

const percona = (options: Readonly<Record<string, unknown>> = {}) => ['mongodb', 'percona', options] as const;
const clusterOf = (plan: Plan) => objectOf(plan, 'PerconaServerMongoDB/catalogue/catalog-db');
const variables = (plan: Plan, service = 'catalog') => variablesOf(podOf(plan, 'Deployment', service).containers[0]);

describe('in the cluster, for development', () => {
  test('its owner and its reader have accounts of their own, and nobody else has one', () => {
    const plan = mongo();
    expect(codesOf(plan)).toEqual([]);
    const url = 'mongodb://$(MONGODB_URI_USER):$(MONGODB_URI_PASSWORD)@catalog-db.catalogue.svc:27017/catalog_db';
    expect(variables(plan)).toEqual({
      MONGODB_URI: `${url}?authSource=catalog_db&replicaSet=rs0`,
      MONGODB_URI_USER: 'catalog-db-catalog-v1/username',
      MONGODB_URI_PASSWORD: 'catalog-db-catalog-v1/password',
    });
    expect(variables(plan, 'search')['MONGODB_URI_PASSWORD']).toBe('catalog-db-search-v1/password');
    expect(variables(plan, 'stranger')).toEqual({});
    expect(Object.keys(secretsOf(plan)).sort()).toEqual([
      'catalog-db-admin',
      'catalog-db-catalog-v1',
      'catalog-db-exporter',
      'catalog-db-replication',
      'catalog-db-search-v1',
    ]);
  });

  test('exactly those who have access reach it, and what makes their accounts', () => {
    const plan = mongo({ backup: NIGHTLY });
    const callers = ['catalog', 'catalog-db-dump', 'catalog-db-set-up', 'search'];
    expect(trafficOf(plan, 'catalog-db')).toEqual({ in: callers.map((name) => `${name}:27017`), out: [] });
    for (const name of callers) expect(trafficOf(plan, name).out).toEqual(['catalog-db:27017']);
  });

  test('it is a replica set of one that writes only where it may', () => {
    const pod = podOf(mongo({ memory: Size.gibibytes(5) }), 'StatefulSet', 'catalog-db');
    const [server] = pod.containers;
    expect(server.args).toEqual(expect.arrayContaining(['--replSet', 'rs0', '--wiredTigerCacheSizeGB', '2']));
    expect(server.resources).toEqual({ requests: { cpu: '250m', memory: '5120Mi' }, limits: { memory: '5120Mi' } });
    const writable = server.volumeMounts.map(({ mountPath }: { mountPath: string }) => mountPath);
    expect(writable.sort()).toEqual(['/data/configdb', '/data/db', '/tmp']);
    expect(pod.initContainers).toMatchObject([{ name: 'exporter', restartPolicy: 'Always' }]);
  });

  test('a pod that has access waits until it can log in', () => {
    const [wait] = podOf(mongo(), 'Deployment', 'catalog').initContainers;
    expect(wait).toMatchObject({ name: 'wait-for-catalog-db', volumeMounts: [{ mountPath: '/tmp' }] });
    expect(variablesOf(wait)).toMatchObject({ STORE_PASSWORD: 'catalog-db-catalog-v1/password', HOME: '/tmp' });
  });

  test('a dump a night goes to a claim that outlives the server', () => {
    const plan = mongo({ backup: NIGHTLY });
    expect(objectOf(plan, 'CronJob/catalogue/catalog-db-dump')['spec']).toMatchObject({
      schedule: '0 2 * * *',
      timeZone: 'Etc/UTC',
      concurrencyPolicy: 'Forbid',
    });
    expect(variablesOf(podOf(plan, 'CronJob', 'catalog-db-dump').containers[0])).toMatchObject({
      DATABASE: 'catalog_db',
      KEEP_DAYS: '30',
    });
    const claim = plan.objects.find(({ manifest }) => manifest.metadata.name === 'catalog-db-dumps');
    expect(claim).toMatchObject({
      hints: { retain: true, skipAwait: true },
      manifest: { kind: 'PersistentVolumeClaim' },
    });
    expect(mongo().objects.some(({ manifest }) => manifest.kind === 'CronJob')).toBe(false);
  });

  test('in production it is found, with what to choose instead', () => {
    const plan = mongo({ backup: NIGHTLY }, { tier: 'production' });
    expect(codesOf(plan)).toEqual(['back-end-for-development', 'single-replica']);
    expect(plan.findings.find(({ code }) => code === 'back-end-for-development')).toMatchObject({
      field: 'backEnds.mongodb of production',
      allowed: 'percona or external in production',
    });
  });

  test('images are the environment’s', () => {
    const options = { image: 'example.com/mongo:9', exporterImage: 'example.com/exporter:1' };
    const plan = mongo({ backup: NIGHTLY }, { backEnd: ['mongodb', 'in-cluster', options] });
    const pod = podOf(plan, 'StatefulSet', 'catalog-db');
    expect([pod.containers[0].image, pod.initContainers[0].image]).toEqual(Object.values(options));
    expect(podOf(plan, 'CronJob', 'catalog-db-dump').containers[0].image).toBe(options.image);
    expect(podOfJob(plan, 'catalog-db-set-up').containers[0].image).toBe(options.image);
  });
});

describe('the script that makes accounts', () => {
  /** The variables of the Job, with passwords that tell where they came from. */
  const envOf = (plan: Plan): Readonly<Record<string, string>> => {
    const keys = secretsOf(plan);
    const [container] = podOfJob(plan, 'catalog-db-set-up').containers;
    return Object.fromEntries(
      Object.entries(variablesOf(container)).map(([name, value]) => {
        const [secret = '', key = ''] = value.split('/');
        const known = keys[secret]?.[key];
        return [name, known !== undefined && 'text' in known ? known.text : value];
      }),
    );
  };

  test('makes what is missing, and changes nothing but passwords when it runs again', () => {
    const server = new MongoStandIn();
    const env = envOf(mongo());
    server.run(MONGO_SET_UP, env);
    expect(server.initiated).toEqual({ _id: 'rs0', members: [{ _id: 0, host: 'catalog-db.catalogue.svc:27017' }] });
    expect(server.changes).toEqual([
      'create catalog_db.catalog_a',
      'create catalog_db.search_a',
      'create admin.exporter',
    ]);
    expect(server.rolesOf('catalog_db', 'catalog_a')).toEqual(['readWrite of catalog_db', 'dbAdmin of catalog_db']);
    expect(server.rolesOf('catalog_db', 'search_a')).toEqual(['read of catalog_db']);
    const before = structuredClone(server.users);
    server.changes.length = 0;
    server.initiated = { _id: 'rs0' };
    server.run(MONGO_SET_UP, env);
    expect(server.users).toEqual(before);
    expect(server.initiated).toEqual({ _id: 'rs0' });
    expect(server.changes.every((change) => change.startsWith('update '))).toBe(true);
  });

  test('a new generation leaves the login of the old one alone; the third takes its place', () => {
    const server = new MongoStandIn();
    const passwords = () =>
      [...(server.users.get('catalog_db')?.values() ?? [])].map(({ user, pwd }) => `${user} ${pwd}`).sort();
    for (const generation of [1, 2]) server.run(MONGO_SET_UP, envOf(mongo({}, { generation })));
    expect(passwords()).toEqual([
      'catalog_a catalog-db-catalog-v1/password',
      'catalog_b catalog-db-catalog-v2/password',
      'search_a catalog-db-search-v1/password',
      'search_b catalog-db-search-v2/password',
    ]);
    server.run(MONGO_SET_UP, envOf(mongo({}, { generation: 3 })));
    expect(passwords()[0]).toBe('catalog_a catalog-db-catalog-v3/password');
    expect(passwords()[1]).toBe('catalog_b catalog-db-catalog-v2/password');
  });

  test('who has access no more cannot log in any more', () => {
    const server = new MongoStandIn();
    server.run(MONGO_SET_UP, envOf(mongo()));
    const env = envOf(mongo());
    const printed = server.run(MONGO_SET_UP, { ...env, ACCOUNTS: '1' });
    expect(printed).toContain('dropped search_a');
    expect(server.rolesOf('catalog_db', 'search_a')).toBeUndefined();
  });

  test('prints no password', () => {
    const printed = new MongoStandIn().run(MONGO_SET_UP, envOf(mongo())).join('\n');
    expect(printed).toContain('made catalog_a (owner of catalog_db)');
    expect(printed).not.toContain('password');
  });
});

describe('by Percona’s operator', () => {
  const production = (props: Partial<MongoDatabaseProps> = {}, options = {}) =>
    mongo(props, { tier: 'production', backEnd: percona(options) });

  test('three replicas in as many zones, encrypted, with backups', () => {
    const plan = production({ backup: NIGHTLY }, { backups: BUCKET });
    expect(codesOf(plan)).toEqual([]);
    const { spec } = clusterOf(plan);
    expect(spec).toMatchObject({
      crVersion: '1.22.0',
      tls: { mode: 'requireTLS' },
      unsafeFlags: { replsetSize: false },
      backup: {
        enabled: true,
        storages: {
          bucket: { s3: { bucket: 'acme-backups', prefix: 'catalog-db', credentialsSecret: 'backup-keys' } },
        },
        tasks: [{ schedule: '0 2 * * *', retention: { count: 30 } }],
      },
    });
    expect(spec.replsets).toMatchObject([
      {
        size: 3,
        affinity: { antiAffinityTopologyKey: 'kubernetes.io/hostname' },
        topologySpreadConstraints: [{ topologyKey: 'topology.kubernetes.io/zone', whenUnsatisfiable: 'DoNotSchedule' }],
        podDisruptionBudget: { maxUnavailable: 1 },
      },
    ]);
    expect(plan.objects.find(({ manifest }) => manifest.kind === 'PerconaServerMongoDB')?.hints).toEqual({
      protect: true,
      retain: true,
    });
    expect(secretsOf(plan)['backup-keys']).toEqual({
      AWS_ACCESS_KEY_ID: { known: 'backup-keys/AWS_ACCESS_KEY_ID' },
      AWS_SECRET_ACCESS_KEY: { known: 'backup-keys/AWS_SECRET_ACCESS_KEY' },
    });
  });

  test('the operator makes the accounts, of the login that holds', () => {
    const users = (generation: number) => clusterOf(mongo({}, { backEnd: percona(), generation }))['spec'].users;
    const own = (name: string) => ({ name, db: 'catalog_db' });
    expect(users(1)).toEqual([
      {
        ...own('catalog_a'),
        passwordSecretRef: { name: 'catalog-db-catalog-v1', key: 'password' },
        roles: [own('readWrite'), own('dbAdmin')],
      },
      {
        ...own('search_a'),
        passwordSecretRef: { name: 'catalog-db-search-v1', key: 'password' },
        roles: [own('read')],
      },
    ]);
    expect(users(2)).toMatchObject([{ name: 'catalog_b' }, { name: 'search_b' }]);
  });

  test('clients verify the names of all members', () => {
    const plan = production({ backup: NIGHTLY }, { backups: BUCKET });
    const hosts = [0, 1, 2].map((index) => `catalog-db-rs0-${index}.catalog-db-rs0.catalogue.svc.cluster.local:27017`);
    const { MONGODB_URI } = variables(plan);
    expect(MONGODB_URI).toContain(`@${hosts.join(',')}/catalog_db?`);
    expect(MONGODB_URI).toMatch(/replicaSet=rs0&tls=true&tlsCAFile=\/var\/run\/ashlar\/catalog-db\/ca\.crt$/);
    const pod = podOf(plan, 'Deployment', 'catalog');
    expect(pod.volumes).toContainEqual({
      name: 'catalog-db-ca',
      secret: { secretName: 'catalog-db-ssl', items: [{ key: 'ca.crt', path: 'ca.crt' }] },
    });
    for (const container of [pod.containers[0], pod.initContainers[0]]) {
      expect(container.volumeMounts).toContainEqual({
        name: 'catalog-db-ca',
        mountPath: '/var/run/ashlar/catalog-db',
        readOnly: true,
      });
    }
  });

  test('the operator, the replicas and the bucket are control traffic', () => {
    const { in: incoming, out } = trafficOf(
      production({ backup: NIGHTLY }, { backups: { ...BUCKET, addresses: ['10.9.0.0/16'] } }),
      'catalog-db',
    );
    expect([...incoming].sort()).toEqual([
      'catalog:27017',
      'percona-server-mongodb:27017',
      'psmdb-operator:27017',
      'search:27017',
    ]);
    expect(out).toEqual(['10.9.0.0/16:443', 'percona-server-mongodb:27017']);
  });

  test('the plan tells which release of the operator it relies on', () => {
    const [release] = mongo({}, { backEnd: percona({ operatorNamespace: 'databases' }) }).prerequisites;
    expect(release).toMatchObject({
      type: 'release',
      name: 'psmdb-operator',
      namespace: 'databases',
      chart: { name: 'psmdb-operator', version: '1.22.0' },
      groups: ['psmdb.percona.com'],
    });
  });

  test.each([
    ['one replica in production', { replicas: 1, backup: NIGHTLY }, { backups: BUCKET }, 'single-replica'],
    ['an even number', { replicas: 4, backup: NIGHTLY }, { backups: BUCKET }, 'even-replicas'],
    ['a backup without a bucket', { backup: NIGHTLY }, {}, 'backup-without-storage'],
    ['no backup in production', {}, {}, 'no-backup'],
  ])('%s is found', (_what, props, options, code) => {
    expect(codesOf(production(props, options))).toEqual([code]);
  });

  test('a weekly backup is kept as many weeks as its days', () => {
    const plan = production({ backup: Backup.weekly({ keep: Duration.days(30) }) }, { backups: BUCKET });
    expect(clusterOf(plan)['spec'].backup.tasks[0].retention.count).toBe(5);
  });

  test('a name that the operator refuses is found', () => {
    const long = 'c'.repeat(47);
    expect(codesOf(mongo({}, { backEnd: percona() }, long))).toEqual(['name-too-long']);
    expect(codesOf(mongo({}, { backEnd: percona() }, long.slice(1)))).toEqual([]);
  });
});

describe('elsewhere', () => {
  const at = (props: Partial<MongoConnectionProps> = {}, options: StoreOptions = {}): Plan =>
    planWithStore(
      (context) => MongoDatabase.fromConnection(context, 'catalog-db', { host: 'db.example.com', ...props }),
      options,
    );
  const chosen = (options: object) =>
    mongo({}, { backEnd: ['mongodb', 'external', { host: 'db.example.com', ...options }] });

  test.each([
    ['by the program', at],
    ['by the environment', chosen],
  ])('%s: nothing is run but what makes the accounts', (_who, plan) => {
    const made = plan({ addresses: ['192.0.2.0/24'] });
    expect(codesOf(made)).toEqual([]);
    const kinds = made.objects.map(({ manifest }) => manifest.kind);
    expect(kinds).not.toContain('StatefulSet');
    const { MONGODB_URI } = variables(made);
    expect(MONGODB_URI).toMatch(/@db\.example\.com:27017\/catalog_db\?authSource=catalog_db&tls=true$/);
    expect(trafficOf(made, 'catalog').out).toEqual(['192.0.2.0/24:27017']);
    expect(trafficOf(made, 'catalog-db-set-up').out).toEqual(['192.0.2.0/24:27017']);
    expect(secretsOf(made)['catalog-db-admin']).toEqual({
      username: { known: 'catalogue/catalog-db-admin/username' },
      password: { known: 'catalogue/catalog-db-admin/password' },
    });
    expect(variablesOf(podOfJob(made, 'catalog-db-set-up').containers[0])).not.toHaveProperty('MEMBER');
  });

  test.each([
    ['by the program', at],
    ['by the environment', chosen],
  ])('%s: accounts that are there are not made', (_who, plan) => {
    const made = plan({ accounts: 'existing' });
    expect(made.objects.some(({ manifest }) => manifest.kind === 'Job')).toBe(false);
    expect(Object.keys(secretsOf(made))).toEqual(['catalog-db-catalog-v1', 'catalog-db-search-v1']);
  });

  test('without encryption, or with an authority of its own', () => {
    expect(variables(at({ tls: false }))['MONGODB_URI']).not.toContain('tls');
    const authority = { secret: 'db-ca', key: 'root.pem' };
    expect(variables(at({ authority }))['MONGODB_URI']).toContain(
      'tls=true&tlsCAFile=/var/run/ashlar/catalog-db/ca.crt',
    );
    const job = podOfJob(at({ authority }), 'catalog-db-set-up');
    expect(job.volumes).toContainEqual({
      name: 'catalog-db-ca',
      secret: { secretName: 'db-ca', items: [{ key: 'root.pem', path: 'ca.crt' }] },
    });
  });

  test('a host that is known later stays a hole of the plan', () => {
    const host = { __pulumiOutput: true, apply: () => undefined } as unknown as string;
    expect(variables(at({ host }))['MONGODB_URI']).toContain('@<ashlar:shop/catalogue/catalog-db#host>:27017/');
  });

  test('a host with an account in it is found, and not printed', () => {
    const plan = at({ host: 'mongodb://user:planted@db' });
    expect(codesOf(plan)).toContain('bad-host');
    expect(JSON.stringify(plan.findings)).not.toContain('planted');
  });

  test.each([
    [{ host: 'db example' }, 'bad-host'],
    [{ port: 0 }, 'out-of-range'],
    [{ addresses: [] }, 'no-addresses'],
    [{ storage: STORAGE }, 'unknown-prop'],
  ])('%j is found', (props: object, code) => {
    expect(codesOf(at(props))).toContain(code);
  });
});

describe('what it cannot be told', () => {
  test.each([
    [{ database: 'a b' }, 'bad-database-name'],
    [{ database: 'a.b' }, 'bad-database-name'],
    [{ database: 'Admin' }, 'bad-database-name'],
    [{ database: '' }, 'bad-database-name'],
    [{ database: 'ä'.repeat(32) }, 'bad-database-name'],
    [{ memory: Size.mebibytes(511) }, 'memory-too-small'],
    [{ storage: Size.gibibytes(0) }, 'storage-missing'],
    [{ storage: undefined as unknown as Size }, 'storage-missing'],
    [{ replicas: 0 }, 'out-of-range'],
    [{ backup: Backup.daily({ at: 'noon' }) }, 'bad-time'],
    [{ journal: true }, 'unknown-prop'],
  ])('%j', (props: object, code) => {
    expect(codesOf(mongo(props))).toEqual([code]);
  });

  test('a back end that nobody brings', () => {
    expect(() => mongo({}, { backEnd: ['mongodb', 'atlas'] })).toThrow(
      /unknown-back-end[^]*in-cluster, percona, external/,
    );
  });
});

test('its cache leaves room for the rest of the process, and is never below what it takes', () => {
  const memory = fc.integer({ min: MONGO_LEAST_MEMORY, max: 2 ** 40 });
  fc.assert(
    fc.property(memory, (bytes) => {
      const cache = cacheOf(bytes) * 2 ** 30;
      return cache >= 256 * 2 ** 20 && cache <= bytes / 2;
    }),
  );
});
