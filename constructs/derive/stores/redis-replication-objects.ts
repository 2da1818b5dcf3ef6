import { hash } from 'node:crypto';
import type { IConstruct } from 'constructs';
import { derive, type Derived } from '../../model/extension';
import type { KubeObject } from '../../model/kube-object';
import { sharedMetadata } from '../labels';
import { argumentsOf } from './redis';
import { ACCOUNTS_FILE } from './redis-logins';
import { RedisReplication, sentinelSelector, type RedisReplicationFacts } from './redis-replication';
import { renderReplication } from './redis-replication-resource';

/** The custom resource (redis.redis.opstreelabs.in/v1beta2), and what it stands on. */
export const redisReplications = derive('redis.replications', function* (graph): Iterable<Derived> {
  for (const { construct: scope, facts } of graph.having(RedisReplication)) {
    const configuration = renderConfiguration(scope, facts);
    yield { scope, manifest: configuration, hints: { keepEarlier: true } };
    yield { scope, manifest: renderAccount(scope, facts) };
    yield { scope, manifest: renderBudget(scope, facts) };
    const isProtected = graph.environment.tier === 'production' && facts.redis.storage !== undefined;
    yield {
      scope,
      manifest: renderReplication(graph, scope, facts, configuration.metadata.name),
      hints: isProtected ? { protect: true, retain: true } : {},
    };
  }
});

/** Characters of the checksum in the name: pods are replaced when what they are told changes. */
const CHECKSUM_LENGTH = 10;

/** The name under which the images look for more to include (Redis operator 0.26, `agent/bootstrap`). */
const CONFIGURATION_KEY = 'redis-additional.conf';

function renderConfiguration(at: IConstruct, { redis }: RedisReplicationFacts): KubeObject {
  const lines = directives(argumentsOf(redis).filter((argument, index, all) => !isFolder(all, index)));
  const accounts = redis.access === 'accounts' ? [`aclfile ${ACCOUNTS_FILE}`] : [];
  // A server that lost all replicas stops taking writes, which it would lose when another one is chosen.
  const safe = redis.storage === undefined ? [] : ['min-replicas-to-write 1', 'min-replicas-max-lag 10'];
  const text = [...lines, ...accounts, ...safe, ''].join('\n');
  const name = `${at.node.id}-config-${hash('sha256', text).slice(0, CHECKSUM_LENGTH)}`;
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { ...sharedMetadata(at, at.node.id, redis.namespace), name },
    data: { [CONFIGURATION_KEY]: text },
  };
}

/** Where data lies is the image's to say. */
function isFolder(all: readonly string[], index: number): boolean {
  return all[index] === '--dir' || all[index - 1] === '--dir';
}

/** Arguments as lines of a configuration: `--save ""` is `save ""`. */
function directives(args: readonly string[]): readonly string[] {
  return args.flatMap((argument, index) => {
    if (!argument.startsWith('--')) return [];
    const value = args[index + 1] ?? '';
    return [`${argument.slice(2)} ${value === '' ? '""' : value}`];
  });
}

function renderAccount(at: IConstruct, { redis }: RedisReplicationFacts): KubeObject {
  const metadata = sharedMetadata(at, at.node.id, redis.namespace);
  return { apiVersion: 'v1', kind: 'ServiceAccount', metadata, automountServiceAccountToken: false };
}

/** The operator makes a budget for the server alone. */
function renderBudget(at: IConstruct, { redis }: RedisReplicationFacts): KubeObject {
  return {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: sharedMetadata(at, `${at.node.id}-s`, redis.namespace),
    spec: {
      maxUnavailable: 1,
      unhealthyPodEvictionPolicy: 'AlwaysAllow',
      selector: { matchLabels: sentinelSelector(at.node.id) },
    },
  };
}
