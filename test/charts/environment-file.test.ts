import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { definePlatform, isAshlarError, type Environment } from 'ashlar';
import { listEnvironments, loadEnvironment, plainEnvironment } from 'ashlar/charts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'environments-'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

const shop = definePlatform('shop', () => undefined);

function write(files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), text);
  }
}

/** Reads `dev.yaml` among these files. */
function read(files: Readonly<Record<string, string>>): Environment {
  write(files);
  return loadEnvironment(shop, folder, 'dev');
}

/** What is wrong with these files. */
function findingsOf(files: Readonly<Record<string, string>>, name = 'dev') {
  write(files);
  try {
    loadEnvironment(shop, folder, name);
  } catch (error) {
    if (isAshlarError(error)) return error.findings;
    throw error;
  }
  return [];
}

test('a tier is all that a file must say', () => {
  const environment = read({ 'dev.yaml': 'tier: staging\n' });
  expect(environment).toEqual({ ...plainEnvironment('dev', 'staging'), zones: [], layers: environment.layers });
  expect(environment.layers).toEqual([{ name: 'environment', settings: {}, config: {}, services: {} }]);
});

test('everything that a file may say', () => {
  const text = `tier: production
kubernetes: "1.34"
domain: shop.example.com
clusterDomain: k8s.internal
region: north
zones: [north-a, north-b]
registries: { docker.io: mirror.example.com }
apiServer: { cidrs: [10.1.2.3/32] }
dns: { cidrs: [169.254.20.10/32] }
without: [web/load]
backEnds: { redis: { name: in-cluster, options: { image: "redis:9" } } }
`;
  expect(read({ 'dev.yaml': text })).toMatchObject({
    name: 'dev',
    tier: 'production',
    kubernetes: '1.34',
    domain: 'shop.example.com',
    clusterDomain: 'k8s.internal',
    region: 'north',
    zones: ['north-a', 'north-b'],
    registries: { 'docker.io': 'mirror.example.com' },
    apiServer: { cidrs: ['10.1.2.3/32'], port: 6443 },
    dns: { namespace: 'kube-system', ports: [53], cidrs: ['169.254.20.10/32'] },
    without: [{ path: 'web/load', at: 'environments/dev.yaml:10:11' }],
    backEnds: { redis: { name: 'in-cluster', options: { image: 'redis:9' }, at: 'environments/dev.yaml:11:13' } },
  });
});

test('layers come weakest first, and each value knows its file, line and column', () => {
  const { layers } = read({
    'layers/base.yaml': 'config: { MAX: 1 }\n',
    'layers/production.yaml': 'config:\n  MAX: 2\n',
    'layers/development.yaml': 'config: { MAX: 99 }\n',
    'dev.yaml': `tier: production
region: north
config: { MAX: 3 }
services:
  web/load: { settings: { scale: { min: 2 } }, config: { MAX: 5 } }
regions:
  north: { config: { MAX: 4 } }
  south: { config: { MAX: 98 } }
`,
  });
  expect(layers.map(({ name, config }) => [name, config['MAX']])).toEqual([
    ['base', { value: 1, at: 'environments/layers/base.yaml:1:16' }],
    ['tier', { value: 2, at: 'environments/layers/production.yaml:2:8' }],
    ['environment', { value: 3, at: 'environments/dev.yaml:3:16' }],
    ['region', { value: 4, at: 'environments/dev.yaml:7:27' }],
  ]);
  expect(layers[2]?.services['web/load']).toEqual({
    at: 'environments/dev.yaml:5:3',
    settings: { scale: { value: { min: 2 }, at: 'environments/dev.yaml:5:34' } },
    config: { MAX: { value: 5, at: 'environments/dev.yaml:5:63' } },
  });
});

test('environments are the YAML files of the folder, by either ending, in order', () => {
  write({ 'prod.yaml': '', 'dev.yml': '', 'notes.md': '', 'layers/base.yaml': '' });
  expect(listEnvironments(folder)).toEqual(['dev', 'prod']);
  expect(listEnvironments(path.join(folder, 'nowhere'))).toEqual([]);
  expect(read({ 'dev.yml': 'tier: staging\n' }).tier).toBe('staging');
});

describe('an environment that is not there', () => {
  test('is told with those that are', () => {
    expect(findingsOf({ 'prod.yaml': 'tier: production', 'dev.yaml': 'tier: development' }, 'staging')).toMatchObject([
      { code: 'unknown-environment', path: 'environments/staging.yaml', got: 'staging', allowed: 'dev, prod' },
    ]);
  });

  test('is told where there is none at all', () => {
    expect(findingsOf({})).toMatchObject([{ code: 'unknown-environment', allowed: 'no environment exists yet' }]);
  });

  test.each(['../dev', 'layers/base', ''])('is %j, too', (name) => {
    expect(findingsOf({ 'dev.yaml': 'tier: development', 'layers/base.yaml': '' }, name)).toMatchObject([
      { code: 'unknown-environment' },
    ]);
  });
});

describe('a malformed file', () => {
  test.each([
    ['an open bracket', 'tier: development\nzones: [a\n', 3, 1],
    ['a tab', 'tier: development\nconfig:\n\tA: 1\n', 3, 1],
    ['a key twice', 'tier: development\ntier: staging\n', 2, 1],
    ['two documents', 'tier: development\n---\ntier: staging\n', 2, 1],
  ])('with %s is told with line and column', (_what, text, line, column) => {
    const [finding, ...others] = findingsOf({ 'dev.yaml': text });
    expect(finding).toMatchObject({ code: 'malformed-environment', path: `environments/dev.yaml:${line}:${column}` });
    expect(others.every(({ code }) => code === 'malformed-environment')).toBe(true);
  });

  test('does not keep the other files from being read', () => {
    const findings = findingsOf({ 'dev.yaml': 'zones: [a\n', 'layers/base.yaml': 'confg: {}\n' });
    expect(new Set(findings.map(({ code, path: at }) => `${code} ${at.split(':')[0]}`))).toEqual(
      new Set(['malformed-environment environments/dev.yaml', 'bad-environment environments/layers/base.yaml']),
    );
  });
});

describe('a file that says what cannot be', () => {
  const problem = (text: string) =>
    findingsOf({ 'dev.yaml': text }).map(({ code, path: at, got, allowed }) => ({ code, at, got, allowed }));

  test.each<[string, string, string, string, string]>([
    ['no tier', 'domain: a.example.com\n', '1:1', 'no tier', 'development, staging, production'],
    ['nothing', '', '1:1', 'no tier', 'development, staging, production'],
    ['an unknown tier', 'tier: prod\n', '1:7', '"prod"', 'development, staging, production'],
    ['an unknown field', 'tier: staging\nzone: [a]\n', '2:1', 'zone', 'did you mean zones?'],
    ['an unknown setting', 'tier: staging\nsettings: { scle: { min: 1 } }\n', '2:13', 'scle', 'did you mean scale?'],
    [
      'an unknown field of a service',
      'tier: staging\nservices:\n  web/a:\n    setings: {}\n',
      '4:5',
      'setings',
      'did you mean settings?',
    ],
    ['a version without quotes', 'tier: staging\nkubernetes: 1.36\n', '2:13', '1.36', '1.33, 1.34, 1.35, 1.36'],
    ['a version that is too old', 'tier: staging\nkubernetes: "1.20"\n', '2:13', '"1.20"', '1.33, 1.34, 1.35, 1.36'],
    ['a text for a list', 'tier: staging\nzones: a\n', '2:8', '"a"', 'array'],
    ['a bad item', 'tier: staging\nzones: [a, 7]\n', '2:12', '7', 'string'],
    ['a number out of range', 'tier: staging\nsettings: { surgePercent: 101 }\n', '2:27', '101', 'from 1 to 100'],
    ['a number that is none', 'tier: staging\nsettings: { user: root }\n', '2:19', '"root"', 'integer'],
    ['a missing part', 'tier: staging\nsettings: { scale: { max: 3 } }\n', '2:13', 'no min', 'min'],
    ['no CIDR', 'tier: staging\napiServer: { cidrs: [10.0.0.1] }\n', '2:22', '"10.0.0.1"', 'CIDR'],
    ['an empty list where one is needed', 'tier: staging\napiServer: { cidrs: [] }\n', '2:21', '0 items', 'at least 1'],
    ['a list for the whole', '- tier: staging\n', '1:1', 'a list', 'object'],
    ['a text for the whole', 'staging\n', '1:1', '"staging"', 'object'],
    ['nothing after a key', 'tier: staging\nservices:\n  web/a:\n', '3:9', 'null', 'object'],
    ['an unknown need', 'tier: staging\nbackEnds: { redsi: { name: a } }\n', '2:13', 'redsi', 'did you mean redis?'],
    [
      'an unknown back end',
      'tier: staging\nbackEnds: { redis: { name: outside } }\n',
      '2:28',
      '"outside"',
      'in-cluster',
    ],
    [
      'an unknown option',
      'tier: staging\nbackEnds: { redis: { name: in-cluster, options: { imag: a } } }\n',
      '2:51',
      'imag',
      'did you mean image?',
    ],
    ['a need without a back end', 'tier: staging\nbackEnds:\n  redis:\n', '3:9', 'null', 'object'],
    ['a need with a text', 'tier: staging\nbackEnds: { redis: in-cluster }\n', '2:20', '"in-cluster"', 'object'],
  ])('%s', (_what, text, at, got, allowed) => {
    expect(problem(text)).toEqual([
      {
        code: 'bad-environment',
        at: `environments/dev.yaml:${at}`,
        got,
        allowed: expect.stringContaining(allowed) as string,
      },
    ]);
  });

  test('has all of its problems told, in all of its files, in one run', () => {
    const findings = findingsOf({
      'layers/base.yaml': 'settings: { user: 0 }\nconfig: []\n',
      'layers/staging.yaml': 'teir: staging\n',
      'dev.yaml': 'tier: staging\nkubernetes: 1\nzones: {}\nregion: north\nregions: { north: { seting: {} } }\n',
    });
    expect(findings.map(({ path: at }) => at).sort()).toEqual([
      'environments/dev.yaml:2:13',
      'environments/dev.yaml:3:8',
      'environments/dev.yaml:5:21',
      'environments/layers/base.yaml:1:19',
      'environments/layers/base.yaml:2:9',
      'environments/layers/staging.yaml:1:1',
    ]);
  });

  test('names a region without harm where it says nothing by region', () => {
    expect(read({ 'dev.yaml': 'tier: staging\nregion: north\n' }).layers.map(({ name }) => name)).toEqual([
      'environment',
      'region',
    ]);
  });
});

test('a layer that no environment reads is told', () => {
  const files = { 'dev.yaml': 'tier: development\n', 'layers/prod.yaml': 'config: {}\n' };
  expect(findingsOf(files).map(({ code }) => code)).toEqual(['unknown-layer']);
});

test('two files of one name are told: one of them would be left out', () => {
  const findings = findingsOf({ 'dev.yaml': 'tier: development\n', 'dev.yml': 'tier: production\n' });
  expect(findings).toEqual([expect.objectContaining({ code: 'doubled-environment', got: 'dev.yaml and dev.yml' })]);
});

test('a region that the list of regions does not know is told: its layer would be left out', () => {
  const [finding] = findingsOf({ 'dev.yaml': 'tier: development\nregion: nrth\nregions: { north: {} }\n' });
  expect(finding).toMatchObject({ code: 'bad-environment', path: 'environments/dev.yaml:2:9', got: 'nrth' });
});
