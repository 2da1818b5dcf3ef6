import type { Construct, IConstruct } from 'constructs';
import { capability } from '../../model/capability';
import { contribute, type Build } from '../../model/extension';
import type { Part } from '../../model/facet';
import { given } from '../../model/given';
import { declare } from '../../model/recorder';
import { saidBy } from '../../model/source';
import { PodEnv, type EnvPart, type ResourceFacts } from '../pod';
import { CredentialGeneration, secretName } from './accounts';
import { DumpClaim, runTender, scheduleOf, scratch, type TenderFacts } from './in-cluster';
import { fromSecret } from './own-secrets';
import { REDIS_PORT, Redis, resourcesOf, type RedisFacts } from './redis';
import type { ControlLogin } from './redis-logins';
import { Store, type BackupFacts } from './store';

/** What `redis-cli --rdb` asks: to be sent what a replica is sent first (Redis 8, "Replication"). */
const BACKUP_LOGIN: ControlLogin = { name: 'backup', rules: '-@all +ping +replconf +psync +sync' };

/** What puts a copy back into a running server may write over keys, and read none. */
const RESTORE_LOGIN: ControlLogin = { name: 'restore', rules: '~* -@all +ping +select +restore' };

/** Who copies data, and who puts it back. */
export const BACKUP_LOGINS: readonly ControlLogin[] = [BACKUP_LOGIN, RESTORE_LOGIN];

/** A run that copies the data of a server, or puts it back. */
interface CopierFacts {
  readonly server: IConstruct;
  /** Whom it logs in as. */
  readonly login: string;
}

const Copier = capability<CopierFacts>('redis.copier');

/** What a back end knows of the server whose data is copied. */
export interface BackupSource {
  /** Name by which it is reached. */
  readonly host: string;
  /** Image with `redis-cli`, `redis-server`, a shell and `find`. */
  readonly image: string;
}

/** Declares what copies the data of a server and what puts it back, if it is to have backups. */
export function ensureBackup(
  server: Construct,
  build: Build,
  facts: Readonly<RedisFacts>,
  { host, image }: BackupSource,
): boolean {
  const { backup, namespace, memoryBytes, user } = facts;
  if (backup === undefined) return false;
  const at = { name: server.node.id, namespace };
  const claim = `${at.name}-backup`;
  const run = ({ name: login }: ControlLogin, script: string, how: CopierPlan): void => {
    const copier = runTender(build, server, at, {
      suffix: login,
      accounts: false,
      schedule: { ...scheduleOf(backup), ...given({ onDemand: how.onDemand }) },
      container: { image, command: ['sh', '-c', script], resources: how.resources },
      env: [
        { name: 'FOLDER', value: FOLDER },
        { name: 'HOST', value: host },
        { name: 'PORT', value: String(REDIS_PORT.number) },
        { name: 'STORE', value: at.name },
        ...how.env,
      ],
      volumes: [
        {
          name: 'backups',
          source: { persistentVolumeClaim: { claimName: claim } },
          mounts: [{ path: FOLDER, ...given({ readOnly: how.onDemand }) }],
        },
        ...how.volumes,
      ],
      ...given({ user }),
    });
    declare(copier, Copier, { server, login });
  };
  declare(server, DumpClaim, { ...at, claim, storage: sizeFor(memoryBytes, backup) });
  run(BACKUP_LOGIN, BACKUP_SCRIPT, {
    env: [{ name: 'KEEP_MINUTES', value: String(backup.keepDays * 24 * 60) }],
    volumes: [],
    resources: { requests: { cpu: '50m', memory: '32Mi' }, limits: { memory: '64Mi' } },
  });
  run(RESTORE_LOGIN, RESTORE_SCRIPT, {
    onDemand: true,
    env: [{ name: 'WORK', value: WORK }],
    volumes: [scratch('work', WORK)],
    // It holds all data for a while, as the server does.
    resources: resourcesOf(facts),
  });
  return true;
}

/** What differs between the two. */
interface CopierPlan extends Pick<TenderFacts, 'env' | 'volumes'> {
  readonly onDemand?: true;
  readonly resources: ResourceFacts;
}

const FOLDER = '/backups';
const WORK = '/work';

/** As many copies as are kept, and one that is being made; none is larger than the memory for data. */
function sizeFor(memoryBytes: number, { schedule, keepDays }: BackupFacts): string {
  const copies = schedule.endsWith('* * *') ? keepDays : Math.ceil(keepDays / 7);
  return `${Math.ceil((memoryBytes * (copies + 1)) / 2 ** 30)}Gi`;
}

/** A copy has its name only once it is whole, and those that are too old go last. */
const BACKUP_SCRIPT = [
  'set -eu',
  // The name under which redis-cli looks for a password.
  'export REDISCLI_AUTH="${PASSWORD:-}"',
  'file="$FOLDER/$STORE-$(date -u +%Y%m%dT%H%M%SZ).rdb"',
  'redis-cli -h "$HOST" -p "$PORT" ${LOGIN:+--user "$LOGIN"} --rdb "$file.part"',
  'mv "$file.part" "$file"',
  'find "$FOLDER" -name "$STORE-*.rdb" -mmin "+$KEEP_MINUTES" -delete',
  '',
].join('\n');

/**
 * Puts the newest copy, or the file that FILE names, into the running server, key by key: a server beside it reads the
 * file, and hands each key over (MIGRATE). Keys that the copy does not have stay as they are.
 */
const RESTORE_SCRIPT = [
  'set -eu',
  'file="${FILE:-$(ls "$FOLDER/$STORE"-*.rdb | tail -n 1)}"',
  'cp "$file" "$WORK/dump.rdb"',
  'redis-server --port 0 --unixsocket "$WORK/redis.sock" --dir "$WORK" --save "" --daemonize yes --logfile "$WORK/log"',
  'until [ "$(redis-cli -s "$WORK/redis.sock" ping)" = PONG ]; do sleep 1; done',
  'login="${LOGIN:+AUTH2 $LOGIN $PASSWORD}"',
  'redis-cli -s "$WORK/redis.sock" --no-raw --scan | while IFS= read -r key; do',
  // Not echo, which would read the backslashes of a key.
  `  printf 'MIGRATE %s %s "" 0 5000 COPY REPLACE %s KEYS %s\\n' "$HOST" "$PORT" "$login" "$key"`,
  'done | redis-cli -s "$WORK/redis.sock" > "$WORK/answers"',
  'redis-cli -s "$WORK/redis.sock" shutdown nosave',
  'echo "$(grep -c ^OK "$WORK/answers" || true) keys restored from $file"',
  '! grep -v -e ^OK -e ^NOKEY -e "^$" "$WORK/answers"',
  '',
].join('\n');

/** Whom the runs log in as. Passwords are variables, so that they are in no argument. */
export const redisBackupParts = contribute('redis.copier', PodEnv, function* (graph): Iterable<Part<EnvPart>> {
  for (const { construct: to, facts } of graph.having(Copier)) {
    const { server, login } = facts;
    if (graph.facts(server, Redis)?.access === 'network') continue;
    const source = saidBy(server);
    const store = graph.facts(server, Store)?.name ?? '';
    const secret = secretName(store, login, graph.setting(CredentialGeneration, server));
    yield { to, source, part: { name: 'LOGIN', value: login } };
    yield { to, source, part: fromSecret('PASSWORD', secret, 'password') };
  }
});
