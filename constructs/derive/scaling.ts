import type { Tier } from '../model/environment';
import { setting } from '../model/setting';
import { oncePerValue, shared } from '../model/shared';

/** How many pods, and what moves the number. */
export interface ScaleFacts {
  /** Fewest pods, 0 to 10,000. 0 switches the workload off. */
  readonly min: number;
  /** Equal to `min` where the number is fixed. */
  readonly max: number;
  /** Average use of the requested CPU at which pods are added, in percent. */
  readonly cpuPercent?: number;
  /** Average use of the requested memory at which pods are added, in percent. */
  readonly memoryPercent?: number;
}

const REPLICAS: Readonly<Record<Tier, number>> = { development: 1, staging: 2, production: 3 };

/** How many pods a workload has where nothing is said: 1 in development, 2 in staging, 3 in production. */
export const Replicas = setting<ScaleFacts>({
  id: 'scale',
  schema: {
    type: 'object',
    description: 'How many pods: min and max, and what moves the number between them.',
    properties: {
      min: { type: 'integer', minimum: 0, maximum: 10000 },
      max: { type: 'integer', minimum: 1, maximum: 10000, description: 'The same as min where it is left out.' },
      cpuPercent: { type: 'integer', minimum: 1, maximum: 1000 },
      memoryPercent: { type: 'integer', minimum: 1, maximum: 1000 },
    },
    required: ['min'],
    additionalProperties: false,
  },
  parse: (raw) => {
    const scale = raw as Partial<ScaleFacts> & { readonly min: number };
    const max = scale.max ?? scale.min;
    const moved = scale.cpuPercent !== undefined || scale.memoryPercent !== undefined || max === scale.min;
    return { ...scale, max, ...(!moved && { cpuPercent: DEFAULT_CPU_PERCENT }) };
  },
  byTier: (tier) => ({ min: REPLICAS[tier], max: REPLICAS[tier] }),
  print: ({ min, max }) => (min === max ? String(min) : `${min} to ${max}`),
});

/** Use of requested CPU at which a scaler adds pods where nothing else is said, in percent. */
export const DEFAULT_CPU_PERCENT = 70;

/** How strictly pods are spread over zones: `required` leaves a pod unscheduled rather than unbalanced. */
export const Spread = setting<'preferred' | 'required'>({
  id: 'spread',
  schema: { type: 'string', enum: ['preferred', 'required'], description: 'How strictly pods are spread over zones.' },
  byTier: (tier) => (tier === 'production' ? 'required' : 'preferred'),
});

/**
 * Pods above the wanted number while a new version replaces an old one, in percent, rounded up. 25 is the default of a
 * Deployment (Kubernetes 1.36, apps/v1 RollingUpdateDeployment).
 */
export const Surge = setting<number>({
  id: 'surgePercent',
  schema: { type: 'integer', minimum: 1, maximum: 100, description: 'Pods above the wanted number during an update.' },
  byTier: () => 25,
});

/** How pods of a Deployment are replaced: new ones come before old ones go. */
export const rolling = oncePerValue((surgePercent: number) =>
  shared({ type: 'RollingUpdate', rollingUpdate: { maxSurge: `${surgePercent}%`, maxUnavailable: 0 } }),
);

/** Old ReplicaSets that are kept, so that a release can be taken back. */
export const KeptRevisions = setting<number>({
  id: 'keptRevisions',
  schema: { type: 'integer', minimum: 1, maximum: 100, description: 'Old ReplicaSets that are kept.' },
  byTier: () => 5,
});

/** True where a scaler decides the number of pods. */
export function isScaled({ min, max }: ScaleFacts): boolean {
  return max > min;
}
