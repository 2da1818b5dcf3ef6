/**
 * What controllers of long-running pods must keep. Source: k8s.io/kubernetes v1.36.3
 * `pkg/apis/apps/validation/validation.go`.
 */
import { print } from '../print';
import { checkBounds, checkCounts, isKnown, record, type Data, type Report } from './rule';
import { checkSelector, checkSelects, isEmptySelector, labelsOf } from './selector';

const COUNTS = ['replicas', 'minReadySeconds', 'revisionHistoryLimit'];

/** Checks a Deployment, StatefulSet, DaemonSet or ReplicaSet. */
export function checkWorkload(object: Data, report: Report): void {
  const spec = record(object['spec']);
  const template = record(spec['template']);
  checkSelector(spec['selector'], '/spec', 'selector', report);
  if (isKnown(spec['selector']) && isEmptySelector(spec['selector'])) {
    report('/spec/selector', {
      code: 'empty-selector',
      message: 'an empty selector would select every pod',
      got: print(spec['selector']),
      allowed: 'at least one label',
      fix: 'add matchLabels',
    });
  }
  checkSelects(
    spec['selector'],
    labelsOf(spec['template']),
    '/spec/selector',
    '/spec/template/metadata/labels',
    report,
  );
  checkCounts(spec, COUNTS, '/spec', report);
  checkRestart(record(template['spec']), report);
  checkDeadline(spec, report);
  checkStrategy(
    record(spec['strategy'] ?? spec['updateStrategy']),
    spec['strategy'] === undefined ? '/spec/updateStrategy' : '/spec/strategy',
    report,
  );
}

function checkRestart(pod: Data, report: Report): void {
  const policy = pod['restartPolicy'];
  if (policy === 'OnFailure' || policy === 'Never') {
    report('/spec/template/spec/restartPolicy', {
      code: 'restart-policy',
      message: 'pods of this kind are always restarted',
      got: policy,
      allowed: 'Always',
      fix: 'leave restartPolicy out, or use a Job',
    });
  }
  if (!isKnown(pod['activeDeadlineSeconds'])) return;
  report('/spec/template/spec/activeDeadlineSeconds', {
    code: 'active-deadline',
    message: 'pods of this kind run without an end',
    got: print(pod['activeDeadlineSeconds']),
    allowed: 'no activeDeadlineSeconds',
    fix: 'remove it, or use a Job',
  });
}

function checkDeadline(spec: Data, report: Report): void {
  const { progressDeadlineSeconds, minReadySeconds } = spec;
  if (typeof progressDeadlineSeconds !== 'number') return;
  const least = typeof minReadySeconds === 'number' ? minReadySeconds : 0;
  if (progressDeadlineSeconds > least) return;
  report('/spec/progressDeadlineSeconds', {
    code: 'out-of-range',
    message: 'progressDeadlineSeconds must be more than minReadySeconds',
    got: String(progressDeadlineSeconds),
    allowed: `more than ${least}`,
    fix: 'raise it',
  });
}

function checkStrategy(strategy: Data, path: string, report: Report): void {
  const rolling = strategy['rollingUpdate'];
  const type = strategy['type'];
  if (isKnown(rolling) && (type === 'Recreate' || type === 'OnDelete')) {
    report(`${path}/rollingUpdate`, {
      code: 'strategy-contradiction',
      message: `${type} does not roll`,
      got: 'rollingUpdate',
      allowed: 'rollingUpdate with type RollingUpdate only',
      fix: 'remove rollingUpdate',
    });
  }
  const { maxSurge, maxUnavailable } = record(rolling);
  checkShare(maxSurge, path, 'rollingUpdate/maxSurge', report);
  checkShare(maxUnavailable, path, 'rollingUpdate/maxUnavailable', report);
  // A surge that nobody writes is 25 % for a Deployment and none for the others.
  const surges = path === '/spec/strategy' || maxSurge !== undefined;
  if (!isZero(maxUnavailable) || (surges && !isZero(maxSurge))) return;
  report(`${path}/rollingUpdate/maxUnavailable`, {
    code: 'rollout-stuck',
    message: 'with maxSurge and maxUnavailable both 0 nothing can move',
    got: '0 and 0',
    allowed: 'one of the two above 0',
    fix: 'raise maxSurge',
  });
}

function isZero(share: unknown): boolean {
  return share === 0 || share === '0%';
}

/** Checks the count or the percentage of pods in `path/name`. */
export function checkShare(share: unknown, path: string, name: string, report: Report): void {
  if (typeof share === 'number') return checkBounds(share, 0, Infinity, path, name, report);
  if (typeof share !== 'string' || /^\d+%$/.test(share)) return;
  report(`${path}/${name}`, {
    code: 'bad-percentage',
    message: `${path}/${name} must be a whole number or a percentage`,
    got: print(share),
    allowed: 'as 3 or 25%',
    fix: 'write it as 25%, or as a number without quotes',
  });
}
