import type { Construct, IConstruct } from 'constructs';
import { need } from '../../../model/back-end';
import { capability } from '../../../model/capability';
import type { Build } from '../../../model/extension';
import { relation } from '../../../model/relation';
import type { Reach } from '../../endpoint';
import type { ResourceFacts } from '../../pod';
import type { Authority } from '../connection-facts';
import type { ServerConnection } from '../external';
import type { BackupFacts, StoreFacts } from '../store';

/** Major versions of PostgreSQL that can be asked for: those that its makers still mend (postgresql.org, "Versioning Policy"). */
export const POSTGRES_VERSIONS = [15, 16, 17, 18] as const;

/** A major version of PostgreSQL. */
export type PostgresVersion = (typeof POSTGRES_VERSIONS)[number];

/** Port of PostgreSQL (PostgreSQL 18, 19.3 "Connections and Authentication"). */
export const POSTGRES_PORT = 5432;

/** Connections that many clients share. */
export interface PoolerFacts {
  /** When a client gives its connection to the server back: after each transaction, or when it leaves. */
  readonly mode: 'transaction' | 'session';
  /** Connections to the server that each account has at most, all pods of the pool together. */
  readonly connections: number;
}

/** A server of PostgreSQL, with one database. */
export interface PostgresFacts {
  /** What it is as a store, where one service has it for itself. */
  readonly store?: StoreFacts;
  /** Name of its objects, a DNS label. */
  readonly name: string;
  /** Namespace of its objects. */
  readonly namespace: string;
  /** Major version. */
  readonly version: PostgresVersion;
  /** Name of the database: an identifier in lower case. */
  readonly database: string;
  /** Size of the volume of each copy, as a quantity. */
  readonly storage: string;
  /** Backups. @defaultValue none */
  readonly backup?: BackupFacts;
  /** A pool before it. @defaultValue none */
  readonly pooler?: PoolerFacts;
  /** Copies beside the first. @defaultValue by the setting `databaseReplicas` */
  readonly replicas?: number;
  /** What the server asks for and may use. @defaultValue by tier */
  readonly resources?: ResourceFacts;
  /** Parameters of the server, which win over those that follow from its memory. */
  readonly parameters: Readonly<Record<string, string>>;
  /** Extensions that every account may use. */
  readonly extensions: readonly string[];
  /** A server that somebody else runs, whatever back end the environment chose. */
  readonly connection?: PostgresConnection;
}

/** A server that somebody else runs. */
export interface PostgresConnection extends ServerConnection {
  /** Name of the database. @defaultValue as the program says */
  readonly database?: string;
  /** Database that the administrator connects to before the store's own is there. */
  readonly maintenance: string;
  /** Connections that each account may have. @defaultValue no limit of its own */
  readonly connections?: number;
}

/** The capability of being a PostgreSQL server. */
export const Postgres = capability<PostgresFacts>('postgres');

/** A private part of a server. */
export interface PostgresShareFacts {
  /** What it is as a store. */
  readonly store: StoreFacts;
  /** The schema that its tables are in. */
  readonly schema: string;
  /** Names of its tables, in a schema that others have tables in as well: `audit_*`. @defaultValue the schema is its own */
  readonly tables?: readonly string[];
  /** The server, as it was told. */
  readonly server: PostgresFacts;
}

/** The capability of being a private part of a PostgreSQL server. */
export const PostgresShare = capability<PostgresShareFacts>('postgres-share');

/** A dump that is put in place of what is in a database. */
export interface PostgresRestoreFacts {
  /** Name of the dump, or `latest`. */
  readonly dump: string;
  /** The server, as it was told. */
  readonly server: PostgresFacts;
}

/** How PostgreSQL is run in an environment. */
export interface PostgresBackEnd {
  /** Its name in environment files. */
  readonly name: string;
  /** Declares what a server is here. */
  realize(construct: Construct, facts: Readonly<PostgresFacts>, build: Build): void;
  /**
   * Declares how a store on a server is reached.
   * @param share - undefined where the store has the server for itself
   */
  connect(store: Construct, server: Readonly<PostgresFacts>, share: Readonly<PostgresShareFacts> | undefined): void;
  /** Declares what puts a dump in place of what is in a database. @defaultValue it keeps no dumps */
  restore?(construct: Construct, facts: Readonly<PostgresRestoreFacts>, build: Build): void;
}

/** The need for PostgreSQL. */
export const PostgresNeed = need<PostgresBackEnd>('postgres', 'in-cluster');

/** How a back end lets the Job that makes roles and rights in. It is declared on the server. */
export interface PostgresAdminFacts {
  /** Namespace of the server's objects, and of the Job. */
  readonly namespace: string;
  /** Where packets to the server arrive. */
  readonly reach: Reach;
  /** Image with psql. @defaultValue that of Ashlar's release */
  readonly clientImage?: string;
  /** Where the Job connects to. */
  readonly host: string;
  /** Port there. */
  readonly port: number;
  /** Encrypted, with the name of the server verified. */
  readonly tls: boolean;
  /** Secret with `username` and `password` of somebody who may make roles; in the namespace of the server. */
  readonly secret: string;
  /** Who signed for the server. @defaultValue the authorities of the system */
  readonly authority?: Authority;
  /** Database to connect to while the own one is not there. */
  readonly maintenance: string;
  /** The own one. */
  readonly database: string;
  /** Databases that are closed to everybody but administrators, because nobody else's are on this server. */
  readonly closes: readonly string[];
  /** Roles that came with the server and that nobody may log in with. */
  readonly retires: readonly string[];
  /** Connections that the server admits, to be shared out. @defaultValue no limits are set */
  readonly maxConnections?: number;
  /** Connections that each account may have at most, where they are not shared out. @defaultValue no limit */
  readonly perAccount?: number;
  /** A role that may read statistics, and the Secret with its password. @defaultValue none */
  readonly monitor?: { readonly role: string; readonly secret: string };
}

/** The capability of being administered by a Job of the plan. */
export const PostgresAdmin = capability<PostgresAdminFacts>('postgres-admin');

/** A workload gives roles and rights on a server, and so gets the scripts and the passwords: a Job, a restore. */
export const Administers = relation<IConstruct, IConstruct, Record<string, never>>('postgres-administers', () => '');

/** Who runs a server here. */
export interface PostgresMadeByFacts {
  /** Name of the back end. */
  readonly backEnd: string;
}

/** The capability of having been made by a back end. */
export const PostgresMadeBy = capability<PostgresMadeByFacts>('postgres-made-by');
