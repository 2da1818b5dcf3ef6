/* eslint-disable @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-assignment, @typescript-eslint/no-unsafe-call -- manifests are broken at will */
import * as fc from 'fast-check';
import { SchemaChecker, SUPPORTED_VERSIONS } from '../../policies/schema/check';
import { deployment, destinationRule, GOOD, httpRoute, service, type Loose } from './manifests';

const checker = new SchemaChecker({ version: '1.36' });

/** Code and field of each problem. */
function found(object: object, by = checker): string[] {
  return by.check(object).map((problem) => `${problem.code} ${problem.field}`);
}

function broken(make: () => Loose, change: (object: Loose) => void): Loose {
  const object = make();
  change(object);
  return object;
}

const CONTAINER = '/spec/template/spec/containers/0';

describe('SchemaChecker.check', () => {
  test.each(GOOD.map((make) => [make.name, make] as const))('takes a good %s on every version', (_, make) => {
    for (const version of SUPPORTED_VERSIONS) expect(found(make(), new SchemaChecker({ version }))).toEqual([]);
  });

  test.each<[string, (object: Loose) => void, string]>([
    ['unknown field', (d) => (d.spec.replcas = 3), 'unknown-field /spec/replcas'],
    ['unknown field in a list', (d) => (d.spec.template.spec.containers[0].immagePullPolicy = 'Always'), `unknown-field ${CONTAINER}/immagePullPolicy`],
    ['number as text', (d) => (d.spec.replicas = '3'), 'wrong-type /spec/replicas'],
    ['text as number', (d) => (d.spec.template.spec.containers[0].env[0].value = 8080), `wrong-type ${CONTAINER}/env/0/value`],
    ['fraction', (d) => (d.spec.replicas = 1.5), 'bad-integer /spec/replicas'],
    ['too large for 32 bits', (d) => (d.spec.replicas = 2 ** 31), 'bad-integer /spec/replicas'],
    ['enumeration', (d) => (d.spec.template.spec.containers[0].imagePullPolicy = 'Allways'), `bad-enum-value ${CONTAINER}/imagePullPolicy`],
    ['quantity', (d) => (d.spec.template.spec.containers[0].resources.requests.cpu = '100mi'), `bad-quantity ${CONTAINER}/resources/requests/cpu`],
    ['null', (d) => (d.spec.template.spec.volumes[0].emptyDir = null), 'null-value /spec/template/spec/volumes/0/emptyDir'],
    ['missing field', (d) => delete d.spec.selector, 'missing-field /spec/selector'],
    ['list for object', (d) => (d.spec.template.spec.nodeSelector = []), 'wrong-type /spec/template/spec/nodeSelector'],
    ['pointer escapes', (d) => (d.metadata.labels['a/b~c'] = 5), 'wrong-type /metadata/labels/a~1b~0c'],
  ])('finds %s', (_, change, problem) => {
    expect(found(broken(deployment, change))).toContain(problem);
  });

  test('finds all problems in one run', () => {
    const object = broken(deployment, (d) => {
      d.spec.replcas = 1;
      d.spec.paused = 'yes';
      d.spec.template.spec.dnsPolicy = 'first';
      delete d.spec.template.spec.containers[0].name;
    });
    expect(found(object).sort()).toEqual([
      'bad-enum-value /spec/template/spec/dnsPolicy', `missing-field ${CONTAINER}/name`, 'unknown-field /spec/replcas', 'wrong-type /spec/paused',
    ]);
  });

  test('names the nearest field and value', () => {
    const fixes = checker.check(broken(deployment, (d) => {
      d.spec.replcas = 1;
      d.spec.template.spec.dnsPolicy = 'clusterfirst';
    })).map((problem) => problem.fix).sort();
    expect(fixes).toEqual(['write ClusterFirst', 'write replicas instead of replcas, or remove it']);
  });

  test('accepts what is not known yet anywhere, and asks it for nothing but its mark', () => {
    const hole = new Proxy({}, {
      get: (_, name) => {
        if (name === '__pulumiOutput') return true;
        throw new Error(`asked for ${String(name)}`);
      },
      ownKeys: () => { throw new Error('asked for its fields'); },
    });
    const refused = GOOD.flatMap((make) => pointers(make()).flatMap((pointer) => {
      const object = make();
      replace(object, pointer, hole);
      return found(object).map((problem) => `${make.name} ${pointer.join('.')}: ${problem}`);
    }));
    expect(refused).toEqual([]);
  });

  test('accepts placeholders wherever a value may be', () => {
    const withPlaceholders = new SchemaChecker({ version: '1.36', isPlaceholder: (text) => text.startsWith('<hole:') });
    const object = broken(deployment, (d) => {
      d.spec.replicas = '<hole:1>';
      d.spec.template.spec.containers[0].imagePullPolicy = '<hole:2>';
      d.spec.replcas = 1;
    });
    expect(found(object, withPlaceholders)).toEqual(['unknown-field /spec/replcas']);
  });

  test.each([
    ['1.33', ['hostnameOverride', 'fileKeyRef', 'image']],
    ['1.34', ['hostnameOverride', 'fileKeyRef', 'image']],
    ['1.35', []],
    ['1.36', []],
  ])('on %s, names the fields that need a newer version', (version, expected) => {
    const object = broken(deployment, (d) => {
      d.spec.template.spec.hostnameOverride = 'orders';
      d.spec.template.spec.containers[0].env.push({ name: 'F', valueFrom: { fileKeyRef: { volumeName: 'tmp', path: 'a', key: 'F' } } });
      d.spec.template.spec.volumes.push({ name: 'model', image: { reference: 'ghcr.io/acme/model:1' } });
    });
    const problems = new SchemaChecker({ version }).check(object);
    expect(problems.map((problem) => problem.got).sort()).toEqual([...expected].sort());
    expect(problems.every((problem) => problem.code === 'field-needs-newer-kubernetes')).toBe(true);
  });

  test('warns of a field whose feature gate is off everywhere', () => {
    const [problem] = checker.check(broken(deployment, (d) => (d.spec.template.spec.containers[0].lifecycle = { stopSignal: 'SIGUSR1' })));
    expect(problem).toMatchObject({ code: 'field-needs-feature-gate', severity: 'warning', field: `${CONTAINER}/lifecycle/stopSignal` });
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
    const problems = checker.check({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'db' }, data: { password: 'hunter2!' }, stringData: { pin: 4711 } });
    expect(problems.map((problem) => problem.code).sort()).toEqual(['bad-base64', 'wrong-type']);
    expect(JSON.stringify(problems)).not.toMatch(/hunter2|4711/);
  });

  test('of a union of fields, one', () => {
    const object = broken(destinationRule, (d) => (d.spec.trafficPolicy.loadBalancer.consistentHash = { useSourceIp: true, httpHeaderName: 'x', ringHash: {} }));
    expect(found(object).sort()).toEqual(['several-choices /spec/trafficPolicy/loadBalancer', 'several-choices /spec/trafficPolicy/loadBalancer/consistentHash']);
  });

  test.each<[string, (object: Loose) => void, string]>([
    ['pattern', (r) => (r.spec.hostnames[0] = 'Shop.example.com'), 'limit-broken /spec/hostnames/0'],
    ['maximum', (r) => (r.spec.rules[0].backendRefs[0].weight = 1_000_001), 'limit-broken /spec/rules/0/backendRefs/0/weight'],
    ['whole number', (r) => (r.spec.rules[0].backendRefs[0].weight = 0.5), 'bad-integer /spec/rules/0/backendRefs/0/weight'],
    ['length of a list', (r) => (r.spec.hostnames = Array.from({ length: 17 }, (_, i) => `h${i}.example.com`)), 'limit-broken /spec/hostnames'],
  ])('finds a broken %s of a custom resource', (_, change, problem) => {
    expect(found(broken(httpRoute, change))).toEqual([problem]);
  });

  test('gives the same empty list for every good object', () => {
    expect(checker.check(deployment())).toBe(checker.check(service()));
  });

  test('any value in any place is either fine or explained, and never throws', () => {
    const values = fc.oneof(fc.jsonValue(), fc.constant(undefined), fc.constantFrom('', '\u0000', -1, 0.5, 2 ** 60, [], {}, [null], [[]], [{}]));
    fc.assert(fc.property(fc.constantFrom(...GOOD), fc.nat(), values, (make, pick, value) => {
      const object = make();
      const places = pointers(object);
      replace(object, places[pick % places.length]!, structuredClone(value));
      for (const problem of checker.check(object)) {
        expect(problem.code).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
        for (const part of [problem.message, problem.got, problem.allowed, problem.fix]) expect(part).toMatch(/\S/);
        expect(problem.field).toMatch(/^(\/.*)?$/);
      }
    }), { numRuns: 1500 });
  });
});

describe('SchemaChecker', () => {
  test('refuses a version that is not supported', () => {
    expect(() => new SchemaChecker({ version: '1.20' })).toThrow(/1\.33.*got 1\.20/);
  });

  test.each([
    ['v1', 'Namespace', false], ['apps/v1', 'Deployment', true], ['rbac.authorization.k8s.io/v1', 'ClusterRole', false],
    ['gateway.networking.k8s.io/v1', 'GatewayClass', false], ['networking.istio.io/v1', 'VirtualService', true], ['x/v1', 'Y', undefined],
  ])('%s %s is namespaced: %s', (apiVersion, kind, expected) => {
    expect(checker.isNamespaced(apiVersion, kind)).toBe(expected);
  });
});

/** Paths to everything below the root but the type of the object. */
function pointers(value: unknown, path: readonly (string | number)[] = []): (readonly (string | number)[])[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).filter(([name]) => path.length > 0 || (name !== 'apiVersion' && name !== 'kind'))
    .flatMap(([name, inner]) => [[...path, name], ...pointers(inner, [...path, name])]);
}

function replace(object: Loose, path: readonly (string | number)[], value: unknown): void {
  let holder: Loose = object;
  for (const name of path.slice(0, -1)) holder = holder[name];
  holder[path.at(-1)!] = value;
}
