import { disruptionBudgets, scalers } from './derive/availability';
import { callParts } from './derive/calls';
import { configMaps, configParts, configRules } from './derive/config';
import { contexts } from './derive/context';
import { services } from './derive/endpoint';
import { exposureParts } from './derive/exposure';
import { accessParts, accessRoles } from './derive/kubernetes-access';
import { Readiness, Resources, ShutdownSetting, User } from './derive/pod';
import { adoptedRules, layerRules, memoryRules, portRules, productionRules, scaleRules } from './derive/rules';
import { Deadline, Retries, Suspended, TimeZone } from './derive/run';
import { runRules } from './derive/runs';
import { KeptRevisions, Replicas, Spread, Surge } from './derive/scaling';
import { externalSecrets } from './derive/external-secrets';
import { sealedSecrets } from './derive/sealed-secrets';
import { existingSecrets, generatedSecrets } from './derive/secret-back-ends';
import {
  existingSecretPrerequisites,
  readOptionRules,
  secretKeys,
  secretParts,
  secretReadingRules,
} from './derive/secret';
import { secretObjects, secretPrerequisites, secretRules } from './derive/secrets';
import { CredentialGeneration, accountSecrets } from './derive/stores/accounts';
import { connectionParts } from './derive/stores/connection';
import { secretChecksums, secretValues } from './derive/secret-values';
import { cacheRules } from './derive/stores/caches';
import { redisBackupParts, redisBackupVolumes } from './derive/stores/redis-backup';
import { redisExporterParts } from './derive/stores/redis-exporter';
import { externalRedis, realizeRedis } from './derive/stores/redis-external';
import { inClusterRedis } from './derive/stores/redis-in-cluster';
import { redisAccountParts, redisControlSecrets } from './derive/stores/redis-logins';
import { operatedRedis, redisOperatorPrerequisites } from './derive/stores/redis-operator';
import { redisReplications } from './derive/stores/redis-replication-objects';
import { redisReplicationTraffic } from './derive/stores/redis-replication-traffic';
import { redisMemoryRules } from './derive/stores/redis-rules';
import { connectionRules, credentialRules, durabilityRules, ownershipRules } from './derive/stores/rules';
import { accessJobParts, accessScripts, realizeAccess } from './derive/stores/postgres/access';
import { cloudNativePg } from './derive/stores/postgres/cloudnative-pg';
import { cnpgPrerequisites, cnpgSecrets, cnpgTraffic } from './derive/stores/postgres/cnpg-around';
import { cnpgObjects } from './derive/stores/postgres/cnpg-objects';
import { dumpClaims, realizeDumps } from './derive/stores/postgres/dumps';
import { externalPostgres } from './derive/stores/postgres/external';
import { inClusterPostgres } from './derive/stores/postgres/in-cluster';
import { metricsTraffic } from './derive/stores/postgres/metrics';
import { migrationParts } from './derive/stores/postgres/migrations';
import { realizePostgres } from './derive/stores/postgres/realize';
import { realizeRestores, restoreRules } from './derive/stores/postgres/restore';
import { postgresBackEndRules, postgresNameRules, postgresProductionRules } from './derive/stores/postgres/rules';
import { StoreWait, waitParts } from './derive/stores/postgres/wait';
import { teamObjects } from './derive/team-objects';
import { networkPolicies } from './derive/traffic';
import { StorageClass, ownParts } from './derive/workload';
import { serviceAccounts, workloads } from './derive/workloads';
import { knownSetting, type Piece } from './model/extension';

/** Everything that Ashlar derives by itself. A new pattern adds its line here; the order changes nothing. */
export const PIECES: readonly Piece[] = [
  contexts,
  workloads,
  serviceAccounts,
  services,
  networkPolicies,
  scalers,
  disruptionBudgets,
  configMaps,
  secretValues,
  secretChecksums,
  accessRoles,
  teamObjects,
  ...ownParts,
  ...callParts,
  ...exposureParts,
  ...configParts,
  ...accessParts,
  secretObjects,
  secretPrerequisites,
  existingSecretPrerequisites,
  secretKeys,
  ...secretParts,
  generatedSecrets,
  existingSecrets,
  externalSecrets,
  sealedSecrets,
  accountSecrets,
  ...connectionParts,
  ...realizePostgres,
  realizeAccess,
  ...accessJobParts,
  accessScripts,
  ...waitParts,
  ...migrationParts,
  realizeDumps,
  realizeRestores,
  restoreRules,
  dumpClaims,
  metricsTraffic,
  inClusterPostgres,
  externalPostgres,
  cloudNativePg,
  cnpgObjects,
  ...cnpgTraffic,
  cnpgSecrets,
  cnpgPrerequisites,
  realizeRedis,
  inClusterRedis,
  externalRedis,
  operatedRedis,
  redisOperatorPrerequisites,
  redisReplications,
  ...redisReplicationTraffic,
  redisAccountParts,
  redisControlSecrets,
  ...redisExporterParts,
  redisBackupVolumes,
  ...redisBackupParts,
  knownSetting(Replicas),
  knownSetting(Spread),
  knownSetting(Resources),
  knownSetting(User),
  knownSetting(ShutdownSetting),
  knownSetting(Readiness),
  knownSetting(Surge),
  knownSetting(KeptRevisions),
  knownSetting(CredentialGeneration),
  knownSetting(StorageClass),
  knownSetting(StoreWait),
  knownSetting(Deadline),
  knownSetting(Retries),
  knownSetting(TimeZone),
  knownSetting(Suspended),
  portRules,
  productionRules,
  scaleRules,
  runRules,
  memoryRules,
  configRules,
  ownershipRules,
  durabilityRules,
  connectionRules,
  cacheRules,
  redisMemoryRules,
  credentialRules,
  secretRules,
  secretReadingRules,
  readOptionRules,
  postgresNameRules,
  postgresProductionRules,
  postgresBackEndRules,
  layerRules,
  adoptedRules,
];
