import { SchemaChecker } from '../../policies/schema/check';
import { changed, type Changes, type Manifest } from './changes';

function definition(): Manifest {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'queues.example.com' },
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names: { kind: 'Queue', plural: 'queues' },
      versions: [
        { name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: schema() } },
        { name: 'v1alpha1', served: false, storage: false, schema: { openAPIV3Schema: { type: 'object' } } },
      ],
    },
  };
}

function schema(): Manifest {
  return {
    type: 'object',
    required: ['spec'],
    properties: {
      apiVersion: { type: 'string' },
      kind: { type: 'string' },
      metadata: { type: 'object' },
      status: { type: 'object' },
      spec: {
        type: 'object',
        required: ['size'],
        oneOf: [{ required: ['memory'] }, { required: ['disk'] }],
        properties: {
          size: { type: 'integer', minimum: 1, maximum: 9 },
          name: { type: 'string', pattern: '^[a-z]+$' },
          mode: { type: 'string', enum: ['Fast', 'Safe'] },
          port: { 'x-kubernetes-int-or-string': true },
          memory: { type: 'string', nullable: true },
          disk: { type: 'string' },
          tags: { type: 'array', 'x-kubernetes-list-type': 'set', items: { type: 'string' } },
          users: {
            type: 'array',
            'x-kubernetes-list-type': 'map',
            'x-kubernetes-list-map-keys': ['name'],
            items: { type: 'object', properties: { name: { type: 'string' } } },
          },
          labels: { type: 'object', additionalProperties: { type: 'string' } },
          extra: {
            type: 'object',
            'x-kubernetes-preserve-unknown-fields': true,
            properties: { known: { type: 'boolean' } },
          },
          template: {
            type: 'object',
            'x-kubernetes-embedded-resource': true,
            'x-kubernetes-preserve-unknown-fields': true,
          },
        },
      },
    },
  };
}

function queue(spec: Manifest = {}): Manifest {
  return {
    apiVersion: 'example.com/v1',
    kind: 'Queue',
    metadata: { name: 'q' },
    spec: { size: 3, disk: '1Gi', ...spec },
  };
}

const checker = new SchemaChecker({ version: '1.35', definitions: [definition()] });

function fail(what: string): never {
  throw new Error(what);
}

function found(object: object): string[] {
  return checker.check(object).map((problem) => `${problem.code} ${problem.field}`);
}

test.each<[string, Manifest, string[]]>([
  ['what fits', { name: 'abc', mode: 'Fast', port: 'http', tags: ['a', 'b'], labels: { a: 'b' } }, []],
  [
    'open parts',
    {
      extra: { known: true, other: [1] },
      template: { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec: {} },
    },
    [],
  ],
  ['a known field of an open part', { extra: { known: 'yes' } }, ['wrong-type /spec/extra/known']],
  ['an embedded object without kind', { template: { apiVersion: 'v1' } }, ['missing-field /spec/template/kind']],
  ['an unknown field', { sise: 1 }, ['unknown-field /spec/sise']],
  ['a missing field', { size: undefined }, ['missing-field /spec/size']],
  ['minimum', { size: 0 }, ['limit-broken /spec/size']],
  ['maximum', { size: 10 }, ['limit-broken /spec/size']],
  ['pattern', { name: 'ABC' }, ['limit-broken /spec/name']],
  ['enumeration', { mode: 'Slow' }, ['bad-enum-value /spec/mode']],
  ['integer or string', { port: 1.5 }, ['bad-integer /spec/port']],
  ['a set with a double', { tags: ['a', 'b', 'a'] }, ['duplicate-element /spec/tags/2']],
  ['a list whose keys repeat', { users: [{ name: 'a' }, { name: 'a' }] }, ['duplicate-element /spec/users/1']],
  ['a map of another type', { labels: { a: 1 } }, ['wrong-type /spec/labels/a']],
  ['null', { disk: null }, ['null-value /spec/disk']],
  ['both of a union', { memory: '1Gi' }, ['several-choices /spec']],
  ['none of a union', { disk: undefined }, ['missing-choice /spec']],
])('%s', (_, spec, expected) => expect(found(queue(spec))).toEqual(expected));

test('elements that are not known yet equal no other', () => {
  const asked = (_: object, name: string | symbol): unknown =>
    name === '__pulumiOutput' || fail(`asked for ${String(name)}`);
  const later = new Proxy({}, { get: asked });
  expect(found(queue({ tags: [later, later, 'a'], users: [{ name: later }, { name: later }, later] }))).toEqual([]);
});

test('null where the schema allows it', () => {
  expect(found(queue({ disk: undefined, memory: null }))).toEqual([]);
});

test('metadata and names are checked as for any object', () => {
  expect(found({ ...queue(), metadata: { name: 'Q', lables: {} } })).toEqual([
    'unknown-field /metadata/lables',
    'bad-name /metadata/name',
  ]);
});

test('a version that is not served is unknown, and the fix names one that is', () => {
  const [problem] = checker.check({ ...queue(), apiVersion: 'example.com/v1alpha1' });
  expect(problem).toMatchObject({ code: 'unknown-kind' });
  expect(problem!.fix).toContain('example.com/v1');
});

test('scope comes from the definition', () => {
  expect(checker.isNamespaced('example.com/v1', 'Queue')).toBe(true);
  const cluster = changed(definition(), { '/spec/scope': 'Cluster' });
  expect(new SchemaChecker({ version: '1.35', definitions: [cluster] }).isNamespaced('example.com/v1', 'Queue')).toBe(
    false,
  );
});

test('an added definition wins over a known one, and its neighbours stay', () => {
  const own = changed(definition(), { '/spec/group': 'networking.istio.io', '/spec/names/kind': 'Gateway' });
  const both = new SchemaChecker({ version: '1.35', definitions: [own] });
  expect(both.check({ ...queue(), apiVersion: 'networking.istio.io/v1', kind: 'Gateway' })).toEqual([]);
  const rule = {
    apiVersion: 'networking.istio.io/v1',
    kind: 'DestinationRule',
    metadata: { name: 'a' },
    spec: { host: 'a', trafficPolicy: { tls: { mode: 'ISTIO_MUTUAL' } } },
  };
  expect(both.check(rule)).toEqual([]);
});

test.each<[string, Changes, string]>([
  ['another kind', { '/kind': 'Deployment' }, '/kind'],
  ['an old version', { '/apiVersion': 'apiextensions.k8s.io/v1beta1' }, '/kind'],
  ['no group', { '/spec/group': undefined }, '/spec/group'],
  ['no kind', { '/spec/names': undefined }, '/spec/names/kind'],
  ['no versions', { '/spec/versions': [] }, '/spec/versions'],
  ['no schema', { '/spec/versions/0/schema': undefined }, '/spec/versions/0/schema/openAPIV3Schema'],
  [
    'a type that is none',
    { '/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/size/type': 'int' },
    '/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/size/type',
  ],
  [
    'a list without items',
    { '/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/tags/items': undefined },
    '/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/tags/items',
  ],
])('a definition with %s is reported', (_, changes, field) => {
  const broken = changed(definition(), changes);
  expect(new SchemaChecker({ version: '1.35', definitions: [broken] }).definitionProblems).toMatchObject([
    { code: 'malformed-definition', field },
  ]);
});
