import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  BoundedContext,
  Config,
  ConfigFile,
  Key,
  Microservice,
  type ConfigProps,
  type Layer,
  type Plan,
  type StandardSchema,
} from 'ashlar';
import fc from 'fast-check';
import { parse, parseDocument } from 'yaml';
import { codesOf, planOf } from '../support/plans';

const image = 'ghcr.io/acme/app:1.0.0';

/** A key that takes anything: what a file makes of it is what is tested. */
const anything: StandardSchema = { '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value }) } };

function planWith(
  props: Omit<ConfigProps<Record<string, StandardSchema>>, 'folder'>,
  layers: readonly Layer[] = [],
): Plan {
  return planOf(
    (shop) => {
      const context = new BoundedContext(shop, 'ordering', { team: 'orders' });
      const config = new Config(context, 'settings', { folder: '/etc/orders', ...props });
      new Microservice(context, 'orders', { image }).reads(config);
    },
    { environment: { layers } },
  );
}

/** Files of a configuration that has these values and accepts all of them. */
function filesOf(values: Readonly<Record<string, unknown>>, files: Readonly<Record<string, ConfigFile>>) {
  const schema = Object.fromEntries(Object.keys(values).map((key) => [key, anything]));
  const plan = planWith({ schema, values, files });
  return { plan, data: dataOf(plan) };
}

const dataOf = (plan: Plan): Readonly<Record<string, string>> =>
  plan.objects.find(({ manifest }) => manifest.kind === 'ConfigMap')?.manifest['data'] as Record<string, string>;

const values = { 'server.port': 8080, 'server.hosts': ['a', 'b'], level: 'no', note: 'two\nlines' };
const tree = { level: 'no', note: 'two\nlines', server: { hosts: ['a', 'b'], port: 8080 } };

test('JSON and YAML are the tree that points in keys tell', () => {
  const { plan, data } = filesOf(values, { 'app.json': ConfigFile.json(), 'app.yaml': ConfigFile.yaml() });
  expect(codesOf(plan)).toEqual([]);
  expect(Object.keys(data)).toEqual(['app.json', 'app.yaml']);
  expect(JSON.parse(data['app.json']!)).toEqual(tree);
  expect(parse(data['app.yaml']!)).toEqual(tree);
  // A reader of YAML 1.1 would take a plain `no` for false.
  expect(parseDocument(data['app.yaml']!, { version: '1.1' }).toJS()).toEqual(tree);
});

test('a template is the text around the values', () => {
  const files = {
    'app.conf': ConfigFile.template('listen {{server.port}};\nhosts {{ server.hosts }};\n{{level}}{{note}}{{ $x }}\n'),
  };
  const { plan, data } = filesOf(values, files);
  expect(codesOf(plan)).toEqual([]);
  expect(data['app.conf']).toBe('listen 8080;\nhosts ["a","b"];\nnotwo\nlines{{ $x }}\n');
});

test('a value is never taken for a part of the template', () => {
  const { data } = filesOf({ a: '{{b}} $& $1', b: 'x' }, { f: ConfigFile.template('{{a}} {{b}}') });
  expect(data['f']).toBe('{{b}} $& $1 x');
});

test('a key that is left out leaves nothing behind', () => {
  const schema = { A: Key.text().optional(), B: Key.text() };
  const files = {
    json: ConfigFile.json(),
    env: ConfigFile.dotenv(),
    text: ConfigFile.template('[{{A}}][{{B}}]'),
  };
  const plan = planWith({ schema, values: { B: 'b' }, files });
  expect(codesOf(plan)).toEqual([]);
  expect(dataOf(plan)).toEqual({ env: 'B=b\n', json: '{\n  "B": "b"\n}\n', text: '[][b]' });
});

test('the files are mounted, not the keys', () => {
  const { plan } = filesOf(values, { 'app.json': ConfigFile.json() });
  const pod = plan.objects.find(({ manifest }) => manifest.kind === 'Deployment')?.manifest['spec'];
  expect(pod).toMatchObject({
    template: {
      spec: { containers: [{ volumeMounts: [{ name: 'settings', mountPath: '/etc/orders', readOnly: true }] }] },
    },
  });
});

test('a value that a layer gives is in the files, and its source is told', () => {
  const at = 'environments/prod.yaml:3:3';
  const layer: Layer = { name: 'environment', settings: {}, config: { LEVEL: { value: 'debug', at } }, services: {} };
  const files = { 'app.properties': ConfigFile.properties() };
  const plan = planWith({ schema: { LEVEL: Key.text() }, values: { LEVEL: 'info' }, files }, [layer]);
  expect(dataOf(plan)).toEqual({ 'app.properties': 'LEVEL=debug\n' });
  const map = plan.objects.find(({ manifest }) => manifest.kind === 'ConfigMap');
  expect(map?.sources).toEqual([{ by: 'value of LEVEL', at }]);
});

/** What `java.util.Properties` does (Java 21, `load(Reader)`), for files without comments. */
function readProperties(text: string): Readonly<Record<string, string>> {
  const unescaped = (escaped: string): string =>
    escaped.replace(/\\u([0-9a-f]{4})|\\(.)/g, (_, code: string | undefined, one: string) =>
      code === undefined
        ? ({ n: '\n', t: '\t', r: '\r', f: '\f' }[one] ?? one)
        : String.fromCharCode(parseInt(code, 16)),
    );
  const lines = text.split('\n').filter((line) => line !== '');
  return Object.fromEntries(
    lines.map((line) => {
      const [, key = '', value = ''] = /^[ \t\f]*((?:\\.|[^\\=: \t\f])*)[ \t\f]*[=:]?[ \t\f]*(.*)$/.exec(line) ?? [];
      return [unescaped(key), unescaped(value)];
    }),
  );
}

const texts = fc.dictionary(
  fc.string({ unit: 'binary', minLength: 1, maxLength: 6 }),
  fc.string({ unit: 'binary', maxLength: 12 }),
  { maxKeys: 4 },
);

test('properties are read back as they were, in plain ASCII', () => {
  fc.assert(
    fc.property(texts, (given) => {
      const { data } = filesOf(given, { p: ConfigFile.properties() });
      expect(data['p']).toMatch(/^[\n -~]*$/);
      expect(readProperties(data['p']!)).toEqual(given);
    }),
    { numRuns: 200 },
  );
});

test('YAML and JSON are read back as they were', () => {
  fc.assert(
    fc.property(texts, (given) => {
      const flat = Object.fromEntries(Object.entries(given).map(([key, value]) => [key.replaceAll('.', '_'), value]));
      const { data } = filesOf(flat, { j: ConfigFile.json(), y: ConfigFile.yaml() });
      expect(JSON.parse(data['j']!)).toEqual(flat);
      expect(parse(data['y']!, { uniqueKeys: false })).toEqual(flat);
    }),
    { numRuns: 200 },
  );
});

/** What a shell makes of the file. */
function sourced(text: string, names: readonly string[]): readonly string[] {
  const folder = mkdtempSync(path.join(tmpdir(), 'ashlar-dotenv-'));
  writeFileSync(path.join(folder, '.env'), text);
  const print = names.map((name) => `printf '%s\\n' "$${name}"`).join('; ');
  const printed = execFileSync('sh', ['-c', `. "$0"; ${print}`, path.join(folder, '.env')], { encoding: 'utf8' });
  rmSync(folder, { recursive: true });
  return printed.split('\n').slice(0, -1);
}

test('dotenv is what a shell reads, too', () => {
  const given = {
    A: 'plain',
    B: 'two words',
    C: '$HOME `id` "x" # no',
    D: '',
    E: 'https://a.example/?q=1&b=2',
    F: '7',
  };
  const { plan, data } = filesOf(given, { '.env': ConfigFile.dotenv() });
  expect(codesOf(plan)).toEqual([]);
  expect(sourced(data['.env']!, Object.keys(given))).toEqual(Object.values(given));
});

describe('what cannot be written', () => {
  test.each<[string, Readonly<Record<string, unknown>>, Readonly<Record<string, ConfigFile>>, string, string]>([
    ['a quote in dotenv', { A: "it's" }, { f: ConfigFile.dotenv() }, 'config-value-unwritable', 'A'],
    ['a backslash in dotenv', { A: 'a\\b' }, { f: ConfigFile.dotenv() }, 'config-value-unwritable', 'A'],
    ['two lines in dotenv', { A: 'a\nb' }, { f: ConfigFile.dotenv() }, 'config-value-unwritable', 'A'],
    ['a key with points in dotenv', { 'a.b': 'a' }, { f: ConfigFile.dotenv() }, 'config-value-unwritable', 'a.b'],
    ['a member of a value', { a: 1, 'a.b': 2 }, { f: ConfigFile.json() }, 'config-keys-collide', 'a.b'],
    ['a member of an object', { a: { b: 1 }, 'a.b': 2 }, { f: ConfigFile.yaml() }, 'config-keys-collide', 'a.b'],
    [
      'a value where members are',
      { 'a.b': 1, 'a.b.c': 2, a: 3 },
      { f: ConfigFile.yaml() },
      'config-keys-collide',
      'a.b',
    ],
    ['a key that no one has', { A: 1 }, { f: ConfigFile.template('{{A}} {{B}}') }, 'config-key-unknown', 'B'],
  ])('%s is a finding', (_what, given, files, code, got) => {
    const { plan } = filesOf(given, files);
    expect(plan.findings).toContainEqual(
      expect.objectContaining({ code, got, severity: 'error', field: 'files.f', path: 'shop/ordering/settings' }),
    );
  });

  test('a key that no template names is a warning', () => {
    const { plan } = filesOf({ A: 1, B: 2 }, { f: ConfigFile.template('{{A}}') });
    expect(plan.findings).toMatchObject([{ code: 'config-key-unused', severity: 'warning', field: 'B' }]);
    expect(codesOf(filesOf({ A: 1, B: 2 }, { f: ConfigFile.template('{{A}}'), g: ConfigFile.json() }).plan)).toEqual(
      [],
    );
  });

  test('a value is not in the message: it may be long', () => {
    const { plan } = filesOf({ A: "it's a long story" }, { f: ConfigFile.dotenv() });
    expect(JSON.stringify(plan.findings)).not.toContain('story');
  });

  test.each<[string, object, readonly string[]]>([
    ['files without a folder', { folder: undefined, files: { f: ConfigFile.json() } }, ['bad-folder']],
    ['a file that is a text', { files: { f: 'a: 1' } }, ['bad-file']],
    ['a name with a slash', { files: { 'a/b': ConfigFile.json() } }, ['bad-key']],
    ['a prop that nobody reads', { file: 'x' }, ['unknown-prop']],
    ['a change that is none', { change: 'restart' }, ['unknown-choice']],
  ])('%s', (_what, props, codes) => {
    expect(codesOf(planWith({ schema: { A: Key.text() }, values: { A: 'a' }, ...props }))).toEqual(
      expect.arrayContaining([...codes]),
    );
  });
});
