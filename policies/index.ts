import type { PolicyPiece } from '../constructs/model/extension';
import { holesPolicy } from './holes';
import { imagesPolicy } from './images';
import { referencesPolicy, servicesPolicy } from './references';
import { schemaPolicy } from './schema-policy';

/** Everything that finished objects are checked for. */
export function policies(definitions: readonly object[]): readonly PolicyPiece[] {
  return [schemaPolicy(definitions), referencesPolicy, servicesPolicy, imagesPolicy, holesPolicy];
}
