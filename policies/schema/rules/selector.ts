/**
 * Label selectors: operators and their values, and whether a selector selects the labels it stands beside. Source:
 * k8s.io/apimachinery v0.36.3 `pkg/apis/meta/v1/validation/validation.go`.
 */
import { isDeferred } from '../deferred';
import { isLabelValue, isQualifiedName } from '../formats';
import { oneOf, print } from '../print';
import { checkLabels } from './metadata';
import { isKnown, list, record, type Data, type Report } from './rule';

/** Checks a label selector at `path`. */
export function checkSelector(selector: unknown, path: string, report: Report): void {
  const { matchLabels, matchExpressions } = record(selector);
  checkLabels(matchLabels, `${path}/matchLabels`, report);
  const expressions = list(matchExpressions);
  for (let index = 0; index < expressions.length; index++) {
    checkExpression(record(expressions[index]), `${path}/matchExpressions/${index}`, report);
  }
}

function checkExpression(expression: Data, path: string, report: Report): void {
  const key = expression['key'];
  if (typeof key === 'string' && !isQualifiedName(key)) {
    report(`${path}/key`, { code: 'bad-label-key', message: `${print(key)} is no valid label key`, got: print(key), allowed: 'a label key, as app.kubernetes.io/name', fix: 'correct the key' });
  }
  checkValues(expression, path, report);
}

function checkValues(expression: Data, path: string, report: Report): void {
  const operator = expression['operator'];
  const values = list(expression['values']);
  const wants = operator === 'In' || operator === 'NotIn';
  const refuses = operator === 'Exists' || operator === 'DoesNotExist';
  const wrong = (wants && values.length === 0) || (refuses && values.length > 0);
  if (wrong && !isDeferred(expression['values'])) {
    report(`${path}/values`, {
      code: 'selector-values', message: `${operator} ${wants ? 'needs values' : 'takes no values'}`, got: `${values.length} values`,
      allowed: wants ? 'at least one value' : 'no values', fix: wants ? 'add values, or use Exists' : 'remove the values, or use In',
    });
  }
  for (const [index, value] of values.entries()) {
    if (typeof value !== 'string' || isLabelValue(value)) continue;
    report(`${path}/values/${index}`, { code: 'bad-label-value', message: `${print(value)} is no valid label value`, got: print(value), allowed: 'a label value', fix: 'correct the value' });
  }
}

/** Whether a selector says nothing, and so selects everything. */
export function isEmptySelector(selector: unknown): boolean {
  const { matchLabels, matchExpressions } = record(selector);
  for (const _ in record(matchLabels)) return false;
  return isKnownOrAbsent(matchLabels) && isKnownOrAbsent(matchExpressions) && list(matchExpressions).length === 0;
}

function isKnownOrAbsent(value: unknown): boolean {
  return value === undefined || value === null || isKnown(value);
}

/** Labels of a pod template; what is not known yet of the way to them, where something is not. */
export function labelsOf(template: unknown): unknown {
  if (isDeferred(template)) return template;
  const metadata = record(template)['metadata'];
  return isDeferred(metadata) ? metadata : record(metadata)['labels'];
}

/** Complains where a selector does not select `labels`, which stand at `labelsPath`. Unknown values pass. */
export function checkSelects(selector: unknown, labels: unknown, path: string, labelsPath: string, report: Report): void {
  const wanted = record(record(selector)['matchLabels']);
  const held = record(labels);
  if (labels !== undefined && !isKnown(labels)) return;
  for (const key in wanted) {
    const value = wanted[key];
    if (!isKnown(value) || value === held[key] || (held[key] !== undefined && !isKnown(held[key]))) continue;
    mismatch(path, `${key}=${String(value)}`, held[key], labelsPath, report);
  }
  for (const expression of list(record(selector)['matchExpressions'])) {
    const { key, operator, values } = record(expression);
    if (typeof key === 'string' && !holds(held[key], operator, list(values))) {
      mismatch(path, `${key} ${String(operator)} ${oneOf(list(values))}`.trim(), held[key], labelsPath, report);
    }
  }
}

function holds(value: unknown, operator: unknown, values: readonly unknown[]): boolean {
  if (value !== undefined && !isKnown(value)) return true;
  switch (operator) {
    case 'In': return values.includes(value);
    case 'NotIn': return !values.includes(value);
    case 'Exists': return value !== undefined;
    case 'DoesNotExist': return value === undefined;
    default: return true;
  }
}

function mismatch(path: string, wanted: string, got: unknown, labelsPath: string, report: Report): void {
  report(path, {
    code: 'selector-does-not-match', message: `the selector wants ${wanted}, which ${labelsPath} does not hold`, got: print(got),
    allowed: 'a selector that selects the labels of its own pod template', fix: `give ${labelsPath} the label, or take it out of the selector`,
  });
}
