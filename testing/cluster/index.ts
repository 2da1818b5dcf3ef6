/**
 * Proofs on a real API server: starts a cluster on this machine, applies plans to it, and asks what they do. Loaded only
 * where it is imported; `ashlar/testing` does not.
 */
export { startCluster } from './start-cluster';
export type { ClusterOptions } from './options';
export type { Cluster, KubectlResult } from './cluster';
export type { ClusterClient, Identity, ListOptions, PatchOptions, Subject } from './client';
export type { Appliable, Applied, ApplyOptions } from './apply';
export type { Verdict } from './verdict';
export type { ObjectId } from './kinds';
export type { ApiAnswer, ApiRequest } from './connection';
export type { Usage, UsageOf } from './metrics';
export { whyNotReady } from './readiness';
export { until, type UntilOptions } from './until';
export { startProcess, type ProcessOptions, type RunningProcess } from './process';
export { freePorts } from './ports';
export { proof } from './proof';
