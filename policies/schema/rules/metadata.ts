/**
 * Names, labels and annotations. Source: k8s.io/apimachinery v0.36.3 `pkg/api/validation/objectmeta.go` and the name
 * functions of k8s.io/kubernetes v1.36.3 `pkg/apis/<group>/validation`.
 */
import { isDeferred } from '../../../constructs/model/deferred';
import { foundRight, isRight } from '../../../constructs/model/shared';
import { isDns1035Label, isDnsLabel, isDnsSubdomain, isLabelValue, isPathSegment, isQualifiedName } from '../formats';
import { print, step } from '../print';
import { isKnown, record, type Data, type Report, type RuleContext } from './rule';

interface NameRule {
  readonly matches: (name: string) => boolean;
  readonly allowed: string;
}

const SUBDOMAIN: NameRule = {
  matches: isDnsSubdomain,
  allowed: 'at most 253 of a-z, 0-9, - and ., letter or digit at the ends of each part',
};
const LABEL: NameRule = { matches: isDnsLabel, allowed: 'at most 63 of a-z, 0-9 and -, letter or digit at the ends' };
const LABEL_1035: NameRule = {
  matches: isDns1035Label,
  allowed: 'at most 63 of a-z, 0-9 and -, a letter first, letter or digit last',
};
const SEGMENT: NameRule = { matches: isPathSegment, allowed: 'text without / and %, neither . nor ..' };
const CRON_JOB: NameRule = {
  matches: (name) => name.length <= 52 && isDnsSubdomain(name),
  allowed: 'a DNS name of at most 52 characters',
};

/** Kinds whose names follow another grammar than DNS names. */
const NAMES: Readonly<Record<string, NameRule>> = {
  'core_v1/Namespace': LABEL,
  'apps_v1/StatefulSet': LABEL,
  'batch_v1/CronJob': CRON_JOB,
  'rbac.authorization.k8s.io_v1/Role': SEGMENT,
  'rbac.authorization.k8s.io_v1/ClusterRole': SEGMENT,
  'rbac.authorization.k8s.io_v1/RoleBinding': SEGMENT,
  'rbac.authorization.k8s.io_v1/ClusterRoleBinding': SEGMENT,
};

/** First minor version whose Services may have names that begin with a digit (RelaxedServiceNameValidation). */
export const RELAXED_SERVICE_NAMES = 36;
/** Total of all annotation keys and values, in bytes. */
const ANNOTATIONS_LIMIT = 256 * 1024;

/** Checks the metadata of any object. */
export function checkMetadata(object: Data, report: Report, context: RuleContext): void {
  if (isDeferred(object['metadata'])) return;
  const metadata = record(object['metadata']);
  checkName(metadata, report, context);
  checkNamespace(metadata['namespace'], report, context);
  checkLabels(metadata['labels'], '/metadata', 'labels', report);
  checkAnnotations(metadata['annotations'], '/metadata', 'annotations', report);
  checkFinalizers(metadata['finalizers'], report);
}

/** A finalizer is called like a label key. */
function checkFinalizers(finalizers: unknown, report: Report): void {
  if (!Array.isArray(finalizers)) return;
  finalizers.forEach((finalizer: unknown, index) => {
    if (typeof finalizer === 'string' && !isQualifiedName(finalizer)) {
      badKey(finalizer, '/metadata/finalizers', 'finalizer', report, String(index));
    }
  });
}

function nameRule({ type, minor }: RuleContext): NameRule {
  if (type === 'core_v1/Service') return minor < RELAXED_SERVICE_NAMES ? LABEL_1035 : LABEL;
  return NAMES[type] ?? SUBDOMAIN;
}

function checkName(metadata: Data, report: Report, context: RuleContext): void {
  const { name, generateName } = metadata;
  if (typeof name === 'string' && name !== '') {
    const rule = nameRule(context);
    if (rule.matches(name)) return;
    report('/metadata/name', {
      code: 'bad-name',
      message: `${print(name)} is no valid name`,
      got: print(name),
      allowed: rule.allowed,
      fix: 'rename the object',
    });
  } else if (!isKnown(generateName) && (!isKnown(name) ? name === undefined || name === null : name === '')) {
    report('/metadata/name', {
      code: 'missing-name',
      message: 'the object has no name',
      got: print(name),
      allowed: 'a name',
      fix: 'set metadata.name',
    });
  }
}

function checkNamespace(namespace: unknown, report: Report, { namespaced, type }: RuleContext): void {
  if (typeof namespace !== 'string' || namespace === '') return;
  if (!namespaced) {
    report('/metadata/namespace', {
      code: 'namespace-on-cluster-scoped',
      severity: 'warning',
      message: `${type.split('/')[1]} objects lie in no namespace`,
      got: namespace,
      allowed: 'no namespace',
      fix: 'leave metadata.namespace out',
    });
  } else if (!isDnsLabel(namespace)) {
    report('/metadata/namespace', {
      code: 'bad-name',
      message: `${print(namespace)} is no valid namespace`,
      got: print(namespace),
      allowed: LABEL.allowed,
      fix: 'rename the namespace',
    });
  }
}

/** Checks keys and values of the labels in `path/field`, also of those that a selector or a template holds. */
export function checkLabels(labels: unknown, path: string, field: string, report: Report): void {
  const entries = record(labels);
  if (isRight(entries, checkLabels)) return;
  if (areRight(entries)) return foundRight(entries, checkLabels);
  for (const key in entries) {
    const value = entries[key];
    if (!isQualifiedName(key)) badKey(key, `${path}/${field}`, 'label', report);
    if (typeof value === 'string' && !isLabelValue(value)) {
      report(`${path}/${field}${step(key)}`, {
        code: 'bad-label-value',
        message: `${print(value)} is no valid label value`,
        got: print(value),
        allowed: 'nothing, or at most 63 of A-Z, a-z, 0-9, -, _ and ., letter or digit at the ends',
        fix: 'shorten it, or make it an annotation',
      });
    }
  }
}

function areRight(labels: Data): boolean {
  for (const key in labels) {
    const value = labels[key];
    if (!isQualifiedName(key) || (typeof value === 'string' && !isLabelValue(value))) return false;
  }
  return true;
}

function badKey(key: string, path: string, what: string, report: Report, at = key): void {
  report(path + step(at), {
    code: `bad-${what}-key`,
    message: `${print(key)} is no valid ${what} key`,
    got: print(key),
    allowed:
      'at most 63 of A-Z, a-z, 0-9, -, _ and ., letter or digit at the ends, with a DNS name and a slash before it or not',
    fix: `rename the ${what}`,
  });
}

/** Checks keys and size of the annotations in `path/field`. */
export function checkAnnotations(annotations: unknown, path: string, field: string, report: Report): void {
  const entries = record(annotations);
  let size = 0;
  for (const key in entries) {
    const value = entries[key];
    // The server lowers the case of the key before it checks it.
    if (!isQualifiedName(key) && !isQualifiedName(key.toLowerCase()))
      badKey(key, `${path}/${field}`, 'annotation', report);
    if (typeof value === 'string') size += key.length + value.length;
  }
  if (size <= ANNOTATIONS_LIMIT) return;
  report(`${path}/${field}`, {
    code: 'annotations-too-large',
    message: 'all annotations together are too large',
    got: `${size} bytes`,
    allowed: `at most ${ANNOTATIONS_LIMIT} bytes`,
    fix: 'keep large texts in a ConfigMap',
  });
}
