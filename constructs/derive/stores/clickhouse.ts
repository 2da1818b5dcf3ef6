import type { Construct } from 'constructs';
import { need } from '../../model/back-end';
import { capability } from '../../model/capability';
import type { Environment } from '../../model/environment';
import type { Build } from '../../model/extension';
import type { Problem } from '../../model/finding';
import { declare } from '../../model/recorder';
import { Connection, reachedOf, type ReachedFacts } from './connection-facts';
import { authorityFile, authorityFiles, type ServerConnection } from './external';
import { WAIT_FOR_LOGIN } from './clickhouse-script';
import { SMALL } from './in-cluster';
import { Scope, WaitedFor, waitName } from './set-up';
import type { BackupFacts } from './store';

/** A ClickHouse of one service. */
export interface ClickHouseFacts {
  /** Name of its objects. */
  readonly name: string;
  /** Namespace of its objects: that of its context. */
  readonly namespace: string;
  /** Name of the database. */
  readonly database: string;
  /** Size of the volume of each replica as a quantity. */
  readonly storage: string;
  /** Memory of each replica, in bytes. */
  readonly memoryBytes: number;
  /** CPU that each replica asks for, as a quantity. */
  readonly cpu: string;
  /** Replicas. @defaultValue by the back end */
  readonly replicas?: number;
  /** Backups. @defaultValue none */
  readonly backup?: BackupFacts;
  /** A server that somebody else runs, whatever back end the environment chose. */
  readonly connection?: ServerConnection;
}

/** The capability of being a ClickHouse. */
export const ClickHouse = capability<ClickHouseFacts>('clickhouse');

/** How a ClickHouse is run in an environment. */
export interface ClickHouseBackEnd {
  /** Declares what the construct is here. */
  realize(construct: Construct, facts: Readonly<ClickHouseFacts>, build: Build): void;
  /** What this back end cannot do of what is asked. */
  problems(facts: Readonly<ClickHouseFacts>, environment: Environment): readonly Problem[];
}

/** The need for a ClickHouse. */
export const ClickHouseNeed = need<ClickHouseBackEnd>('clickhouse', 'in-cluster');

/** ClickHouse's own ports (ClickHouse 25.8, `http_port`, `tcp_port`, `https_port`, `tcp_port_secure`). */
export const PLAIN = { http: 8123, native: 9000 } as const;
/** The same with TLS. */
export const SECURE = { http: 8443, native: 9440 } as const;

/** ClickHouse where neither program nor environment names an image; a release with long support. */
export const CLICKHOUSE_IMAGE = 'docker.io/clickhouse/clickhouse-server:25.8';

/** User of the image. */
export const CLICKHOUSE_USER = 101;

/** The account by which accounts are made. */
export const CLICKHOUSE_ADMIN = 'admin';

/** Port of its own metrics for Prometheus (ClickHouse 25.8, `prometheus.port`). */
export const METRICS_PORT = 9363;

/** Least memory, in bytes: below, merges of larger parts run out of it. */
export const CLICKHOUSE_LEAST_MEMORY = 2 ** 30;

/** Settings that are in proportion to memory (ClickHouse 25.8, "Server settings"): their defaults are for large machines. */
export function memorySettings(memoryBytes: number): Readonly<Record<string, number>> {
  return {
    // What is above is for threads, the allocator and libraries, which it does not count.
    max_server_memory_usage: Math.floor(memoryBytes * 0.8),
    mark_cache_size: Math.floor(memoryBytes * 0.1),
    index_mark_cache_size: Math.floor(memoryBytes * 0.02),
  };
}

/** Where a ClickHouse is in an environment. */
export interface ClickHouseAddress extends ReachedFacts {
  readonly host: string;
  readonly http: number;
  readonly native: number;
  readonly tls: boolean;
  /** Secret of who makes accounts. @defaultValue `<name>-admin` */
  readonly adminSecret?: string;
}

/** What holds of every ClickHouse, whoever runs it. */
export function declareClickHouse(
  construct: Construct,
  { name, database }: Readonly<ClickHouseFacts>,
  address: ClickHouseAddress,
  image: string,
): void {
  const { host, http, native, tls, authority } = address;
  const account = '{user}:{password}';
  const fields = {
    url: `${tls ? 'https' : 'http'}://${account}@${host}:${http}/${database}`,
    native: `clickhouse://${account}@${host}:${native}/${database}${tls ? '?secure=true' : ''}`,
    host,
    port: String(http),
    nativePort: String(native),
    database,
    ...(tls && { secure: 'true' }),
    ...(authority !== undefined && { ca: authorityFile(name) }),
  };
  declare(construct, Scope, { scope: database });
  declare(construct, Connection, {
    fields: { owner: fields, reader: fields },
    env: { CLICKHOUSE_URL: 'url', ...(authority !== undefined && { CLICKHOUSE_CA: 'ca' }) },
    ports: [http, native],
    ...reachedOf(address),
    files: authorityFiles(name, authority, waitName({ name })),
  });
  declare(construct, WaitedFor, {
    container: { image, command: ['/bin/bash', '-ec', WAIT_FOR_LOGIN], ports: [], resources: SMALL },
    env: {
      CLICKHOUSE_USER: 'user',
      CLICKHOUSE_PASSWORD: 'password',
      SERVER: 'host',
      PORT: 'nativePort',
      SECURE: 'secure',
      CA: 'ca',
    },
  });
}
