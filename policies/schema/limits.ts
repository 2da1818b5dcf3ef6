/**
 * Limits on values that a definition states besides their type: patterns, lengths, bounds, formats, uniqueness.
 * Source: validation keywords of structural schemas (k8s.io/apiextensions-apiserver v0.36.3, `pkg/apiserver/validation`).
 */
import { isDeferred } from '../../constructs/model/deferred';
import type { Limits } from './encoding';
import { addressBytes, isBase64, isDateTime, isIpv4, parseCidr } from './formats';

const FORMATS: Readonly<Record<string, (text: string) => boolean>> = {
  'date-time': isDateTime,
  date: (text) => /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(text)),
  ipv4: isIpv4,
  ipv6: (text) => addressBytes(text)?.length === 16,
  cidr: (text) => parseCidr(text) !== undefined,
  uuid: (text) => /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i.test(text),
  byte: isBase64,
};

/** What is allowed where `value` breaks a limit, in words; `undefined` where it keeps them all. */
export function brokenLimit(limits: Limits, pattern: RegExp | undefined, value: unknown): string | undefined {
  if (typeof value === 'string') return brokenText(limits, pattern, value);
  if (typeof value === 'number') return brokenNumber(limits, value);
  if (Array.isArray(value)) return brokenList(limits, value);
  return typeof value === 'object' && value !== null
    ? brokenSize(limits, Object.keys(value).length, 'entries')
    : undefined;
}

function brokenText(limits: Limits, pattern: RegExp | undefined, value: string): string | undefined {
  if (pattern !== undefined && !pattern.test(value)) return `text that matches ${limits.pattern}`;
  const size = value.length;
  const format = limits.format === undefined ? undefined : FORMATS[limits.format];
  if (format !== undefined && !format(value)) return `text of format ${limits.format}`;
  return brokenSize(limits, size, 'characters');
}

function brokenSize(limits: Limits, size: number, unit: string): string | undefined {
  if (limits.minLength !== undefined && size < limits.minLength) return `at least ${limits.minLength} ${unit}`;
  if (limits.maxLength !== undefined && size > limits.maxLength) return `at most ${limits.maxLength} ${unit}`;
  return undefined;
}

function brokenNumber(limits: Limits, value: number): string | undefined {
  return brokenMinimum(limits, value) ?? brokenMaximum(limits, value) ?? brokenMultiple(limits, value);
}

function brokenMinimum({ minimum, exclusiveMinimum }: Limits, value: number): string | undefined {
  if (minimum === undefined || value > minimum) return undefined;
  if (exclusiveMinimum === true) return `more than ${minimum}`;
  return value === minimum ? undefined : `at least ${minimum}`;
}

function brokenMaximum({ maximum, exclusiveMaximum }: Limits, value: number): string | undefined {
  if (maximum === undefined || value < maximum) return undefined;
  if (exclusiveMaximum === true) return `less than ${maximum}`;
  return value === maximum ? undefined : `at most ${maximum}`;
}

function brokenMultiple({ multipleOf }: Limits, value: number): string | undefined {
  return multipleOf === undefined || Number.isInteger(value / multipleOf) ? undefined : `a multiple of ${multipleOf}`;
}

function brokenList(limits: Limits, value: readonly unknown[]): string | undefined {
  const size = brokenSize(limits, value.length, 'elements');
  if (size !== undefined || limits.unique === undefined || duplicateIndex(value, limits.unique) < 0) return size;
  return limits.unique.length === 0 ? 'elements that differ' : `elements that differ in ${limits.unique.join(', ')}`;
}

/**
 * Index of the first element that equals an earlier one in all `keys` (in itself where there are none); -1 if none
 * does. What is not known yet equals nothing.
 */
export function duplicateIndex(list: readonly unknown[], keys: readonly string[]): number {
  const seen = new Set<string>();
  for (const [index, element] of list.entries()) {
    const parts = isDeferred(element) || keys.length === 0 ? [element] : keys.map((key) => partOf(element, key));
    if (parts.some(isDeferred)) continue;
    const identity = JSON.stringify(parts);
    if (seen.has(identity)) return index;
    seen.add(identity);
  }
  return -1;
}

function partOf(element: unknown, key: string): unknown {
  return (element as Record<string, unknown> | null)?.[key];
}
