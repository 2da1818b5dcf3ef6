/** Programs that are wrong, run by the SDK's own host: what is told, and that nothing was registered before. */
import { PulumiProject } from '../support/pulumi-project';
import { RecordingEngine, type Recording } from '../support/recording-engine';

const project = new PulumiProject();
const engine = new RecordingEngine();
jest.setTimeout(60_000);
beforeAll(() => engine.start());
afterAll(() => {
  engine.stop();
  project.remove();
});

const HEAD = `
const pulumi = require('@pulumi/pulumi');
const { BoundedContext, Config, Key, Manifest, Microservice, Port, definePlatform } = require('ashlar');
const { plainEnvironment } = require('ashlar/charts');
const { deploy } = require('ashlar/stacks');
const environment = plainEnvironment('dev', 'development');
const image = 'ghcr.io/acme/orders:1.4.2';
const later = pulumi.output('later');
const secret = pulumi.secret('hush-hush');
const platform = (say) => definePlatform('shop', (shop, inputs) => say(new BoundedContext(shop, 'ordering', { team: 'orders' }), inputs, shop));
const good = platform((ordering) => void new Microservice(ordering, 'orders', { image }));
`;

let count = 0;
/** What was said, and of how many Kubernetes objects the engine heard. */
async function run(body: string): Promise<{ readonly said: string; readonly registered: number }> {
  const file = `program-${(count += 1)}.js`;
  project.write({ [file]: HEAD + body });
  const { error, log, registered }: Recording = await engine.runFile(project.path(file), {
    env: { KUBECONFIG: project.path('none') },
  });
  const objects = registered.filter(({ type }) => type.startsWith('kubernetes:'));
  return { said: `${error ?? 'no error'}\n${log.join('\n')}`, registered: objects.length };
}

const service = (props: string): string =>
  `deploy(platform((ordering, inputs) => void new Microservice(ordering, 'orders', { image, ${props} })), { environment, inputs: {} });`;
const raw = (manifest: string): string =>
  `deploy(platform((ordering) => void Manifest.from(ordering, 'raw', ${manifest})), { environment });`;
const configMap = (metadata: string, data: string): string =>
  `{ apiVersion: 'v1', kind: 'ConfigMap', metadata: ${metadata}, data: ${data} }`;

test.each([
  [
    'a stack without an environment file',
    `deploy(good, { environment: 'qa' });`,
    ['unknown-environment', 'environments/qa.yaml', 'create'],
  ],
  ['an input that nobody gives', service('env: { KEY: inputs.apiKey }'), ['hole', 'inputs.apiKey of shop', '--input']],
  [
    'an input that nobody asks for',
    `deploy(good, { environment, inputs: { apikey: later } });`,
    ['unknown-input', 'inputs.apikey'],
  ],
  [
    'a program that computes with an input',
    `deploy(platform((ordering, { tag }) => void tag.apply((text) => text)), { environment, inputs: { tag: later } });`,
    ['input-not-known-yet', 'output.apply'],
  ],
  [
    'an Output as a name',
    raw(configMap('{ name: `notes-${inputsOf()}` }', '{}'))
      .replace('deploy(', `const inputsOf = () => '';\ndeploy(`)
      .replace('(ordering) => void', '(ordering, { tag }) => void')
      .replace('inputsOf()}', 'tag}')
      .replace('{ environment }', '{ environment, inputs: { tag: later } }'),
    ['known-too-late', '/metadata/name', 'shop/ordering/raw'],
  ],
  [
    'an Output as an id',
    `deploy(platform((ordering) => void new Microservice(ordering, later, { image })), { environment });`,
    ['bad-name'],
  ],
  ['an Output as a port', service('ports: { http: later }'), ['shop/ordering/orders', 'ports.http']],
  [
    'an Output in a selector',
    raw(
      `{ apiVersion: 'v1', kind: 'Service', metadata: { name: 'raw' }, spec: { selector: { app: later }, ports: [{ port: 80 }] } }`,
    ),
    ['known-too-late', '/spec/selector/app'],
  ],
  ['an Output that was made a text', service('env: { URL: `https://${later}` }'), ['stringified-output', 'env.URL']],
  [
    'a token that was cut',
    `deploy(platform((ordering, { host }) => void new Microservice(ordering, 'orders', { image, env: { H: String(host).slice(0, -3) } })), { environment, inputs: { host: later } });`,
    ['changed-token', 'shop/ordering/orders'],
  ],
  ['a secret in an argument', service(`args: [secret]`), ['secret-in-the-open', 'args', '$(VARIABLE)']],
  [
    'a secret in an annotation',
    raw(configMap(`{ name: 'raw', annotations: { key: secret } }`, '{}')),
    ['secret-in-the-open', '/metadata/annotations/key'],
  ],
  [
    'two programs that own one object',
    `deploy(good, { environment }); deploy(definePlatform('other', good.program), { environment });`,
    ['owned-twice', 'shop/ordering', 'other/ordering'],
  ],
  ['a chart that is not there', `deploy(good, { environment, only: ['order'] });`, ['unknown-chart', 'ordering']],
  [
    'an alias for an object that is not there',
    `deploy(good, { environment, aliases: { 'Deployment/ordering/order': ['a'] } });`,
    ['unknown-object', 'aliases'],
  ],
  [
    'another cluster without a name',
    `deploy(good, { environment, clusters: { ordering: { context: 'eu' } } });`,
    ['cluster-without-name'],
  ],
  [
    'a kind that nobody defines',
    raw(`{ apiVersion: 'acme.example/v1', kind: 'Report', metadata: { name: 'raw' } }`),
    ['unknown-kind', 'CustomResourceDefinition'],
  ],
  [
    'a kubeconfig that is not there',
    `deploy(good, { environment, cluster: { kubeconfig: '/nowhere/config' } });`,
    ['bad-kubeconfig', 'no such file'],
  ],
  [
    'a cluster that does not answer',
    `deploy(good, { environment, cluster: { kubeconfig: JSON.stringify({ 'current-context': 'c',
       contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
       clusters: [{ name: 'c', cluster: { server: 'https://127.0.0.1:9' } }], users: [] }) } });`,
    ['cluster-unreachable', 'https://127.0.0.1:9', 'ECONNREFUSED'],
  ],
])('%s is told, and nothing is half registered', async (_what, body, wanted) => {
  const { said, registered } = await run(body);
  for (const text of wanted) expect(said).toContain(text);
  expect(said).not.toContain('hush-hush');
  expect(said).not.toMatch(/^\s+at .*stacks/m);
  const isFirstWhole = body.includes('other');
  expect(registered > 0).toBe(isFirstWhole);
});

test('an Output that turns out to be nothing is an error with its place', async () => {
  const { said } = await run(
    `deploy(platform((ordering, { url }) => void new Microservice(ordering, 'orders', { image, env: { URL: url } })), {
       environment, inputs: { url: pulumi.output(undefined) } });`,
  );
  expect(said).toMatch(/output-is-empty[\s\S]*inputs\.url of shop/);
});

test('a right program comes to its end', async () => {
  const { said, registered } = await run(`exports.endpoints = deploy(good, { environment }).endpoints;`);
  expect(said).toBe('no error\n');
  expect(registered).toBeGreaterThan(8);
});
