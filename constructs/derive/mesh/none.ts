import { backEnd } from '../../model/back-end';
import { MeshNeed, type MeshBackEnd } from './mesh';

/** No mesh: addresses, network policies, and nothing between caller and callee. */
export const noMesh = backEnd(
  MeshNeed,
  'none',
  { type: 'object', properties: {}, additionalProperties: false },
  (): MeshBackEnd => ({
    name: 'none',
    can: new Set(),
    reporters: [],
    isScraped: false,
    releases: [],
    objects: () => [],
    podLabels: () => [],
    podAnnotations: () => [],
    injected: () => [],
    appProtocols: () => [],
    serviceLabels: () => [],
    contextPods: () => [],
    tunnels: () => [],
    trafficIn: () => [],
    trafficOut: () => [],
  }),
);
