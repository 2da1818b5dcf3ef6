import { Size } from './cdk8s-values';
import type { Construct } from 'constructs';
import { BACKUP, type Backup } from './backup';
import {
  POSTGRES_PORT,
  POSTGRES_VERSIONS,
  type PostgresFacts,
  type PostgresVersion,
} from './derive/stores/postgres/server';
import type { StoreFacts } from './derive/stores/store';
import { SIZE, problemsOfKind, problemsOfValue, soundOf } from './kinds';
import type { Problem } from './model/finding';
import { given } from './model/given';
import { report } from './model/recorder';
import { namespaceOf } from './namespace';
import { POOLER, type Pooler } from './pooler';
import { needsNothing, propsOf } from './props';
import { resourceFacts, type Resources, type SizeAmount } from './resources';
import { CONNECTION_PROPS, connectionFacts, problemsOfConnection, type StoreConnectionProps } from './store-props';
import { printed, problemOfInteger, unknownProps } from './values';

/** What a PostgreSQL server is told. */
export interface PostgresProps {
  /** Size of the volume of each copy. It may grow, if the storage class lets it, and never shrink. @defaultValue 10 GiB */
  readonly storage?: SizeAmount;
  /** Backups that are made by themselves. @defaultValue none, which production finds */
  readonly backup?: Backup;
  /** A pool of connections before it. @defaultValue none */
  readonly pooler?: Pooler;
  /** Major version: 15, 16, 17 or 18. @defaultValue 18 */
  readonly version?: PostgresVersion;
  /** Copies beside the first, 0 to 8, that stand in for it. @defaultValue by tier: 0, 1 in staging, 2 in production */
  readonly replicas?: number;
  /** Parameters of the server: `{ random_page_cost: '1.1' }`. @defaultValue those that follow from its memory */
  readonly parameters?: Readonly<Record<string, string>>;
  /** CPU and memory of each copy. @defaultValue by tier: 256 MiB, 1 GiB in staging, 4 GiB in production */
  readonly resources?: Resources;
  /** Extensions that its stores may use: `['pgcrypto']`. They stand in the schema `extensions`. @defaultValue none */
  readonly extensions?: readonly string[];
  /** Name of the database. @defaultValue the id, with `_` in place of `-` */
  readonly database?: string;
}

/** Where a PostgreSQL is that somebody else runs. The administrator needs `CREATEROLE` and `CREATEDB`. */
export interface PostgresConnectionProps extends StoreConnectionProps {
  /** Name of the database. @defaultValue the id, with `_` in place of `-` */
  readonly database?: string;
  /** Database to connect to before the own one is there. @defaultValue 'postgres' */
  readonly maintenance?: string;
  /** Connections that each account may have. @defaultValue no limit of its own */
  readonly connections?: number;
}

/** Defaults, for code, docs and tests alike. */
export const POSTGRES_DEFAULTS: Required<Pick<PostgresProps, 'storage' | 'version' | 'parameters' | 'extensions'>> = {
  storage: Size.gibibytes(10),
  version: 18,
  parameters: {},
  extensions: [],
};

const PROPS: Readonly<Record<keyof PostgresProps, true>> = {
  storage: true,
  backup: true,
  pooler: true,
  version: true,
  replicas: true,
  parameters: true,
  resources: true,
  extensions: true,
  database: true,
};

const NEEDS = needsNothing('{ storage: Size.gibibytes(10) }');

/** Most copies beside the first. */
const MOST_REPLICAS = 8;

/** The facts of a server; what is wrong is reported at it. */
export function serverFacts(at: Construct, props: PostgresProps | PostgresConnectionProps): PostgresFacts {
  const said = propsOf(at, props, NEEDS);
  return 'host' in said ? connectedFacts(at, said) : madeFacts(at, said);
}

function madeFacts(at: Construct, props: PostgresProps): PostgresFacts {
  const { version, storage, parameters, extensions, replicas } = { ...POSTGRES_DEFAULTS, ...given(props) };
  const resources = props.resources && resourceFacts(props.resources);
  const [backup, pooler] = [soundOf(props.backup, BACKUP)?.facts, soundOf(props.pooler, POOLER)?.facts];
  for (const problem of [...problemsOfProps(props, version), ...(resources?.problems ?? [])]) report(at, problem);
  return {
    name: at.node.id,
    namespace: namespaceOf(at),
    // What is wrong is reported; the rest goes on with what is known.
    version: POSTGRES_VERSIONS.includes(version) ? version : POSTGRES_DEFAULTS.version,
    database: databaseName(at, props.database),
    storage: (soundOf(storage, SIZE) ?? POSTGRES_DEFAULTS.storage).asString(),
    parameters,
    extensions,
    ...given({ backup, pooler, replicas, resources: resources?.facts }),
  };
}

function problemsOfProps(props: PostgresProps, version: unknown): readonly Problem[] {
  const { storage, backup, pooler, replicas, extensions = [] } = props;
  return [
    ...problemsOfKind('storage', storage, SIZE),
    ...problemsOfValue('backup', backup, BACKUP),
    ...problemsOfValue('pooler', pooler, POOLER),
    ...(replicas === undefined ? [] : problemOfInteger('replicas', replicas, 0, MOST_REPLICAS)),
    ...problemOfVersion(version),
    ...extensions.flatMap((name, index) => problemOfExtension(`extensions/${index}`, name)),
    ...unknownProps(props, PROPS),
  ];
}

function connectedFacts(at: Construct, props: PostgresConnectionProps): PostgresFacts {
  const own = { database: true, maintenance: true, connections: true } as const;
  const problems = [...problemsOfConnection(props), ...unknownProps(props, { ...CONNECTION_PROPS, ...own })];
  for (const problem of problems) report(at, problem);
  const { maintenance = 'postgres', connections } = props;
  const database = databaseName(at, props.database);
  return {
    name: at.node.id,
    namespace: namespaceOf(at),
    version: POSTGRES_DEFAULTS.version,
    database,
    storage: '0',
    parameters: {},
    extensions: [],
    connection: {
      ...connectionFacts(at, props, POSTGRES_PORT),
      maintenance,
      database,
      ...given({ connections }),
    },
  };
}

/** A server as the store of one service. */
export function storeFacts({ name, namespace, storage, backup }: PostgresFacts): StoreFacts {
  return {
    engine: 'postgres',
    name,
    namespace,
    isolation: 'server',
    durable: true,
    storage,
    ...(backup !== undefined && { backup }),
  };
}

function databaseName(at: Construct, said: string | undefined): string {
  const name = said ?? at.node.id.replaceAll('-', '_');
  for (const problem of problemsOfIdentifier('database', name, RESERVED_DATABASES)) report(at, problem);
  return name;
}

/** Databases that every server has. */
const RESERVED_DATABASES = ['postgres', 'template0', 'template1'];

/** Longest identifier in bytes (PostgreSQL 18, 4.1.1, NAMEDATALEN). A longer one is cut off, and is another. */
const MAX_IDENTIFIER = 63;

const IDENTIFIER = /^[a-z_][a-z0-9_]*$/;

/** What is wrong with a name that PostgreSQL is to know. */
export function problemsOfIdentifier(
  field: string,
  name: string,
  reserved: readonly string[] = [],
): readonly Problem[] {
  const fine = typeof name === 'string' && name.length <= MAX_IDENTIFIER && IDENTIFIER.test(name);
  // Names from `pg_` on are the server's own (PostgreSQL 18, 5.10.1 "Creating a Schema").
  if (fine && !name.startsWith('pg_') && !reserved.includes(name)) return [];
  const exceptions = reserved.length > 0 ? `, and none of ${reserved.join(', ')}` : '';
  return [
    {
      code: 'bad-identifier',
      message: `${printed(name)} cannot be a name here: PostgreSQL refuses it, cuts it off, or keeps it for itself.`,
      field,
      got: printed(name),
      allowed: `1 to ${MAX_IDENTIFIER} of a-z, 0-9 and _, not from a digit or pg_${exceptions}`,
      fix: 'Choose another name.',
    },
  ];
}

function problemOfVersion(version: unknown): readonly Problem[] {
  if ((POSTGRES_VERSIONS as readonly unknown[]).includes(version)) return [];
  return [
    {
      code: 'unknown-choice',
      message: `There is no PostgreSQL ${printed(version)} to be had.`,
      field: 'version',
      got: printed(version),
      allowed: POSTGRES_VERSIONS.join(', '),
      fix: 'Choose a major version that is still mended.',
    },
  ];
}

const EXTENSION = /^[a-z][a-z0-9_-]*$/;

function problemOfExtension(field: string, name: unknown): readonly Problem[] {
  if (typeof name === 'string' && EXTENSION.test(name)) return [];
  return [
    {
      code: 'bad-identifier',
      message: `${printed(name)} cannot be the name of an extension.`,
      field,
      got: printed(name),
      allowed: 'a-z, 0-9, _ and -, from a letter',
      fix: 'Write it as pg_available_extensions does.',
    },
  ];
}
