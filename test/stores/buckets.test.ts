import { Backup, BoundedContext, Microservice, PostgresDatabase, type Plan } from 'ashlar';
import { objectOf, planOf } from '../support/plans';

/** A PostgreSQL that an operator backs up into a bucket. */
function backedUpIn(backups: object): Plan {
  return planOf(
    (shop) => {
      const ordering = new BoundedContext(shop, 'ordering', { team: 'orders' });
      const database = new PostgresDatabase(ordering, 'db', { backup: Backup.daily() });
      new Microservice(ordering, 'orders', { image: 'ghcr.io/acme/orders:1.0.0' }).owns(database);
    },
    { environment: { backEnds: { postgres: { name: 'cloudnative-pg', options: { backups }, at: 'x' } } } },
  );
}

const storeIn = (plan: Plan) => objectOf(plan, 'ObjectStore/ordering/db').spec;

test.each<readonly [object, string, object]>([
  [{ bucket: 'b' }, 's3://b/ordering', { s3Credentials: { inheritFromIAMRole: true } }],
  [{ bucket: 'gs://b/', prefix: 'p/' }, 'gs://b/p/ordering', { googleCredentials: { gkeEnvironment: true } }],
  [
    { bucket: 'https://a.blob.core.windows.net/b' },
    'https://a.blob.core.windows.net/b/ordering',
    { azureCredentials: { inheritFromAzureAD: true } },
  ],
])('backups go to %j with the identity of the pods', (backups, destinationPath, credentials) => {
  const plan = backedUpIn(backups);
  expect(storeIn(plan).configuration).toMatchObject({ destinationPath, ...credentials });
  const secrets = plan.prerequisites.flatMap((needs) => (needs.type === 'secret' ? [needs.name] : []));
  expect(secrets).toEqual(['db-orders-v1']);
});

test('a bucket is shown the keys of its Secret, in its region', () => {
  const plan = backedUpIn({
    bucket: 'b',
    secret: 'backup-keys',
    region: 'eu-west-1',
    endpoint: 'https://s3.example.com',
  });
  expect(storeIn(plan)).toMatchObject({
    configuration: {
      endpointURL: 'https://s3.example.com',
      s3Credentials: {
        accessKeyId: { name: 'backup-keys', key: 'AWS_ACCESS_KEY_ID' },
        secretAccessKey: { name: 'backup-keys', key: 'AWS_SECRET_ACCESS_KEY' },
      },
    },
    instanceSidecarConfiguration: { env: [{ name: 'AWS_DEFAULT_REGION', value: 'eu-west-1' }] },
  });
  expect(plan.prerequisites).toContainEqual(
    expect.objectContaining({
      name: 'backup-keys',
      keys: {
        AWS_ACCESS_KEY_ID: { known: 'backup-keys/AWS_ACCESS_KEY_ID' },
        AWS_SECRET_ACCESS_KEY: { known: 'backup-keys/AWS_SECRET_ACCESS_KEY' },
      },
    }),
  );
});

test.each([
  [undefined, 443],
  ['https://s3.example.com', 443],
  ['http://minio.example.com/', 80],
  ['http://minio.example.com:9000', 9000],
])('a bucket at %s is reached on port %s', (endpoint, port) => {
  const addresses = ['192.0.2.7/32'];
  const plan = backedUpIn({ bucket: 'b', addresses, ...(endpoint !== undefined && { endpoint }) });
  const ways = objectOf(plan, 'NetworkPolicy/ordering/db').spec.egress as readonly { readonly to: unknown }[];
  const [way] = ways.filter(({ to }) => JSON.stringify(to).includes('192.0.2.7'));
  expect(way).toMatchObject({ ports: [{ protocol: 'TCP', port }] });
});
