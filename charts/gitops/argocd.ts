import type { Finding } from '../../constructs/model/finding';
import { given } from '../../constructs/model/given';
import { displayNameOf, groupOf, type KubeObject } from '../../constructs/model/kube-object';
import type { GitOpsDestination, GitOpsTarget } from '../../constructs/model/environment';
import type { Plan, PlannedObject } from '../../constructs/model/plan';
import { protectedKeys } from '../protected';
import { labelsOf, nameOf, targetOf, withAnnotations, type GitOpsFiles } from './gitops';
import { wavesOf } from './waves';

const API_VERSION = 'argoproj.io/v1alpha1';

/** The cluster that Argo CD runs in, as it knows it (Argo CD 3.5, "Declarative Setup"). */
const OWN_CLUSTER = 'https://kubernetes.default.svc';

/** Where the generator of an ApplicationSet puts its values. */
const PARAMETER = { name: '{{.name}}', server: '{{.server}}' } as const;

/**
 * One Application an environment, so that sync waves hold for all of it; an ApplicationSet where there are several
 * clusters. Waves come from the plan's order, ignored differences from its hints (Argo CD 3.5, "Sync Phases and Waves",
 * "Diff Customization").
 * @throws AshlarError `no-gitops-target`
 */
export function argocd(plan: Plan): GitOpsFiles {
  const target = targetOf(plan);
  const { destinations } = target;
  const waves = wavesOf(plan);
  const kept = protectedKeys(plan);
  const [only] = destinations;
  const object = destinations.length > 1 ? applicationSet(plan, target) : application(plan, target, only);
  return {
    objects: [object],
    foldersByChart: false,
    findings: plan.objects.flatMap(leftBehind),
    annotate: (planned) => {
      const isKept = kept.has(planned.key) || planned.hints.retain === true;
      return withAnnotations(planned.manifest, {
        'argocd.argoproj.io/sync-wave': String(waves.get(planned) ?? 0),
        ...(isKept && { 'argocd.argoproj.io/sync-options': 'Prune=false,Delete=false' }),
      });
    },
  };
}

function application(plan: Plan, target: GitOpsTarget, to: GitOpsDestination | undefined): KubeObject {
  const destination =
    to === undefined ? { server: OWN_CLUSTER } : to.server === undefined ? { name: to.name } : { server: to.server };
  return {
    apiVersion: API_VERSION,
    kind: 'Application',
    metadata: { name: nameOf(plan), namespace: target.namespace ?? 'argocd', labels: labelsOf(plan) },
    spec: specOf(plan, target, destination),
  };
}

function applicationSet(plan: Plan, target: GitOpsTarget): KubeObject {
  const byServer = target.destinations.every(({ server }) => server !== undefined);
  const elements = target.destinations.map(({ name, server }) => ({
    name,
    ...given({ server: byServer ? server : undefined }),
  }));
  const destination = byServer ? { server: PARAMETER.server } : { name: PARAMETER.name };
  return {
    apiVersion: API_VERSION,
    kind: 'ApplicationSet',
    metadata: { name: nameOf(plan), namespace: target.namespace ?? 'argocd', labels: labelsOf(plan) },
    spec: {
      goTemplate: true,
      goTemplateOptions: ['missingkey=error'],
      generators: [{ list: { elements } }],
      // Taking a cluster off the list must not take the platform off the cluster.
      syncPolicy: { preserveResourcesOnDeletion: true },
      template: {
        metadata: { name: `${nameOf(plan)}-${PARAMETER.name}`, labels: labelsOf(plan) },
        spec: specOf(plan, target, destination),
      },
    },
  };
}

function specOf(plan: Plan, { project, repository, revision, path }: GitOpsTarget, destination: object): object {
  const ignored = ignoredDifferences(plan);
  return {
    project,
    source: { repoURL: repository, targetRevision: revision, path },
    destination,
    ...(ignored.length > 0 && { ignoreDifferences: ignored }),
    syncPolicy: {
      automated: { prune: true, selfHeal: true },
      syncOptions: ['ServerSideApply=true', 'RespectIgnoreDifferences=true', 'PruneLast=true'],
      retry: { limit: 5, backoff: { duration: '5s', factor: 2, maxDuration: '3m' } },
    },
  };
}

/** A list is one field: what stands beside the values of a controller is ignored with them. */
function leftBehind({
  manifest,
  construct,
  hints: { ownedElsewhere = [], heldBack },
}: PlannedObject): readonly Finding[] {
  if (heldBack === undefined) return [];
  const field = ownedElsewhere.join(', ');
  return [
    {
      code: 'change-held-back',
      severity: 'warning',
      path: construct,
      object: displayNameOf(manifest),
      field,
      message: `Argo CD leaves ${field} to a controller, and with it ${heldBack}: once the object is there, they do not change.`,
      got: heldBack,
      allowed: 'fields that hold nothing but what a controller writes',
      fix: 'After such a change, and while no release is on, apply the object by hand: kubectl apply --server-side --force-conflicts -f its file. Or use the gateway istio, whose weights stand alone.',
    },
  ];
}

/** The fields that controllers write, of exactly the objects that they write them in. */
function ignoredDifferences({ objects }: Plan): readonly object[] {
  return objects.flatMap(({ manifest, hints: { ownedElsewhere = [] } }) => {
    if (ownedElsewhere.length === 0) return [];
    const { kind, apiVersion, metadata } = manifest;
    const group = groupOf(apiVersion);
    return [
      {
        ...(group !== '' && { group }),
        kind,
        name: metadata.name,
        ...given({ namespace: metadata.namespace }),
        jsonPointers: [...ownedElsewhere],
      },
    ];
  });
}
