import { FLUX_PRUNE } from '../constructs/derive/config/rolling';
import { displayNameOf, keyOfManifest, type KubeObject } from '../constructs/model/kube-object';
import type { Plan } from '../constructs/model/plan';

/**
 * Objects that an earlier run wrote and the plan has no more, but for those that no tool prunes, which `kubectl apply` leaves in the cluster: `Rollout/shop/orders`.
 * @param earlier - as `earlierObjects` reads them
 */
export function leftOver({ objects }: Plan, earlier: readonly KubeObject[]): readonly string[] {
  const now = new Set(objects.map(({ key }) => key));
  return earlier
    .filter(
      (manifest) => !now.has(keyOfManifest(manifest)) && manifest.metadata.annotations?.[FLUX_PRUNE] === undefined,
    )
    .map(displayNameOf)
    .sort();
}
