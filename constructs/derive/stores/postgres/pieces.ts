import type { Piece } from '../../../model/extension';
import { accessJobParts, accessScripts, realizeAccess } from './access';
import { cloudNativePg } from './cloudnative-pg';
import { cnpgPrerequisites } from './cnpg-prerequisites';
import { cnpgObjects } from './cnpg-objects';
import { externalPostgres } from './external';
import { inClusterPostgres } from './in-cluster';
import { migrationParts } from './migrations';
import { realizePostgres } from './realize';
import { realizeRestores, restoreRules } from './restore';
import { postgresBackEndRules, postgresNameRules, postgresProductionRules } from './rules';
import { waitParts } from './wait';

/** Everything that follows from a PostgreSQL. */
export const postgresPieces: readonly Piece[] = [
  ...realizePostgres,
  realizeAccess,
  ...accessJobParts,
  accessScripts,
  waitParts,
  ...migrationParts,
  realizeRestores,
  restoreRules,
  inClusterPostgres,
  externalPostgres,
  cloudNativePg,
  cnpgObjects,
  cnpgPrerequisites,
  postgresNameRules,
  postgresProductionRules,
  postgresBackEndRules,
];
