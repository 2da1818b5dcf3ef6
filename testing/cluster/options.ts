/** What a proof wants of its cluster. */
export interface ClusterOptions {
  /**
   * Whether controllers run, and kwok, which makes pods ready: Deployments become available, quotas are counted,
   * autoscalers scale. A cluster without them only judges and stores. @defaultValue true
   */
  readonly controllers?: boolean;
  /**
   * Whether the definitions of all custom resources that Ashlar emits are installed. A cluster of ASHLAR_KUBECONFIG has
   * those that it has. @defaultValue false
   */
  readonly crds?: boolean;
  /** Kubernetes version to behave like, at most three minors older than the executables: `1.35`. @defaultValue theirs */
  readonly version?: string;
}
