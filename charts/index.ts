/** Deployable components: plans of platforms, and the ways in which they leave. */
export { makePlan, openPlatform, type OpenPlatform, type SynthesizeOptions } from './synthesize';
export { listEnvironments, plainEnvironment } from './environment-file';
export { loadEnvironment } from './load-environment';
export { comparedWith, planToYaml, writeGitOps, writePlan } from './write-plan';
export { earlierObjects } from './earlier-objects';
export { argocd } from './gitops/argocd';
export { flux } from './gitops/flux';
export type { GitOpsFiles, GitOpsTool } from './gitops/gitops';
export { LIST_FILE, type WriteFolderResult } from './write-folder';
export { zoneLoss, type ZoneLoss } from './zone-loss';
export { addToApp } from './cdk8s-charts';
