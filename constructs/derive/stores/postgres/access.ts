import { hash } from 'node:crypto';
import { Construct, type IConstruct } from 'constructs';
import { contribute, derive, realize, type Derived } from '../../../model/extension';
import type { Part } from '../../../model/facet';
import { viewOf, type Graph } from '../../../model/graph';
import { declare } from '../../../model/recorder';
import { pathBelowPlatform } from '../../../model/setting';
import { shared } from '../../../model/shared';
import { NAME_LABEL, ownershipLabels } from '../../labels';
import { PodEnv, PodVolumes, type EnvPart, type ResourceFacts, type VolumePart } from '../../pod';
import { selectorOf } from '../../pod-template';
import { SecretKeys, type SecretKeyPart } from '../../secrets';
import { TrafficIn, TrafficOut, podsOf, type TrafficPart } from '../../traffic';
import { Workload, type WorkloadFacts } from '../../workload';
import { PASSWORD_LENGTH, accountsOf } from '../accounts';
import { CLIENT_IMAGE, CLIENT_USER } from './images';
import { postgresStores } from './roles';
import { ACCESS_SCRIPT } from './scripts';
import { Administers, POSTGRES_PORT, Postgres, PostgresAdmin, type PostgresAdminFacts } from './server';
import { accessScript, appliedScript, databaseScript, emptyScript } from './sql';

/** Id of the Job's construct. No construct of a program is called so. */
const ACCESS_ID = ':access';

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
  build.ensure(server, ACCESS_ID, (scope) => {
    const job = new Construct(scope, ACCESS_ID);
    declare(job, Workload, jobFacts(server.node.id, admin));
    build.relate(Administers, job, server, { scripts: true });
    return job;
  });
});

/** The Job of a server; undefined where somebody else administers it. */
export function accessOf(server: IConstruct): IConstruct | undefined {
  return server.node.tryFindChild(ACCESS_ID);
}

function jobFacts(server: string, admin: Readonly<PostgresAdminFacts>): WorkloadFacts {
  const name = `${server}-access`;
  return {
    name,
    namespace: admin.namespace,
    selector: selectorOf(name),
    strategy: { fatalExitCodes: [], completions: 1, parallelism: 1, retries: 10 },
    user: CLIENT_USER,
    mountsToken: false,
    container: {
      name: 'access',
      image: admin.clientImage ?? CLIENT_IMAGE,
      command: COMMAND,
      ports: [],
      resources: CLIENT_RESOURCES,
    },
    env: adminEnv(admin),
    volumes: [...caVolume(admin)],
    beside: [],
    claims: [],
  };
}

/** How somebody who administers a server connects to it. */
export function adminEnv(admin: Readonly<PostgresAdminFacts>): readonly EnvPart[] {
  const fromSecret = (name: string, key: string): EnvPart => ({
    name,
    valueFrom: { secretKeyRef: { name: admin.secret, key } },
  });
  return [
    { name: 'PGHOST', value: admin.host },
    { name: 'PGPORT', value: String(admin.port) },
    fromSecret('PGUSER', 'username'),
    fromSecret('PGPASSWORD', 'password'),
    { name: 'PGSSLMODE', value: admin.tls ? 'verify-full' : 'disable' },
    ...(admin.tls ? [{ name: 'PGSSLROOTCERT', value: rootOf(admin) }] : []),
    { name: 'PGCONNECT_TIMEOUT', value: '10' },
    { name: 'MAINTENANCE', value: admin.maintenance },
  ];
}

const CA_FOLDER = '/var/run/ashlar/server';

function rootOf({ authority }: Readonly<PostgresAdminFacts>): string {
  return authority === undefined ? 'system' : `${CA_FOLDER}/ca.crt`;
}

/** The certificate of the authority that signs for a server. */
export function caVolume({ authority }: Readonly<PostgresAdminFacts>): readonly VolumePart[] {
  if (authority === undefined) return [];
  const items = [{ key: authority.key, path: 'ca.crt' }];
  return [
    {
      name: 'ca',
      source: { secret: { secretName: authority.secret, items } },
      mounts: [{ path: CA_FOLDER, readOnly: true }],
    },
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
  for (const { from, to: server, facts: how, source } of graph.all(Administers)) {
    const facts = graph.facts(server, PostgresAdmin);
    if (how.scripts && facts !== undefined) yield { from, server, facts, source };
  }
}

/** What the Job is told: passwords as references, scripts, the way to the server. */
export const accessJobParts = [
  contribute('postgres-access.env', PodEnv, function* (graph): Iterable<Part<EnvPart>> {
    for (const { from: to, server, facts, source } of scriptRunners(graph)) {
      const { logins } = graph.viewOf(accessVersion, server);
      const texts = { DATABASE: facts.database, LOGINS: logins.map(({ role }) => role).join(' '), SCRIPTS };
      for (const [name, value] of Object.entries(texts)) yield { to, source, part: { name, value } };
      for (const { role, secret } of logins) {
        const valueFrom = { secretKeyRef: { name: secret, key: 'password' } };
        yield { to, source, part: { name: `PASSWORD_${role}`, valueFrom } };
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
  contribute('postgres-access.out', TrafficOut, function* (graph): Iterable<Part<TrafficPart>> {
    for (const { from, to, source } of graph.all(Administers)) {
      const admin = graph.facts(to, PostgresAdmin);
      if (admin === undefined) continue;
      const part: TrafficPart = { peer: admin.reach, port: admin.port, transport: 'TCP', purpose: 'control' };
      yield { to: from, source, part };
    }
  }),
  contribute('postgres-access.in', TrafficIn, function* (graph): Iterable<Part<TrafficPart>> {
    for (const { from, to, source } of graph.all(Administers)) {
      const peer = podsOf(graph, from);
      if (peer === undefined) continue;
      yield { to, source, part: { peer, port: POSTGRES_PORT, transport: 'TCP', purpose: 'control' } };
    }
  }),
  contribute('postgres-access.secrets', SecretKeys, function* (graph): Iterable<Part<SecretKeyPart>> {
    for (const { construct: to, facts } of graph.having(PostgresAdmin)) {
      const source = { by: 'postgres-access', at: to.node.path };
      for (const part of secretKeys(facts)) yield { to, source, part };
    }
  }),
];

function secretKeys({
  namespace,
  secret,
  secretFrom,
  monitor,
}: Readonly<PostgresAdminFacts>): readonly SecretKeyPart[] {
  const kind = 'kubernetes.io/basic-auth';
  const random = (name: string) => ({ random: { id: `${namespace}/${name}/password`, length: PASSWORD_LENGTH } });
  const known = (key: string) => ({ known: `${namespace}/${secret}/${key}` });
  const own = { namespace, name: secret, kind } as const;
  const ofAdmin: readonly SecretKeyPart[] =
    secretFrom === 'operator'
      ? []
      : [
          { ...own, key: 'username', value: secretFrom === 'random' ? { text: 'postgres' } : known('username') },
          { ...own, key: 'password', value: secretFrom === 'random' ? random(secret) : known('password') },
        ];
  if (monitor === undefined) return ofAdmin;
  const ofMonitor = { namespace, name: monitor.secret, kind } as const;
  return [
    ...ofAdmin,
    { ...ofMonitor, key: 'username', value: { text: monitor.role } },
    { ...ofMonitor, key: 'password', value: random(monitor.secret) },
  ];
}
