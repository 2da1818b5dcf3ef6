import type { Construct } from 'constructs';
import { backEnd } from '../../model/back-end';
import type { Environment } from '../../model/environment';
import { prerequisite, type Build, type NeededBy } from '../../model/extension';
import type { Problem } from '../../model/finding';
import type { JsonSchema } from '../../model/json-schema';
import type { ReleasePrerequisite } from '../../model/prerequisite';
import { declare } from '../../model/recorder';
import { NAME_LABEL } from '../labels';
import { OperatedPods } from '../traffic';
import { Connection } from './connection-facts';
import { authorityFiles, textOption } from './external';
import { EXPORTER_RESOURCES, serverResources } from './in-cluster';
import {
  MONGO_ENV,
  MONGO_EXPORTER_IMAGE,
  MONGO_PORT,
  MongoNeed,
  REPLICA_SET,
  declareMongo,
  mongoFields,
  tlsOptions,
  type MongoBackEnd,
  type MongoFacts,
} from './mongo';
import {
  BACKUP_RESOURCES,
  PERCONA_IMAGE,
  PERCONA_VERSION,
  Percona,
  perconaSelector,
  type PerconaOptions,
} from './mongo-percona-cluster';
import {
  BUCKET,
  ControlTraffic,
  backupWithoutBucket,
  bucketOf,
  bucketSecret,
  problemsOfReplicas,
  flows,
  wayTo,
  sumOf,
} from './operated';
import { OwnSecrets } from './own-secrets';
import { waitName } from './set-up';

/** Longest name of a cluster with that of its replica set (pkg/apis/psmdb/v1/psmdb_defaults.go, `clusterNameMaxLen`). */
const LONGEST_NAME = 50;

const OPTIONS: JsonSchema = {
  type: 'object',
  properties: {
    operatorNamespace: { type: 'string', description: 'Namespace of the operator; psmdb-operator where left out.' },
    image: { type: 'string', description: 'Image of Percona Server for MongoDB.' },
    exporterImage: { type: 'string', description: 'Image of the exporter of metrics.' },
    replicas: { type: 'integer', minimum: 1, maximum: 49, description: 'Replicas where the program says none.' },
    backups: BUCKET,
  },
  additionalProperties: false,
};

/** Percona Operator for MongoDB: a replica set with TLS, backups and accounts. */
export const perconaMongo = backEnd(MongoNeed, 'percona', OPTIONS, (options): MongoBackEnd => {
  const read: PerconaOptions = {
    namespace: textOption(options, 'operatorNamespace', 'psmdb-operator'),
    image: textOption(options, 'image', PERCONA_IMAGE),
    exporterImage: textOption(options, 'exporterImage', MONGO_EXPORTER_IMAGE),
    replicas: options['replicas'] as number | undefined,
    bucket: bucketOf(options['backups']),
  };
  return {
    realize: (construct, facts, build) => operate(construct, facts, build, read),
    problems: (facts, environment) => problemsOf(facts, environment, read),
  };
});

/** One in development, three elsewhere: fewer cannot lose one and still have a majority. */
function replicasOf({ replicas }: MongoFacts, options: PerconaOptions, { tier }: Environment): number {
  return replicas ?? options.replicas ?? (tier === 'development' ? 1 : 3);
}

function problemsOf(facts: MongoFacts, environment: Environment, options: PerconaOptions): readonly Problem[] {
  const problems = [...problemsOfReplicas(replicasOf(facts, options, environment), environment.tier, 'odd')];
  if (facts.backup !== undefined && options.bucket === undefined) {
    problems.push(backupWithoutBucket(`backEnds.${MongoNeed.id}.options.backups of ${environment.name}`));
  }
  const length = `${facts.name}-${REPLICA_SET}`.length;
  if (length > LONGEST_NAME) {
    problems.push({
      code: 'name-too-long',
      message: 'The operator refuses names of this length.',
      field: 'id',
      got: `${facts.name.length} characters`,
      allowed: `at most ${LONGEST_NAME - REPLICA_SET.length - 1}`,
      fix: 'Choose a shorter name.',
    });
  }
  return problems;
}

function operate(construct: Construct, facts: MongoFacts, build: Build, options: PerconaOptions): void {
  const { name, namespace, database } = facts;
  const replicas = replicasOf(facts, options, build.environment);
  const domain = `${name}-${REPLICA_SET}.${namespace}.svc.${build.environment.clusterDomain}`;
  const member = (index: number): string => `${name}-${REPLICA_SET}-${index}.${domain}`;
  const others = Array.from({ length: replicas - 1 }, (_, index) => member(index + 1));
  // The operator writes it, by itself or through cert-manager.
  const authority = { secret: `${name}-ssl`, key: 'ca.crt' };
  declareMongo(construct, facts, options.image);
  declare(construct, Percona, { options, replicas });
  declare(construct, Connection, {
    fields: mongoFields({
      hosts: [member(0), ...others],
      port: MONGO_PORT,
      database,
      options: { replicaSet: REPLICA_SET, ...tlsOptions(facts, authority) },
    }),
    env: MONGO_ENV,
    reach: { pods: { namespace, labels: perconaSelector(name) } },
    ports: [MONGO_PORT],
    authority,
    files: authorityFiles(facts.name, authority, waitName(facts)),
  });
  declare(construct, OperatedPods, {
    name,
    namespace,
    selector: perconaSelector(name),
    pods: replicas,
    resources: sumOf(
      serverResources(facts),
      EXPORTER_RESOURCES,
      ...(facts.backup === undefined ? [] : [BACKUP_RESOURCES]),
    ),
  });
  if (facts.backup !== undefined && options.bucket !== undefined) {
    declare(construct, OwnSecrets, { namespace, secrets: [bucketSecret(options.bucket)] });
  }
  const operator = { pods: { namespace: options.namespace, labels: { [NAME_LABEL]: 'psmdb-operator' } } };
  declare(construct, ControlTraffic, {
    from: flows(operator, MONGO_PORT),
    peerPorts: [MONGO_PORT],
    ...(facts.backup !== undefined && options.bucket !== undefined && { to: [wayTo(options.bucket)] }),
  });
}

/** The operator. */
export const perconaPrerequisites = prerequisite('mongodb.percona', function* (graph): Iterable<NeededBy> {
  for (const { construct, facts } of graph.having(Percona))
    yield { at: construct, needs: release(facts.options.namespace) };
});

function release(namespace: string): ReleasePrerequisite {
  return {
    type: 'release',
    name: 'psmdb-operator',
    namespace,
    chart: {
      repository: 'https://percona.github.io/percona-helm-charts',
      name: 'psmdb-operator',
      version: PERCONA_VERSION,
    },
    version: PERCONA_VERSION,
    groups: ['psmdb.percona.com'],
    values: { watchAllNamespaces: true, disableTelemetry: true },
  };
}
