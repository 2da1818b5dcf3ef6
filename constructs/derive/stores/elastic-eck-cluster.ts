import type { IConstruct } from 'constructs';
import { capability } from '../../model/capability';
import { derive, type Derived } from '../../model/extension';
import type { Graph } from '../../model/graph';
import { imageOf } from '../image';
import { NAME_LABEL, ownershipLabels } from '../labels';
import { Spread } from '../scaling';
import { StorageClass } from '../workload';
import { ELASTIC_PORT, ELASTIC_VERSION, Elastic, javaOptions, type ElasticFacts } from './elastic';
import { EXPORTER_RESOURCES, serverResources } from './in-cluster';
import { RESTRICTED_CONTAINER, restrictedPod, zoneSpread, type Bucket } from './operated';
import { exporterSecretOf, fromSecret } from './own-secrets';

/** Version of the operator. Definitions and behaviour are those of its release. */
export const ECK_VERSION = '3.5.0';

/** User of Elasticsearch's image. */
const ELASTIC_USER = 1000;

/** What an environment says of the operator. */
export interface EckOptions {
  /** Namespace of the operator. */
  readonly namespace: string;
  readonly image: string;
  readonly exporterImage: string;
  /** Nodes where the program says none. */
  readonly replicas: number | undefined;
  /** Where snapshots go. */
  readonly bucket: Bucket | undefined;
}

/** What the operator is told of an Elasticsearch. */
export interface EckFacts {
  readonly options: EckOptions;
  readonly replicas: number;
}

/** The capability of being run by ECK. */
export const Eck = capability<EckFacts>('elasticsearch.eck');

/** Labels that the operator puts on the pods of a cluster (pkg/controller/elasticsearch/label). */
export function eckSelector(name: string): Readonly<Record<string, string>> {
  return { 'common.k8s.elastic.co/type': 'elasticsearch', 'elasticsearch.k8s.elastic.co/cluster-name': name };
}

const ZONE = 'topology.kubernetes.io/zone';

/** Clusters (elasticsearch.k8s.elastic.co/v1, ECK 3.5.0). */
export const eckClusters = derive('elasticsearch.eck', function* (graph): Iterable<Derived> {
  for (const { construct, facts } of graph.having(Eck)) {
    const elastic = graph.facts(construct, Elastic);
    if (elastic === undefined) continue;
    yield {
      scope: construct,
      ...(graph.environment.tier === 'production' && { hints: { protect: true, retain: true } }),
      manifest: {
        apiVersion: 'elasticsearch.k8s.elastic.co/v1',
        kind: 'Elasticsearch',
        metadata: {
          name: elastic.name,
          namespace: elastic.namespace,
          labels: { [NAME_LABEL]: elastic.name, ...ownershipLabels(construct) },
          // The operator copies this label of the node to the pod, so that copies of a shard part by zone.
          annotations: { 'eck.k8s.elastic.co/downward-node-labels': ZONE },
        },
        spec: {
          version: ELASTIC_VERSION,
          // Claims outlive the cluster; those of nodes that are taken away go with their node, once it is empty.
          volumeClaimDeletePolicy: 'DeleteOnScaledownOnly',
          updateStrategy: { changeBudget: { maxSurge: 0, maxUnavailable: 1 } },
          ...renderSecureSettings(elastic, facts.options),
          nodeSets: [renderNodes(graph, construct, elastic, facts)],
        },
      },
    };
  }
});

/** The keys of the bucket, which Elasticsearch takes from its key store only. */
function renderSecureSettings({ backup }: ElasticFacts, { bucket }: EckOptions): object {
  if (backup === undefined || bucket === undefined) return {};
  const entries = [
    { key: 'AWS_ACCESS_KEY_ID', path: 's3.client.default.access_key' },
    { key: 'AWS_SECRET_ACCESS_KEY', path: 's3.client.default.secret_key' },
  ];
  return { secureSettings: [{ secretName: bucket.secret, entries }] };
}

function renderNodes(
  graph: Graph,
  construct: IConstruct,
  elastic: ElasticFacts,
  { options, replicas }: EckFacts,
): object {
  const storageClassName = graph.setting(StorageClass, construct);
  const strict = graph.setting(Spread, construct) === 'required';
  const { bucket } = options;
  return {
    name: 'default',
    count: replicas,
    config: {
      // Mapping files into memory wants a setting of the node that only privileged pods can change.
      'node.store.allow_mmap': false,
      'node.attr.zone': '${ZONE}',
      'cluster.routing.allocation.awareness.attributes': 'k8s_node_name,zone',
      ...(bucket?.region !== undefined && { 's3.client.default.region': bucket.region }),
      ...(bucket?.endpoint !== undefined && { 's3.client.default.endpoint': bucket.endpoint }),
    },
    podTemplate: {
      metadata: { labels: ownershipLabels(construct) },
      spec: {
        automountServiceAccountToken: false,
        securityContext: restrictedPod(ELASTIC_USER),
        topologySpreadConstraints: zoneSpread(eckSelector(elastic.name), strict),
        containers: [
          {
            name: 'elasticsearch',
            image: imageOf(graph, options.image),
            env: [
              { name: 'ES_JAVA_OPTS', value: javaOptions(elastic) },
              { name: 'ZONE', valueFrom: { fieldRef: { fieldPath: `metadata.annotations['${ZONE}']` } } },
            ],
            resources: serverResources(elastic),
          },
        ],
        initContainers: [renderExporter(graph, elastic, options)],
        volumes: [
          {
            name: 'exporter-ca',
            secret: { secretName: `${elastic.name}-es-http-certs-public`, items: [{ key: 'ca.crt', path: 'ca.crt' }] },
          },
        ],
      },
    },
    volumeClaimTemplates: [
      {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        metadata: { name: 'elasticsearch-data' },
        spec: {
          accessModes: ['ReadWriteOnce'],
          ...(storageClassName !== '' && { storageClassName }),
          resources: { requests: { storage: elastic.storage } },
        },
      },
    ],
  };
}

/** A native sidecar. It asks the whole cluster by its address, since that is what the certificate is for. */
function renderExporter(graph: Graph, { name, namespace }: ElasticFacts, { exporterImage }: EckOptions): object {
  return {
    name: 'exporter',
    restartPolicy: 'Always',
    image: imageOf(graph, exporterImage),
    args: [`--es.uri=https://${name}-es-http.${namespace}.svc:${ELASTIC_PORT}`, '--es.ca=/etc/exporter/ca.crt'],
    env: [
      fromSecret('ES_USERNAME', exporterSecretOf(name), 'username'),
      fromSecret('ES_PASSWORD', exporterSecretOf(name), 'password'),
    ],
    ports: [{ name: 'metrics', containerPort: 9114 }],
    resources: EXPORTER_RESOURCES,
    securityContext: { ...RESTRICTED_CONTAINER, readOnlyRootFilesystem: true },
    volumeMounts: [{ name: 'exporter-ca', mountPath: '/etc/exporter', readOnly: true }],
  };
}
