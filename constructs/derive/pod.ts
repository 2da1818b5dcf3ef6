import { facet } from '../model/facet';
import { setting } from '../model/setting';
import type { PortFacts } from './endpoint';

/** CPU in cores and memory in bytes as Kubernetes quantities: `100m`, `64Mi`. */
export interface ResourceAmounts {
  /** Cores: `100m` is a tenth of one, `2` are two. @defaultValue none */
  readonly cpu?: string;
  /** Bytes: `64Mi`, `1Gi`. @defaultValue none */
  readonly memory?: string;
  /** Bytes on the disk of the node: `1Gi`. @defaultValue none */
  readonly 'ephemeral-storage'?: string;
}

/** What a container asks for and may use. */
export interface ResourceFacts {
  /** What the scheduler keeps free for it on a node. */
  readonly requests: ResourceAmounts;
  /** What it may use at most. CPU above is throttled, memory above ends the container. */
  readonly limits: ResourceAmounts;
}

/** How a container is asked whether it is well: a Probe of Kubernetes, finished. */
export type ProbeFacts = Readonly<Record<string, unknown>>;

/** The three questions. */
export interface HealthFacts {
  /** Whether it has come up; the other two wait for it. @defaultValue none */
  readonly startup?: ProbeFacts;
  /** Whether it may be sent traffic. @defaultValue none: traffic comes as soon as the process runs */
  readonly readiness?: ProbeFacts;
  /** Whether it is to go on; where it fails, the container is restarted. @defaultValue none */
  readonly liveness?: ProbeFacts;
}

/** One container, besides what facets add. */
export interface ContainerFacts {
  /** Unique in the pod, a DNS label: `orders`, `envoy`. */
  readonly name: string;
  /** As the program names it. A prefix that `registries` of the environment name is replaced later. */
  readonly image: string;
  /** Replaces the entry point of the image. @defaultValue the image's own */
  readonly command?: readonly string[];
  /** Arguments of the command. @defaultValue the image's own */
  readonly args?: readonly string[];
  /** Ports that it listens on. A main container without ports is not drained: nobody sends it traffic. */
  readonly ports: readonly PortFacts[];
  /** Its checks. @defaultValue for the main container by the setting `readiness`, for others none */
  readonly health?: HealthFacts;
  /**
   * What it asks for and may use.
   * @defaultValue for the main container by the setting `resources`, for others those of the namespace
   */
  readonly resources?: ResourceFacts;
}

/** A variable of the main container. */
export interface EnvPart {
  /** Key of the facet: `LOG_LEVEL`. Two parts of one name must say the same (`two-writers`). */
  readonly name: string;
  /** The text itself. `$(OTHER)` stands for another variable of the container. */
  readonly value?: string;
  /** Where the value is, as in core/v1 EnvVarSource. Never beside `value`. */
  readonly valueFrom?: object;
}

/** A volume of the pod and where the main container mounts it. */
export interface VolumePart {
  /** Key of the facet and name in the pod, a DNS label: `cache`. */
  readonly name: string;
  /** What the volume is, as in `pod.spec.volumes` without the name; none where a claim template makes it. */
  readonly source?: object;
  /** Where containers mount it. */
  readonly mounts: readonly MountFacts[];
}

/** One mount. */
export interface MountFacts {
  /** Absolute path in the container: `/var/cache/orders`. */
  readonly path: string;
  /** Whether the container may only read it. @defaultValue false */
  readonly readOnly?: boolean;
  /** Path within the volume: `certs/tls.crt`. @defaultValue the whole volume */
  readonly subPath?: string;
  /** Which container mounts it: the name of a sidecar or init container. @defaultValue the main container */
  readonly container?: string;
}

/** A container beside the main one. */
export interface ContainerPart {
  /** Key of the facet, and the name by which mounts find it: that of the container. */
  readonly name: string;
  /** `init`: ends before the main one starts. `sidecar`: starts before it and ends after it. */
  readonly role: 'init' | 'sidecar';
  /** Place among those of its role: they start one after the other. @defaultValue before all that say one */
  readonly order?: number;
  /** What runs in it. */
  readonly container: ContainerFacts;
  /** Its own variables. It gets none of those of the main container. */
  readonly env: readonly EnvPart[];
}

/** A label or annotation of the pod. */
export interface TextPart {
  /** Key of the label or annotation, with its prefix: `prometheus.io/scrape`. */
  readonly name: string;
  /** Always a text: `'true'`, `'8080'`. A label has up to 63 characters. */
  readonly value: string;
}

/** A container that the cluster adds to the pod when it is made, such as the proxy of a mesh. It is in no manifest. */
export interface InjectedPart {
  /** Key of the facet: `istio-proxy`. */
  readonly name: string;
  /** What it asks for and may use, for the quota. */
  readonly resources: ResourceFacts;
}

/** Variables of the main container, by name. A value and a reference exclude each other. */
export const PodEnv = facet<EnvPart>('pod.env', (part) => part.name, 'value', 'valueFrom');

/** Volumes of the pod and their mounts, by name of the volume. */
export const PodVolumes = facet<VolumePart>('pod.volumes', (part) => part.name);

/** Sidecars and init containers, by name. */
export const PodContainers = facet<ContainerPart>('pod.containers', (part) => part.name);

/** Labels of the pod template, by key, beside the selector and the owner. */
export const PodLabels = facet<TextPart>('pod.labels', (part) => part.name);

/** Annotations of the pod template, by key. A new value rolls the pods. */
export const PodAnnotations = facet<TextPart>('pod.annotations', (part) => part.name);

/** A reason why the containers of a pod have to see each other's processes. */
export interface SharingPart {
  /** Key of the facet: who needs it, such as a sidecar that sends signals. */
  readonly name: string;
}

/**
 * What makes the containers of a pod see each other's processes, and with them, as they run as one user, their variables
 * and files.
 */
export const PodProcesses = facet<SharingPart>('pod.processes', (part) => part.name);

/** Containers that the cluster adds to the pod, by name. */
export const InjectedContainers = facet<InjectedPart>('pod.injected', (part) => part.name);

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
