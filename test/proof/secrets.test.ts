import { spawnSync } from 'node:child_process';
import { Secret, displayNameOf, type KubeObject, type Plan } from 'ashlar';
import { proof, type Cluster } from 'ashlar/testing/cluster';
import { generateSecrets, generatedAmong } from '../../charts/generate-secrets';
import { documentsToYaml } from '../../constructs/model/yaml';
import { findSource } from '../../testing/cluster/engines';
import { ACCEPTED_CHANGES, REFUSED_CHANGES } from '../support/changes';
import { acquiring, secretsBy, type Acquiring } from '../support/secrets';
import { lostFields } from './support/stored';

const RANDOM: Acquiring = {
  keys: { hmac: Secret.random(48), salt: Secret.random(16) },
  payments: { env: { HMAC: 'hmac' }, folder: '/etc/acquirer' },
  orders: { env: { HMAC: 'hmac' } },
};

interface StoredSecret extends KubeObject {
  readonly data: Readonly<Record<string, string>>;
}

/** That of the engines, or the one that is installed. */
function kubectl(): string {
  const source = findSource();
  const engines = source !== undefined && 'engines' in source ? source.engines : undefined;
  return engines?.has('kubectl') === true ? engines.fileOf('kubectl') : 'kubectl';
}

const stored = async (cluster: Cluster, namespace: string, name: string): Promise<StoredSecret | undefined> =>
  cluster.get<StoredSecret>({ apiVersion: 'v1', kind: 'Secret', metadata: { namespace, name } });

/** Applies a plan, and says what was not taken as it was sent. */
async function misfits(cluster: Cluster, plan: Plan): Promise<readonly string[]> {
  expect(plan.findings).toEqual([]);
  const applied = await cluster.apply(plan, { wait: false });
  return applied.flatMap(({ manifest, verdict }) => [
    ...verdict.warnings,
    ...(verdict.object === undefined ? ['refused'] : lostFields(manifest, verdict.object)).map(
      (lost) => `${displayNameOf(manifest)}: ${lost}`,
    ),
  ]);
}

proof('Secrets in a cluster', (cluster) => {
  test('are made with a plan where they are missing, one value in all namespaces, and kept after that', async () => {
    const plan = acquiring(RANDOM);
    await cluster().apply(plan);
    const [own, copy] = [
      await stored(cluster(), 'billing', 'acquirer-v1'),
      await stored(cluster(), 'ordering', 'billing-acquirer-v1'),
    ];
    expect(Object.keys(own?.data ?? {})).toEqual(['hmac', 'salt']);
    expect(copy?.data).toEqual(own?.data);
    await cluster().delete({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { namespace: 'ordering', name: 'billing-acquirer-v1' },
    });
    await cluster().apply(plan);
    expect((await stored(cluster(), 'ordering', 'billing-acquirer-v1'))?.data).toEqual(own?.data);
    expect((await stored(cluster(), 'billing', 'acquirer-v1'))?.metadata).toEqual(own?.metadata);
  });

  test('kubectl create takes what the command writes, refuses to do it twice, and makes only what is new', async () => {
    await cluster().apply(
      acquiring({ ...RANDOM, payments: undefined, orders: {} }).objects.filter(
        ({ manifest }) => manifest.kind === 'Namespace',
      ),
    );
    const [first, second] = ['first', 'second'].map((name) => ({
      ...generatedAmong(acquiring(RANDOM).prerequisites)[0]!,
      name,
    }));
    const create = (...secrets: readonly (typeof first)[]) =>
      cluster().kubectl(
        ['create', '-f', '-'],
        documentsToYaml(generateSecrets(secrets.filter((one) => one !== undefined))),
      );
    expect(await create(first)).toMatchObject({ code: 0 });
    const { data } = (await stored(cluster(), 'billing', 'first')) ?? {};
    const again = await create(first, second);
    expect(again.code).toBe(1);
    expect(again.stderr).toContain('secrets "first" already exists');
    expect(again.stdout).toContain('secret/second created');
    expect((await stored(cluster(), 'billing', 'first'))?.data).toEqual(data);
    expect(await stored(cluster(), 'billing', 'second')).toBeDefined();
  });

  test('are made of lines that people type, as the command tells them', async () => {
    const command = 'create secret generic typed --namespace billing --type Opaque --from-env-file=/dev/stdin';
    const typed = `printf 'api-key=a=b c\\nhmac=xyz\\n' | "${kubectl()}" ${command}`;
    // A shell makes a pipe of it, which can be opened by its name; what Node makes cannot.
    const env = { ...process.env, KUBECONFIG: cluster().kubeconfig };
    expect(spawnSync('sh', ['-c', typed], { env, encoding: 'utf8' })).toMatchObject({ stderr: '', status: 0 });
    expect((await stored(cluster(), 'billing', 'typed'))?.data).toEqual({
      'api-key': Buffer.from('a=b c').toString('base64'),
      hmac: Buffer.from('xyz').toString('base64'),
    });
  });
});

proof(
  'an API server with the definitions of operators',
  (cluster) => {
    const external = (options: object = {}, acquirer: Acquiring = {}): Plan =>
      acquiring({ ...acquirer, ...secretsBy('external-secrets', { store: { name: 'vault' }, ...options }) });

    test.each<[string, Plan]>([
      ['known values', external({ names: 'property' }, { keys: { 'api-key': Secret.known('a/b') } })],
      ['random and known values', external()],
      [
        'values that the store holds',
        external({ random: 'stored', store: { kind: 'SecretStore', name: 'vault' } }, RANDOM),
      ],
      [
        'texts beside them',
        external(
          {},
          {
            keys: { username: Secret.text('shop'), password: Secret.random() },
            kind: 'kubernetes.io/basic-auth',
            payments: { folder: '/etc/acquirer' },
          },
        ),
      ],
    ])('takes ExternalSecrets and generators: %s', async (_, plan) => {
      expect(await misfits(cluster(), plan)).toEqual([]);
    });

    test('takes SealedSecrets', async () => {
      const value = {
        apiVersion: 'bitnami.com/v1alpha1',
        kind: 'SealedSecret',
        metadata: { name: 'acquirer-v1', namespace: 'billing' },
        spec: { encryptedData: { 'api-key': 'AgBy8hCC', hmac: 'AgA3xqDD' } },
      };
      const plan = acquiring(secretsBy('sealed', {}, [{ value, at: 'environments/secrets/dev/acquirer.yaml:1:1' }]));
      expect(await misfits(cluster(), plan)).toEqual([]);
    });
  },
  { controllers: false, crds: true },
);

proof(
  'an API server that knows what was deployed',
  (cluster) => {
    beforeAll(() => cluster().apply([{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'changing' } }]));

    let count = 0;
    /** Under a name of its own, since a claim that is deleted stays a while. */
    const change = async ({ before, after }: { readonly before: KubeObject; readonly after: KubeObject }) => {
      const name = `object-${(count += 1)}`;
      const named = (manifest: KubeObject) => ({ ...manifest, metadata: { ...manifest.metadata, name } });
      expect(await cluster().applyObject(named(before))).toMatchObject({ accepted: true });
      return cluster().applyObject(named(after));
    };

    test.each(REFUSED_CHANGES)('refuses $what', async (one) => {
      expect(await change(one)).toMatchObject({ accepted: false, status: 422 });
    });

    test.each(ACCEPTED_CHANGES)('accepts $what', async (one) => {
      expect(await change(one)).toMatchObject({ accepted: true });
    });
  },
  { controllers: false },
);
