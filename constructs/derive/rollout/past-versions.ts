import type { IConstruct } from 'constructs';
import type { RuleFinding } from '../../model/extension';
import type { Graph } from '../../model/graph';
import { Served } from '../endpoint';
import { Exposes } from '../exposure';
import { versionsOf } from './ways';

/**
 * Ways to the pods of both versions, whatever the release says. A controller narrows the selectors of two Services only
 * (Argo Rollouts 1.10, `activeService` and `previewService`, `stableService` and `canaryService`), and weights are those of
 * the Service that callers know.
 */
export function* pastVersions(graph: Graph, at: IConstruct): Iterable<RuleFinding> {
  const versions = versionsOf(graph, at);
  if (versions === undefined) return;
  const { name, services, split } = versions;
  const further = (graph.facts(at, Served)?.services ?? []).map((service) => service.name);
  yield* takenName(
    at,
    services.filter((one) => one !== name && further.includes(one)),
  );
  const others = further.filter((one) => one !== name && !services.includes(one)).map((one) => `the Service ${one}`);
  if (services.includes(name)) yield* serviceWithoutSwitch(at, others, name);
  // Where pods are shared there are no weights to pass by.
  if (split === undefined) return;
  const exposed = new Set(graph.to(at, Exposes).map(({ facts }) => `what is exposed on ${facts.port}`));
  yield* exposedWithoutWeights(at, [...others, ...exposed]);
}

function* takenName(at: IConstruct, names: readonly string[]): Iterable<RuleFinding> {
  if (names.length === 0) return;
  yield {
    at,
    code: 'duplicate-name',
    message: 'A further Service is called like that of one of the versions.',
    field: 'addService',
    got: names.join(', '),
    allowed: 'other names: that Service is made by itself, with all ports',
    fix: 'Leave it out, or choose another name.',
  };
}

function* serviceWithoutSwitch(at: IConstruct, others: readonly string[], name: string): Iterable<RuleFinding> {
  if (others.length === 0) return;
  yield {
    at,
    code: 'service-without-switch',
    message: 'Further Services lead to both versions: to the new one, too, before it is verified and promoted.',
    field: 'rollout',
    got: others.join(', '),
    allowed: `the Service ${name}, which leads to the version that serves`,
    fix: 'Lead to it by a gateway, take the Services away, or leave the rollout out.',
  };
}

function* exposedWithoutWeights(at: IConstruct, others: readonly string[]): Iterable<RuleFinding> {
  if (others.length === 0) return;
  yield {
    at,
    code: 'exposed-without-weights',
    severity: 'warning',
    message: 'Requests that come past callers and gateways go to both versions by their number of pods.',
    field: 'rollout',
    got: others.join(', '),
    allowed: 'calls, and routes of gateways',
    fix: 'Lead to it by a gateway, or accept the finding with a reason.',
  };
}
