import type { Piece } from '../../model/extension';
import { redisBackupParts } from './redis-backup';
import { redisExporterParts } from './redis-exporter';
import { externalRedis, realizeRedis } from './redis-external';
import { inClusterRedis } from './redis-in-cluster';
import { redisAccountParts, redisControlSecrets } from './redis-logins';
import { operatedRedis, redisOperatorPrerequisites } from './redis-operator';
import { redisReplications } from './redis-replication-objects';
import { redisMemoryRules } from './redis-rules';

/** Everything that follows from a Redis. */
export const redisPieces: readonly Piece[] = [
  realizeRedis,
  inClusterRedis,
  externalRedis,
  operatedRedis,
  redisOperatorPrerequisites,
  redisReplications,
  redisAccountParts,
  redisControlSecrets,
  redisExporterParts,
  redisBackupParts,
  redisMemoryRules,
];
