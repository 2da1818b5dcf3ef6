import type { Construct } from 'constructs';
import type { Build } from '../../model/extension';
import type { EnvPart } from '../pod';
import type { ClickHouseAddress, ClickHouseFacts } from './clickhouse';
import { CLICKHOUSE_BACKUP, CLICKHOUSE_SET_UP } from './clickhouse-script';
import { authorityFile, authorityFiles } from './external';
import { SMALL, runTender, scheduleOf, scratch } from './in-cluster';
import { adminSecretOf, fromSecret } from './own-secrets';

/** What tends a server. */
export interface ClickHouseTending {
  readonly address: ClickHouseAddress;
  readonly image: string;
  /** Name of the cluster that the database is made on, and its engine. @defaultValue one server */
  readonly cluster?: { readonly name: string; readonly engine: string };
  /** Where backups go, as in `BACKUP ... TO`, with `%s` for the name of the backup. @defaultValue nowhere */
  readonly target?: string;
}

/** The Job that makes the database and the accounts, and the CronJob that takes backups. */
export function tendClickHouse(
  build: Build,
  construct: Construct,
  facts: ClickHouseFacts,
  tending: ClickHouseTending,
): void {
  const { name, namespace, database, backup } = facts;
  const { address, image, cluster, target } = tending;
  const common = {
    env: clientVariables(name, address),
    volumes: [scratch('tmp', '/tmp'), ...authorityFiles(name, address.authority)],
  };
  const server = { name, namespace };
  runTender(build, construct, server, {
    ...common,
    suffix: 'set-up',
    accounts: true,
    container: { image, command: ['/bin/bash', '-ec', CLICKHOUSE_SET_UP], resources: SMALL },
    env: [
      ...common.env,
      ...(cluster === undefined
        ? []
        : [
            { name: 'CLUSTER', value: cluster.name },
            { name: 'ENGINE', value: cluster.engine },
          ]),
    ],
  });
  if (backup === undefined || target === undefined) return;
  runTender(build, construct, server, {
    ...common,
    suffix: 'backup',
    accounts: false,
    schedule: scheduleOf(backup),
    container: { image, command: ['/bin/bash', '-ec', CLICKHOUSE_BACKUP], resources: SMALL },
    env: [...common.env, { name: 'DATABASE', value: database }, { name: 'TARGET', value: target }],
  });
}

/** Variables of the client that logs in as the administrator. */
function clientVariables(name: string, address: ClickHouseAddress): readonly EnvPart[] {
  const { host, native, tls, authority, adminSecret = adminSecretOf(name) } = address;
  return [
    fromSecret('CLICKHOUSE_USER', adminSecret, 'username'),
    fromSecret('CLICKHOUSE_PASSWORD', adminSecret, 'password'),
    { name: 'HOME', value: '/tmp' },
    { name: 'SERVER', value: host },
    { name: 'PORT', value: String(native) },
    ...(tls ? [{ name: 'SECURE', value: 'true' }] : []),
    ...(authority === undefined ? [] : [{ name: 'CA', value: authorityFile(name) }]),
  ];
}
