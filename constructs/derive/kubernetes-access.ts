import { capability } from '../model/capability';
import { contribute, derive, type Derived } from '../model/extension';
import type { Part } from '../model/facet';
import type { KubeObject } from '../model/kube-object';
import { byKey } from '../model/order';
import { podTemplateOf } from '../model/references';
import { TrafficOut, type TrafficPart } from './traffic';
import { Workload, metadataOf, type WorkloadFacts } from './workload';

/** One rule of a Role (Kubernetes 1.36, rbac.authorization.k8s.io/v1 PolicyRule). */
export interface AccessRule {
  /** Groups of the resources: `apps`; the core group is an empty text. @defaultValue the core group */
  readonly apiGroups?: readonly string[];
  /** Kinds in the plural, as in URLs of the API: `configmaps`, `pods/log`. */
  readonly resources: readonly string[];
  /** Names of the objects that are meant. They cannot restrict `create`. @defaultValue all objects */
  readonly resourceNames?: readonly string[];
  /** What may be done: `get`, `list`, `watch`, `create`, `update`, `patch`, `delete`. */
  readonly verbs: readonly string[];
}

/** What a workload may do at the API server, in its own namespace. */
export interface KubernetesAccessFacts {
  readonly rules: readonly AccessRule[];
}

/** The capability of talking to the API server. */
export const KubernetesAccess = capability<KubernetesAccessFacts>('kubernetes-access');

/** The way to the API server, which default deny closes for everybody else. */
export const accessParts = [
  contribute('kubernetes-access.out', TrafficOut, function* (graph): Iterable<Part<TrafficPart>> {
    const { cidrs, port } = graph.environment.apiServer;
    for (const { construct } of graph.having(KubernetesAccess)) {
      const part: TrafficPart = { peer: { cidrs, except: [] }, port, transport: 'TCP', purpose: 'control' };
      yield { to: construct, part, source: { by: 'access to the API server', at: construct.node.path } };
    }
  }),
];

/** A Role and its binding to the workload's own service account. */
export const accessRoles = derive('access-roles', function* (graph): Iterable<Derived> {
  for (const { construct, facts } of graph.having(KubernetesAccess)) {
    const workload = graph.facts(construct, Workload);
    if (workload === undefined) continue;
    const metadata = metadataOf(construct, workload);
    const apiVersion = 'rbac.authorization.k8s.io/v1';
    const distinct = new Map(facts.rules.map((rule) => [JSON.stringify(rule), rule]));
    const rules = [...distinct]
      .sort(byKey(([key]) => key))
      .map(([, rule]) => rule)
      .map(({ apiGroups = [''], resources, resourceNames, verbs }) => ({
        apiGroups,
        resources,
        ...(resourceNames !== undefined && { resourceNames }),
        verbs,
      }));
    yield { scope: construct, manifest: { apiVersion, kind: 'Role', metadata, rules } };
    yield {
      scope: construct,
      manifest: {
        apiVersion,
        kind: 'RoleBinding',
        metadata,
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: workload.name },
        subjects: [{ kind: 'ServiceAccount', name: accountOf(workload), namespace: workload.namespace }],
      },
    };
  }
});

/** A workload that the team wrote keeps the account that it names; ours have one of their own. */
export function accountOf({ name, adopted }: WorkloadFacts): string {
  if (adopted === undefined) return name;
  const pod = podTemplateOf(adopted.toJson() as KubeObject) as
    { readonly spec?: { readonly serviceAccountName?: string } } | undefined;
  return pod?.spec?.serviceAccountName ?? 'default';
}
