/** Decides defaults: small and in-cluster, or guarded and replicated. */
export type Tier = 'development' | 'staging' | 'production';

/** All tiers, from the most careless to the most careful. */
export const TIERS: readonly Tier[] = ['development', 'staging', 'production'];

/** A value from a file, with its position. */
export interface Located {
  /** As it stands in the file, parsed but not yet turned into what the program uses. */
  readonly value: unknown;
  /** `environments/prod.yaml:12:5` */
  readonly at: string;
}

/** What a layer says about one construct. */
export interface ServiceLayer {
  /** Position of the entry. */
  readonly at: string;
  /** Settings of the construct by id: `scale`. They win over what the program says. */
  readonly settings: Readonly<Record<string, Located>>;
  /** Values of configurations that it reads, by key: `LOG_LEVEL`. Other readers do not see them. */
  readonly config: Readonly<Record<string, Located>>;
}

/** Values of one layer. Of two layers the later one wins. */
export interface Layer {
  /**
   * Where it was written: `base` and `tier` are files of `layers/`, the other two are parts of the environment's own.
   */
  readonly name: 'base' | 'tier' | 'environment' | 'region';
  /** Settings by id: `scale`. They hold where the program says nothing. */
  readonly settings: Readonly<Record<string, Located>>;
  /** Values of configurations by key: `LOG_LEVEL`. They win over the program's. */
  readonly config: Readonly<Record<string, Located>>;
  /** By construct path below the platform: `ordering/orders`. */
  readonly services: Readonly<Record<string, ServiceLayer>>;
}

/** Which back end serves a need, and its options. */
export interface BackEndChoice {
  /** Name of the back end: `in-cluster`. */
  readonly name: string;
  /** What its `make` gets. Empty where the file gives none. */
  readonly options: Readonly<Record<string, unknown>>;
  /** The YAML documents of its folder, for a back end that wants them. @defaultValue none */
  readonly documents?: readonly Located[];
  /** Position of the choice: `environments/prod.yaml:12:3`. */
  readonly at: string;
}

/** Where the API server answers, for workloads that talk to it. */
export interface ApiServerAddress {
  /** CIDRs of the endpoints (not of the `kubernetes` service: policies see the address behind it). */
  readonly cidrs: readonly string[];
  /** Port behind the `kubernetes` Service, 1 to 65535. Where the file names none it is 6443. */
  readonly port: number;
}

/** Where names are resolved. */
export interface DnsAddress {
  /** Namespace of the DNS pods: `kube-system`. */
  readonly namespace: string;
  /** Labels of the DNS pods: `{ 'k8s-app': 'kube-dns' }`. */
  readonly podLabels: Readonly<Record<string, string>>;
  /** Ports on which the DNS pods listen. */
  readonly ports: readonly number[];
  /** CIDRs of node-local caches and of resolvers outside the cluster. */
  readonly cidrs: readonly string[];
}

/** Where a tool that watches a repository finds the objects, and where it brings them. */
export interface GitOpsTarget {
  /** URL of the repository: `https://github.com/acme/shop-deploy.git`. */
  readonly repository: string;
  /** Branch, tag or commit: `main`. */
  readonly revision: string;
  /** Folder of the environment in the repository: `k8s/prod`. */
  readonly path: string;
  /** Namespace of the tool's own objects. @defaultValue `argocd` or `flux-system` */
  readonly namespace?: string;
  /** Project of Argo CD. */
  readonly project: string;
  /** Clusters that get the objects. Empty: the one that the tool runs in. */
  readonly destinations: readonly GitOpsDestination[];
}

/** A cluster, as a tool knows it. */
export interface GitOpsDestination {
  /** Tells it from the others: `eu`. */
  readonly name: string;
  /** Address of its API server, for Argo CD. @defaultValue Argo CD knows the cluster by its name */
  readonly server?: string;
  /** Secret with its kubeconfig, for Flux. @defaultValue `<name>-kubeconfig` */
  readonly kubeConfigSecret?: string;
}

/** One environment, as data: the same program serves them all. */
export interface Environment {
  /** Name of its file without the ending, and of the folder that is written: `prod`. */
  readonly name: string;
  /** Decides the defaults of settings and how strict the rules are. */
  readonly tier: Tier;
  /** Minor version: `1.36`. */
  readonly kubernetes: string;
  /** DNS domain under which it is reached from outside. */
  readonly domain: string;
  /** DNS domain of the cluster. */
  readonly clusterDomain: string;
  /** Region of the cluster: `eu-west-1`. It chooses the layer under `regions`. @defaultValue none: no such layer */
  readonly region?: string;
  /** Zones of the cluster: `eu-west-1a`. Production needs two or more (`too-few-zones`). */
  readonly zones: readonly string[];
  /** Image prefixes and what stands for them here: `{ 'docker.io': 'registry.example.com/hub' }`. */
  readonly registries: Readonly<Record<string, string>>;
  /** The way of workloads that were given rights at the API server. Where the file says nothing: private addresses. */
  readonly apiServer: ApiServerAddress;
  /** The way to names, which each context opens. Where the file says nothing: kube-dns in `kube-system`. */
  readonly dns: DnsAddress;
  /** By id of the need. */
  readonly backEnds: Readonly<Record<string, BackEndChoice>>;
  /** Where GitOps tools find and bring it; only `ashlar synth --gitops` asks. @defaultValue none */
  readonly gitops?: GitOpsTarget;
  /** Constructs that this environment does without, by path below the platform, with the position of the line. */
  readonly without: readonly { readonly path: string; readonly at: string }[];
  /** Weakest first. */
  readonly layers: readonly Layer[];
}
