import type { IConstruct } from 'constructs';
import { capability } from '../model/capability';
import type { Environment } from '../model/environment';
import { derive, type Derived } from '../model/extension';
import type { Graph } from '../model/graph';
import type { KubeObject } from '../model/kube-object';
import { formatCpu, formatMemory } from '../model/quantity';
import { ownershipLabels } from './labels';
import { CONTAINER_DEFAULTS, footprints, type Footprint } from './quota';
import { renderPeer } from './traffic';

/** A namespace, its owner and its limits. */
export interface ContextFacts {
  readonly namespace: string;
  /** Group of the team, as the cluster's identity provider names it. */
  readonly teamGroup: string;
  /** Given instead of the computed quota: names and quantities of a ResourceQuota's `hard`. */
  readonly quota?: Readonly<Record<string, string>>;
}

/** The capability of holding other constructs in a namespace. */
export const Context = capability<ContextFacts>('context');

/** Room above the largest computed need: pods that end slowly still count, and so does what a person starts by hand. */
const QUOTA_HEADROOM = 1.25;

/** Limit on CPU of a container that says none; given only where the quota counts CPU limits. */
const DEFAULT_CPU_LIMIT = '500m';

/** What a context is in the cluster: namespace, limits, the team's rights, closed ports. */
export const contexts = derive('contexts', function* (graph): Iterable<Derived> {
  for (const { construct, facts } of graph.having(Context)) {
    yield { scope: construct, manifest: renderNamespace(graph, construct, facts) };
    // Read only here, so that the quota is what tells from which settings it was computed.
    const footprint = facts.quota === undefined ? graph.view(footprints).get(facts.namespace) : undefined;
    if (footprint !== undefined || facts.quota !== undefined) {
      yield { scope: construct, manifest: renderQuota(construct, facts, footprint) };
    }
    const manifests = [
      renderLimits(construct, facts, footprint),
      ...renderTeam(graph.environment, construct, facts),
      ...renderDefaultDeny(graph.environment, construct, facts),
    ];
    for (const manifest of manifests) yield { scope: construct, manifest };
  }
});

function renderNamespace(graph: Graph, construct: IConstruct, { namespace }: ContextFacts): KubeObject {
  const version = `v${graph.environment.kubernetes}`;
  return {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: {
      name: namespace,
      labels: {
        ...ownershipLabels(construct),
        // Pod Security Standards, level restricted (Kubernetes 1.36, "Pod Security Admission").
        'pod-security.kubernetes.io/enforce': 'restricted',
        'pod-security.kubernetes.io/enforce-version': version,
        'pod-security.kubernetes.io/audit': 'restricted',
        'pod-security.kubernetes.io/audit-version': version,
        'pod-security.kubernetes.io/warn': 'restricted',
        'pod-security.kubernetes.io/warn-version': version,
      },
    },
  };
}

function renderQuota(
  construct: IConstruct,
  { namespace, quota }: ContextFacts,
  footprint: Footprint | undefined,
): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { name: 'quota', namespace, labels: ownershipLabels(construct) },
    spec: { hard: quota ?? (footprint === undefined ? {} : hardLimits(footprint)) },
  };
}

function hardLimits({ pods, requestsCpu, requestsMemory, limitsCpu, limitsMemory }: Footprint): object {
  return {
    pods: String(Math.ceil(pods * QUOTA_HEADROOM)),
    'requests.cpu': formatCpu(requestsCpu * QUOTA_HEADROOM),
    'requests.memory': formatMemory(requestsMemory * QUOTA_HEADROOM),
    ...(limitsCpu !== undefined && { 'limits.cpu': formatCpu(limitsCpu * QUOTA_HEADROOM) }),
    ...(limitsMemory !== undefined && { 'limits.memory': formatMemory(limitsMemory * QUOTA_HEADROOM) }),
  };
}

function renderLimits(
  construct: IConstruct,
  { namespace, quota = {} }: ContextFacts,
  footprint: Footprint | undefined,
): KubeObject {
  const countsCpuLimits = footprint?.limitsCpu !== undefined || 'limits.cpu' in quota;
  return {
    apiVersion: 'v1',
    kind: 'LimitRange',
    metadata: { name: 'limits', namespace, labels: ownershipLabels(construct) },
    spec: {
      limits: [
        {
          type: 'Container',
          defaultRequest: CONTAINER_DEFAULTS.defaultRequest,
          default: { ...CONTAINER_DEFAULTS.default, ...(countsCpuLimits && { cpu: DEFAULT_CPU_LIMIT }) },
        },
      ],
    },
  };
}

const READ = ['get', 'list', 'watch'];

/** What a team may do: look everywhere but into secrets; outside production also mend by hand. */
function teamRules({ tier }: Environment): readonly object[] {
  const look = [
    {
      apiGroups: [''],
      resources: [
        'configmaps',
        'endpoints',
        'events',
        'limitranges',
        'persistentvolumeclaims',
        'pods',
        'pods/log',
        'resourcequotas',
        'serviceaccounts',
        'services',
      ],
      verbs: READ,
    },
    { apiGroups: ['apps'], resources: ['deployments', 'replicasets', 'statefulsets', 'daemonsets'], verbs: READ },
    { apiGroups: ['batch'], resources: ['jobs', 'cronjobs'], verbs: READ },
    { apiGroups: ['autoscaling'], resources: ['horizontalpodautoscalers'], verbs: READ },
    { apiGroups: ['policy'], resources: ['poddisruptionbudgets'], verbs: READ },
    { apiGroups: ['networking.k8s.io'], resources: ['networkpolicies', 'ingresses'], verbs: READ },
  ];
  if (tier === 'production') return look;
  return [
    ...look,
    { apiGroups: [''], resources: ['pods'], verbs: ['delete'] },
    { apiGroups: [''], resources: ['pods/exec', 'pods/portforward'], verbs: ['create'] },
    { apiGroups: ['apps'], resources: ['deployments', 'statefulsets'], verbs: ['patch'] },
    { apiGroups: ['apps'], resources: ['deployments/scale', 'statefulsets/scale'], verbs: ['get', 'patch', 'update'] },
  ];
}

function renderTeam(
  environment: Environment,
  construct: IConstruct,
  { namespace, teamGroup }: ContextFacts,
): readonly KubeObject[] {
  const apiVersion = 'rbac.authorization.k8s.io/v1';
  const metadata = { name: 'team', namespace, labels: ownershipLabels(construct) };
  return [
    { apiVersion, kind: 'Role', metadata, rules: teamRules(environment) },
    {
      apiVersion,
      kind: 'RoleBinding',
      metadata,
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'team' },
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: teamGroup }],
    },
  ];
}

/** Nothing in, nothing out, but names are resolved: one policy a namespace for what all pods need. */
function renderDefaultDeny(
  { dns }: Environment,
  construct: IConstruct,
  { namespace }: ContextFacts,
): readonly KubeObject[] {
  const apiVersion = 'networking.k8s.io/v1';
  const labels = ownershipLabels(construct);
  const ports = dns.ports.flatMap((port) => [
    { protocol: 'UDP', port },
    { protocol: 'TCP', port },
  ]);
  const to = [
    ...renderPeer({ pods: { namespace: dns.namespace, labels: dns.podLabels } }),
    ...renderPeer({ cidrs: dns.cidrs, except: [] }),
  ];
  return [
    {
      apiVersion,
      kind: 'NetworkPolicy',
      metadata: { name: 'default-deny', namespace, labels },
      spec: { podSelector: {}, policyTypes: ['Ingress', 'Egress'] },
    },
    {
      apiVersion,
      kind: 'NetworkPolicy',
      metadata: { name: 'allow-dns', namespace, labels },
      spec: { podSelector: {}, policyTypes: ['Egress'], egress: [{ to, ports }] },
    },
  ];
}
