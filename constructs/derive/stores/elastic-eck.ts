import type { Construct } from 'constructs';
import { backEnd } from '../../model/back-end';
import type { Environment } from '../../model/environment';
import { prerequisite, type Build, type NeededBy } from '../../model/extension';
import type { Problem } from '../../model/finding';
import type { ReleasePrerequisite } from '../../model/prerequisite';
import { declare } from '../../model/recorder';
import { NAME_LABEL } from '../labels';
import { OperatedPods } from '../traffic';
import {
  ELASTIC_EXPORTER_IMAGE,
  ELASTIC_IMAGE,
  ELASTIC_PORT,
  ElasticNeed,
  declareElastic,
  type ElasticAddress,
  type ElasticBackEnd,
  type ElasticFacts,
} from './elastic';
import { ECK_VERSION, Eck, eckSelector, type EckOptions } from './elastic-eck-cluster';
import { setUpElastic } from './elastic-set-up';
import { textOption } from './external';
import { EXPORTER_RESOURCES, serverResources } from './in-cluster';
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
import { OwnSecrets, exporterSecretOf, fromSecret, madeAccount } from './own-secrets';

/** Port by which nodes talk to one another (Elasticsearch 9.4, `transport.port`). */
const TRANSPORT_PORT = 9300;

/** Elastic Cloud on Kubernetes: nodes over zones with TLS and snapshots. */
export const eckElastic = backEnd(
  ElasticNeed,
  'eck',
  {
    type: 'object',
    properties: {
      operatorNamespace: { type: 'string', description: 'Namespace of the operator; elastic-system where left out.' },
      image: { type: 'string', description: 'Image of Elasticsearch, of the version that Ashlar writes.' },
      exporterImage: { type: 'string', description: 'Image of the exporter of metrics.' },
      replicas: { type: 'integer', minimum: 1, maximum: 49, description: 'Nodes where the program says none.' },
      backups: BUCKET,
    },
    additionalProperties: false,
  },
  (options): ElasticBackEnd => {
    const read: EckOptions = {
      namespace: textOption(options, 'operatorNamespace', 'elastic-system'),
      image: textOption(options, 'image', ELASTIC_IMAGE),
      exporterImage: textOption(options, 'exporterImage', ELASTIC_EXPORTER_IMAGE),
      replicas: options['replicas'] as number | undefined,
      bucket: bucketOf(options['backups']),
    };
    return {
      address: (_, facts) => addressOf(facts, read),
      realize: (construct, facts, build) => operate(construct, facts, build, read),
      problems: (facts, environment) => problemsOf(facts, environment, read),
    };
  },
);

/** The names that the operator gives, and the certificate that it writes (pkg/controller/elasticsearch). */
function addressOf({ name, namespace }: Readonly<ElasticFacts>, { image }: EckOptions): ElasticAddress {
  return {
    host: `${name}-es-http.${namespace}.svc`,
    port: ELASTIC_PORT,
    reach: { pods: { namespace, labels: eckSelector(name) } },
    tls: true,
    authority: { secret: `${name}-es-http-certs-public`, key: 'ca.crt' },
    image,
  };
}

/** One in development, three elsewhere: fewer cannot lose one and still have a majority. */
function replicasOf({ replicas }: ElasticFacts, options: EckOptions, { tier }: Environment): number {
  return replicas ?? options.replicas ?? (tier === 'development' ? 1 : 3);
}

function problemsOf(facts: ElasticFacts, environment: Environment, options: EckOptions): readonly Problem[] {
  const replicas = replicasOf(facts, options, environment);
  const problems = problemsOfReplicas(replicas, environment.tier, 'majority');
  if (facts.backup === undefined || options.bucket !== undefined) return problems;
  return [...problems, backupWithoutBucket(`backEnds.${ElasticNeed.id}.options.backups of ${environment.name}`)];
}

function operate(construct: Construct, facts: Readonly<ElasticFacts>, build: Build, options: EckOptions): void {
  const { name, namespace, backup } = facts;
  const bucket = backup === undefined ? undefined : options.bucket;
  const replicas = replicasOf(facts, options, build.environment);
  const address = addressOf(facts, options);
  declareElastic(construct, facts, address);
  declare(construct, Eck, { options, replicas });
  declare(construct, OwnSecrets, {
    namespace,
    secrets: [
      madeAccount(namespace, exporterSecretOf(name), 'exporter'),
      ...(bucket === undefined ? [] : [bucketSecret(bucket)]),
    ],
  });
  declare(construct, OperatedPods, {
    name,
    namespace,
    selector: eckSelector(name),
    pods: replicas,
    resources: sumOf(serverResources(facts), EXPORTER_RESOURCES),
  });
  const operator = { pods: { namespace: options.namespace, labels: { [NAME_LABEL]: 'elastic-operator' } } };
  declare(construct, ControlTraffic, {
    from: flows(operator, ELASTIC_PORT),
    peerPorts: [TRANSPORT_PORT],
    ...(bucket !== undefined && { to: [wayTo(bucket)] }),
  });
  setUpElastic(build, construct, facts, {
    image: options.image,
    server: `https://${address.host}:${ELASTIC_PORT}`,
    // The operator makes this account with the cluster.
    admin: [
      { name: 'ADMIN_USER', value: 'elastic' },
      fromSecret('ADMIN_PASSWORD', `${name}-es-elastic-user`, 'elastic'),
    ],
    exporter: true,
    ...(address.authority !== undefined && { authority: address.authority }),
    ...(bucket !== undefined && {
      repository: {
        type: 's3',
        settings: { bucket: bucket.bucket, client: 'default', base_path: `${bucket.prefix ?? ''}${name}` },
      },
    }),
  });
}

/** The operator. */
export const eckPrerequisites = prerequisite('elasticsearch.eck', function* (graph): Iterable<NeededBy> {
  for (const { construct, facts } of graph.having(Eck)) {
    yield { at: construct, needs: release(facts.options.namespace) };
  }
});

function release(namespace: string): ReleasePrerequisite {
  return {
    type: 'release',
    name: 'elastic-operator',
    namespace,
    chart: { repository: 'https://helm.elastic.co', name: 'eck-operator', version: ECK_VERSION },
    version: ECK_VERSION,
    groups: ['elasticsearch.k8s.elastic.co'],
    values: { telemetry: { disabled: true } },
  };
}
