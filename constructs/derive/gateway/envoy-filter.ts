import type { IConstruct } from 'constructs';
import type { KubeObject } from '../../model/kube-object';
import { istioObject } from '../mesh/istio/objects';
import { blockName } from './istio-routes';
import type { GatewayFacts, GatewayRoute } from './gateway';

/** A message of Envoy that Istio does not know by itself. */
export function typed(type: string, value: object): object {
  const url = `type.googleapis.com/${type}`;
  return { '@type': 'type.googleapis.com/udpa.type.v1.TypedStruct', type_url: url, value };
}

/** Puts a filter of HTTP before the one that sends requests on. */
export function insertFilter(value: object): object {
  const manager = 'envoy.filters.network.http_connection_manager';
  return {
    applyTo: 'HTTP_FILTER',
    match: {
      context: 'GATEWAY',
      listener: { filterChain: { filter: { name: manager, subFilter: { name: 'envoy.filters.http.router' } } } },
    },
    patch: { operation: 'INSERT_BEFORE', value },
  };
}

/** Tells a filter what to do on a route. */
export function onRoute(route: GatewayRoute, filter: string, config: object): object {
  return {
    applyTo: 'HTTP_ROUTE',
    match: { context: 'GATEWAY', routeConfiguration: { vhost: { route: { name: blockName(route) } } } },
    patch: { operation: 'MERGE', value: { typed_per_filter_config: { [filter]: config } } },
  };
}

/** What Istio has no words for, said to the proxies of a gateway (Istio API 1.31, networking.istio.io/v1alpha3). */
export function envoyFilter(
  construct: IConstruct,
  { namespace }: Pick<GatewayFacts, 'namespace'>,
  suffix: string,
  configPatches: readonly object[],
): KubeObject {
  const { id } = construct.node;
  const manifest = istioObject(
    'networking',
    'EnvoyFilter',
    construct,
    { name: `${id}-${suffix}`, namespace, of: id },
    {
      workloadSelector: { labels: { 'app.kubernetes.io/name': id } },
      // After whatever the mesh's own people patch.
      priority: 10,
      configPatches,
    },
  );
  return { ...manifest, apiVersion: 'networking.istio.io/v1alpha3' };
}
