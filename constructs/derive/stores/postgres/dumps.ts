import { Construct, type IConstruct } from 'constructs';
import { capability } from '../../../model/capability';
import { derive, realize, type Derived } from '../../../model/extension';
import { declare } from '../../../model/recorder';
import { shared } from '../../../model/shared';
import { NAME_LABEL, ownershipLabels } from '../../labels';
import type { EnvPart, VolumePart } from '../../pod';
import { selectorOf } from '../../pod-template';
import { StorageClass, Workload, type WorkloadFacts } from '../../workload';
import type { BackupFacts } from '../store';
import { CLIENT_RESOURCES, adminEnv, caVolume } from './access';
import { SERVER_USER } from './images';
import { BACKUP_SCRIPT } from './scripts';
import { Administers, type PostgresAdminFacts } from './server';

/** Dumps of a server on a volume beside it. */
export interface PostgresDumpsFacts {
  /** Image with pg_dump of the server's own version. */
  readonly image: string;
  /** Size of the volume, as a quantity. */
  readonly storage: string;
  readonly backup: BackupFacts;
  readonly admin: PostgresAdminFacts;
}

/** The capability of being dumped. */
export const PostgresDumps = capability<PostgresDumpsFacts>('postgres-dumps');

/** Id of the CronJob's construct. No construct of a program is called so. */
const BACKUP_ID = ':backup';

/** What the CronJob runs. */
const COMMAND = shared(['bash', '-c', BACKUP_SCRIPT]);

/** Folder of the dumps. */
const FOLDER = '/backups';

/** Name of the CronJob, and of the claim that it writes to. */
function nameOf(server: IConstruct): string {
  return `${server.node.id}-backup`;
}

/** The volume with the dumps of a server, and where it is. */
export function dumpsOf(server: IConstruct, database: string): { env: readonly EnvPart[]; volume: VolumePart } {
  return {
    env: [
      { name: 'BACKUPS', value: FOLDER },
      { name: 'DATABASE', value: database },
    ],
    volume: {
      name: 'backups',
      source: { persistentVolumeClaim: { claimName: nameOf(server) } },
      mounts: [{ path: FOLDER }],
    },
  };
}

/** A CronJob that dumps. */
export const realizeDumps = realize('postgres-dumps', PostgresDumps, (server, facts, build) => {
  build.ensure(server, BACKUP_ID, (scope) => {
    const job = new Construct(scope, BACKUP_ID);
    declare(job, Workload, dumpFacts(server, facts));
    build.relate(Administers, job, server, { scripts: false });
    return job;
  });
});

function dumpFacts(server: IConstruct, { image, backup, admin }: Readonly<PostgresDumpsFacts>): WorkloadFacts {
  const name = nameOf(server);
  const { env, volume } = dumpsOf(server, admin.database);
  return {
    name,
    namespace: admin.namespace,
    selector: selectorOf(name),
    strategy: {
      fatalExitCodes: [],
      completions: 1,
      parallelism: 1,
      schedule: {
        cron: backup.schedule,
        // Backups are told in UTC, whatever other schedules are told in.
        timeZone: 'Etc/UTC',
        concurrency: 'Forbid',
        keptSuccesses: 3,
        keptFailures: 3,
      },
    },
    user: SERVER_USER,
    mountsToken: false,
    container: {
      name: 'backup',
      image,
      command: COMMAND,
      ports: [],
      resources: CLIENT_RESOURCES,
    },
    env: [...adminEnv(admin), ...env, { name: 'KEEP_DAYS', value: String(backup.keepDays) }],
    volumes: [volume, ...caVolume(admin)],
    beside: [],
    claims: [],
  };
}

/** The volume of the dumps. It is kept whatever happens to the plan (Kubernetes 1.36, core/v1 PersistentVolumeClaim). */
export const dumpClaims = derive('postgres-dumps', function* (graph): Iterable<Derived> {
  for (const { construct, facts } of graph.having(PostgresDumps)) {
    const name = nameOf(construct);
    const storageClassName = graph.setting(StorageClass, construct);
    yield {
      scope: construct,
      hints: { retain: true, skipAwait: true, ...(graph.environment.tier === 'production' && { protect: true }) },
      manifest: {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        metadata: {
          name,
          namespace: facts.admin.namespace,
          labels: { [NAME_LABEL]: name, ...ownershipLabels(construct) },
        },
        spec: {
          accessModes: ['ReadWriteOnce'],
          ...(storageClassName !== '' && { storageClassName }),
          resources: { requests: { storage: facts.storage } },
        },
      },
    };
  }
});
