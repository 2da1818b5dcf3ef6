import type { IConstruct } from 'constructs';
import { namesOfAble } from '../../model/back-end';
import type { RuleFinding } from '../../model/extension';
import type { Graph } from '../../model/graph';
import type { PortFacts } from '../endpoint';
import { routesOfGateway, type WeightedRoute } from '../gateway/gateway';
import { ABILITIES } from '../mesh/abilities';
import { MeshNeed } from '../mesh/mesh';
import type { DeliveryFacts } from './facts';
import { sharedPorts } from './names';
import { versionsOf, waysInto } from './ways';

/** Requests that do not go where the release says. */
export function* unshared(graph: Graph, at: IConstruct, facts: DeliveryFacts): Iterable<RuleFinding> {
  const { strategy, ports } = facts;
  const isCanary = strategy.kind === 'canary';
  const shared = sharedPorts(facts);
  if (ports.length === 0 || (isCanary && shared.length === 0)) {
    yield {
      at,
      code: 'rollout-without-requests',
      message: 'There are no requests that could go to one version or the other.',
      field: 'ports',
      got: inWords(ports) || 'none',
      allowed: isCanary ? 'a port that speaks HTTP or gRPC' : 'a port',
      fix: 'Leave the rollout out: pods are replaced one after the other.',
    };
    return;
  }
  if (!isCanary) return;
  yield* weightsApart(at, routesOfGateway(graph, at));
  const { weighed, unweighed } = waysInto(graph, at);
  if (!weighed) {
    yield canaryWithoutMesh(graph, at);
    return;
  }
  yield* portWithoutWeights(at, ports, shared);
  yield* callersWithoutWeights(at, unweighed);
}

function* portWithoutWeights(
  at: IConstruct,
  ports: readonly PortFacts[],
  shared: readonly PortFacts[],
): Iterable<RuleFinding> {
  const others = ports.filter((port) => !shared.includes(port));
  if (others.length === 0) return;
  yield {
    at,
    code: 'port-without-weights',
    severity: 'warning',
    message: 'Connections to some ports go to both versions by their number of pods, whatever the weights.',
    field: 'ports',
    got: inWords(others),
    allowed: 'ports that speak HTTP or gRPC',
    fix: 'Release it blue-green, or accept the finding with a reason.',
  };
}

function inWords(ports: readonly PortFacts[]): string {
  return ports.map(({ name, protocol }) => `${name} (${protocol})`).join(', ');
}

/** Weights in objects of gateways are moved in one namespace (Argo Rollouts Gateway API plugin 0.15). */
function* weightsApart(at: IConstruct, routes: readonly WeightedRoute[]): Iterable<RuleFinding> {
  const namespaces = [...new Set(routes.map(({ namespace }) => namespace))];
  if (namespaces.length < 2) return;
  yield {
    at,
    code: 'weights-apart',
    message:
      'Gateways of several contexts lead to it, and its weights can be moved in the objects of one of them only.',
    field: 'rollout',
    got: namespaces.join(', '),
    allowed: 'gateways of one context',
    fix: 'Lead to it from one of them, or release it blue-green.',
  };
}

function canaryWithoutMesh(graph: Graph, at: IConstruct): RuleFinding {
  const { name, can } = graph.backEnd(MeshNeed);
  return {
    at,
    code: 'canary-without-mesh',
    severity: severityIn(graph),
    message: `Nobody shares its requests by weights: the mesh ${name} does not, and no gateway that does leads to it.`,
    field: 'backEnds.mesh',
    got: can.has('weights') ? `${name}, outside of which it is` : name,
    allowed: `${namesOfAble(ABILITIES, ['weights'])}; or a route of a gateway of the Gateway API`,
    fix: 'Choose such a mesh for the environment, and take the service in, or a blue-green release, which needs none.',
  };
}

function* callersWithoutWeights(at: IConstruct, callers: readonly string[]): Iterable<RuleFinding> {
  if (callers.length === 0) return;
  yield {
    at,
    code: 'callers-without-weights',
    severity: 'warning',
    message: 'Requests of some callers go to both versions by their number of pods: nobody shares them by weights.',
    field: 'backEnds.mesh',
    got: callers.join(', '),
    allowed: `callers and a service in a mesh that does: ${namesOfAble(ABILITIES, ['weights'])}; gateways`,
    fix: 'Choose such a mesh for the environment, or accept the finding with a reason.',
  };
}

/** Testers whom nobody leads to the new version. */
export function* testersWithoutWay(graph: Graph, at: IConstruct): Iterable<RuleFinding> {
  const testers = versionsOf(graph, at)?.testers;
  if (testers === undefined || waysInto(graph, at).looked) return;
  yield {
    at,
    code: 'testers-without-way',
    severity: severityIn(graph),
    message: 'Nobody looks at the headers of its requests, so testers get what everybody gets.',
    field: 'rollout.testers',
    got: `${testers.header}: ${testers.value}, in the mesh ${graph.backEnd(MeshNeed).name}`,
    allowed: `requests of HTTP or gRPC, in ${namesOfAble(ABILITIES, ['weights'])} or by a route of a gateway`,
    fix: 'Choose such a mesh for the environment, lead a gateway to it, or leave testers out.',
  };
}

/** In development it is told, and everything goes on without it, as with a mesh that is not there. */
function severityIn({ environment }: Graph): 'warning' | 'error' {
  return environment.tier === 'development' ? 'warning' : 'error';
}
