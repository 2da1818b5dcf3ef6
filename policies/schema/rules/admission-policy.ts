/**
 * Validating admission policies and their bindings; expressions are left to the server. Source: k8s.io/kubernetes
 * v1.36.3 `pkg/apis/admissionregistration/validation/validation.go`.
 */
import { isDeferred } from '../../../constructs/model/deferred';
import { isQualifiedName } from '../formats';
import { print } from '../print';
import { checkSelector } from './selector';
import { checkUnique, isKnown, list, record, type Data, type Report } from './rule';

/** Checks a ValidatingAdmissionPolicy. */
export function checkAdmissionPolicy(object: Data, report: Report): void {
  const spec = record(object['spec']);
  const constraints = record(spec['matchConstraints']);
  if (isKnown(object['spec']) && isEmpty(spec['validations']) && isEmpty(spec['auditAnnotations'])) {
    report('/spec/validations', {
      code: 'missing-choice',
      message: 'a policy validates or annotates',
      got: 'neither',
      allowed: 'validations or auditAnnotations',
      fix: 'add a validation',
    });
  }
  if (isKnown(object['spec']) && !isDeferred(spec['matchConstraints']) && isEmpty(constraints['resourceRules'])) {
    report('/spec/matchConstraints/resourceRules', {
      code: 'missing-field',
      message: 'a policy says what it matches',
      got: 'nothing',
      allowed: 'at least one rule',
      fix: 'add resourceRules',
    });
  }
  checkMatch(constraints, '/spec/matchConstraints', report);
  list(spec['validations']).forEach((validation, index) =>
    checkExpression(record(validation), `/spec/validations/${index}`, report),
  );
  for (const field of ['matchConditions', 'variables', 'auditAnnotations']) {
    const key = field === 'auditAnnotations' ? 'key' : 'name';
    checkUnique(list(spec[field]), key, '/spec', field, report);
  }
  list(spec['matchConditions']).forEach((condition, index) => {
    const name = record(condition)['name'];
    checkExpression(record(condition), `/spec/matchConditions/${index}`, report);
    if (typeof name === 'string' && !isQualifiedName(name))
      report(`/spec/matchConditions/${index}/name`, {
        code: 'bad-name',
        message: `${print(name)} is no valid name`,
        got: name,
        allowed: 'a name as a label key has it',
        fix: 'rename it',
      });
  });
}

/** Whether a list is not there or holds nothing; one that is not known yet may hold something. */
function isEmpty(value: unknown): boolean {
  return !isDeferred(value) && list(value).length === 0;
}

function checkExpression({ expression, message }: Data, path: string, report: Report): void {
  if (typeof expression === 'string' && expression.trim() === '') {
    report(`${path}/expression`, {
      code: 'missing-field',
      message: 'an expression says something',
      got: print(expression),
      allowed: 'a CEL expression',
      fix: 'write the expression',
    });
  }
  if (
    typeof expression === 'string' &&
    expression.includes('\n') &&
    message === undefined &&
    path.includes('/validations/')
  ) {
    report(`${path}/message`, {
      code: 'missing-field',
      message: 'an expression of several lines needs a message',
      got: 'nothing',
      allowed: 'a message of one line',
      fix: 'add message',
    });
  }
  if (typeof message !== 'string' || !message.includes('\n')) return;
  report(`${path}/message`, {
    code: 'bad-message',
    message: 'a message is one line',
    got: print(message),
    allowed: 'text without line breaks',
    fix: 'shorten the message',
  });
}

function checkMatch(match: Data, path: string, report: Report): void {
  checkSelector(match['namespaceSelector'], path, 'namespaceSelector', report);
  checkSelector(match['objectSelector'], path, 'objectSelector', report);
}

/** Checks a ValidatingAdmissionPolicyBinding. */
export function checkAdmissionBinding(object: Data, report: Report): void {
  const spec = record(object['spec']);
  const actions = list(spec['validationActions']);
  if (isKnown(object['spec']) && isEmpty(spec['validationActions'])) {
    report('/spec/validationActions', {
      code: 'missing-field',
      message: 'a binding says what happens',
      got: 'nothing',
      allowed: 'Deny, Warn or Audit',
      fix: 'add Deny',
    });
  }
  if (actions.includes('Deny') && actions.includes('Warn')) {
    report('/spec/validationActions', {
      code: 'validation-actions',
      message: 'Deny and Warn say the same twice',
      got: print(actions),
      allowed: 'Deny or Warn, with Audit or not',
      fix: 'remove Warn',
    });
  }
  checkMatch(record(spec['matchResources']), '/spec/matchResources', report);
}
