import * as pulumi from '@pulumi/pulumi';
import { BoundedContext, ExternalService, Microservice, definePlatform, type Deferred } from 'ashlar';
import { plainEnvironment } from 'ashlar/charts';
import { deploy } from 'ashlar/stacks';
import { mockPulumi, valueOf } from '../support/pulumi-mocks';

const image = 'ghcr.io/acme/orders:1.4.2';
const production = plainEnvironment('prod', 'production');

interface Inputs {
  readonly apiKey: Deferred<string>;
  readonly host: Deferred<string>;
}

const shop = definePlatform<Inputs>('shop', (platform, { apiKey, host }) => {
  const ordering = new BoundedContext(platform, 'ordering', { team: 'orders' });
  const db = ExternalService.of(ordering, 'db', { host, ports: { postgres: 5432 } });
  const orders = new Microservice(ordering, 'orders', {
    image,
    ports: { http: 8080 },
    env: { API_KEY: apiKey, API_URL: `https://${String(host)}/v1` },
  });
  orders.calls(db, { env: 'DB_ADDR' });
});

test('with the SDK’s own mocks: one resource an object, by namespace and name', async () => {
  const mocked = await mockPulumi();
  const { objects, resources } = deploy(shop, {
    environment: production,
    inputs: { apiKey: pulumi.output('key'), host: pulumi.output('db.example.com') },
  });
  const names = await valueOf(objects);
  await valueOf(pulumi.all((await valueOf(resources)).map(({ urn }) => urn)));
  expect(names).toContain('Deployment/ordering/orders');
  const kinds = mocked.registered
    .filter(({ type }) => type.startsWith('kubernetes:'))
    .map(({ type, name }) => `${type} ${name}`);
  expect(kinds).toEqual(
    expect.arrayContaining(['kubernetes:core/v1:Namespace ordering', 'kubernetes:apps/v1:Deployment ordering/orders']),
  );
  expect(mocked.find('Deployment', 'ordering/orders').inputs).toMatchObject({
    spec: {
      template: {
        spec: {
          containers: [
            {
              env: [
                { name: 'API_KEY', value: 'key' },
                { name: 'API_URL', value: 'https://db.example.com/v1' },
                { name: 'DB_ADDR', value: 'db.example.com:5432' },
              ],
            },
          ],
        },
      },
    },
  });
});
