import { parseAllDocuments } from 'yaml';
import { transpileModule, type CompilerOptions } from 'typescript';
import { Workspace } from '../support/command';

const workspace = new Workspace();
afterAll(() => workspace.remove());

const PROGRAM = `
import { BoundedContext, Microservice, Secret, definePlatform } from 'ashlar';

export default definePlatform('shop', (shop) => {
  const billing = new BoundedContext(shop, 'billing', { team: 'billing' });
  const ordering = new BoundedContext(shop, 'ordering', { team: 'orders' });
  const payments = new Microservice(billing, 'payments', { image: 'ghcr.io/acme/payments:1.0.0' });
  const orders = new Microservice(ordering, 'orders', { image: 'ghcr.io/acme/orders:1.0.0' });
  const webhooks = new Secret(billing, 'webhooks', { keys: { hmac: Secret.random(48) } });
  const admin = new Secret(billing, 'admin', {
    kind: 'kubernetes.io/basic-auth',
    keys: { username: Secret.text('admin'), password: Secret.random(20) },
  });
  const acquirer = new Secret(billing, 'acquirer', {
    keys: { 'api-key': Secret.known('acquirer/api-key'), salt: Secret.random() },
  });
  payments.reads(webhooks, { folder: '/etc/webhooks' }).reads(acquirer, { folder: '/etc/acquirer' });
  payments.reads(admin, { folder: '/etc/admin' });
  orders.reads(webhooks, { folder: '/etc/webhooks' });
});
`;

workspace.write({
  'shop/platform.ts': PROGRAM,
  'shop/environments/dev.yaml': 'tier: development\n',
  'shop/environments/prod.yaml': `tier: production
zones: [a, b, c]
backEnds:
  secrets: { name: external-secrets, options: { store: { name: vault }, random: stored } }
`,
  'shop/environments/sealed.yaml': 'tier: staging\nbackEnds: { secrets: { name: sealed } }\n',
});

interface Made {
  readonly kind: string;
  readonly type: string;
  readonly immutable: boolean;
  readonly metadata: { readonly namespace: string; readonly name: string };
  readonly stringData: Readonly<Record<string, string>>;
}

const documentsIn = (text: string): readonly Made[] =>
  [...parseAllDocuments(text)].map((document) => document.toJS() as Made);

const ashlar = (...args: readonly string[]) => workspace.ashlar(args, 'shop');

describe('ashlar secrets', () => {
  const made = ashlar('secrets', '--env', 'dev');
  const all = documentsIn(made.stdout);
  const byName = new Map(all.map((secret) => [`${secret.metadata.namespace}/${secret.metadata.name}`, secret]));

  test('writes those that are random, and data alone, to standard output', () => {
    expect(made.code).toBe(0);
    expect([...byName.keys()]).toEqual(['billing/admin-v1', 'billing/webhooks-v1', 'ordering/billing-webhooks-v1']);
    expect(all.map(({ kind, immutable }) => [kind, immutable])).toEqual(all.map(() => ['Secret', true]));
    expect(byName.get('billing/admin-v1')).toMatchObject({
      type: 'kubernetes.io/basic-auth',
      stringData: { username: 'admin', password: expect.stringMatching(/^[A-Za-z0-9]{20}$/) as string },
    });
  });

  test('one random value is the same in all Secrets of a run, and another one in the next', () => {
    const hmac = byName.get('billing/webhooks-v1')?.stringData['hmac'] ?? '';
    expect(hmac).toMatch(/^[A-Za-z0-9]{48}$/);
    expect(byName.get('ordering/billing-webhooks-v1')?.stringData).toEqual({ hmac });
    expect(ashlar('secrets', '--env', 'dev').stdout).not.toContain(hmac);
  });

  test('tells on standard error what it made, and how people make the rest, without a value', () => {
    expect(made.stderr).toContain('Secrets for dev: billing/admin-v1, billing/webhooks-v1');
    expect(made.stderr).toMatch(/billing\/acquirer-v1 is made by whoever knows/);
    expect(made.stderr).toContain('api-key  known as acquirer/api-key');
    expect(made.stderr).toContain('salt     random, 32 letters or digits: openssl rand -hex 16');
    expect(made.stderr).toContain('kubectl create secret generic acquirer-v1 --namespace billing --type Opaque');
    for (const { stringData } of all) {
      for (const [key, value] of Object.entries(stringData)) {
        if (key !== 'username') expect(made.stderr).not.toContain(value);
      }
    }
  });

  test('makes only those that are named, by name or with the namespace', () => {
    const { code, stdout, stderr } = ashlar('secrets', '--env', 'dev', '--only', 'admin-v1');
    expect(code).toBe(0);
    expect(documentsIn(stdout).map(({ metadata }) => metadata.name)).toEqual(['admin-v1']);
    expect(stderr).not.toContain('acquirer');
    const known = ashlar('secrets', '--env', 'dev', '--only', 'billing/acquirer-v1');
    expect(known).toMatchObject({ code: 0, stdout: '' });
    expect(known.stderr).toContain('acquirer-v1');
  });

  test('refuses to give one value two contents', () => {
    const { code, stdout, stderr } = ashlar('secrets', '--env', 'dev', '--only', 'billing/webhooks-v1');
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain('shared-value');
    expect(stderr).toContain('--only ordering/billing-webhooks-v1');
  });

  test('refuses a name that nobody needs, and lists those that there are', () => {
    const { code, stderr } = ashlar('secrets', '--env', 'dev', '--only', 'webhook-v1');
    expect(code).toBe(2);
    expect(stderr).toMatch(/unknown-secret[\s\S]*billing\/webhooks-v1/);
  });

  test('has nothing to make where the back end makes all', () => {
    const { code, stdout, stderr } = ashlar('secrets', '--env', 'prod');
    expect([code, stdout]).toEqual([0, '']);
    expect(stderr).toContain('no Secret to make for prod');
  });

  test('makes what is to be sealed, although that it is not is an error elsewhere', () => {
    expect(ashlar('check', '--env', 'sealed').code).toBe(1);
    const { code, stdout } = ashlar('secrets', '--env', 'sealed');
    expect([code, documentsIn(stdout).length]).toEqual([0, 3]);
  });

  test('makes nothing where findings stand in the way', () => {
    workspace.write({
      'wrong/platform.ts': PROGRAM.replace("Secret.known('acquirer/api-key')", "'hunter2-hunter2' as never"),
      'wrong/environments/dev.yaml': 'tier: development\n',
    });
    const { code, stdout, stderr } = workspace.ashlar(['secrets', '--env', 'dev'], 'wrong');
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain('secret-in-program');
    expect(stderr).not.toContain('hunter2');
  });

  test('shows no value on a terminal', () => {
    workspace.write({ 'terminal.cjs': 'process.stdout.isTTY = true;' });
    const { code, stdout } = workspace.ashlar(['secrets', '--env', 'dev'], 'shop', ['--require', '../terminal.cjs']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/billing\/webhooks-v1 +Opaque +hmac/);
    expect(stdout).toContain('ashlar secrets --env dev | kubectl create -f -');
    expect(stdout).not.toContain('stringData');
    expect(stdout).not.toMatch(/[A-Za-z0-9]{20}/);
  });
});

describe('sealed Secrets in the repository', () => {
  const sealed = (namespace: string, name: string, ...keys: readonly string[]): string => `---
apiVersion: bitnami.com/v1alpha1
kind: SealedSecret
metadata: { name: ${name}, namespace: ${namespace} }
spec: { encryptedData: { ${keys.map((key) => `${key}: AgBy8hCC`).join(', ')} } }
`;
  const FOLDER = 'sealed/environments/secrets/prod';

  beforeAll(() => {
    workspace.write({
      'sealed/platform.ts': PROGRAM,
      'sealed/environments/prod.yaml':
        'tier: production\nzones: [a, b]\nservices: { "*": { settings: { scale: { min: 2 } } } }\nbackEnds: { secrets: { name: sealed } }\n',
      [`${FOLDER}/billing.yaml`]:
        sealed('billing', 'admin-v1', 'username', 'password') + sealed('billing', 'acquirer-v1', 'api-key', 'salt'),
      [`${FOLDER}/webhooks.yml`]: sealed('billing', 'webhooks-v1', 'hmac'),
      [`${FOLDER}/notes.txt`]: 'not looked at',
    });
  });

  test('are read from the folder of the environment, each with its place', () => {
    const { code, stdout } = workspace.ashlar(['check'], 'sealed');
    expect(code).toBe(1);
    expect(stdout).toContain('prod: 1 error\n');
    expect(stdout).toMatch(/sealed-secret-missing {2}shop\/billing\/webhooks[\s\S]*ordering\/billing-webhooks-v1/);
    workspace.write({ [`${FOLDER}/ordering.yaml`]: sealed('ordering', 'billing-webhooks-v1', 'hmac', 'old') });
    expect(workspace.ashlar(['check'], 'sealed').stdout).toMatch(
      /sealed-keys-differ[\s\S]*at +environments\/secrets\/prod\/ordering\.yaml:2:1[\s\S]*got +hmac, old/,
    );
    workspace.write({ [`${FOLDER}/ordering.yaml`]: sealed('ordering', 'billing-webhooks-v1', 'hmac') });
    expect(workspace.ashlar(['synth'], 'sealed')).toMatchObject({ code: 0, stderr: '' });
  });

  test('that are no YAML are told with their place', () => {
    workspace.write({ [`${FOLDER}/broken.yaml`]: 'kind: SealedSecret\nspec: [\n' });
    const { code, stderr } = workspace.ashlar(['check'], 'sealed');
    expect(code).toBe(2);
    expect(stderr).toContain('malformed-environment  environments/secrets/prod/broken.yaml:3:1');
  });
});

describe('ashlar prerequisites', () => {
  test('lists Secrets with who makes them and who needs them', () => {
    const { code, stdout, stderr } = ashlar('prerequisites', '--env', 'dev');
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(
      /billing\/acquirer-v1 +Opaque +api-key \(known as acquirer\/api-key\), salt \(random\) +people +billing\/acquirer/,
    );
    expect(stdout).toMatch(/billing\/admin-v1 +kubernetes.io\/basic-auth .* ashlar secrets /);
  });

  test('lists operators with their charts, what they define, and their values', () => {
    const { stdout } = ashlar('prerequisites', '--env', 'prod');
    expect(stdout).toMatch(/external-secrets +1\.3\.2 +external-secrets +https:\/\/charts\.external-secrets\.io /);
    expect(ashlar('prerequisites', '--env', 'sealed').stdout).toContain(
      'sealed-secrets with values {"fullnameOverride":"sealed-secrets-controller"}',
    );
  });

  test('writes the commands of Helm, and tells of Secrets apart', () => {
    const { code, stdout, stderr } = ashlar('prerequisites', '--env', 'sealed', '--format', 'helm');
    expect(code).toBe(0);
    expect(stdout).toBe(
      'helm upgrade --install sealed-secrets sealed-secrets --repo https://bitnami.github.io/sealed-secrets ' +
        "--version 2.19.3 --namespace kube-system --create-namespace --wait --values - <<'VALUES'\n" +
        'fullnameOverride: sealed-secrets-controller\nVALUES\n',
    );
    expect(stderr).toContain('4 Secrets have to be there: ashlar secrets --env sealed');
  });

  test('writes Applications of Argo CD', () => {
    const { stdout } = ashlar('prerequisites', '--env', 'prod', '--format', 'argocd');
    expect(documentsIn(stdout)).toMatchObject([
      {
        kind: 'Application',
        metadata: { name: 'external-secrets', namespace: 'argocd' },
        spec: {
          source: { repoURL: 'https://charts.external-secrets.io', chart: 'external-secrets', targetRevision: '1.3.2' },
          destination: { namespace: 'external-secrets' },
        },
      },
    ]);
  });

  test('writes a program of Pulumi that makes the releases', () => {
    const { stdout } = ashlar('prerequisites', '--env', 'sealed', '--format', 'pulumi');
    const compilerOptions: CompilerOptions = { module: 1 };
    const { outputText, diagnostics } = transpileModule(stdout, { compilerOptions, reportDiagnostics: true });
    expect(diagnostics).toEqual([]);
    const made: unknown[] = [];
    class Release {
      constructor(name: string, args: object) {
        made.push({ resource: name, ...args });
      }
    }
    // The program is run with a stand-in for Pulumi's package.
    // eslint-disable-next-line @typescript-eslint/no-implied-eval
    const run = new Function('require', 'exports', outputText) as (load: () => unknown, exports: object) => void;
    run(() => ({ helm: { v3: { Release } } }), {});
    expect(made).toEqual([
      {
        resource: 'sealed-secrets',
        name: 'sealed-secrets',
        chart: 'sealed-secrets',
        repositoryOpts: { repo: 'https://bitnami.github.io/sealed-secrets' },
        version: '2.19.3',
        namespace: 'kube-system',
        createNamespace: true,
        values: { fullnameOverride: 'sealed-secrets-controller' },
      },
    ]);
  });

  test('says so where nothing is needed', () => {
    workspace.write({
      'plain/platform.ts': `import { definePlatform } from 'ashlar'; export default definePlatform('plain', () => {});`,
      'plain/environments/dev.yaml': 'tier: development\n',
    });
    expect(workspace.ashlar(['prerequisites', '--env', 'dev'], 'plain')).toMatchObject({
      code: 0,
      stdout: 'Nothing has to be there before dev.\n',
    });
    expect(workspace.ashlar(['prerequisites', '--format', 'helm'], 'plain')).toMatchObject({ code: 0, stdout: '' });
  });

  test('tells of two back ends that want one operator in two ways', () => {
    workspace.write({
      'conflict/platform.ts': `import { BoundedContext, definePlatform, prerequisite } from 'ashlar';
const wants = (id: string, version: string) => prerequisite(id, (graph) => [{ at: graph.root, needs: {
  type: 'release', name: 'queue', namespace: 'queues', version, groups: [],
  chart: { repository: 'oci://ghcr.io/acme/charts', name: 'queue', version } } }]);
const extension = { name: 'acme', pieces: [wants('acme.a', '1.0.0'), wants('acme.b', '2.0.0')] };
export default definePlatform('shop', { extensions: [extension] }, () => {});`,
      'conflict/environments/dev.yaml': 'tier: development\n',
    });
    const { code, stdout, stderr } = workspace.ashlar(['prerequisites', '--format', 'helm'], 'conflict');
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/prerequisite-conflict[\s\S]*"1\.0\.0" by shop or "2\.0\.0" by shop/);
  });

  test('refuses an unknown format and names those that exist', () => {
    const { code, stderr } = ashlar('prerequisites', '--format', 'terraform');
    expect(code).toBe(2);
    expect(stderr).toContain('table, helm, pulumi, argocd');
  });
});

test.each(['bash', 'fish'])('completion for %s knows the formats', (shell) => {
  expect(workspace.ashlar(['completion', shell]).stdout).toContain('table helm pulumi argocd');
});
