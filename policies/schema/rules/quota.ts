/**
 * Claims for storage and limit ranges. Source: `ValidatePersistentVolumeClaimSpec` and `ValidateLimitRange` in
 * k8s.io/kubernetes v1.36.3 `pkg/apis/core/validation/validation.go`.
 */
import { isDeferred } from '../../../constructs/model/deferred';
import { quantityValue } from '../formats';
import { print, step } from '../print';
import { isKnown, list, record, type Data, type Report } from './rule';
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

/** Checks a LimitRange: minimum, defaults and maximum of each resource must rise in that order. */
export function checkLimitRange(object: Data, report: Report): void {
  list(record(object['spec'])['limits']).forEach((limit, index) => {
    const path = `/spec/limits/${index}`;
    const entry = record(limit);
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
