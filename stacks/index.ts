/** Pulumi stacks: a platform as resources of `pulumi up`. The only part of Ashlar that loads Pulumi. */
export { deploy, type Deployed } from './deploy';
export type { Adoption, DeployOptions, InputsOption } from './deploy-options';
export type { ClusterOptions } from './cluster';
