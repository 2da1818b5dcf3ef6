/**
 * Containers: names, ports, security settings, and what init containers may not have. Source: `validateContainers`,
 * `validateInitContainers` and `validateContainerPorts` in k8s.io/kubernetes v1.36.3
 * `pkg/apis/core/validation/validation.go`.
 */
import { isDeferred } from '../deferred';
import { isDnsLabel, isPortName } from '../formats';
import { print } from '../print';
import { checkEnv } from './env';
import { checkProbes } from './probes';
import { checkResources } from './resources';
import { checkBounds, eachDuplicate, list, record, type Data, type Report, type RuleContext } from './rule';

/** First minor version in which every container may have its own restart policy (ContainerRestartRules). */
const CONTAINER_RESTART_RULES = 35;

/** Checks all containers of a pod. */
export function checkContainers(spec: Data, path: string, report: Report, { minor }: RuleContext): void {
  const containers = list(spec['containers']);
  const inits = list(spec['initContainers']);
  if (Array.isArray(spec['containers']) && containers.length === 0) {
    report(`${path}/containers`, { code: 'missing-field', message: 'a pod needs a container', got: 'an empty list', allowed: 'at least one container', fix: 'add a container' });
  }
  for (let index = 0; index < containers.length; index++) {
    const container = record(containers[index]);
    const place = `${path}/containers/${index}`;
    checkContainer(container, place, spec, report);
    if (minor < CONTAINER_RESTART_RULES && container['restartPolicy'] !== undefined) restartPolicyTooNew(place, container, report);
  }
  for (let index = 0; index < inits.length; index++) {
    const place = `${path}/initContainers/${index}`;
    checkContainer(record(inits[index]), place, spec, report);
    checkInit(record(inits[index]), place, report);
  }
  checkNames(inits.length === 0 ? containers : [...containers, ...inits], containers.length, path, report);
}

function checkNames(all: readonly unknown[], regular: number, path: string, report: Report): void {
  eachDuplicate(all, 'name', (index, name) => report(index < regular ? `${path}/containers/${index}/name` : `${path}/initContainers/${index - regular}/name`, {
    code: 'duplicate-name', message: `two containers are named ${name}`, got: name, allowed: 'names that differ', fix: 'rename one of them',
  }));
}

function checkContainer(container: Data, path: string, spec: Data, report: Report): void {
  const name = container['name'];
  if (typeof name === 'string' && !isDnsLabel(name)) {
    report(`${path}/name`, { code: 'bad-name', message: `${print(name)} is no valid container name`, got: print(name), allowed: 'at most 63 of a-z, 0-9 and -, letter or digit at the ends', fix: 'rename the container' });
  }
  checkPorts(list(container['ports']), path, spec, report);
  checkEnv(container, path, report);
  checkProbes(container, path, report);
  checkResources(record(container['resources']), `${path}/resources`, report);
  checkSecurity(record(container['securityContext']), `${path}/securityContext`, report);
}

function checkPorts(ports: readonly unknown[], path: string, spec: Data, report: Report): void {
  for (let index = 0; index < ports.length; index++) {
    const { containerPort, hostPort, name } = record(ports[index]);
    checkBounds(containerPort, 1, 65535, `${path}/ports/${index}/containerPort`, report);
    checkBounds(hostPort, 0, 65535, `${path}/ports/${index}/hostPort`, report);
    if (typeof name === 'string' && name !== '' && !isPortName(name)) {
      report(`${path}/ports/${index}/name`, {
        code: 'bad-port-name', message: `${print(name)} is no valid port name`, got: print(name),
        allowed: 'at most 15 of a-z, 0-9 and single dashes, with a letter', fix: 'shorten or rename it',
      });
    }
    if (spec['hostNetwork'] === true && typeof hostPort === 'number' && hostPort !== 0 && hostPort !== containerPort) {
      report(`${path}/ports/${index}/hostPort`, { code: 'host-port-differs', message: 'in the network of the host, hostPort must equal containerPort', got: String(hostPort), allowed: String(containerPort), fix: 'leave hostPort out' });
    }
  }
  eachDuplicate(ports, 'name', (index, name) => name === '' || report(`${path}/ports/${index}/name`, {
    code: 'duplicate-name', message: `two ports of the container are named ${name}`, got: name, allowed: 'names that differ', fix: 'rename one of them',
  }));
}

function checkSecurity(context: Data, path: string, report: Report): void {
  const { allowPrivilegeEscalation, privileged, capabilities, seccompProfile } = context;
  if (allowPrivilegeEscalation === false && (privileged === true || list(record(capabilities)['add']).includes('CAP_SYS_ADMIN'))) {
    report(`${path}/allowPrivilegeEscalation`, {
      code: 'privilege-contradiction', message: 'a privileged container cannot forbid privilege escalation', got: 'false', allowed: 'true, or an unprivileged container',
      fix: 'take privileged or CAP_SYS_ADMIN away',
    });
  }
  checkBounds(context['runAsUser'], 0, 2 ** 31 - 1, `${path}/runAsUser`, report);
  checkBounds(context['runAsGroup'], 0, 2 ** 31 - 1, `${path}/runAsGroup`, report);
  const { type, localhostProfile } = record(seccompProfile);
  if ((type === 'Localhost') === (localhostProfile !== undefined)) return;
  report(`${path}/seccompProfile/localhostProfile`, {
    code: 'seccomp-profile', message: 'localhostProfile goes with the type Localhost and only with it', got: print(localhostProfile),
    allowed: type === 'Localhost' ? 'the path of a profile' : 'no localhostProfile', fix: type === 'Localhost' ? 'add localhostProfile' : 'remove localhostProfile',
  });
}

function checkInit(container: Data, path: string, report: Report): void {
  if (container['restartPolicy'] === 'Always' || isDeferred(container['restartPolicy'])) return;
  for (const name of ['livenessProbe', 'readinessProbe', 'startupProbe', 'lifecycle']) {
    if (container[name] === undefined) continue;
    report(`${path}/${name}`, {
      code: 'init-container-field', message: `an init container that ends has no ${name}`, got: name, allowed: 'only for init containers with restartPolicy Always',
      fix: `remove ${name}, or set restartPolicy Always to make it a sidecar`,
    });
  }
}

function restartPolicyTooNew(path: string, container: Data, report: Report): void {
  report(`${path}/restartPolicy`, {
    code: 'field-needs-newer-kubernetes', message: `a restart policy of its own is for init containers only before Kubernetes 1.${CONTAINER_RESTART_RULES}`,
    got: print(container['restartPolicy']), allowed: 'no restartPolicy', fix: 'remove it, or raise the Kubernetes version of the environment',
  });
}
