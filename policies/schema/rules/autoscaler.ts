/**
 * Horizontal pod autoscalers. Source: k8s.io/kubernetes v1.36.3 `pkg/apis/autoscaling/validation/validation.go`.
 */
import { print } from '../print';
import { checkBounds, isKnown, list, record, type Data, type Report } from './rule';

/** Field that holds the source of a metric, by type. */
const SOURCES: Readonly<Record<string, string>> = {
  Resource: 'resource',
  ContainerResource: 'containerResource',
  Pods: 'pods',
  Object: 'object',
  External: 'external',
};
const TARGETS: Readonly<Record<string, string>> = {
  Utilization: 'averageUtilization',
  AverageValue: 'averageValue',
  Value: 'value',
};

/** Checks an autoscaler. */
export function checkAutoscaler(object: Data, report: Report): void {
  const spec = record(object['spec']);
  const { minReplicas, maxReplicas } = spec;
  const metrics = list(spec['metrics']);
  checkBounds(maxReplicas, 1, Infinity, '/spec', 'maxReplicas', report);
  // Zero needs the gate HPAScaleToZero, which is off by default.
  checkBounds(minReplicas, 1, Infinity, '/spec', 'minReplicas', report);
  if (
    typeof minReplicas === 'number' &&
    typeof maxReplicas === 'number' &&
    maxReplicas >= 1 &&
    minReplicas > maxReplicas
  ) {
    report('/spec/minReplicas', {
      code: 'min-above-max',
      message: 'minReplicas is above maxReplicas',
      got: `${minReplicas} and ${maxReplicas}`,
      allowed: `at most ${maxReplicas}`,
      fix: 'lower minReplicas, or raise maxReplicas',
    });
  }
  for (let index = 0; index < metrics.length; index++)
    checkMetric(record(metrics[index]), `/spec/metrics/${index}`, report);
  if (!isKnown(spec['behavior'])) return;
  for (const direction of ['scaleUp', 'scaleDown']) {
    const rules = record(record(spec['behavior'])[direction]);
    checkBounds(
      rules['stabilizationWindowSeconds'],
      0,
      3600,
      `/spec/behavior/${direction}`,
      'stabilizationWindowSeconds',
      report,
    );
    list(rules['policies']).forEach((policy, index) => {
      const place = `/spec/behavior/${direction}/policies/${index}`;
      checkBounds(record(policy)['value'], 1, Infinity, place, 'value', report);
      checkBounds(record(policy)['periodSeconds'], 1, 1800, place, 'periodSeconds', report);
    });
  }
}

function checkMetric(metric: Data, path: string, report: Report): void {
  const source = typeof metric['type'] === 'string' ? SOURCES[metric['type']] : undefined;
  if (source === undefined) return;
  if (metric[source] === undefined) {
    report(`${path}/${source}`, {
      code: 'missing-field',
      message: `a metric of type ${String(metric['type'])} has ${source}`,
      got: 'nothing',
      allowed: source,
      fix: `add ${source}`,
    });
  }
  for (const other of Object.values(SOURCES)) {
    if (other === source || metric[other] === undefined) continue;
    report(`${path}/${other}`, {
      code: 'several-choices',
      message: `a metric of type ${String(metric['type'])} has ${source} only`,
      got: other,
      allowed: source,
      fix: `remove ${other}`,
    });
  }
  checkTarget(record(record(metric[source])['target']), `${path}/${source}/target`, report);
}

function checkTarget(target: Data, path: string, report: Report): void {
  const field = typeof target['type'] === 'string' ? TARGETS[target['type']] : undefined;
  checkBounds(target['averageUtilization'], 1, Infinity, path, 'averageUtilization', report);
  if (field === undefined || target[field] !== undefined) return;
  report(`${path}/${field}`, {
    code: 'missing-field',
    message: `a target of type ${String(target['type'])} has ${field}`,
    got: print(Object.keys(target).filter((name) => name !== 'type')),
    allowed: field,
    fix: `set ${field}, or change the type`,
  });
}
