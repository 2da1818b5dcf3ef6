/**
 * Ingresses. Source: k8s.io/kubernetes v1.36.3 `pkg/apis/networking/validation/validation.go`.
 */
import { isDnsSubdomain, addressBytes } from '../formats';
import { print } from '../print';
import { countPresent, isKnown, list, record, type Data, type Report } from './rule';

/** Checks an Ingress. */
export function checkIngress(object: Data, report: Report): void {
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
  if (isKnown(defaultBackend)) checkBackend(record(defaultBackend), '/spec/defaultBackend', report);
  list(rules).forEach((rule, index) => {
    checkHost(record(rule)['host'], `/spec/rules/${index}/host`, report);
    list(record(record(rule)['http'])['paths']).forEach((entry, at) =>
      checkPath(record(entry), `/spec/rules/${index}/http/paths/${at}`, report),
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

function checkPath(entry: Data, path: string, report: Report): void {
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
  if (isKnown(backend)) checkBackend(record(backend), `${path}/backend`, report);
}

function checkBackend(backend: Data, path: string, report: Report): void {
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
  if (!isKnown(backend['service']) || !(service['port'] === undefined || isKnown(service['port']))) return;
  const port = record(service['port']);
  if (countPresent(port, ['name', 'number']) === 1) return;
  report(`${path}/service/port`, {
    code: 'missing-choice',
    message: 'the port of a service is a name or a number',
    got: print(service['port']),
    allowed: 'name or number',
    fix: 'set one of them',
  });
}
