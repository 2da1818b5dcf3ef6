import type { Graph } from '../../../model/graph';
import type { IConstruct } from 'constructs';
import { Endpoint, type EndpointFacts } from '../../endpoint';

/** Full name of a Service, as Istio keeps it. */
export function fullName(graph: Graph, service: string, namespace: string): string {
  return `${service}.${namespace}.svc.${graph.environment.clusterDomain}`;
}

/** The name under which Istio knows an endpoint. */
export function meshHostOf(graph: Graph, { host }: Readonly<EndpointFacts>): string {
  return 'name' in host ? host.name : fullName(graph, host.service, host.namespace);
}

/** The name under which Istio knows a callee; empty where it is none. */
export function hostOfCallee(graph: Graph, callee: IConstruct): string {
  const endpoint = graph.facts(callee, Endpoint);
  return endpoint === undefined ? '' : meshHostOf(graph, endpoint);
}

/** Name under which a proxy knows a port of a host (Istio 1.31, names of outbound clusters). */
export function outboundCluster(host: string, port: number): string {
  return `outbound|${port}||${host}`;
}
