import { facet } from '../model/facet';
import { setting } from '../model/setting';
import type { PortFacts } from './endpoint';

/** CPU in cores and memory in bytes as Kubernetes quantities: `100m`, `64Mi`. */
export interface ResourceAmounts {
  readonly cpu?: string;
  readonly memory?: string;
  readonly 'ephemeral-storage'?: string;
}

/** What a container asks for and may use. */
export interface ResourceFacts {
  readonly requests: ResourceAmounts;
  readonly limits: ResourceAmounts;
}

/** How a container is asked whether it is well: a Probe of Kubernetes, finished. */
export type ProbeFacts = Readonly<Record<string, unknown>>;

/** The three questions. */
export interface HealthFacts {
  readonly startup?: ProbeFacts;
  readonly readiness?: ProbeFacts;
  readonly liveness?: ProbeFacts;
}

/** One container, besides what facets add. */
export interface ContainerFacts {
  readonly name: string;
  readonly image: string;
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly ports: readonly PortFacts[];
  readonly health?: HealthFacts;
  readonly resources?: ResourceFacts;
}

/** A variable of the main container. */
export interface EnvPart {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: object;
}

/** A volume of the pod and where the main container mounts it. */
export interface VolumePart {
  readonly name: string;
  /** What the volume is, as in `pod.spec.volumes` without the name; none where a claim template makes it. */
  readonly source?: object;
  /** Where containers mount it. */
  readonly mounts: readonly MountFacts[];
}

/** One mount. */
export interface MountFacts {
  readonly path: string;
  readonly readOnly?: boolean;
  readonly subPath?: string;
  /** @defaultValue the main container */
  readonly container?: string;
}

/** A container beside the main one. */
export interface ContainerPart {
  readonly name: string;
  /** `init`: ends before the main one starts. `sidecar`: starts before it and ends after it. */
  readonly role: 'init' | 'sidecar';
  /** Place among those of its role: they start one after the other. @defaultValue before all that say one */
  readonly order?: number;
  readonly container: ContainerFacts;
  readonly env: readonly EnvPart[];
}

/** A label or annotation of the pod. */
export interface TextPart {
  readonly name: string;
  readonly value: string;
}

/** Facets of the pod template. */
export const PodEnv = facet<EnvPart>('pod.env', (part) => part.name, 'value', 'valueFrom');
export const PodVolumes = facet<VolumePart>('pod.volumes', (part) => part.name);
export const PodContainers = facet<ContainerPart>('pod.containers', (part) => part.name);
export const PodLabels = facet<TextPart>('pod.labels', (part) => part.name);
export const PodAnnotations = facet<TextPart>('pod.annotations', (part) => part.name);

/** User that processes run as: any but 0, which Pod Security `restricted` refuses. */
export const User = setting<number>({
  id: 'user',
  schema: {
    type: 'integer',
    minimum: 1,
    maximum: 2 ** 31 - 1,
    description: 'User and group that the process runs as.',
  },
  byTier: () => 1000,
});

/** How a pod ends: seconds between the end of traffic and the signal to stop, and seconds after it. */
export interface ShutdownFacts {
  /** 0 to 3600. */
  readonly drainSeconds: number;
  /** 0 to 3600. */
  readonly finishSeconds: number;
}

/** Five seconds to drain, thirty to finish. */
export const DEFAULT_SHUTDOWN: ShutdownFacts = { drainSeconds: 5, finishSeconds: 30 };

/**
 * How a pod ends. Five seconds are what it takes until proxies and name caches have noticed; thirty are the default of
 * `terminationGracePeriodSeconds` (Kubernetes 1.36).
 */
export const ShutdownSetting = setting<ShutdownFacts>({
  id: 'shutdown',
  schema: {
    type: 'object',
    description: 'How a pod ends, in seconds before and after the signal.',
    properties: {
      drainSeconds: { type: 'integer', minimum: 0, maximum: 3600 },
      finishSeconds: { type: 'integer', minimum: 0, maximum: 3600 },
    },
    required: ['drainSeconds', 'finishSeconds'],
    additionalProperties: false,
  },
  byTier: () => DEFAULT_SHUTDOWN,
  print: ({ drainSeconds, finishSeconds }) => `${drainSeconds} s + ${finishSeconds} s`,
});

/**
 * What tells that a pod can be sent traffic where the program does not say: its first port takes connections, or
 * nothing. Nothing restarts the pod, since a wrong guess would.
 */
export const Readiness = setting<'port' | 'none'>({
  id: 'readiness',
  schema: { type: 'string', enum: ['port', 'none'], description: 'Readiness of services that give no health checks.' },
  byTier: () => 'port',
});

const AMOUNTS = {
  type: 'object',
  properties: {
    cpu: { type: 'string', description: 'Cores, as 500m or 2.' },
    memory: { type: 'string', description: 'Bytes, as 256Mi or 1Gi.' },
  },
  additionalProperties: false,
} as const;

/** What a container gets where nothing is said. CPU has no limit: throttling hurts more than it protects. */
export const Resources = setting<ResourceFacts>({
  id: 'resources',
  schema: {
    type: 'object',
    description: 'Requests and limits of the main container.',
    properties: { requests: AMOUNTS, limits: AMOUNTS },
    required: ['requests', 'limits'],
    additionalProperties: false,
  },
  byTier: (tier) =>
    tier === 'development'
      ? { requests: { cpu: '50m', memory: '64Mi' }, limits: { memory: '256Mi' } }
      : { requests: { cpu: '100m', memory: '128Mi' }, limits: { memory: '256Mi' } },
});
