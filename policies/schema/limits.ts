/**
 * Limits on values that a definition states besides their type: patterns, lengths, bounds, formats, uniqueness.
 * Source: validation keywords of structural schemas (k8s.io/apiextensions-apiserver v0.36.3, `pkg/apiserver/validation`).
 */
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

/** Whether `value` keeps all limits. Values of another type than a limit is for keep it. */
export function withinLimits(limits: Limits, pattern: RegExp | undefined, value: unknown): boolean {
  if (typeof value === 'string') return brokenText(limits, pattern, value) === undefined;
  if (typeof value === 'number') return brokenNumber(limits, value) === undefined;
  if (Array.isArray(value)) return brokenList(limits, value) === undefined;
  return brokenSize(limits, Object.keys(value as object).length, 'entries') === undefined;
}

/** What is allowed where `value` breaks a limit, in words; `undefined` where it keeps them all. */
export function brokenLimit(limits: Limits, pattern: RegExp | undefined, value: unknown): string | undefined {
  if (typeof value === 'string') return brokenText(limits, pattern, value);
  if (typeof value === 'number') return brokenNumber(limits, value);
  if (Array.isArray(value)) return brokenList(limits, value);
  return typeof value === 'object' && value !== null ? brokenSize(limits, Object.keys(value).length, 'entries') : undefined;
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
  const { minimum = -Infinity, maximum = Infinity, multipleOf } = limits;
  const above = limits.exclusiveMinimum === true ? value > minimum : value >= minimum;
  if (!above) return limits.exclusiveMinimum === true ? `more than ${minimum}` : `at least ${minimum}`;
  const below = limits.exclusiveMaximum === true ? value < maximum : value <= maximum;
  if (!below) return limits.exclusiveMaximum === true ? `less than ${maximum}` : `at most ${maximum}`;
  return multipleOf !== undefined && !Number.isInteger(value / multipleOf) ? `a multiple of ${multipleOf}` : undefined;
}

function brokenList(limits: Limits, value: readonly unknown[]): string | undefined {
  const size = brokenSize(limits, value.length, 'elements');
  if (size !== undefined || limits.unique === undefined) return size;
  return duplicateIndex(value, limits.unique) < 0 ? undefined
    : limits.unique.length === 0 ? 'elements that differ' : `elements that differ in ${limits.unique.join(', ')}`;
}

/** Index of the first element that equals an earlier one in all `keys` (in itself where there are none); -1 if none does. */
export function duplicateIndex(list: readonly unknown[], keys: readonly string[]): number {
  const seen = new Set<string>();
  for (const [index, element] of list.entries()) {
    const identity = JSON.stringify(keys.length === 0 ? element : keys.map((key) => (element as Record<string, unknown> | null)?.[key]));
    if (seen.has(identity)) return index;
    seen.add(identity);
  }
  return -1;
}
