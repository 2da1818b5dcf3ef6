import type { Derived } from '../../../model/extension';
import type { Graph } from '../../../model/graph';
import { byText } from '../../../model/order';
import type { StandbyEnds } from '../../resilience/failover';
import { standbyOf } from '../../resilience/failover';
import { HostRoutes, endsOf } from '../../resilience/routes';
import { shares } from '../../resilience/shares';
import { hostOfCallee, meshHostOf, outboundCluster } from './hosts';
import { istioObject } from './objects';
import { nameOf } from './routes';

/**
 * Callers that go to a standby: Istio's own failover knows other places of one host only, so the caller's proxies are
 * told directly (Istio API 1.31, networking.istio.io/v1alpha3 EnvoyFilter; Envoy 1.40, "Aggregate Cluster"). The cluster
 * has the callee's endpoints first, and those of the standby while none of them is well.
 */
export function* failovers(graph: Graph): Iterable<Derived> {
  for (const [call, { mesh }] of graph.view(shares)) {
    const ends = mesh.failover === undefined ? undefined : endsOf(graph, call);
    const standby = mesh.failover === undefined ? undefined : standbyOf(graph, call);
    if (ends === undefined || standby === undefined) continue;
    const { caller, port } = ends;
    const host = hostOfCallee(graph, call.to);
    const blocks = graph
      .collect(HostRoutes, call.to)
      .filter(({ value }) => value.caller?.path === caller.path && value.port === port.number)
      .map(({ value }) => value.name);
    const cluster = `failover|${port.number}||${host}`;
    const clusters = [outboundCluster(host, port.number), clusterOf(graph, standby)];
    const spec = {
      workloadSelector: { labels: caller.labels },
      configPatches: [
        renderCluster(cluster, clusters),
        ...blocks.sort(byText).map((block) => renderRoute(`${host}:${port.number}`, block, cluster, standby)),
      ],
    };
    const name = `${call.from.node.id}.${nameOf(graph, call.to)}.${port.number}.failover`;
    const at = { name, namespace: caller.namespace };
    const manifest = istioObject('networking', 'EnvoyFilter', call.from, at, spec);
    yield { scope: call.from, sources: [call.source], manifest };
  }
}

function clusterOf(graph: Graph, { endpoint, port }: StandbyEnds): string {
  return outboundCluster(meshHostOf(graph, endpoint), port.number);
}

function renderCluster(name: string, clusters: readonly string[]): object {
  const type = 'type.googleapis.com/envoy.extensions.clusters.aggregate.v3.ClusterConfig';
  return {
    applyTo: 'CLUSTER',
    match: { context: 'SIDECAR_OUTBOUND' },
    patch: {
      operation: 'ADD',
      value: {
        name,
        connect_timeout: '10s',
        lb_policy: 'CLUSTER_PROVIDED',
        cluster_type: { name: 'envoy.clusters.aggregate', typed_config: { '@type': type, clusters } },
      },
    },
  };
}

/** Whoever is outside is asked under its own name, which its endpoints have; those of the cluster have none. */
function renderRoute(vhost: string, block: string, cluster: string, { endpoint }: StandbyEnds): object {
  const isOutside = 'name' in endpoint.host;
  return {
    applyTo: 'HTTP_ROUTE',
    match: {
      context: 'SIDECAR_OUTBOUND',
      routeConfiguration: { vhost: { name: vhost, route: { name: block } } },
    },
    patch: { operation: 'MERGE', value: { route: { cluster, ...(isOutside && { auto_host_rewrite: true }) } } },
  };
}
