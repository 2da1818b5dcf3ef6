import { backEnd } from '../../model/back-end';
import type { Derived } from '../../model/extension';
import type { Graph } from '../../model/graph';
import { throughWhom } from '../tunnels';
import { waypointObjects } from './ambient/objects';
import { modeLabels, modeReasons, trafficIn, tunnelParts, waypointLabels, waypointPods } from './ambient/parts';
import { waypointRoutes } from './ambient/routes';
import { WAYPOINT, callees7 } from './ambient/waypoints';
import { authorizationPolicies, type SeenAs } from './istio/authorization';
import { contextObjects, exposedPorts } from './istio/context';
import { AMBIENT_OPTIONS, istioOptions, type IstioOptions } from './istio/options';
import { istioReleases } from './istio/releases';
import { versionRoutes } from './istio/versions';
import { plainTcp } from './istio-sidecar';
import { MeshNeed, members, type MeshAbility, type MeshBackEnd } from './mesh';

/**
 * What Istio does without proxies in pods. A waypoint stands before a callee, for all its callers together: so it can
 * neither treat them differently nor limit what one of them takes up, and there is no place for a rate of failures (Istio
 * 1.31 applies no EnvoyFilter to clusters of waypoints).
 */
export const AMBIENT_CAN: ReadonlySet<MeshAbility> = new Set([
  'mutual-tls',
  'authorization',
  'timeout',
  'retry',
  'consecutive-errors',
  'load-balancing',
  'weights',
]);

/** Istio with one proxy a node for identities, and waypoints where requests are looked at (Istio 1.31, ambient mode). */
export const istioAmbient = backEnd(MeshNeed, 'istio-ambient', AMBIENT_OPTIONS, (given): MeshBackEnd => {
  const options = istioOptions(given);
  return {
    name: 'istio-ambient',
    can: AMBIENT_CAN,
    // A gateway goes past waypoints (Istio 1.31, "Istio Standard Metrics").
    reporters: ['source', 'waypoint'],
    isScraped: options.scraper !== undefined,
    releases: istioReleases(options.namespace, 'ambient'),
    objects: (graph) => objects(graph, options),
    podLabels: modeLabels,
    podAnnotations: modeReasons,
    injected: () => [],
    appProtocols: plainTcp,
    serviceLabels: waypointLabels,
    contextPods: (graph) => waypointPods(graph, options),
    tunnels: tunnelParts,
    trafficIn: (graph) => trafficIn(graph, options),
    trafficOut: () => [],
  };
});

function* objects(graph: Graph, options: IstioOptions): Iterable<Derived> {
  const all = members(graph);
  yield* contextObjects(graph, options);
  yield* exposedPorts(graph, all);
  yield* authorizationPolicies(graph, all, options.trustDomain, seenThrough(options));
  yield* waypointObjects(graph, options);
  yield* waypointRoutes(graph);
  yield* versionRoutes(graph, (callee) => graph.view(callees7).has(callee));
}

/** Behind a waypoint a callee sees the waypoint: who calls it past it is refused. */
function seenThrough({ trustDomain }: IstioOptions): SeenAs {
  return (graph, { construct, namespace }, part) =>
    throughWhom(graph, construct, part) === undefined ? undefined : `${trustDomain}/ns/${namespace}/sa/${WAYPOINT}`;
}
