import { backEnd } from '../../model/back-end';
import { GatewayNeed, type GatewayBackEnd } from './gateway';

/** No way in: developers reach services by their own means. */
export const noGateway = backEnd(
  GatewayNeed,
  'none',
  { type: 'object', properties: {}, additionalProperties: false },
  (): GatewayBackEnd => ({
    name: 'none',
    runs: false,
    can: new Set(),
    releases: [],
    realize: () => undefined,
    objects: () => [],
    podLabels: () => [],
    podAnnotations: () => [],
    trafficIn: () => [],
    trafficOut: () => [],
  }),
);
