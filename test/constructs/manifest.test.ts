import { BoundedContext, Manifest, Microservice, patch, type Platform } from 'ashlar';
import { codesOf, objectOf, planOf } from '../support/plans';

const map = (name: string, more: object = {}) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, ...more },
  data: { a: 'b' },
});

const planWith = (program: (context: BoundedContext, platform: Platform) => void) =>
  planOf((platform) => program(new BoundedContext(platform, 'ordering', { team: 'orders' }), platform));

test('a manifest takes part as it is, in the namespace of its context', () => {
  const plan = planWith((context) => void Manifest.from(context, 'raw', map('raw', { labels: { x: 'y' } })));
  expect(codesOf(plan)).toEqual([]);
  expect(objectOf(plan, 'ConfigMap/ordering/raw')).toEqual({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'raw', namespace: 'ordering', labels: { x: 'y' } },
    data: { a: 'b' },
  });
  expect(plan.objects.find(({ manifest }) => manifest.metadata.name === 'raw')).toMatchObject({
    construct: 'shop/ordering/raw',
    chart: 'ordering',
    derivation: 'team-objects',
  });
});

test('a namespace that it names itself is kept, and told where it is another than that of its context', () => {
  const plan = planWith((context) => void Manifest.from(context, 'raw', map('raw', { namespace: 'elsewhere' })));
  expect(objectOf(plan, 'ConfigMap/elsewhere/raw').metadata.namespace).toBe('elsewhere');
  expect(plan.findings).toEqual([expect.objectContaining({ code: 'manifest-elsewhere', severity: 'warning' })]);
  const given = planWith((context) => void Manifest.from(context, 'raw', map('raw', { namespace: 'ordering' })));
  expect(codesOf(given)).toEqual([]);
  const ofPlatform = planWith((_, platform) => void Manifest.from(platform, 'raw', map('raw', { namespace: 'tools' })));
  expect(codesOf(ofPlatform)).toEqual([]);
});

test('objects of the cluster itself get no namespace', () => {
  const role = {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: { name: 'reader' },
    rules: [],
  };
  const plan = planWith((context) => void Manifest.from(context, 'role', role));
  expect(codesOf(plan)).toEqual([]);
  expect(objectOf(plan, 'ClusterRole/reader').metadata).toEqual({ name: 'reader' });
});

test('several manifests are several objects with constructs of their own', () => {
  const plan = planWith((context) => void Manifest.from(context, 'rendered', [map('a'), map('b')]));
  expect(codesOf(plan)).toEqual([]);
  const made = plan.objects.filter(({ manifest }) => manifest.kind === 'ConfigMap');
  expect(made.map(({ construct, manifest }) => `${construct} ${manifest.metadata.name}`)).toEqual([
    'shop/ordering/rendered/object-1 a',
    'shop/ordering/rendered/object-2 b',
  ]);
});

test('no manifests are no objects', () => {
  const plan = planWith((context) => void Manifest.from(context, 'rendered', []));
  expect(codesOf(plan)).toEqual([]);
  expect(plan.objects.map(({ derivation }) => derivation)).not.toContain('team-objects');
});

test.each([
  ['a text', 'apiVersion: v1' as unknown as object, 'string'],
  ['no kind', { apiVersion: 'v1', metadata: { name: 'a' } }, 'an object without apiVersion, kind or metadata.name'],
  [
    'no name',
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: {} },
    'an object without apiVersion, kind or metadata.name',
  ],
  ['nothing', null as unknown as object, expect.any(String) as string],
])('%s is a finding', (_what, manifest, got) => {
  const plan = planWith((context) => void Manifest.from(context, 'raw', manifest));
  expect(plan.findings).toMatchObject([{ code: 'bad-manifest', path: 'shop/ordering/raw', field: 'manifest', got }]);
});

test('one bad manifest of several is told by its number, and the others stay', () => {
  const plan = planWith((context) => void Manifest.from(context, 'raw', [map('a'), {}, map('c')]));
  expect(plan.findings).toMatchObject([
    { code: 'bad-manifest', path: 'shop/ordering/raw/object-2', field: 'manifest/1' },
  ]);
  expect(plan.objects.filter(({ manifest }) => manifest.kind === 'ConfigMap')).toHaveLength(2);
});

test('it is checked against the schema and can be patched', () => {
  const plan = planWith((context) => {
    const raw = Manifest.from(context, 'raw', { ...map('raw'), dta: {} });
    patch(raw, { kind: 'ConfigMap' }, [{ op: 'add', path: '/data/c', value: 'd' }]);
  });
  expect(plan.findings).toMatchObject([{ code: 'unknown-field', object: 'ConfigMap/ordering/raw', field: '/dta' }]);
  expect(objectOf(plan, 'ConfigMap/ordering/raw')['data']).toEqual({ a: 'b', c: 'd' });
});

test('a kind without a definition is a finding', () => {
  const report = { apiVersion: 'acme.example/v1', kind: 'Report', metadata: { name: 'daily' }, spec: {} };
  expect(planWith((context) => void Manifest.from(context, 'daily', report)).findings).toMatchObject([
    { code: 'unknown-kind', path: 'shop/ordering/daily', object: 'Report/ordering/daily' },
  ]);
});

test('the same object twice is a finding', () => {
  const plan = planWith((context) => {
    Manifest.from(context, 'a', map('raw'));
    Manifest.from(context, 'b', map('raw'));
  });
  expect(plan.findings).toMatchObject([
    { code: 'duplicate-object', got: 'shop/ordering/a (team-objects) and shop/ordering/b (team-objects)' },
  ]);
});

test('an object that stands nowhere is a finding: it would land in whatever namespace is current', () => {
  expect(codesOf(planWith((_context, platform) => void Manifest.from(platform, 'raw', map('raw'))))).not.toEqual([]);
});

test('what the program changes in its data afterwards does not show', () => {
  const manifest = map('raw');
  const plan = planWith((context) => {
    Manifest.from(context, 'raw', manifest);
    manifest.data.a = 'changed';
  });
  expect(objectOf(plan, 'ConfigMap/ordering/raw')['data']).toEqual({ a: 'b' });
});

test('a service outside a context is a finding', () => {
  const plan = planOf((platform) => void new Microservice(platform, 'orders', { image: 'ghcr.io/acme/orders:1.0.0' }));
  expect(plan.findings).toContainEqual(expect.objectContaining({ code: 'outside-a-context', path: 'shop/orders' }));
});
