import type { PostgresVersion } from './server';

/**
 * Releases of PostgreSQL that back ends run where their options name none: of one day, and each with what mends the
 * releases before it (postgresql.org, "Versioning Policy": always run the newest minor release).
 */
export const SERVER_IMAGES: Readonly<Record<PostgresVersion, string>> = {
  15: 'docker.io/library/postgres:15.18-bookworm',
  16: 'docker.io/library/postgres:16.14-bookworm',
  17: 'docker.io/library/postgres:17.10-bookworm',
  18: 'docker.io/library/postgres:18.4-bookworm',
};

/** The client of Jobs and of containers that wait. A client of 18 speaks with all servers that can be asked for. */
export const CLIENT_IMAGE = 'docker.io/library/postgres:18.4-alpine';

/** User of the server in the official images that stand on Debian. */
export const SERVER_USER = 999;

/** User of the official images that stand on Alpine. */
export const CLIENT_USER = 70;
