import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseAllDocuments } from 'yaml';
import { Workspace } from '../support/command';

const workspace = new Workspace();
afterAll(() => workspace.remove());

const PROGRAM = `
import { BoundedContext, Microservice, definePlatform } from 'ashlar';
import { image } from './images';

export default definePlatform('shop', (shop) => {
  const ordering = new BoundedContext(shop, 'ordering', { team: 'orders' });
  const orders = new Microservice(ordering, 'orders', { image: image('orders'), ports: { http: 8080 } });
  const stock = new Microservice(ordering, 'stock', { image: image('stock'), ports: { grpc: 9090 } });
  orders.calls(stock, { env: 'STOCK_ADDR' });
});
`;

workspace.write({
  'shop/platform.ts': PROGRAM,
  // An enum and a parameter property, neither of which can be stripped as a type.
  'shop/images.ts': `enum Registry { Main = 'ghcr.io/acme' }
class Images { constructor(private readonly registry: Registry) {} of(name: string): string { return this.registry + '/' + name + ':1.0.0'; } }
export const image = (name: string): string => new Images(Registry.Main).of(name);`,
  'shop/environments/dev.yaml': 'tier: development\n',
  'shop/environments/prod.yaml': 'tier: production\nzones: [a, b, c]\n',
});

describe('ashlar synth', () => {
  test('writes every environment and says what comes next', () => {
    const { code, stdout, stderr } = workspace.ashlar(['synth'], 'shop');
    expect(stderr).toBe('');
    expect(code).toBe(0);
    expect(stdout).toMatch(/dev +development +2 +1 +\d+ +none +\d+ ms +k8s[\\/]dev/);
    expect(stdout).toContain('kubectl apply -k');
    expect(readdirSync(path.join(workspace.folder, 'shop/k8s/prod')).sort()).toEqual([
      '.ashlar.json',
      'kustomization.yaml',
      'ordering.yaml',
    ]);
  });

  test('the command that it names as the next one works', () => {
    const { stdout } = workspace.ashlar(['synth'], 'shop');
    const next = /npx ashlar (explain .*)/.exec(stdout)?.[1] ?? '';
    const explained = workspace.ashlar(next.split(' '), 'shop');
    expect(explained.code).toBe(0);
    expect(explained.stdout).toContain('derivation workloads');
  });

  test('streams one environment, data alone', () => {
    const { code, stdout, stderr } = workspace.ashlar(['synth', '--env', 'prod', '--stdout'], 'shop');
    expect([code, stderr]).toEqual([0, '']);
    const documents = parseAllDocuments(stdout).map((document) => document.toJS() as { kind: string });
    expect(documents.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['Namespace', 'Deployment', 'Service']));
  });

  test('streams one environment only: two in one stream would undo each other', () => {
    const { code, stdout, stderr } = workspace.ashlar(['synth', '--stdout'], 'shop');
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain('which-environment');
  });

  test('takes a JavaScript program at any path', () => {
    workspace.write({
      'js/platform.cjs': `const { definePlatform } = require('ashlar'); module.exports = definePlatform('empty', () => {});`,
      'js/environments/dev.yaml': 'tier: development\n',
    });
    expect(workspace.ashlar(['synth', 'js/platform.cjs', '--out', 'out'])).toMatchObject({ code: 0, stderr: '' });
    expect(existsSync(path.join(workspace.folder, 'out/dev/kustomization.yaml'))).toBe(true);
  });

  test('a folder without a name is refused', () => {
    const { code, stdout, stderr } = workspace.ashlar(['synth', '--out', ''], 'shop');
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain('bad-option');
  });

  test('the next commands can be pasted, whatever the folder is called', () => {
    const { stdout } = workspace.ashlar(['synth', '--env', 'dev', '--out', "o'ut put"], 'shop');
    expect(stdout).toContain(`kubectl apply -k 'o'\\''ut put/dev'`);
  });

  test('an error in one environment stops only that one', () => {
    workspace.write({
      'half/platform.ts': PROGRAM.replace("'./images'", "'../shop/images'"),
      'half/environments/dev.yaml': 'tier: development\n',
      'half/environments/prod.yaml':
        'tier: production\nzones: [a, b]\nservices: { "*": { settings: { scale: { min: 1 } } } }\n',
    });
    const { code, stdout, stderr } = workspace.ashlar(['synth'], 'half');
    expect(code).toBe(1);
    expect(stderr).toContain('error single-replica  shop/ordering/orders');
    expect(stdout).toContain('not written');
    expect(existsSync(path.join(workspace.folder, 'half/k8s/dev'))).toBe(true);
    expect(existsSync(path.join(workspace.folder, 'half/k8s/prod'))).toBe(false);
  });
});

describe('inputs', () => {
  const program = `import { BoundedContext, Microservice, definePlatform } from 'ashlar';
export default definePlatform<{ tag: string; region: string }>('shop', (shop, { tag, region }) => {
  const ordering = new BoundedContext(shop, 'ordering', { team: 'orders' });
  new Microservice(ordering, 'orders', { image: \`ghcr.io/acme/orders:\${tag}\`, env: { REGION: region } });
});`;
  workspace.write({ 'inputs/platform.ts': program, 'inputs/environments/dev.yaml': 'tier: development\n' });

  test('are filled in from the command line', () => {
    const args = ['synth', '--stdout', '--input', 'tag=1.4.2', '-i', 'region=eu=west'];
    const { code, stdout, stderr } = workspace.ashlar(args, 'inputs');
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain('image: ghcr.io/acme/orders:1.4.2');
    expect(stdout).toContain('value: eu=west');
    expect(workspace.ashlar(['check', '-i', 'tag=1', '-i', 'region=eu'], 'inputs').stdout).toBe('dev: none\n');
    const explained = workspace.ashlar(
      ['explain', 'Deployment/ordering/orders', '-i', 'tag=7', '-i', 'region=eu'],
      'inputs',
    );
    expect(explained.stdout).toContain('image: ghcr.io/acme/orders:7');
  });

  test('that are left open are holes, each with the way to fill it', () => {
    const { code, stderr } = workspace.ashlar(['synth', '--input', 'tag=1.4.2'], 'inputs');
    expect(code).toBe(1);
    expect(stderr).toMatch(/error hole[\s\S]*inputs\.region of shop[\s\S]*--input region=/);
    expect(stderr).not.toContain('inputs.tag');
  });

  test.each([
    [['--input', 'tag'], 'bad-input'],
    [['--input', '=hush'], 'bad-input'],
    [['--input', 'tag=hush', '--input', 'tag=hush'], 'bad-input'],
    [['--input', 'tag=1', '--input', 'region=eu', '--input', 'other=hush'], 'unknown-input'],
  ])('%j is %s, and no value is printed', (args, code) => {
    const { stdout, stderr } = workspace.ashlar(['synth', ...args], 'inputs');
    expect(stderr).toContain(code);
    expect(stdout + stderr).not.toContain('hush');
  });
});

describe('ashlar synth --gitops', () => {
  workspace.write({
    'gitops/platform.ts': PROGRAM.replace("'./images'", "'../shop/images'"),
    'gitops/environments/dev.yaml': 'tier: development\ngitops: { repository: https://github.com/acme/deploy.git }\n',
  });
  const kindsIn = (file: string): readonly string[] =>
    [...parseAllDocuments(readFileSync(path.join(workspace.folder, 'gitops/k8s', file), 'utf8'))].map(
      (document) => (document.toJS() as { kind: string }).kind,
    );

  test('writes what Argo CD needs beside the objects, which say their wave', () => {
    expect(workspace.ashlar(['synth', '--gitops', 'argocd'], 'gitops')).toMatchObject({ code: 0, stderr: '' });
    expect(kindsIn('gitops/dev/objects.yaml')).toEqual(['Application']);
    expect(kindsIn('gitops/dev/kustomization.yaml')).toEqual(['Kustomization']);
    const objects = readFileSync(path.join(workspace.folder, 'gitops/k8s/dev/ordering.yaml'), 'utf8');
    expect(objects.match(/sync-wave: /g)).toHaveLength(kindsIn('dev/ordering.yaml').length);
  });

  test('writes what Flux needs, and a folder a chart', () => {
    const { code, stdout } = workspace.ashlar(['synth', '--gitops', 'flux'], 'gitops');
    expect(code).toBe(0);
    expect(stdout).toContain('kubectl apply -k k8s/gitops/dev');
    expect(kindsIn('gitops/dev/objects.yaml')).toEqual(['GitRepository', 'Kustomization']);
    expect(kindsIn('dev/ordering/ordering.yaml')).toContain('Deployment');
    expect(kindsIn('dev/ordering/kustomization.yaml')).toEqual(['Kustomization']);
  });

  test.each([
    ['a tool that is not known', 'gitops', ['--gitops', 'fleet'], 'unknown-gitops-tool'],
    ['a stream', 'gitops', ['--gitops', 'flux', '--stdout'], 'options-exclude-each-other'],
    ['an environment without a repository', 'shop', ['--gitops', 'flux', '--env', 'dev'], 'no-gitops-target'],
  ])('%s is told', (_what, folder, args, code) => {
    const ran = workspace.ashlar(['synth', ...args], folder);
    expect(ran.code).toBe(2);
    expect(ran.stderr).toContain(code);
  });
});

describe('ashlar check', () => {
  test('prints findings only, and exits with 1 where there are errors', () => {
    const good = workspace.ashlar(['check'], 'shop');
    expect(good).toMatchObject({ code: 0, stdout: 'dev: none\nprod: none\n' });
    const bad = workspace.ashlar(['check', '--env', 'prod'], 'half');
    expect(bad.code).toBe(1);
    expect(bad.stdout).toMatch(/prod: 2 errors[\s\S]*single-replica[\s\S]*allowed[\s\S]*fix/);
  });

  test('an acceptance that no environment needs is told', () => {
    workspace.write({
      'accepts/platform.ts': `import { BoundedContext, accept, definePlatform } from 'ashlar';
export default definePlatform('shop', (shop) => {
  accept(new BoundedContext(shop, 'ordering', { team: 'orders' }), 'single-replica', 'because');
});`,
      'accepts/environments/dev.yaml': 'tier: development\n',
    });
    expect(workspace.ashlar(['check'], 'accepts').stdout).toContain('warning acceptance-unused');
    expect(workspace.ashlar(['check', '--env', 'dev'], 'accepts').stdout).not.toContain('acceptance-unused');
  });
});

describe('a configuration that several environments give values of', () => {
  const program = (max: number): string => `
import { BoundedContext, Config, Key, Microservice, definePlatform } from 'ashlar';

export default definePlatform('shop', (shop) => {
  const ordering = new BoundedContext(shop, 'ordering', { team: 'orders' });
  const schema = { MAX_ITEMS: Key.integer({ min: 1, max: ${max} }) };
  const limits = new Config(ordering, 'limits', { schema, values: { MAX_ITEMS: 100 }, change: 'replace' });
  new Microservice(ordering, 'orders', { image: 'ghcr.io/acme/orders:1.0.0' }).reads(limits);
});`;
  beforeAll(() =>
    workspace.write({
      'limits/platform.ts': program(10000),
      'limits/environments/dev.yaml': 'tier: development\n',
      'limits/environments/staging.yaml': 'tier: staging\nconfig:\n  MAX_ITEMS: 2000\n',
      'limits/environments/prod.yaml': 'tier: production\nzones: [a, b]\nconfig:\n  MAX_ITEMS: 5000\n',
    }),
  );

  test('explains which layer gave a value', () => {
    const { stdout } = workspace.ashlar(['explain', '--env', 'prod', 'ConfigMap/ordering/limits'], 'limits');
    expect(stdout).toMatch(/value of MAX_ITEMS +environments\/prod\.yaml:4:\d+/);
  });

  test('is checked in all of them at once when its schema changes', () => {
    expect(workspace.ashlar(['check'], 'limits')).toMatchObject({
      code: 0,
      stdout: 'dev: none\nprod: none\nstaging: none\n',
    });
    workspace.write({ 'limits/platform.ts': program(1000) });
    const { code, stdout } = workspace.ashlar(['check'], 'limits');
    expect(code).toBe(1);
    expect(stdout).toContain('dev: none');
    expect(stdout).toMatch(/prod: 1 error[\s\S]*5000 from environments\/prod\.yaml:4:\d+[\s\S]*staging: 1 error/);
    expect(stdout).toMatch(/staging: 1 error[\s\S]*2000 from environments\/staging\.yaml:3:\d+/);
  });
});

describe('ashlar explain', () => {
  test('names construct, derivation, relation and the source of each value', () => {
    const { code, stdout } = workspace.ashlar(
      ['explain', 'platform.ts', '--env', 'prod', 'Deployment/ordering/orders'],
      'shop',
    );
    expect(code).toBe(0);
    expect(stdout).toMatch(/made by +shop\/ordering\/orders, derivation workloads/);
    expect(stdout).toMatch(/orders\.calls\(stock\) +shop\/ordering\/orders \(platform\.ts:9:\d+\)/);
    expect(stdout).toMatch(/scale = 3 +default of tier production/);
    expect(stdout).toMatch(/Namespace\/ordering +lives in it/);
    expect(stdout).toContain('image: ghcr.io/acme/orders:1.0.0');
  });

  test('without an object lists all; with an unknown one suggests the nearest', () => {
    expect(workspace.ashlar(['explain', '--env', 'dev'], 'shop').stdout.split('\n')).toContain(
      'Service/ordering/stock',
    );
    const unknown = workspace.ashlar(['explain', '--env', 'dev', 'Service/ordering/stok'], 'shop');
    expect(unknown.code).toBe(2);
    expect(unknown.stderr).toContain('did you mean Service/ordering/stock?');
  });

  test('needs one environment', () => {
    const { code, stderr } = workspace.ashlar(['explain', 'Service/ordering/stock'], 'shop');
    expect(code).toBe(2);
    expect(stderr).toContain('which-environment');
  });
});

describe('ashlar new', () => {
  test('scaffolds a program that synthesizes at once', () => {
    expect(workspace.ashlar(['new', 'fresh'])).toMatchObject({ code: 0, stderr: '' });
    expect(workspace.ashlar(['synth'], 'fresh')).toMatchObject({ code: 0, stderr: '' });
    expect(workspace.ashlar(['check'], 'fresh').stdout).toBe('dev: none\nprod: none\n');
  });

  test('scaffolds a Pulumi project beside it, one stack an environment', () => {
    expect(workspace.ashlar(['new', 'stacked', '--pulumi'])).toMatchObject({ code: 0, stderr: '' });
    expect(workspace.ashlar(['synth'], 'stacked')).toMatchObject({ code: 0, stderr: '' });
    const files = readdirSync(path.join(workspace.folder, 'stacked'));
    expect(files).toEqual(expect.arrayContaining(['index.ts', 'Pulumi.yaml', 'Pulumi.dev.yaml', 'Pulumi.prod.yaml']));
  });

  test('leaves a folder alone that holds something', () => {
    workspace.write({ 'taken/notes.txt': 'mine' });
    const { code, stderr } = workspace.ashlar(['new', 'taken']);
    expect(code).toBe(2);
    expect(stderr).toContain('folder-not-empty');
    expect(readdirSync(path.join(workspace.folder, 'taken'))).toEqual(['notes.txt']);
  });

  test('refuses a name that cannot be one in the cluster', () => {
    expect(workspace.ashlar(['new', 'My Shop']).stderr).toContain('bad-name');
  });
});

describe('bad input', () => {
  const cases: readonly (readonly [string, Readonly<Record<string, string>>, readonly string[], string])[] = [
    ['no program', {}, ['synth'], 'no-such-program'],
    [
      'an unknown environment',
      {
        'platform.ts': PROGRAM.replace("'./images'", "'../shop/images'"),
        'environments/dev.yaml': 'tier: development',
      },
      ['synth', '--env', 'live'],
      'unknown-environment',
    ],
    [
      'no environments',
      { 'platform.ts': PROGRAM.replace("'./images'", "'../shop/images'") },
      ['synth'],
      'no-environments',
    ],
    [
      'a malformed environment file',
      { 'platform.ts': PROGRAM.replace("'./images'", "'../shop/images'"), 'environments/dev.yaml': 'tier: [\n' },
      ['synth'],
      'malformed-environment  environments/dev.yaml:2:1',
    ],
    [
      'a program that throws',
      {
        'platform.ts': `import { definePlatform } from 'ashlar'; export default definePlatform('shop', () => { throw new Error('no luck'); });`,
        'environments/dev.yaml': 'tier: development',
      },
      ['synth'],
      'program-threw',
    ],
    [
      'a program that exports nothing',
      { 'platform.ts': 'export const x = 1;', 'environments/dev.yaml': 'tier: development' },
      ['synth'],
      'no-platform',
    ],
    [
      'a program that does not parse',
      { 'platform.ts': 'export default {', 'environments/dev.yaml': 'tier: development' },
      ['synth'],
      'program-does-not-load',
    ],
  ];

  test.each(cases)('%s exits with 2 and says how to go on', (name, files, args, expected) => {
    const folder = name.replaceAll(' ', '-');
    mkdirSync(path.join(workspace.folder, folder), { recursive: true });
    workspace.write(Object.fromEntries(Object.entries(files).map(([file, text]) => [`${folder}/${file}`, text])));
    const { code, stderr, stdout } = workspace.ashlar(args, folder);
    expect(stderr).toContain(expected);
    expect(stderr).toMatch(/\bfix\b/);
    expect(stderr).not.toContain('    at ');
    expect([code, stdout]).toEqual([2, '']);
  });

  test('an output folder that is a file, or holds what is not ours, is left alone', () => {
    writeFileSync(path.join(workspace.folder, 'file'), 'mine');
    const file = workspace.ashlar(['synth', '../shop/platform.ts', '--out', '../file'], 'shop');
    expect(file.code).toBe(2);
    workspace.write({ 'foreign/dev/mine.yaml': 'a: 1' });
    const foreign = workspace.ashlar(['synth', '--env', 'dev', '--out', '../foreign'], 'shop');
    expect(foreign.code).toBe(2);
    expect(foreign.stderr).toContain('output-holds-foreign-files');
    expect(readFileSync(path.join(workspace.folder, 'foreign/dev/mine.yaml'), 'utf8')).toBe('a: 1');
    expect(readdirSync(path.join(workspace.folder, 'foreign'))).toEqual(['dev']);
  });

  test('an unknown command or option shows the help and exits with 2', () => {
    const { code, stderr } = workspace.ashlar(['sinth']);
    expect(code).toBe(2);
    expect(stderr).toContain('Did you mean synth?');
  });
});

test('help and version are no failure', () => {
  expect(workspace.ashlar(['--help'])).toMatchObject({ code: 0, stderr: '' });
  expect(workspace.ashlar(['--version']).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
});

test.each(['bash', 'zsh', 'fish'])('completion for %s names every command', (shell) => {
  const { code, stdout } = workspace.ashlar(['completion', shell]);
  expect(code).toBe(0);
  for (const command of ['synth', 'check', 'explain', 'new', 'completion']) expect(stdout).toContain(command);
});
