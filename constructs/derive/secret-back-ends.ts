import { backEnd } from '../model/back-end';
import type { JsonSchema } from '../model/json-schema';
import { SecretsNeed, type SecretBackEnd } from './secrets';

const NO_OPTIONS: JsonSchema = { type: 'object', properties: {}, additionalProperties: false };

/** `ashlar secrets` makes what is random, once, straight into the cluster. What suppliers gave is made by people. */
export const generatedSecrets = backEnd(SecretsNeed, 'generated', NO_OPTIONS, (): SecretBackEnd => ({
  madeBy: () => 'command',
  render: () => [],
  releases: [],
  problems: () => [],
}));

/** Somebody else makes them, under the names and keys that `ashlar prerequisites` lists. */
export const existingSecrets = backEnd(SecretsNeed, 'existing', NO_OPTIONS, (): SecretBackEnd => ({
  madeBy: () => 'nobody',
  render: () => [],
  releases: [],
  problems: () => [],
}));
