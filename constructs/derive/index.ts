/** What extensions meet of Ashlar's own patterns: capabilities, relations, facets and needs. */
export { Aggregation, Gathers, type AggregatorFacts, type BranchFacts } from './aggregator';
export { Calls, type AddressFormat, type CallFacts } from './calls';
export {
  AppProtocols,
  ENDPOINT,
  Endpoint,
  Versioned,
  hostOf,
  type AppProtocolPart,
  type EndpointFacts,
  type PortFacts,
  type Protocol,
  type Reach,
  type ServiceFacts,
  type ServiceLabelPart,
  type SplitFacts,
  type TestersWayFacts,
  type VersionedFacts,
} from './endpoint';
export {
  Quotable,
  Quotes,
  type FileFacts,
  type FileFormat,
  type QuotableFacts,
  type QuoteFacts,
  type QuotePart,
  type ReloadFacts,
} from './config/facts';
export type {
  BackendTlsFacts,
  CompressionFacts,
  DeprecationFacts,
  HeaderChangeFacts,
  HeaderMatchFacts,
  TlsFacts,
} from './gateway/facts';
export {
  Gateway,
  GatewayNeed,
  RoutesTo,
  type CorsFacts,
  type GatewayAbility,
  type GatewayBackEnd,
  type GatewayFacts,
  type GatewayRouteFacts,
  type JwtFacts,
  type RateLimitFacts,
  type WeightedRoute,
} from './gateway/gateway';
export { AlsoRoutesTo, type AlsoRoutesFacts } from './gateway/destinations';
export type { AuthorizerFacts } from './gateway/authorizer-facts';
export type { AccessRule } from './kubernetes-access';
export { MeshNeed, OutsideMesh, type MeshAbility, type MeshBackEnd, type OutsideMeshFacts } from './mesh/mesh';
export {
  InjectedContainers,
  PodAnnotations,
  PodContainers,
  PodEnv,
  PodLabels,
  PodProcesses,
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
  type SharingPart,
  type ShutdownFacts,
  type TextPart,
  type VolumePart,
} from './pod';
export { Reads } from './reads';
export {
  Delivery,
  type BlueGreenFacts,
  type CanaryFacts,
  type DeliveryFacts,
  type MetricsFacts,
  type StrategyFacts,
  type TestersFacts,
  type VerifyFacts,
  type VerifyJobFacts,
} from './rollout/facts';
export { RolloutNeed, type RolloutBackEnd, type WorkloadForm } from './rollout/rollout';
export type { RunFacts, ScheduleFacts } from './run';
export { FailsOverTo } from './resilience/failover';
export { Admission } from './resilience/admission';
export { GRPC_CONDITIONS, HTTP_CONDITIONS } from './resilience/conditions';
export type { RequestMatch } from './resilience/retry-blocks';
export type {
  BalancingFacts,
  BreakerFacts,
  BulkheadFacts,
  FallbackFacts,
  LocalityFacts,
  ResilienceFacts,
  RetryFacts,
} from './resilience/facts';
export {
  EndpointPolicies,
  HostRoutes,
  type CallerFacts,
  type EndpointPolicyPart,
  type RoutePart,
  type TreatmentFacts,
} from './resilience/routes';
export type { ScaleFacts } from './scaling';
export type { SecretSourceFacts } from './secret';
export { SecretKeys, SecretsNeed, type PlannedSecret, type SecretBackEnd, type SecretKeyPart } from './secrets';
export type { ElasticFacts } from './stores/elastic';
export type { ServerConnection } from './stores/external';
export { POSTGRES_ENV } from './stores/postgres/connect';
export {
  POSTGRES_VERSIONS,
  PostgresNeed,
  type PostgresConnection,
  type PoolerFacts,
  type PostgresBackEnd,
  type PostgresFacts,
  type PostgresRestoreFacts,
  type PostgresShareFacts,
  type PostgresVersion,
} from './stores/postgres/server';
export {
  EVICTION_POLICIES,
  RedisNeed,
  type EvictionPolicy,
  type RedisAccess,
  type RedisBackEnd,
  type RedisFacts,
} from './stores/redis';
export { accountsOf, type Account, type Holder } from './stores/accounts';
export { Connection, type ConnectionFacts } from './stores/connection-facts';
export {
  Caches,
  Maintains,
  Owns,
  ReachedThrough,
  StandsOn,
  STORE,
  Store,
  type AccessFacts,
  type BackupFacts,
  type CacheFacts,
  type CacheFailure,
  type ConnectionEnv,
  type StoreFacts,
} from './stores/store';
export type { ContextPodsPart } from './quota';
export { OperatedPods, TrafficIn, TrafficOut, type OperatedPodsFacts, type TrafficPart } from './traffic';
export type { TunnelPart } from './tunnels';
export { Workload, type ClaimFacts, type WorkloadFacts } from './workload';
export { Strangler, type MoveFacts, type PhaseFacts, type StranglerFacts } from './strangler';
