import * as fc from 'fast-check';
import { SchemaChecker, SUPPORTED_VERSIONS } from '../../policies/schema/check';
import { changed, pointers, type Changes } from './changes';
import { deployment, destinationRule, GOOD, httpRoute, service } from './manifests';
import { mutants } from './mutants';

const checker = new SchemaChecker({ version: '1.36' });

/** Code and field of each problem. */
function found(object: object, by = checker): string[] {
  return by.check(object).map((problem) => `${problem.code} ${problem.field}`);
}

const CONTAINER = '/spec/template/spec/containers/0';

describe('SchemaChecker.check', () => {
  test.each(GOOD.map((make) => [make.name, make] as const))('takes a good %s on every version', (_, make) => {
    for (const version of SUPPORTED_VERSIONS) expect(found(make(), new SchemaChecker({ version }))).toEqual([]);
  });

  test.each<[string, Changes, string]>([
    ['unknown field', { '/spec/replcas': 3 }, 'unknown-field /spec/replcas'],
    [
      'unknown field in a list',
      { [`${CONTAINER}/immagePullPolicy`]: 'Always' },
      `unknown-field ${CONTAINER}/immagePullPolicy`,
    ],
    ['number as text', { '/spec/replicas': '3' }, 'wrong-type /spec/replicas'],
    ['text as number', { [`${CONTAINER}/env/0/value`]: 8080 }, `wrong-type ${CONTAINER}/env/0/value`],
    ['fraction', { '/spec/replicas': 1.5 }, 'bad-integer /spec/replicas'],
    ['too large for 32 bits', { '/spec/replicas': 2 ** 31 }, 'bad-integer /spec/replicas'],
    ['enumeration', { [`${CONTAINER}/imagePullPolicy`]: 'Allways' }, `bad-enum-value ${CONTAINER}/imagePullPolicy`],
    [
      'quantity',
      { [`${CONTAINER}/resources/requests/cpu`]: '100mi' },
      `bad-quantity ${CONTAINER}/resources/requests/cpu`,
    ],
    ['null', { '/spec/template/spec/volumes/0/emptyDir': null }, 'null-value /spec/template/spec/volumes/0/emptyDir'],
    ['missing field', { '/spec/selector': undefined }, 'missing-field /spec/selector'],
    ['list for object', { '/spec/template/spec/nodeSelector': [] }, 'wrong-type /spec/template/spec/nodeSelector'],
    ['pointer escapes', { '/metadata/labels/a~1b~0c': 5 }, 'wrong-type /metadata/labels/a~1b~0c'],
  ])('finds %s', (_, changes, problem) => {
    expect(found(changed(deployment(), changes))).toContain(problem);
  });

  test('finds all problems in one run', () => {
    const object = changed(deployment(), {
      '/spec/replcas': 1,
      '/spec/paused': 'yes',
      '/spec/template/spec/dnsPolicy': 'first',
      [`${CONTAINER}/name`]: undefined,
    });
    expect(found(object).sort()).toEqual([
      'bad-enum-value /spec/template/spec/dnsPolicy',
      `missing-field ${CONTAINER}/name`,
      'unknown-field /spec/replcas',
      'wrong-type /spec/paused',
    ]);
  });

  test('names the nearest field and value', () => {
    const fixes = checker
      .check(changed(deployment(), { '/spec/replcas': 1, '/spec/template/spec/dnsPolicy': 'clusterfirst' }))
      .map((problem) => problem.fix)
      .sort();
    expect(fixes).toEqual(['write ClusterFirst', 'write replicas instead of replcas, or remove it']);
  });

  test('accepts what is not known yet anywhere, and asks it for nothing but its mark', () => {
    const hole = new Proxy(
      {},
      {
        get: (_, name) => {
          if (name === '__pulumiOutput') return true;
          throw new Error(`asked for ${String(name)}`);
        },
        ownKeys: () => {
          throw new Error('asked for its fields');
        },
      },
    );
    const refused = GOOD.flatMap((make) =>
      pointers(make()).flatMap((pointer) => {
        const object = changed(make(), { [pointer]: hole });
        return found(object).map((problem) => `${make.name} ${pointer}: ${problem}`);
      }),
    );
    expect(refused).toEqual([]);
  });

  test('accepts placeholders wherever a value may be', () => {
    const withPlaceholders = new SchemaChecker({ version: '1.36', isPlaceholder: (text) => text.startsWith('<hole:') });
    const object = changed(deployment(), {
      '/spec/replicas': '<hole:1>',
      [`${CONTAINER}/imagePullPolicy`]: '<hole:2>',
      '/spec/replcas': 1,
    });
    expect(found(object, withPlaceholders)).toEqual(['unknown-field /spec/replcas']);
  });

  test.each([
    ['1.33', ['hostnameOverride', 'fileKeyRef', 'image']],
    ['1.34', ['hostnameOverride', 'fileKeyRef', 'image']],
    ['1.35', []],
    ['1.36', []],
  ])('on %s, names the fields that need a newer version', (version, expected) => {
    const object = changed(deployment(), {
      '/spec/template/spec/hostnameOverride': 'orders',
      [`${CONTAINER}/env/-`]: {
        name: 'F',
        valueFrom: { fileKeyRef: { volumeName: 'tmp', path: 'a', key: 'F' } },
      },
      '/spec/template/spec/volumes/-': { name: 'model', image: { reference: 'ghcr.io/acme/model:1' } },
    });
    const problems = new SchemaChecker({ version }).check(object);
    expect(problems.map((problem) => problem.got).sort()).toEqual([...expected].sort());
    expect(problems.every((problem) => problem.code === 'field-needs-newer-kubernetes')).toBe(true);
  });

  test('warns of a field whose feature gate is off everywhere', () => {
    const [problem] = checker.check(changed(deployment(), { [`${CONTAINER}/lifecycle`]: { stopSignal: 'SIGUSR1' } }));
    expect(problem).toMatchObject({
      code: 'field-needs-feature-gate',
      severity: 'warning',
      field: `${CONTAINER}/lifecycle/stopSignal`,
    });
  });

  test('a kind that came later is a problem on older targets', () => {
    const object = { apiVersion: 'resource.k8s.io/v1', kind: 'DeviceClass', metadata: { name: 'gpu' }, spec: {} };
    expect(found(object, new SchemaChecker({ version: '1.33' }))).toEqual(['kind-needs-newer-kubernetes /apiVersion']);
    expect(found(object, new SchemaChecker({ version: '1.34' }))).toEqual([]);
  });

  test.each([
    [{ apiVersion: 'apps/v1beta1', kind: 'Deployment' }, 'unknown-kind', /write apiVersion apps\/v1;/],
    [{ apiVersion: 'apps/v1', kind: 'Deploymnt' }, 'unknown-kind', /write Deployment \(apps\/v1\)/],
    [{ apiVersion: 'example.com/v1', kind: 'Zebra' }, 'unknown-kind', /^add the CustomResourceDefinition/],
    [{ apiVersion: 'v1', kind: 'constructor' }, 'unknown-kind', /CustomResourceDefinition/],
    [{ kind: 'Deployment' }, 'missing-type', /apiVersion/],
    [{ apiVersion: '../../package', kind: 'Deployment' }, 'unknown-kind', /./],
  ])('%j is %s', (object, code, fix) => {
    const problems = checker.check(object);
    expect(problems.map((problem) => problem.code)).toEqual([code]);
    expect(problems[0]!.fix).toMatch(fix);
  });

  test('never prints the values of a Secret', () => {
    const problems = checker.check({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'db' },
      data: { password: 'hunter2!' },
      stringData: { pin: 4711 },
    });
    expect(problems.map((problem) => problem.code).sort()).toEqual(['bad-base64', 'wrong-type']);
    expect(JSON.stringify(problems)).not.toMatch(/hunter2|4711/);
  });

  test('of a union of fields, one', () => {
    const object = changed(destinationRule(), {
      '/spec/trafficPolicy/loadBalancer/consistentHash': { useSourceIp: true, httpHeaderName: 'x', ringHash: {} },
    });
    expect(found(object).sort()).toEqual([
      'several-choices /spec/trafficPolicy/loadBalancer',
      'several-choices /spec/trafficPolicy/loadBalancer/consistentHash',
    ]);
  });

  test.each<[string, Changes, string]>([
    ['pattern', { '/spec/hostnames/0': 'Shop.example.com' }, 'limit-broken /spec/hostnames/0'],
    ['maximum', { '/spec/rules/0/backendRefs/0/weight': 1_000_001 }, 'limit-broken /spec/rules/0/backendRefs/0/weight'],
    ['whole number', { '/spec/rules/0/backendRefs/0/weight': 0.5 }, 'bad-integer /spec/rules/0/backendRefs/0/weight'],
    [
      'length of a list',
      { '/spec/hostnames': Array.from({ length: 17 }, (_, i) => `h${i}.example.com`) },
      'limit-broken /spec/hostnames',
    ],
  ])('finds a broken %s of a custom resource', (_, changes, problem) => {
    expect(found(changed(httpRoute(), changes))).toEqual([problem]);
  });

  test('gives the same empty list for every good object', () => {
    expect(checker.check(deployment())).toBe(checker.check(service()));
  });

  test('an object that cannot be made a text is explained, too', () => {
    const object = changed(deployment(), { '/spec/selector/matchLabels/a': { toString: { b: 1 } } });
    expect(checker.check(object).map(({ code }) => code)).toContain('selector-does-not-match');
  });

  test('any value in any place is either fine or explained, and never throws', () => {
    fc.assert(
      fc.property(mutants(1), (object) => {
        for (const problem of checker.check(object)) {
          expect(problem.code).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
          for (const part of [problem.message, problem.got, problem.allowed, problem.fix]) expect(part).toMatch(/\S/);
          expect(problem.field).toMatch(/^(\/.*)?$/);
        }
      }),
      { numRuns: 1500 },
    );
  });
});

describe('SchemaChecker', () => {
  test('refuses a version that is not supported', () => {
    expect(() => new SchemaChecker({ version: '1.20' })).toThrow(/1\.33.*got 1\.20/);
  });

  test.each([
    ['v1', 'Namespace', false],
    ['apps/v1', 'Deployment', true],
    ['rbac.authorization.k8s.io/v1', 'ClusterRole', false],
    ['gateway.networking.k8s.io/v1', 'GatewayClass', false],
    ['networking.istio.io/v1', 'VirtualService', true],
    ['x/v1', 'Y', undefined],
  ])('%s %s is namespaced: %s', (apiVersion, kind, expected) => {
    expect(checker.isNamespaced(apiVersion, kind)).toBe(expected);
  });
});
