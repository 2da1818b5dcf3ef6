import type { Graph } from '../../../model/graph';
import type { EndpointFacts } from '../../endpoint';

/** Full name of a Service, as Istio keeps it. */
export function fullName(graph: Graph, service: string, namespace: string): string {
  return `${service}.${namespace}.svc.${graph.environment.clusterDomain}`;
}

/** The name under which Istio knows an endpoint. */
export function meshHostOf(graph: Graph, { host }: Readonly<EndpointFacts>): string {
  return 'name' in host ? host.name : fullName(graph, host.service, host.namespace);
}
