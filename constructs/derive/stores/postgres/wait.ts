import type { IConstruct } from 'constructs';
import { contribute } from '../../../model/extension';
import type { Part } from '../../../model/facet';
import { viewOf, type Graph } from '../../../model/graph';
import { setting } from '../../../model/setting';
import { shared } from '../../../model/shared';
import { PodContainers, PodVolumes, type ContainerPart, type EnvPart, type VolumePart } from '../../pod';
import { allAccess, type Access } from '../accounts';
import { serverOf, variableParts } from '../connection';
import { Connection } from '../connection-facts';
import { CLIENT_RESOURCES, accessOf, accessVersion } from './access';
import { CLIENT_IMAGE } from './images';
import { migrationsOf } from './migrations';
import { WAIT_SCRIPT } from './scripts';
import { PostgresAdmin } from './server';

/** How long a workload waits for its store to be ready for it, before its pod fails and is started again. */
export const StoreWait = setting<number>({
  id: 'storeWaitSeconds',
  schema: { type: 'integer', minimum: 1, maximum: 3600, description: 'Seconds that a pod waits for its store.' },
  byTier: () => 300,
});

/** What a client gets that is no program of the team's. */
const FIELDS = {
  PGHOST: 'host',
  PGPORT: 'port',
  PGDATABASE: 'database',
  PGUSER: 'user',
  PGPASSWORD: 'password',
  PGSSLMODE: 'sslmode',
} as const;

/** Before all other containers: none of them can do without the store. */
const FIRST = -10;

/** What a container runs that waits. */
const COMMAND = shared(['sh', '-c', WAIT_SCRIPT, 'wait']);

/** Folder of the certificate in a container that waits. */
const CA_FOLDER = '/var/run/ashlar/server';

/** Each workload's access to a store whose roles are made by a Job of the plan. */
const waits = viewOf('postgres-waits', (graph: Graph, _root: IConstruct): readonly Access[] =>
  graph.view(allAccess).filter(({ store }) => accessOf(serverOf(graph, store)) !== undefined),
);

/**
 * Every pod that has access waits until its roles are there, with its own password: applying a plan has no order, and a
 * new generation of passwords holds only once the Job has run.
 */
export const waitParts = [
  contribute('postgres.wait', PodContainers, function* (graph): Iterable<Part<ContainerPart>> {
    for (const access of graph.viewOf(waits, graph.root)) {
      const { holder } = access;
      yield { to: holder.construct, source: holder.source, part: waitContainer(graph, access) };
    }
  }),
  contribute('postgres.wait-files', PodVolumes, function* (graph): Iterable<Part<VolumePart>> {
    for (const { store, facts, holder } of graph.viewOf(waits, graph.root)) {
      const [file] = graph.facts(store, Connection)?.files ?? [];
      if (file?.source === undefined) continue;
      const name = waitName(facts.name);
      const mounts = [{ path: CA_FOLDER, readOnly: true, container: name }];
      yield { to: holder.construct, source: holder.source, part: { name: `${name}-ca`, source: file.source, mounts } };
    }
  }),
];

function waitName(store: string): string {
  return `wait-for-${store}`;
}

function waitContainer(graph: Graph, access: Access): ContainerPart {
  const { store, facts, holder } = access;
  const server = serverOf(graph, store);
  const admin = graph.facts(server, PostgresAdmin);
  const { version } = graph.viewOf(accessVersion, server);
  // A migration does not wait for itself, nor for others that may have to come after it.
  const migrations = graph.viewOf(migrationsOf, store).filter(({ construct }) => construct !== holder.construct);
  const isMigration = graph.viewOf(migrationsOf, store).length > migrations.length;
  const awaited = isMigration ? [] : migrations;
  const jobs = [`${server.node.id}-access`, ...awaited.map(({ construct }) => construct.node.id)];
  const env: readonly EnvPart[] = [
    ...clientEnv(graph, access, CA_FOLDER),
    { name: 'STORE', value: facts.name },
    { name: 'WAIT_SECONDS', value: String(graph.setting(StoreWait, holder.construct)) },
    {
      name: 'MISSING',
      value:
        `the Jobs ${jobs.join(', ')} of the namespace ${facts.namespace} have not done their work. ` +
        'See their logs. Where the database is new, delete them and apply again.',
    },
  ];
  return {
    name: waitName(facts.name),
    role: 'init',
    order: FIRST,
    env,
    container: {
      name: waitName(facts.name),
      image: admin?.clientImage ?? CLIENT_IMAGE,
      command: COMMAND,
      args: [version, ...awaited.map((migration) => `migration ${migration.version}`)],
      ports: [],
      resources: CLIENT_RESOURCES,
    },
  };
}

/** Variables with which psql connects as a workload does. */
export function clientEnv(graph: Graph, { store, account }: Access, caFolder: string): readonly EnvPart[] {
  const fields = graph.facts(store, Connection)?.fields[account.level] ?? {};
  const root = fields['sslrootcert'];
  return [
    ...Object.entries(FIELDS).flatMap(([name, field]) => variableParts(name, field, fields, account.secret)),
    ...(root === undefined ? [] : [{ name: 'PGSSLROOTCERT', value: root === 'system' ? root : `${caFolder}/ca.crt` }]),
    { name: 'PGCONNECT_TIMEOUT', value: '10' },
  ];
}
