import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  Backup,
  Duration,
  ElasticsearchCluster,
  ElasticsearchIndex,
  BoundedContext,
  Microservice,
  Size,
  type ElasticsearchConnectionProps,
  type ElasticsearchIndexProps,
  type Plan,
} from 'ashlar';
import fc from 'fast-check';
import { ELASTIC_LEAST_MEMORY, heapOf } from '../../constructs/derive/stores/elastic';
import { elasticSchedule } from '../../constructs/derive/stores/elastic-script';
import { ElasticStandIn } from '../support/elastic-stand-in';
import {
  planWithStore,
  podOf,
  podOfJob,
  secretsOf,
  trafficOf,
  variablesOf,
  type StoreOptions,
} from '../support/planned-stores';
import { codesOf, objectOf, planOf } from '../support/plans';

const STORAGE = Size.gibibytes(20);
const NIGHTLY = Backup.daily({ keep: Duration.days(30) });
const BUCKET = { bucket: 'acme-backups', secret: 'backup-keys', region: 'eu-west-1' };
const IMAGE = 'ghcr.io/acme/service:1.0.0';

function index(props: Partial<ElasticsearchIndexProps> = {}, options: StoreOptions = {}): Plan {
  return planWithStore(
    (context) => new ElasticsearchIndex(context, 'products', { storage: STORAGE, ...props }),
    options,
  );
}

const eck = (options: Readonly<Record<string, unknown>> = {}) => ['elasticsearch', 'eck', options] as const;
const clusterOf = (plan: Plan) => objectOf(plan, 'Elasticsearch/catalogue/products')['spec'];
const variables = (plan: Plan, service = 'catalog') => variablesOf(podOf(plan, 'Deployment', service).containers[0]);

describe('in the cluster, for development', () => {
  test('its owner and its reader have accounts of their own', () => {
    const plan = index();
    expect(codesOf(plan)).toEqual([]);
    expect(variables(plan)).toEqual({
      ELASTICSEARCH_URL: 'http://$(ELASTICSEARCH_URL_USER):$(ELASTICSEARCH_URL_PASSWORD)@products.catalogue.svc:9200',
      ELASTICSEARCH_URL_USER: 'products-catalog-v1/username',
      ELASTICSEARCH_URL_PASSWORD: 'products-catalog-v1/password',
    });
    expect(variables(plan, 'search')['ELASTICSEARCH_URL_PASSWORD']).toBe('products-search-v1/password');
    expect(variables(plan, 'stranger')).toEqual({});
  });

  test('exactly those who have access reach it, and what makes their accounts', () => {
    const plan = index();
    const callers = ['catalog', 'products-set-up', 'search'];
    expect(trafficOf(plan, 'products')).toEqual({ in: callers.map((name) => `${name}:9200`), out: [] });
  });

  test('one node with half of its memory as heap, that writes only where it may', () => {
    const pod = podOf(index({ memory: Size.gibibytes(4), backup: NIGHTLY }), 'StatefulSet', 'products');
    const [server] = pod.containers;
    expect(variablesOf(server)).toMatchObject({
      ES_JAVA_OPTS: '-Xms2048m -Xmx2048m',
      'discovery.type': 'single-node',
      'path.repo': '/snapshots',
      'xpack.security.enabled': 'true',
    });
    expect(server.volumeMounts.map(({ mountPath }) => mountPath).sort()).toEqual([
      '/snapshots',
      '/tmp',
      '/usr/share/elasticsearch/config',
      '/usr/share/elasticsearch/data',
      '/usr/share/elasticsearch/logs',
    ]);
    expect(pod.initContainers.map(({ name }) => name)).toEqual(['config', 'exporter']);
  });

  test('in production it is found, with what to choose instead', () => {
    const plan = index({ backup: NIGHTLY }, { tier: 'production' });
    expect(codesOf(plan)).toEqual(['back-end-for-development', 'single-replica']);
    expect(plan.findings.find(({ code }) => code === 'back-end-for-development')?.allowed).toMatch(/^eck or external/);
  });
});

describe('by ECK', () => {
  const production = (props: Partial<ElasticsearchIndexProps> = {}, options = {}) =>
    index(props, { tier: 'production', backEnd: eck(options) });

  test('three nodes in as many zones, with snapshots', () => {
    const plan = production({ backup: NIGHTLY }, { backups: BUCKET });
    expect(codesOf(plan)).toEqual([]);
    expect(clusterOf(plan)).toMatchObject({
      version: '9.4.3',
      volumeClaimDeletePolicy: 'DeleteOnScaledownOnly',
      secureSettings: [{ secretName: 'backup-keys', entries: [{ path: 's3.client.default.access_key' }, {}] }],
      nodeSets: [
        {
          count: 3,
          config: {
            'node.store.allow_mmap': false,
            'cluster.routing.allocation.awareness.attributes': 'k8s_node_name,zone',
            's3.client.default.region': 'eu-west-1',
          },
          podTemplate: {
            spec: { securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } } },
          },
        },
      ],
    });
    const told = variablesOf(podOfJob(plan, 'products-set-up').containers[0]);
    expect(told).toMatchObject({
      SERVER: 'https://products-es-http.catalogue.svc:9200',
      ADMIN_PASSWORD: 'products-es-elastic-user/elastic',
      CA: '/var/run/ashlar/products/ca.crt',
    });
    expect(JSON.parse(told['REPOSITORY'] ?? '')).toEqual({
      type: 's3',
      settings: { bucket: 'acme-backups', client: 'default', base_path: 'products' },
    });
    expect(JSON.parse(told['POLICY'] ?? '')).toMatchObject({
      schedule: '0 0 2 * * ?',
      retention: { expire_after: '30d' },
    });
  });

  test('clients get the certificate of the operator’s authority', () => {
    const plan = index({}, { backEnd: eck() });
    expect(variables(plan)).toMatchObject({
      ELASTICSEARCH_CA: '/var/run/ashlar/products/ca.crt',
      ELASTICSEARCH_URL: expect.stringMatching(/^https:.*@products-es-http\.catalogue\.svc:9200$/) as string,
    });
    const pod = podOf(plan, 'Deployment', 'catalog');
    for (const container of [pod.containers[0], pod.initContainers[0]]) {
      expect(container.volumeMounts).toContainEqual({
        name: 'products-ca',
        mountPath: '/var/run/ashlar/products',
        readOnly: true,
      });
    }
  });

  test('the operator, the nodes and the bucket are control traffic', () => {
    const plan = production({ backup: NIGHTLY }, { backups: { ...BUCKET, addresses: ['10.9.0.0/16'] } });
    const { in: incoming, out } = trafficOf(plan, 'products');
    expect([...incoming].sort()).toEqual([
      'catalog:9200',
      'elastic-operator:9200',
      'elasticsearch/products:9300',
      'products-set-up:9200',
      'search:9200',
    ]);
    expect(out).toEqual(['10.9.0.0/16:443', 'elasticsearch/products:9300']);
  });

  test('the plan tells which release of the operator it relies on', () => {
    const release = index({}, { backEnd: eck() }).prerequisites.find(({ type }) => type === 'release');
    expect(release).toMatchObject({ name: 'elastic-operator', chart: { name: 'eck-operator', version: '3.5.0' } });
  });

  test.each([
    ['one node in production', { replicas: 1, backup: NIGHTLY }, { backups: BUCKET }, 'single-replica'],
    ['two nodes in production', { replicas: 2, backup: NIGHTLY }, { backups: BUCKET }, 'no-majority'],
    ['a backup without a bucket', { backup: NIGHTLY }, {}, 'backup-without-storage'],
    ['no backup in production', {}, {}, 'no-backup'],
  ])('%s is found', (_what, props, options, code) => {
    expect(codesOf(production(props, options))).toEqual([code]);
  });
});

describe('shared', () => {
  const shared = (backup?: Backup, tier: 'development' | 'production' = 'development') =>
    planOf(
      (shop) => {
        const context = new BoundedContext(shop, 'catalogue', { team: 'catalogue' });
        const cluster = new ElasticsearchCluster(context, 'searches', {
          storage: STORAGE,
          ...(backup !== undefined && { backup }),
        });
        const products = cluster.index('products');
        const reviews = cluster.index('reviews', { indices: ['reviews-v2', 'reviews-2*'] });
        new Microservice(context, 'catalog', { image: IMAGE }).owns(products, { env: { URL: 'url', INDEX: 'index' } });
        const critics = new Microservice(context, 'critics', { image: IMAGE });
        critics.owns(reviews, { env: { REVIEWS: 'url' } }).reads(products, { env: { PRODUCTS: 'url' } });
      },
      {
        tier,
        environment: {
          zones: ['a', 'b'],
          backEnds: { elasticsearch: { name: 'eck', options: { backups: BUCKET }, at: 'x' } },
        },
      },
    );

  test('one cluster, and each index with its own accounts and names', () => {
    const plan = shared();
    expect(codesOf(plan)).toEqual([]);
    expect(plan.objects.filter(({ manifest }) => manifest.kind === 'Elasticsearch')).toHaveLength(1);
    const told = variablesOf(podOfJob(plan, 'searches-set-up').containers[0]);
    expect(told['ACCOUNTS']).toBe('3');
    const accounts = [1, 2, 3].map((number) => {
      const of = (field: string) => told[`ACCOUNT_${number}_${field}`] ?? '';
      return `${of('LEVEL')} ${of('SCOPE')} ${of('USER')}`;
    });
    expect(accounts.sort()).toEqual([
      'owner products,products-* searches-products-products-catalog-v1/username',
      'owner reviews-v2,reviews-2* searches-reviews-reviews-critics-v1/username',
      'reader products,products-* searches-products-products-critics-v1/username',
    ]);
    expect(variables(plan)['INDEX']).toBe('products');
    expect(variables(plan, 'critics')).toMatchObject({
      REVIEWS_PASSWORD: 'searches-reviews-reviews-critics-v1/password',
      PRODUCTS_PASSWORD: 'searches-products-products-critics-v1/password',
    });
  });

  test('its backup is the cluster’s', () => {
    expect(codesOf(shared(undefined, 'production'))).toEqual(['no-backup']);
    expect(codesOf(shared(NIGHTLY, 'production'))).toEqual([]);
  });
});

describe('elsewhere', () => {
  const at = (props: Partial<ElasticsearchConnectionProps> = {}): Plan =>
    planWithStore((context) =>
      ElasticsearchIndex.fromConnection(context, 'products', { host: 'es.example.com', ...props }),
    );
  const chosen = (options: object) =>
    index({}, { backEnd: ['elasticsearch', 'external', { host: 'es.example.com', ...options }] });

  test.each([
    ['by the program', at],
    ['by the environment', chosen],
  ])('%s: nothing is run but what makes the accounts', (_who, plan) => {
    const made = plan({ addresses: ['192.0.2.0/24'], port: 9243 });
    expect(codesOf(made)).toEqual([]);
    expect(made.objects.some(({ manifest }) => manifest.kind === 'StatefulSet')).toBe(false);
    expect(variables(made)['ELASTICSEARCH_URL']).toMatch(/^https:.*@es\.example\.com:9243$/);
    expect(trafficOf(made, 'catalog').out).toEqual(['192.0.2.0/24:9243']);
    expect(Object.keys(secretsOf(made))).toContain('products-admin');
    expect(plan({ accounts: 'existing' }).objects.some(({ manifest }) => manifest.kind === 'Job')).toBe(false);
  });
});

describe('what it cannot be told', () => {
  test.each([
    [{ indices: ['Products'] }, 'bad-index-name'],
    [{ indices: ['*'] }, 'bad-index-name'],
    [{ indices: ['products', '_all'] }, 'bad-index-name'],
    [{ indices: ['products,users'] }, 'bad-index-name'],
    [{ indices: ['p'.repeat(256)] }, 'bad-index-name'],
    [{ memory: Size.mebibytes(1023) }, 'memory-too-small'],
    [{ storage: Size.gibibytes(0) }, 'storage-missing'],
    [{ replicas: 0.5 }, 'out-of-range'],
    [{ shards: 3 }, 'unknown-prop'],
  ])('%j', (props: object, code) => {
    expect(codesOf(index(props))).toEqual([code]);
  });
});

test('its heap is half of its memory, up to where addresses double', () => {
  const memory = fc.integer({ min: ELASTIC_LEAST_MEMORY, max: 2 ** 40 });
  fc.assert(
    fc.property(memory, (bytes) => {
      const heap = heapOf(bytes);
      return heap >= 512 && heap * 2 ** 20 <= bytes / 2 && heap <= 31 * 1024;
    }),
  );
});

test.each([
  [Backup.daily(), '0 0 2 * * ?'],
  [Backup.weekly({ at: '23:45' }), '0 45 23 ? * SUN'],
])('a schedule as snapshots take it: %#', ({ facts }, expected) => {
  expect(elasticSchedule(facts)).toBe(expected);
});

const hasCurl = spawnSync('curl', ['--version']).status === 0;

(hasCurl ? describe : describe.skip)('the script that makes accounts', () => {
  const SUPERUSER = { name: 'elastic', password: 'it"s a \\ secret' };
  let server: ElasticStandIn;
  let address: string;
  let folder: string;

  beforeEach(async () => {
    server = new ElasticStandIn(SUPERUSER);
    address = await server.listen();
    folder = mkdtempSync(path.join(tmpdir(), 'ashlar-elastic-'));
  });

  afterEach(async () => {
    await server.close();
    rmSync(folder, { recursive: true });
  });

  /** Runs the script of a plan's Job; passwords tell where they came from. */
  async function run(plan: Plan, more: Readonly<Record<string, string>> = {}) {
    const [container] = podOfJob(plan, 'products-set-up').containers;
    const keys = secretsOf(plan);
    const told = Object.entries(variablesOf(container)).map(([name, value]) => {
      const [secret = '', key = ''] = value.split('/');
      const known = keys[secret]?.[key];
      return [name, known !== undefined && 'text' in known ? known.text : value];
    });
    const admin = { SERVER: address, ADMIN_USER: SUPERUSER.name, ADMIN_PASSWORD: SUPERUSER.password };
    const env = { PATH: process.env['PATH'], ...Object.fromEntries(told), ...admin, ...more };
    const [shell = '', flag = '', script = ''] = container.command;
    const child = spawn(shell, [flag, script.replaceAll('/tmp/', `${folder}/`)], { env });
    let printed = '';
    child.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (printed += chunk.toString()));
    const code = await new Promise<number | null>((resolve) => void child.on('close', resolve));
    return { code, printed };
  }

  test('puts a role and a user an account, waits for the server, and prints no password', async () => {
    server.notReady = 1;
    const { code, printed } = await run(index({ backup: NIGHTLY }));
    expect({ code, printed }).toEqual({
      code: 0,
      printed: 'put catalog_a\nput search_a\nput exporter\nput the schedule of snapshots\n',
    });
    expect(server.roles.get('catalog_a')).toMatchObject({
      cluster: ['cluster:monitor/main', 'cluster:monitor/health'],
      indices: [{ names: ['products', 'products-*'], privileges: ['all'] }],
    });
    expect(server.roles.get('search_a')?.indices).toEqual([
      { names: ['products', 'products-*'], privileges: ['read', 'view_index_metadata'] },
    ]);
    expect(server.users.get('catalog_a')).toMatchObject({
      password: 'products-catalog-v1/password',
      roles: ['catalog_a'],
    });
    expect(server.put.get('/_snapshot/backups')).toEqual({ type: 'fs', settings: { location: '/snapshots' } });
    expect(server.put.get('/_slm/policy/scheduled')).toMatchObject({ retention: { expire_after: '30d' } });
  });

  test('run again, everything is as it was', async () => {
    await run(index());
    const [users, roles] = [new Map(server.users), new Map(server.roles)];
    await run(index());
    expect([server.users, server.roles]).toEqual([users, roles]);
  });

  test('a new generation leaves the login of the old one alone; who has access no more is deleted', async () => {
    await run(index());
    await run(index({}, { generation: 2 }));
    expect([...server.users.keys()].sort()).toEqual(['catalog_a', 'catalog_b', 'exporter', 'search_a', 'search_b']);
    const { printed } = await run(index({}, { generation: 2 }), { ACCOUNTS: '1' });
    expect(printed).toContain('deleted search_a\n');
    expect([...server.users.keys()].sort()).toEqual(['catalog_a', 'catalog_b', 'exporter']);
    expect([...server.roles.keys()].sort()).toEqual(['catalog_a', 'catalog_b', 'exporter']);
  });

  test('a user that it did not make stays', async () => {
    server.users.set('kibana', { password: 'secret', roles: [], metadata: {} });
    await run(index());
    expect(server.users.has('kibana')).toBe(true);
  });

  test('what the server refuses ends it, and no password is printed', async () => {
    const { code, printed } = await run(index(), { ACCOUNT_1_PASSWORD: 'short' });
    expect(code).not.toBe(0);
    expect(printed).not.toContain('short');
  });

  test('any password reaches the server as it is', async () => {
    const password = `"quoted" \\ back\\slash $HOME 'single' äö`;
    await run(index(), { ACCOUNT_1_PASSWORD: password });
    expect(server.users.get('catalog_a')?.password).toBe(password);
  });
});
