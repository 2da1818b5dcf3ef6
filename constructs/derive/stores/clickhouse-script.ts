import { waitUntil } from './set-up';

/**
 * `sql` runs statements from its input, by the client that every image of ClickHouse has. It takes user and password from
 * variables (`CLICKHOUSE_USER`, `CLICKHOUSE_PASSWORD`), never from arguments, and verifies the name of the server.
 */
const CLIENT = `
umask 077
cat > /tmp/client.xml <<END
<config>
  <openSSL><client>
    <verificationMode>strict</verificationMode>
    <loadDefaultCAFile>true</loadDefaultCAFile>
    \${CA:+<caConfig>$CA</caConfig>}
    <invalidCertificateHandler><name>RejectCertificateHandler</name></invalidCertificateHandler>
  </client></openSSL>
</config>
END
sql() {
  clickhouse-client --config-file /tmp/client.xml --host "$SERVER" --port "$PORT" \${SECURE:+--secure} --multiquery
}
`.trimStart();

/** Waits until an account can log in. */
export const WAIT_FOR_LOGIN = `${CLIENT}${waitUntil("echo 'SELECT 1' | sql > /dev/null")}`;

/**
 * Makes the database and the accounts of a ClickHouse. Safe to repeat: rights are replaced in one step, so nobody is
 * without for a moment. A login that has no account any more is dropped; that of the generation before stays, since pods
 * may still use it. Passwords are sent as their hashes.
 *
 * `bash -ec` runs it; variables say the rest (see `setUpParts`).
 */
export const CLICKHOUSE_SET_UP = `${CLIENT}
tries=0
until echo 'SELECT 1' | sql > /dev/null 2>&1; do
  tries=$((tries + 1))
  if [ "$tries" -ge 150 ]; then echo 'SELECT 1' | sql; fi
  sleep 2
done

of() { eval "printf '%s' \\"\\$ACCOUNT_\${index}_$1\\""; }
everywhere="\${CLUSTER:+ON CLUSTER '$CLUSTER'}"

index=1
while [ "$index" -le "$ACCOUNTS" ]; do
  user=$(of USER) database=$(of SCOPE) level=$(of LEVEL)
  hashed=$(of PASSWORD | sha256sum | cut -c 1-64)
  owner="\${database}_owner" reader="\${database}_reader"
  if [ "$index" = 1 ]; then
    sql <<END
CREATE DATABASE IF NOT EXISTS \\\`$database\\\` $everywhere \${ENGINE:-};
CREATE ROLE IF NOT EXISTS \\\`$owner\\\`;
CREATE ROLE IF NOT EXISTS \\\`$reader\\\`;
GRANT SHOW, SELECT, INSERT, ALTER, CREATE TABLE, CREATE VIEW, CREATE DICTIONARY, DROP TABLE, DROP VIEW,
  DROP DICTIONARY, TRUNCATE, OPTIMIZE, dictGet ON \\\`$database\\\`.* TO \\\`$owner\\\` WITH REPLACE OPTION;
GRANT SHOW, SELECT, dictGet ON \\\`$database\\\`.* TO \\\`$reader\\\` WITH REPLACE OPTION;
END
  fi
  sql <<END
CREATE USER IF NOT EXISTS \\\`$user\\\` IDENTIFIED WITH sha256_hash BY '$hashed' DEFAULT DATABASE \\\`$database\\\`;
ALTER USER \\\`$user\\\` IDENTIFIED WITH sha256_hash BY '$hashed' DEFAULT DATABASE \\\`$database\\\`;
GRANT \\\`\${database}_$level\\\` TO \\\`$user\\\` WITH REPLACE OPTION;
END
  echo "made $user ($level of $database)"
  kept="\${kept:+$kept, }'$user', '$(of RESTING)'"
  index=$((index + 1))
done

echo "SELECT DISTINCT user_name FROM system.role_grants
  WHERE granted_role_name IN ('$owner', '$reader') AND user_name IS NOT NULL AND user_name NOT IN ($kept)" | sql |
while read -r user; do
  echo "DROP USER IF EXISTS \\\`$user\\\`" | sql
  echo "dropped $user"
done
`;

/** Takes a backup that is called by its time. Where it goes to is told by \`TARGET\`, in which \`%s\` stands for its name. */
export const CLICKHOUSE_BACKUP = `${CLIENT}
name="$DATABASE-$(date -u +%Y%m%dT%H%M%SZ)"
printf "BACKUP DATABASE \\\`%s\\\` TO $TARGET" "$DATABASE" "$name" | sql
`;
