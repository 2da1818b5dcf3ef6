import type { IConstruct } from 'constructs';
import type { Derived } from '../../../model/extension';
import { viewOf, type Graph } from '../../../model/graph';
import { byText, groupBy } from '../../../model/order';
import { versionsOf } from '../../rollout/ways';
import { meshFailovers, type StandbyEnds } from '../../resilience/failover';
import { HostRoutes } from '../../resilience/routes';
import { hostLabel } from './endpoint-policies';
import { fullName, hostOfCallee, meshHostOf, outboundCluster } from './hosts';
import { istioObject } from './objects';

/**
 * Callers that go to a standby: Istio's own failover knows other places of one host only, so the caller's proxies are
 * told directly (Istio API 1.31, networking.istio.io/v1alpha3 EnvoyFilter; Envoy 1.40, "Aggregate Cluster"). The cluster
 * has the callee's endpoints first, and those of the standby while none of them is well.
 */
export function* failovers(graph: Graph): Iterable<Derived> {
  for (const { call, standby, caller, port } of graph.view(meshFailovers)) {
    const host = hostOfCallee(graph, call.to);
    const blocks = (graph.viewOf(blocksByCaller, call.to).get(caller.path) ?? [])
      .filter((block) => block.port === port.number)
      .map(({ name }) => name);
    const cluster = `failover|${port.number}||${host}`;
    const clusters = [outboundCluster(host, port.number), clusterOf(graph, standby)];
    const spec = {
      workloadSelector: { labels: caller.labels },
      configPatches: [
        renderCluster(cluster, clusters),
        ...blocks.sort(byText).map((block) => renderRoute(`${host}:${port.number}`, block, cluster, standby)),
      ],
    };
    const name = `${call.from.node.id}.${hostLabel(graph, call.to)}.${port.number}.failover`;
    const at = { name, namespace: caller.namespace };
    const manifest = istioObject('networking', 'EnvoyFilter', call.from, at, spec);
    yield { scope: call.from, sources: [call.source], manifest };
  }
}

/** Routes of a callee, by whose requests they take. */
const blocksByCaller = viewOf('failover.blocks', (graph: Graph, callee: IConstruct) =>
  groupBy(
    graph.collect(HostRoutes, callee).map(({ value }) => value),
    ({ caller }) => caller?.path,
  ),
);

/**
 * A list of clusters has an order and no weights. So of a standby whose versions share requests the known one answers, or
 * the new one where that gets all of them.
 */
function clusterOf(graph: Graph, { to, endpoint, port }: StandbyEnds): string {
  const { split, namespace = '' } = versionsOf(graph, to) ?? {};
  const version = split?.percent === ALL ? split.canary : split?.stable;
  const host = version === undefined ? meshHostOf(graph, endpoint) : fullName(graph, version, namespace);
  return outboundCluster(host, port.number);
}

const ALL = 100;

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
