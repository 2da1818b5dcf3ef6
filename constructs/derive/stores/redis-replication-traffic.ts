import { contribute } from '../../model/extension';
import type { Part } from '../../model/facet';
import type { Graph } from '../../model/graph';
import type { IConstruct } from 'constructs';
import type { Reach } from '../endpoint';
import { TrafficIn, TrafficOut, podsOf, type TrafficPart } from '../traffic';
import { REDIS_PORT } from './redis';
import { EXPORTER_PORT } from './redis-exporter';
import { RedisReplication, SENTINEL_PORT } from './redis-replication';

/** One way between the pods of a Redis, its sentinels and its operator. */
interface Way {
  readonly at: IConstruct;
  readonly side: 'in' | 'out';
  readonly peer: Reach;
  readonly port: number;
}

const REDIS = REDIS_PORT.containerPort;

/** What has to pass so that the operator can do its work: copies, votes, and what the operator asks. */
function* waysOf(graph: Graph, at: IConstruct): Iterable<Way> {
  const facts = graph.facts(at, RedisReplication);
  const replicas = podsOf(graph, at);
  const sentinels = facts === undefined ? undefined : podsOf(graph, facts.sentinels);
  if (facts === undefined || replicas === undefined || sentinels === undefined) return;
  const { operator, exporter, sentinels: watch } = facts;
  for (const peer of [operator, replicas, sentinels]) yield { at, side: 'in', peer, port: REDIS };
  if (exporter !== undefined) yield { at, side: 'in', peer: exporter.scraper, port: EXPORTER_PORT };
  yield { at, side: 'out', peer: replicas, port: REDIS };
  yield { at, side: 'out', peer: sentinels, port: SENTINEL_PORT };
  for (const peer of [operator, replicas, sentinels]) yield { at: watch, side: 'in', peer, port: SENTINEL_PORT };
  yield { at: watch, side: 'out', peer: replicas, port: REDIS };
  yield { at: watch, side: 'out', peer: sentinels, port: SENTINEL_PORT };
}

function* partsOf(graph: Graph, wanted: Way['side']): Iterable<Part<TrafficPart>> {
  for (const { construct } of graph.having(RedisReplication)) {
    const source = { by: `operator of ${construct.node.id}`, at: construct.node.path };
    for (const { at, side, peer, port } of waysOf(graph, construct)) {
      if (side === wanted) yield { to: at, source, part: { peer, port, transport: 'TCP', purpose: 'control' } };
    }
  }
}

/** Control traffic of the operator, on both sides. */
export const redisReplicationTraffic = [
  contribute('redis.operator-in', TrafficIn, (graph) => partsOf(graph, 'in')),
  contribute('redis.operator-out', TrafficOut, (graph) => partsOf(graph, 'out')),
];
