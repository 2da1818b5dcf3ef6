/**
 * ConfigMaps and Secrets: keys and sizes. Values are never printed. Source: `ValidateConfigMap` and `ValidateSecret` in
 * k8s.io/kubernetes v1.36.3 `pkg/apis/core/validation/validation.go`.
 */
import { isConfigKey } from '../formats';
import { print, step } from '../print';
import { isKnown, record, type Data, type Report } from './rule';

/** Total of all values, in bytes. */
const LIMIT = 1024 * 1024;

/** Keys that a Secret of a type must hold. Source: the constants of k8s.io/api v0.36.3 `core/v1/types.go`. */
const NEEDED: Readonly<Record<string, readonly string[]>> = {
  'kubernetes.io/tls': ['tls.crt', 'tls.key'],
  'kubernetes.io/dockerconfigjson': ['.dockerconfigjson'],
  'kubernetes.io/dockercfg': ['.dockercfg'],
  'kubernetes.io/ssh-auth': ['ssh-privatekey'],
};

/** Checks a ConfigMap. */
export function checkConfigMap(object: Data, report: Report): void {
  const data = record(object['data']);
  const binary = record(object['binaryData']);
  checkSize(checkKeys(data, '/data', 1, report) + checkKeys(binary, '/binaryData', 0.75, report), report);
  for (const key in binary) {
    if (data[key] === undefined) continue;
    report(`/binaryData${step(key)}`, {
      code: 'duplicate-name',
      message: `${key} is in data too`,
      got: key,
      allowed: 'a key in one of data and binaryData',
      fix: 'remove one of them',
    });
  }
}

/** Checks a Secret. */
export function checkSecret(object: Data, report: Report): void {
  const data = record(object['data']);
  const text = record(object['stringData']);
  checkSize(checkKeys(data, '/data', 0.75, report) + checkKeys(text, '/stringData', 1, report), report);
  const needed = typeof object['type'] === 'string' ? NEEDED[object['type']] : undefined;
  if (needed === undefined || isUnknown(object['data']) || isUnknown(object['stringData'])) return;
  for (const key of needed) {
    if (data[key] !== undefined || text[key] !== undefined) continue;
    report(`/data${step(key)}`, {
      code: 'missing-field',
      message: `a Secret of type ${String(object['type'])} holds ${key}`,
      got: 'nothing',
      allowed: `a value for ${key}`,
      fix: `add ${key}, or use type Opaque`,
    });
  }
}

function isUnknown(value: unknown): boolean {
  return value !== undefined && !isKnown(value);
}

/** Checks the keys of `values` and gives the bytes of all values, where `weight` is what a character counts. */
function checkKeys(values: Data, path: string, weight: number, report: Report): number {
  let size = 0;
  for (const key in values) {
    const value = values[key];
    if (typeof value === 'string') size += value.length * weight;
    if (isConfigKey(key)) continue;
    report(path + step(key), {
      code: 'bad-key',
      message: `${print(key)} is no valid key`,
      got: print(key),
      allowed: 'at most 253 of A-Z, a-z, 0-9, -, _ and .',
      fix: 'rename the key',
    });
  }
  return size;
}

function checkSize(size: number, report: Report): void {
  if (size <= LIMIT) return;
  report('/data', {
    code: 'data-too-large',
    message: 'all values together are too large',
    got: `${Math.round(size)} bytes`,
    allowed: `at most ${LIMIT} bytes`,
    fix: 'split it, or keep the content elsewhere',
  });
}
