import { hasTokens } from '../../model/deferred';
import type { IConstruct } from 'constructs';
import { rule, type RuleFinding } from '../../model/extension';
import { formatMemory, parseQuantity } from '../../model/quantity';
import { Redis, memoryFor, saidLimit, type RedisFacts } from './redis';
import { Store } from './store';

/** What it holds fits into what it gets, and what goes when it is full may go. */
export const redisMemoryRules = rule('redis.memory', function* (graph): Iterable<RuleFinding> {
  for (const { construct, facts } of graph.having(Redis)) {
    if (facts.connection !== undefined) continue;
    yield* limitProblems(construct, facts);
    yield* storageProblems(construct, facts);
    yield* evictionProblems(construct, facts, graph.facts(construct, Store)?.durable === true);
  }
});

function* limitProblems(at: IConstruct, facts: Readonly<RedisFacts>): Iterable<RuleFinding> {
  const limit = saidLimit(facts);
  const wanted = formatMemory(memoryFor(facts));
  if (limit === undefined || limit >= memoryFor(facts)) return;
  const common = { at, field: 'resources.memory.limit', got: facts.resources?.limits.memory ?? '' };
  if (limit > facts.memoryBytes) {
    yield {
      ...common,
      code: 'memory-limit-too-tight',
      severity: 'warning',
      message:
        'Connections, fragmentation and writes to disk need memory above the data; without it, the container is killed.',
      allowed: `${wanted} or more`,
      fix: 'Raise the limit, lower memory, or leave the limit out.',
    };
    return;
  }
  yield {
    ...common,
    code: 'memory-below-data',
    message: 'The container may use less memory than the data that it is told to hold.',
    allowed: `more than ${formatMemory(facts.memoryBytes)}`,
    fix: 'Raise the limit, or lower memory.',
  };
}

function* storageProblems(at: IConstruct, { storage, memoryBytes }: Readonly<RedisFacts>): Iterable<RuleFinding> {
  // Of a size that is known later nothing can be said.
  if (storage === undefined || hasTokens(storage) || parseQuantity(storage) >= 2 * memoryBytes) return;
  yield {
    at,
    code: 'storage-below-data',
    message: 'The file on the volume is written anew beside the old one, and each may hold all data.',
    field: 'storage',
    got: storage,
    allowed: `${formatMemory(2 * memoryBytes)} or more`,
    fix: 'Raise storage to twice the memory or more.',
  };
}

function* evictionProblems(at: IConstruct, { evict }: Readonly<RedisFacts>, isDurable: boolean): Iterable<RuleFinding> {
  if (!isDurable && evict === 'noeviction') {
    yield {
      at,
      code: 'cache-that-never-evicts',
      message: 'A full cache that evicts nothing refuses every write.',
      field: 'evict',
      got: evict,
      allowed: 'allkeys-lru or another policy that makes room',
      fix: 'Choose such a policy, or take a RedisStore where nothing may go.',
    };
  }
  if (isDurable && evict.startsWith('allkeys-')) {
    yield {
      at,
      code: 'store-that-evicts',
      message: 'When its memory is full, this store forgets what it was given to keep.',
      field: 'evict',
      got: evict,
      allowed: 'noeviction, or a volatile policy, which takes only what expires anyway',
      fix: 'Choose one of these, or take a RedisCache where everything may go.',
    };
  }
}
