import { guard } from './guard';
import { OWN_SCHEMA, identifier, list, literal } from './quote';
import type { PostgresRole, PostgresStore } from './roles';

/** What the script is made of: all of it is in the plan, and nothing of it is secret. */
export interface ScriptFacts {
  /** `ordering/small`, for the head of the script. */
  readonly server: string;
  readonly database: string;
  readonly stores: readonly Omit<PostgresStore, 'construct'>[];
  readonly extensions: readonly string[];
  /** Databases that nobody but administrators may connect to. */
  readonly closes: readonly string[];
  /** Roles that nobody may log in with. */
  readonly retires: readonly string[];
  /** A role that reads statistics. @defaultValue none */
  readonly monitor?: string;
}

/** Schema of extensions, which everybody who has access may use and nobody may add to. */
const EXTENSIONS_SCHEMA = 'extensions';

/** Any number that all Jobs share: one of them at a time. */
const LOCK = 4_011_947;

/** Makes the database where it is not there. It stands alone: a database is not made within a transaction. */
export function databaseScript(database: string): string {
  const make = literal(`CREATE DATABASE ${identifier(database)}`);
  return `SELECT ${make} WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = ${literal(database)}) \\gexec\n`;
}

/** Takes away all that a dump brings: what the owners have, and what stands in for its names. */
export function emptyScript(stores: ScriptFacts['stores']): string {
  const owners = stores.flatMap(({ roles }) =>
    roles.filter(({ level }) => level === 'owner').map(({ group }) => group),
  );
  return [
    'SET client_min_messages = warning;',
    `DELETE FROM ${OWN_SCHEMA}.applied WHERE version LIKE 'migration %';`,
    'DROP EVENT TRIGGER IF EXISTS ashlar_guard_names;',
    ...(owners.length === 0 ? [] : [`DROP OWNED BY ${list(owners, identifier)} CASCADE;`]),
    `DROP SCHEMA IF EXISTS ${EXTENSIONS_SCHEMA} CASCADE;`,
    'CREATE SCHEMA IF NOT EXISTS public;',
    '',
  ].join('\n');
}

/** Notes that a version of roles and rights holds, for those who wait for it. It stays when a newer one comes. */
export function appliedScript(version: string): string {
  return `INSERT INTO ${OWN_SCHEMA}.applied (version) VALUES (${literal(version)}) ON CONFLICT DO NOTHING;\n`;
}

/** What Ashlar keeps: which versions hold, which roles it made, which migrations ran. */
const OWN_TABLES = [
  `CREATE SCHEMA IF NOT EXISTS ${OWN_SCHEMA};`,
  `REVOKE ALL ON SCHEMA ${OWN_SCHEMA} FROM PUBLIC;`,
  `CREATE TABLE IF NOT EXISTS ${OWN_SCHEMA}.applied (version text PRIMARY KEY, at timestamptz NOT NULL DEFAULT now());`,
  `CREATE TABLE IF NOT EXISTS ${OWN_SCHEMA}.roles (name name PRIMARY KEY);`,
  // A migration says that it ran. It adds to the list, and takes nothing away.
  `CREATE OR REPLACE FUNCTION ${OWN_SCHEMA}.migrated(version text) RETURNS void`,
  '  LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog',
  `  AS $ashlar$ INSERT INTO ${OWN_SCHEMA}.applied (version) VALUES ('migration ' || $1) ON CONFLICT DO NOTHING $ashlar$;`,
  `REVOKE EXECUTE ON FUNCTION ${OWN_SCHEMA}.migrated(text) FROM PUBLIC;`,
].join('\n');

/**
 * Roles and rights of a server, in plain SQL and without a password: run by an administrator in the server's database,
 * as often as one likes. The last line is the end of one transaction, so that nothing is ever half done.
 */
export function accessScript(facts: ScriptFacts): string {
  const roles = facts.stores.flatMap((store) => store.roles);
  return [
    `-- Roles and rights of ${facts.server}. Safe to repeat.`,
    'BEGIN;',
    'SET LOCAL client_min_messages = warning;',
    'SET LOCAL search_path = pg_catalog;',
    `SELECT pg_advisory_xact_lock(${LOCK});`,
    OWN_TABLES,
    ...roles.flatMap((role) => makeRole(role)),
    ...retire(facts, roles),
    ...narrow(roles),
    ...closeDatabases(facts),
    ...monitor(facts),
    ...extensions(facts),
    ...guard(facts.stores),
    ...facts.stores.flatMap((store) => storeRights(facts, store)),
    'COMMIT;',
    '',
  ].join('\n');
}

function makeRole({ group, logins, connections }: PostgresRole): readonly string[] {
  const names = [group, ...logins];
  return [
    '',
    `DO $ashlar$ BEGIN`,
    ...names.flatMap((name) => [
      `  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = ${literal(name)}) THEN CREATE ROLE ${identifier(name)}; END IF;`,
      `  INSERT INTO ${OWN_SCHEMA}.roles (name) VALUES (${literal(name)}) ON CONFLICT DO NOTHING;`,
    ]),
    // Whoever is no superuser acts for a role only as its member.
    '  IF NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN',
    `    EXECUTE format('GRANT ${identifier(group)} TO %I', current_user);`,
    '  END IF;',
    'END $ashlar$;',
    `ALTER ROLE ${identifier(group)} NOLOGIN;`,
    // Rights come with the role that is set when a session starts, and with no other.
    ...logins.map((login) => `ALTER ROLE ${identifier(login)} LOGIN NOINHERIT CONNECTION LIMIT ${connections ?? -1};`),
    `GRANT ${identifier(group)} TO ${list(logins, identifier)};`,
  ];
}

/** Roles of accounts that are in the plan no more, and those that came with the server. */
function retire({ retires }: ScriptFacts, roles: readonly PostgresRole[]): readonly string[] {
  const known = roles.flatMap(({ group, logins }) => [group, ...logins]);
  return [
    '',
    'DO $ashlar$ DECLARE retired name; BEGIN',
    '  FOR retired IN',
    `    SELECT rolname FROM pg_roles WHERE rolcanlogin AND (rolname IN (SELECT name FROM ${OWN_SCHEMA}.roles)`,
    `      ${retires.length === 0 ? '' : `OR rolname IN (${list(retires)})`})`,
    ...(known.length === 0 ? [] : [`      AND rolname NOT IN (${list(known)})`]),
    '  LOOP',
    "    EXECUTE format('ALTER ROLE %I NOLOGIN', retired);",
    '  END LOOP;',
    'END $ashlar$;',
  ];
}

/** Who owned once, and only reads now, is no member of the owner any more. */
function narrow(roles: readonly PostgresRole[]): readonly string[] {
  if (roles.length === 0) return [];
  const pairs = roles.flatMap(({ group, logins }) => logins.map((login) => `(${list([login, group])})`));
  return [
    'DO $ashlar$ DECLARE former record; BEGIN',
    '  FOR former IN',
    '    SELECT l.rolname AS login, g.rolname AS owner FROM pg_auth_members m',
    '      JOIN pg_roles l ON l.oid = m.member JOIN pg_roles g ON g.oid = m.roleid',
    `    WHERE l.rolname IN (${list(roles.flatMap(({ logins }) => logins))})`,
    `      AND (l.rolname, g.rolname) NOT IN (VALUES ${pairs.join(', ')})`,
    '  LOOP',
    "    EXECUTE format('REVOKE %I FROM %I', former.owner, former.login);",
    '  END LOOP;',
    'END $ashlar$;',
  ];
}

function closeDatabases({ database, closes }: ScriptFacts): readonly string[] {
  return [
    '',
    `REVOKE ALL ON DATABASE ${identifier(database)} FROM PUBLIC;`,
    ...closes.map((name) => `REVOKE ALL ON DATABASE ${identifier(name)} FROM PUBLIC;`),
    'REVOKE ALL ON SCHEMA public FROM PUBLIC;',
  ];
}

function monitor({ database, monitor: role }: ScriptFacts): readonly string[] {
  if (role === undefined) return [];
  return [
    '',
    'DO $ashlar$ BEGIN',
    `  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = ${literal(role)}) THEN CREATE ROLE ${identifier(role)}; END IF;`,
    'END $ashlar$;',
    `ALTER ROLE ${identifier(role)} LOGIN CONNECTION LIMIT 3;`,
    `GRANT pg_monitor TO ${identifier(role)};`,
    `GRANT CONNECT ON DATABASE ${identifier(database)} TO ${identifier(role)};`,
  ];
}

function extensions({ extensions: wanted, stores }: ScriptFacts): readonly string[] {
  if (wanted.length === 0) return [];
  const groups = stores.flatMap(({ roles }) => roles.map(({ group }) => group));
  return [
    '',
    `CREATE SCHEMA IF NOT EXISTS ${EXTENSIONS_SCHEMA};`,
    ...wanted.map((name) => `CREATE EXTENSION IF NOT EXISTS ${identifier(name)} SCHEMA ${EXTENSIONS_SCHEMA};`),
    ...(groups.length === 0 ? [] : [`GRANT USAGE ON SCHEMA ${EXTENSIONS_SCHEMA} TO ${list(groups, identifier)};`]),
  ];
}

/** What an account may do with its store. */
function storeRights(facts: ScriptFacts, store: Omit<PostgresStore, 'construct'>): readonly string[] {
  const { roles, name, schema } = store;
  const of = (level: PostgresRole['level']): readonly PostgresRole[] => roles.filter((role) => role.level === level);
  const owners = of('owner');
  return [
    '',
    `-- ${name}`,
    ...owners.flatMap((owner) => ownerRights(facts, store, owner)),
    ...of('reader').flatMap((reader) => readerRights(store, reader, owners)),
    ...roles.flatMap((role) => sessionDefaults(facts, role, schema)),
  ];
}

function ownerRights(
  { database }: ScriptFacts,
  { schema, whole, tables }: Omit<PostgresStore, 'construct'>,
  { group }: PostgresRole,
): readonly string[] {
  const owner = identifier(group);
  const place = identifier(schema);
  const onDatabase = whole ? 'CREATE, TEMPORARY' : 'TEMPORARY';
  return [
    ...(tables === undefined
      ? [`CREATE SCHEMA IF NOT EXISTS ${place};`, `ALTER SCHEMA ${place} OWNER TO ${owner};`]
      : [`GRANT USAGE, CREATE ON SCHEMA ${place} TO ${owner};`]),
    `GRANT ${onDatabase} ON DATABASE ${identifier(database)} TO ${owner};`,
    `GRANT EXECUTE ON FUNCTION ${OWN_SCHEMA}.migrated(text) TO ${owner};`,
    `ALTER DEFAULT PRIVILEGES FOR ROLE ${owner} REVOKE EXECUTE ON ROUTINES FROM PUBLIC;`,
  ];
}

/** A reader may select from all tables of the owner, those that are made later among them, and do nothing else. */
function readerRights(
  { schema, whole }: Omit<PostgresStore, 'construct'>,
  { group }: PostgresRole,
  owners: readonly PostgresRole[],
): readonly string[] {
  const reader = identifier(group);
  const groups = owners.map((owner) => owner.group);
  return [
    `GRANT USAGE ON SCHEMA ${identifier(schema)} TO ${reader};`,
    ...groups.flatMap((owner) => [
      `ALTER DEFAULT PRIVILEGES FOR ROLE ${identifier(owner)} GRANT SELECT ON TABLES TO ${reader};`,
      `ALTER DEFAULT PRIVILEGES FOR ROLE ${identifier(owner)} GRANT SELECT ON SEQUENCES TO ${reader};`,
      // Only whoever has the whole server makes schemas.
      ...(whole ? [`ALTER DEFAULT PRIVILEGES FOR ROLE ${identifier(owner)} GRANT USAGE ON SCHEMAS TO ${reader};`] : []),
    ]),
    ...(groups.length === 0 ? [] : grantOnWhatIsThere(reader, groups)),
  ];
}

function grantOnWhatIsThere(reader: string, owners: readonly string[]): readonly string[] {
  const isOwners = (column: string): string =>
    `${column} IN (SELECT oid FROM pg_roles WHERE rolname IN (${list(owners)}))`;
  return [
    'DO $ashlar$ DECLARE place regnamespace; thing regclass; BEGIN',
    `  FOR place IN SELECT oid FROM pg_namespace WHERE ${isOwners('nspowner')} LOOP`,
    `    EXECUTE format('GRANT USAGE ON SCHEMA %s TO ${reader}', place);`,
    '  END LOOP;',
    '  FOR thing IN SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace',
    `    WHERE ${isOwners('c.relowner')} AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND n.nspname !~ '^pg_'`,
    '  LOOP',
    `    EXECUTE format('GRANT SELECT ON %s TO ${reader}', thing);`,
    '  END LOOP;',
    'END $ashlar$;',
  ];
}

/** What a session starts with: the role that owns what it makes, and the schemas that it looks names up in. */
function sessionDefaults(
  { database, extensions: wanted }: ScriptFacts,
  { group, logins, level }: PostgresRole,
  schema: string,
): readonly string[] {
  const place = identifier(database);
  const path = [schema, ...(wanted.length > 0 ? [EXTENSIONS_SCHEMA] : [])];
  return [
    `GRANT USAGE ON SCHEMA ${OWN_SCHEMA} TO ${identifier(group)};`,
    `GRANT SELECT ON ${OWN_SCHEMA}.applied TO ${identifier(group)};`,
    `GRANT CONNECT ON DATABASE ${place} TO ${list(logins, identifier)};`,
    ...logins.flatMap((login) => [
      `ALTER ROLE ${identifier(login)} IN DATABASE ${place} SET role = ${literal(group)};`,
      `ALTER ROLE ${identifier(login)} IN DATABASE ${place} SET search_path = ${list(path, identifier)};`,
      `ALTER ROLE ${identifier(login)} IN DATABASE ${place} SET default_transaction_read_only = ${level === 'reader'};`,
    ]),
  ];
}
