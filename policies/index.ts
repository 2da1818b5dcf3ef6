import type { PolicyPiece } from '../constructs/model/extension';
import { holesPolicy } from './holes';
import { imagesPolicy } from './images';
import { KNOWN_DEFINITIONS } from './known-definitions';
import { podSecurityPolicy } from './pod-security';
import { referencesPolicy, servicesPolicy } from './references';
import { schemaPolicy } from './schema-policy';

/** Everything that finished objects are checked for. */
export function policies(definitions: readonly object[]): readonly PolicyPiece[] {
  return [
    schemaPolicy([...KNOWN_DEFINITIONS, ...definitions]),
    referencesPolicy,
    servicesPolicy,
    podSecurityPolicy,
    imagesPolicy,
    holesPolicy,
  ];
}
