import { OWN_SCHEMA, list } from './quote';
import type { PostgresStore } from './roles';

/**
 * Where several owners have tables in one schema, an event trigger keeps their names apart: nothing is made, renamed or
 * moved there under a name of somebody else. Indexes may be called as one likes, but not as another's tables.
 */
export function guard(stores: readonly Omit<PostgresStore, 'construct'>[]): readonly string[] {
  const sharing = stores.filter(({ tables }) => tables !== undefined);
  if (sharing.length === 0) return [];
  const rows = sharing.flatMap(({ schema, tables = [], roles }) =>
    roles
      .filter(({ level }) => level === 'owner')
      .flatMap(({ group }) => tables.map((pattern) => `(${list([schema, group, likeOf(pattern)])})`)),
  );
  return [
    '',
    `CREATE TABLE IF NOT EXISTS ${OWN_SCHEMA}.guarded (place name, owner name, pattern text, PRIMARY KEY (place, owner, pattern));`,
    ...(rows.length === 0
      ? [`DELETE FROM ${OWN_SCHEMA}.guarded;`]
      : [
          `DELETE FROM ${OWN_SCHEMA}.guarded WHERE (place, owner, pattern) NOT IN (VALUES ${rows.join(', ')});`,
          `INSERT INTO ${OWN_SCHEMA}.guarded VALUES ${rows.join(', ')} ON CONFLICT DO NOTHING;`,
        ]),
    GUARD_FUNCTION,
    'DO $ashlar$ BEGIN',
    "  IF NOT EXISTS (SELECT FROM pg_event_trigger WHERE evtname = 'ashlar_guard_names') THEN",
    `    CREATE EVENT TRIGGER ashlar_guard_names ON ddl_command_end EXECUTE FUNCTION ${OWN_SCHEMA}.guard_names();`,
    '  END IF;',
    'END $ashlar$;',
  ];
}

/** A pattern of names as LIKE reads it: only the star at the end stands for others. */
function likeOf(pattern: string): string {
  return pattern.replaceAll('_', '\\_').replace(/\*$/, '%');
}

const GUARD_FUNCTION = `CREATE OR REPLACE FUNCTION ashlar.guard_names() RETURNS event_trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $ashlar$
DECLARE
  made record;
BEGIN
  FOR made IN
    SELECT d.object_type, d.object_identity, g.place, o.name, o.owner, o.kind
    FROM pg_event_trigger_ddl_commands() d
    JOIN (SELECT DISTINCT place FROM ashlar.guarded) g ON g.place = d.schema_name
    CROSS JOIN LATERAL (
      -- A sequence that belongs to a column goes by the name of its table.
      SELECT coalesce(t.relname, c.relname) AS name, pg_get_userbyid(c.relowner) AS owner, c.relkind::text AS kind
      FROM pg_class c
      LEFT JOIN pg_depend p ON c.relkind = 'S' AND p.classid = 'pg_class'::regclass AND p.objid = c.oid
        AND p.refclassid = 'pg_class'::regclass AND p.deptype IN ('a', 'i')
      LEFT JOIN pg_class t ON t.oid = p.refobjid
      WHERE d.classid = 'pg_class'::regclass AND c.oid = d.objid
      UNION ALL
      SELECT p.proname, pg_get_userbyid(p.proowner), '' FROM pg_proc p
      WHERE d.classid = 'pg_proc'::regclass AND p.oid = d.objid
      UNION ALL
      SELECT t.typname, pg_get_userbyid(t.typowner), '' FROM pg_type t
      WHERE d.classid = 'pg_type'::regclass AND t.oid = d.objid
      UNION ALL
      -- Operators and the like have names that are no words, and whoever shares a schema would use them unawares.
      SELECT '', session_user, '' WHERE d.classid IN ('pg_operator'::regclass, 'pg_opclass'::regclass,
        'pg_opfamily'::regclass, 'pg_collation'::regclass, 'pg_conversion'::regclass, 'pg_ts_config'::regclass,
        'pg_ts_dict'::regclass, 'pg_ts_parser'::regclass, 'pg_ts_template'::regclass)
        AND NOT (SELECT rolsuper FROM pg_roles WHERE rolname = session_user)
    ) o
  LOOP
    CONTINUE WHEN made.name <> '' AND NOT EXISTS (
      SELECT FROM ashlar.guarded g WHERE g.place = made.place AND g.owner = made.owner);
    CONTINUE WHEN EXISTS (
      SELECT FROM ashlar.guarded g
      WHERE g.place = made.place AND g.owner = made.owner AND made.name LIKE g.pattern);
    CONTINUE WHEN made.kind IN ('i', 'I') AND NOT EXISTS (
      SELECT FROM ashlar.guarded g
      WHERE g.place = made.place AND g.owner <> made.owner AND made.name LIKE g.pattern);
    RAISE EXCEPTION '% % is not of %', made.object_type, made.object_identity, made.owner
      USING ERRCODE = 'insufficient_privilege',
        HINT = 'Names that are its own: ' || coalesce((
          SELECT string_agg(replace(replace(g.pattern, '\\_', '_'), '%', '*'), ', ') FROM ashlar.guarded g
          WHERE g.place = made.place AND g.owner = made.owner), 'none');
  END LOOP;
END $ashlar$;`;
