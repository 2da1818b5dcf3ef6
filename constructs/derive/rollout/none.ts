import { backEnd } from '../../model/back-end';
import { RolloutNeed, type RolloutBackEnd } from './rollout';

/** Rolling updates of Deployments: pods are replaced as new ones become ready, and nobody judges the new version. */
export const noRollouts = backEnd(
  RolloutNeed,
  'none',
  { type: 'object', properties: {}, additionalProperties: false },
  (): RolloutBackEnd => ({
    name: 'none',
    performs: false,
    releases: () => [],
    realize: () => undefined,
    form: () => undefined,
    objects: () => [],
    podLabels: () => [],
    problems: () => [],
  }),
);
