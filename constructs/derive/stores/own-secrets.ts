import { capability } from '../../model/capability';
import { contribute } from '../../model/extension';
import type { Part } from '../../model/facet';
import type { SecretValue } from '../../model/prerequisite';
import { SecretKeys, type SecretKeyPart } from '../secrets';

/** A Secret that a store needs besides those of its accounts. */
export interface OwnSecret {
  /** Name of the Secret, in the namespace of the store. */
  readonly name: string;
  /** As in `Secret.type`. */
  readonly kind: SecretKeyPart['kind'];
  /** Where the value of each key comes from. */
  readonly keys: Readonly<Record<string, SecretValue>>;
}

/** The Secrets of a server that no service ever sees: its administrator, its replication. */
export interface OwnSecretsFacts {
  /** Namespace of the Secrets. */
  readonly namespace: string;
  /** At least one. */
  readonly secrets: readonly OwnSecret[];
}

/** The capability of having Secrets of one's own. */
export const OwnSecrets = capability<OwnSecretsFacts>('store.own-secrets');

/** Their keys, for whatever brings Secrets about. */
export const ownSecretKeys = contribute('store.own-secrets', SecretKeys, function* (graph): Iterable<
  Part<SecretKeyPart>
> {
  for (const { construct, facts } of graph.having(OwnSecrets)) {
    const source = { by: `${facts.secrets.length} Secrets of ${construct.node.id}`, at: construct.node.path };
    for (const secret of facts.secrets) {
      for (const part of secretParts(facts.namespace, secret)) yield { to: construct, source, part };
    }
  }
});

/** The keys of a Secret in one namespace. */
export function secretParts(namespace: string, { name, kind, keys }: OwnSecret): readonly SecretKeyPart[] {
  return Object.entries(keys).map(([key, value]) => ({ namespace, name, kind, key, value }));
}

/** Characters of a generated password: 32 of 62 are 190 bits. */
const PASSWORD_LENGTH = 32;

/** Name of the Secret of the account by which accounts are made. */
export function adminSecretOf(store: string): string {
  return `${store}-admin`;
}

/**
 * A Secret with a user's name and a password that is made with it.
 * @param username - as the engine wants it
 */
export function madeAccount(namespace: string, name: string, username: string): OwnSecret {
  const random = { id: `${namespace}/${name}/password`, length: PASSWORD_LENGTH };
  return { name, kind: 'kubernetes.io/basic-auth', keys: { username: { text: username }, password: { random } } };
}

/** A Secret with a user's name and a password that who runs the server knows. */
export function knownAccount(namespace: string, name: string): OwnSecret {
  const known = (key: string): SecretValue => ({ known: `${namespace}/${name}/${key}` });
  return { name, kind: 'kubernetes.io/basic-auth', keys: { username: known('username'), password: known('password') } };
}

/** The account of whoever measures a server. */
export function exporterSecretOf(store: string): string {
  return `${store}-exporter`;
}

/** A variable with a key of a Secret. */
export function fromSecret(variable: string, secret: string, key: string): { name: string; valueFrom: object } {
  return { name: variable, valueFrom: { secretKeyRef: { name: secret, key } } };
}
