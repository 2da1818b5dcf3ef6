import type { IConstruct } from 'constructs';
import type { Derived } from '../../model/extension';
import type { Graph } from '../../model/graph';
import type { EndpointFacts } from '../endpoint';
import { meshHostOf } from '../mesh/istio/hosts';
import { istioObject } from '../mesh/istio/objects';
import { Gateway, type GatewayRoute } from './gateway';
import { blockName } from './istio-routes';

/** What is put into the proxies of a gateway beside what Istio makes. */
export interface FilterObject {
  /** The end of its name: `rate-limits`. */
  readonly name: string;
  /** Its place among those of the gateway: filters of a lower one see a request first. */
  readonly priority: number;
  readonly routes: readonly GatewayRoute[];
  readonly patches: readonly object[];
}

/** One EnvoyFilter of a gateway (Istio API 1.31, networking.istio.io/v1alpha3). */
export function envoyFilter(graph: Graph, gateway: IConstruct, filter: FilterObject): Derived {
  const { id } = gateway.node;
  const namespace = graph.facts(gateway, Gateway)?.namespace ?? '';
  const manifest = istioObject(
    'networking',
    'EnvoyFilter',
    gateway,
    { name: `${id}-${filter.name}`, namespace, of: id },
    {
      workloadSelector: { labels: { 'app.kubernetes.io/name': id } },
      priority: filter.priority,
      configPatches: filter.patches,
    },
  );
  return {
    scope: gateway,
    sources: filter.routes.map(({ source }) => source),
    manifest: { ...manifest, apiVersion: 'networking.istio.io/v1alpha3' },
  };
}

/** A message of Envoy, in a form that Istio hands on even where it does not know the message. */
export function typed(message: string, value: object): object {
  return {
    '@type': 'type.googleapis.com/udpa.type.v1.TypedStruct',
    type_url: `type.googleapis.com/${message}`,
    value,
  };
}

/** Puts a filter of HTTP before the one that sends requests on. */
export function httpFilter(name: string, config: object, port?: number): object {
  const manager = 'envoy.filters.network.http_connection_manager';
  const before = { filter: { name: manager, subFilter: { name: 'envoy.filters.http.router' } } };
  return {
    applyTo: 'HTTP_FILTER',
    match: {
      context: 'GATEWAY',
      listener: { ...(port !== undefined && { portNumber: port }), filterChain: before },
    },
    patch: { operation: 'INSERT_BEFORE', value: { name, typed_config: config } },
  };
}

/** Adds to a route, which is found by the name of its block. */
export function toRoute(route: GatewayRoute, value: object, block = blockName(route)): object {
  return {
    applyTo: 'HTTP_ROUTE',
    match: { context: 'GATEWAY', routeConfiguration: { vhost: { route: { name: block } } } },
    patch: { operation: 'MERGE', value },
  };
}

/** Name under which a proxy knows a port of an endpoint (Istio 1.31, names of outbound clusters). */
export function clusterOf(graph: Graph, endpoint: Readonly<EndpointFacts>, port: number): string {
  return `outbound|${port}||${meshHostOf(graph, endpoint)}`;
}

/**
 * A service of gRPC that a filter asks. Its host is said, since otherwise proxies name the cluster there, whose `|` the
 * callee's proxy refuses.
 */
export function grpcService(graph: Graph, endpoint: Readonly<EndpointFacts>, port: number): object {
  const authority = meshHostOf(graph, endpoint);
  return { envoy_grpc: { cluster_name: clusterOf(graph, endpoint, port), authority } };
}
