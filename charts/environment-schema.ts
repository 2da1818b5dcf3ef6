import type { JsonSchema } from '../constructs/model/json-schema';
import { PIECES } from '../constructs/pieces';
import { environmentFileSchema } from './environment-shape';

/**
 * Schema of the environment files of a platform without extensions, published for editors.
 * @public
 */
export const environmentSchema: JsonSchema & { readonly $schema: string; readonly title: string } = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'Ashlar environment',
  ...environmentFileSchema(PIECES),
};
