/** Ashlar: one typed description of a microservice system. */
export { definePlatform, type PlatformDefinition, type PlatformOptions, type Program } from './define-platform';
export { BoundedContext, type BoundedContextProps } from './bounded-context';
export { Microservice, type MicroserviceProps } from './microservice';
export { Rollout, ROLLOUT_DEFAULTS, type BlueGreenProps, type CanaryProps } from './rollout';
export { Verify, VERIFY_DEFAULTS, type LatencyOptions, type MeasureOptions, type VerifyJobProps } from './verify';
export { Service } from './service';
export { Caller, type AccessOptions, type CallOptions, type ReadOptions } from './caller';
export { AnyTask } from './any-task';
export { Task, type TaskProps } from './task';
export {
  SCHEDULED_TASK_DEFAULTS,
  ScheduledTask,
  type Concurrency,
  type History,
  type ScheduledTaskProps,
} from './scheduled-task';
export { Schedule, type Weekday } from './schedule';
export type { PodProps } from './pod-props';
export type { RunProps } from './run-props';
export type { ContainerLike, WorkloadLike } from './adopted-service';
export { Aggregator, type AggregatorProps, type BranchOptions } from './aggregator';
export { ApiGateway, type ApiGatewayProps } from './api-gateway';
export { BackendForFrontend, type BackendForFrontendProps, type ClientKind } from './backend-for-frontend';
export { Auth, type ExternalOptions, type JwtOptions } from './gateway/auth';
export { BackendTls, type BackendTlsOptions } from './gateway/backend-tls';
export { CacheControl } from './gateway/cache-control';
export { COMPRESSED_TYPES, Compression, type CompressionOptions } from './gateway/compression';
export { Cors, type CorsOptions } from './gateway/cors';
export { Deprecation, type DeprecationOptions } from './gateway/deprecation';
export type { HeaderChanges, HeaderMatch } from './gateway/headers';
export { RateLimit, type GlobalLimitOptions } from './gateway/rate-limit';
export type { HttpMethod, RouteOptions } from './gateway/route';
export { Tls, type IssuerOptions } from './gateway/tls';
export { StranglerFig, type MoveOptions, type StranglerFigProps } from './strangler-fig';
export { Phase } from './strangler/phase';
export { ExternalService, type ClusterServiceProps, type ExternalServiceProps } from './external-service';
export type { CacheOptions } from './caching';
export { RedisCache, REDIS_CACHE_DEFAULTS, type RedisCacheProps } from './redis-cache';
export { RedisStore, REDIS_STORE_DEFAULTS, type RedisStoreProps } from './redis-store';
export { RedisServer, type RedisConnection, type RedisNature, type RedisProps } from './redis';
export { RedisKeys } from './redis-keys';
export { PostgresDatabase } from './postgres-database';
export { PostgresSchema, PostgresServer, PostgresTables } from './postgres-server';
export { POSTGRES_DEFAULTS, type PostgresConnectionProps, type PostgresProps } from './postgres-props';
export { Migration, type MigrationProps } from './postgres-migration';
export { Restore, type RestoreProps } from './postgres-restore';
export { Pooler } from './pooler';
export { Backup, type BackupOptions } from './backup';
export type { Authority } from './derive/stores/connection-facts';
export {
  ElasticsearchCluster,
  ElasticsearchIndex,
  type ElasticsearchClusterProps,
  type ElasticsearchConnectionProps,
  type ElasticsearchIndexProps,
  type IndexOptions,
} from './elasticsearch';
export {
  ClickHouseDatabase,
  type ClickHouseConnectionProps,
  type ClickHouseDatabaseProps,
} from './clickhouse-database';
export { MongoDatabase, type MongoConnectionProps, type MongoDatabaseProps } from './mongo-database';
export { STORE_DEFAULTS, type StoreConnectionProps, type StoreServerProps } from './store-props';
export { Config, type ConfigProps, type ValueOf } from './config';
export { ConfigFile } from './config-file';
export { Quote, type QuoteOptions } from './quote';
export { Reload } from './reload';
export { Key } from './key';
export { Secret, SecretSource, type ExistingSecretProps, type SecretProps } from './secret';
export { outsideMesh } from './mesh';
export { Manifest } from './manifest';
export { namespaceOf } from './namespace';
export type { IConfig, IEndpoint, ISecret, IStore, IWorkload } from './capabilities';

export type { ContainerProps, Env, EnvValueLike, ImageProps } from './container';
export {
  Check,
  Health,
  type CheckOptions,
  type GrpcCheckOptions,
  type HealthChecks,
  type HttpCheckOptions,
  type ProbeLike,
} from './health';
export { Directory, type VolumeLike } from './directory';
export { Exposure } from './exposure';
export { Port, type PortOptions, type Ports } from './port';
export type { CpuAmount, Resources, SizeAmount } from './resources';
export type { StorageAmount } from './storage';
export { Bulkhead, type BulkheadOptions } from './resilience/bulkhead';
export { CircuitBreaker, type BreakerOptions, type FailureRateOptions } from './resilience/circuit-breaker';
export { Failover, type PlaceFailover, type Standby, type StandbyOptions } from './resilience/failover';
export { Fallback } from './resilience/fallback';
export { LoadBalancing } from './resilience/load-balancing';
export { type ResilienceOptions } from './resilience/options';
export { Retry, type GrpcRetryCondition, type HttpRetryCondition, type RetryCondition } from './resilience/retry';
export { Scale } from './scale';
export { Shutdown, type ShutdownOptions } from './shutdown';
export { Cpu, Percent, type Checked } from './values';
export { Duration, Size } from './cdk8s-values';

export * from './model';
export * from './derive';
