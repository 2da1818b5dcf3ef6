import { Construct, type IConstruct } from 'constructs';
import { capability } from '../../model/capability';
import { contribute, derive, type Build, type Derived } from '../../model/extension';
import type { Part } from '../../model/facet';
import type { Graph } from '../../model/graph';
import type { Hints } from '../../model/hints';
import type { KubeObject } from '../../model/kube-object';
import { given } from '../../model/given';
import { declare } from '../../model/recorder';
import type { Source } from '../../model/source';
import { imageOf } from '../image';
import { NAME_LABEL, ownershipLabels } from '../labels';
import { User, type EnvPart } from '../pod';
import { OperatedPods, TrafficIn, TrafficOut, podsOf, type TrafficPart } from '../traffic';
import { StorageClass } from '../workload';
import { CredentialGeneration, secretName } from './accounts';
import { Connection } from './connection-facts';
import { REDIS_PORT, Redis, resourcesOf, type RedisFacts } from './redis';
import type { ControlLogin } from './redis-logins';
import { Store, type BackupFacts } from './store';

/** What `redis-cli --rdb` asks: to be sent what a replica is sent first (Redis 8, "Replication"). */
const BACKUP_LOGIN: ControlLogin = { name: 'backup', rules: '-@all +ping +replconf +psync +sync' };

/** What puts a copy back into a running server may write over keys, and read none. */
const RESTORE_LOGIN: ControlLogin = { name: 'restore', rules: '~* -@all +ping +select +restore' };

/** Who copies data, and who puts it back. */
export const BACKUP_LOGINS: readonly ControlLogin[] = [BACKUP_LOGIN, RESTORE_LOGIN];

/** A Redis whose data is copied to another volume, on a schedule. Declared on a construct below that of the server. */
interface RedisBackupFacts extends BackupFacts {
  readonly server: IConstruct;
  /** Name of its objects. */
  readonly name: string;
  readonly namespace: string;
  /** Name by which it reaches the server. */
  readonly host: string;
  /** Image with `redis-cli`, a shell and `find`. */
  readonly image: string;
  /** Room for all copies that are kept, as a quantity. */
  readonly size: string;
}

const RedisBackup = capability<RedisBackupFacts>('redis.backup');

const RESOURCES = { requests: { cpu: '50m', memory: '32Mi' }, limits: { memory: '64Mi' } };

/** No share of a server can be called so. */
const BACKUP_ID = '.backup';

/** What a back end knows of the server whose data is copied. */
export interface BackupSource {
  readonly host: string;
  readonly image: string;
}

/** Declares the pods that copy the data of a server, if it is to have backups. */
export function ensureBackup(
  server: Construct,
  build: Build,
  { namespace, memoryBytes, backup }: Readonly<RedisFacts>,
  from: BackupSource,
): boolean {
  if (backup === undefined) return false;
  const pods = build.ensure(server, BACKUP_ID, (scope) => new Construct(scope, BACKUP_ID));
  const name = `${server.node.id}-backup`;
  declare(pods, RedisBackup, { server, name, namespace, ...from, ...backup, size: sizeFor(memoryBytes, backup) });
  declare(pods, OperatedPods, { name, namespace, selector: { [NAME_LABEL]: name }, pods: 1, resources: RESOURCES });
  return true;
}

/** As many copies as are kept, and one that is being made; none is larger than the memory for data. */
function sizeFor(memoryBytes: number, { schedule, keepDays }: BackupFacts): string {
  const copies = schedule.endsWith('* * *') ? keepDays : Math.ceil(keepDays / 7);
  return `${Math.ceil((memoryBytes * (copies + 1)) / 2 ** 30)}Gi`;
}

/** The volume of the copies, and what makes them (Kubernetes 1.36, batch/v1 CronJob). */
export const redisBackups = derive('redis.backups', function* (graph): Iterable<Derived> {
  for (const { construct, facts } of graph.having(RedisBackup)) {
    yield { scope: construct, manifest: renderClaim(graph, construct, facts), hints: claimHints(graph) };
    yield { scope: construct, manifest: renderBackup(graph, construct, facts) };
    yield { scope: construct, manifest: renderRestore(graph, construct, facts) };
  }
});

/** A claim may bind only with its first pod, which comes with the first backup. */
function claimHints(graph: Graph): Hints {
  return { skipAwait: true, ...(graph.environment.tier === 'production' && { protect: true, retain: true }) };
}

function metadataOf(construct: IConstruct, { name, namespace }: RedisBackupFacts): KubeObject['metadata'] {
  return { name, namespace, labels: { [NAME_LABEL]: name, ...ownershipLabels(construct) } };
}

function renderClaim(graph: Graph, construct: IConstruct, facts: RedisBackupFacts): KubeObject {
  const storageClassName = graph.setting(StorageClass, construct);
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: metadataOf(construct, facts),
    spec: {
      accessModes: ['ReadWriteOnce'],
      ...(storageClassName !== '' && { storageClassName }),
      resources: { requests: { storage: facts.size } },
    },
  };
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

function renderBackup(graph: Graph, construct: IConstruct, facts: RedisBackupFacts): KubeObject {
  const { name, schedule, keepDays } = facts;
  const env = [{ name: 'KEEP_MINUTES', value: String(keepDays * 24 * 60) }];
  const container = renderContainer(graph, facts, { script: BACKUP_SCRIPT, login: BACKUP_LOGIN, env });
  return renderCronJob(graph, construct, facts, { name, schedule, container, volumes: [] });
}

/** Starts never by itself: `kubectl create job --from=cronjob/carts-restore restore-1`. */
function renderRestore(graph: Graph, construct: IConstruct, facts: RedisBackupFacts): KubeObject {
  const name = `${facts.name.slice(0, -'backup'.length)}restore`;
  const env = [{ name: 'WORK', value: '/work' }];
  const container = renderContainer(graph, facts, { script: RESTORE_SCRIPT, login: RESTORE_LOGIN, env });
  const work = { name: 'work', emptyDir: {} };
  return renderCronJob(graph, construct, facts, {
    name,
    schedule: facts.schedule,
    suspend: true,
    container,
    volumes: [work],
  });
}

/** One of the two. */
interface Run {
  readonly name: string;
  readonly schedule: string;
  readonly suspend?: true;
  readonly container: object;
  readonly volumes: readonly object[];
}

function renderCronJob(graph: Graph, construct: IConstruct, facts: RedisBackupFacts, run: Run): KubeObject {
  const { name, schedule, suspend, container, volumes } = run;
  const user = graph.setting(User, construct, graph.facts(facts.server, Redis)?.user);
  return {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { ...metadataOf(construct, facts), name },
    spec: {
      schedule,
      timeZone: 'Etc/UTC',
      concurrencyPolicy: 'Forbid',
      ...given({ suspend }),
      jobTemplate: {
        spec: {
          backoffLimit: 2,
          activeDeadlineSeconds: 3600,
          template: {
            // Policies know both runs by the name of the backup.
            metadata: { labels: metadataOf(construct, facts).labels },
            spec: {
              restartPolicy: 'Never',
              automountServiceAccountToken: false,
              enableServiceLinks: false,
              securityContext: {
                runAsNonRoot: true,
                runAsUser: user,
                runAsGroup: user,
                fsGroup: user,
                seccompProfile: { type: 'RuntimeDefault' },
              },
              containers: [container],
              volumes: [{ name: 'backups', persistentVolumeClaim: { claimName: facts.name } }, ...volumes],
            },
          },
        },
      },
    },
  };
}

/** What a run does, as whom, and what it is told besides. */
interface Program {
  readonly script: string;
  readonly login: ControlLogin;
  readonly env: readonly EnvPart[];
}

function renderContainer(graph: Graph, facts: RedisBackupFacts, { script, login, env }: Program): object {
  const { server, image, host } = facts;
  const store = graph.facts(server, Store)?.name ?? '';
  const isOpen = graph.facts(server, Redis)?.access === 'network';
  const isRestore = login === RESTORE_LOGIN;
  return {
    name: login.name,
    image: imageOf(graph, image),
    command: ['sh', '-c', script],
    env: [
      { name: 'FOLDER', value: '/backups' },
      { name: 'HOST', value: host },
      ...env,
      ...(isOpen ? [] : loginOf(graph, server, store, login)),
      { name: 'PORT', value: String(REDIS_PORT.number) },
      { name: 'STORE', value: store },
    ],
    resources: isRestore ? resourcesOf(graph.facts(server, Redis) as RedisFacts) : RESOURCES,
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    },
    volumeMounts: [
      { name: 'backups', mountPath: '/backups', ...(isRestore && { readOnly: true }) },
      ...(isRestore ? [{ name: 'work', mountPath: '/work' }] : []),
    ],
  };
}

/** Passwords are variables, so that they are in no argument. */
function loginOf(graph: Graph, server: IConstruct, store: string, { name }: ControlLogin): readonly EnvPart[] {
  const secret = secretName(store, name, graph.setting(CredentialGeneration, server));
  return [
    { name: 'LOGIN', value: name },
    { name: 'PASSWORD', valueFrom: { secretKeyRef: { name: secret, key: 'password' } } },
  ];
}

/** Pods that make backups may reach the server, and it lets them in. */
export const redisBackupParts = [
  contribute('redis.backup-out', TrafficOut, function* (graph): Iterable<Part<TrafficPart>> {
    for (const { construct, facts } of graph.having(RedisBackup)) {
      const peer = graph.facts(facts.server, Connection)?.reach;
      if (peer !== undefined) yield { to: construct, source: sourceOf(facts), part: control(peer) };
    }
  }),
  contribute('redis.backup-in', TrafficIn, function* (graph): Iterable<Part<TrafficPart>> {
    for (const { construct, facts } of graph.having(RedisBackup)) {
      const peer = podsOf(graph, construct);
      if (peer !== undefined) yield { to: facts.server, source: sourceOf(facts), part: control(peer) };
    }
  }),
];

function control(peer: TrafficPart['peer']): TrafficPart {
  return { peer, port: REDIS_PORT.containerPort, transport: 'TCP', purpose: 'control' };
}

function sourceOf({ server }: RedisBackupFacts): Source {
  return { by: `${server.constructor.name} ${server.node.id}`, at: server.node.path };
}
