/**
 * Environment variables. The same name twice is allowed: the later one wins. Source: `ValidateEnv` and
 * `ValidateEnvFrom` in k8s.io/kubernetes v1.36.3 `pkg/apis/core/validation/validation.go`.
 */
import { remembering } from '../formats';
import { oneOf, print } from '../print';
import { countPresent, list, record, type Data, type Report } from './rule';

const SOURCES = ['fieldRef', 'resourceFieldRef', 'configMapKeyRef', 'secretKeyRef', 'fileKeyRef'];
const BULK_SOURCES = ['configMapRef', 'secretRef'];
const FIELDS =
  /^(metadata\.(name|namespace|uid|labels\['[^']+'\]|annotations\['[^']+'\])|spec\.(nodeName|serviceAccountName)|status\.(hostIP|hostIPs|podIP|podIPs))$/;

/** Checks `env` and `envFrom` of a container. */
export function checkEnv(container: Data, path: string, report: Report): void {
  const variables = list(container['env']);
  for (let index = 0; index < variables.length; index++) checkVariable(record(variables[index]), path, index, report);
  const bulk = list(container['envFrom']);
  for (let index = 0; index < bulk.length; index++) {
    const source = record(bulk[index]);
    if (source === bulk[index]) checkOneSource(source, BULK_SOURCES, `${path}/envFrom/${index}`, report);
  }
}

/**
 * Printable ASCII but the equals sign: the gate RelaxedEnvironmentVariableValidation is on by default since 1.32 and
 * cannot be switched off since 1.34, so it holds for every supported version.
 */
const isEnvName = remembering((name) => /^[ -<>-~]+$/.test(name));

function checkVariable(variable: Data, path: string, index: number, report: Report): void {
  const { name, value, valueFrom } = variable;
  if (typeof name === 'string' && !isEnvName(name)) {
    report(`${path}/env/${index}/name`, {
      code: 'bad-env-name',
      message: `${print(name)} is no valid name of a variable`,
      got: print(name),
      allowed: 'printable ASCII characters without =',
      fix: 'rename the variable',
    });
  }
  if (valueFrom === undefined || valueFrom === null) return;
  if (value !== undefined && value !== '' && value !== null) {
    report(`${path}/env/${index}`, {
      code: 'several-values',
      message: `variable ${print(name)} has value and valueFrom`,
      got: 'both',
      allowed: 'one of value and valueFrom',
      fix: 'remove one of them',
    });
  }
  if (record(valueFrom) === valueFrom) checkSource(record(valueFrom), `${path}/env/${index}/valueFrom`, report);
}

function checkSource(source: Data, path: string, report: Report): void {
  checkOneSource(source, SOURCES, path, report);
  const fieldPath = record(source['fieldRef'])['fieldPath'];
  if (typeof fieldPath !== 'string' || FIELDS.test(fieldPath)) return;
  report(`${path}/fieldRef/fieldPath`, {
    code: 'bad-field-path',
    message: `${print(fieldPath)} is no field that a variable can take`,
    got: print(fieldPath),
    allowed:
      "metadata.name, .namespace, .uid, .labels['key'], .annotations['key'], spec.nodeName, .serviceAccountName, status.hostIP(s) or .podIP(s)",
    fix: 'name one of these fields',
  });
}

function checkOneSource(holder: Data, sources: readonly string[], path: string, report: Report): void {
  const count = countPresent(holder, sources);
  if (count === 1) return;
  report(path, {
    code: count === 0 ? 'missing-choice' : 'several-choices',
    message: `${path} must have exactly one source`,
    got: `${count} sources`,
    allowed: `one of ${oneOf(sources)}`,
    fix: count === 0 ? 'add a source' : 'keep one source',
  });
}
