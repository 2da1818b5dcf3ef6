import {
  ApiGateway,
  Backup,
  BoundedContext,
  Compression,
  Directory,
  MongoDatabase,
  Microservice,
  PostgresDatabase,
  RedisStore,
  Size,
  type Platform,
} from 'ashlar';
import { planOf } from '../support/plans';
import { toldBy } from '../support/told';
import { image, type Anything } from '../support/wrong';

const storage = Size.gibibytes(1);

/** What is told as `bad-value` or `unknown-prop` of what is made in a context. */
function told(make: (context: BoundedContext) => unknown): readonly string[] {
  const program = (shop: Platform): void => void make(new BoundedContext(shop, 'ordering', { team: 'orders' }));
  return toldBy(planOf(program)).filter((line) => /^(bad-value|unknown-prop) /.test(line));
}

test('a service tells each value that is of another kind, and goes on without it', () => {
  const service = (props: object) => told((at) => new Microservice(at, 'orders', { image, ...props }));
  expect(service({ ports: 8080, health: '/healthz', directories: '/tmp' })).toEqual([
    'bad-value orders directories: "/tmp"',
    'bad-value orders health: "/healthz"',
    'bad-value orders ports: 8080',
  ]);
  expect(
    service({ resources: { cpu: { limit: '500m' }, memory: '256Mi', ephemeralStorage: { request: 1 }, disk: 1 } }),
  ).toEqual([
    'bad-value orders resources.cpu.limit: "500m"',
    'bad-value orders resources.ephemeralStorage.request: 1',
    'bad-value orders resources.memory: "256Mi"',
    'unknown-prop orders resources.disk: disk',
  ]);
  expect(service({ resources: '256Mi' })).toEqual(['bad-value orders resources: "256Mi"']);
  const directories = ['/tmp', Directory.inMemory('/run', '64Mi' as Anything), Directory.temporary('/var')];
  expect(service({ directories })).toEqual([
    'bad-value orders directories.limit: "64Mi"',
    'bad-value orders directories/0: "/tmp"',
  ]);
});

test('a store tells sizes and backups that are none: nobody believes that it is backed up', () => {
  const wrong = { storage: '10Gi', memory: '1Gi', cpu: '500m', backup: 'daily' } as Anything;
  const ofServer = ['backup: "daily"', 'cpu: "500m"', 'memory: "1Gi"', 'storage: "10Gi"'];
  expect(told((at) => new MongoDatabase(at, 'db', wrong))).toEqual(ofServer.map((line) => `bad-value db ${line}`));
  expect(told((at) => new PostgresDatabase(at, 'db', { storage: '10Gi', backup: 14, pooler: 50 } as Anything))).toEqual(
    ['bad-value db backup: 14', 'bad-value db pooler: 50', 'bad-value db storage: "10Gi"'],
  );
  expect(told((at) => new RedisStore(at, 'db', { storage: '1Gi', memory: 128, backup: {} } as Anything))).toEqual([
    'bad-value db backup: an object',
    'bad-value db memory: 128',
    'bad-value db storage: "1Gi"',
  ]);
  const backup = Backup.daily({ keep: 14, every: 1 } as Anything);
  expect(told((at) => new RedisStore(at, 'db', { storage, backup }))).toEqual([
    'bad-value db backup.keep: 14',
    'unknown-prop db backup.every: every',
  ]);
});

test('a gateway tells its values, and hosts that are no list', () => {
  const gateway = (props: object) => told((at) => new ApiGateway(at, 'edge', props as Anything));
  expect(gateway({ hosts: 'api.example.com', tls: 'letsencrypt', compression: 'gzip', scale: 3 })).toEqual([
    'bad-value edge compression: "gzip"',
    'bad-value edge hosts: "api.example.com"',
    'bad-value edge scale: 3',
    'bad-value edge tls: "letsencrypt"',
  ]);
  const compression = Compression.gzip({ from: '1Ki', types: 'text/html' } as Anything);
  expect(gateway({ hosts: ['api.example.com'], compression })).toEqual([
    'bad-value edge compression.from: "1Ki"',
    'bad-value edge compression.types: "text/html"',
  ]);
});
