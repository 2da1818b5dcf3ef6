import { policy, type PolicyFinding } from '../constructs/model/extension';
import type { PlannedObject } from '../constructs/model/plan';
import { podTemplateOf, podTemplatePath } from '../constructs/model/references';
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
  for (const on of objects) {
    if (!restricted.has(on.manifest.metadata.namespace ?? '')) continue;
    const spec = (podTemplateOf(on.manifest) as { readonly spec?: PodSpec } | undefined)?.spec;
    if (spec === undefined) continue;
    const breaches = [...breachesOf(spec)];
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

function* breachesOf(spec: PodSpec): Iterable<Breach> {
  for (const field of ['hostNetwork', 'hostPID', 'hostIPC'] as const) {
    if (spec[field] === true) yield { field: `/${field}`, got: 'true', allowed: 'false' };
  }
  for (const [index, volume] of (spec.volumes ?? []).entries()) {
    for (const kind in volume) {
      if (kind === 'name' || VOLUMES.has(kind)) continue;
      yield { field: `/volumes/${index}/${kind}`, got: kind, allowed: [...VOLUMES].join(', ') };
      break;
    }
  }
  yield* breachesOfContainers(spec, 'initContainers');
  yield* breachesOfContainers(spec, 'containers');
}

function* breachesOfContainers(spec: PodSpec, list: 'initContainers' | 'containers'): Iterable<Breach> {
  for (const [index, container] of (spec[list] ?? []).entries()) {
    const at = `/${list}/${index}`;
    yield* breachesOfUser({ ...spec.securityContext, ...container.securityContext }, `${at}/securityContext`);
    yield* breachesOfProcess(container.securityContext ?? {}, `${at}/securityContext`);
    if (container.ports?.some(({ hostPort = 0 }) => hostPort > 0) === true) {
      yield { field: `${at}/ports`, got: 'a host port', allowed: 'none' };
    }
  }
}

/** What a container may inherit from its pod. */
function* breachesOfUser(
  { runAsNonRoot, runAsUser, seccompProfile }: SecurityContext,
  field: string,
): Iterable<Breach> {
  if (runAsNonRoot !== true) yield { field: `${field}/runAsNonRoot`, got: plain(runAsNonRoot), allowed: 'true' };
  if (runAsUser === 0) yield { field: `${field}/runAsUser`, got: '0', allowed: 'any user but 0' };
  const type = plain(seccompProfile?.type);
  if (!SECCOMP.has(type))
    yield { field: `${field}/seccompProfile/type`, got: type, allowed: [...SECCOMP].join(' or ') };
}

/** What each container has to say itself. */
function* breachesOfProcess(context: SecurityContext, field: string): Iterable<Breach> {
  const { privileged, allowPrivilegeEscalation: escalation, capabilities = {} } = context;
  if (privileged === true) yield { field: `${field}/privileged`, got: 'true', allowed: 'false' };
  if (escalation !== false)
    yield { field: `${field}/allowPrivilegeEscalation`, got: plain(escalation), allowed: 'false' };
  const { drop = [], add = [] } = capabilities;
  if (!drop.includes('ALL'))
    yield { field: `${field}/capabilities/drop`, got: drop.join(', ') || 'none', allowed: 'ALL' };
  const added = add.filter((name) => name !== 'NET_BIND_SERVICE');
  if (added.length > 0)
    yield { field: `${field}/capabilities/add`, got: added.join(', '), allowed: 'NET_BIND_SERVICE' };
}
