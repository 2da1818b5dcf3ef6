import {
  Backup,
  BoundedContext,
  Config,
  Key,
  Manifest,
  Microservice,
  RedisStore,
  Scale,
  Size,
  accept,
  definePlatform,
  derive,
  type Derived,
  type Program,
} from 'ashlar';
import { plainEnvironment } from 'ashlar/charts';
import { deploy, type DeployOptions } from 'ashlar/stacks';
import { RecordingEngine, recordedAs, type Recorded, type Recording } from '../support/recording-engine';
import shop from '../../examples/shop/platform';

const engine = new RecordingEngine();
jest.setTimeout(60_000);
beforeAll(() => engine.start());
afterAll(() => engine.stop());

const production = plainEnvironment('prod', 'production');
const image = 'ghcr.io/acme/orders:1.4.2';

const program: Program = (platform) => {
  const ordering = new BoundedContext(platform, 'ordering', { team: 'orders' });
  const carts = new RedisStore(ordering, 'carts', {
    storage: Size.gibibytes(1),
    access: 'network',
    backup: Backup.daily(),
  });
  accept(carts, 'single-replica', 'It is a cache.');
  const limits = new Config(ordering, 'limits', { schema: { MAX: Key.integer() }, values: { MAX: 5 } });
  const orders = new Microservice(ordering, 'orders', { image, ports: { http: 8080 }, scale: Scale.between(3, 9) });
  orders.reads(limits).calls(carts, { env: 'CARTS' });
};
const platform = definePlatform('shop', program);

async function run(options: Partial<DeployOptions> = {}, definition = platform): Promise<Recording> {
  const recording = await engine.run(() => {
    const { objects } = deploy(definition, { environment: production, ...options });
    return { objects };
  });
  expect(recording.error).toBeUndefined();
  return recording;
}

const annotationsOf = ({ inputs }: Recorded): Readonly<Record<string, string>> =>
  (inputs['metadata'] as { annotations: Readonly<Record<string, string>> }).annotations;

describe('what the plan hints', () => {
  let recording: Recording;
  beforeAll(async () => {
    recording = await run();
  });
  const recorded = (kind: string, name: string): Recorded => recordedAs(recording, kind, name);

  test('data and the namespace around it are protected and kept, and nothing else is', () => {
    const guarded = recording.registered.filter(({ protect }) => protect).map(({ name }) => name);
    expect(guarded.sort()).toEqual(['ordering', 'ordering/carts', 'ordering/carts-backup']);
    expect(recorded('StatefulSet', 'ordering/carts').retainOnDelete).toBe(true);
    expect(recorded('Namespace', 'ordering').retainOnDelete).toBe(true);
    expect(recorded('Deployment', 'ordering/orders').retainOnDelete).toBe(false);
  });

  test('so it is for the definitions of protected custom resources', async () => {
    const guarded = await run(
      {},
      definePlatform('shop', { extensions: [reports] }, (shop2) => {
        new BoundedContext(shop2, 'ordering', { team: 'orders' });
      }),
    );
    const names = guarded.registered.filter(({ protect }) => protect).map(({ name }) => name);
    expect(names.sort()).toEqual(['ordering', 'ordering/daily', 'reports.acme.example']);
  });

  test('unless it is said otherwise', async () => {
    const open = await run({ protect: false });
    expect(open.registered.filter(({ protect }) => protect)).toEqual([]);
    expect(open.registered.filter(({ retainOnDelete }) => retainOnDelete).map(({ name }) => name)).toEqual([
      expect.stringMatching(/^ordering\/limits-/),
    ]);
  });

  test('fields that a controller writes are left to it', () => {
    expect(recorded('Deployment', 'ordering/orders').ignoreChanges).toEqual(['spec.replicas']);
    expect(recorded('StatefulSet', 'ordering/carts').ignoreChanges).toEqual([]);
  });

  test('a Service is not waited for where its pods are, and claims bind later', () => {
    expect(annotationsOf(recorded('Service', 'ordering/orders'))).toMatchObject({ 'pulumi.com/skipAwait': 'true' });
    expect(annotationsOf(recorded('Deployment', 'ordering/orders'))).not.toHaveProperty('pulumi.com/skipAwait');
  });

  test('fields have one owner of a known name at the API server', () => {
    const managers = recording.registered
      .filter(({ type }) => type.startsWith('kubernetes:'))
      .map((one) => annotationsOf(one)['pulumi.com/patchFieldManager']);
    expect(new Set(managers)).toEqual(new Set(['ashlar']));
  });
});

const waits = (condition: string) => ({ 'pulumi.com/waitFor': JSON.stringify([condition]) });

test('custom resources are ready when their operator says so', async () => {
  const certificate = {
    apiVersion: 'cert-manager.io/v1',
    kind: 'Certificate',
    metadata: { name: 'tls' },
    spec: { secretName: 'tls', dnsNames: ['a.example.com'], issuerRef: { name: 'ca' } },
  };
  const options = {
    extensions: [reports],
    definitions: [definitionOf('cert-manager.io', 'Certificate', 'certificates')],
  };
  const recording = await run(
    {},
    definePlatform('shop', options, (shop2) => {
      const ordering = new BoundedContext(shop2, 'ordering', { team: 'orders' });
      Manifest.from(ordering, 'tls', certificate);
    }),
  );
  expect(annotationsOf(recordedAs(recording, 'Certificate', 'ordering/tls'))).toMatchObject(waits('condition=Ready'));
  expect(annotationsOf(recordedAs(recording, 'Report', 'ordering/daily'))).toMatchObject(waits('condition=Printed'));
});

describe('hazards of the engine', () => {
  test('a changed ConfigMap or Secret is changed in place, never deleted and made anew', async () => {
    const provider = recordedAs(await run(), 'kubernetes', 'shop');
    expect(provider.inputs).toMatchObject({
      enableConfigMapMutable: 'true',
      enableSecretMutable: 'true',
      enableServerSideApply: 'true',
      clusterIdentifier: 'shop/prod',
    });
    expect(provider.inputs['upsertExistingObjects']).not.toBe('true');
  });

  test('what is kept under a name that follows from its content is taken over when that content comes back', async () => {
    const recording = await run();
    const limits = recording.registered.find(({ name }) => name.startsWith('ordering/limits-'));
    expect(limits).toMatchObject({ retainOnDelete: true, provider: expect.stringContaining('::shop-kept') as string });
    expect(recordedAs(recording, 'kubernetes', 'shop-kept').inputs).toMatchObject({ upsertExistingObjects: 'true' });
    const others = recording.registered.filter(({ provider }) => provider.includes('shop-kept'));
    expect(others).toHaveLength(1);
  });

  test('recovery adopts everything for one run, by the same provider, and says so', async () => {
    const recording = await run({ recover: true });
    expect(recordedAs(recording, 'kubernetes', 'shop').inputs).toMatchObject({ upsertExistingObjects: 'true' });
    expect(recording.log.join('\n')).toContain('Switch it off for the next run');
    const identityOf = ({ registered }: Recording) =>
      registered.map(({ urn, provider }) => `${urn} ${provider}`).sort();
    expect(identityOf(recording)).toEqual(identityOf(await run()));
  });
});

test('an object that is there already is imported or patched where that is said', async () => {
  const adopt = { 'Namespace/ordering': 'import', 'Deployment/ordering/orders': 'patch' } as const;
  const recording = await run({ adopt });
  expect(recordedAs(recording, 'Namespace', 'ordering').importId).toBe('ordering');
  expect(recordedAs(recording, 'DeploymentPatch', 'ordering/orders').type).toBe('kubernetes:apps/v1:DeploymentPatch');
});

describe('several clusters', () => {
  test('a chart of its own cluster has its own provider, and its names say so', async () => {
    const clusters = { billing: { name: 'eu', context: 'eu-1' } };
    const folder = 'examples/shop/environments';
    const recording = await run({ environment: 'prod', folder, clusters }, shop);
    const providerOf = (kind: string, name: string) => recordedAs(recording, kind, name).provider;
    expect(providerOf('Rollout', 'eu/billing/payments')).toContain('::shop-eu');
    expect(providerOf('Rollout', 'ordering/orders')).toMatch(/::shop$/);
    expect(recordedAs(recording, 'kubernetes', 'shop-eu').inputs).toMatchObject({ context: 'eu-1' });
  });

  test('the same platform goes to two regions in one program', async () => {
    const recording = await engine.run(() => {
      deploy(platform, { environment: production, cluster: { name: 'eu' } });
      deploy(platform, { environment: production, cluster: { name: 'us' } });
      return {};
    });
    expect(recording.error).toBeUndefined();
    const names = recording.registered.filter(({ type }) => type.endsWith(':Deployment')).map(({ name }) => name);
    expect(names.sort()).toEqual(['eu/ordering/orders', 'us/ordering/orders']);
  });
});

describe('a platform over several stacks', () => {
  const folder = 'examples/shop/environments';
  const objectsOf = (recording: Recording): readonly string[] =>
    recording.registered.filter(({ type }) => type.startsWith('kubernetes:')).map(({ urn }) => urn);

  test('each object belongs to one of them, the callee’s side of a call to the callee’s', async () => {
    const whole = objectsOf(await run({ environment: 'prod', folder }, shop));
    const parts: string[] = [];
    for (const chart of ['ordering', 'billing', 'catalogue', 'fulfilment', 'storefront', 'edge', 'carts']) {
      const own = await run({ environment: 'prod', folder, only: [chart] }, shop);
      parts.push(...objectsOf(own));
      for (const { parent } of own.registered.filter(({ type }) => type.startsWith('kubernetes:'))) {
        expect(parent).toContain(`::shop/${chart}`);
      }
    }
    expect(parts.sort()).toEqual([...whole].sort());
    const billing = await run({ environment: 'prod', folder, only: ['billing'] }, shop);
    expect(JSON.stringify(recordedAs(billing, 'NetworkPolicy', 'billing/payments').inputs)).toContain('"ordering"');
  });

  test('the order of deployment is told: what is called comes first', async () => {
    const { log } = await run({ environment: 'prod', folder, only: ['ordering'] }, shop);
    expect(log.join('\n')).toMatch(/billing, carts, catalogue, fulfilment, ordering \(this stack\), storefront, edge/);
  });
});

/** A kind of a team's own, whose derivation says what makes it ready and that it must not be lost. */
const reports = {
  name: 'acme.reports',
  definitions: [definitionOf('acme.example', 'Report', 'reports')],
  pieces: [
    derive('acme.reports', function* (graph): Iterable<Derived> {
      const scope = graph.root.node.findChild('ordering');
      const apiVersion = 'acme.example/v1';
      yield {
        scope,
        manifest: definitionOf('acme.example', 'Report', 'reports') as Derived['manifest'],
      };
      yield {
        scope,
        manifest: { apiVersion, kind: 'Report', metadata: { name: 'daily', namespace: 'ordering' } },
        hints: { readyWhen: 'condition=Printed', protect: true, retain: true },
      };
    }),
  ],
};

function definitionOf(group: string, kind: string, plural: string): object {
  const schema = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: { kind, plural, singular: kind.toLowerCase(), listKind: `${kind}List` },
      versions: [{ name: 'v1', served: true, storage: true, schema }],
    },
  };
}
