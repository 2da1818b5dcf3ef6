import { hash } from 'node:crypto';
import type { IConstruct } from 'constructs';
import { contribute, derive, realize, type Derived } from '../../../model/extension';
import type { Part } from '../../../model/facet';
import { viewOf, type Graph } from '../../../model/graph';
import { declare } from '../../../model/recorder';
import { pathBelowPlatform } from '../../../model/setting';
import { shared } from '../../../model/shared';
import { NAME_LABEL, ownershipLabels } from '../../labels';
import { PodEnv, PodVolumes, type EnvPart, type ResourceFacts, type VolumePart } from '../../pod';
import { accountsOf } from '../accounts';
import { authorityFiles } from '../external';
import { runTender, tenderId } from '../in-cluster';
import { fromSecret } from '../own-secrets';
import { Tended } from '../set-up';
import { rootOf, sslmodeOf } from './connect';
import { CLIENT_IMAGE, CLIENT_USER } from './images';
import { postgresStores } from './roles';
import { ACCESS_SCRIPT } from './scripts';
import { Administers, Postgres, PostgresAdmin, type PostgresAdminFacts } from './server';
import { accessScript, appliedScript, databaseScript, emptyScript } from './sql';

/** What stands behind the name of a server in that of its Job. */
const SUFFIX = 'access';

/** Folder of the scripts. */
const SCRIPTS = '/scripts';

/** Characters of a version: 40 bits, enough to tell a handful apart. */
const VERSION_LENGTH = 10;

/** What a client of PostgreSQL needs that does one thing and ends. */
export const CLIENT_RESOURCES: ResourceFacts = shared({
  requests: { cpu: '20m', memory: '32Mi' },
  limits: { memory: '128Mi' },
});

/** What the Job runs. */
const COMMAND = shared(['sh', `${SCRIPTS}/run.sh`]);

/** The scripts of a server as they are mounted, and what tells them from those of another version. */
interface AccessVersion {
  readonly version: string;
  readonly files: Readonly<Record<string, string>>;
  /** Roles that get a password, and the Secrets that hold it. */
  readonly logins: readonly { readonly role: string; readonly secret: string }[];
}

/** The scripts of a server that the plan administers. */
export const accessVersion = viewOf('postgres-access', (graph: Graph, server: IConstruct): AccessVersion => {
  const admin = graph.facts(server, PostgresAdmin);
  if (admin === undefined) return { version: '', logins: [], files: {} };
  const { database, closes, retires, monitor } = admin;
  const stores = graph.viewOf(postgresStores, server);
  const logins = [
    ...stores.flatMap(({ roles }) => roles.map(({ current, secret }) => ({ role: current, secret }))),
    ...(monitor === undefined ? [] : [monitor]),
  ];
  const extensions = graph.facts(server, Postgres)?.extensions ?? [];
  const about = { server: pathBelowPlatform(server), database, stores, extensions, closes, retires };
  const files = {
    'run.sh': ACCESS_SCRIPT,
    'database.sql': databaseScript(database),
    'empty.sql': emptyScript(stores),
    'access.sql': accessScript({ ...about, ...(monitor !== undefined && { monitor: monitor.role }) }),
  };
  const version = hash('sha256', JSON.stringify([files, logins])).slice(0, VERSION_LENGTH);
  return { version, logins, files: { ...files, 'applied.sql': appliedScript(version) } };
});

/** The Job is a workload of its own, beside the server. */
export const realizeAccess = realize('postgres-access', PostgresAdmin, (server, admin, build) => {
  const { namespace, reach, port, clientImage = CLIENT_IMAGE } = admin;
  const name = server.node.id;
  declare(server, Tended, { reach, ports: [port] });
  const job = runTender(
    build,
    server,
    { name, namespace },
    {
      suffix: SUFFIX,
      accounts: false,
      retries: 10,
      container: { image: clientImage, command: COMMAND, resources: CLIENT_RESOURCES },
      env: adminEnv(name, admin),
      volumes: authorityFiles(name, admin.authority),
      user: CLIENT_USER,
    },
  );
  build.relate(Administers, job, server, {});
});

/** The Job of a server; undefined where somebody else administers it. */
export function accessOf(server: IConstruct): IConstruct | undefined {
  return server.node.tryFindChild(tenderId(SUFFIX));
}

/** How somebody who administers a server connects to it. */
export function adminEnv(name: string, admin: Readonly<PostgresAdminFacts>): readonly EnvPart[] {
  const { host, port, tls, authority, secret, maintenance } = admin;
  return [
    { name: 'PGHOST', value: host },
    { name: 'PGPORT', value: String(port) },
    fromSecret('PGUSER', secret, 'username'),
    fromSecret('PGPASSWORD', secret, 'password'),
    { name: 'PGSSLMODE', value: sslmodeOf(tls) },
    ...(tls ? [{ name: 'PGSSLROOTCERT', value: rootOf(name, authority) }] : []),
    { name: 'PGCONNECT_TIMEOUT', value: '10' },
    { name: 'MAINTENANCE', value: maintenance },
  ];
}

/** The scripts, under a name that changes with them (Kubernetes 1.36, core/v1 ConfigMap). */
export const accessScripts = derive('postgres-access', function* (graph): Iterable<Derived> {
  for (const { construct, facts } of graph.having(PostgresAdmin)) {
    const job = accessOf(construct);
    if (job === undefined) continue;
    const { files, version } = graph.viewOf(accessVersion, construct);
    const name = `${construct.node.id}-access`;
    const labels = { [NAME_LABEL]: name, ...ownershipLabels(construct) };
    yield {
      scope: job,
      sources: sourcesOf(graph, construct),
      hints: { keepEarlier: true },
      manifest: {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: `${name}-${version}`, namespace: facts.namespace, labels },
        immutable: true,
        data: files,
      },
    };
  }
});

function sourcesOf(graph: Graph, server: IConstruct) {
  return graph
    .viewOf(postgresStores, server)
    .flatMap(({ construct }) => graph.viewOf(accountsOf, construct).flatMap(({ holders }) => holders))
    .map(({ source }) => source);
}

/** Those that run the scripts of a server: its Job, and what restores it. */
function* scriptRunners(graph: Graph) {
  for (const { from, to: server, source } of graph.all(Administers)) {
    const facts = graph.facts(server, PostgresAdmin);
    if (facts !== undefined) yield { from, server, facts, source };
  }
}

/** What the Job is told: passwords as references, and scripts. */
export const accessJobParts = [
  contribute('postgres-access.env', PodEnv, function* (graph): Iterable<Part<EnvPart>> {
    for (const { from: to, server, facts, source } of scriptRunners(graph)) {
      const { logins } = graph.viewOf(accessVersion, server);
      const texts = { DATABASE: facts.database, LOGINS: logins.map(({ role }) => role).join(' '), SCRIPTS };
      for (const [name, value] of Object.entries(texts)) yield { to, source, part: { name, value } };
      for (const { role, secret } of logins) {
        yield { to, source, part: fromSecret(`PASSWORD_${role}`, secret, 'password') };
      }
    }
  }),
  contribute('postgres-access.scripts', PodVolumes, function* (graph): Iterable<Part<VolumePart>> {
    for (const { from: to, server, source } of scriptRunners(graph)) {
      const name = `${server.node.id}-access-${graph.viewOf(accessVersion, server).version}`;
      const part = { name: 'scripts', source: { configMap: { name } }, mounts: [{ path: SCRIPTS, readOnly: true }] };
      yield { to, source, part };
    }
  }),
];
