import type { KubeObject } from './kube-object';
import { HIDDEN, saysSecret, shownArgument, shownValue } from './secrecy';

type Data = Readonly<Record<string, unknown>>;

/** Fields of a Secret whose values are secrets, whatever they are called (Kubernetes 1.36, core/v1). */
const SECRET_FIELDS: ReadonlySet<string> = new Set(['data', 'stringData']);

/**
 * A manifest for people to read: in explanations, snapshots and failed assertions. Values of Secrets, and what looks like
 * a secret elsewhere, are hidden. What is deployed is the manifest itself.
 */
export function shownManifest(manifest: KubeObject): KubeObject {
  const isSecretObject = manifest.kind === 'Secret' && manifest.apiVersion === 'v1';
  const shown = Object.entries(manifest).map(([field, value]) => [
    field,
    isSecretObject && SECRET_FIELDS.has(field) ? hidden(value) : shownField(field, value),
  ]);
  return Object.fromEntries(shown) as KubeObject;
}

function hidden(value: unknown): unknown {
  return isData(value) ? Object.fromEntries(Object.keys(value).map((key) => [key, HIDDEN])) : HIDDEN;
}

function shownField(name: string, value: unknown): unknown {
  if (typeof value === 'string') return shownValue(name, value);
  if (typeof value === 'number') return saysSecret(name) ? HIDDEN : value;
  if (Array.isArray(value)) return value.map((item: unknown) => shownItem(item));
  return isData(value) ? shownItem(value) : value;
}

/** A variable, an argument, a header: the value goes by the name that stands beside it. */
function shownItem(item: unknown): unknown {
  if (typeof item === 'string') return shownArgument(item);
  if (Array.isArray(item)) return item.map(shownItem);
  if (!isData(item)) return item;
  const { name } = item;
  const entries = Object.entries(item).map(([field, value]) => [
    field,
    field === 'value' && typeof name === 'string' ? shownNamed(name, value) : shownField(field, value),
  ]);
  return Object.fromEntries(entries);
}

/** A value that is no text is wrong in most places, but may be a secret all the same. */
function shownNamed(name: string, value: unknown): unknown {
  if (typeof value === 'string') return shownValue(name, value);
  return saysSecret(name) ? HIDDEN : shownField(name, value);
}

function isData(value: unknown): value is Data {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
