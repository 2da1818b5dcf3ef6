/**
 * Resource requests and limits. Source: `ValidateResourceRequirements` in k8s.io/kubernetes v1.36.3
 * `pkg/apis/core/validation/validation.go`.
 */
import { isQualifiedName, quantityValue } from '../formats';
import { print, step } from '../print';
import { record, type Data, type Report } from './rule';

const STANDARD: ReadonlySet<string> = new Set(['cpu', 'memory', 'ephemeral-storage']);

function isResource(name: string): boolean {
  return STANDARD.has(name) || (name.includes('/') ? isQualifiedName(name) : /^hugepages-.+$/.test(name));
}

/** Checks the `resources` of the container at `path`: requests against limits, and the names of the resources. */
export function checkResources(resources: Data, path: string, report: Report): void {
  const requests = record(resources['requests']);
  const limits = record(resources['limits']);
  for (const name in requests) checkEntry(name, requests[name], path, 'requests', report);
  for (const name in limits) {
    checkEntry(name, limits[name], path, 'limits', report);
    if (requests[name] !== undefined) checkPair(name, requests[name], limits[name], path, report);
  }
}

function checkEntry(name: string, value: unknown, path: string, part: string, report: Report): void {
  if (!isResource(name)) {
    report(`${path}/resources/${part}${step(name)}`, {
      code: 'unknown-resource',
      message: `${name} is no resource of a container`,
      got: name,
      allowed: 'cpu, memory, ephemeral-storage, hugepages-<size>, or a name with a domain',
      fix: 'correct the name of the resource',
    });
  }
  const amount = quantityValue(value);
  if (amount === undefined || amount >= 0) return;
  const field = `${path}/resources/${part}${step(name)}`;
  report(field, {
    code: 'out-of-range',
    message: `${field} must not be negative`,
    got: print(value),
    allowed: '0 or more',
    fix: 'make it positive',
  });
}

function checkPair(name: string, request: unknown, limit: unknown, path: string, report: Report): void {
  const wanted = quantityValue(request);
  const most = quantityValue(limit);
  if (wanted === undefined || most === undefined) return;
  const exact = name.includes('/') || name.startsWith('hugepages-');
  if (exact ? wanted === most : wanted <= most) return;
  report(`${path}/resources/requests${step(name)}`, {
    code: 'request-above-limit',
    message: exact ? `${name} cannot be overcommitted` : `the request for ${name} is above its limit`,
    got: `request ${print(request)}, limit ${print(limit)}`,
    allowed: exact ? `exactly ${print(limit)}` : `at most ${print(limit)}`,
    fix: 'lower the request or raise the limit',
  });
}
