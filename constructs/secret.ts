import type { Construct } from 'constructs';
import type { ISecret } from './capabilities';
import { Secret as SecretCapability, type SecretSourceFacts } from './derive/secret';
import { LIST, objectLike, problemsOfKind, problemsOfNeeded, soundOf } from './kinds';
import { isDeferred } from './model/deferred';
import { Element, problemOfName } from './model/element';
import type { Problem } from './model/finding';
import { declare, report } from './model/recorder';
import { HIDDEN, isSecret, looksSecret } from './model/secrecy';
import { namespaceOf } from './namespace';
import { methodOf, propsOf, type Needs } from './props';
import { problemOfChoice, problemOfInteger, unknownProps, type Checked } from './values';

/** Characters of a random value where nothing is said: 32 of 62 are 190 bits. */
const RANDOM_LENGTH = 32;

/** Shortest and longest random value, in characters. */
const [MIN_LENGTH, MAX_LENGTH] = [16, 128];

const KINDS = ['Opaque', 'kubernetes.io/basic-auth'] as const;

/** Keys of a Secret (Kubernetes 1.36, core/v1 Secret `data`). */
const KEY = /^[-._a-zA-Z0-9]{1,253}$/;

/** Names in stores of secrets, in the form that all of them can be given. */
const STORE_NAME = /^[A-Za-z0-9][A-Za-z0-9._/-]{0,252}$/;

/** Where the value of a key comes from. It never is the value. */
export class SecretSource implements Checked {
  private constructor(
    /** The origin. */
    readonly facts: SecretSourceFacts,
    /** What was given wrongly; empty where all is well. */
    readonly problems: readonly Problem[],
  ) {}

  /** See `Secret.random`. */
  static random(length: number): SecretSource {
    return new SecretSource({ random: length }, problemOfInteger('random', length, MIN_LENGTH, MAX_LENGTH));
  }

  /** See `Secret.known`. */
  static known(name: string): SecretSource {
    const fits = typeof name === 'string' && STORE_NAME.test(name) && !looksSecret(name);
    return new SecretSource({ known: fits ? name : 'unknown' }, fits ? [] : [badStoreName()]);
  }

  /** See `Secret.text`. */
  static text(text: string): SecretSource {
    const fits = typeof text === 'string' && !looksSecret(text);
    return new SecretSource({ text: fits ? text : '' }, fits ? [] : [secretText('text')]);
  }
}

/** What a Secret is told. */
export interface SecretProps {
  /** Where the value of each key comes from: `{ 'api-key': Secret.known('acquirer/api-key') }`. At least one. */
  readonly keys: Readonly<Record<string, SecretSource>>;
  /** As in `Secret.type`. With `kubernetes.io/basic-auth` its keys are `username` and `password`. @defaultValue 'Opaque' */
  readonly kind?: 'Opaque' | 'kubernetes.io/basic-auth';
}

/** What is told of a Secret that exists. */
export interface ExistingSecretProps {
  /** The keys that are read. At least one. */
  readonly keys: readonly string[];
  /** Its name in the cluster. @defaultValue the id */
  readonly name?: string;
}

/**
 * Values that stand in no manifest: a supplier's API key, a key that webhooks are signed with. The program says which keys
 * there are and where each value comes from; how the Secret comes to be, the environment's back end decides.
 *
 * Its name carries its generation. To change a value, raise the setting `credentialGeneration` of the Secret: a new one is
 * made beside the old one, and exactly the pods that read it roll.
 *
 * Errors: `secret-in-program`, `bad-store-name`, `bad-secret-key`, `secret-without-keys`, `secret-without-secrets`,
 * `secret-without-password`, `secret-read-nowhere`, `unknown-secret-key`.
 *
 * @example
 * ```ts
 * const acquirer = new Secret(billing, 'acquirer', {
 *   keys: { 'api-key': Secret.known('acquirer/api-key'), hmac: Secret.random(48) },
 * });
 * payments.reads(acquirer, { env: { ACQUIRER_API_KEY: 'api-key', WEBHOOK_HMAC: 'hmac' } });
 * ```
 */
export class Secret extends Element implements ISecret {
  /** Its keys: `api-key`. */
  readonly keys: readonly string[];

  constructor(scope: Construct, id: string, props: SecretProps) {
    super(scope, id);
    const { keys: given, kind = 'Opaque', ...rest } = propsOf(this, props, NEEDS);
    const keys = soundOf(given, SOURCES) ?? {};
    for (const problem of problemsOfProps(given, { keys, kind, ...rest })) report(this, problem);
    this.keys = Object.keys(keys);
    const sources = Object.entries(keys).flatMap(([key, source]) => factsOf(key, source));
    declare(this, SecretCapability, {
      namespace: namespaceOf(this),
      name: id,
      kind,
      keys: Object.fromEntries(sources),
      exists: false,
    });
  }

  /** A value that is made once, of letters and digits. @param length - characters, 16 to 128; default 32 */
  static random(length: number = RANDOM_LENGTH): SecretSource {
    return SecretSource.random(length);
  }

  /**
   * A value that somebody else knows, such as a supplier's key.
   * @param name - its name in a store of secrets: `acquirer/api-key`. Never the value.
   */
  static known(name: string): SecretSource {
    return SecretSource.known(name);
  }

  /** A text that is no secret but belongs beside one: a user's name. */
  static text(text: string): SecretSource {
    return SecretSource.text(text);
  }

  /** A Secret that is in the cluster already, or that somebody else makes there. Nothing is made for it. */
  static existing(scope: Construct, id: string, props: ExistingSecretProps): ISecret {
    return new ExistingSecret(scope, id, props);
  }
}

class ExistingSecret extends Element implements ISecret {
  readonly keys: readonly string[];

  constructor(scope: Construct, id: string, props: ExistingSecretProps) {
    super(scope, id);
    const said = propsOf(this, props, EXISTING_NEEDS, methodOf(Secret, 'existing'));
    const keys = soundOf(said.keys, NAMES) ?? [];
    const { name = id } = said;
    const badName = name === id ? undefined : problemOfName(name, 'name');
    for (const problem of [
      ...(badName === undefined ? [] : [badName]),
      ...unknownProps(said, EXISTING_PROPS),
      ...(NAMES.is(said.keys) ? problemsOfKeys(keys) : problemsOfNeeded('keys', said.keys, NAMES)),
    ]) {
      report(this, problem);
    }
    this.keys = keys;
    declare(this, SecretCapability, {
      namespace: namespaceOf(this),
      name,
      kind: 'Opaque',
      keys: Object.fromEntries(keys.map((key) => [key, { known: `${name}/${key}` }])),
      exists: true,
    });
  }
}

const PROPS: Readonly<Record<keyof SecretProps, true>> = { keys: true, kind: true };

const SOURCES = objectLike<SecretProps['keys']>("{ 'api-key': Secret.known('acquirer/api-key') }");

const NEEDS: Needs<SecretProps> = {
  needed: ['keys'],
  example: "{ keys: { 'api-key': Secret.known('acquirer/api-key') } }",
  hides: true,
  instead: { keys: { 'api-key': SecretSource.random(RANDOM_LENGTH) } },
};

const NAMES = { ...LIST, example: "['api-key']" };

const EXISTING_NEEDS: Needs<ExistingSecretProps> = {
  needed: ['keys'],
  example: "{ keys: ['api-key'] }",
  hides: true,
  instead: { keys: ['api-key'] },
};

const EXISTING_PROPS: Readonly<Record<keyof ExistingSecretProps, true>> = { keys: true, name: true };

function problemsOfProps(given: unknown, { keys, kind, ...rest }: SecretProps): readonly Problem[] {
  if (typeof given === 'string') return [secretText('keys')];
  if (given !== undefined && !SOURCES.is(given)) return problemsOfKind('keys', given, SOURCES);
  const sources = Object.entries(keys);
  return [
    ...unknownProps(rest, PROPS),
    ...problemOfChoice('kind', kind, KINDS),
    ...problemsOfKeys(Object.keys(keys)),
    ...sources.flatMap(([key, source]) => problemsOfSource(key, source)),
    ...(kind === 'kubernetes.io/basic-auth' && !('password' in keys) ? [withoutPassword(Object.keys(keys))] : []),
    ...(sources.length > 0 && sources.every(([, source]) => isSource(source) && 'text' in source.facts)
      ? [withoutSecret()]
      : []),
  ];
}

/** By shape: a source of another copy of the kit is one, too. */
function isSource(source: unknown): source is SecretSource {
  return typeof source === 'object' && source !== null && !isDeferred(source) && 'facts' in source;
}

/** What was found wrong is told; the secret itself goes no further. */
function factsOf(key: string, source: unknown): readonly (readonly [string, SecretSourceFacts])[] {
  if (!isSource(source)) return [];
  const { facts } = source;
  return [[key, 'text' in facts && isSecret(key, facts.text) ? { text: '' } : facts]];
}

function problemsOfSource(key: string, source: unknown): readonly Problem[] {
  if (!isSource(source)) return [secretText(`keys.${key}`)];
  const text = 'text' in source.facts ? source.facts.text : '';
  return [
    ...source.problems.map((problem) => ({ ...problem, field: `keys.${key}` })),
    ...(isSecret(key, text) ? [secretText(`keys.${key}`)] : []),
  ];
}

function problemsOfKeys(keys: readonly string[]): readonly Problem[] {
  const bad = keys.filter((key) => !KEY.test(key));
  return [
    ...(keys.length === 0 ? [withoutKeys()] : []),
    ...bad.map((key) => ({
      code: 'bad-secret-key',
      message: `${JSON.stringify(key)} cannot be a key of a Secret.`,
      field: 'keys',
      got: JSON.stringify(key),
      allowed: 'up to 253 letters, digits, -, _ and .',
      fix: 'Rename the key.',
    })),
  ];
}

/** Says nothing of the text: it may be the secret. */
function secretText(field: string): Problem {
  return {
    code: 'secret-in-program',
    message: 'A secret stands in the program, where everybody who can read the repository has it.',
    field,
    got: `a text ${HIDDEN}`,
    allowed:
      'where the value comes from: Secret.known(name), Secret.random(length); Secret.text(text) for what is none',
    fix: 'Change the secret at its owner, since it has been written down, and name where the new one is kept.',
  };
}

function badStoreName(): Problem {
  return {
    code: 'bad-store-name',
    message: 'This cannot be the name of a value in a store of secrets; it may be the value itself.',
    field: 'known',
    got: `a text ${HIDDEN}`,
    allowed: 'up to 253 letters, digits, ., _, - and /, from a letter or digit: acquirer/api-key',
    fix: 'Name the place, not the value.',
  };
}

function withoutKeys(): Problem {
  return {
    code: 'secret-without-keys',
    message: 'The Secret has no keys.',
    field: 'keys',
    got: 'none',
    allowed: 'at least one',
    fix: "Name them: keys: { 'api-key': Secret.known('acquirer/api-key') }.",
  };
}

function withoutPassword(keys: readonly string[]): Problem {
  return {
    code: 'secret-without-password',
    message: 'A Secret of kind kubernetes.io/basic-auth has no password.',
    field: 'keys',
    got: keys.join(', ') || 'no keys',
    allowed: 'password, and username beside it',
    fix: 'Name the key password, or leave kind out.',
  };
}

function withoutSecret(): Problem {
  return {
    code: 'secret-without-secrets',
    message: 'Nothing in this Secret is secret.',
    field: 'keys',
    got: 'only texts',
    allowed: 'at least one value that is known elsewhere, or random',
    fix: 'Use a Config for texts.',
  };
}
