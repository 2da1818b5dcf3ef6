import type { IConstruct } from 'constructs';
import { capability } from '../../model/capability';
import type { Reach } from '../endpoint';
import type { ResourceFacts } from '../pod';
import type { RedisFacts } from './redis';
import type { ExporterFacts } from './scraped';
import type { ControlLogin } from './redis-logins';

/** A Redis that the operator runs. */
export interface RedisReplicationFacts {
  readonly redis: Readonly<RedisFacts>;
  /** Pods of the server, 2 or more: one is written to. */
  readonly replicas: number;
  readonly image: string;
  readonly sentinelImage: string;
  /** User that the images are made for. */
  readonly user: number;
  /** The operator's pods. */
  readonly operator: Reach;
  /** The construct that has the pods of the sentinels. */
  readonly sentinels: IConstruct;
  /** @defaultValue none */
  readonly exporter?: ExporterFacts;
}

/** The capability of being run by the Redis operator. */
export const RedisReplication = capability<RedisReplicationFacts>('redis.replication');

/** Sentinels: three agree when one of them is gone. */
export const SENTINELS = 3;

/** The port on which sentinels listen (Redis 8, "Sentinel"). */
export const SENTINEL_PORT = 26379;

/** What one sentinel takes. */
export const SENTINEL_RESOURCES: ResourceFacts = {
  requests: { cpu: '20m', memory: '32Mi' },
  limits: { memory: '64Mi' },
};

/**
 * The operator, the sentinels and the replicas log in as the default user. Its password stays over all generations:
 * servers that are replaced one after the other have to understand each other.
 */
export const OPERATOR_LOGIN: ControlLogin = { name: 'default', rules: '~* &* +@all', stays: true };

/** Labels of the server's pods (Redis operator 0.26, `internal/controller/common/labels.go`). */
export function replicaSelector(name: string): Readonly<Record<string, string>> {
  return { app: name, redis_setup_type: 'replication', role: 'replication' };
}

/** Labels of the sentinels' pods. */
export function sentinelSelector(name: string): Readonly<Record<string, string>> {
  return { app: `${name}-s`, redis_setup_type: 'sentinel', role: 'sentinel' };
}
