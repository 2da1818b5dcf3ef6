/** Ashlar: one typed description of a microservice system. */
export { definePlatform, type PlatformDefinition, type PlatformOptions, type Program } from './define-platform';
export { BoundedContext, type BoundedContextProps } from './bounded-context';
export { Microservice, type MicroserviceProps } from './microservice';
export { Service, type AccessOptions, type CallOptions } from './service';
export type { ContainerLike, WorkloadLike } from './adopted-service';
export { ApiGateway, type ApiGatewayProps, type HttpMethod, type RouteOptions } from './api-gateway';
export { Auth, type JwtOptions } from './gateway/auth';
export { Cors, type CorsOptions } from './gateway/cors';
export { RateLimit } from './gateway/rate-limit';
export { ExternalService, type ClusterServiceProps, type ExternalServiceProps } from './external-service';
export { RedisCache, REDIS_CACHE_DEFAULTS, type RedisCacheProps } from './redis-cache';
export { Backup, type BackupOptions } from './backup';
export { Config, type ConfigProps, type ValueOf } from './config';
export { Key } from './key';
export { outsideMesh } from './mesh';
export { Manifest } from './manifest';
export { namespaceOf } from './namespace';
export type { IConfig, IEndpoint, IStore, IWorkload } from './capabilities';

export type { ContainerProps, Env, EnvValueLike } from './container';
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
export { Bulkhead, type BulkheadOptions } from './resilience/bulkhead';
export { CircuitBreaker, type BreakerOptions, type FailureRateOptions } from './resilience/circuit-breaker';
export { LoadBalancing } from './resilience/load-balancing';
export { type ResilienceOptions } from './resilience/options';
export { Retry, type GrpcRetryCondition, type HttpRetryCondition, type RetryCondition } from './resilience/retry';
export { Scale } from './scale';
export { Shutdown, type ShutdownOptions } from './shutdown';
export { Cpu, Percent, type Checked } from './values';
export { Duration, Size } from './cdk8s-values';

export * from './model';
export * from './derive';
