import { displayNameOf, keyOfManifest, type KubeObject } from '../constructs/model/kube-object';
import type { Plan } from '../constructs/model/plan';

/** Annotation of what no tool prunes: pods of an earlier release may read it. */
const KEPT = 'kustomize.toolkit.fluxcd.io/prune';

/**
 * Objects that an earlier run wrote and the plan has no more, which `kubectl apply` leaves in the cluster: `Rollout/shop/orders`.
 * @param earlier - as `earlierObjects` reads them
 */
export function leftOver({ objects }: Plan, earlier: readonly KubeObject[]): readonly string[] {
  const now = new Set(objects.map(({ key }) => key));
  return earlier
    .filter((manifest) => !now.has(keyOfManifest(manifest)) && manifest.metadata.annotations?.[KEPT] === undefined)
    .map(displayNameOf)
    .sort();
}
