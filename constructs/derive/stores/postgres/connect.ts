import type { Construct } from 'constructs';
import { declare } from '../../../model/recorder';
import { Connection, reachedOf, type Authority, type ReachedFacts } from '../connection-facts';
import { authorityFile, authorityFiles } from '../external';
import { waitName } from '../set-up';
import type { ConnectionEnv } from '../store';
import { MIGRATE } from './migrations';

/** Variables that the clients of PostgreSQL read by themselves (PostgreSQL 18, 32.15 "Environment Variables"). */
const LIBPQ = {
  PGHOST: 'host',
  PGPORT: 'port',
  PGDATABASE: 'database',
  PGUSER: 'user',
  PGPASSWORD: 'password',
  PGSSLMODE: 'sslmode',
} as const;

/** The same where the server is known by its certificate. */
export const LIBPQ_TLS = { ...LIBPQ, PGSSLROOTCERT: 'sslrootcert' } as const;

/**
 * Variables that common programs read, for `owns` and `reads`: `orders.owns(ordersDb, { env: POSTGRES_ENV.url })`. The
 * default is `libpq`.
 */
export const POSTGRES_ENV = {
  /** What libpq reads, and with it most drivers but those of the JVM and .NET. */
  libpq: LIBPQ,
  /** One address with everything. */
  url: { DATABASE_URL: 'url' },
  /** Spring Boot (Spring Boot 4, "Common Application Properties", Data Properties). */
  spring: {
    SPRING_DATASOURCE_URL: 'jdbc',
    SPRING_DATASOURCE_USERNAME: 'user',
    SPRING_DATASOURCE_PASSWORD: 'password',
  },
  /** .NET with Npgsql (Npgsql 9, "Connection String Parameters"). */
  dotnet: { ConnectionStrings__Default: 'dotnet' },
} as const satisfies Readonly<Record<string, ConnectionEnv>>;

/** The word of libpq for a connection: encrypted with the name of the server verified, or not at all. */
export function sslmodeOf(tls: boolean): 'verify-full' | 'disable' {
  return tls ? 'verify-full' : 'disable';
}

/**
 * Where libpq finds the authority. `system` stands for those of the image (PostgreSQL 18, 32.1.2 "Parameter Key Words",
 * sslrootcert; since 16).
 */
export function rootOf(store: string, authority: Authority | undefined): string {
  return authority === undefined ? 'system' : authorityFile(store);
}

/** How a store is reached, for the fields of its connection. */
export interface PostgresAddress extends ReachedFacts {
  /** Name of the store's objects, which no other store of the namespace has. */
  readonly store: string;
  readonly host: string;
  /** Where those who only read connect to. @defaultValue `host` */
  readonly readerHost?: string;
  readonly port: number;
  readonly database: string;
  /** Encrypted, with the name of the server verified. */
  readonly tls: boolean;
}

/** Declares the connection of a store. */
export function declareConnection(construct: Construct, address: PostgresAddress): void {
  const { store, host, readerHost = host, port, tls, authority } = address;
  const owner = fieldsOf(address, host);
  declare(construct, Connection, {
    fields: { owner, reader: readerHost === host ? owner : fieldsOf(address, readerHost) },
    env: tls ? LIBPQ_TLS : LIBPQ,
    ports: [port],
    ...reachedOf(address),
    files: authorityFiles(store, authority, waitName({ name: store }), MIGRATE),
  });
}

function fieldsOf(address: PostgresAddress, host: string): Readonly<Record<string, string>> {
  const { store, port, database, tls, authority } = address;
  const sslmode = sslmodeOf(tls);
  const root = rootOf(store, authority);
  const query = `sslmode=${sslmode}${tls ? `&sslrootcert=${root}` : ''}`;
  // The JVM has authorities of its own (pgJDBC 42.7, "Connection Parameters", sslfactory).
  const jdbcAuthority =
    authority === undefined ? `sslfactory=org.postgresql.ssl.DefaultJavaSSLFactory` : `sslrootcert=${root}`;
  const jdbcRoot = tls ? `&${jdbcAuthority}` : '';
  const dotnetRoot = tls && authority !== undefined ? `;Root Certificate=${root}` : '';
  return {
    host,
    port: String(port),
    database,
    sslmode,
    ...(tls && { sslrootcert: root }),
    url: `postgresql://{user}:{password}@${host}:${port}/${database}?${query}`,
    jdbc: `jdbc:postgresql://${host}:${port}/${database}?sslmode=${sslmode}${jdbcRoot}`,
    dotnet:
      `Host=${host};Port=${port};Database=${database};Username={user};Password={password}` +
      `;SSL Mode=${tls ? 'VerifyFull' : 'Disable'}${dotnetRoot}`,
  };
}
