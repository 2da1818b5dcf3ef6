/**
 * Probes and lifecycle hooks: one handler each, ports that exist, thresholds. Source: `validateProbe`,
 * `validateLivenessProbe`, `validateReadinessProbe` and `validateHandler` in k8s.io/kubernetes v1.36.3
 * `pkg/apis/core/validation/validation.go`.
 */
import { isDeferred } from '../../../constructs/model/deferred';
import { isPortName } from '../formats';
import { print } from '../print';
import { checkBounds, checkCounts, countPresent, isKnown, list, record, type Data, type Report } from './rule';

const NONE: readonly unknown[] = [];
const PROBES = ['livenessProbe', 'readinessProbe', 'startupProbe'];
const PROBE_HANDLERS = ['exec', 'httpGet', 'tcpSocket', 'grpc'];
const PORT_HANDLERS = ['httpGet', 'tcpSocket', 'grpc'];
const HOOKS = ['postStart', 'preStop'];
const HOOK_HANDLERS = ['exec', 'httpGet', 'tcpSocket', 'sleep'];
/** Seconds that a pod has to end, where nothing is said. */
const GRACE_PERIOD = 30;
const COUNTS = ['initialDelaySeconds', 'timeoutSeconds', 'periodSeconds', 'successThreshold', 'failureThreshold'];

/** Checks the probes and hooks of a container. */
export function checkProbes(container: Data, pod: Data, path: string, report: Report): void {
  for (const name of PROBES) if (isKnown(container[name])) checkProbe(container, name, `${path}/${name}`, report);
  if (!isKnown(container['lifecycle'])) return;
  for (const hook of HOOKS) {
    const handler = record(container['lifecycle'])[hook];
    if (!isKnown(handler)) continue;
    const place = `${path}/lifecycle/${hook}`;
    checkHandler(record(handler), HOOK_HANDLERS, container, place, report);
    const { terminationGracePeriodSeconds: grace = GRACE_PERIOD } = pod;
    const most = typeof grace === 'number' ? Math.max(grace, 1) : Infinity;
    checkBounds(record(record(handler)['sleep'])['seconds'], 0, most, `${place}/sleep`, 'seconds', report);
  }
}

function checkProbe(container: Data, name: string, path: string, report: Report): void {
  const probe = record(container[name]);
  checkHandler(probe, PROBE_HANDLERS, container, path, report);
  checkCounts(probe, COUNTS, path, report);
  const { successThreshold, terminationGracePeriodSeconds } = probe;
  if (name !== 'readinessProbe' && typeof successThreshold === 'number' && successThreshold > 1) {
    report(`${path}/successThreshold`, {
      code: 'out-of-range',
      message: `${name} succeeds at once`,
      got: String(successThreshold),
      allowed: '1',
      fix: 'leave successThreshold out',
    });
  }
  checkBounds(terminationGracePeriodSeconds, 1, Infinity, path, 'terminationGracePeriodSeconds', report);
  if (name === 'readinessProbe' && terminationGracePeriodSeconds !== undefined) {
    report(`${path}/terminationGracePeriodSeconds`, {
      code: 'readiness-grace-period',
      message: 'a readiness probe stops nothing, so it has no grace period',
      got: print(terminationGracePeriodSeconds),
      allowed: 'no grace period',
      fix: 'remove it',
    });
  }
}

function checkHandler(handler: Data, handlers: readonly string[], container: Data, path: string, report: Report): void {
  const count = countPresent(handler, handlers);
  if (count !== 1) {
    report(path, {
      code: count === 0 ? 'missing-choice' : 'several-choices',
      message: `${path} must have exactly one handler`,
      got: `${count} handlers`,
      allowed: `one of ${handlers.join(', ')}`,
      fix: count === 0 ? 'add a handler' : 'keep one handler',
    });
  }
  checkCommand(handler['exec'], path, report);
  for (const name of PORT_HANDLERS) {
    if (handler[name] !== undefined) checkPort(record(handler[name])['port'], container, path, name, report);
  }
}

function checkCommand(exec: unknown, path: string, report: Report): void {
  const { command = NONE } = record(exec);
  if (!isKnown(exec) || !Array.isArray(command) || command.length > 0) return;
  report(`${path}/exec/command`, {
    code: 'missing-field',
    message: 'there is no command to run',
    got: 'nothing',
    allowed: 'a command with its arguments',
    fix: 'add command',
  });
}

function checkPort(port: unknown, container: Data, path: string, handler: string, report: Report): void {
  if (typeof port === 'number') return checkBounds(port, 1, 65535, path, `${handler}/port`, report);
  if (typeof port !== 'string') return;
  if (!isPortName(port)) {
    report(`${path}/${handler}/port`, {
      code: 'bad-port-name',
      message: `${print(port)} is no valid port name`,
      got: print(port),
      allowed: 'a number, or the name of a port of the container',
      fix: 'use the number without quotes, or the name',
    });
    return;
  }
  if (container['ports'] !== undefined && !Array.isArray(container['ports'])) return;
  if (list(container['ports']).some((entry) => mayBeNamed(entry, port))) return;
  // The server takes it and the kubelet fails every probe, so it is found here.
  report(`${path}/${handler}/port`, {
    code: 'unknown-port',
    message: `the container has no port named ${port}`,
    got: port,
    allowed: 'the name of a port of the container',
    fix: `name a port ${port}, or use its number`,
  });
}

/** Whether a port has that name, or one that is not known yet. */
function mayBeNamed(entry: unknown, name: string): boolean {
  const own = record(entry)['name'];
  return own === name || isDeferred(entry) || isDeferred(own);
}
