import type { IConstruct } from 'constructs';
import type { Derived } from '../../../model/extension';
import type { Graph } from '../../../model/graph';
import { groupBy } from '../../../model/order';
import type { KubeObject } from '../../../model/kube-object';
import { Context } from '../../context';
import { ownershipLabels } from '../../labels';
import { Delivery } from '../facts';
import { versionsOf } from '../ways';

const LOOK = ['get', 'list', 'watch'];

/**
 * What a team may do with its releases, in production, too: look, at weights as well, let them go on, take them back. That
 * is written into the status (Argo Rollouts 1.10, `promote`, `abort`, `retry`; to look, `get` and `status` wait until they
 * have seen Experiments, too); what is released stays with whoever deploys.
 */
const RULES = [
  {
    apiGroups: ['argoproj.io'],
    resources: ['rollouts', 'analysisruns', 'analysistemplates', 'experiments'],
    verbs: LOOK,
  },
  { apiGroups: ['argoproj.io'], resources: ['rollouts/status'], verbs: ['get', 'patch'] },
  { apiGroups: ['networking.istio.io'], resources: ['virtualservices'], verbs: LOOK },
  { apiGroups: ['gateway.networking.k8s.io'], resources: ['httproutes', 'grpcroutes'], verbs: LOOK },
];

/** What it may do outside of production besides, as with Deployments. */
const BY_HAND = [
  { apiGroups: ['argoproj.io'], resources: ['rollouts'], verbs: ['patch'] },
  { apiGroups: ['argoproj.io'], resources: ['rollouts/scale'], verbs: ['get', 'patch', 'update'] },
];

/** Rights of teams whose services are released here (Kubernetes 1.36, rbac.authorization.k8s.io/v1). */
export function* releaseRights(graph: Graph): Iterable<Derived> {
  const released = graph.having(Delivery).filter(({ construct }) => versionsOf(graph, construct) !== undefined);
  const rules = graph.environment.tier === 'production' ? RULES : [...RULES, ...BY_HAND];
  const namespaces = groupBy(released, ({ facts }) => facts.namespace);
  for (const { construct, facts } of graph.having(Context)) {
    if (!namespaces.has(facts.namespace)) continue;
    for (const manifest of renderRights(construct, facts, rules)) yield { scope: construct, manifest };
  }
}

function renderRights(
  at: IConstruct,
  { namespace, teamGroup }: { readonly namespace: string; readonly teamGroup: string },
  rules: readonly object[],
): readonly KubeObject[] {
  const apiVersion = 'rbac.authorization.k8s.io/v1';
  const apiGroup = 'rbac.authorization.k8s.io';
  const metadata = { name: 'team-releases', namespace, labels: ownershipLabels(at) };
  return [
    { apiVersion, kind: 'Role', metadata, rules },
    {
      apiVersion,
      kind: 'RoleBinding',
      metadata,
      roleRef: { apiGroup, kind: 'Role', name: 'team-releases' },
      subjects: [{ kind: 'Group', apiGroup, name: teamGroup }],
    },
  ];
}
