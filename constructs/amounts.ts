/** An amount of CPU: Ashlar's `Cpu` or that of cdk8s-plus-27. */
export interface CpuAmount {
  /** A Kubernetes quantity: `500m` is half a core, `2` are two. */
  readonly amount: string;
}

/** An amount of memory or disk: the `Size` of cdk8s. */
export interface SizeAmount {
  /** The amount as a Kubernetes quantity: `256Mi`. */
  asString(): string;
}
