/** Decides defaults: small and in-cluster, or guarded and replicated. */
export type Tier = 'development' | 'staging' | 'production';

/** All tiers, from the most careless to the most careful. */
export const TIERS: readonly Tier[] = ['development', 'staging', 'production'];

/** A value from a file, with its position. */
export interface Located {
  readonly value: unknown;
  /** `environments/prod.yaml:12:5` */
  readonly at: string;
}

/** What a layer says about one construct. */
export interface ServiceLayer {
  /** Position of the entry. */
  readonly at: string;
  readonly settings: Readonly<Record<string, Located>>;
  readonly config: Readonly<Record<string, Located>>;
}

/** Values of one layer. Of two layers the later one wins. */
export interface Layer {
  readonly name: 'base' | 'tier' | 'environment' | 'region';
  readonly settings: Readonly<Record<string, Located>>;
  readonly config: Readonly<Record<string, Located>>;
  /** By construct path below the platform: `ordering/orders`. */
  readonly services: Readonly<Record<string, ServiceLayer>>;
}

/** Which back end serves a need, and its options. */
export interface BackEndChoice {
  readonly name: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly at: string;
}

/** Where the API server answers, for workloads that talk to it. */
export interface ApiServerAddress {
  /** CIDRs of the endpoints (not of the `kubernetes` service: policies see the address behind it). */
  readonly cidrs: readonly string[];
  readonly port: number;
}

/** Where names are resolved. */
export interface DnsAddress {
  readonly namespace: string;
  readonly podLabels: Readonly<Record<string, string>>;
  /** Ports on which the DNS pods listen. */
  readonly ports: readonly number[];
  /** CIDRs of node-local caches and of resolvers outside the cluster. */
  readonly cidrs: readonly string[];
}

/** One environment, as data: the same program serves them all. */
export interface Environment {
  readonly name: string;
  readonly tier: Tier;
  /** Minor version: `1.36`. */
  readonly kubernetes: string;
  /** DNS domain under which it is reached from outside. */
  readonly domain: string;
  /** DNS domain of the cluster. */
  readonly clusterDomain: string;
  readonly region?: string;
  readonly zones: readonly string[];
  /** Image prefixes and what stands for them here: `{ 'docker.io': 'registry.example.com/hub' }`. */
  readonly registries: Readonly<Record<string, string>>;
  readonly apiServer: ApiServerAddress;
  readonly dns: DnsAddress;
  /** By id of the need. */
  readonly backEnds: Readonly<Record<string, BackEndChoice>>;
  /** Constructs that this environment does without, by path below the platform, with the position of the line. */
  readonly without: readonly { readonly path: string; readonly at: string }[];
  /** Weakest first. */
  readonly layers: readonly Layer[];
}
