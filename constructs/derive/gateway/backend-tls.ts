import type { IConstruct } from 'constructs';
import { rule, type Derived, type RuleFinding } from '../../model/extension';
import type { Graph } from '../../model/graph';
import type { KubeObject } from '../../model/kube-object';
import { groupBy } from '../../model/order';
import { portOfCall } from '../calls';
import { Endpoint, type PortFacts } from '../endpoint';
import { versionsOf } from '../rollout/ways';
import { ownershipLabels } from '../labels';
import { MeshNeed, memberships } from '../mesh/mesh';
import { podsOf } from '../traffic';
import type { BackendTlsFacts } from './facts';
import { GatewayNeed, RoutesTo, nameOfMatch, type GatewayRoute } from './gateway';
import { targetsOf } from './gateway-api-led';
import type { ImplementationFacts } from './implementations';

/** A port of a Service that answers TLS itself, as a route says. */
interface Secured {
  readonly route: GatewayRoute;
  readonly wanted: BackendTlsFacts;
  readonly service: { readonly name: string; readonly namespace: string };
  /** Names of the Services that routes name: that one, or those of its versions. */
  readonly targets: readonly string[];
  readonly port: PortFacts;
}

/** How such ports are asked: one object for each, beside the Service (Gateway API 1.6, BackendTLSPolicy). */
export function* backendTlsPolicies(graph: Graph, { knows }: ImplementationFacts): Iterable<Derived> {
  if (!knows.includes('backend-tls')) return;
  for (const all of securedPorts(graph)) {
    const [{ route }] = all;
    if (podsOf(graph, route.to) === undefined) continue;
    const sources = [...new Set(all.map((one) => one.route.source))];
    yield { scope: route.to, sources, manifest: renderPolicy(route.to, all[0]) };
  }
}

function renderPolicy(scope: IConstruct, { wanted, service, targets, port }: Secured): KubeObject {
  const { host: hostname, authority: name } = wanted;
  const authority =
    name === undefined
      ? { wellKnownCACertificates: 'System' }
      : { caCertificateRefs: [{ group: '', kind: 'ConfigMap', name }] };
  return {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'BackendTLSPolicy',
    metadata: {
      name: `${service.name}-${port.name}`,
      namespace: service.namespace,
      labels: { ...ownershipLabels(scope) },
    },
    spec: {
      targetRefs: targets.map((target) => ({ group: '', kind: 'Service', name: target, sectionName: port.name })),
      // Istio 1.31 compares names only where they are listed; others compare the hostname, which is the same.
      validation: { ...authority, hostname, subjectAltNames: [{ type: 'Hostname', hostname }] },
    },
  };
}

/** By port, the routes that say it; at least one. */
function securedPorts(graph: Graph): Iterable<readonly [Secured, ...Secured[]]> {
  const all = [...graph.all(RoutesTo)].flatMap((route) => securedBy(graph, route));
  const ports = groupBy(all, ({ service, port }) => `${service.namespace}/${service.name}/${port.number}`);
  return ports.values() as Iterable<[Secured, ...Secured[]]>;
}

/** Nothing where a route says nothing, or leads nowhere, or out of the cluster, which are findings. */
function securedBy(graph: Graph, route: GatewayRoute): readonly Secured[] {
  const { backendTls: wanted, port: name } = route.facts;
  const endpoint = graph.facts(route.to, Endpoint);
  const port = portOfCall(endpoint, { port: name });
  if (wanted === undefined || endpoint === undefined || port === undefined || 'name' in endpoint.host) return [];
  const { service, namespace } = endpoint.host;
  const targets = targetsOf(service, versionsOf(graph, route.to));
  return [{ route, wanted, service: { name: service, namespace }, targets, port }];
}

/** A port shows one certificate; and what belongs into the namespaces of others, they put there. */
export const backendTlsRules = rule('gateway.backend-tls', function* (graph): Iterable<RuleFinding> {
  if (!graph.backEnd(GatewayNeed).can.has('backend-tls')) return;
  for (const all of securedPorts(graph)) {
    const [first] = all;
    const other = all.find(({ wanted }) => inWords(wanted) !== inWords(first.wanted));
    if (other !== undefined) yield differing(first, other);
    if (podsOf(graph, first.route.to) === undefined) yield needed(first);
    if (isInMesh(graph, first.route.to)) yield inMesh(first);
  }
});

function differing(first: Secured, { route, wanted, service, port }: Secured): RuleFinding {
  return {
    at: route.from,
    code: 'backend-tls-differs',
    message: `Two routes to the port ${port.name} of ${service.name} want different certificates of it.`,
    field: `route ${nameOfMatch(route.facts)}: backendTls`,
    got: `${inWords(wanted)} at ${route.source.at}, ${inWords(first.wanted)} at ${first.route.source.at}`,
    allowed: 'one host and one authority for a port',
    fix: 'Say the same at both, or at one of them only.',
  };
}

function isInMesh(graph: Graph, service: IConstruct): boolean {
  return graph.backEnd(MeshNeed).can.has('mutual-tls') && graph.view(memberships).get(service)?.inside === true;
}

/** Istio's proxy beside a service takes TLS of the mesh, and requests in plain text, on ports of requests. */
function inMesh({ route, service, port }: Secured): RuleFinding {
  return {
    at: route.from,
    code: 'backend-tls-in-mesh',
    message: `${service.name} is in the mesh, which ends TLS before the service, and refuses what is not its own.`,
    field: `route ${nameOfMatch(route.facts)}: backendTls`,
    got: `the port ${port.name} at ${route.source.at}`,
    allowed: 'services outside the mesh',
    fix: "Keep it out with outsideMesh(service, 'It answers TLS itself.'), or let the mesh encrypt.",
  };
}

function needed({ route, wanted, service, port }: Secured): RuleFinding {
  const { name, namespace } = service;
  return {
    at: route.from,
    code: 'backend-tls-needed',
    severity: 'warning',
    message: `Nobody but the owners of ${namespace} can say how ${name} is to be asked over TLS.`,
    field: `route ${nameOfMatch(route.facts)}: backendTls`,
    got: `${route.source.by} at ${route.source.at}`,
    allowed: `a BackendTLSPolicy in ${namespace} for the port ${port.name} of the Service ${name}: ${inWords(wanted)}`,
    fix: 'Ask its owners for the BackendTLSPolicy, and accept this with who gave it.',
  };
}

function inWords({ host, authority = 'the well-known authorities' }: BackendTlsFacts): string {
  return `${host} by ${authority}`;
}
