import { Secret, type Plan } from 'ashlar';
import { codesOf, objectOf } from '../support/plans';
import { acquiring, secretsBy, type Acquiring } from '../support/secrets';

const specOf = (plan: Plan, display: string) => objectOf(plan, display)['spec'];

const namesOf = (plan: Plan, kind: string) =>
  plan.objects.flatMap(({ manifest }) => (manifest.kind === kind ? [manifest.metadata.name] : []));

const release = (plan: Plan) => plan.prerequisites.flatMap((one) => (one.type === 'release' ? [one.name] : []));

const KNOWN = { 'api-key': Secret.known('acquirer/api-key') };

describe('External Secrets', () => {
  const external = (options: object = {}, acquirer: Acquiring = {}): Plan =>
    acquiring({ ...acquirer, ...secretsBy('external-secrets', { store: { name: 'vault' }, ...options }) });

  test('reads known values again and again from the store of the environment', () => {
    const plan = external({ prefix: 'prod/', refreshMinutes: 15 }, { keys: KNOWN });
    expect(codesOf(plan)).toEqual([]);
    expect(specOf(plan, 'ExternalSecret/billing/acquirer-v1')).toMatchObject({
      refreshPolicy: 'Periodic',
      refreshInterval: '15m',
      secretStoreRef: { kind: 'ClusterSecretStore', name: 'vault' },
      target: { name: 'acquirer-v1', creationPolicy: 'Owner', template: { type: 'Opaque' } },
      data: [{ secretKey: 'api-key', remoteRef: { key: 'prod/acquirer/api-key' } }],
    });
    expect(namesOf(plan, 'Password')).toEqual([]);
  });

  test('makes random values once, in a Secret that is not changed and not lost', () => {
    const plan = external(
      {},
      {
        keys: { hmac: Secret.random(48), salt: Secret.random(48), pin: Secret.random(16) },
        payments: { folder: '/x' },
      },
    );
    expect(codesOf(plan)).toEqual([]);
    const spec = specOf(plan, 'ExternalSecret/billing/acquirer-v1');
    expect(spec).toMatchObject({
      refreshPolicy: 'CreatedOnce',
      target: { creationPolicy: 'Orphan', immutable: true },
    });
    expect(spec).not.toHaveProperty('secretStoreRef');
    expect(spec.dataFrom.map((from: { rewrite: object[] }) => from.rewrite)).toEqual(
      ['hmac', 'pin', 'salt'].map((target) => [{ regexp: { source: '^password$', target } }]),
    );
    expect(namesOf(plan, 'Password').sort()).toEqual(['acquirer-v1-16', 'acquirer-v1-48']);
    expect(specOf(plan, 'Password/billing/acquirer-v1-48')).toEqual({
      length: 48,
      digits: 12,
      symbols: 0,
      noUpper: false,
      allowRepeat: true,
    });
  });

  test('puts texts beside what it reads', () => {
    const keys = { username: Secret.text('{{shop}}'), password: Secret.known('acquirer/password') };
    const plan = external({}, { keys, kind: 'kubernetes.io/basic-auth', payments: { folder: '/x' } });
    expect(specOf(plan, 'ExternalSecret/billing/acquirer-v1').target.template).toMatchObject({
      type: 'kubernetes.io/basic-auth',
      mergePolicy: 'Merge',
      data: { username: '{{ "{{shop}}" }}' },
    });
  });

  test.each([
    ['path', { key: 'acquirer/api-key' }],
    ['property', { key: 'acquirer', property: 'api-key' }],
    ['dashes', { key: 'acquirer-api-key' }],
  ])('writes names as the store wants them: %s', (names, remoteRef) => {
    const plan = external({ names }, { keys: KNOWN });
    expect(specOf(plan, 'ExternalSecret/billing/acquirer-v1').data).toEqual([{ secretKey: 'api-key', remoteRef }]);
  });

  test('cannot put one random value into two Secrets, unless the store holds it', () => {
    const two: Acquiring = { orders: { env: { HMAC: 'hmac' } } };
    const [finding] = external({}, two).findings;
    expect(finding).toMatchObject({
      code: 'secret-in-two-places',
      got: 'billing/acquirer-v1, ordering/billing-acquirer-v1',
      allowed: 'external-secrets with random: stored; generated; existing; sealed',
    });
    const stored = external({ random: 'stored' }, two);
    expect(codesOf(stored)).toEqual([]);
    expect(specOf(stored, 'ExternalSecret/ordering/billing-acquirer-v1')).toMatchObject({
      refreshPolicy: 'Periodic',
      data: [{ remoteRef: { key: 'acquirer/api-key' } }, { remoteRef: { key: 'billing/acquirer-v1/hmac' } }],
    });
  });

  test('tells names that the store cannot tell apart, or cannot have', () => {
    const keys = { 'api-key': Secret.known('a/b-c'), other: Secret.known('a-b/c') };
    expect(codesOf(external({ names: 'dashes' }, { keys }))).toEqual(['store-name-collision']);
    expect(codesOf(external({ names: 'property' }, { keys: { 'api-key': Secret.known('acquirer') } }))).toEqual([
      'store-name-without-property',
    ]);
  });

  test('needs its operator, and no Secret that somebody makes', () => {
    const plan = external();
    expect(release(plan)).toEqual(['external-secrets']);
    expect(plan.prerequisites.map(({ type }) => type)).toEqual(['release']);
  });
});

describe('Sealed Secrets', () => {
  const sealedSecret = (
    encryptedData: Readonly<Record<string, string>>,
    name = 'acquirer-v1',
    kind = 'SealedSecret',
  ) => ({
    at: `environments/secrets/dev/${name}.yaml:1:1`,
    value: {
      apiVersion: 'bitnami.com/v1alpha1',
      kind,
      metadata: { name, namespace: 'billing', annotations: { 'sealedsecrets.bitnami.com/namespace-wide': 'true' } },
      spec: { encryptedData, template: { metadata: { name, namespace: 'billing' } } },
    },
  });
  const BOTH = { 'api-key': 'AgBy8c', hmac: 'AgA3xq' };
  const sealed = (...documents: readonly ReturnType<typeof sealedSecret>[]): Plan =>
    acquiring(secretsBy('sealed', {}, documents));

  test('what kubeseal wrote is in the plan', () => {
    const plan = sealed(sealedSecret(BOTH));
    expect(codesOf(plan)).toEqual([]);
    expect(objectOf(plan, 'SealedSecret/billing/acquirer-v1')).toMatchObject({
      metadata: { annotations: { 'sealedsecrets.bitnami.com/namespace-wide': 'true' } },
      spec: {
        encryptedData: BOTH,
        template: {
          type: 'Opaque',
          immutable: true,
          metadata: { annotations: { 'sealedsecrets.bitnami.com/skip-set-owner-references': 'true' } },
        },
      },
    });
    expect(plan.prerequisites.map(({ type }) => type)).toEqual(['release']);
  });

  test('what is not sealed yet is found, and can be made to be sealed', () => {
    const plan = sealed();
    expect(codesOf(plan)).toEqual(['sealed-secret-missing']);
    expect(plan.prerequisites.map(({ type }) => type).sort()).toEqual(['release', 'secret']);
  });

  test('keys that are missing, files that nobody reads, and Secrets that are not sealed are found', () => {
    expect(codesOf(sealed(sealedSecret({ hmac: 'AgA3xq' })))).toEqual(['sealed-keys-differ']);
    expect(codesOf(sealed(sealedSecret(BOTH), sealedSecret(BOTH, 'old')))).toEqual(['sealed-secret-unused']);
    expect(codesOf(sealed(sealedSecret(BOTH), sealedSecret(BOTH, 'acquirer', 'Secret')))).toEqual(['not-sealed']);
  });
});

test('an unknown back end names those that exist', () => {
  expect(() => acquiring(secretsBy('csi'))).toThrow(/generated, existing, external-secrets, sealed/);
});
