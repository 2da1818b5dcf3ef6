/**
 * Label selectors: operators and their values, and whether a selector selects the labels it stands beside. Source:
 * k8s.io/apimachinery v0.36.3 `pkg/apis/meta/v1/validation/validation.go`.
 */
import { isDeferred } from '../../../constructs/model/deferred';
import { isLabelValue, isQualifiedName } from '../formats';
import { oneOf, plain, print } from '../print';
import { checkLabels } from './metadata';
import { isKnown, list, record, type Data, type Report } from './rule';

/** Checks the label selector in `path/field`. */
export function checkSelector(selector: unknown, path: string, field: string, report: Report): void {
  if (selector === undefined) return;
  const { matchLabels, matchExpressions } = record(selector);
  if (matchLabels !== undefined) checkLabels(matchLabels, `${path}/${field}`, 'matchLabels', report);
  const expressions = list(matchExpressions);
  for (let index = 0; index < expressions.length; index++) {
    checkExpression(record(expressions[index]), `${path}/${field}/matchExpressions/${index}`, report);
  }
}

function checkExpression(expression: Data, path: string, report: Report): void {
  const { key, values } = expression;
  if (typeof key === 'string' && !isQualifiedName(key)) {
    report(`${path}/key`, {
      code: 'bad-label-key',
      message: `${print(key)} is no valid label key`,
      got: print(key),
      allowed: 'a label key, as app.kubernetes.io/name',
      fix: 'correct the key',
    });
  }
  if (!isDeferred(values)) checkValueCount(expression['operator'], list(values).length, path, report);
  list(values).forEach((value, index) => checkValue(value, `${path}/values/${index}`, report));
}

/** What the operators without values are written with instead, and the other way round. */
const OPPOSITE: ReadonlyMap<unknown, 'Exists' | 'In'> = new Map([
  ['In', 'Exists'],
  ['NotIn', 'Exists'],
  ['Exists', 'In'],
  ['DoesNotExist', 'In'],
]);

function checkValueCount(operator: unknown, count: number, path: string, report: Report): void {
  const opposite = OPPOSITE.get(operator);
  if (opposite === undefined && typeof operator === 'string') {
    report(`${path}/operator`, {
      code: 'bad-enum-value',
      message: `${print(operator)} is no operator`,
      got: print(operator),
      allowed: oneOf([...OPPOSITE.keys()]),
      fix: 'use one of them',
    });
  }
  if (opposite === undefined || (opposite === 'In') === (count === 0)) return;
  const refuses = opposite === 'In';
  report(`${path}/values`, {
    code: 'selector-values',
    message: `${String(operator)} ${refuses ? 'takes no values' : 'needs values'}`,
    got: `${count} values`,
    allowed: refuses ? 'no values' : 'at least one value',
    fix: refuses ? 'remove the values, or use In' : 'add values, or use Exists',
  });
}

function checkValue(value: unknown, path: string, report: Report): void {
  if (typeof value !== 'string' || isLabelValue(value)) return;
  report(path, {
    code: 'bad-label-value',
    message: `${print(value)} is no valid label value`,
    got: print(value),
    allowed: 'a label value',
    fix: 'correct the value',
  });
}

/** Whether a selector says nothing, and so selects everything. */
export function isEmptySelector(selector: unknown): boolean {
  const { matchLabels, matchExpressions } = record(selector);
  for (const _ in record(matchLabels)) return false;
  return !isDeferred(matchLabels) && !isDeferred(matchExpressions) && list(matchExpressions).length === 0;
}

/** Labels of a pod template; what is not known yet of the way to them, where something is not. */
export function labelsOf(template: unknown): unknown {
  if (isDeferred(template)) return template;
  const metadata = record(template)['metadata'];
  return isDeferred(metadata) ? metadata : record(metadata)['labels'];
}

/** Complains where a selector does not select `labels`, which stand at `labelsPath`. Unknown values pass. */
export function checkSelects(
  selector: unknown,
  labels: unknown,
  path: string,
  labelsPath: string,
  report: Report,
): void {
  const { matchLabels, matchExpressions } = record(selector);
  const wanted = record(matchLabels);
  const held = record(labels);
  if (labels !== undefined && !isKnown(labels)) return;
  for (const key in wanted) {
    if (mayEqual(wanted[key], held[key])) continue;
    mismatch(path, `${key}=${plain(wanted[key])}`, held[key], labelsPath, report);
  }
  for (const expression of list(matchExpressions)) {
    const { key, operator, values } = record(expression);
    if (typeof key !== 'string' || holds(held[key], operator, list(values))) continue;
    mismatch(path, `${key} ${plain(operator)} ${oneOf(list(values))}`.trim(), held[key], labelsPath, report);
  }
}

function mayEqual(wanted: unknown, held: unknown): boolean {
  return wanted === held || !isKnown(wanted) || (held !== undefined && !isKnown(held));
}

function holds(value: unknown, operator: unknown, values: readonly unknown[]): boolean {
  if (value !== undefined && !isKnown(value)) return true;
  switch (operator) {
    case 'In':
      return values.includes(value);
    case 'NotIn':
      return !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    default:
      return true;
  }
}

function mismatch(path: string, wanted: string, got: unknown, labelsPath: string, report: Report): void {
  report(path, {
    code: 'selector-does-not-match',
    message: `the selector wants ${wanted}, which ${labelsPath} does not hold`,
    got: print(got),
    allowed: 'a selector that selects the labels of its own pod template',
    fix: `give ${labelsPath} the label, or take it out of the selector`,
  });
}
