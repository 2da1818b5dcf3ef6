import { policy, type PolicyFinding } from '../constructs/model/extension';
import type { PlannedObject } from '../constructs/model/plan';
import { objectsWithPods, podTemplatePath } from '../constructs/model/references';
import { plain } from './schema/print';

interface SecurityContext {
  readonly runAsNonRoot?: boolean;
  readonly runAsUser?: number;
  readonly privileged?: boolean;
  readonly allowPrivilegeEscalation?: boolean;
  readonly seccompProfile?: { readonly type?: string };
  readonly capabilities?: { readonly drop?: readonly string[]; readonly add?: readonly string[] };
}

interface Container {
  readonly name: string;
  readonly securityContext?: SecurityContext;
  readonly ports?: readonly { readonly hostPort?: number }[];
}

interface PodSpec {
  readonly securityContext?: SecurityContext;
  readonly hostNetwork?: boolean;
  readonly hostPID?: boolean;
  readonly hostIPC?: boolean;
  readonly volumes?: readonly Readonly<Record<string, unknown>>[];
  readonly containers?: readonly Container[];
  readonly initContainers?: readonly Container[];
}

/** Kinds of volumes that the level `restricted` admits. */
const VOLUMES: ReadonlySet<string> = new Set([
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'persistentVolumeClaim',
  'projected',
  'secret',
]);

const SECCOMP: ReadonlySet<string> = new Set(['RuntimeDefault', 'Localhost']);

const ENFORCE = 'pod-security.kubernetes.io/enforce';

/**
 * What the namespace would refuse: pods that break the Pod Security level `restricted` where their namespace enforces
 * it. A Deployment is accepted and its pods are not, so nobody is told until nothing runs. (Kubernetes 1.36, "Pod
 * Security Standards", level restricted and the parts of baseline that a manifest is likely to break.)
 */
export const podSecurityPolicy = policy('pod-security', function* (objects): Iterable<PolicyFinding> {
  const restricted = new Set(objects.filter(enforcesRestricted).map(({ manifest }) => manifest.metadata.name));
  for (const { on, template } of objectsWithPods(objects)) {
    if (!restricted.has(on.manifest.metadata.namespace ?? '')) continue;
    const { spec } = template as { readonly spec?: PodSpec };
    if (spec === undefined) continue;
    const breaches = breachesOf(spec);
    if (breaches.length === 0) continue;
    const at = `/${[...(podTemplatePath(on.manifest) ?? []), 'spec'].join('/')}`;
    for (const breach of breaches) {
      yield {
        on,
        code: 'pod-security-restricted',
        message: 'The namespace refuses such a pod.',
        field: `${at}${breach.field}`,
        got: breach.got,
        allowed: `${breach.allowed} (Pod Security level restricted)`,
        fix: 'Set it in the workload, or patch the object.',
      };
    }
  }
});

function enforcesRestricted({ manifest }: PlannedObject): boolean {
  return manifest.kind === 'Namespace' && manifest.metadata.labels?.[ENFORCE] === 'restricted';
}

interface Breach {
  readonly field: string;
  readonly got: string;
  readonly allowed: string;
}

/** Nearly always empty. */
function breachesOf(spec: PodSpec): readonly Breach[] {
  const found: Breach[] = [];
  for (const field of HOST_FIELDS)
    if (spec[field] === true) found.push({ field: `/${field}`, got: 'true', allowed: 'false' });
  addOfVolumes(spec.volumes, found);
  addOfContainers(spec, 'initContainers', found);
  addOfContainers(spec, 'containers', found);
  return found;
}

const HOST_FIELDS = ['hostNetwork', 'hostPID', 'hostIPC'] as const;

function addOfVolumes(volumes: PodSpec['volumes'] = [], found: Breach[]): void {
  for (let index = 0; index < volumes.length; index += 1) {
    for (const kind in volumes[index]) {
      if (kind === 'name' || VOLUMES.has(kind)) continue;
      found.push({ field: `/volumes/${index}/${kind}`, got: kind, allowed: [...VOLUMES].join(', ') });
      break;
    }
  }
}

function addOfContainers(spec: PodSpec, list: 'initContainers' | 'containers', found: Breach[]): void {
  const containers = spec[list] ?? [];
  for (let index = 0; index < containers.length; index += 1) {
    const { securityContext = {}, ports = [] } = containers[index] as Container;
    const at = `/${list}/${index}`;
    addOfUser(spec.securityContext ?? {}, securityContext, `${at}/securityContext`, found);
    addOfProcess(securityContext, `${at}/securityContext`, found);
    if (ports.some(({ hostPort = 0 }) => hostPort > 0))
      found.push({ field: `${at}/ports`, got: 'a host port', allowed: 'none' });
  }
}

/** What a container may inherit from its pod. */
function addOfUser(pod: SecurityContext, own: SecurityContext, field: string, found: Breach[]): void {
  const { runAsNonRoot = pod.runAsNonRoot, runAsUser = pod.runAsUser, seccompProfile = pod.seccompProfile } = own;
  if (runAsNonRoot !== true) found.push({ field: `${field}/runAsNonRoot`, got: plain(runAsNonRoot), allowed: 'true' });
  if (runAsUser === 0) found.push({ field: `${field}/runAsUser`, got: '0', allowed: 'any user but 0' });
  const type = plain(seccompProfile?.type);
  if (!SECCOMP.has(type))
    found.push({ field: `${field}/seccompProfile/type`, got: type, allowed: [...SECCOMP].join(' or ') });
}

/** What each container has to say itself. */
function addOfProcess(context: SecurityContext, field: string, found: Breach[]): void {
  const { privileged, allowPrivilegeEscalation: escalation, capabilities = {} } = context;
  if (privileged === true) found.push({ field: `${field}/privileged`, got: 'true', allowed: 'false' });
  if (escalation !== false)
    found.push({ field: `${field}/allowPrivilegeEscalation`, got: plain(escalation), allowed: 'false' });
  const { drop = [], add = [] } = capabilities;
  if (!drop.includes('ALL'))
    found.push({ field: `${field}/capabilities/drop`, got: drop.join(', ') || 'none', allowed: 'ALL' });
  const added = add.filter((name) => name !== 'NET_BIND_SERVICE');
  if (added.length > 0)
    found.push({ field: `${field}/capabilities/add`, got: added.join(', '), allowed: 'NET_BIND_SERVICE' });
}
