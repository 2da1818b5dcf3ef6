import type { IConstruct } from 'constructs';
import type { RuleFinding } from '../../model/extension';
import { view, type Graph } from '../../model/graph';
import { formatCpu, formatMemory, parseQuantity } from '../../model/quantity';
import { Context } from '../context';
import { footprints, type Footprint } from '../quota';
import type { DeliveryFacts } from './facts';

/** What a quota may count (Kubernetes 1.36, "Resource Quotas"), how much of it is taken, and how that is written. */
const COUNTED: Readonly<Record<string, (taken: Footprint) => readonly [amount: number | undefined, text: string]>> = {
  pods: ({ pods }) => [pods, String(pods)],
  'requests.cpu': ({ requestsCpu }) => [requestsCpu, formatCpu(requestsCpu)],
  'requests.memory': ({ requestsMemory }) => [requestsMemory, formatMemory(requestsMemory)],
  'limits.cpu': ({ limitsCpu = 0 }) => [limitsCpu, formatCpu(limitsCpu)],
  'limits.memory': ({ limitsMemory = 0 }) => [limitsMemory, formatMemory(limitsMemory)],
};

/** Names that mean the same (Kubernetes 1.36, "Compute Resource Quota"). */
const SHORT: Readonly<Record<string, string>> = { cpu: 'requests.cpu', memory: 'requests.memory' };

/** A quota that somebody gave has to have room for all versions that may stand at once. */
export function* crowded(graph: Graph, at: IConstruct, { namespace }: DeliveryFacts): Iterable<RuleFinding> {
  const given = graph.view(givenQuotas).get(namespace) ?? {};
  const taken = graph.view(footprints).get(namespace);
  if (taken === undefined) return;
  const short = Object.entries(given).flatMap(([name, text]) => {
    const [amount = 0, needed] = COUNTED[SHORT[name] ?? name]?.(taken) ?? [0, ''];
    return amount > parseQuantity(text) ? [{ name, text, needed }] : [];
  });
  if (short.length === 0) return;
  yield {
    at,
    code: 'rollout-above-quota',
    message: 'The quota has no room for two versions at once: pods of the new one would never start.',
    field: short.map(({ name }) => `quota.${name}`).join(', '),
    got: short.map(({ text }) => text).join(', '),
    allowed: `at least ${short.map(({ needed }) => needed).join(', ')}, with all versions that may stand at once`,
    fix: 'Raise the quota of the context, or leave it to be computed.',
  };
}

/** Quotas that somebody gave, by namespace. */
const givenQuotas = view(
  'rollout.given-quotas',
  (graph: Graph): ReadonlyMap<string, Readonly<Record<string, string>> | undefined> =>
    new Map(graph.having(Context).map(({ facts: { namespace, quota } }) => [namespace, quota])),
);
