import { groupOf, type KubeObject } from '../constructs/model/kube-object';

/**
 * What operators say of a resource that is ready, as `kubectl wait --for` writes it, by group and kind. From the status
 * fields of their API types: cert-manager 1.21, CloudNativePG 1.27, Strimzi 0.45, External Secrets 1.3, KEDA 2.21,
 * Argo Rollouts 1.10, ECK 3.5, Gateway API 1.6, Altinity's operator 0.25, Percona's operator for MongoDB 1.22.
 */
const CONDITIONS: Readonly<Record<string, string>> = {
  'argoproj.io/Rollout': 'jsonpath={.status.phase}=Healthy',
  'cert-manager.io/Certificate': 'condition=Ready',
  'cert-manager.io/ClusterIssuer': 'condition=Ready',
  'cert-manager.io/Issuer': 'condition=Ready',
  'clickhouse.altinity.com/ClickHouseInstallation': 'jsonpath={.status.status}=Completed',
  'elasticsearch.k8s.elastic.co/Elasticsearch': 'jsonpath={.status.phase}=Ready',
  'external-secrets.io/ClusterSecretStore': 'condition=Ready',
  'external-secrets.io/ExternalSecret': 'condition=Ready',
  'external-secrets.io/SecretStore': 'condition=Ready',
  'gateway.networking.k8s.io/Gateway': 'condition=Programmed',
  'kafka.strimzi.io/Kafka': 'condition=Ready',
  'kafka.strimzi.io/KafkaTopic': 'condition=Ready',
  'kafka.strimzi.io/KafkaUser': 'condition=Ready',
  'keda.sh/ScaledObject': 'condition=Ready',
  'postgresql.cnpg.io/Cluster': 'condition=Ready',
  'psmdb.percona.com/PerconaServerMongoDB': 'jsonpath={.status.state}=ready',
};

/** What is waited for before a custom resource counts as ready; undefined for kinds that nobody waits for. */
export function conditionOf({ apiVersion, kind }: KubeObject): string | undefined {
  return CONDITIONS[`${groupOf(apiVersion)}/${kind}`];
}
