import * as pulumi from '@pulumi/pulumi';
import {
  BoundedContext,
  Config,
  ConfigFile,
  ExternalService,
  Key,
  Manifest,
  Microservice,
  Quote,
  RedisStore,
  accept,
  definePlatform,
  type Deferred,
} from 'ashlar';
import { plainEnvironment } from 'ashlar/charts';
import { deploy, type Deployed } from 'ashlar/stacks';
import {
  RecordingEngine,
  SECRET,
  UNKNOWN,
  recordedAs,
  type Answers,
  type Recording,
} from '../support/recording-engine';

const engine = new RecordingEngine();
jest.setTimeout(60_000);
beforeAll(() => engine.start());
afterAll(() => engine.stop());

/** What programs export. */
const exported = ({ endpoints, objects }: Deployed): object => ({ endpoints, objects });

/** A database of a cloud: its address and its password are known once it is there. */
class ManagedDatabase extends pulumi.CustomResource {
  declare readonly address: pulumi.Output<string>;
  declare readonly port: pulumi.Output<number>;
  declare readonly password: pulumi.Output<string>;

  constructor(name: string) {
    const outputs = { address: undefined, port: undefined, password: undefined };
    super('cloud:sql:Database', name, outputs, { additionalSecretOutputs: ['password'] });
  }
}

const ADDRESS = 'db-1.cloud.example';
const PASSWORD = 'correct-horse "battery" staple';
const answers: Answers = {
  'cloud:sql:Database': () => ({ address: ADDRESS, port: 5433, password: PASSWORD }),
};
const DATABASE = 'urn:pulumi:dev::shop::cloud:sql:Database::orders';

interface Inputs {
  readonly address: Deferred<string>;
  readonly port: Deferred<number>;
  readonly password: Deferred<string>;
  readonly size: Deferred<string>;
  readonly tag: Deferred<string>;
}

/** Uses each Output in each way in which one can be used. */
const shop = definePlatform<Inputs>('shop', (platform, { address, port, password, size, tag }) => {
  const ordering = new BoundedContext(platform, 'ordering', { team: 'orders' });
  const database = ExternalService.of(ordering, 'db', { host: address, ports: { postgres: 5432 } });
  const settings = new Config(ordering, 'settings', {
    schema: { URL: Key.text(), DSN: Key.text(), PLAIN: Key.text() },
    values: { URL: `postgres://${String(address)}/orders`, DSN: `user:${String(password)}`, PLAIN: 'x' },
  });
  const files = new Config(ordering, 'files', {
    schema: { 'app.json': Key.text(), port: Key.integer(), 'secret.json': Key.text() },
    values: {
      'app.json': JSON.stringify({ host: address, tags: ['a', tag] }),
      port,
      'secret.json': JSON.stringify({ password }),
    },
    folder: '/etc/orders',
  });
  const orders = new Microservice(ordering, 'orders', {
    image: `ghcr.io/acme/orders:${String(tag)}`,
    env: { HOST: address, PASSWORD: password, BOTH: ['a', password].join('-') },
    sidecars: { proxy: { image: 'ghcr.io/acme/proxy:1.0.0', env: { TOKEN: password, UPSTREAM: address } } },
  });
  orders
    .calls(database, { env: { DB_ADDR: 'host:port', DB_URL: 'url' } })
    .reads(settings)
    .reads(files);
  accept(new RedisStore(ordering, 'carts', { storage: size, access: 'network' }), 'single-replica', 'It is a cache.');
  Manifest.from(ordering, 'raw', {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'raw', annotations: { port } },
    spec: { type: 'ExternalName', externalName: address, ports: [{ port: 1 }] },
  });
});

function run(preview: boolean, environment = plainEnvironment('dev', 'development')): Promise<Recording> {
  return engine.run(
    () => {
      const { address, port, password } = new ManagedDatabase('orders');
      const size = pulumi.output('20Gi');
      const inputs = { address, port, password, size, tag: pulumi.output('1.4.2') };
      return exported(deploy(shop, { environment, inputs }));
    },
    { preview, answers },
  );
}

// A recording is data of any shape.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
const inputsOf = (recording: Recording, kind: string, name: string): any => recordedAs(recording, kind, name).inputs;

function mainContainer(recording: Recording): {
  env: { name: string; value?: unknown; valueFrom?: unknown }[];
  image: unknown;
} {
  return inputsOf(recording, 'Deployment', 'ordering/orders').spec.template.spec.containers[0];
}

const variable = (recording: Recording, name: string) => mainContainer(recording).env.find((one) => one.name === name);

describe('in an update', () => {
  let up: Recording;
  beforeAll(async () => {
    up = await run(false);
  });

  test('nothing fails', () => expect(up.error).toBeUndefined());

  test.each([
    ['a variable', () => variable(up, 'HOST')?.value, ADDRESS],
    ['an image, in a template literal', () => mainContainer(up).image, 'ghcr.io/acme/orders:1.4.2'],
    ['the host of a call', () => variable(up, 'DB_ADDR')?.value, `${ADDRESS}:5432`],
    ['a URL', () => variable(up, 'DB_URL')?.value, `tcp://${ADDRESS}:5432`],
    ['a configuration', () => inputsOf(up, 'ConfigMap', 'ordering/settings').data.URL, `postgres://${ADDRESS}/orders`],
    [
      'a file',
      () => inputsOf(up, 'ConfigMap', 'ordering/files').data['app.json'],
      `{"host":"${ADDRESS}","tags":["a","1.4.2"]}`,
    ],
    ['a number among texts', () => inputsOf(up, 'ConfigMap', 'ordering/files').data.port, '5433'],
    ['a number in an annotation', () => inputsOf(up, 'Service', 'ordering/raw').metadata.annotations.port, '5433'],
    ['a field of a plain manifest', () => inputsOf(up, 'Service', 'ordering/raw').spec.externalName, ADDRESS],
    [
      'the size of a volume',
      () => inputsOf(up, 'StatefulSet', 'ordering/carts').spec.volumeClaimTemplates[0].spec.resources.requests.storage,
      '20Gi',
    ],
  ])('it stands in %s', (_where, got, wanted) => expect(got()).toBe(wanted));

  test('a secret is in a Secret object, encrypted, and the variable leads there', () => {
    expect(variable(up, 'PASSWORD')).toEqual({
      name: 'PASSWORD',
      valueFrom: { secretKeyRef: { name: 'orders-variables', key: 'PASSWORD' } },
    });
    expect(inputsOf(up, 'Secret', 'ordering/orders-variables').stringData).toEqual(
      SECRET({ BOTH: `a-${PASSWORD}`, PASSWORD, 'proxy.TOKEN': PASSWORD }),
    );
  });

  test('so it is for sidecars, and what is no secret there stays readable', () => {
    const [proxy] = inputsOf(up, 'Deployment', 'ordering/orders').spec.template.spec.initContainers;
    expect(proxy.env).toEqual([
      { name: 'TOKEN', valueFrom: { secretKeyRef: { name: 'orders-variables', key: 'proxy.TOKEN' } } },
      { name: 'UPSTREAM', value: ADDRESS },
    ]);
  });

  test('so it is for configurations: the secret keys lie beside the others', () => {
    expect(inputsOf(up, 'ConfigMap', 'ordering/settings').data).toEqual({
      PLAIN: 'x',
      URL: `postgres://${ADDRESS}/orders`,
    });
    expect(inputsOf(up, 'Secret', 'ordering/settings').stringData).toEqual(SECRET({ DSN: `user:${PASSWORD}` }));
    expect(variable(up, 'DSN')?.valueFrom).toEqual({ secretKeyRef: { name: 'settings', key: 'DSN' } });
    const { volumes } = inputsOf(up, 'Deployment', 'ordering/orders').spec.template.spec;
    expect(volumes).toContainEqual({
      name: 'files',
      projected: { sources: [{ configMap: { name: 'files' } }, { secret: { name: 'files' } }] },
    });
  });

  test('pods roll when a value changes, secret or not: the checksums follow the values', async () => {
    const { annotations } = inputsOf(up, 'Deployment', 'ordering/orders').spec.template.metadata as {
      annotations: Readonly<Record<string, string>>;
    };
    expect(Object.keys(annotations).sort()).toEqual([
      'config.ashlar.dev/files',
      'config.ashlar.dev/settings',
      'secret.ashlar.dev/orders-variables',
    ]);
    expect(annotations['secret.ashlar.dev/orders-variables']).toEqual(SECRET(expect.stringMatching(/^[0-9a-f]{10}$/)));
    const rotated = await engine.run(
      () => {
        const { address, port } = new ManagedDatabase('orders');
        const inputs = {
          address,
          port,
          password: pulumi.secret('other'),
          size: pulumi.output('20Gi'),
          tag: pulumi.output('1.4.2'),
        };
        return exported(deploy(shop, { environment: plainEnvironment('dev', 'development'), inputs }));
      },
      { answers },
    );
    const after = inputsOf(rotated, 'Deployment', 'ordering/orders').spec.template.metadata.annotations;
    expect(after['secret.ashlar.dev/orders-variables']).not.toEqual(annotations['secret.ashlar.dev/orders-variables']);
    expect(after['config.ashlar.dev/settings']).not.toEqual(annotations['config.ashlar.dev/settings']);
  });

  test('what uses an Output depends on its resource, at the property that uses it', () => {
    const { propertyDependencies, dependencies } = recordedAs(up, 'Deployment', 'ordering/orders');
    expect(propertyDependencies).toMatchObject({ spec: [DATABASE], metadata: [] });
    expect(dependencies).toContain(DATABASE);
    expect(recordedAs(up, 'Namespace', 'ordering').dependencies).not.toContain(DATABASE);
  });

  test('the text of the secret is nowhere but inside of secrets', () => {
    const open = up.registered.map(({ inputs, ...rest }) => JSON.stringify([withoutSecrets(inputs), rest]));
    const texts = [...open, ...up.log, JSON.stringify(withoutSecrets(up.outputs))];
    expect(texts.filter((text) => text.includes('horse'))).toEqual([]);
  });
});

function withoutSecrets(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutSecrets);
  if (typeof value !== 'object' || value === null) return value;
  if ('secret' in value && Object.keys(value).length === 1) return 'hidden';
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withoutSecrets(item)]));
}

describe('in a preview', () => {
  let preview: Recording;
  beforeAll(async () => {
    preview = await run(true);
  });

  test('one field is unknown, and not the object around it', () => {
    expect(preview.error).toBeUndefined();
    expect(variable(preview, 'HOST')?.value).toBe(UNKNOWN);
    expect(variable(preview, 'DB_ADDR')?.value).toBe(UNKNOWN);
    expect(mainContainer(preview).image).toBe('ghcr.io/acme/orders:1.4.2');
    expect(inputsOf(preview, 'ConfigMap', 'ordering/settings').data).toEqual({ PLAIN: 'x', URL: UNKNOWN });
  });

  test('the same objects are planned as in the update', async () => {
    const up = await run(false);
    const names = ({ registered }: Recording) => registered.map(({ urn }) => urn).sort();
    expect(names(preview)).toEqual(names(up));
  });
});

const dev = plainEnvironment('dev', 'development');

test('a file is written once its values are known, as its format wants them', async () => {
  const definition = definePlatform<Omit<Inputs, 'size' | 'tag'>>('shop', (platform, { address, port, password }) => {
    const context = new BoundedContext(platform, 'ordering', { team: 'orders' });
    const database = ExternalService.of(context, 'db', { host: address, ports: { postgres: 5432 } });
    const config = new Config(context, 'files', {
      schema: { 'db.host': Key.text(), 'db.port': Key.integer(), 'db.password': Key.text() },
      values: { 'db.host': Quote.of(database, 'host'), 'db.port': port, 'db.password': password },
      folder: '/etc/orders',
      files: {
        'app.yaml': ConfigFile.yaml(),
        'db.url': ConfigFile.template('db://{{db.host}}:{{db.port}}/{{db.password}}'),
      },
    });
    const open = new Config(context, 'open', {
      schema: { host: Key.text() },
      values: { host: address },
      folder: '/etc/open',
      files: { 'app.properties': ConfigFile.properties() },
    });
    new Microservice(context, 'orders', { image: 'ghcr.io/acme/orders:1.0.0' })
      .reads(config)
      .reads(open)
      .calls(database);
  });
  const recording = await engine.run(
    () => {
      const { address, port, password } = new ManagedDatabase('orders');
      return exported(deploy(definition, { environment: dev, inputs: { address, port, password } }));
    },
    { answers },
  );
  expect(recording.error).toBeUndefined();
  const yaml = `db:\n  host: ${ADDRESS}\n  password: ${PASSWORD}\n  port: 5433\n`;
  expect(inputsOf(recording, 'Secret', 'ordering/files').stringData).toEqual(
    SECRET({ 'app.yaml': yaml, 'db.url': `db://${ADDRESS}:5433/${PASSWORD}` }),
  );
  expect(inputsOf(recording, 'ConfigMap', 'ordering/open').data).toEqual({ 'app.properties': `host=${ADDRESS}\n` });
});

test('an Output that no input announced may be any prop as well', async () => {
  const recording = await engine.run(() => {
    const url = pulumi.secret('https://hook.example/secret');
    const definition = definePlatform('shop', (platform) => {
      const context = new BoundedContext(platform, 'ordering', { team: 'orders' });
      new Microservice(context, 'orders', { image: 'ghcr.io/acme/orders:1.0.0', env: { HOOK: url } });
    });
    return exported(deploy(definition, { environment: dev }));
  });
  expect(inputsOf(recording, 'Secret', 'ordering/orders-variables').stringData).toEqual(
    SECRET({ HOOK: 'https://hook.example/secret' }),
  );
});

test('a plain input is as if the program had said it', async () => {
  const definition = definePlatform<{ readonly tag: string }>('shop', (platform, { tag }) => {
    const context = new BoundedContext(platform, 'ordering', { team: 'orders' });
    new Microservice(context, 'orders', { image: `ghcr.io/acme/orders:${tag}` });
  });
  const recording = await engine.run(() =>
    exported(deploy(definition, { environment: dev, inputs: { tag: '2.0.0' } })),
  );
  expect(mainContainer(recording).image).toBe('ghcr.io/acme/orders:2.0.0');
});
