import { disruptionBudgets, scalers } from './derive/availability';
import { callParts } from './derive/calls';
import { configMaps, configParts, configRules } from './derive/config';
import { contexts } from './derive/context';
import { services } from './derive/endpoint';
import { exposureParts } from './derive/exposure';
import { accessParts, accessRoles } from './derive/kubernetes-access';
import { Readiness, Resources, ShutdownSetting, User } from './derive/pod';
import { inClusterRedis, realizeRedis } from './derive/redis';
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
import { developmentRules, dumpClaims } from './derive/stores/in-cluster';
import { ELASTIC_PIECES } from './derive/stores/elastic-pieces';
import { MONGO_PIECES } from './derive/stores/mongo-pieces';
import { controlParts } from './derive/stores/operated';
import { ownSecretKeys } from './derive/stores/own-secrets';
import { connectionRules, durabilityRules, ownershipRules } from './derive/stores/rules';
import { setUpParts } from './derive/stores/set-up';
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
  ownSecretKeys,
  ...setUpParts,
  ...controlParts,
  dumpClaims,
  ...MONGO_PIECES,
  ...ELASTIC_PIECES,
  realizeRedis,
  inClusterRedis,
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
  developmentRules,
  connectionRules,
  secretRules,
  secretReadingRules,
  readOptionRules,
  layerRules,
  adoptedRules,
];
