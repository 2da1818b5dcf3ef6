/**
 * Environment variables. The same name twice is allowed: the later one wins. Source: `ValidateEnv` and
 * `ValidateEnvFrom` in k8s.io/kubernetes v1.36.3 `pkg/apis/core/validation/validation.go`.
 */
import { print } from '../print';
import { countPresent, list, record, type Data, type Report } from './rule';

const SOURCES = ['fieldRef', 'resourceFieldRef', 'configMapKeyRef', 'secretKeyRef', 'fileKeyRef'];
const BULK_SOURCES = ['configMapRef', 'secretRef'];
const FIELDS = /^(metadata\.(name|namespace|uid|labels\['[^']+'\]|annotations\['[^']+'\])|spec\.(nodeName|serviceAccountName)|status\.(hostIP|hostIPs|podIP|podIPs))$/;

/** Checks `env` and `envFrom` of a container. */
export function checkEnv(container: Data, path: string, report: Report): void {
  const variables = list(container['env']);
  for (let index = 0; index < variables.length; index++) checkVariable(record(variables[index]), path, index, report);
  const bulk = list(container['envFrom']);
  for (let index = 0; index < bulk.length; index++) {
    const count = countPresent(record(bulk[index]), BULK_SOURCES);
    if (count !== 1 && record(bulk[index]) === bulk[index]) oneSource(`${path}/envFrom/${index}`, count, 'configMapRef or secretRef', report);
  }
}

function checkVariable(variable: Data, path: string, index: number, report: Report): void {
  const { name, value, valueFrom } = variable;
  // Any visible character but the equals sign; before 1.34 servers warned of more.
  if (typeof name === 'string' && !/^[ -<>-~]+$/.test(name)) {
    report(`${path}/env/${index}/name`, { code: 'bad-env-name', message: `${print(name)} is no valid name of a variable`, got: print(name), allowed: 'ASCII characters without =', fix: 'rename the variable' });
  }
  if (valueFrom === undefined || valueFrom === null) return;
  if (value !== undefined && value !== '' && value !== null) {
    report(`${path}/env/${index}`, { code: 'several-values', message: `variable ${print(name)} has value and valueFrom`, got: 'both', allowed: 'one of value and valueFrom', fix: 'remove one of them' });
  }
  const source = record(valueFrom);
  const count = countPresent(source, SOURCES);
  if (count !== 1 && source === valueFrom) oneSource(`${path}/env/${index}/valueFrom`, count, SOURCES.join(', '), report);
  const fieldPath = record(source['fieldRef'])['fieldPath'];
  if (typeof fieldPath !== 'string' || FIELDS.test(fieldPath)) return;
  report(`${path}/env/${index}/valueFrom/fieldRef/fieldPath`, {
    code: 'bad-field-path', message: `${print(fieldPath)} is no field that a variable can take`, got: print(fieldPath),
    allowed: "metadata.name, .namespace, .uid, .labels['key'], .annotations['key'], spec.nodeName, .serviceAccountName, status.hostIP(s) or .podIP(s)", fix: 'name one of these fields',
  });
}

function oneSource(path: string, count: number, allowed: string, report: Report): void {
  report(path, {
    code: count === 0 ? 'missing-choice' : 'several-choices', message: `${path} must have exactly one source`, got: `${count} sources`, allowed: `one of ${allowed}`,
    fix: count === 0 ? 'add a source' : 'keep one source',
  });
}
