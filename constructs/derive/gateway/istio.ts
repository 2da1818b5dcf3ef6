import type { Construct } from 'constructs';
import { backEnd } from '../../model/back-end';
import type { Build, Derived } from '../../model/extension';
import type { Part } from '../../model/facet';
import type { Graph } from '../../model/graph';
import type { JsonSchema } from '../../model/json-schema';
import { declare } from '../../model/recorder';
import { PROXY_RESOURCES } from '../mesh/istio/made-pods';
import { istioWithoutMesh } from '../mesh/istio/releases';
import { Endpoint, Served, type PortFacts } from '../endpoint';
import { ANYWHERE, Exposes } from '../exposure';
import type { TextPart } from '../pod';
import { selectorOf } from '../pod-template';
import type { TrafficPart } from '../traffic';
import { Workload } from '../workload';
import { Gateway, GatewayNeed, type GatewayAbility, type GatewayBackEnd, type GatewayFacts } from './gateway';
import { gatewayPolicies } from './istio-auth';
import { authorizers } from './istio-authorizers';
import { globalLimits } from './istio-global-limits';
import { bodies } from './istio-bodies';
import { caching } from './istio-caching';
import { rateLimits } from './istio-rate-limit';
import { outsideObjects } from './istio-outside';
import { gatewayRoutes } from './istio-routes';

/** What an environment file may say of a gateway of Istio. */
interface Options {
  /** Image of the proxy; its version is that of istiod. */
  readonly image: string;
  /** Namespace of istiod. */
  readonly controlPlane: string;
  /** Revision of istiod; empty: the default one. */
  readonly revision: string;
}

const DEFAULTS: Options = { image: 'docker.io/istio/proxyv2:1.31.0', controlPlane: 'istio-system', revision: '' };

const OPTIONS: JsonSchema = {
  type: 'object',
  properties: {
    image: { type: 'string', description: 'Image of the proxy, of the version of istiod.' },
    controlPlane: { type: 'string', description: 'Namespace of istiod.' },
    revision: { type: 'string', description: 'Revision of istiod that serves the gateway.' },
  },
  additionalProperties: false,
};

/** What Istio's gateways do. */
export const ISTIO_GATEWAY_CAN: ReadonlySet<GatewayAbility> = new Set([
  'jwt',
  'authorizer',
  'rate-limit',
  'cors',
  'rewrite',
  'header-changes',
  'caching',
  'timeout',
  'request-size',
  'compression',
  'scale',
  'outside-host',
  'weights',
  'mirror',
  'host-before-path',
]);

/** Clients use the well-known ports; the process may not listen below 1024. */
const PORTS: readonly PortFacts[] = [
  { name: 'http', number: 80, containerPort: 8080, protocol: 'http' },
  { name: 'https', number: 443, containerPort: 8443, protocol: 'tcp' },
];

/** User of Istio's proxies (Istio 1.31, "Application Requirements": 1337 is reserved). */
const PROXY_USER = 1337;

/**
 * A gateway of its own for each `ApiGateway` (Istio 1.31, "Installing Gateways"): a workload whose only container is the
 * proxy, which istiod's webhook completes. So it has a quota, a budget, a scaler, an identity and policies like any other.
 */
export const istioGateway = backEnd(GatewayNeed, 'istio', OPTIONS, (given): GatewayBackEnd => {
  const options: Options = { ...DEFAULTS, ...given };
  return {
    name: 'istio',
    runs: true,
    can: ISTIO_GATEWAY_CAN,
    releases: istioWithoutMesh(options.controlPlane),
    realize: (construct, facts, build) => run(construct, facts, build, options),
    objects,
    podLabels: (graph) => labels(graph, options),
    podAnnotations: (graph) => annotations(graph),
    trafficIn: () => [],
    trafficOut: (graph) => trafficOut(graph, options),
  };
});

function run(construct: Construct, facts: Readonly<GatewayFacts>, build: Build, { image }: Options): void {
  const { id: name } = construct.node;
  const { namespace, scale } = facts;
  const selector = selectorOf(name);
  declare(construct, Endpoint, {
    host: { service: name, namespace },
    ports: PORTS,
    reach: { pods: { namespace, labels: selector } },
  });
  declare(construct, Served, {
    name,
    namespace,
    selector,
    services: [{ name, type: 'LoadBalancer', ports: PORTS, sourceRanges: [] }],
  });
  declare(construct, Workload, {
    name,
    namespace,
    selector,
    strategy: 'rolling',
    ...(scale !== undefined && { scale }),
    user: PROXY_USER,
    mountsToken: false,
    env: [],
    beside: [],
    claims: [],
    volumes: [],
    container: {
      name: 'istio-proxy',
      image,
      ports: PORTS,
      health: { readiness: { httpGet: { path: '/healthz/ready', port: 15021 }, periodSeconds: 5 } },
      resources: PROXY_RESOURCES,
    },
  });
  for (const { name: port } of PORTS) build.relate(Exposes, construct, construct, { port, from: [ANYWHERE] });
}

function* objects(graph: Graph): Iterable<Derived> {
  yield* gatewayRoutes(graph);
  yield* outsideObjects(graph);
  yield* gatewayPolicies(graph);
  yield* rateLimits(graph);
  yield* globalLimits(graph);
  yield* authorizers(graph);
  yield* bodies(graph);
  yield* caching(graph);
}

function* labels(graph: Graph, { revision }: Options): Iterable<Part<TextPart>> {
  for (const { construct } of graph.having(Gateway)) {
    const part = { to: construct, source: { by: 'gateway', at: construct.node.path } };
    yield { ...part, part: { name: 'sidecar.istio.io/inject', value: 'true' } };
    if (revision !== '') yield { ...part, part: { name: 'istio.io/rev', value: revision } };
  }
}

function* annotations(graph: Graph): Iterable<Part<TextPart>> {
  for (const { construct } of graph.having(Gateway)) {
    const source = { by: 'gateway', at: construct.node.path };
    yield { to: construct, source, part: { name: 'inject.istio.io/templates', value: 'gateway' } };
  }
}

function* trafficOut(graph: Graph, { controlPlane, revision }: Options): Iterable<Part<TrafficPart>> {
  const labels = { app: 'istiod', ...(revision !== '' && { 'istio.io/rev': revision }) };
  for (const { construct } of graph.having(Gateway)) {
    const part: TrafficPart = {
      peer: { pods: { namespace: controlPlane, labels } },
      port: 15012,
      transport: 'TCP',
      purpose: 'control',
    };
    yield { to: construct, source: { by: 'gateway', at: construct.node.path }, part };
  }
}
