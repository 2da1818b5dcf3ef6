/**
 * Roles and bindings. Source: k8s.io/kubernetes v1.36.3 `pkg/apis/rbac/validation/validation.go`.
 */
import { isDnsSubdomain } from '../formats';
import { print } from '../print';
import { checkSelector } from './selector';
import { isKnown, list, record, type Data, type Report, type RuleContext } from './rule';

/** Checks a Role or a ClusterRole. */
export function checkRole(object: Data, report: Report, { namespaced }: RuleContext): void {
  list(object['rules']).forEach(
    (rule, index) => isKnown(rule) && checkRule(record(rule), `/rules/${index}`, namespaced, report),
  );
  list(record(object['aggregationRule'])['clusterRoleSelectors']).forEach((selector, index) =>
    checkSelector(selector, '/aggregationRule/clusterRoleSelectors', String(index), report),
  );
}

function checkRule(rule: Data, path: string, namespaced: boolean, report: Report): void {
  const missing = (field: string, message: string): void =>
    report(`${path}/${field}`, {
      code: 'missing-field',
      message,
      got: 'nothing',
      allowed: `at least one of ${field}`,
      fix: `add ${field}`,
    });
  const empty = (field: string): boolean => isKnown(rule[field] ?? NONE) && list(rule[field]).length === 0;
  if (empty('verbs')) missing('verbs', 'a rule without verbs allows nothing');
  if (list(rule['nonResourceURLs']).length > 0) {
    if (namespaced || !empty('resources') || !empty('apiGroups')) {
      report(`${path}/nonResourceURLs`, {
        code: 'non-resource-rule',
        message: 'URLs stand in rules of their own, and in ClusterRoles only',
        got: print(rule['nonResourceURLs']),
        allowed: namespaced ? 'no nonResourceURLs' : 'nonResourceURLs without resources and apiGroups',
        fix: 'put the URLs in a rule of a ClusterRole',
      });
    }
    return;
  }
  if (empty('apiGroups')) missing('apiGroups', 'a rule names the groups of its resources ("" is the core group)');
  if (empty('resources')) missing('resources', 'a rule names resources');
}

const NONE: readonly unknown[] = [];

/** Checks a RoleBinding or a ClusterRoleBinding. */
export function checkBinding(object: Data, report: Report, { namespaced }: RuleContext): void {
  const { kind, name } = record(object['roleRef']);
  if (!namespaced && kind === 'Role') {
    report('/roleRef/kind', {
      code: 'bad-enum-value',
      message: 'a ClusterRoleBinding binds a ClusterRole',
      got: 'Role',
      allowed: 'ClusterRole',
      fix: 'bind a ClusterRole, or use a RoleBinding',
    });
  }
  if (name === '')
    report('/roleRef/name', {
      code: 'missing-name',
      message: 'the role has no name',
      got: '""',
      allowed: 'the name of a role',
      fix: 'set roleRef.name',
    });
  list(object['subjects']).forEach((subject, index) => checkSubject(record(subject), `/subjects/${index}`, report));
}

function checkSubject(subject: Data, path: string, report: Report): void {
  const { kind, apiGroup } = subject;
  if (kind === 'ServiceAccount') checkAccount(subject, path, report);
  const group = kind === 'ServiceAccount' ? '' : 'rbac.authorization.k8s.io';
  if (typeof kind !== 'string' || !isKnown(apiGroup) || apiGroup === group) return;
  report(`${path}/apiGroup`, {
    code: 'bad-enum-value',
    message: `${kind} belongs to another group`,
    got: print(apiGroup),
    allowed: group === '' ? '"" (the core group)' : group,
    fix: 'leave apiGroup out, or correct it',
  });
}

function checkAccount({ name, namespace }: Data, path: string, report: Report): void {
  if (typeof name === 'string' && !isDnsSubdomain(name)) {
    report(`${path}/name`, {
      code: 'bad-name',
      message: `${print(name)} is no name of a ServiceAccount`,
      got: name,
      allowed: 'a DNS name',
      fix: 'correct the name',
    });
  }
  if (namespace !== undefined && namespace !== '') return;
  report(`${path}/namespace`, {
    code: 'missing-field',
    message: 'a ServiceAccount is named with its namespace',
    got: 'nothing',
    allowed: 'a namespace',
    fix: 'set namespace',
  });
}
