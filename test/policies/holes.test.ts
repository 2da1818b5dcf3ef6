import { BoundedContext, Manifest, Microservice, isDeployable, type Deferred } from 'ashlar';
import { planOf } from '../support/plans';

const output = (): Deferred<never> => ({ __pulumiOutput: true, apply: () => undefined }) as unknown as Deferred<never>;

function findingsOf(fill: (context: BoundedContext) => void) {
  return planOf((shop) => fill(new BoundedContext(shop, 'ordering', { team: 'orders' }))).findings;
}

test('each place is told, and each prop once a place', () => {
  const findings = findingsOf((context) => {
    const manifest = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'raw' },
      data: { 'a/b~c': output(), d: 'known', e: output() },
    };
    Manifest.from(context, 'raw', manifest);
  });
  expect(findings.map(({ code, field }) => `${code} ${field}`)).toEqual(['hole /data/a~1b~0c', 'hole /data/e']);
});

test('the value of a Secret is told without being shown', () => {
  const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'raw' }, stringData: { password: output() } };
  const [finding, ...others] = findingsOf((context) => void Manifest.from(context, 'raw', secret));
  expect(others).toEqual([]);
  expect(finding).toMatchObject({ code: 'hole', object: 'Secret/ordering/raw', field: '/stringData/password' });
  expect(finding?.got).toBe('a value that is known only while the platform is deployed');
});

test('a key with odd letters keeps its hole', () => {
  const manifest = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'raw', annotations: { 'acme.example/a': output() } },
    data: {},
  };
  const custom = {
    ...manifest,
    metadata: { ...manifest.metadata, managedFields: [{ fieldsV1: { 'f:a>b': output() } }] },
  };
  const findings = findingsOf((context) => void Manifest.from(context, 'raw', custom));
  expect(findings.map(({ code }) => code)).not.toContain('changed-token');
});

test('text that only looks like something else is no hole', () => {
  const env = { XML: '<a:b>', GENERIC: 'List<String>' };
  expect(
    findingsOf((context) => void new Microservice(context, 'orders', { image: 'ghcr.io/acme/orders:1.0.0', env })),
  ).toEqual([]);
});

test('a plan with holes cannot be written as YAML', () => {
  const plan = planOf((shop) => {
    const context = new BoundedContext(shop, 'ordering', { team: 'orders' });
    new Microservice(context, 'orders', { image: output() });
  });
  expect(isDeployable(plan)).toBe(false);
});
