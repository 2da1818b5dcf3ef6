import type { IConstruct } from 'constructs';
import { backEndWithDocuments } from '../model/back-end';
import type { Located } from '../model/environment';
import type { RuleFinding } from '../model/extension';
import type { JsonSchema } from '../model/json-schema';
import type { KubeObject } from '../model/kube-object';
import type { ReleasePrerequisite } from '../model/prerequisite';
import { ownershipLabels } from './labels';
import { SecretsNeed, type PlannedSecret, type SecretBackEnd } from './secrets';

const NO_OPTIONS: JsonSchema = { type: 'object', properties: {}, additionalProperties: false };

/**
 * The controller. Chart and version as in `helm/sealed-secrets/Chart.yaml` of the module
 * github.com/bitnami-labs/sealed-secrets v0.40.0; under this name `kubeseal` finds it without options (README, "Helm Chart").
 */
const RELEASE: ReleasePrerequisite = {
  type: 'release',
  name: 'sealed-secrets',
  namespace: 'kube-system',
  chart: { repository: 'https://bitnami.github.io/sealed-secrets', name: 'sealed-secrets', version: '2.19.3' },
  version: '0.39.1',
  groups: ['bitnami.com'],
  values: { fullnameOverride: 'sealed-secrets-controller' },
};

/** What `kubeseal` writes (bitnami.com/v1alpha1), as far as it is looked at. */
interface Sealed {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata?: {
    readonly name?: string;
    readonly namespace?: string;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec?: {
    readonly encryptedData?: Readonly<Record<string, string>>;
    readonly template?: { readonly type?: string };
  };
}

/**
 * Bitnami Sealed Secrets: the repository holds values that only the cluster can open, as `kubeseal` writes them, in
 * `environments/secrets/<environment>/`.
 */
export const sealedSecrets = backEndWithDocuments(SecretsNeed, 'sealed', NO_OPTIONS, (_, documents): SecretBackEnd => {
  const files = documents.map(({ value, at }) => ({ sealed: (Object(value) ?? {}) as Sealed, at }));
  const byName = new Map(
    files.filter(({ sealed }) => sealed.kind === 'SealedSecret').map((file) => [nameOf(file), file]),
  );
  const find = ({ namespace, name }: PlannedSecret): File | undefined => byName.get(`${namespace}/${name}`);
  return {
    madeBy: (secret) => (find(secret) === undefined ? 'command' : 'objects'),
    render: (secret) => {
      const file = find(secret);
      return file === undefined ? [] : [sealedSecret(secret, file.sealed)];
    },
    releases: [RELEASE],
    *problems(secrets, root) {
      for (const secret of secrets) yield* problemsOf(secret, find(secret));
      const wanted = new Set(secrets.map(({ namespace, name }) => `${namespace}/${name}`));
      for (const file of files) yield* problemsOfFile(file, wanted, root);
    },
  };
});

interface File {
  readonly sealed: Sealed;
  readonly at: Located['at'];
}

function nameOf({ sealed: { metadata = {} } }: Pick<File, 'sealed'>): string {
  return `${metadata.namespace ?? ''}/${metadata.name ?? ''}`;
}

/**
 * The values as they were sealed, and the rest from the plan. The Secret outlives the SealedSecret, since pods of an
 * earlier release may still read it (README, "Seal secret which can skip set owner references").
 */
function sealedSecret({ name, namespace, kind, at }: PlannedSecret, { metadata, spec }: Sealed): KubeObject {
  const labels = { ...ownershipLabels(at) };
  const { annotations } = metadata ?? {};
  return {
    apiVersion: 'bitnami.com/v1alpha1',
    kind: 'SealedSecret',
    metadata: { name, namespace, labels, ...(annotations !== undefined && { annotations }) },
    spec: {
      encryptedData: { ...spec?.encryptedData },
      template: {
        type: kind,
        immutable: true,
        metadata: {
          name,
          namespace,
          labels: { ...labels },
          annotations: { 'sealedsecrets.bitnami.com/skip-set-owner-references': 'true' },
        },
      },
    },
  };
}

function* problemsOf({ at, namespace, name, keys }: PlannedSecret, file: File | undefined): Iterable<RuleFinding> {
  if (file === undefined) {
    yield {
      at,
      code: 'sealed-secret-missing',
      message: `Nobody has sealed the Secret ${namespace}/${name} for this environment.`,
      got: 'no SealedSecret of this name and namespace',
      allowed: 'one in environments/secrets/<environment>/',
      fix: `ashlar secrets --env <environment> --only ${namespace}/${name} | kubeseal --format yaml, into a file of that folder.`,
    };
    return;
  }
  const sealed = file.sealed.spec?.encryptedData ?? {};
  const missing = Object.keys(keys).filter((key) => !(key in sealed));
  const extra = Object.keys(sealed).filter((key) => !(key in keys));
  if (missing.length > 0 || extra.length > 0) {
    yield {
      at,
      code: 'sealed-keys-differ',
      message: `The sealed Secret ${namespace}/${name} has other keys than the program reads.`,
      field: file.at,
      got: Object.keys(sealed).join(', ') || 'no keys',
      allowed: Object.keys(keys).join(', '),
      fix: 'Seal it again with these keys; kubeseal --merge-into adds a key to a file.',
    };
  }
}

function* problemsOfFile(file: File, wanted: ReadonlySet<string>, root: IConstruct): Iterable<RuleFinding> {
  const { sealed, at } = file;
  const name = nameOf(file);
  if (sealed.kind !== 'SealedSecret') {
    yield {
      at: root,
      code: 'not-sealed',
      message: 'The folder of sealed Secrets holds something else.',
      field: at,
      got: sealed.kind === 'Secret' ? 'a Secret, whose values anybody can read' : 'another kind of document',
      allowed: 'what kubeseal writes: SealedSecret, bitnami.com/v1alpha1',
      fix: 'Remove it. If it was a Secret that was committed, change its values, since they have been written down.',
    };
  } else if (!wanted.has(name)) {
    yield {
      at: root,
      code: 'sealed-secret-unused',
      severity: 'warning',
      message: `Nothing reads the sealed Secret ${name}.`,
      field: at,
      got: name,
      allowed: [...wanted].join(', '),
      fix: 'Correct its name or namespace and seal it again, or remove it.',
    };
  }
}
