/**
 * Scripts of shells (POSIX.1-2024, Shell Command Language). They hold no names and no values: those come as variables,
 * so that one script is the same everywhere, and what is secret stands in the environment of the process alone.
 */

/** Seconds that a Job waits for its server to answer before it fails and is started again. */
const SERVER_WAIT_SECONDS = 300;

/**
 * Makes the database, the roles and the rights, then the passwords, and at last says so. A password is turned into its
 * verifier by the client (PostgreSQL 18, psql, `\password`), so that the server never reads it, whatever it logs; and
 * only where it does not hold yet, so that a second run changes nothing.
 *
 * `\password` asks the terminal, and where there is none, the standard input.
 */
export const ACCESS_SCRIPT = `set -eu
tries=0
until pg_isready -q -d "$MAINTENANCE"; do
  tries=$((tries + 1))
  if [ "$tries" -ge ${SERVER_WAIT_SECONDS} ]; then
    echo "$PGHOST:$PGPORT does not answer after ${SERVER_WAIT_SECONDS} s" >&2
    exit 1
  fi
  sleep 1
done
admin() { psql -qXAt -v ON_ERROR_STOP=1 "$@"; }
admin -d "$MAINTENANCE" -f "$SCRIPTS/database.sql"
admin -d "$DATABASE" -f "$SCRIPTS/access.sql" > /dev/null
for login in $LOGINS; do
  eval "password=\\$PASSWORD_$login"
  enter() { PGUSER="$login" PGPASSWORD="$password" psql -qXAt -d "$DATABASE" -c 'SELECT 1'; }
  if enter > /dev/null 2>&1; then continue; fi
  printf '%s\\n%s\\n' "$password" "$password" | admin -d "$DATABASE" -c "\\\\password $login" 2>&1 | sed '/^Enter /d' >&2
  enter > /dev/null
  echo "password of $login set"
done
admin -d "$DATABASE" -f "$SCRIPTS/applied.sql"
`;

/** Waits until everything that a workload relies on is there, and says what is missing where it takes too long. */
export const WAIT_SCRIPT = `end=$(($(date +%s) + WAIT_SECONDS))
query="SELECT count(*) FROM ashlar.applied WHERE version IN ($(printf "'%s'," "$@" | sed 's/,$//'))"
until answer=$(psql -qXAt -c "$query" 2>&1) && [ "$answer" = "$#" ]; do
  if [ "$(date +%s)" -ge "$end" ]; then
    echo "Waited $WAIT_SECONDS s for $STORE ($PGHOST:$PGPORT): $MISSING" >&2
    echo "Of $# versions that are waited for, the database has: $answer" >&2
    exit 1
  fi
  sleep 1
done
`;

/**
 * Dumps a database into one file, looks whether the file can be read, and only then takes away those that are too old.
 * What Ashlar keeps in the database itself is no part of it: it follows from the plan.
 */
export const BACKUP_SCRIPT = `set -eu
file="$BACKUPS/$DATABASE-$(date -u +%Y%m%dT%H%M%SZ).dump"
trap 'rm -f "$file.part"' EXIT
pg_dump --format=custom --exclude-schema=ashlar --dbname="$DATABASE" --file="$file.part"
pg_restore --list "$file.part" > /dev/null
mv "$file.part" "$file"
echo "$file: $(wc -c < "$file") bytes"
find "$BACKUPS" -name "$DATABASE-*.dump" -mtime "+$KEEP_DAYS" -exec rm -f {} +
`;

/**
 * Puts a dump in place of what the owners have, all of it or nothing, and gives roles and rights again. Migrations are
 * forgotten, since the dump may be older than they are.
 */
export const RESTORE_SCRIPT = `set -euo pipefail
file="$BACKUPS/$DUMP"
if [ "$DUMP" = latest ]; then
  file=$(find "$BACKUPS" -name "$DATABASE-*.dump" | sort | tail -n 1)
fi
if [ ! -f "$file" ]; then
  echo "There is no dump $DUMP in $BACKUPS. There are:" >&2
  ls "$BACKUPS" >&2
  exit 1
fi
pg_restore --list "$file" > /dev/null
# The end of the transaction comes only after the whole dump: one that breaks off changes nothing.
{
  echo 'BEGIN;'
  cat "$SCRIPTS/empty.sql"
  pg_restore --file=- "$file"
  echo 'COMMIT;'
} | psql -qXAt -v ON_ERROR_STOP=1 -d "$DATABASE" > /dev/null
sh "$SCRIPTS/run.sh"
echo "$DATABASE is restored from $file"
`;

/** Says that a migration ran: those who wait for its version go on. */
export const MIGRATED_SCRIPT = `psql -qXAt -v ON_ERROR_STOP=1 -c "SELECT ashlar.migrated('$VERSION')" > /dev/null
`;
