import { readFileSync, readdirSync, existsSync } from 'node:fs';
import path from 'node:path';
import { format } from 'node:util';
import {
  BoundedContext,
  Config,
  ExternalService,
  Key,
  Manifest,
  Microservice,
  RedisCache,
  Secret,
  definePlatform,
  isAshlarError,
  patch,
  type Plan,
  type Platform,
  type SecretSource,
} from 'ashlar';
import { loadEnvironment, makePlan, plainEnvironment } from 'ashlar/charts';
import { installMatchers, planSerializer } from 'ashlar/testing';
import { findingText } from '../../constructs/model/finding-text';
import { Workspace } from '../support/command';

installMatchers(expect);

const workspace = new Workspace();
afterAll(() => workspace.remove());

const IMAGE = 'ghcr.io/acme/service:1.0.0';

/** The core of every secret that is planted. It has no form that anybody could know it by. */
const PLANTED = 'Xq7mplanted';

/** Where nothing but its form can tell it. */
const IN_URL = `postgres://shop:${PLANTED}@db.example.com:5432/shop`;

/** An Output of Pulumi, by its shape; what it prints when it is put into a text is no secret. */
const output = { __pulumiOutput: true, apply: (next: (value: string) => unknown) => next(PLANTED) } as const;

/** A program with a secret at one place. */
type Planting = (billing: BoundedContext, platform: Platform) => void;

const service = (billing: BoundedContext, props: object = {}): Microservice =>
  new Microservice(billing, 'payments', { image: IMAGE, ...props });

const config = (billing: BoundedContext, schema: ConstructorParameters<typeof Config>[2]['schema'], values: object) =>
  service(billing).reads(new Config(billing, 'limits', { schema, values }));

/** Everywhere that a user could put a secret, rightly or wrongly. */
const PLACES: Readonly<Record<string, Planting>> = {
  'a variable': (billing) => void service(billing, { env: { DB_PASSWORD: PLANTED } }),
  'a variable with an address': (billing) => void service(billing, { env: { DATABASE: IN_URL } }),
  'a variable that is known later': (billing) => void service(billing, { env: { DB_PASSWORD: output } }),
  'a variable that is no text': (billing) => void service(billing, { env: { DB_PASSWORD: [PLANTED] } }),
  'an EnvValue': (billing) => void service(billing, { env: { DB_PASSWORD: { value: PLANTED } } }),
  'a sidecar': (billing) =>
    void service(billing, { sidecars: { proxy: { image: IMAGE, env: { API_TOKEN: PLANTED } } } }),
  'an argument': (billing) => void service(billing, { args: [`--password=${PLANTED}`, `--dsn=${IN_URL}`] }),
  'a command': (billing) => void service(billing, { command: ['sh', '-c', `serve ${IN_URL}`] }),
  'an image': (billing) => void service(billing, { image: `https://robot:${PLANTED}@ghcr.io/acme/service` }),
  'two writers of one variable': (billing) => {
    const cache = new RedisCache(billing, 'cache');
    service(billing, { env: { CACHE_PASSWORD: PLANTED } }).calls(cache, { env: 'CACHE_PASSWORD' });
  },
  'a configuration': (billing) => void config(billing, { API_KEY: Key.text() }, { API_KEY: PLANTED }),
  'a configuration with an address': (billing) => void config(billing, { DATABASE: Key.url() }, { DATABASE: IN_URL }),
  'a configuration of a wrong type': (billing) =>
    void config(billing, { API_KEY: Key.integer() }, { API_KEY: PLANTED }),
  'an address of a wrong type': (billing) => void config(billing, { DATABASE: Key.integer() }, { DATABASE: IN_URL }),
  'a validator that repeats what it got': (billing) => {
    const validate = (value: unknown) => ({ issues: [{ message: `not ${String(value)}` }] });
    const schema = { API_KEY: { '~standard': { version: 1 as const, vendor: 'acme', validate } } };
    config(billing, schema, { API_KEY: PLANTED });
  },
  'an unknown key of a configuration': (billing) => void config(billing, {}, { API_KEY: PLANTED }),
  'a key of a Secret': (billing) => {
    const keys = { 'api-key': PLANTED as unknown as SecretSource };
    service(billing).reads(new Secret(billing, 'acquirer', { keys }), { folder: '/etc/acquirer' });
  },
  'a key of a Secret that is known later': (billing) => {
    const keys = { 'api-key': output as unknown as SecretSource };
    service(billing).reads(new Secret(billing, 'acquirer', { keys }), { folder: '/etc/acquirer' });
  },
  'a text in a Secret': (billing) => {
    const keys = { password: Secret.text(PLANTED), other: Secret.random() };
    service(billing).reads(new Secret(billing, 'acquirer', { keys }), { folder: '/etc/acquirer' });
  },
  'the name of a value in a store': (billing) => {
    const keys = { 'api-key': Secret.known(`${IN_URL} or so`) };
    service(billing).reads(new Secret(billing, 'acquirer', { keys }), { folder: '/etc/acquirer' });
  },
  'a prop that there is not': (billing) => void service(billing, { password: PLANTED }),
  'a prop of another type': (billing) => void service(billing, { spread: IN_URL, user: IN_URL }),
  'an option of a call': (billing) => {
    const options = { password: PLANTED, env: { DB: IN_URL } } as object;
    service(billing).calls(new RedisCache(billing, 'cache'), options);
  },
  'the address of a peer': (billing, platform) => {
    service(billing).calls(ExternalService.of(platform, 'bank', { host: IN_URL, ports: { https: 443 } }));
  },
  'a Secret as a manifest': (billing) => {
    const stringData = { key: PLANTED };
    Manifest.from(billing, 'raw', { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'raw' }, stringData });
  },
  'a ConfigMap with fields that are not there': (billing) => {
    const data = { password: PLANTED, 'dsn.txt': IN_URL };
    const map = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'raw' }, data, token: PLANTED };
    Manifest.from(billing, 'raw', map);
  },
  'a number in a manifest': (billing) => {
    patch(service(billing), { kind: 'Deployment' }, [
      {
        op: 'add',
        path: '/spec/template/spec/containers/0/env',
        value: [{ name: 'DB_PASSWORD', value: { text: PLANTED } }],
      },
    ]);
  },
  'an error of the program': () => {
    throw new Error(`cannot connect to ${IN_URL}`);
  },
};

const definitionOf = (plant: Planting) =>
  definePlatform('shop', (platform) => plant(new BoundedContext(platform, 'billing', { team: 'billing' }), platform));

const PATHS = Object.entries(PLACES);

/** Whatever an object could be printed as. */
const printed = (...values: readonly unknown[]): string => `${format('%o', ...values)} ${JSON.stringify(values)}`;

describe.each(PATHS)('%s', (_, plant) => {
  const told: string[] = [];
  let plan: Plan | undefined;
  try {
    plan = makePlan(definitionOf(plant), plainEnvironment('dev', 'production'), { trace: true, today: '2026-01-01' });
    told.push(
      printed(plan.findings, plan.accepted, plan.prerequisites),
      ...plan.findings.map((one) => findingText(one)),
    );
  } catch (error) {
    if (!isAshlarError(error)) throw error;
    told.push(error.message, error.stack ?? '', printed(error.findings));
  }

  test('is found', () => {
    expect(plan?.findings.filter(({ severity }) => severity === 'error')).not.toEqual([]);
  });

  test('is in no finding and in no error', () => {
    expect(told.join('\n')).not.toContain(PLANTED);
  });

  test('is in no snapshot and in no failed assertion', () => {
    if (plan === undefined) return;
    const texts = [planSerializer.serialize(plan, {}, ''), planSerializer.serialize(plan.objects, {}, '')];
    for (const { manifest } of plan.objects) {
      const { apiVersion, kind, metadata } = manifest;
      const fails = (): void => expect(plan).toHaveObject(apiVersion, kind, metadata.name, { ...manifest, spec: 1 });
      const passes = (): void => expect(plan).not.toHaveObject(apiVersion, kind, metadata.name);
      for (const assertion of [fails, passes]) texts.push(messageOf(assertion));
    }
    texts.push(messageOf(() => expect(plan).toHaveNoFindings()));
    // What is expected is the test's own text; what is in the plan is marked.
    const ours = texts.join('\n').replace(/^\s*- .*$/gm, '');
    expect(ours).not.toContain(PLANTED);
  });
});

function messageOf(assertion: () => void): string {
  try {
    assertion();
    return '';
  } catch (error) {
    return (error as Error).message;
  }
}

/** The same places as text, for the command: a program that takes its place from a file. */
const PROGRAM = `
import { BoundedContext, Config, Key, Microservice, Secret, definePlatform } from 'ashlar';
export default definePlatform('shop', (shop) => {
  const billing = new BoundedContext(shop, 'billing', { team: 'billing' });
  const payments = new Microservice(billing, 'payments', {
    image: '${IMAGE}',
    env: { DB_PASSWORD: '${PLANTED}', DATABASE: '${IN_URL}' },
    args: ['--token=${PLANTED}'],
  });
  payments.reads(new Config(billing, 'limits', { schema: { API_KEY: Key.text() }, values: { API_KEY: '${PLANTED}' } }));
  payments.reads(new Secret(billing, 'acquirer', { keys: { key: '${PLANTED}' as never } }), { folder: '/etc/acquirer' });
});
`;

describe('a command', () => {
  beforeAll(() => {
    workspace.write({ 'shop/platform.ts': PROGRAM, 'shop/environments/dev.yaml': 'tier: development\n' });
  });

  test.each([
    ['synth', 1],
    ['check', 1],
    ['synth --stdout', 1],
    ['secrets', 1],
    ['prerequisites', 0],
    ['explain', 0],
    ['explain Deployment/billing/payments', 0],
    ['explain ConfigMap/billing/limits-', 2],
  ])('%s shows it nowhere and writes it nowhere', (line, expected) => {
    const { code, stdout, stderr } = workspace.ashlar(line.split(' '), 'shop');
    expect(code).toBe(expected);
    expect(stdout + stderr).not.toContain(PLANTED);
    const out = path.join(workspace.folder, 'shop/k8s/dev');
    const files = existsSync(out) ? readdirSync(out).map((file) => readFileSync(path.join(out, file), 'utf8')) : [];
    expect(files.join('\n')).not.toContain(PLANTED);
  });

  test('explain shows that something is there', () => {
    const { stdout } = workspace.ashlar(['explain', 'Deployment/billing/payments'], 'shop');
    expect(stdout).toMatch(/name: DB_PASSWORD\n +value: \(not shown\)/);
    expect(stdout).toContain('postgres://shop:(not shown)@db.example.com');
  });
});

test.each([
  ['a setting', `settings: { password: ${PLANTED} }`],
  ['a configuration', `config: { API_KEY: "${PLANTED}" }`],
  ['a field that is not there', `password: ${PLANTED}`],
  ['a field with an address', `domain: [ "${IN_URL}" ]`],
  ['options of a back end', `backEnds: { secrets: { name: external-secrets, options: { token: ${PLANTED} } } }`],
  ['a text that is no YAML', `password: "${PLANTED}`],
])('%s of an environment file is told without the text', (_, line) => {
  const folder = path.join(workspace.folder, 'environments');
  workspace.write({ 'environments/dev.yaml': `tier: development\n${line}\n` });
  const definition = definitionOf((billing) => config(billing, { API_KEY: Key.integer() }, {}));
  let told: string;
  try {
    told = printed(makePlan(definition, loadEnvironment(definition, folder, 'dev')).findings);
  } catch (error) {
    told = `${printed(isAshlarError(error) ? error.findings : error)} ${(error as Error).message}`;
  }
  expect(told).toMatch(/error/);
  expect(told).not.toContain(PLANTED);
});
