import type { Construct } from 'constructs';
import type { Build } from '../../model/extension';
import type { EnvPart } from '../pod';
import type { Authority } from './connection-facts';
import type { ElasticFacts } from './elastic';
import { ELASTIC_SET_UP, snapshotVariables } from './elastic-script';
import { authorityFile, authorityFiles } from './external';
import { SMALL, runTender, scratch } from './in-cluster';
import { exporterSecretOf, fromSecret } from './own-secrets';

/** What the Job needs to know of a server. */
export interface ElasticSetUp {
  readonly image: string;
  /** Address with scheme and port. */
  readonly server: string;
  /** `ADMIN_USER` and `ADMIN_PASSWORD`. */
  readonly admin: readonly EnvPart[];
  /** Whether an exporter has an account. */
  readonly exporter: boolean;
  /** Where snapshots go. @defaultValue nowhere */
  readonly repository?: object;
  readonly authority?: Authority;
}

/** The Job that makes the accounts of a server, and says where and when snapshots are made. */
export function setUpElastic(build: Build, construct: Construct, facts: ElasticFacts, setUp: ElasticSetUp): void {
  const { name, namespace, backup } = facts;
  const { image, server, admin, exporter, repository, authority } = setUp;
  runTender(
    build,
    construct,
    { name, namespace },
    {
      suffix: 'set-up',
      accounts: true,
      container: { image, command: ['/bin/sh', '-ec', ELASTIC_SET_UP], resources: SMALL },
      env: [
        ...admin,
        { name: 'SERVER', value: server },
        ...(authority === undefined ? [] : [{ name: 'CA', value: authorityFile(name) }]),
        ...(exporter
          ? [
              fromSecret('EXPORTER_USER', exporterSecretOf(name), 'username'),
              fromSecret('EXPORTER_PASSWORD', exporterSecretOf(name), 'password'),
            ]
          : []),
        ...(backup === undefined || repository === undefined ? [] : snapshotVariables(backup, repository)),
      ],
      volumes: [scratch('tmp', '/tmp'), ...authorityFiles(name, authority)],
    },
  );
}
