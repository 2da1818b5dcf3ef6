/**
 * Stateful sets: their claims and the mounts of those. Source: k8s.io/kubernetes v1.36.3
 * `pkg/apis/apps/validation/validation.go`.
 */
import { isDeferred } from '../../../constructs/model/deferred';
import { print } from '../print';
import { checkBounds, isKnown, list, record, type Data, type Report } from './rule';
import { checkClaimSpec } from './quota';

/** Checks the claim templates of a StatefulSet. */
export function checkStatefulSet(object: Data, report: Report): void {
  checkName(record(object['metadata'])['name'], report);
  const spec = record(object['spec']);
  checkBounds(record(spec['ordinals'])['start'], 0, Infinity, '/spec/ordinals', 'start', report);
  const claims = list(spec['volumeClaimTemplates']);
  for (let index = 0; index < claims.length; index++) {
    const place = `/spec/volumeClaimTemplates/${index}`;
    checkClaimSpec(record(record(claims[index])['spec']), `${place}/spec`, report);
    if (isKnown(claims[index]) && record(claims[index])['spec'] === undefined) noClaimSpec(place, report);
    if (isDeferred(claims[index]) || isDeferred(record(claims[index])['metadata'])) continue;
    checkClaimName(record(record(claims[index])['metadata'])['name'], claims, index, place, report);
  }
}

/** Longest name of a StatefulSet, in characters: its pods carry it and a hash of eleven in one label's value. */
const MAX_NAME = 52;

function checkName(name: unknown, report: Report): void {
  if (typeof name !== 'string' || name.length <= MAX_NAME) return;
  report('/metadata/name', {
    code: 'name-too-long',
    message: 'the label controller-revision-hash of its pods would be too long, so none is ever made',
    got: `${name.length} characters`,
    allowed: `at most ${MAX_NAME}`,
    fix: 'shorten the name',
  });
}

function noClaimSpec(place: string, report: Report): void {
  report(`${place}/spec`, {
    code: 'missing-field',
    message: 'a claim says what it wants',
    got: 'nothing',
    allowed: 'accessModes and resources',
    fix: 'add spec',
  });
}

function checkClaimName(name: unknown, claims: readonly unknown[], index: number, place: string, report: Report): void {
  if (name === undefined) {
    report(`${place}/metadata/name`, {
      code: 'missing-name',
      message: 'a claim template has no name',
      got: 'nothing',
      allowed: 'a name that a volumeMount uses',
      fix: 'set metadata.name',
    });
  }
  const twin = claims.findIndex((other) => record(record(other)['metadata'])['name'] === name);
  if (typeof name !== 'string' || twin >= index) return;
  report(`${place}/metadata/name`, {
    code: 'duplicate-name',
    message: `two claim templates are named ${name}`,
    got: print(name),
    allowed: 'names that differ',
    fix: 'rename one of them',
  });
}
