import type { Construct } from 'constructs';
import type { Build } from '../../../model/extension';
import { declare } from '../../../model/recorder';
import { shared } from '../../../model/shared';
import type { EnvPart, VolumePart } from '../../pod';
import { DumpClaim, runTender, scheduleOf } from '../in-cluster';
import type { BackupFacts } from '../store';
import { CLIENT_RESOURCES, adminEnv } from './access';
import { SERVER_USER } from './images';
import { BACKUP_SCRIPT } from './scripts';
import type { PostgresAdminFacts, PostgresFacts } from './server';

/** What stands behind the name of a server in that of its CronJob, and of the claim that it writes to. */
const SUFFIX = 'backup';

/** What the CronJob runs. */
const COMMAND = shared(['bash', '-c', BACKUP_SCRIPT]);

/** Folder of the dumps. */
const FOLDER = '/backups';

function claimOf(server: string): string {
  return `${server}-${SUFFIX}`;
}

/** The volume with the dumps of a server, and where it is. */
export function dumpsOf(server: string, database: string): { env: readonly EnvPart[]; volume: VolumePart } {
  return {
    env: [
      { name: 'BACKUPS', value: FOLDER },
      { name: 'DATABASE', value: database },
    ],
    volume: {
      name: 'backups',
      source: { persistentVolumeClaim: { claimName: claimOf(server) } },
      mounts: [{ path: FOLDER }],
    },
  };
}

/**
 * A CronJob that dumps a server onto a claim of its own.
 * @param image - with pg_dump of the server's own version
 */
export function dumpPostgres(
  build: Build,
  construct: Construct,
  { name, namespace, storage }: Readonly<PostgresFacts>,
  { image, backup, admin }: { image: string; backup: BackupFacts; admin: PostgresAdminFacts },
): void {
  const { env, volume } = dumpsOf(name, admin.database);
  declare(construct, DumpClaim, { name, namespace, storage, claim: claimOf(name) });
  runTender(
    build,
    construct,
    { name, namespace },
    {
      suffix: SUFFIX,
      accounts: false,
      schedule: scheduleOf(backup),
      container: { image, command: COMMAND, resources: CLIENT_RESOURCES },
      env: [...adminEnv(name, admin), ...env, { name: 'KEEP_DAYS', value: String(backup.keepDays) }],
      volumes: [volume],
      user: SERVER_USER,
    },
  );
}
