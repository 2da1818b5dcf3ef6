import type { Tier } from '../../../model/environment';
import { formatMemory, parseQuantity } from '../../../model/quantity';
import type { ResourceFacts } from '../../pod';
import type { PostgresFacts } from './server';

/** What a server asks for where nothing is said. Memory has one number: what is not kept free for it ends it. */
const BY_TIER: Readonly<Record<Tier, ResourceFacts>> = {
  development: { requests: { cpu: '50m', memory: '256Mi' }, limits: { memory: '256Mi' } },
  staging: { requests: { cpu: '250m', memory: '1Gi' }, limits: { memory: '1Gi' } },
  production: { requests: { cpu: '1', memory: '4Gi' }, limits: { memory: '4Gi' } },
};

/** What a server asks for and may use. */
export function resourcesOf({ resources }: Readonly<PostgresFacts>, tier: Tier): ResourceFacts {
  return resources ?? BY_TIER[tier];
}

const MEBIBYTE = 2 ** 20;

/** A server without a memory limit is sized as if it had this much. */
const UNKNOWN = '1Gi';

/** Fewest connections: the default of `max_connections` (PostgreSQL 18, 19.3.1). */
const FEWEST_CONNECTIONS = 100;

/** Most connections that follow from memory; beyond that a pool serves better than processes. */
const MOST_CONNECTIONS = 500;

/** Memory for each connection that makes the number of connections grow. */
const MEMORY_A_CONNECTION = 16 * MEBIBYTE;

/**
 * Parameters that follow from memory. `shared_buffers` is a quarter of it (PostgreSQL 18, 19.4.1: "a reasonable starting
 * value"); `effective_cache_size`, which only tells the planner, three quarters; another quarter is shared out as
 * `work_mem`, at least 1 MB, and `maintenance_work_mem` is a sixteenth.
 */
export function parametersOf(facts: Readonly<PostgresFacts>, tier: Tier): Readonly<Record<string, string>> {
  const { limits, requests } = resourcesOf(facts, tier);
  const known = parseQuantity(limits.memory ?? requests.memory ?? UNKNOWN);
  const memory = Number.isNaN(known) ? parseQuantity(UNKNOWN) : known;
  const connections = connectionsOf(facts, memory);
  const megabytes = (bytes: number): string => `${Math.max(1, Math.floor(bytes / MEBIBYTE))}MB`;
  return {
    shared_buffers: megabytes(memory / 4),
    effective_cache_size: megabytes((memory * 3) / 4),
    max_connections: String(connections),
    work_mem: megabytes(memory / 4 / connections),
    maintenance_work_mem: megabytes(memory / 16),
    ...facts.parameters,
  };
}

function connectionsOf({ parameters }: Readonly<PostgresFacts>, memory: number): number {
  const said = Number(parameters['max_connections']);
  if (Number.isInteger(said) && said > 0) return said;
  return Math.min(MOST_CONNECTIONS, Math.max(FEWEST_CONNECTIONS, Math.floor(memory / MEMORY_A_CONNECTION)));
}

/** Connections that a server admits. */
export function maxConnectionsOf(facts: Readonly<PostgresFacts>, tier: Tier): number {
  return Number(parametersOf(facts, tier)['max_connections']);
}

/** Shared memory of a pod: what parallel queries exchange, beside the buffers, which a server keeps in memory of its own. */
export function sharedMemoryOf(facts: Readonly<PostgresFacts>, tier: Tier): string {
  const { limits, requests } = resourcesOf(facts, tier);
  return formatMemory(parseQuantity(limits.memory ?? requests.memory ?? UNKNOWN) / 4);
}
