import { disruptionBudgets, scalers } from './derive/availability';
import { callParts } from './derive/calls';
import { configMaps, configParts, configRules } from './derive/config';
import { contexts } from './derive/context';
import { services } from './derive/endpoint';
import { exposureParts } from './derive/exposure';
import { gatewayPieces } from './derive/gateway/pieces';
import { accessParts, accessRoles } from './derive/kubernetes-access';
import { meshPieces } from './derive/mesh/pieces';
import { Readiness, Resources, ShutdownSetting, User } from './derive/pod';
import { inClusterRedis, realizeRedis } from './derive/redis';
import { MostTries } from './derive/resilience/graph-rules';
import { routeParts } from './derive/resilience/routes';
import { resilienceRules } from './derive/resilience/rules';
import { adoptedRules, layerRules, memoryRules, portRules, productionRules, scaleRules } from './derive/rules';
import { KeptRevisions, Replicas, Spread, Surge } from './derive/scaling';
import { existingSecrets, generatedSecrets } from './derive/secret-back-ends';
import { secretObjects, secretPrerequisites } from './derive/secrets';
import { CredentialGeneration, accountSecrets } from './derive/stores/accounts';
import { connectionParts } from './derive/stores/connection';
import { connectionRules, durabilityRules, ownershipRules } from './derive/stores/rules';
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
  generatedSecrets,
  existingSecrets,
  accountSecrets,
  ...connectionParts,
  ...meshPieces,
  ...gatewayPieces,
  ...routeParts,
  ...resilienceRules,
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
  knownSetting(MostTries),
  portRules,
  productionRules,
  scaleRules,
  memoryRules,
  configRules,
  ownershipRules,
  durabilityRules,
  connectionRules,
  layerRules,
  adoptedRules,
];
