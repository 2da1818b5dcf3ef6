import type { BackupFacts } from './store';

/**
 * Makes the accounts of an Elasticsearch by its API, and where it keeps snapshots. Safe to repeat: a role and a user are
 * put as they are to be. Users that it made and that no account has any more are deleted; the login of the generation
 * before stays, since pods may still use it. A role is called as the login that has it.
 *
 * `sh -ec` runs it, with curl; variables say the rest (see `setUpParts`). Passwords are in files that only this pod has,
 * never in arguments.
 */
export const ELASTIC_SET_UP = `
umask 077
quoted() { printf '%s' "$1" | sed -e 's/[\\\\"]/\\\\&/g' -e 's/.*/"&"/'; }

printf 'user = %s\\nsilent\\nshow-error\\nfail-with-body\\nmax-time = 60\\n' "$(quoted "$ADMIN_USER:$ADMIN_PASSWORD")" > /tmp/curl
printf 'header = "Content-Type: application/json"\\n' >> /tmp/curl
if [ -n "\${CA:-}" ]; then printf 'cacert = %s\\n' "$(quoted "$CA")" >> /tmp/curl; fi

request() {
  if [ -n "\${3:-}" ]; then printf '%s' "$3" | curl --config /tmp/curl --request "$1" --data-binary @- "$SERVER$2"
  else curl --config /tmp/curl --request "$1" "$SERVER$2"; fi
}

tries=0
until request GET /_security/_authenticate > /dev/null 2>&1; do
  tries=$((tries + 1))
  if [ "$tries" -ge 150 ]; then echo "no answer from $SERVER"; request GET /_security/_authenticate; exit 1; fi
  sleep 2
done

put_account() { # login, password, privileges of the cluster, indices
  request PUT "/_security/role/$1" "{\\"cluster\\":$3,\\"indices\\":$4,\\"metadata\\":{\\"ashlar\\":true}}" > /dev/null
  request PUT "/_security/user/$1" "{\\"password\\":$(quoted "$2"),\\"roles\\":[\\"$1\\"],\\"metadata\\":{\\"ashlar\\":true}}" > /dev/null
  echo "put $1"
}

of() { eval "printf '%s' \\"\\$ACCOUNT_\${index}_$1\\""; }

kept=" "
index=1
while [ "$index" -le "$ACCOUNTS" ]; do
  user=$(of USER)
  case "$(of LEVEL)" in
    owner) privileges='["all"]' ;;
    *) privileges='["read","view_index_metadata"]' ;;
  esac
  names="[\\"$(of SCOPE | sed 's/,/","/g')\\"]"
  put_account "$user" "$(of PASSWORD)" '["cluster:monitor/main","cluster:monitor/health"]' \\
    "[{\\"names\\":$names,\\"privileges\\":$privileges}]"
  kept="$kept$user $(of RESTING) "
  index=$((index + 1))
done

if [ -n "\${EXPORTER_USER:-}" ]; then
  put_account "$EXPORTER_USER" "$EXPORTER_PASSWORD" '["monitor"]' '[{"names":["*"],"privileges":["monitor"]}]'
  kept="$kept$EXPORTER_USER "
fi

made=$(request GET '/_security/user?filter_path=*.metadata.ashlar')
for user in $(printf '%s' "$made" | grep -o '"[A-Za-z0-9_.-]*":{"metadata":{"ashlar"' | cut -d '"' -f 2); do
  case "$kept" in *" $user "*) continue ;; esac
  request DELETE "/_security/user/$user" > /dev/null
  request DELETE "/_security/role/$user" > /dev/null
  echo "deleted $user"
done

if [ -n "\${REPOSITORY:-}" ]; then
  request PUT /_snapshot/backups "$REPOSITORY" > /dev/null
  request PUT /_slm/policy/scheduled "$POLICY" > /dev/null
  echo "put the schedule of snapshots"
fi
`.trimStart();

const DAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];

/** A schedule as snapshots take it: seconds first, and a day of the month or of the week (Elasticsearch 9.4, "Cron"). */
export function elasticSchedule({ schedule }: BackupFacts): string {
  const [minute = '0', hour = '0', , , day = '*'] = schedule.split(' ');
  return day === '*' ? `0 ${minute} ${hour} * * ?` : `0 ${minute} ${hour} ? * ${DAYS[Number(day) % 7] ?? day}`;
}

/** Variables that tell where snapshots go and when they are made. */
export function snapshotVariables(
  backup: BackupFacts,
  repository: object,
): readonly { readonly name: string; readonly value: string }[] {
  const policy = {
    schedule: elasticSchedule(backup),
    name: '<scheduled-{now/d}>',
    repository: 'backups',
    config: { include_global_state: false },
    retention: { expire_after: `${backup.keepDays}d`, min_count: 1 },
  };
  return [
    { name: 'REPOSITORY', value: JSON.stringify(repository) },
    { name: 'POLICY', value: JSON.stringify(policy) },
  ];
}
