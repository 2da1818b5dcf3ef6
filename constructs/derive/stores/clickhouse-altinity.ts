import { Construct } from 'constructs';
import { backEnd } from '../../model/back-end';
import type { Environment } from '../../model/environment';
import { prerequisite, type Build, type NeededBy } from '../../model/extension';
import type { Problem } from '../../model/finding';
import type { JsonSchema } from '../../model/json-schema';
import type { ReleasePrerequisite } from '../../model/prerequisite';
import { declare } from '../../model/recorder';
import { NAME_LABEL } from '../labels';
import type { Reach } from '../endpoint';
import { OperatedPods } from '../traffic';
import {
  CLICKHOUSE_ADMIN,
  CLICKHOUSE_IMAGE,
  ClickHouseNeed,
  PLAIN,
  SECURE,
  declareClickHouse,
  type ClickHouseAddress,
  type ClickHouseBackEnd,
  type ClickHouseFacts,
} from './clickhouse';
import {
  ALTINITY_VERSION,
  Altinity,
  CLUSTER,
  KEEPER_IMAGE,
  KEEPER_PORT,
  KEEPER_RESOURCES,
  certificateOf,
  keeperName,
  keeperSelector,
  serverSelector,
  type AltinityOptions,
} from './clickhouse-altinity-cluster';
import { tendClickHouse } from './clickhouse-jobs';
import { textOption } from './external';
import { serverResources } from './in-cluster';
import {
  BUCKET,
  ControlTraffic,
  backupWithoutBucket,
  bucketOf,
  bucketSecret,
  flows,
  problemsOfReplicas,
  wayTo,
} from './operated';
import { OwnSecrets, adminSecretOf, madeAccount } from './own-secrets';

const OPTIONS: JsonSchema = {
  type: 'object',
  properties: {
    operatorNamespace: {
      type: 'string',
      description: 'Namespace of the operator; clickhouse-operator where left out.',
    },
    image: { type: 'string', description: 'Image of ClickHouse, with its client.' },
    keeperImage: { type: 'string', description: 'Image of ClickHouse Keeper.' },
    replicas: { type: 'integer', minimum: 1, maximum: 49, description: 'Replicas where the program says none.' },
    issuer: {
      type: 'object',
      description: 'The issuer of cert-manager that signs for servers; without one nothing is encrypted.',
      properties: {
        name: { type: 'string' },
        kind: { type: 'string', enum: ['Issuer', 'ClusterIssuer'] },
      },
      required: ['name', 'kind'],
      additionalProperties: false,
    },
    backups: BUCKET,
  },
  additionalProperties: false,
};

/** Altinity's operator: replicas over zones, with ClickHouse Keeper. */
export const altinityClickHouse = backEnd(ClickHouseNeed, 'altinity', OPTIONS, (options): ClickHouseBackEnd => {
  const read: AltinityOptions = {
    namespace: textOption(options, 'operatorNamespace', 'clickhouse-operator'),
    image: textOption(options, 'image', CLICKHOUSE_IMAGE),
    keeperImage: textOption(options, 'keeperImage', KEEPER_IMAGE),
    replicas: options['replicas'] as number | undefined,
    issuer: options['issuer'] as AltinityOptions['issuer'],
    bucket: bucketOf(options['backups']),
  };
  return {
    realize: (construct, facts, build) => operate(construct, facts, build, read),
    problems: (facts, environment) => problemsOf(facts, environment, read),
  };
});

/** One in development, two elsewhere. Keeper keeps the majority, so replicas need none. */
function replicasOf({ replicas }: ClickHouseFacts, options: AltinityOptions, { tier }: Environment): number {
  return replicas ?? options.replicas ?? (tier === 'development' ? 1 : 2);
}

function problemsOf(facts: ClickHouseFacts, environment: Environment, options: AltinityOptions): readonly Problem[] {
  const { tier, name } = environment;
  const field = `backEnds.${ClickHouseNeed.id}.options`;
  const problems = [...problemsOfReplicas(replicasOf(facts, options, environment), tier, 'none')];
  if (facts.backup !== undefined && options.bucket === undefined) {
    problems.push(backupWithoutBucket(`${field}.backups of ${name}`));
  }
  if (tier === 'production' && options.issuer === undefined) {
    problems.push({
      code: 'no-tls',
      message: 'Passwords and data cross the network as they are: this operator makes no certificates.',
      field: `${field}.issuer of ${name}`,
      got: 'none',
      allowed: 'an issuer of cert-manager in production',
      fix: 'Name it: issuer: { name: internal, kind: ClusterIssuer }; or accept the finding with a reason.',
    });
  }
  return problems;
}

function addressOf({ name, namespace }: ClickHouseFacts, { issuer }: AltinityOptions): ClickHouseAddress {
  const reach = { pods: { namespace, labels: serverSelector(name) } };
  const host = `clickhouse-${name}.${namespace}.svc`;
  if (issuer === undefined) return { host, ...PLAIN, reach, tls: false };
  return { host, ...SECURE, reach, tls: true, authority: { secret: certificateOf(name), key: 'ca.crt' } };
}

function operate(construct: Construct, facts: Readonly<ClickHouseFacts>, build: Build, options: AltinityOptions): void {
  const { name, namespace, database, backup } = facts;
  const replicas = replicasOf(facts, options, build.environment);
  const bucket = backup === undefined ? undefined : options.bucket;
  const address = addressOf(facts, options);
  declareClickHouse(construct, facts, address, options.image);
  declare(construct, Altinity, { options, replicas });
  declare(construct, OwnSecrets, {
    namespace,
    secrets: [
      madeAccount(namespace, adminSecretOf(name), CLICKHOUSE_ADMIN),
      ...(bucket === undefined ? [] : [bucketSecret(bucket)]),
    ],
  });
  declare(construct, OperatedPods, {
    name,
    namespace,
    selector: serverSelector(name),
    pods: replicas,
    resources: serverResources(facts),
  });
  const keeper = { peer: { pods: { namespace, labels: keeperSelector(name) } }, port: KEEPER_PORT };
  const store = bucket === undefined ? [] : [wayTo(bucket)];
  const labels = { [NAME_LABEL]: 'altinity-clickhouse-operator' };
  const operator: Reach = { pods: { namespace: options.namespace, labels } };
  declare(construct, ControlTraffic, {
    from: flows(operator, PLAIN.http, ...(options.issuer === undefined ? [] : [SECURE.http])),
    peerPorts: [PLAIN.native, INTERSERVER_PORT],
    to: [...(replicas > 1 ? [keeper] : []), ...store],
  });
  tendClickHouse(build, construct, facts, {
    address,
    image: options.image,
    ...(replicas > 1 && { cluster: { name: CLUSTER, engine: engineOf(database) } }),
    target: `Disk('backups', '%s')`,
  });
  if (replicas > 1) runKeeper(construct, facts, build, { servers: address.reach, operator });
}

/** Port by which replicas fetch parts from one another (ClickHouse 25.8, `interserver_http_port`). */
const INTERSERVER_PORT = 9009;

/** Statements that make and change tables reach all replicas (ClickHouse 25.8, "Replicated" database engine). */
function engineOf(database: string): string {
  return `ENGINE = Replicated('/clickhouse/databases/${database}', '{shard}', '{replica}')`;
}

/** Ports between the members of Keeper, and by which the operator asks them. */
const RAFT_PORT = 9444;

interface KeeperPeers {
  readonly servers: Reach;
  readonly operator: Reach;
}

/** The pods of Keeper have a policy of their own: only the servers, the operator and they themselves reach them. */
function runKeeper(server: Construct, facts: ClickHouseFacts, build: Build, { servers, operator }: KeeperPeers): void {
  const keeper = build.ensure(server, 'keeper', (scope) => new Construct(scope, 'keeper'));
  declare(keeper, OperatedPods, {
    name: keeperName(facts.name),
    namespace: facts.namespace,
    selector: keeperSelector(facts.name),
    pods: 3,
    resources: KEEPER_RESOURCES,
  });
  declare(keeper, ControlTraffic, {
    peerPorts: [RAFT_PORT],
    from: [operator, servers].flatMap((peer) => flows(peer, KEEPER_PORT)),
  });
}

/** The operator. */
export const altinityPrerequisites = prerequisite('clickhouse.altinity', function* (graph): Iterable<NeededBy> {
  for (const { construct, facts } of graph.having(Altinity)) {
    yield { at: construct, needs: release(facts.options.namespace) };
  }
});

function release(namespace: string): ReleasePrerequisite {
  return {
    type: 'release',
    name: 'clickhouse-operator',
    namespace,
    chart: {
      repository: 'https://helm.altinity.com',
      name: 'altinity-clickhouse-operator',
      version: ALTINITY_VERSION,
    },
    version: ALTINITY_VERSION,
    groups: ['clickhouse.altinity.com', 'clickhouse-keeper.altinity.com'],
    // Where nothing is named, it watches its own namespace only.
    values: { configs: { files: { 'config.yaml': { watch: { namespaces: ['.*'] } } } } },
  };
}
