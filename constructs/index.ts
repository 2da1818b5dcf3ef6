/** Ashlar: one typed description of a microservice system. */
export { definePlatform, type PlatformDefinition, type PlatformOptions, type Program } from './define-platform';
export { BoundedContext, type BoundedContextProps } from './bounded-context';
export { Microservice, type MicroserviceProps } from './microservice';
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
export { ExternalService, type ClusterServiceProps, type ExternalServiceProps } from './external-service';
export { RedisCache, REDIS_CACHE_DEFAULTS, type RedisCacheProps } from './redis-cache';
export { Backup, type BackupOptions } from './backup';
export type { Authority } from './derive/stores/external';
export {
  ElasticsearchCluster,
  ElasticsearchIndex,
  type ElasticsearchClusterProps,
  type ElasticsearchConnectionProps,
  type ElasticsearchIndexProps,
  type IndexOptions,
} from './elasticsearch';
export { MongoDatabase, type MongoConnectionProps, type MongoDatabaseProps } from './mongo-database';
export { STORE_DEFAULTS, type StoreConnectionProps, type StoreServerProps } from './store-props';
export { Config, type ConfigProps, type ValueOf } from './config';
export { Key } from './key';
export { Secret, SecretSource, type ExistingSecretProps, type SecretProps } from './secret';
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
export { Scale } from './scale';
export { Shutdown, type ShutdownOptions } from './shutdown';
export { Cpu, Percent, type Checked } from './values';
export { Duration, Size } from './cdk8s-values';

export * from './model';
export * from './derive';
