import type { KubeObject } from '../../model/kube-object';
import type { IConstruct } from 'constructs';
import type { Graph } from '../../model/graph';
import type { EndpointFacts } from '../endpoint';
import { meshHostOf, outboundCluster } from '../mesh/istio/hosts';
import { istioObject } from '../mesh/istio/objects';
import { blockName } from './istio-routes';
import type { GatewayFacts, GatewayRoute } from './gateway';

/** A message of Envoy that Istio does not know by itself. */
export function typed(type: string, value: object): object {
  const url = `type.googleapis.com/${type}`;
  return { '@type': 'type.googleapis.com/udpa.type.v1.TypedStruct', type_url: url, value };
}

/** Puts a filter of HTTP before the one that sends requests on: in all listeners, or in that of a port. */
export function insertFilter(value: object, portNumber?: number): object {
  const manager = 'envoy.filters.network.http_connection_manager';
  const filterChain = { filter: { name: manager, subFilter: { name: 'envoy.filters.http.router' } } };
  return {
    applyTo: 'HTTP_FILTER',
    match: { context: 'GATEWAY', listener: { ...(portNumber !== undefined && { portNumber }), filterChain } },
    patch: { operation: 'INSERT_BEFORE', value },
  };
}

/** Tells a filter what to do on a route. */
export function onRoute(route: GatewayRoute, filter: string, config: object): object {
  return onBlock(blockName(route), { typed_per_filter_config: { [filter]: config } });
}

/** Adds to what Istio makes of a block. */
export function onBlock(name: string, value: object): object {
  return {
    applyTo: 'HTTP_ROUTE',
    match: { context: 'GATEWAY', routeConfiguration: { vhost: { route: { name } } } },
    patch: { operation: 'MERGE', value },
  };
}

/**
 * What Istio has no words for, said to the proxies of a gateway (Istio API 1.31, networking.istio.io/v1alpha3).
 * @param priority - filters of a lower one see a request first
 */
export function envoyFilter(
  construct: IConstruct,
  { namespace }: Pick<GatewayFacts, 'namespace'>,
  suffix: string,
  configPatches: readonly object[],
  priority = FIRST,
): KubeObject {
  const { id } = construct.node;
  return istioObject(
    'networking',
    'EnvoyFilter',
    construct,
    { name: `${id}-${suffix}`, namespace, of: id },
    { workloadSelector: { labels: { 'app.kubernetes.io/name': id } }, priority, configPatches },
  );
}

/** After whatever the mesh's own people patch. */
const FIRST = 10;

/** Name under which a proxy knows a port of an endpoint. */
export function clusterOf(graph: Graph, endpoint: Readonly<EndpointFacts>, port: number): string {
  return outboundCluster(meshHostOf(graph, endpoint), port);
}

/**
 * A service of gRPC that a filter asks. Its host is said, since otherwise proxies name the cluster there, whose `|` the
 * callee's proxy refuses.
 */
export function grpcService(graph: Graph, endpoint: Readonly<EndpointFacts>, port: number): object {
  const authority = meshHostOf(graph, endpoint);
  return { envoy_grpc: { cluster_name: clusterOf(graph, endpoint, port), authority } };
}
