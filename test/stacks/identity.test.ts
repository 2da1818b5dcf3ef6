import { Construct } from 'constructs';
import {
  BoundedContext,
  Manifest,
  Microservice,
  RedisCache,
  accept,
  definePlatform,
  type PlatformDefinition,
  type Program,
} from 'ashlar';
import { plainEnvironment } from 'ashlar/charts';
import { deploy, type DeployOptions } from 'ashlar/stacks';
import fc from 'fast-check';
import { randomPlatform } from '../support/random-platform';
import { environmentOf, programOf } from '../support/random-program';
import { RecordingEngine, comparable, recordedAs, type Recording } from '../support/recording-engine';

const engine = new RecordingEngine();
jest.setTimeout(60_000);
beforeAll(() => engine.start());
afterAll(() => engine.stop());

const environment = plainEnvironment('dev', 'development');

async function run(definition: PlatformDefinition, options: Partial<DeployOptions> = {}): Promise<Recording> {
  const recording = await engine.run(() => deploy(definition, { environment, ...options }));
  expect(recording.error).toBeUndefined();
  return recording;
}

const runProgram = (program: Program, options?: Partial<DeployOptions>) =>
  run(definePlatform('shop', program), options);

/** What an engine takes for the same resource: a URN, whatever its inputs are. */
const urnsOf = ({ registered }: Recording): readonly string[] =>
  registered
    .filter(({ type }) => type.startsWith('kubernetes:'))
    .map(({ urn }) => urn)
    .sort();

const image = 'ghcr.io/acme/orders:1.4.2';
const orders = { image, ports: { http: 8080 } };

test('the order of statements changes nothing that an engine is sent', async () => {
  await fc.assert(
    fc.asyncProperty(randomPlatform, fc.integer({ min: 1, max: 2 ** 31 - 1 }), async (data, seed) => {
      const options = { environment: environmentOf(data) };
      const usual = await run(definePlatform('shop', programOf(data)), options);
      const shuffled = await run(definePlatform('shop', programOf(data, seed)), options);
      expect(comparable(shuffled)).toEqual(comparable(usual));
    }),
    { numRuns: 2, seed: 20260101 },
  );
});

test('a construct that moves within its context stays the same resource with the same inputs', async () => {
  const before = await runProgram((shop) => {
    new Microservice(new BoundedContext(shop, 'ordering', { team: 'orders' }), 'orders', orders);
  });
  const after = await runProgram((shop) => {
    const ordering = new BoundedContext(shop, 'ordering', { team: 'orders' });
    new Microservice(new Construct(ordering, 'backends'), 'orders', orders);
  });
  expect(comparable(after)).toEqual(comparable(before));
});

test('a context whose id changes and whose namespace does not replaces nothing', async () => {
  const before = await runProgram((shop) => {
    new Microservice(new BoundedContext(shop, 'ordering', { team: 'orders' }), 'orders', orders);
  });
  const after = await runProgram((shop) => {
    new Microservice(new BoundedContext(shop, 'sales', { team: 'orders', namespace: 'ordering' }), 'orders', orders);
  });
  expect(urnsOf(after)).toEqual(urnsOf(before));
});

test('a manifest whose construct has another id is the same resource', async () => {
  const config = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'notes' }, data: { a: 'b' } };
  const [before, after] = await Promise.resolve([
    await runProgram((shop) => void Manifest.from(new BoundedContext(shop, 'a', { team: 'a' }), 'one', config)),
    await runProgram((shop) => void Manifest.from(new BoundedContext(shop, 'a', { team: 'a' }), 'other', config)),
  ]);
  expect(urnsOf(after)).toEqual(urnsOf(before));
});

test('a ConfigMap that changes touches its readers through their pods only: no name is an output of another resource', async () => {
  const recording = await runProgram((shop) => {
    const context = new BoundedContext(shop, 'ordering', { team: 'orders' });
    accept(new RedisCache(context, 'carts', { access: 'network' }), 'single-replica', 'It is a cache.');
    new Microservice(context, 'orders', orders);
  });
  for (const { propertyDependencies } of recording.registered) {
    expect(Object.values(propertyDependencies).flat()).toEqual([]);
  }
});

describe('names', () => {
  const program: Program = (shop) => {
    new Microservice(new BoundedContext(shop, 'ordering', { team: 'orders' }), 'orders', orders);
    const spec = { secretName: 'tls', dnsNames: ['a.example.com'], issuerRef: { name: 'ca' } };
    Manifest.from(shop, 'certificate', {
      apiVersion: 'cert-manager.io/v1',
      kind: 'Certificate',
      metadata: { name: 'tls', namespace: 'ordering' },
      spec,
    });
  };
  const definition = definePlatform('shop', { definitions: [certificates()] }, program);

  test('say the cluster where it has a name', async () => {
    const recording = await run(definition, { cluster: { name: 'eu' } });
    expect(recordedAs(recording, 'Deployment', 'eu/ordering/orders').aliases).not.toContainEqual(
      expect.objectContaining({ spec: expect.objectContaining({ name: 'ordering/orders' }) as object }),
    );
    expect(recordedAs(recording, 'kubernetes', 'shop-eu').inputs).toMatchObject({ clusterIdentifier: 'shop/dev/eu' });
  });

  test('a cluster that gets its name later keeps what is in it', async () => {
    const recording = await run(definition, { cluster: { name: 'eu', wasUnnamed: true } });
    for (const [kind, name, former] of [
      ['Deployment', 'eu/ordering/orders', 'ordering/orders'],
      ['Chart', 'eu/shop/ordering', 'shop/ordering'],
      ['kubernetes', 'shop-eu', 'shop'],
    ] as const) {
      const alias = expect.objectContaining({ spec: expect.objectContaining({ name: former }) as object }) as object;
      expect(recordedAs(recording, kind, name).aliases).toContainEqual(alias);
    }
    expect(recordedAs(recording, 'kubernetes', 'shop-eu').inputs).toMatchObject({ clusterIdentifier: 'shop/dev' });
  });

  test('a custom resource is known under the other versions of its kind', async () => {
    const { type, aliases } = recordedAs(await run(definition), 'Certificate', 'ordering/tls');
    expect(type).toBe('kubernetes:cert-manager.io/v1:Certificate');
    const older = expect.objectContaining({ type: 'kubernetes:cert-manager.io/v1beta1:Certificate' }) as object;
    expect(aliases).toContainEqual({ spec: older });
  });

  test('of a group whose versions are known, only under those', async () => {
    const routed = definePlatform('shop', (platform) => {
      const ordering = new BoundedContext(platform, 'ordering', { team: 'orders' });
      const metadata = { name: 'orders', namespace: 'ordering' };
      Manifest.from(ordering, 'route', {
        apiVersion: 'networking.istio.io/v1',
        kind: 'VirtualService',
        metadata,
        spec: { hosts: ['orders'], http: [{ route: [{ destination: { host: 'orders' } }] }] },
      });
    });
    const { aliases } = recordedAs(await run(routed), 'VirtualService', 'ordering/orders');
    expect(aliases).toEqual(
      ['v1alpha3', 'v1beta1'].map((version) => ({
        spec: expect.objectContaining({ type: `kubernetes:networking.istio.io/${version}:VirtualService` }) as object,
      })),
    );
  });

  test('a rename on purpose is told', async () => {
    const aliases = { 'Deployment/ordering/orders': ['orders-v1'] };
    const recorded = recordedAs(await run(definition, { aliases }), 'Deployment', 'ordering/orders');
    const former = expect.objectContaining({ name: 'orders-v1' }) as object;
    expect(recorded.aliases).toContainEqual({ spec: former });
  });
});

function certificates(): object {
  const schema = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'certificates.cert-manager.io' },
    spec: {
      group: 'cert-manager.io',
      scope: 'Namespaced',
      names: { kind: 'Certificate', plural: 'certificates' },
      versions: [{ name: 'v1', served: true, storage: true, schema }],
    },
  };
}
