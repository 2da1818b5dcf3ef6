import type { IConstruct } from 'constructs';
import { rule, type Derived, type RuleFinding } from '../../model/extension';
import type { Graph } from '../../model/graph';
import type { KubeObject } from '../../model/kube-object';
import { groupBy } from '../../model/order';
import type { Source } from '../../model/source';
import { ownershipLabels, sharedMetadata } from '../labels';
import { istioObject } from '../mesh/istio/objects';
import { MeshNeed } from '../mesh/mesh';
import { podsOf } from '../traffic';
import { destinationsOf, reachedBy, type Destination } from './destinations';
import {
  Gateway,
  GatewayNeed,
  nameOfMatch,
  namesApart,
  routesOf,
  type GatewayFacts,
  type GatewayRoute,
} from './gateway';
import { grpcRules, httpRules, speaksOnlyGrpc, type Led, type LedTo, type RenderedRule } from './gateway-api-rules';
import type { ImplementationFacts } from './implementations';

/** Most rules of one route object (Gateway API 1.6, `HTTPRouteSpec.rules`). */
const MOST_RULES = 16;

/** Objects of each gateway (Gateway API 1.6, standard channel). */
export function* gatewayApiObjects(graph: Graph, known: ImplementationFacts): Iterable<Derived> {
  for (const { construct, facts } of graph.having(Gateway)) {
    const led = routesOf(graph, construct).flatMap((route) => leading(graph, route));
    yield { scope: construct, manifest: renderGateway(construct, facts, known) };
    yield { scope: construct, manifest: renderRedirect(construct, facts) };
    if (known.inMesh && graph.backEnd(MeshNeed).can.has('authorization'))
      yield { scope: construct, manifest: renderOpening(construct, facts) };
    yield* routeObjects(construct, facts, led);
    yield* grants(graph, construct, facts, led);
  }
}

/** Where a route leads; nowhere, where that is a finding. */
function leading(graph: Graph, route: GatewayRoute): readonly Led[] {
  const [own, ...more] = destinationsOf(graph, route).map((destination) => ledTo(graph, destination));
  if (own === undefined) return [];
  return [{ ...own, route, all: [own, ...more.filter((one) => one !== undefined)] }];
}

function ledTo(graph: Graph, destination: Destination): LedTo | undefined {
  const reached = reachedBy(graph, destination);
  if (reached === undefined || 'name' in reached.endpoint.host) return undefined;
  const { service: name, namespace } = reached.endpoint.host;
  return { destination, port: reached.port, service: { name, namespace } };
}

/** Two listeners for all names: which name goes where, routes say. */
function renderGateway(construct: IConstruct, facts: Readonly<GatewayFacts>, known: ImplementationFacts): KubeObject {
  const { ports, className } = known;
  const allowedRoutes = { namespaces: { from: 'Same' } };
  const tls = { mode: 'Terminate', certificateRefs: [{ kind: 'Secret', name: facts.tls.secret }] };
  return {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'Gateway',
    metadata: sharedMetadata(construct, construct.node.id, facts.namespace),
    spec: {
      gatewayClassName: className,
      listeners: [
        { name: 'http', port: ports.http, protocol: 'HTTP', allowedRoutes },
        { name: 'https', port: ports.https, protocol: 'HTTPS', tls, allowedRoutes },
      ],
    },
  };
}

/** In the context nobody gets to anybody unless it is said: to the gateway everybody does. */
function renderOpening(construct: IConstruct, { namespace }: Readonly<GatewayFacts>): KubeObject {
  const { id: name } = construct.node;
  const targetRefs = [{ group: 'gateway.networking.k8s.io', kind: 'Gateway', name }];
  const at = { name, namespace, of: name };
  return istioObject('security', 'AuthorizationPolicy', construct, at, { targetRefs, action: 'ALLOW', rules: [{}] });
}

function renderRedirect(construct: IConstruct, { namespace, hosts }: Readonly<GatewayFacts>): KubeObject {
  const requestRedirect = { scheme: 'https', statusCode: 301 };
  return {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'HTTPRoute',
    metadata: { ...metadataOf(construct, namespace), name: `${construct.node.id}-to-https` },
    spec: {
      parentRefs: [{ name: construct.node.id, sectionName: 'http' }],
      hostnames: hosts,
      rules: [{ filters: [{ type: 'RequestRedirect', requestRedirect }] }],
    },
  };
}

/** Route objects by the Service that they lead to, so that a route of one service changes no object of another. */
function* routeObjects(
  construct: IConstruct,
  { namespace, hosts }: Readonly<GatewayFacts>,
  led: readonly Led[],
): Iterable<Derived> {
  // A name is served by one kind of route only (GEP-1016, "Cross Serving").
  const grpc = led.length > 0 && led.every(speaksOnlyGrpc);
  const rules = grpc ? grpcRules(led, namespace) : httpRules(led, namespace);
  const objectOf = ({ led: { service: to, route } }: RenderedRule): string =>
    [to.namespace, to.name, ...(route.facts.host?.split('.') ?? [])].join('-');
  const apart = namesApart(led.map(({ route }) => route));
  const others = hosts.filter((host) => !apart.has(host));
  for (const [service, ofService] of groupBy(rules, objectOf)) {
    const [first] = ofService;
    const own = first?.led.route.facts.host;
    const hostnames = own === undefined ? others : [own];
    if (hostnames.length === 0) continue;
    for (let from = 0; from < ofService.length; from += MOST_RULES) {
      const part = ofService.slice(from, from + MOST_RULES);
      const number = from === 0 ? '' : `-${from / MOST_RULES + 1}`;
      yield {
        scope: construct,
        sources: sourcesOf(part.map((one) => one.led)),
        manifest: {
          apiVersion: 'gateway.networking.k8s.io/v1',
          kind: grpc ? 'GRPCRoute' : 'HTTPRoute',
          metadata: { ...metadataOf(construct, namespace), name: `${construct.node.id}-${service}${number}` },
          spec: {
            parentRefs: [{ name: construct.node.id, sectionName: 'https' }],
            hostnames,
            rules: part.map(({ rule }) => rule),
          },
        },
      };
    }
  }
}

/** Leave for routes to lead into another namespace, for each Service, said there. */
function* grants(
  graph: Graph,
  construct: IConstruct,
  facts: Readonly<GatewayFacts>,
  led: readonly Led[],
): Iterable<Derived> {
  const away = led
    .flatMap(({ all }) => all)
    .filter(({ service, destination: { to } }) => isAway(service, facts) && podsOf(graph, to) !== undefined);
  const kind = led.every(speaksOnlyGrpc) ? 'GRPCRoute' : 'HTTPRoute';
  for (const [, ofService] of groupBy(away, ({ service }) => `${service.namespace}/${service.name}`)) {
    const [first] = ofService;
    if (first === undefined) continue;
    const { name, namespace } = first.service;
    yield {
      scope: first.destination.to,
      sources: [...new Set(ofService.map(({ destination }) => destination.source))],
      manifest: {
        apiVersion: 'gateway.networking.k8s.io/v1beta1',
        kind: 'ReferenceGrant',
        metadata: {
          ...metadataOf(first.destination.to, namespace),
          name: `${facts.namespace}-${construct.node.id}-${name}`,
        },
        spec: {
          from: [{ group: 'gateway.networking.k8s.io', kind, namespace: facts.namespace }],
          to: [{ group: '', kind: 'Service', name }],
        },
      },
    };
  }
}

/** Leave that only others can give, in their namespace. */
export const grantRules = rule('gateway.grants', function* (graph): Iterable<RuleFinding> {
  if (graph.backEnd(GatewayNeed).name !== 'gateway-api') return;
  for (const { construct: at, facts } of graph.having(Gateway)) {
    const led = routesOf(graph, at).flatMap((route) => leading(graph, route));
    for (const { route, service, destination } of led.flatMap(({ all, route }) =>
      all.map((to) => ({ ...to, route })),
    )) {
      if (!isAway(service, facts) || podsOf(graph, destination.to) !== undefined) continue;
      const { by, at: line } = destination.source;
      yield {
        at,
        code: 'grant-needed',
        severity: 'warning',
        message: `Routes of ${facts.namespace} may not lead to ${service.namespace}, unless somebody there lets them.`,
        field: `route ${nameOfMatch(route.facts)}`,
        got: `${by} at ${line}`,
        allowed: `a ReferenceGrant in ${service.namespace} from ${facts.namespace} to the Service ${service.name}`,
        fix: 'Ask its owners for the ReferenceGrant, and accept this with who gave it.',
      };
    }
  }
});

function isAway({ namespace }: LedTo['service'], gateway: Readonly<GatewayFacts>): boolean {
  return namespace !== gateway.namespace;
}

function metadataOf(construct: IConstruct, namespace: string): { namespace: string; labels: Record<string, string> } {
  return { namespace, labels: { ...ownershipLabels(construct) } };
}

function sourcesOf(led: readonly Led[]): readonly Source[] {
  return [...new Set(led.flatMap(({ all }) => all.map(({ destination }) => destination.source)))];
}
