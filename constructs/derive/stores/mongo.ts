import type { Construct } from 'constructs';
import { need } from '../../model/back-end';
import { capability } from '../../model/capability';
import type { Environment } from '../../model/environment';
import type { Build } from '../../model/extension';
import type { Problem } from '../../model/finding';
import { declare } from '../../model/recorder';
import type { Authority, ConnectionFacts } from './connection-facts';
import { authorityFile, type ServerConnection } from './external';
import { SMALL } from './in-cluster';
import { Scope, WaitedFor, waitUntil } from './set-up';
import type { BackupFacts } from './store';

/** A MongoDB of one service. */
export interface MongoFacts {
  /** Name of its objects. */
  readonly name: string;
  /** Namespace of its objects: that of its context. */
  readonly namespace: string;
  /** Name of the database. */
  readonly database: string;
  /** Size of the volume of each replica as a quantity. A server outside has none. */
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

/** The capability of being a MongoDB. */
export const Mongo = capability<MongoFacts>('mongodb');

/** How a MongoDB is run in an environment. */
export interface MongoBackEnd {
  /** Declares what the construct is here. */
  realize(construct: Construct, facts: Readonly<MongoFacts>, build: Build): void;
  /** What this back end cannot do of what is asked. */
  problems(facts: Readonly<MongoFacts>, environment: Environment): readonly Problem[];
}

/** The need for a MongoDB. */
export const MongoNeed = need<MongoBackEnd>('mongodb', 'in-cluster');

/** MongoDB's own port (MongoDB 8.0, `net.port`). */
export const MONGO_PORT = 27017;

/** Name of the replica set. */
export const REPLICA_SET = 'rs0';

/** MongoDB where neither program nor environment names an image; with its shell and its tools. */
export const MONGO_IMAGE = 'docker.io/library/mongo:8.0.19';

/** What measures a MongoDB (Percona's exporter, Apache-2.0). */
export const MONGO_EXPORTER_IMAGE = 'docker.io/percona/mongodb_exporter:0.47.2';

/**
 * Least memory, in bytes: that of its least cache (256 MB: MongoDB 8.0, `cacheSizeGB`), and as much again for connections
 * and the process.
 */
export const MONGO_LEAST_MEMORY = 512 * 2 ** 20;

/** Least size of its cache (MongoDB 8.0, `storage.wiredTiger.engineConfig.cacheSizeGB`), in GiB. */
const LEAST_CACHE_GIB = 0.25;

/**
 * Size of its cache in GiB: half of what is above one gibibyte, as MongoDB itself takes it (MongoDB 8.0, `cacheSizeGB`).
 * It is always given, so that it does not depend on what the process takes for the memory of its machine.
 */
export function cacheOf(memoryBytes: number): number {
  const half = (memoryBytes / 2 ** 30 - 1) / 2;
  return Math.max(LEAST_CACHE_GIB, Math.floor(half * 100) / 100);
}

/** Where a connection leads. */
export interface MongoAddress {
  /** Names of the servers, without ports. */
  readonly hosts: readonly [string, ...string[]];
  readonly port: number;
  readonly database: string;
  /** Options of the connection string: `{ replicaSet: 'rs0' }`. */
  readonly options: Readonly<Record<string, string>>;
}

/** The fields of a connection, the same for all: what an account may do is decided by its roles. */
export function mongoFields({ hosts, port, database, options }: MongoAddress): ConnectionFacts['fields'] {
  const list = hosts.map((host) => `${host}:${port}`).join(',');
  const query = Object.entries({ authSource: database, ...options }).map(([name, value]) => `${name}=${value}`);
  const url = `mongodb://{user}:{password}@${list}/${database}?${query.join('&')}`;
  const fields = { url, host: hosts[0], port: String(port), hosts: list, database };
  return { owner: fields, reader: fields };
}

/** Variables where nothing is said. Drivers read none by themselves; this is the name that most guides use. */
export const MONGO_ENV = { MONGODB_URI: 'url' } as const;

/** Options of a connection that is encrypted. */
export function tlsOptions(facts: MongoFacts, authority: Authority | undefined): Readonly<Record<string, string>> {
  return { tls: 'true', ...(authority !== undefined && { tlsCAFile: authorityFile(facts.name) }) };
}

const WAIT = waitUntil('mongosh "$STORE" --norc --quiet --eval "db.runCommand({ ping: 1 })"');

/** What holds of every MongoDB, whoever runs it: its database, and how those who have access wait for it. */
export function declareMongo(construct: Construct, { database }: MongoFacts, image: string): void {
  declare(construct, Scope, { scope: database });
  declare(construct, WaitedFor, {
    container: { image, command: ['/bin/sh', '-ec', WAIT], ports: [], resources: SMALL },
    env: { STORE: 'url' },
  });
}
