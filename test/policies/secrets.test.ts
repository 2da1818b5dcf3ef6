import fc from 'fast-check';
import { BoundedContext, Config, Key, Manifest, Microservice, accept, type ContainerProps, type Plan } from 'ashlar';
import { isSecret, looksSecret, saysSecret, withoutSecrets } from '../../constructs/model/secrecy';
import { codesOf, planOf } from '../support/plans';

const IMAGE = 'ghcr.io/acme/service:1.0.0';

/** A service that is told this. */
const planWith = (props: Partial<ContainerProps>, accepted = false): Plan =>
  planOf((platform) => {
    const billing = new BoundedContext(platform, 'billing', { team: 'billing' });
    const payments = new Microservice(billing, 'payments', { image: IMAGE, ...props });
    if (accepted) accept(payments, 'secret-in-env', 'It is a word, and no secret.');
  });

test('a variable whose name says that it is a secret is found at its place, and not shown', () => {
  const [finding, ...others] = planWith({ env: { LOG_LEVEL: 'info', DB_PASSWORD: 'hunter2-hunter2' } }).findings;
  expect(others).toEqual([]);
  expect(finding).toMatchObject({
    code: 'secret-in-env',
    path: 'shop/billing/payments',
    object: 'Deployment/billing/payments',
    field: '/spec/template/spec/containers/0/env/0/value',
  });
  expect(JSON.stringify(finding)).not.toContain('hunter2');
});

test('it may be accepted with a reason', () => {
  expect(codesOf(planWith({ env: { DB_PASSWORD: 'hunter2' } }, true))).toEqual([]);
});

test.each<[string, Partial<ContainerProps>]>([
  ['an argument', { args: ['--db-password=hunter2'] }],
  ['an address in an argument', { args: ['--database', 'postgres://shop:hunter2@db/shop'] }],
  ['a command', { command: ['sh', '-c', 'PGHOST=db exec serve --dsn "redis://:hunter2@cache:6379"'] }],
])('%s is looked at as well', (_, props) => {
  expect(codesOf(planWith(props))).toEqual(['secret-in-env']);
});

test('sidecars and init containers are looked at as well', () => {
  const beside = { image: IMAGE, env: { API_TOKEN: 'hunter2' } };
  const plan = planOf((platform) => {
    const billing = new BoundedContext(platform, 'billing', { team: 'billing' });
    const props = { image: IMAGE, sidecars: { proxy: beside }, initContainers: { fetch: beside } };
    new Microservice(billing, 'payments', props);
  });
  expect(codesOf(plan)).toEqual(['secret-in-env', 'secret-in-env']);
});

test('a configuration is looked at as well', () => {
  const plan = planOf((platform) => {
    const billing = new BoundedContext(platform, 'billing', { team: 'billing' });
    const schema = { API_KEY: Key.text(), ENDPOINT: Key.text(), MAX_TOKENS: Key.integer() };
    const values = { API_KEY: 'hunter2', ENDPOINT: 'https://me:hunter2@api.example.com', MAX_TOKENS: 100 };
    new Microservice(billing, 'payments', { image: IMAGE }).reads(new Config(billing, 'limits', { schema, values }));
  });
  expect(plan.findings.map(({ code, field }) => [code, field])).toEqual([
    ['secret-in-env', '/data/API_KEY'],
    ['secret-in-env', '/data/ENDPOINT'],
  ]);
});

test('a Secret with its values is found; one whose values are known later is not', () => {
  const output = { __pulumiOutput: true, apply: () => undefined };
  const plan = planOf((platform) => {
    const billing = new BoundedContext(platform, 'billing', { team: 'billing' });
    const secret = (stringData: object) => ({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'raw' },
      stringData,
    });
    Manifest.from(billing, 'raw', secret({ key: 'hunter2', none: '', later: output }));
  });
  expect(plan.findings.map(({ code, field }) => [code, field])).toEqual([
    ['hole', '/stringData/later'],
    ['secret-in-manifest', '/stringData/key'],
  ]);
});

test.each([
  ['DB_PASSWORD', true],
  ['PGPASSWORD', true],
  ['MYSQL_PWD', true],
  ['RABBITMQ_DEFAULT_PASS', true],
  ['apiKey', true],
  ['X_API_KEY', true],
  ['JWT_SECRET', true],
  ['SECRET_KEY_BASE', true],
  ['AWS_SECRET_ACCESS_KEY', true],
  ['GITHUB_TOKEN', true],
  ['token2', true],
  ['PRIVATE_KEY_BASE64', true],
  ['password.txt', true],
  ['PWD', false],
  ['COMPASS', false],
  ['MAX_TOKENS', false],
  ['TOKEN_TTL_SECONDS', false],
  ['PASSWORD_FILE', false],
  ['SECRET_NAME', false],
  ['AWS_ACCESS_KEY_ID', false],
  ['AUTH_URL', false],
  ['CACHE_KEY', false],
  ['PARTITION_KEY', false],
])('the name %s says it: %s', (name, expected) => {
  expect(saysSecret(name)).toBe(expected);
});

test.each([[''], ['$(STORE_URL_PASSWORD)'], ['${PASSWORD}'], ['true'], ['/var/run/secrets/google/key.json']])(
  '%p is no secret under any name',
  (value) => {
    expect(isSecret('GOOGLE_APPLICATION_CREDENTIALS', value)).toBe(false);
  },
);

const letters = (length: number): string => 'aB3'.repeat(length).slice(0, length);

/** Made here, so that no text of this file has the form of a live secret. */
const LOOKS: readonly (readonly [string, string])[] = [
  ['a private key', `-----BEGIN RSA PRIVATE KEY-----\n${letters(64)}\n-----END RSA PRIVATE KEY-----`],
  ['a password in an address', `postgres://shop:${letters(9)}@db:5432/shop`],
  ['a password without a user', `redis://:${letters(9)}@cache:6379`],
  ['a connection string', `Server=db;User Id=shop;Password=${letters(9)};`],
  ['a JSON Web Token', `eyJ${letters(20)}.eyJ${letters(20)}.${letters(20)}`],
  ['a token of GitHub', `ghp_${letters(36)}`],
  ['a token of GitLab', `glpat-${letters(20)}`],
  ['a key of Stripe', `sk_live_${letters(24)}`],
  ['a token of Slack', `xoxb-${letters(24)}`],
  ['a key of Google', `AIza${letters(35)}`],
];

test.each(LOOKS)('%s looks like a secret, wherever it stands', (_, text) => {
  const around = `Use ${text} or else`;
  expect(looksSecret(around)).toBe(true);
  expect(withoutSecrets(around)).not.toContain(letters(9));
  expect(withoutSecrets(around)).toMatch(/^Use .*\(not shown\).* or else$/s);
});

test.each([
  'https://example.com/a:b@c',
  'postgres://{user}:{password}@db:5432/shop',
  'postgres://$(URL_USER):$(URL_PASSWORD)@db:5432/shop',
  'Server=db;Password=$(PASSWORD)',
  'ghcr.io/acme/service:1.0.0@sha256:abc',
  'team@example.com',
  '-----BEGIN CERTIFICATE-----',
])('%p looks like none', (text) => {
  expect(looksSecret(text)).toBe(false);
});

test('what was hidden once is not found again', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.string(), fc.constantFrom(...LOOKS.map(([, text]) => text)))), (parts) => {
      const shown = withoutSecrets(parts.join(' '));
      expect(withoutSecrets(shown)).toBe(shown);
    }),
  );
});
