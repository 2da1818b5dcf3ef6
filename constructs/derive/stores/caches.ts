import type { IConstruct } from 'constructs';
import { rule, type RuleFinding } from '../../model/extension';
import type { Graph } from '../../model/graph';
import type { Edge } from '../../model/relation';
import { Calls } from '../calls';
import { Reads } from '../reads';
import { Caches, Owns, Store, type CacheFacts } from './store';

type Caching = Edge<IConstruct, IConstruct, CacheFacts>;

/** A cache is nobody's only copy (Cache-aside): what is in it has its home elsewhere, and can be loaded again. */
export const cacheRules = rule('stores.caches', function* (graph): Iterable<RuleFinding> {
  for (const edge of graph.all(Caches)) {
    if (graph.facts(edge.to, Store)?.durable === true) yield inDurable(edge);
    else if (!hasSource(graph, edge)) yield withoutSource(edge);
  }
});

/** Something that a miss is loaded from: a store that keeps what it is given, or somebody who is called. */
function hasSource(graph: Graph, { from, to }: Caching): boolean {
  const isSource = (store: IConstruct): boolean => store !== to && graph.facts(store, Store)?.durable === true;
  const stores = [...graph.from(from, Owns), ...graph.from(from, Reads)].map((edge) => edge.to);
  const called = graph.from(from, Calls).map((edge) => edge.to);
  return stores.some(isSource) || called.some((callee) => graph.facts(callee, Store) === undefined);
}

function inDurable({ from, to, source }: Caching): RuleFinding {
  return {
    at: from,
    code: 'cache-is-the-only-copy',
    message: `It caches in ${to.node.path}, which is where data has its home: an entry that ages away there is lost.`,
    got: `a durable store at ${source.at}`,
    allowed: 'a cache, which can be filled again',
    fix: `Cache in a RedisCache of its own, or say owns(${to.node.id}) and leave caches out.`,
  };
}

function withoutSource({ from, to, source }: Caching): RuleFinding {
  return {
    at: from,
    code: 'cache-is-the-only-copy',
    message: `It caches in ${to.node.path}, and has nothing that a miss could be loaded from.`,
    got: `no other store and no call beside the cache at ${source.at}`,
    allowed: 'a durable store that it owns or reads, or a peer that it calls',
    fix: 'Say what it loads from: owns, reads or calls. If the data lives in Redis alone, own a RedisStore.',
  };
}
