/**
 * Containers: names, ports, security settings, and what init containers may not have. Source: `validateContainers`,
 * `validateInitContainers` and `validateContainerPorts` in k8s.io/kubernetes v1.36.3
 * `pkg/apis/core/validation/validation.go`.
 */
import { isDeferred } from '../../../constructs/model/deferred';
import { isDnsLabel, isPortName } from '../formats';
import { print } from '../print';
import { checkEnv } from './env';
import { checkProbes } from './probes';
import { checkResources } from './resources';
import {
  checkBounds,
  checkUnique,
  duplicateName,
  list,
  nextDuplicate,
  record,
  type Data,
  type Report,
  type RuleContext,
} from './rule';

/** First minor version in which every container may have its own restart policy (ContainerRestartRules). */
const CONTAINER_RESTART_RULES = 35;

/** Checks all containers of a pod. */
export function checkContainers(spec: Data, path: string, report: Report, { minor }: RuleContext): void {
  const containers = list(spec['containers']);
  const inits = list(spec['initContainers']);
  if (Array.isArray(spec['containers']) && containers.length === 0) {
    report(`${path}/containers`, {
      code: 'missing-field',
      message: 'a pod needs a container',
      got: 'an empty list',
      allowed: 'at least one container',
      fix: 'add a container',
    });
  }
  for (let index = 0; index < containers.length; index++) {
    const container = record(containers[index]);
    const place = `${path}/containers/${index}`;
    checkContainer(container, place, spec, report);
    if (minor < CONTAINER_RESTART_RULES) checkNoRestartPolicy(container['restartPolicy'], place, report);
  }
  for (let index = 0; index < inits.length; index++) {
    const place = `${path}/initContainers/${index}`;
    checkContainer(record(inits[index]), place, spec, report);
    checkInit(record(inits[index]), place, report);
  }
  checkNames(containers, inits, path, report);
}

function checkNames(containers: readonly unknown[], inits: readonly unknown[], path: string, report: Report): void {
  const all = inits.length === 0 ? containers : [...containers, ...inits];
  for (let at = nextDuplicate(all, 'name'); at >= 0; at = nextDuplicate(all, 'name', at + 1)) {
    const regular = at < containers.length;
    const place = regular ? `${path}/containers/${at}` : `${path}/initContainers/${at - containers.length}`;
    report(`${place}/name`, duplicateName('the containers', String(record(all[at])['name'])));
  }
}

function checkContainer(container: Data, path: string, spec: Data, report: Report): void {
  const name = container['name'];
  if (typeof name === 'string' && !isDnsLabel(name)) {
    report(`${path}/name`, {
      code: 'bad-name',
      message: `${print(name)} is no valid container name`,
      got: print(name),
      allowed: 'at most 63 of a-z, 0-9 and -, letter or digit at the ends',
      fix: 'rename the container',
    });
  }
  const ports = list(container['ports']);
  for (let index = 0; index < ports.length; index++) {
    checkPort(record(ports[index]), `${path}/ports/${index}`, spec['hostNetwork'] === true, report);
  }
  checkUnique(ports, 'name', path, 'ports', report);
  checkEnv(container, path, report);
  checkProbes(container, spec, path, report);
  checkResources(record(container['resources']), path, report);
  const security = container['securityContext'];
  if (security !== undefined) checkSecurity(record(security), `${path}/securityContext`, report);
}

function checkPort({ containerPort, hostPort, name }: Data, path: string, ofHost: boolean, report: Report): void {
  checkBounds(containerPort, 1, 65535, path, 'containerPort', report);
  checkBounds(hostPort, 0, 65535, path, 'hostPort', report);
  if (typeof name === 'string' && name !== '' && !isPortName(name)) {
    report(`${path}/name`, {
      code: 'bad-port-name',
      message: `${print(name)} is no valid port name`,
      got: print(name),
      allowed: 'at most 15 of a-z, 0-9 and single dashes, with a letter',
      fix: 'shorten or rename it',
    });
  }
  if (!ofHost || typeof hostPort !== 'number' || hostPort === 0 || hostPort === containerPort) return;
  report(`${path}/hostPort`, {
    code: 'host-port-differs',
    message: 'in the network of the host, hostPort must equal containerPort',
    got: String(hostPort),
    allowed: String(containerPort),
    fix: 'leave hostPort out',
  });
}

function checkSecurity(context: Data, path: string, report: Report): void {
  const { allowPrivilegeEscalation, seccompProfile } = context;
  if (allowPrivilegeEscalation === false && isPrivileged(context)) {
    report(`${path}/allowPrivilegeEscalation`, {
      code: 'privilege-contradiction',
      message: 'a privileged container cannot forbid privilege escalation',
      got: 'false',
      allowed: 'true, or an unprivileged container',
      fix: 'take privileged or CAP_SYS_ADMIN away',
    });
  }
  checkBounds(context['runAsUser'], 0, 2 ** 31 - 1, path, 'runAsUser', report);
  checkBounds(context['runAsGroup'], 0, 2 ** 31 - 1, path, 'runAsGroup', report);
  const { type, localhostProfile } = record(seccompProfile);
  if ((type === 'Localhost') === (localhostProfile !== undefined)) return;
  report(`${path}/seccompProfile/localhostProfile`, {
    code: 'seccomp-profile',
    message: 'localhostProfile goes with the type Localhost and only with it',
    got: print(localhostProfile),
    allowed: type === 'Localhost' ? 'the path of a profile' : 'no localhostProfile',
    fix: type === 'Localhost' ? 'add localhostProfile' : 'remove localhostProfile',
  });
}

function isPrivileged({ privileged, capabilities }: Data): boolean {
  return privileged === true || list(record(capabilities)['add']).includes('CAP_SYS_ADMIN');
}

function checkInit(container: Data, path: string, report: Report): void {
  if (container['restartPolicy'] === 'Always' || isDeferred(container['restartPolicy'])) return;
  for (const name of ['livenessProbe', 'readinessProbe', 'startupProbe', 'lifecycle']) {
    if (container[name] === undefined) continue;
    report(`${path}/${name}`, {
      code: 'init-container-field',
      message: `an init container that ends has no ${name}`,
      got: name,
      allowed: 'only for init containers with restartPolicy Always',
      fix: `remove ${name}, or set restartPolicy Always to make it a sidecar`,
    });
  }
}

function checkNoRestartPolicy(policy: unknown, path: string, report: Report): void {
  if (policy === undefined) return;
  report(`${path}/restartPolicy`, {
    code: 'field-needs-newer-kubernetes',
    message: `a restart policy of its own is for init containers only before Kubernetes 1.${CONTAINER_RESTART_RULES}`,
    got: print(policy),
    allowed: 'no restartPolicy',
    fix: 'remove it, or raise the Kubernetes version of the environment',
  });
}
