import type { IConstruct } from 'constructs';
import type { Graph } from '../../../model/graph';
import { groupBy } from '../../../model/order';
import { GATEWAY_PLUGIN } from '../../../model/rollout-references';
import { routesOfGateway, type WeightedRoute } from '../../gateway/gateway';
import { MeshNeed } from '../../mesh/mesh';
import type { DeliveryFacts } from '../facts';
import { sharedPorts, weightsName } from '../names';

const LISTS: Readonly<Record<WeightedRoute['kind'], string>> = { HTTPRoute: 'httpRoutes', GRPCRoute: 'grpcRoutes' };

/** Where the controller moves weights: in objects of the mesh, of the gateway, or of both. */
export function renderRouting(graph: Graph, construct: IConstruct, facts: Readonly<DeliveryFacts>): object {
  const [first, ...others] = routesOfGateway(graph, construct);
  const routes = first === undefined ? [] : [first, ...others.filter(({ namespace }) => namespace === first.namespace)];
  const virtualServices = sharedPorts(facts).map((port) => ({ name: weightsName(facts.name, port) }));
  return {
    ...(graph.backEnd(MeshNeed).can.has('weights') && { istio: { virtualServices } }),
    ...(routes.length > 0 && { plugins: { [GATEWAY_PLUGIN]: renderPlugin(routes) } }),
  };
}

/** It knows one namespace; more are a finding (Argo Rollouts Gateway API plugin 0.15, `GatewayAPITrafficRouting`). */
function renderPlugin(routes: readonly WeightedRoute[]): object {
  const lists = new Map<string, object>();
  for (const [kind, all] of groupBy(routes, (route) => route.kind)) {
    lists.set(
      LISTS[kind],
      all.map(({ name }) => ({ name })),
    );
  }
  // Its label would be one more field that is not the deployer's.
  return { namespace: routes[0]?.namespace, disableInProgressLabel: true, ...Object.fromEntries(lists) };
}
