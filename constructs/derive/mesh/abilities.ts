import { AMBIENT_CAN } from './istio-ambient';
import { SIDECAR_CAN } from './istio-sidecar';
import type { MeshAbility } from './mesh';

/** What the meshes that Ashlar knows can do, so that a finding names those that can. */
export const ABILITIES: Readonly<Record<string, ReadonlySet<MeshAbility>>> = {
  'istio-sidecar': SIDECAR_CAN,
  'istio-ambient': AMBIENT_CAN,
};
