import type { Piece } from '../../model/extension';
import { redisBackupParts, redisBackups } from './redis-backup';
import { redisExporterParts } from './redis-exporter';
import { externalRedis, realizeRedis } from './redis-external';
import { inClusterRedis } from './redis-in-cluster';
import { redisAccountParts, redisControlSecrets } from './redis-logins';
import { redisMemoryRules } from './redis-rules';

/** Everything that follows from a Redis. */
export const redisPieces: readonly Piece[] = [
  realizeRedis,
  inClusterRedis,
  externalRedis,
  redisAccountParts,
  redisControlSecrets,
  ...redisExporterParts,
  redisBackups,
  ...redisBackupParts,
  redisMemoryRules,
];
