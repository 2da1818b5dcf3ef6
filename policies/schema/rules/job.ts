/**
 * Jobs. Source: k8s.io/kubernetes v1.36.3 `pkg/apis/batch/validation/validation.go`.
 */
import { hasTokens } from '../../../constructs/model/deferred';
import { isQualifiedName } from '../formats';
import { print } from '../print';
import { checkCounts, isKnown, isKnownOrAbsent, list, record, type Data, type Report } from './rule';
import { checkSelector, checkSelects, labelsOf } from './selector';

const COUNTS = [
  'parallelism',
  'completions',
  'activeDeadlineSeconds',
  'backoffLimit',
  'backoffLimitPerIndex',
  'maxFailedIndexes',
  'ttlSecondsAfterFinished',
];

/** Characters of a label's value, which the name of a Job becomes. */
const LONGEST_NAME = 63;

/** Checks a Job. */
export function checkJob(object: Data, report: Report): void {
  const name = record(object['metadata'])['name'];
  if (typeof name === 'string' && name.length > LONGEST_NAME && !hasTokens(name)) {
    report('/metadata/name', {
      code: 'bad-name',
      message: 'the name of a Job becomes a label of its pods',
      got: print(name),
      allowed: `at most ${LONGEST_NAME} characters`,
      fix: 'shorten the name',
    });
  }
  checkJobSpec(record(object['spec']), '/spec', report);
}

/** Checks the spec of a Job at `path`. */
export function checkJobSpec(spec: Data, path: string, report: Report): void {
  checkCounts(spec, COUNTS, path, report);
  const template = record(spec['template']);
  if (isKnown(template['spec'])) checkRestart(record(template['spec']), spec, path, report);
  checkIndexed(spec, path, report);
  checkFailurePolicy(spec, path, report);
  checkSelector(spec['selector'], path, 'selector', report);
  if (!isKnown(spec['selector'])) return;
  if (spec['manualSelector'] !== true) {
    report(`${path}/selector`, {
      code: 'job-selector',
      message: 'the selector of a Job is made by the server',
      got: print(spec['selector']),
      allowed: 'no selector',
      fix: 'remove selector',
    });
  }
  checkSelects(
    spec['selector'],
    labelsOf(spec['template']),
    `${path}/selector`,
    `${path}/template/metadata/labels`,
    report,
  );
}

function checkRestart(pod: Data, spec: Data, path: string, report: Report): void {
  const policy = pod['restartPolicy'];
  const field = `${path}/template/spec/restartPolicy`;
  if (policy !== undefined && !isKnown(policy)) return;
  if (policy !== 'OnFailure' && policy !== 'Never') {
    report(field, {
      code: 'restart-policy',
      message: 'pods of a Job end, so they are not always restarted',
      got: policy === undefined ? 'nothing, which means Always' : print(policy),
      allowed: 'Never or OnFailure',
      fix: 'set restartPolicy',
    });
  } else if (policy === 'OnFailure' && isKnown(spec['podFailurePolicy'])) {
    report(field, {
      code: 'restart-policy',
      message: 'podFailurePolicy needs pods that are not restarted',
      got: policy,
      allowed: 'Never',
      fix: 'set restartPolicy Never',
    });
  }
}

function checkIndexed(spec: Data, path: string, report: Report): void {
  if (spec['completionMode'] === 'Indexed' && spec['completions'] === undefined) {
    report(`${path}/completions`, {
      code: 'missing-field',
      message: 'an indexed Job needs completions',
      got: 'nothing',
      allowed: 'how many indexes there are',
      fix: 'set completions',
    });
  }
  if (spec['completionMode'] === 'Indexed') return;
  for (const field of ['backoffLimitPerIndex', 'maxFailedIndexes', 'successPolicy']) {
    if (spec[field] === undefined || !isKnownOrAbsent(spec['completionMode'])) continue;
    report(`${path}/${field}`, {
      code: 'job-not-indexed',
      message: `${field} is for indexed Jobs only`,
      got: print(spec[field]),
      allowed: 'with completionMode Indexed only',
      fix: `set completionMode Indexed, or remove ${field}`,
    });
  }
}

function checkFailurePolicy(spec: Data, path: string, report: Report): void {
  for (const [index, rule] of list(record(spec['podFailurePolicy'])['rules']).entries()) {
    checkConditions(record(rule), `${path}/podFailurePolicy/rules/${index}`, report);
    const { onExitCodes, onPodConditions } = record(rule);
    // An empty list counts for none.
    const hasConditions =
      onPodConditions !== undefined && !(Array.isArray(onPodConditions) && onPodConditions.length === 0);
    if ((onExitCodes === undefined) === hasConditions) continue;
    report(`${path}/podFailurePolicy/rules/${index}`, {
      code: 'several-choices',
      message: 'a rule looks at exit codes or at conditions',
      got: 'both or none',
      allowed: 'onExitCodes or onPodConditions',
      fix: 'keep one of them',
    });
  }
}

/** The type of a pod's condition is written as the key of a label. */
function checkConditions(rule: Data, path: string, report: Report): void {
  for (const [index, condition] of list(rule['onPodConditions']).entries()) {
    const { type } = record(condition);
    if (typeof type !== 'string' || isQualifiedName(type)) continue;
    report(`${path}/onPodConditions/${index}/type`, {
      code: 'bad-name',
      message: `${print(type)} is no type of a condition`,
      got: print(type),
      allowed: 'a name such as DisruptionTarget, with a DNS name and a slash before it or not',
      fix: 'correct the type',
    });
  }
}
