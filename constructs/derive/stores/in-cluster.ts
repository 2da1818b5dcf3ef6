import { Construct, type IConstruct } from 'constructs';
import { capability } from '../../model/capability';
import { derive, rule, type Build, type Derived, type RuleFinding } from '../../model/extension';
import { given } from '../../model/given';
import { formatMemory } from '../../model/quantity';
import { declare } from '../../model/recorder';
import { Served, type PortFacts } from '../endpoint';
import { NAME_LABEL, ownershipLabels } from '../labels';
import type { ContainerFacts, ContainerPart, EnvPart, HealthFacts, ResourceFacts, VolumePart } from '../pod';
import { selectorOf } from '../pod-template';
import type { ScheduleFacts } from '../run';
import { StorageClass, Workload } from '../workload';
import { Tends } from './set-up';
import type { BackupFacts } from './store';

/** A container of a server, or of what tends it; its ports are said elsewhere, and it has a name where it says none. */
type OwnContainer = Omit<ContainerFacts, 'name' | 'ports'> & Partial<Pick<ContainerFacts, 'name'>>;

/** A server in one pod of the cluster, without an operator. */
export interface ServerFacts {
  readonly name: string;
  readonly namespace: string;
  /** Size of its volume as a quantity. */
  readonly storage: string;
  /** Where the volume is mounted. */
  readonly dataPath: string;
  /** User that the image's files belong to. */
  readonly user: number;
  readonly container: OwnContainer & { readonly resources: ResourceFacts };
  readonly ports: readonly PortFacts[];
  /** How its name resolves, which no Service can change later. @defaultValue 'Headless' */
  readonly service?: 'ClusterIP';
  readonly env: readonly EnvPart[];
  /** Directories that it writes to besides its data, and files that it reads. */
  readonly volumes: readonly VolumePart[];
  /** What measures it. */
  readonly beside: readonly ContainerPart[];
}

/** A StatefulSet of one pod, and the name that it is reached by. */
export function runServer(construct: Construct, facts: ServerFacts): void {
  const { name, namespace, ports, env, user, beside, service: type = 'Headless' } = facts;
  const selector = selectorOf(name);
  declare(construct, Served, {
    name,
    namespace,
    selector,
    services: [{ name, type, ports, sourceRanges: [] }],
  });
  declare(construct, Workload, {
    name,
    namespace,
    selector,
    strategy: 'ordered',
    // Two pods without replication would be two stores with different contents.
    scale: { min: 1, max: 1 },
    user,
    shutdown: { drainSeconds: 0, finishSeconds: STOP_SECONDS },
    mountsToken: false,
    env,
    beside,
    claims: [{ name: 'data', size: facts.storage }],
    volumes: [{ name: 'data', mounts: [{ path: facts.dataPath }] }, ...facts.volumes],
    container: { name: 'server', ...facts.container, ports },
  });
}

/** Seconds that a server gets to write down what it holds in memory. */
const STOP_SECONDS = 60;

/** A port that nothing is spoken on which a proxy could read. */
export function tcpPort(name: string, number: number): PortFacts {
  return { name, number, containerPort: number, protocol: 'tcp' };
}

/** What asks a port whether it is open; `failures` times 5 seconds until it is restarted. */
export function portHealth(port: number): HealthFacts {
  const tcpSocket = { port };
  return {
    startup: { tcpSocket, periodSeconds: 5, failureThreshold: 60 },
    readiness: { tcpSocket, periodSeconds: 5 },
    liveness: { tcpSocket, periodSeconds: 10, failureThreshold: 6 },
  };
}

/** A directory that is empty at the start of each pod. */
export function scratch(name: string, path: string, container?: string): VolumePart {
  return { name, source: { emptyDir: {} }, mounts: [{ path, ...(container !== undefined && { container }) }] };
}

/** A pod that tends a server and ends. */
export interface TenderFacts {
  /** Appended to the name of the server: `set-up`. */
  readonly suffix: string;
  /** Whether it makes accounts, and so is told of them. */
  readonly accounts: boolean;
  /** How often it is started again. @defaultValue by the setting `retries` */
  readonly retries?: number;
  /** When it runs. @defaultValue at once, and again whenever what it is told changes */
  readonly schedule?: ScheduleFacts;
  readonly container: OwnContainer;
  readonly env: readonly EnvPart[];
  readonly volumes: readonly VolumePart[];
  /** @defaultValue by the setting `user` */
  readonly user?: number;
}

/** A Job, or a CronJob, that works on a server. */
export function runTender(build: Build, server: Construct, at: ServerName, facts: TenderFacts): IConstruct {
  const id = tenderId(facts.suffix);
  const tender = build.ensure(server, id, (scope) => new Construct(scope, id));
  tend(build, tender, server, at, facts);
  return tender;
}

/** Id of the construct of a tender. No construct of a program is called so. */
export function tenderId(suffix: string): string {
  return `:${suffix}`;
}

/** Makes a construct the tender of a server. */
export function tend(build: Build, tender: Construct, server: Construct, at: ServerName, facts: TenderFacts): void {
  const { suffix, container, env, volumes, schedule, retries, user } = facts;
  const name = `${at.name}-${suffix}`;
  declare(tender, Workload, {
    name,
    namespace: at.namespace,
    selector: selectorOf(name),
    strategy: { fatalExitCodes: [], completions: 1, parallelism: 1, ...given({ schedule, retries }) },
    ...given({ user }),
    mountsToken: false,
    env,
    beside: [],
    claims: [],
    volumes,
    container: { name: suffix, ...container, ports: [] },
  });
  build.relate(Tends, tender, server, { accounts: facts.accounts });
}

/** Where a server is. */
export interface ServerName {
  readonly name: string;
  readonly namespace: string;
}

/** What a shell script needs where only few directories can be written to. */
export const SMALL: ResourceFacts = { requests: { cpu: '50m', memory: '128Mi' }, limits: { memory: '256Mi' } };

/** Requests and limits of a replica: what it is given is its own. */
export function serverResources({ memoryBytes, cpu }: { memoryBytes: number; cpu: string }): ResourceFacts {
  const memory = formatMemory(memoryBytes);
  return { requests: { cpu, memory }, limits: { memory } };
}

/** CPU and memory of an exporter. */
export const EXPORTER_RESOURCES: ResourceFacts = {
  requests: { cpu: '20m', memory: '64Mi' },
  limits: { memory: '128Mi' },
};

/** One backup a time, told in UTC whatever other schedules are told in; the logs of a few say what they are called. */
export function scheduleOf({ schedule }: BackupFacts): ScheduleFacts {
  return { cron: schedule, timeZone: 'Etc/UTC', concurrency: 'Forbid', keptSuccesses: 3, keptFailures: 3 };
}

/** A claim that dumps are kept on. */
export interface DumpClaimFacts extends ServerName {
  /** Size as a quantity. */
  readonly storage: string;
  /** Name of the claim. @defaultValue `<name>-dumps` */
  readonly claim?: string;
}

/** The capability of having dumps. */
export const DumpClaim = capability<DumpClaimFacts>('store.dump-claim');

/** Name of the claim of a server's dumps. */
export function dumpClaimOf({ name }: ServerName): string {
  return `${name}-dumps`;
}

/** Claims for dumps (Kubernetes 1.36, core/v1). They outlive the server. */
export const dumpClaims = derive('store.dump-claims', function* (graph): Iterable<Derived> {
  for (const { construct, facts } of graph.having(DumpClaim)) {
    const storageClassName = graph.setting(StorageClass, construct);
    yield {
      scope: construct,
      // Where volumes are made for their first pod, the claim waits for the first dump.
      hints: { retain: true, skipAwait: true, ...(graph.environment.tier === 'production' && { protect: true }) },
      manifest: {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        metadata: {
          name: facts.claim ?? dumpClaimOf(facts),
          namespace: facts.namespace,
          labels: { [NAME_LABEL]: facts.name, ...ownershipLabels(construct) },
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

/** A back end that is not made for production. */
export interface DevelopmentFacts {
  /** Id of the need, as under `backEnds`: `mongodb`. */
  readonly need: string;
  /** What it lacks: `one pod, no TLS`. */
  readonly lacks: string;
  /** Those that are made for it. */
  readonly others: readonly string[];
}

/** The capability of not being made for production. */
export const ForDevelopment = capability<DevelopmentFacts>('store.for-development');

/** What holds no load and no loss is not for production. */
export const developmentRules = rule('stores.development', function* (graph): Iterable<RuleFinding> {
  const { tier, name } = graph.environment;
  if (tier !== 'production') return;
  for (const { construct, facts } of graph.having(ForDevelopment)) {
    yield {
      at: construct,
      code: 'back-end-for-development',
      message: `It is run by a back end for development: ${facts.lacks}.`,
      field: `backEnds.${facts.need} of ${name}`,
      got: 'in-cluster',
      allowed: `${facts.others.join(' or ')} in production`,
      fix: 'Choose one of these in the environment file, or accept the finding with a reason.',
    };
  }
});
