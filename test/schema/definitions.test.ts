/* eslint-disable @typescript-eslint/no-unsafe-member-access -- manifests are broken at will */
import { SchemaChecker } from '../../policies/schema/check';
import type { Loose } from './manifests';

function definition(): Loose {
  return {
    apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', metadata: { name: 'queues.example.com' },
    spec: {
      group: 'example.com', scope: 'Namespaced', names: { kind: 'Queue', plural: 'queues' },
      versions: [
        { name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: schema() } },
        { name: 'v1alpha1', served: false, storage: false, schema: { openAPIV3Schema: { type: 'object' } } },
      ],
    },
  };
}

function schema(): Loose {
  return {
    type: 'object', required: ['spec'],
    properties: {
      apiVersion: { type: 'string' }, kind: { type: 'string' }, metadata: { type: 'object' }, status: { type: 'object' },
      spec: {
        type: 'object', required: ['size'], oneOf: [{ required: ['memory'] }, { required: ['disk'] }],
        properties: {
          size: { type: 'integer', minimum: 1, maximum: 9 },
          name: { type: 'string', pattern: '^[a-z]+$' },
          mode: { type: 'string', enum: ['Fast', 'Safe'] },
          port: { 'x-kubernetes-int-or-string': true },
          memory: { type: 'string', nullable: true }, disk: { type: 'string' },
          tags: { type: 'array', 'x-kubernetes-list-type': 'set', items: { type: 'string' } },
          users: { type: 'array', 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'], items: { type: 'object', properties: { name: { type: 'string' } } } },
          labels: { type: 'object', additionalProperties: { type: 'string' } },
          extra: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true, properties: { known: { type: 'boolean' } } },
          template: { type: 'object', 'x-kubernetes-embedded-resource': true, 'x-kubernetes-preserve-unknown-fields': true },
        },
      },
    },
  };
}

function queue(spec: Loose = {}): Loose {
  return { apiVersion: 'example.com/v1', kind: 'Queue', metadata: { name: 'q' }, spec: { size: 3, disk: '1Gi', ...spec } };
}

const checker = new SchemaChecker({ version: '1.35', definitions: [definition()] });

function found(object: object): string[] {
  return checker.check(object).map((problem) => `${problem.code} ${problem.field}`);
}

test.each<[string, Loose, string[]]>([
  ['what fits', { name: 'abc', mode: 'Fast', port: 'http', tags: ['a', 'b'], labels: { a: 'b' } }, []],
  ['open parts', { extra: { known: true, other: [1] }, template: { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec: {} } }, []],
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

test('null where the schema allows it', () => {
  expect(found(queue({ disk: undefined, memory: null }))).toEqual([]);
});

test('metadata and names are checked as for any object', () => {
  expect(found({ ...queue(), metadata: { name: 'Q', lables: {} } })).toEqual(['unknown-field /metadata/lables', 'bad-name /metadata/name']);
});

test('a version that is not served is unknown, and the fix names one that is', () => {
  const [problem] = checker.check({ ...queue(), apiVersion: 'example.com/v1alpha1' });
  expect(problem).toMatchObject({ code: 'unknown-kind' });
  expect(problem!.fix).toContain('example.com/v1');
});

test('scope comes from the definition', () => {
  expect(checker.isNamespaced('example.com/v1', 'Queue')).toBe(true);
  const cluster = definition();
  cluster.spec.scope = 'Cluster';
  expect(new SchemaChecker({ version: '1.35', definitions: [cluster] }).isNamespaced('example.com/v1', 'Queue')).toBe(false);
});

test('an added definition wins over a known one, and its neighbours stay', () => {
  const own = definition();
  own.spec.group = 'networking.istio.io';
  own.spec.names.kind = 'Gateway';
  const both = new SchemaChecker({ version: '1.35', definitions: [own] });
  expect(both.check({ ...queue(), apiVersion: 'networking.istio.io/v1', kind: 'Gateway' })).toEqual([]);
  const rule = { apiVersion: 'networking.istio.io/v1', kind: 'DestinationRule', metadata: { name: 'a' }, spec: { host: 'a', trafficPolicy: { tls: { mode: 'ISTIO_MUTUAL' } } } };
  expect(both.check(rule)).toEqual([]);
});

test.each<[string, (d: Loose) => void, string]>([
  ['another kind', (d) => (d.kind = 'Deployment'), '/kind'],
  ['an old version', (d) => (d.apiVersion = 'apiextensions.k8s.io/v1beta1'), '/kind'],
  ['no group', (d) => delete d.spec.group, '/spec/group'],
  ['no kind', (d) => delete d.spec.names, '/spec/names/kind'],
  ['no versions', (d) => (d.spec.versions = []), '/spec/versions'],
  ['no schema', (d) => delete d.spec.versions[0].schema, '/spec/versions/0/schema/openAPIV3Schema'],
  ['a type that is none', (d) => (d.spec.versions[0].schema.openAPIV3Schema.properties.spec.properties.size.type = 'int'), '/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/size/type'],
  ['a list without items', (d) => delete d.spec.versions[0].schema.openAPIV3Schema.properties.spec.properties.tags.items, '/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/tags/items'],
])('a definition with %s is reported', (_, change, field) => {
  const broken = definition();
  change(broken);
  expect(new SchemaChecker({ version: '1.35', definitions: [broken] }).definitionProblems).toMatchObject([{ code: 'malformed-definition', field }]);
});
