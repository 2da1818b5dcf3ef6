/**
 * Services. Source: `validateService` in k8s.io/kubernetes v1.36.3 `pkg/apis/core/validation/validation.go`.
 */
import { addressBytes, isDnsLabel, isDnsSubdomain, isPortName, isQualifiedName } from '../formats';
import { print } from '../print';
import { checkLabels } from './metadata';
import {
  checkBounds,
  checkUnique,
  isKnown,
  isKnownOrAbsent,
  list,
  record,
  type Data,
  type Report,
  type RuleContext,
} from './rule';

/** First minor version that takes PreferSameZone and PreferSameNode (PreferSameTrafficDistribution). */
const SAME_ZONE = 34;

/** Checks a Service. */
export function checkService(object: Data, report: Report, { minor }: RuleContext): void {
  if (!isKnown(object['spec'])) return;
  const spec = record(object['spec']);
  checkPorts(spec, report);
  checkLabels(spec['selector'], '/spec', 'selector', report);
  checkType(spec, report);
  const { trafficDistribution, clusterIP } = spec;
  if (minor < SAME_ZONE && (trafficDistribution === 'PreferSameZone' || trafficDistribution === 'PreferSameNode')) {
    report('/spec/trafficDistribution', {
      code: 'field-needs-newer-kubernetes',
      message: `${trafficDistribution} is known from Kubernetes 1.${SAME_ZONE} on`,
      got: trafficDistribution,
      allowed: 'PreferClose',
      fix: 'use PreferClose',
    });
  }
  if (
    typeof clusterIP === 'string' &&
    clusterIP !== '' &&
    clusterIP !== 'None' &&
    addressBytes(clusterIP) === undefined
  ) {
    report('/spec/clusterIP', {
      code: 'bad-address',
      message: `${print(clusterIP)} is no address`,
      got: clusterIP,
      allowed: 'None, or an IP address',
      fix: 'leave clusterIP out, or use None',
    });
  }
}

function checkPorts(spec: Data, report: Report): void {
  const ports = list(spec['ports']);
  if (needsPorts(spec) && ports.length === 0) {
    report('/spec/ports', {
      code: 'missing-field',
      message: 'a Service needs a port unless it is headless',
      got: 'nothing',
      allowed: 'at least one port',
      fix: 'add a port',
    });
  }
  for (let index = 0; index < ports.length; index++)
    checkPort(record(ports[index]), `/spec/ports/${index}`, ports.length > 1, spec, report);
  checkUnique(ports, 'name', '/spec', 'ports', report);
  for (let index = 1; index < ports.length; index++) checkTwin(ports, index, report);
}

/** Whether all that decides it is known, and it is neither headless nor a mere name. */
function needsPorts(spec: Data): boolean {
  const { type, clusterIP, ports } = spec;
  if (type === 'ExternalName' || clusterIP === 'None') return false;
  return isKnownOrAbsent(type) && isKnownOrAbsent(clusterIP) && (ports === undefined || Array.isArray(ports));
}

function checkPort(port: Data, path: string, several: boolean, spec: Data, report: Report): void {
  checkBounds(port['port'], 1, 65535, path, 'port', report);
  checkPortName(port['name'], path, several, report);
  checkTarget(port['targetPort'], path, report);
  const appProtocol = port['appProtocol'];
  if (typeof appProtocol === 'string' && !isQualifiedName(appProtocol)) {
    report(`${path}/appProtocol`, {
      code: 'bad-app-protocol',
      message: `${print(appProtocol)} is no protocol name`,
      got: appProtocol,
      allowed: 'as http, grpc or example.com/custom',
      fix: 'correct appProtocol',
    });
  }
  const clusterOnly = spec['type'] === undefined || spec['type'] === 'ClusterIP';
  if (!clusterOnly || typeof port['nodePort'] !== 'number' || port['nodePort'] === 0) return;
  report(`${path}/nodePort`, {
    code: 'node-port',
    message: 'a Service of type ClusterIP has no node ports',
    got: String(port['nodePort']),
    allowed: 'no nodePort',
    fix: 'remove nodePort, or set type NodePort',
  });
}

function checkPortName(name: unknown, path: string, several: boolean, report: Report): void {
  if (several && (name === undefined || name === '')) {
    report(`${path}/name`, {
      code: 'missing-name',
      message: 'each of several ports needs a name',
      got: 'nothing',
      allowed: 'a name',
      fix: 'name every port',
    });
  } else if (typeof name === 'string' && name !== '' && !isDnsLabel(name)) {
    report(`${path}/name`, {
      code: 'bad-port-name',
      message: `${print(name)} is no valid port name`,
      got: name,
      allowed: 'a DNS label',
      fix: 'rename the port',
    });
  }
}

function checkTarget(targetPort: unknown, path: string, report: Report): void {
  if (typeof targetPort === 'number') checkBounds(targetPort, 1, 65535, path, 'targetPort', report);
  else if (typeof targetPort === 'string' && targetPort !== '' && !isPortName(targetPort)) {
    report(`${path}/targetPort`, {
      code: 'bad-port-name',
      message: `${print(targetPort)} is no valid port name`,
      got: targetPort,
      allowed: 'a number without quotes, or the name of a container port',
      fix: 'correct targetPort',
    });
  }
}

/** Two ports of one Service must differ in number or protocol. */
function checkTwin(ports: readonly unknown[], index: number, report: Report): void {
  const { port, protocol = 'TCP' } = record(ports[index]);
  if (typeof port !== 'number') return;
  for (let earlier = 0; earlier < index; earlier++) {
    const other = record(ports[earlier]);
    if (other['port'] !== port || (other['protocol'] ?? 'TCP') !== protocol) continue;
    report(`/spec/ports/${index}`, {
      code: 'duplicate-element',
      message: `port ${port} is there twice`,
      got: `${port}/${print(protocol)}`,
      allowed: 'pairs of port and protocol that differ',
      fix: 'remove one of them',
    });
    return;
  }
}

function checkType(spec: Data, report: Report): void {
  const { type, externalTrafficPolicy, clusterIP } = spec;
  checkSourceRanges(spec, report);
  if (type === 'ExternalName') checkExternalName(spec['externalName'], report);
  if ((type === 'NodePort' || type === 'LoadBalancer') && clusterIP === 'None') {
    report('/spec/clusterIP', {
      code: 'headless-type',
      message: `a Service of type ${type} cannot be headless`,
      got: 'None',
      allowed: 'no clusterIP',
      fix: 'remove clusterIP, or use type ClusterIP',
    });
  }
  const external = type === 'NodePort' || type === 'LoadBalancer' || list(spec['externalIPs']).length > 0;
  if (isKnown(externalTrafficPolicy) && isKnownOrAbsent(type) && !external) {
    report('/spec/externalTrafficPolicy', {
      code: 'external-policy',
      message: 'this Service takes no traffic from outside',
      got: print(externalTrafficPolicy),
      allowed: 'with type NodePort or LoadBalancer only',
      fix: 'remove externalTrafficPolicy',
    });
  }
}

function checkSourceRanges({ type, loadBalancerSourceRanges: ranges }: Data, report: Report): void {
  if (list(ranges).length === 0 || !isKnownOrAbsent(type) || type === 'LoadBalancer') return;
  report('/spec/loadBalancerSourceRanges', {
    code: 'source-ranges',
    message: 'this Service has no load balancer',
    got: print(type),
    allowed: 'with type LoadBalancer only',
    fix: 'remove loadBalancerSourceRanges, or set type LoadBalancer',
  });
}

function checkExternalName(name: unknown, report: Report): void {
  if (name !== undefined && (typeof name !== 'string' || isDnsSubdomain(name.replace(/\.$/, '')))) return;
  report('/spec/externalName', {
    code: name === undefined ? 'missing-field' : 'bad-name',
    message: 'a Service of type ExternalName names a DNS name',
    got: print(name),
    allowed: 'a DNS name',
    fix: 'set externalName',
  });
}
