import type { PlatformDefinition } from '../constructs/define-platform';
import type { Environment } from '../constructs/model/environment';
import { readEnvironment } from './environment-file';
import { piecesOf } from './synthesize';

/**
 * Reads an environment of a platform.
 * @param folder - the `environments` folder beside the program
 * @throws AshlarError with every problem of every file
 */
export function loadEnvironment(
  definition: Pick<PlatformDefinition, 'name' | 'options'>,
  folder: string,
  name: string,
): Environment {
  return readEnvironment(folder, name, piecesOf(definition));
}
