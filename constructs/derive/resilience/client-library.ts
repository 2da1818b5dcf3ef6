import { setting } from '../../model/setting';

/** A library by which a caller does what the mesh does not, or plain data for one that is not known here. */
export type ClientLibraryName = 'none' | 'data' | 'resilience4j' | 'polly' | 'cockatiel';

/** Which library a service has. Its language decides, so an environment file says it once or for a service. */
export const ClientLibrary = setting<ClientLibraryName>({
  id: 'clientLibrary',
  schema: {
    type: 'string',
    enum: ['none', 'data', 'resilience4j', 'polly', 'cockatiel'],
    description: 'Library of a service that does what the mesh does not do of timeouts, retries and breakers.',
  },
  byTier: () => 'none',
});
