import { randomInt } from 'node:crypto';
import type { KubeObject } from '../constructs/model/kube-object';
import type { Prerequisite, SecretPrerequisite, SecretValue } from '../constructs/model/prerequisite';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** The Secrets among prerequisites whose values are random, and so can be made by a computer. */
export function generatedAmong(prerequisites: readonly Prerequisite[]): readonly (SecretPrerequisite & Prerequisite)[] {
  return prerequisites.flatMap((one) => (one.type === 'secret' && one.generated ? [one] : []));
}

/**
 * Makes Secrets (core/v1) with random values, anew with each call; one random id has one value in all of them. They are
 * immutable: another value is another generation, under another name.
 * @param known - values that stand already, by random id
 */
export function generateSecrets(
  secrets: readonly SecretPrerequisite[],
  known: ReadonlyMap<string, string> = new Map(),
): readonly KubeObject[] {
  const values = new Map(known);
  return secrets.map(({ name, namespace, kind, keys }) => ({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace, labels: { 'app.kubernetes.io/managed-by': 'ashlar' } },
    type: kind,
    immutable: true,
    stringData: Object.fromEntries(Object.entries(keys).map(([key, value]) => [key, valueOf(value, values)])),
  }));
}

function valueOf(value: SecretValue, values: Map<string, string>): string {
  if ('text' in value) return value.text;
  if ('known' in value) throw new Error(`${value.known} is known by somebody else`);
  const { id, length } = value.random;
  let made = values.get(id);
  if (made === undefined) values.set(id, (made = randomText(length)));
  return made;
}

/** Letters and digits, each as likely as any other: 5.95 bits a character. */
function randomText(length: number): string {
  return Array.from({ length }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
}
