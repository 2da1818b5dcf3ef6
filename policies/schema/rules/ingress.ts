/**
 * Ingresses. Source: k8s.io/kubernetes v1.36.3 `pkg/apis/networking/validation/validation.go`.
 */
import { addressBytes, isDns1035Label, isDnsLabel, isDnsSubdomain } from '../formats';
import { RELAXED_SERVICE_NAMES } from './metadata';
import { print } from '../print';
import { countPresent, isKnown, list, record, type Data, type Report, type RuleContext } from './rule';

/** Checks an Ingress. */
export function checkIngress(object: Data, report: Report, { minor }: RuleContext): void {
  const spec = record(object['spec']);
  const { rules, defaultBackend } = spec;
  if (
    list(rules).length === 0 &&
    defaultBackend === undefined &&
    (rules === undefined || Array.isArray(rules)) &&
    isKnown(object['spec'])
  ) {
    report('/spec/rules', {
      code: 'missing-choice',
      message: 'an Ingress has rules or a default backend',
      got: 'neither',
      allowed: 'rules or defaultBackend',
      fix: 'add a rule',
    });
  }
  if (isKnown(defaultBackend)) checkBackend(record(defaultBackend), '/spec/defaultBackend', minor, report);
  list(rules).forEach((rule, index) => {
    checkHost(record(rule)['host'], `/spec/rules/${index}/host`, report);
    checkPaths(record(rule)['http'], `/spec/rules/${index}/http/paths`, report);
    list(record(record(rule)['http'])['paths']).forEach((entry, at) =>
      checkPath(record(entry), `/spec/rules/${index}/http/paths/${at}`, minor, report),
    );
  });
  list(spec['tls']).forEach((entry, index) =>
    list(record(entry)['hosts']).forEach((host, at) => checkHost(host, `/spec/tls/${index}/hosts/${at}`, report)),
  );
}

function checkHost(host: unknown, path: string, report: Report): void {
  if (typeof host !== 'string' || host === '') return;
  const plain = host.startsWith('*.') ? host.slice(2) : host;
  if (isDnsSubdomain(plain) && addressBytes(host) === undefined) return;
  report(path, {
    code: 'bad-host',
    message: `${print(host)} is no host name`,
    got: host,
    allowed: 'a DNS name, or one that begins with *.',
    fix: 'correct the host',
  });
}

function checkPaths(http: unknown, path: string, report: Report): void {
  const { paths } = record(http);
  if (!Array.isArray(paths) || paths.length > 0) return;
  report(path, {
    code: 'missing-field',
    message: 'a rule over HTTP has paths',
    got: 'an empty list',
    allowed: 'at least one path',
    fix: 'add a path',
  });
}

function checkPath(entry: Data, path: string, minor: number, report: Report): void {
  const { path: value, pathType, backend } = entry;
  const strict = pathType === 'Exact' || pathType === 'Prefix';
  if (
    strict &&
    (value === undefined ||
      (typeof value === 'string' && (!value.startsWith('/') || /\/\/|\/\.\.?(\/|$)|%2f/i.test(value))))
  ) {
    report(`${path}/path`, {
      code: 'bad-path',
      message: 'a path is absolute and without dots or empty parts',
      got: print(value),
      allowed: 'as /orders',
      fix: 'correct the path',
    });
  }
  if (isKnown(backend)) checkBackend(record(backend), `${path}/backend`, minor, report);
}

function checkServiceName(name: unknown, path: string, minor: number, report: Report): void {
  if (typeof name !== 'string' || (minor < RELAXED_SERVICE_NAMES ? isDns1035Label(name) : isDnsLabel(name))) return;
  report(`${path}/service/name`, {
    code: name === '' ? 'missing-field' : 'bad-name',
    message: `${print(name)} is no name of a Service`,
    got: print(name),
    allowed: 'at most 63 of a-z, 0-9 and -, letter or digit at the ends; a letter first before Kubernetes 1.36',
    fix: 'correct the name',
  });
}

function checkBackend(backend: Data, path: string, minor: number, report: Report): void {
  const count = countPresent(backend, ['service', 'resource']);
  if (count !== 1) {
    report(path, {
      code: count === 0 ? 'missing-choice' : 'several-choices',
      message: 'a backend is a service or a resource',
      got: `${count} of them`,
      allowed: 'service or resource',
      fix: 'keep exactly one',
    });
  }
  const service = record(backend['service']);
  checkServiceName(service['name'], path, minor, report);
  if (!isKnown(backend['service']) || !(service['port'] === undefined || isKnown(service['port']))) return;
  const port = record(service['port']);
  const set = [port['name'] !== '' && port['name'], port['number'] !== 0 && port['number']];
  if (set.filter((value) => value !== false && value !== undefined && value !== null).length === 1) return;
  report(`${path}/service/port`, {
    code: 'missing-choice',
    message: 'the port of a service is a name or a number',
    got: print(service['port']),
    allowed: 'name or number',
    fix: 'set one of them',
  });
}
