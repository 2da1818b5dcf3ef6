import { Buffer } from 'node:buffer';
import type { KubeObject } from 'ashlar';
import { parseQuantity } from '../../../constructs/model/quantity';

/**
 * JSON pointers to what was sent and is not stored as it was. Quantities are compared by value, because the server
 * writes them in a form of its own, and `stringData` with `data`, where the server keeps it.
 */
export function lostFields(sent: KubeObject, stored: KubeObject): readonly string[] {
  return [...lost(asStored(sent), stored, '')];
}

function asStored({ stringData, ...rest }: KubeObject): KubeObject {
  if (rest.kind !== 'Secret' || stringData === undefined)
    return { ...rest, ...(stringData !== undefined && { stringData }) };
  const encoded = Object.entries(stringData as Readonly<Record<string, string>>).map(([key, text]) => [
    key,
    Buffer.from(text).toString('base64'),
  ]);
  return { ...rest, data: { ...(rest['data'] as object), ...Object.fromEntries(encoded) } };
}

function* lost(sent: unknown, stored: unknown, pointer: string): Iterable<string> {
  if (!isHolder(sent)) {
    if (sent !== stored && !sameQuantity(sent, stored)) yield pointer;
    return;
  }
  if (!isHolder(stored) || sizeOf(sent) !== sizeOf(stored)) {
    yield pointer;
    return;
  }
  for (const [name, value] of Object.entries(sent)) yield* lost(value, stored[name], `${pointer}/${name}`);
}

function isHolder(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

/** How long a list is, which nobody makes longer; -1 for an object, to which the server adds its defaults. */
function sizeOf(holder: object): number {
  return Array.isArray(holder) ? holder.length : -1;
}

function sameQuantity(sent: unknown, stored: unknown): boolean {
  const isNumber = typeof sent === 'number' || typeof sent === 'string';
  return isNumber && typeof stored === 'string' && parseQuantity(sent) === parseQuantity(stored);
}
