import { aggregatorEnv, aggregatorRules } from './derive/aggregator';
import { disruptionBudgets, scalers } from './derive/availability';
import { callParts } from './derive/calls';
import { configMaps, configParts } from './derive/config/parts';
import { ReloaderImage, reloadParts } from './derive/config/reload';
import { configRules } from './derive/config/rules';
import { contexts } from './derive/context';
import { services } from './derive/services';
import { exposureParts } from './derive/exposure';
import { frontendRules } from './derive/frontend';
import { gatewayPieces } from './derive/gateway/pieces';
import { accessParts, accessRoles } from './derive/kubernetes-access';
import { meshPieces } from './derive/mesh/pieces';
import { Readiness, Resources, ShutdownSetting, User } from './derive/pod';
import { ClientLibrary } from './derive/resilience/client-library';
import { MostTries } from './derive/resilience/graph-rules';
import { standbyCalls, standbyEncryption } from './derive/resilience/failover';
import { failoverRules } from './derive/resilience/failover-rules';
import { libraryParts } from './derive/resilience/library/parts';
import { routeParts } from './derive/resilience/routes';
import { resilienceRules } from './derive/resilience/rules';
import { adoptedRules, layerRules, memoryRules, portRules, productionRules, scaleRules } from './derive/rules';
import { Deadline, Retries, Suspended, TimeZone } from './derive/run';
import { rolloutPieces } from './derive/rollout/pieces';
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
import { redisPieces } from './derive/stores/redis-pieces';
import { postgresPieces } from './derive/stores/postgres/pieces';
import { developmentRules, dumpClaims } from './derive/stores/in-cluster';
import { clickHousePieces } from './derive/stores/clickhouse-pieces';
import { elasticPieces } from './derive/stores/elastic-pieces';
import { mongoPieces } from './derive/stores/mongo-pieces';
import { controlParts } from './derive/stores/operated';
import { ownSecretKeys } from './derive/stores/own-secrets';
import { connectionRules, credentialRules, durabilityRules, ownershipRules } from './derive/stores/rules';
import { scrapedParts } from './derive/stores/scraped';
import { serverFiles } from './derive/stores/server-files';
import { StoreWait, setUpParts } from './derive/stores/set-up';
import { tokenRules } from './derive/tokens';
import { teamObjects } from './derive/team-objects';
import { networkPolicies } from './derive/network-policies';
import { StorageClass, ownParts } from './derive/workload';
import { serviceAccounts, workloads } from './derive/workloads';
import { knownSetting, type Piece } from './model/extension';
import { stranglerFacade, stranglerRules } from './derive/strangler';

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
  frontendRules,
  tokenRules,
  ...configParts,
  ...reloadParts,
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
  ...postgresPieces,
  ...redisPieces,
  cacheRules,
  ownSecretKeys,
  ...setUpParts,
  ...controlParts,
  dumpClaims,
  scrapedParts,
  ...clickHousePieces,
  serverFiles,
  ...elasticPieces,
  ...mongoPieces,
  ...meshPieces,
  ...gatewayPieces,
  ...rolloutPieces,
  aggregatorEnv,
  aggregatorRules,
  stranglerFacade,
  stranglerRules,
  ...routeParts,
  ...libraryParts,
  ...resilienceRules,
  standbyCalls,
  standbyEncryption,
  failoverRules,
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
  knownSetting(ReloaderImage),
  knownSetting(MostTries),
  knownSetting(ClientLibrary),
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
  credentialRules,
  secretRules,
  secretReadingRules,
  readOptionRules,
  layerRules,
  adoptedRules,
];
