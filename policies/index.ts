import type { PolicyPiece } from '../constructs/model/extension';
import { holesPolicy } from './holes';
import { imagesPolicy } from './images';
import { podSecurityPolicy } from './pod-security';
import { referencesPolicy, servicesPolicy } from './references';
import { schemaPolicy } from './schema-policy';
import { secretsPolicy } from './secrets';

/** Everything that finished objects are checked for. */
export function policies(definitions: readonly object[]): readonly PolicyPiece[] {
  return [
    schemaPolicy(definitions),
    referencesPolicy,
    servicesPolicy,
    podSecurityPolicy,
    imagesPolicy,
    secretsPolicy,
    holesPolicy,
  ];
}
