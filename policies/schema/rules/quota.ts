/**
 * Claims for storage and limit ranges. Source: `ValidatePersistentVolumeClaimSpec` and `ValidateLimitRange` in
 * k8s.io/kubernetes v1.36.3 `pkg/apis/core/validation/validation.go`.
 */
import { isDeferred } from '../../../constructs/model/deferred';
import { isQualifiedName, quantityValue } from '../formats';
import { oneOf, print, step } from '../print';
import { duplicateName, isKnown, list, record, type Data, type Report } from './rule';
import { checkSelector } from './selector';

/** Checks a PersistentVolumeClaim. */
export function checkClaim(object: Data, report: Report): void {
  checkClaimSpec(record(object['spec']), '/spec', report);
}

/** Checks the spec of a claim at `path`. */
export function checkClaimSpec(spec: Data, path: string, report: Report): void {
  const modes = list(spec['accessModes']);
  if (Array.isArray(spec['accessModes']) && modes.length === 0) {
    report(`${path}/accessModes`, {
      code: 'missing-field',
      message: 'a claim needs an access mode',
      got: 'an empty list',
      allowed: 'at least one access mode',
      fix: 'add ReadWriteOnce',
    });
  }
  if (modes.includes('ReadWriteOncePod') && modes.length > 1) {
    report(`${path}/accessModes`, {
      code: 'access-modes',
      message: 'ReadWriteOncePod stands alone',
      got: print(modes),
      allowed: 'ReadWriteOncePod and no other',
      fix: 'remove the others',
    });
  }
  if (isKnown(spec['resources'])) checkStorage(record(spec['resources'])['requests'], path, report);
  checkSelector(spec['selector'], path, 'selector', report);
}

function checkStorage(requests: unknown, path: string, report: Report): void {
  const storage = record(requests)['storage'];
  const amount = quantityValue(storage);
  if (isDeferred(requests) || (storage !== undefined && (amount === undefined || amount > 0))) return;
  report(`${path}/resources/requests/storage`, {
    code: storage === undefined ? 'missing-field' : 'out-of-range',
    message: 'a claim says how much storage it wants',
    got: print(storage),
    allowed: 'more than 0',
    fix: 'set resources.requests.storage, as 10Gi',
  });
}

/** Resources that a quota counts by the piece. */
const COUNTED = [
  'pods',
  'resourcequotas',
  'services',
  'replicationcontrollers',
  'secrets',
  'configmaps',
  'persistentvolumeclaims',
  'services.nodeports',
  'services.loadbalancers',
];
const MEASURED = ['cpu', 'memory', 'ephemeral-storage'];
const QUOTA_RESOURCES: ReadonlySet<string> = new Set([
  ...COUNTED,
  ...MEASURED,
  'requests.storage',
  ...MEASURED.flatMap((name) => [`requests.${name}`, `limits.${name}`]),
]);

/** Checks a ResourceQuota. */
export function checkQuota(object: Data, report: Report): void {
  const hard = record(record(object['spec'])['hard']);
  for (const name in hard) {
    checkResourceName(name, QUOTA_RESOURCES, '/spec/hard', report);
    const amount = quantityValue(hard[name]);
    if (amount === undefined || (amount >= 0 && (Number.isInteger(amount) || !COUNTED.includes(name)))) continue;
    const allowed = COUNTED.includes(name) ? 'a whole number, 0 or more' : '0 or more';
    report(`/spec/hard${step(name)}`, {
      code: 'out-of-range',
      message: `the quota of ${name} must be ${allowed}`,
      got: print(hard[name]),
      allowed,
      fix: `make it ${allowed}`,
    });
  }
}

function checkResourceName(name: string, known: ReadonlySet<string>, path: string, report: Report): void {
  if (known.has(name) || /^(requests\.)?hugepages-.+$/.test(name)) return;
  if (name.includes('/') && isQualifiedName(name)) return;
  report(`${path}${step(name)}`, {
    code: 'unknown-resource',
    message: `${name} is no resource that is counted here`,
    got: name,
    allowed: `${oneOf([...known])}, hugepages-<size>, or a name with a domain`,
    fix: 'correct the name of the resource',
  });
}

const CONTAINER_RESOURCES: ReadonlySet<string> = new Set(MEASURED);
const LIMIT_TYPES: ReadonlySet<unknown> = new Set(['Pod', 'Container', 'PersistentVolumeClaim']);
const LIMIT_FIELDS = ['max', 'min', 'default', 'defaultRequest', 'maxLimitRequestRatio'];

/** Checks what a limit is for, and of what. */
function checkLimit(limits: readonly unknown[], index: number, path: string, report: Report): void {
  const entry = record(limits[index]);
  const { type } = entry;
  checkLimitType(limits, index, path, report);
  if (type !== 'Pod' && type !== 'Container') return;
  for (const field of LIMIT_FIELDS) {
    for (const name in record(entry[field])) checkResourceName(name, CONTAINER_RESOURCES, `${path}/${field}`, report);
  }
}

function checkLimitType(limits: readonly unknown[], index: number, path: string, report: Report): void {
  const { type } = record(limits[index]);
  if (typeof type !== 'string') return;
  if (!LIMIT_TYPES.has(type) && !(type.includes('/') && isQualifiedName(type))) {
    report(`${path}/type`, {
      code: 'bad-enum-value',
      message: `${print(type)} is nothing that can be limited`,
      got: print(type),
      allowed: oneOf([...LIMIT_TYPES]),
      fix: 'use one of them',
    });
  }
  if (limits.findIndex((other) => record(other)['type'] === type) < index) {
    report(`${path}/type`, duplicateName('the limits', type));
  }
}

/** Checks a LimitRange: minimum, defaults and maximum of each resource must rise in that order. */
export function checkLimitRange(object: Data, report: Report): void {
  const limits = list(record(object['spec'])['limits']);
  limits.forEach((limit, index) => {
    const path = `/spec/limits/${index}`;
    const entry = record(limit);
    checkLimit(limits, index, path, report);
    checkOrder(entry, 'min', 'max', path, report);
    checkOrder(entry, 'min', 'default', path, report);
    checkOrder(entry, 'min', 'defaultRequest', path, report);
    checkOrder(entry, 'defaultRequest', 'default', path, report);
    checkOrder(entry, 'defaultRequest', 'max', path, report);
    checkOrder(entry, 'default', 'max', path, report);
    if (entry['type'] !== 'Pod') return;
    for (const field of ['default', 'defaultRequest']) {
      if (isKnown(entry[field]))
        report(`${path}/${field}`, {
          code: 'limit-range-default',
          message: 'limits of pods have no defaults',
          got: field,
          allowed: 'with type Container only',
          fix: `remove ${field}`,
        });
    }
  });
}

function checkOrder(limit: Data, low: string, high: string, path: string, report: Report): void {
  const lows = record(limit[low]);
  const highs = record(limit[high]);
  for (const name in lows) {
    const least = quantityValue(lows[name]);
    const most = quantityValue(highs[name]);
    if (least === undefined || most === undefined || least <= most) continue;
    report(`${path}/${low}${step(name)}`, {
      code: 'limit-order',
      message: `${low} of ${name} is above ${high}`,
      got: `${print(lows[name])} and ${print(highs[name])}`,
      allowed: `at most ${print(highs[name])}`,
      fix: `lower ${low}, or raise ${high}`,
    });
  }
}
