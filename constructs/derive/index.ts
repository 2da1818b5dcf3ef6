/** What extensions meet of Ashlar's own patterns: capabilities, relations, facets and needs. */
export { Calls, type AddressFormat, type CallFacts } from './calls';
export {
  AppProtocols,
  Endpoint,
  hostOf,
  type AppProtocolPart,
  type EndpointFacts,
  type PortFacts,
  type Protocol,
  type Reach,
  type ServiceFacts,
} from './endpoint';
export {
  Gateway,
  GatewayNeed,
  RoutesTo,
  type CorsFacts,
  type GatewayBackEnd,
  type GatewayFacts,
  type GatewayRouteFacts,
  type JwtFacts,
  type RateLimitFacts,
} from './gateway/gateway';
export type { AccessRule } from './kubernetes-access';
export { MeshNeed, OutsideMesh, type MeshAbility, type MeshBackEnd, type OutsideMeshFacts } from './mesh/mesh';
export {
  InjectedContainers,
  PodAnnotations,
  PodContainers,
  PodEnv,
  PodLabels,
  PodVolumes,
  type ContainerFacts,
  type ContainerPart,
  type EnvPart,
  type HealthFacts,
  type InjectedPart,
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
export { Admission } from './resilience/admission';
export { GRPC_CONDITIONS, HTTP_CONDITIONS } from './resilience/conditions';
export type { BalancingFacts, BreakerFacts, BulkheadFacts, ResilienceFacts, RetryFacts } from './resilience/facts';
export {
  EndpointPolicies,
  HostRoutes,
  type CallerFacts,
  type EndpointPolicyPart,
  type RoutePart,
  type TreatmentFacts,
} from './resilience/routes';
export type { ScaleFacts } from './scaling';
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
