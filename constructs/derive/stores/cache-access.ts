import type { IConstruct } from 'constructs';
import type { Edge } from '../../model/relation';
import type { CacheFacts, ConnectionEnv } from './store';

/** What a cache tells besides its connection, and the end of the variable that tells it where nobody names another. */
const ENDINGS = { ttlSeconds: 'TTL_SECONDS', onMiss: 'ON_MISS', onError: 'ON_ERROR' } as const;

/**
 * The terms on which a workload caches, as fields, and the variables that bring them to it: `PAGES_TTL_SECONDS`,
 * `PAGES_ON_MISS`, `PAGES_ON_ERROR` for a cache called `pages`, unless the program gives a field another name.
 */
export function cacheAccess({ to, facts }: Edge<IConstruct, IConstruct, CacheFacts>): {
  readonly fields: Readonly<Record<string, string>>;
  readonly env: ConnectionEnv;
} {
  const fields = { ttlSeconds: String(facts.ttlSeconds), onMiss: 'load', onError: facts.onError };
  const named = new Set(Object.values(facts.env ?? {}));
  const prefix = to.node.id.toUpperCase().replaceAll('-', '_');
  const unnamed = Object.entries(ENDINGS).filter(([field]) => !named.has(field));
  return { fields, env: Object.fromEntries(unnamed.map(([field, ending]) => [`${prefix}_${ending}`, field])) };
}
