import type { KubeObject } from '../../model/kube-object';
import { shared } from '../../model/shared';

/** Annotation of Flux for what it prunes, or not: `disabled` (Flux 2, "Kustomization", `.spec.prune`). */
export const FLUX_PRUNE = 'kustomize.toolkit.fluxcd.io/prune';

/** An earlier revision is still read by the pods of an earlier release, so no tool may prune it with this one gone. */
const NEVER_PRUNED = shared({
  'argocd.argoproj.io/sync-options': 'Prune=false',
  'argocd.argoproj.io/compare-options': 'IgnoreExtraneous',
  [FLUX_PRUNE]: 'disabled',
});

/** A ConfigMap whose name follows its content: another content is another one (Kubernetes 1.36, core/v1). */
export function rollingConfigMap(metadata: KubeObject['metadata'], data: Readonly<Record<string, string>>): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { ...metadata, annotations: NEVER_PRUNED },
    immutable: true,
    data,
  };
}
