import type { Derived } from '../../../model/extension';
import type { Joined } from '../../../model/facet';
import type { Graph } from '../../../model/graph';
import { groupBy } from '../../../model/order';
import { EndpointPolicies, HostRoutes, type RoutePart } from '../../resilience/routes';
import { renderPolicy } from '../istio/endpoint-policies';
import { istioObject } from '../istio/objects';
import { renderRoutes } from '../istio/routes';
import { hostsOf } from '../istio/versions';
import { callees7, type LayerSeven } from './waypoints';

/**
 * Routes and policies of callees behind waypoints (Istio API 1.31, networking.istio.io/v1). A waypoint does not know which
 * pod calls (Istio 1.31 drops blocks with `sourceLabels` there), so what is asked of a callee holds for all its callers.
 */
export function* waypointRoutes(graph: Graph): Iterable<Derived> {
  for (const callee of graph.view(callees7).values()) {
    const { construct, namespace } = callee.member;
    const blocks = forAllCallers(graph.collect(HostRoutes, construct));
    if (blocks.length > 0) yield renderRoutes(graph, construct, { namespace, at: construct }, blocks, ['.']);
    yield* renderRules(graph, callee);
  }
}

/** Blocks without their callers, each once; the block that gives nothing is left out where another takes all. */
function forAllCallers(blocks: readonly Joined<RoutePart>[]): readonly Joined<RoutePart>[] {
  const all = blocks.map(({ value: { caller, ...value }, ...rest }) => {
    const prefix = caller?.path.replaceAll('/', '-');
    const name = prefix === undefined ? value.name : value.name.replace(prefix, 'everybody');
    return { ...rest, value: { ...value, name }, isOfCaller: caller !== undefined };
  });
  const wide = new Set(
    all.filter(({ isOfCaller, value }) => isOfCaller && value.only === undefined).map(({ value }) => value.port),
  );
  const kept = all.filter(({ isOfCaller, value }) => isOfCaller || !wide.has(value.port));
  return [...groupBy(kept, ({ value }) => JSON.stringify(value)).values()].flatMap((same) => {
    const [first] = same;
    return first === undefined
      ? []
      : [{ key: first.value.name, value: first.value, sources: same.flatMap(({ sources }) => sources) }];
  });
}

/**
 * One rule for each host that leads to a callee. It names no pods: a waypoint drops rules with a `workloadSelector` (Istio
 * 1.31, `SidecarScope.DestinationRule`).
 */
function* renderRules(graph: Graph, { member, service }: LayerSeven): Iterable<Derived> {
  const { construct, namespace } = member;
  const said = graph.collect(EndpointPolicies, construct);
  if (said.length === 0) return;
  const ports = [...groupBy(said, ({ value }) => value.port)].map(([number, [first]]) => ({
    port: { number },
    ...(first !== undefined && renderPolicy(first.value)),
  }));
  const sources = said.flatMap((one) => one.sources);
  for (const { label, host } of hostsOf(graph, construct)) {
    const spec = { host, exportTo: ['.'], trafficPolicy: { portLevelSettings: ports } };
    const at = { name: label === '' ? service : label, namespace };
    yield { scope: construct, sources, manifest: istioObject('networking', 'DestinationRule', construct, at, spec) };
  }
}
