import type { IConstruct } from 'constructs';
import { backEnd } from '../model/back-end';
import type { RuleFinding } from '../model/extension';
import type { JsonSchema } from '../model/json-schema';
import type { KubeObject } from '../model/kube-object';
import { groupBy } from '../model/order';
import type { ReleasePrerequisite, SecretValue } from '../model/prerequisite';
import { ownershipLabels } from './labels';
import { SecretsNeed, type PlannedSecret, type SecretBackEnd } from './secrets';

/** What an environment says about its store of secrets. */
interface ExternalSecretsOptions {
  readonly store: { readonly kind?: 'SecretStore' | 'ClusterSecretStore'; readonly name: string };
  /** Stands before each name. */
  readonly prefix?: string;
  /** How the store writes `acquirer/api-key`. */
  readonly names?: 'path' | 'property' | 'dashes';
  /** Whether random values are made in the cluster or stand in the store. */
  readonly random?: 'generated' | 'stored';
  /** How often known values are read again, in minutes. */
  readonly refreshMinutes?: number;
}

const OPTIONS: JsonSchema = {
  type: 'object',
  required: ['store'],
  additionalProperties: false,
  properties: {
    store: {
      type: 'object',
      required: ['name'],
      additionalProperties: false,
      description: 'The store that values are read from. It is made outside the plan.',
      properties: {
        kind: {
          type: 'string',
          enum: ['SecretStore', 'ClusterSecretStore'],
          description: 'Default: ClusterSecretStore.',
        },
        name: { type: 'string' },
      },
    },
    prefix: { type: 'string', description: 'Stands before each name in the store, such as prod/. Default: nothing.' },
    names: {
      type: 'string',
      enum: ['path', 'property', 'dashes'],
      description:
        'How acquirer/api-key is called in the store: so, as property api-key of acquirer, acquirer-api-key.',
    },
    random: {
      type: 'string',
      enum: ['generated', 'stored'],
      description: 'Random values are made in the cluster (default), or stand in the store.',
    },
    refreshMinutes: {
      type: 'integer',
      minimum: 1,
      maximum: 10080,
      description: 'Known values are read again. Default: 60.',
    },
  },
};

/**
 * The operator, version 1.3.2: the chart's README names its repository; the kinds are those of `config/crds/bases` of the
 * module github.com/external-secrets/external-secrets v1.3.2.
 */
const RELEASE: ReleasePrerequisite = {
  type: 'release',
  name: 'external-secrets',
  namespace: 'external-secrets',
  chart: { repository: 'https://charts.external-secrets.io', name: 'external-secrets', version: '1.3.2' },
  version: '1.3.2',
  groups: ['external-secrets.io', 'generators.external-secrets.io'],
};

/**
 * External Secrets Operator: known values come from a store of the environment, random ones from generators of the
 * operator, or from the store as well.
 */
export const externalSecrets = backEnd(SecretsNeed, 'external-secrets', OPTIONS, (said): SecretBackEnd => {
  // The schema admitted them.
  const options = said as unknown as ExternalSecretsOptions;
  return {
    madeBy: () => 'objects',
    render: (secret) => [...generatorsOf(secret, options), externalSecret(secret, options)],
    releases: [RELEASE],
    problems: (secrets, root) => problemsOf(secrets, options, root),
  };
});

type Key = readonly [key: string, value: SecretValue];

/** The keys that a generator fills, with the length of each. */
function generatedKeys(
  { keys }: PlannedSecret,
  { random }: ExternalSecretsOptions,
): readonly (readonly [string, number])[] {
  if (random === 'stored') return [];
  return Object.entries(keys).flatMap(([key, value]) =>
    'random' in value ? [[key, value.random.length] as const] : [],
  );
}

/** The keys that the store fills, with their names there. */
function storedKeys(
  { keys }: PlannedSecret,
  { random }: ExternalSecretsOptions,
): readonly (readonly [string, string])[] {
  return Object.entries(keys).flatMap(([key, value]: Key) => {
    if ('known' in value) return [[key, value.known] as const];
    return 'random' in value && random === 'stored' ? [[key, value.random.id] as const] : [];
  });
}

/** One generator for each length. Letters and digits, as a random value promises; a quarter of them are digits. */
function generatorsOf(secret: PlannedSecret, options: ExternalSecretsOptions): readonly KubeObject[] {
  const lengths = new Set(generatedKeys(secret, options).map(([, length]) => length));
  return [...lengths].map((length) => ({
    apiVersion: 'generators.external-secrets.io/v1alpha1',
    kind: 'Password',
    metadata: metadataOf(secret, generatorName(secret, length)),
    spec: { length, digits: Math.floor(length / 4), symbols: 0, noUpper: false, allowRepeat: true },
  }));
}

function generatorName({ name }: PlannedSecret, length: number): string {
  return `${name}-${length}`;
}

function metadataOf({ namespace, at }: PlannedSecret, name: string): KubeObject['metadata'] {
  return { name, namespace, labels: { ...ownershipLabels(at) } };
}

/**
 * An ExternalSecret (external-secrets.io/v1, operator 1.3.2). Where a value is generated, the Secret is made once, is
 * immutable and outlives the ExternalSecret: a generator has no memory, so making it again would be another password.
 */
function externalSecret(secret: PlannedSecret, options: ExternalSecretsOptions): KubeObject {
  const generated = generatedKeys(secret, options);
  const stored = storedKeys(secret, options);
  const { kind = 'ClusterSecretStore', name } = options.store;
  const isMadeOnce = generated.length > 0;
  return {
    apiVersion: 'external-secrets.io/v1',
    kind: 'ExternalSecret',
    metadata: metadataOf(secret, secret.name),
    spec: {
      ...(isMadeOnce
        ? { refreshPolicy: 'CreatedOnce' }
        : { refreshPolicy: 'Periodic', refreshInterval: `${options.refreshMinutes ?? 60}m` }),
      ...(stored.length > 0 && { secretStoreRef: { kind, name } }),
      target: {
        name: secret.name,
        ...(isMadeOnce ? { creationPolicy: 'Orphan', immutable: true } : { creationPolicy: 'Owner' }),
        template: templateOf(secret),
      },
      ...(stored.length > 0 && {
        data: stored.map(([key, known]) => ({ secretKey: key, remoteRef: remoteRef(known, options) })),
      }),
      ...(generated.length > 0 && { dataFrom: generated.map(([key, length]) => generatedFrom(secret, key, length)) }),
    },
  };
}

/** A generator answers under `password`; the rewrite gives it the name of the key. */
function generatedFrom(secret: PlannedSecret, key: string, length: number): object {
  return {
    sourceRef: {
      generatorRef: {
        apiVersion: 'generators.external-secrets.io/v1alpha1',
        kind: 'Password',
        name: generatorName(secret, length),
      },
    },
    rewrite: [{ regexp: { source: '^password$', target: key } }],
  };
}

/** Type and plain texts of the Secret. Merged: without that, a template with data replaces what was read. */
function templateOf(secret: PlannedSecret): object {
  const texts = Object.entries(secret.keys).flatMap(([key, value]) =>
    'text' in value ? [[key, literal(value.text)] as const] : [],
  );
  return {
    type: secret.kind,
    metadata: { labels: { ...ownershipLabels(secret.at) } },
    ...(texts.length > 0 && { mergePolicy: 'Merge', data: Object.fromEntries(texts) }),
  };
}

/** A text that a template of Go gives back as it is. */
function literal(text: string): string {
  return text.includes('{{') ? `{{ ${JSON.stringify(text)} }}` : text;
}

interface RemoteRef {
  readonly key: string;
  readonly property?: string;
}

/** The name of a value in the store, in the way that the store can have it. */
function remoteRef(known: string, { prefix = '', names = 'path' }: ExternalSecretsOptions): RemoteRef {
  switch (names) {
    case 'dashes':
      return { key: `${prefix}${known}`.replace(/[^A-Za-z0-9-]/g, '-') };
    case 'property': {
      const cut = known.lastIndexOf('/');
      return { key: `${prefix}${known.slice(0, cut)}`, property: known.slice(cut + 1) };
    }
    default:
      return { key: `${prefix}${known}` };
  }
}

function* problemsOf(
  secrets: readonly PlannedSecret[],
  options: ExternalSecretsOptions,
  root: IConstruct,
): Iterable<RuleFinding> {
  yield* sharedValues(secrets, options);
  const names = secrets.flatMap((secret) => storedKeys(secret, options).map(([, name]) => ({ secret, name })));
  if (options.names === 'property') {
    for (const { secret, name } of names) if (!name.includes('/')) yield withoutProperty(secret, name);
  }
  for (const [key, same] of groupBy(names, ({ name }) => JSON.stringify(remoteRef(name, options)))) {
    const different = new Set(same.map(({ name }) => name));
    if (different.size > 1) yield collision(root, key, [...different]);
  }
}

/** A generator has no memory, so one value cannot be in two Secrets. */
function* sharedValues(secrets: readonly PlannedSecret[], options: ExternalSecretsOptions): Iterable<RuleFinding> {
  if (options.random === 'stored') return;
  const uses = secrets.flatMap((secret) =>
    Object.values(secret.keys).flatMap((value) => ('random' in value ? [{ secret, id: value.random.id }] : [])),
  );
  for (const [, same] of groupBy(uses, ({ id }) => id)) {
    const [first, ...others] = same;
    if (first === undefined || others.length === 0) continue;
    yield {
      at: first.secret.at,
      code: 'secret-in-two-places',
      message: 'One random value is wanted in several Secrets, but a generator gives another value each time.',
      field: 'backEnds.secrets',
      got: same.map(({ secret }) => `${secret.namespace}/${secret.name}`).join(', '),
      allowed: 'external-secrets with random: stored; generated; existing; sealed',
      fix: 'Put the value into the store and say random: stored, or let readers of one context share one Secret.',
    };
  }
}

function withoutProperty({ at }: PlannedSecret, name: string): RuleFinding {
  return {
    at,
    code: 'store-name-without-property',
    message: 'This name has no part that could be the property in the store.',
    field: 'known',
    got: name,
    allowed: 'a name with a slash, where names: property is chosen: acquirer/api-key',
    fix: 'Add the property to the name, or choose names: path.',
  };
}

function collision(at: IConstruct, key: string, names: readonly string[]): RuleFinding {
  return {
    at,
    code: 'store-name-collision',
    message: 'Two names are one in the store.',
    field: 'backEnds.secrets.options.names',
    got: `${names.join(' and ')} are both ${key}`,
    allowed: 'names that stay different',
    fix: 'Rename one of them.',
  };
}
