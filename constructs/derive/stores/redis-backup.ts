import { Construct, type IConstruct } from 'constructs';
import { capability } from '../../model/capability';
import { contribute, derive, type Build, type Derived } from '../../model/extension';
import type { Part } from '../../model/facet';
import { given } from '../../model/given';
import type { Graph } from '../../model/graph';
import { declare } from '../../model/recorder';
import type { Source } from '../../model/source';
import { NAME_LABEL, ownershipLabels } from '../labels';
import { PodEnv, type EnvPart } from '../pod';
import { selectorOf } from '../pod-template';
import type { ScheduleFacts } from '../run';
import { TrafficIn, TrafficOut, podsOf, type TrafficPart } from '../traffic';
import { StorageClass, Workload, type WorkloadFacts } from '../workload';
import { CredentialGeneration, secretName } from './accounts';
import { Connection } from './connection-facts';
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

/** The volume on which copies of a server's data are kept. */
interface BackupVolumeFacts {
  /** Name of its claim. */
  readonly name: string;
  readonly namespace: string;
  /** Room for all copies that are kept, as a quantity. */
  readonly size: string;
}

const BackupVolume = capability<BackupVolumeFacts>('redis.backup-volume');

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
  const { id } = server.node;
  const name = `${id}-backup`;
  const common = { namespace, host, image, store: id, claim: name, ...given({ user }) };
  declare(server, BackupVolume, { name, namespace, size: sizeFor(memoryBytes, backup) });
  ensureRun(server, build, BACKUP_LOGIN, {
    ...common,
    name,
    script: BACKUP_SCRIPT,
    schedule: { cron: backup.schedule },
    env: [{ name: 'KEEP_MINUTES', value: String(backup.keepDays * 24 * 60) }],
    resources: { requests: { cpu: '50m', memory: '32Mi' }, limits: { memory: '64Mi' } },
  });
  ensureRun(server, build, RESTORE_LOGIN, {
    ...common,
    name: `${id}-restore`,
    script: RESTORE_SCRIPT,
    schedule: { cron: backup.schedule, onDemand: true },
    env: [{ name: 'WORK', value: WORK }],
    // It holds all data for a while, as the server does.
    resources: resourcesOf(facts),
  });
  return true;
}

/** What differs between the two, and what a pod of either is made of. */
interface RunPlan {
  readonly name: string;
  readonly namespace: string;
  readonly host: string;
  readonly image: string;
  readonly store: string;
  readonly claim: string;
  readonly user?: number;
  readonly script: string;
  readonly schedule: Pick<ScheduleFacts, 'cron' | 'onDemand'>;
  readonly env: readonly EnvPart[];
  readonly resources: NonNullable<WorkloadFacts['container']['resources']>;
}

const FOLDER = '/backups';
const WORK = '/work';

/** Declares a run, on a construct below the server's, by a name that no share of it can have. */
function ensureRun(server: Construct, build: Build, { name: login }: ControlLogin, plan: RunPlan): void {
  const run = build.ensure(server, `.${login}`, (scope) => new Construct(scope, `.${login}`));
  const { name, namespace, host, image, store, claim, user, script, schedule, env, resources } = plan;
  const { onDemand } = schedule;
  declare(run, Copier, { server, login });
  declare(run, Workload, {
    name,
    namespace,
    selector: selectorOf(name),
    strategy: {
      schedule: { ...schedule, timeZone: 'Etc/UTC', concurrency: 'Forbid', keptSuccesses: 1, keptFailures: 3 },
      fatalExitCodes: [],
      completions: 1,
      parallelism: 1,
    },
    ...given({ user }),
    mountsToken: false,
    env: [
      { name: 'FOLDER', value: FOLDER },
      { name: 'HOST', value: host },
      { name: 'PORT', value: String(REDIS_PORT.number) },
      { name: 'STORE', value: store },
      ...env,
    ],
    beside: [],
    claims: [],
    volumes: [
      {
        name: 'backups',
        source: { persistentVolumeClaim: { claimName: claim } },
        mounts: [{ path: FOLDER, ...(onDemand === true && { readOnly: true }) }],
      },
      ...(onDemand === true ? [{ name: 'work', source: { emptyDir: {} }, mounts: [{ path: WORK }] }] : []),
    ],
    container: { name: login, image, command: ['sh', '-c', script], ports: [], resources },
  });
}

/** As many copies as are kept, and one that is being made; none is larger than the memory for data. */
function sizeFor(memoryBytes: number, { schedule, keepDays }: BackupFacts): string {
  const copies = schedule.endsWith('* * *') ? keepDays : Math.ceil(keepDays / 7);
  return `${Math.ceil((memoryBytes * (copies + 1)) / 2 ** 30)}Gi`;
}

/** The claims of the copies (Kubernetes 1.36, core/v1). */
export const redisBackupVolumes = derive('redis.backup-volumes', function* (graph): Iterable<Derived> {
  const isProduction = graph.environment.tier === 'production';
  for (const { construct, facts } of graph.having(BackupVolume)) {
    const { name, namespace, size } = facts;
    const storageClassName = graph.setting(StorageClass, construct);
    yield {
      scope: construct,
      // It may bind only with its first pod, which comes with the first copy.
      hints: { skipAwait: true, ...(isProduction && { protect: true, retain: true }) },
      manifest: {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        metadata: { name, namespace, labels: { [NAME_LABEL]: name, ...ownershipLabels(construct) } },
        spec: {
          accessModes: ['ReadWriteOnce'],
          ...(storageClassName !== '' && { storageClassName }),
          resources: { requests: { storage: size } },
        },
      },
    };
  }
});

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

/** What follows for the runs: whom they log in as, and the way to the server. */
export const redisBackupParts = [
  contribute('redis.copier-env', PodEnv, function* (graph): Iterable<Part<EnvPart>> {
    for (const { construct, facts } of graph.having(Copier)) {
      for (const part of loginOf(graph, facts)) yield { to: construct, source: sourceOf(facts), part };
    }
  }),
  contribute('redis.copier-out', TrafficOut, function* (graph): Iterable<Part<TrafficPart>> {
    for (const { construct, facts } of graph.having(Copier)) {
      const peer = graph.facts(facts.server, Connection)?.reach;
      if (peer !== undefined) yield { to: construct, source: sourceOf(facts), part: control(peer) };
    }
  }),
  contribute('redis.copier-in', TrafficIn, function* (graph): Iterable<Part<TrafficPart>> {
    for (const { construct, facts } of graph.having(Copier)) {
      const peer = podsOf(graph, construct);
      if (peer !== undefined) yield { to: facts.server, source: sourceOf(facts), part: control(peer) };
    }
  }),
];

/** Passwords are variables, so that they are in no argument. */
function loginOf(graph: Graph, { server, login }: CopierFacts): readonly EnvPart[] {
  if (graph.facts(server, Redis)?.access === 'network') return [];
  const store = graph.facts(server, Store)?.name ?? '';
  const secret = secretName(store, login, graph.setting(CredentialGeneration, server));
  return [{ name: 'LOGIN', value: login }, fromSecret('PASSWORD', secret, 'password')];
}

function control(peer: TrafficPart['peer']): TrafficPart {
  return { peer, port: REDIS_PORT.containerPort, transport: 'TCP', purpose: 'control' };
}

function sourceOf({ server }: CopierFacts): Source {
  return { by: `${server.constructor.name} ${server.node.id}`, at: server.node.path };
}
