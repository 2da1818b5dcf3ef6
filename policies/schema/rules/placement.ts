/**
 * Where pods may run: spread constraints, tolerations, affinity. Source: `validateTopologySpreadConstraints`,
 * `ValidateTolerations` and `validateAffinity` in k8s.io/kubernetes v1.36.3 `pkg/apis/core/validation/validation.go`.
 */
import { isDeferred } from '../../../constructs/model/deferred';
import { print } from '../print';
import { checkLabels } from './metadata';
import { checkBounds, isKnown, list, record, type Data, type Report } from './rule';
import { checkSelector } from './selector';

/** Checks the fields of a pod that say where it may run. */
export function checkPlacement(spec: Data, path: string, report: Report): void {
  checkLabels(spec['nodeSelector'], path, 'nodeSelector', report);
  checkSpread(list(spec['topologySpreadConstraints']), path, report);
  const tolerations = list(spec['tolerations']);
  for (let index = 0; index < tolerations.length; index++)
    if (isKnown(tolerations[index]))
      checkToleration(record(tolerations[index]), `${path}/tolerations/${index}`, report);
  if (!isKnown(spec['affinity'])) return;
  for (const kind of ['podAffinity', 'podAntiAffinity'])
    checkAffinity(record(record(spec['affinity'])[kind]), `${path}/affinity/${kind}`, report);
  const preferred = list(record(record(spec['affinity'])['nodeAffinity'])[PREFERRED]);
  preferred.forEach((term, index) =>
    checkBounds(
      record(term)['weight'],
      1,
      100,
      `${path}/affinity/nodeAffinity/${PREFERRED}/${index}`,
      'weight',
      report,
    ),
  );
}

const PREFERRED = 'preferredDuringSchedulingIgnoredDuringExecution';
const REQUIRED = 'requiredDuringSchedulingIgnoredDuringExecution';

function checkSpread(constraints: readonly unknown[], path: string, report: Report): void {
  for (let index = 0; index < constraints.length; index++) {
    const constraint = record(constraints[index]);
    const { maxSkew, minDomains, topologyKey, whenUnsatisfiable, labelSelector, matchLabelKeys } = constraint;
    const place = `${path}/topologySpreadConstraints/${index}`;
    checkBounds(maxSkew, 1, Infinity, place, 'maxSkew', report);
    checkBounds(minDomains, 1, Infinity, place, 'minDomains', report);
    checkSelector(labelSelector, place, 'labelSelector', report);
    if (typeof minDomains === 'number' && whenUnsatisfiable === 'ScheduleAnyway') {
      report(`${place}/minDomains`, {
        code: 'spread-min-domains',
        message: 'minDomains counts for DoNotSchedule only',
        got: print(minDomains),
        allowed: 'no minDomains with ScheduleAnyway',
        fix: 'remove minDomains, or use DoNotSchedule',
      });
    }
    if (matchLabelKeys !== undefined && labelSelector === undefined) {
      report(`${place}/matchLabelKeys`, {
        code: 'missing-field',
        message: 'matchLabelKeys narrows a labelSelector, and there is none',
        got: 'no labelSelector',
        allowed: 'matchLabelKeys with a labelSelector',
        fix: 'add labelSelector',
      });
    }
    const twin = constraints.findIndex(
      (other) =>
        record(other)['topologyKey'] === topologyKey && record(other)['whenUnsatisfiable'] === whenUnsatisfiable,
    );
    if (twin < index && typeof topologyKey === 'string') {
      report(place, {
        code: 'duplicate-element',
        message: 'two spread constraints have the same topologyKey and whenUnsatisfiable',
        got: print(topologyKey),
        allowed: 'pairs that differ',
        fix: 'remove one of them',
      });
    }
  }
}

function checkToleration(toleration: Data, path: string, report: Report): void {
  const { key, operator, value } = toleration;
  checkTolerationTime(toleration, path, report);
  if (operator === 'Exists' && isKnown(value) && value !== '') {
    report(`${path}/value`, {
      code: 'toleration-value',
      message: 'Exists compares no value',
      got: print(value),
      allowed: 'no value',
      fix: 'remove value, or use Equal',
    });
  }
  const everyKey = key === undefined || key === '';
  if (everyKey && operator !== 'Exists' && !isDeferred(operator)) {
    report(`${path}/operator`, {
      code: 'toleration-operator',
      message: 'a toleration of every key uses Exists',
      got: print(operator),
      allowed: 'Exists',
      fix: 'name a key, or use Exists',
    });
  }
}

function checkTolerationTime({ effect, tolerationSeconds }: Data, path: string, report: Report): void {
  if (!isKnown(tolerationSeconds) || effect === 'NoExecute' || isDeferred(effect)) return;
  report(`${path}/effect`, {
    code: 'toleration-seconds',
    message: 'tolerationSeconds goes with NoExecute only',
    got: print(effect),
    allowed: 'NoExecute',
    fix: 'set effect NoExecute, or remove tolerationSeconds',
  });
}

function checkAffinity(affinity: Data, path: string, report: Report): void {
  list(affinity[REQUIRED]).forEach((term, index) => checkTerm(record(term), `${path}/${REQUIRED}/${index}`, report));
  list(affinity[PREFERRED]).forEach((term, index) => {
    const place = `${path}/${PREFERRED}/${index}`;
    checkBounds(record(term)['weight'], 1, 100, place, 'weight', report);
    checkTerm(record(record(term)['podAffinityTerm']), `${place}/podAffinityTerm`, report);
  });
}

function checkTerm(term: Data, path: string, report: Report): void {
  checkSelector(term['labelSelector'], path, 'labelSelector', report);
  checkSelector(term['namespaceSelector'], path, 'namespaceSelector', report);
  if (term['topologyKey'] !== '') return;
  report(`${path}/topologyKey`, {
    code: 'missing-field',
    message: 'pod affinity needs a topologyKey',
    got: '""',
    allowed: 'the label key of a topology, as kubernetes.io/hostname',
    fix: 'set topologyKey',
  });
}
