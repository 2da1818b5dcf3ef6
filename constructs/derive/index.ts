/** What extensions meet of Ashlar's own patterns: capabilities, relations, facets and needs. */
export { Calls, type AddressFormat, type CallFacts } from './calls';
export {
  Endpoint,
  hostOf,
  type EndpointFacts,
  type PortFacts,
  type Protocol,
  type Reach,
  type ServiceFacts,
} from './endpoint';
export type { AccessRule } from './kubernetes-access';
export {
  PodAnnotations,
  PodContainers,
  PodEnv,
  PodLabels,
  PodVolumes,
  type ContainerFacts,
  type ContainerPart,
  type EnvPart,
  type HealthFacts,
  type MountFacts,
  type ProbeFacts,
  type ResourceAmounts,
  type ResourceFacts,
  type ShutdownFacts,
  type TextPart,
  type VolumePart,
} from './pod';
export { EVICTION_POLICIES, RedisNeed, type EvictionPolicy, type RedisBackEnd, type RedisFacts } from './redis';
export { Reads } from './reads';
export type { ScaleFacts } from './scaling';
export type { SecretSourceFacts } from './secret';
export { SecretKeys, SecretsNeed, type PlannedSecret, type SecretBackEnd, type SecretKeyPart } from './secrets';
export { accountsOf, type Account, type Holder } from './stores/accounts';
export { Connection, type ConnectionFacts } from './stores/connection';
export {
  Maintains,
  Owns,
  StandsOn,
  Store,
  type AccessFacts,
  type BackupFacts,
  type ConnectionEnv,
  type StoreFacts,
} from './stores/store';
export { OperatedPods, TrafficIn, TrafficOut, type OperatedPodsFacts, type TrafficPart } from './traffic';
export { Workload, type ClaimFacts, type WorkloadFacts } from './workload';
