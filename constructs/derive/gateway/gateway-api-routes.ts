import type { IConstruct } from 'constructs';
import type { Derived } from '../../model/extension';
import type { Graph } from '../../model/graph';
import type { Hints } from '../../model/hints';
import type { KubeObject } from '../../model/kube-object';
import { ownershipLabels, sharedMetadata } from '../labels';
import { PROXY_RESOURCES, parametersRef, renderParameters, type MadePods } from '../mesh/istio/made-pods';
import { istioObject } from '../mesh/istio/objects';
import { MeshNeed } from '../mesh/mesh';
import { Replicas } from '../scaling';
import { Gateway, type GatewayFacts } from './gateway';
import { grants } from './gateway-api-grants';
import { routeObjects, type RouteObject } from './gateway-api-objects';
import { completesPods, type ImplementationFacts } from './implementations';

/** Objects of each gateway (Gateway API 1.6, standard channel). */
export function* gatewayApiObjects(graph: Graph, known: ImplementationFacts): Iterable<Derived> {
  for (const { construct, facts } of graph.having(Gateway)) {
    yield { scope: construct, manifest: renderGateway(construct, facts, known) };
    if (completesPods(known))
      yield { scope: construct, manifest: renderParameters(construct, madePodsOf(graph, construct, facts, known)) };
    yield { scope: construct, manifest: renderRedirect(construct, facts) };
    if (known.inMesh && graph.backEnd(MeshNeed).can.has('authorization'))
      yield { scope: construct, manifest: renderOpening(construct, facts) };
    for (const one of routeObjects(graph, construct)) yield renderRoutes(construct, one);
    yield* grants(graph, construct, facts);
  }
}

function madePodsOf(
  graph: Graph,
  construct: IConstruct,
  { namespace, scale }: Readonly<GatewayFacts>,
  known: ImplementationFacts,
): MadePods {
  const { id: name } = construct.node;
  const labels = known.labelsOf(name, namespace);
  return { name, namespace, labels, scale: graph.setting(Replicas, construct, scale), resources: PROXY_RESOURCES };
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
      ...(completesPods(known) && { infrastructure: parametersRef(construct.node.id) }),
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

/** A list of rules is one field to deployers. */
const WEIGHED: Hints = { ownedElsewhere: ['/spec/rules'], heldBack: 'paths, headers and times of routes' };

function renderRoutes(construct: IConstruct, { kind, namespace, name, hostnames, rules }: RouteObject): Derived {
  return {
    scope: construct,
    sources: [...new Set(rules.flatMap(({ led }) => led.all.map(({ destination }) => destination.source)))],
    // In one of these objects there is one service only.
    ...(rules.some(({ isMoved }) => isMoved) && { hints: WEIGHED }),
    manifest: {
      apiVersion: 'gateway.networking.k8s.io/v1',
      kind,
      metadata: { ...metadataOf(construct, namespace), name },
      spec: {
        parentRefs: [{ name: construct.node.id, sectionName: 'https' }],
        hostnames,
        rules: rules.map(({ rule }) => rule),
      },
    },
  };
}

function metadataOf(construct: IConstruct, namespace: string): { namespace: string; labels: Record<string, string> } {
  return { namespace, labels: { ...ownershipLabels(construct) } };
}
