import type { PolicyPiece } from '../constructs/model/extension';
import { holesPolicy } from './holes';
import { imagesPolicy } from './images';
import { KNOWN_DEFINITIONS } from './known-definitions';
import { podSecurityPolicy } from './pod-security';
import { referencesPolicy, servicesPolicy } from './references';
import { schemaPolicy } from './schema-policy';
import { secretsPolicy } from './secrets';

/** How objects are checked. */
export interface PolicyOptions {
  /** Whoever deploys fills holes in. @defaultValue false: each is a finding */
  readonly fillsHoles?: boolean;
}

/** Everything that finished objects are checked for. */
export function policies(
  definitions: readonly object[],
  { fillsHoles = false }: PolicyOptions = {},
): readonly PolicyPiece[] {
  return [
    schemaPolicy([...KNOWN_DEFINITIONS, ...definitions]),
    referencesPolicy,
    servicesPolicy,
    podSecurityPolicy,
    imagesPolicy,
    secretsPolicy,
    holesPolicy(fillsHoles),
  ];
}
