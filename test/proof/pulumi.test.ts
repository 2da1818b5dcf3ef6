/**
 * The scenarios of issue and README with the real command and the real provider, a file back end in a temporary folder
 * and a real API server. Where `pulumi` or its Kubernetes plugin is missing they are skipped, and the reason is in the
 * name of the block. The hazards of docs/pulumi.md were seen with CLI 3.259 and provider 4.32 to 4.34 on Kubernetes 1.36.
 */
import path from 'node:path';
import { proof, type Cluster } from 'ashlar/testing/cluster';
import { CliProject, whyNoPulumi } from './support/pulumi-cli';

const ROOT = path.join(__dirname, '../..');
const SECRET = 'correct-horse-battery';
const why = whyNoPulumi();

/** A program that deploys a small platform of its own. */
const program = (say: string, options = ''): string => `
const pulumi = require('@pulumi/pulumi');
const { BoundedContext, Config, Key, Microservice, RedisStore, Scale, Size, accept, definePlatform } = require('ashlar');
const { plainEnvironment } = require('ashlar/charts');
const { deploy } = require('ashlar/stacks');
const image = 'ghcr.io/acme/orders:1.4.2';
const shop = definePlatform('shop', (shop, { apiKey }) => {${say}});
const { endpoints } = deploy(shop, {
  environment: plainEnvironment('prod', 'production'),
  inputs: { apiKey: new pulumi.Config().requireSecret('apiKey') },
  recover: process.env.RECOVER === '1',
  protect: process.env.PROTECT !== '0',
  ${options}
});
exports.endpoints = endpoints;
`;

const SHOP = `
  const ordering = new BoundedContext(shop, 'ordering', { team: 'orders' });
  const carts = new RedisStore(ordering, 'carts', { storage: Size.gibibytes(1), access: 'network' });
  for (const code of ['single-replica', 'no-backup', 'plain-text-connection']) accept(carts, code, 'It is a cache.');
  const limits = new Config(ordering, 'limits', { schema: { MAX: Key.integer() }, values: { MAX: 5 }, change: 'replace' });
  const orders = new Microservice(ordering, 'orders', { image, ports: { http: 8080 }, env: { API_KEY: apiKey }, scale: Scale.between(3, 9) });
  orders.reads(limits);
  const stock = new Microservice(ordering, 'stock', { image: 'ghcr.io/acme/stock:1.0.0', ports: { http: 8080 } });
  orders.calls(stock, { env: 'STOCK' });`;

function projectFor(cluster: Cluster, text: string): CliProject {
  const project = new CliProject({ kubeconfig: cluster.kubeconfig }).program(text);
  expect(project.pulumi(['stack', 'init', 'dev']).code).toBe(0);
  expect(project.pulumi(['config', 'set', '--secret', 'apiKey', SECRET]).code).toBe(0);
  return project;
}

const EXAMPLES = ['online-boutique', 'shop'] as const;

/** The examples as they are, loaded as TypeScript. */
const example = (name: string): string => `
const { createJiti } = require(${JSON.stringify(path.join(ROOT, 'node_modules/jiti'))});
const { deploy } = require('ashlar/stacks');
const alias = { ashlar: require.resolve('ashlar') };
const platform = createJiti(__filename, { alias })(${JSON.stringify(path.join(ROOT, 'examples', name, 'platform.ts'))}).default;
const folder = ${JSON.stringify(path.join(ROOT, 'examples', name, 'environments'))};
exports.endpoints = deploy(platform, { environment: 'prod', folder, protect: process.env.PROTECT !== '0' }).endpoints;
`;

const scenarios = (cluster: () => Cluster): void => {
  jest.setTimeout(900_000);

  test.each(EXAMPLES)('%s: preview, up, no change, destroy', (name) => {
    const project = projectFor(cluster(), example(name));
    try {
      expect(project.pulumi(['preview']).code).toBe(0);
      expect(project.pulumi(['up', '--yes', '--skip-preview'])).toMatchObject({ code: 0 });
      expect(project.changes()).toEqual({});
      expect(project.pulumi(['up', '--yes', '--refresh', '--expect-no-changes'])).toMatchObject({ code: 0 });
      expect(project.pulumi(['destroy', '--yes'])).toMatchObject({ code: 0 });
    } finally {
      project.remove();
    }
  });

  test('one line changes exactly the objects that it should, and destroy stops at data', () => {
    const project = projectFor(cluster(), program(SHOP));
    try {
      expect(project.pulumi(['up', '--yes', '--skip-preview'])).toMatchObject({ code: 0 });
      project.program(program(SHOP.replace('1.0.0', '1.0.1')));
      expect(project.changes()).toEqual({ update: ['ordering/stock'] });
      project.program(program(SHOP.replace('MAX: 5', 'MAX: 6')));
      expect(project.changes()).toEqual({ update: ['ordering/limits', 'ordering/orders'] });
      expect(project.pulumi(['up', '--yes', '--skip-preview'])).toMatchObject({ code: 0 });
      expect(project.pulumi(['destroy', '--yes']).code).not.toBe(0);
      expect(project.pulumi(['up', '--yes', '--skip-preview'], { PROTECT: '0' })).toMatchObject({ code: 0 });
      expect(project.pulumi(['destroy', '--yes'])).toMatchObject({ code: 0 });
      expect(project.everything()).not.toContain(SECRET);
    } finally {
      project.remove();
    }
  });

  test('a scaler’s number of pods stays, with and without a refresh', async () => {
    const project = projectFor(cluster(), program(SHOP));
    try {
      expect(project.pulumi(['up', '--yes', '--skip-preview'], { PROTECT: '0' })).toMatchObject({ code: 0 });
      const orders = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { namespace: 'ordering', name: 'orders' } };
      await cluster().patch(orders, { spec: { replicas: 5 } });
      expect(project.changes()).toEqual({});
      expect(project.pulumi(['up', '--yes', '--refresh', '--expect-no-changes'])).toMatchObject({ code: 0 });
      const live = await cluster().get<{ spec: { replicas: number } }>(orders);
      expect(live?.spec.replicas).toBe(5);
      expect(project.pulumi(['destroy', '--yes'])).toMatchObject({ code: 0 });
    } finally {
      project.remove();
    }
  });

  test('moving and reordering constructs, and renaming a context, replaces nothing', () => {
    const project = projectFor(cluster(), program(SHOP));
    try {
      expect(project.pulumi(['up', '--yes', '--skip-preview'], { PROTECT: '0' })).toMatchObject({ code: 0 });
      const lines = SHOP.trim().split('\n');
      const [stock = ''] = lines.splice(-2, 1);
      project.program(program([lines[0], stock, ...lines.slice(1)].join('\n')));
      expect(project.changes()).toEqual({});
      project.program(program(SHOP.replace("'ordering', { team", "'sales', { namespace: 'ordering', team")));
      expect(Object.keys(project.changes()).filter((op) => /replace|delete-replaced/.test(op))).toEqual([]);
      project.program(program(SHOP));
      expect(project.pulumi(['destroy', '--yes'])).toMatchObject({ code: 0 });
    } finally {
      project.remove();
    }
  });

  test('an up that was killed ends, after what the docs say, where it would have ended', async () => {
    const project = projectFor(cluster(), program(SHOP));
    try {
      const killed = project.start(['up', '--yes', '--skip-preview']);
      await cluster().until(() =>
        cluster().has({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'ordering' } }),
      );
      process.kill(-(killed.pid ?? 0), 'SIGKILL');
      expect(project.pulumi(['cancel', '--yes'])).toMatchObject({ code: 0 });
      const recovered = project.pulumi(['up', '--yes', '--skip-preview'], { RECOVER: '1', PROTECT: '0' });
      expect(recovered).toMatchObject({ code: 0 });
      expect(recovered.output).toContain('Switch it off for the next run');
      expect(project.pulumi(['up', '--yes', '--refresh'], { PROTECT: '0' })).toMatchObject({ code: 0 });
      expect(project.pulumi(['up', '--yes', '--expect-no-changes'], { PROTECT: '0' })).toMatchObject({ code: 0 });
      expect(project.pulumi(['destroy', '--yes'])).toMatchObject({ code: 0 });
    } finally {
      project.remove();
    }
  });

  test('a configuration that rolls can go back to an earlier content', () => {
    const rolls = SHOP.replace(", change: 'replace'", '');
    const project = projectFor(cluster(), program(rolls));
    try {
      for (const max of ['5', '6', '5']) {
        project.program(program(rolls.replace('MAX: 5', `MAX: ${max}`)));
        expect(project.pulumi(['up', '--yes', '--skip-preview'], { PROTECT: '0' })).toMatchObject({ code: 0 });
      }
      expect(project.pulumi(['destroy', '--yes'])).toMatchObject({ code: 0 });
    } finally {
      project.remove();
    }
  });
};

if (why === undefined) proof('pulumi', scenarios);
else describe.skip(`pulumi (skipped: ${why})`, () => scenarios(() => undefined as never));
