import type { Construct } from 'constructs';
import { backEnd } from '../../model/back-end';
import { given as onlyGiven } from '../../model/given';
import type { Part } from '../../model/facet';
import type { Graph } from '../../model/graph';
import type { JsonSchema } from '../../model/json-schema';
import { declare } from '../../model/recorder';
import { transportOf, type Reach } from '../endpoint';
import { ANYWHERE } from '../exposure';
import { PROXY_RESOURCES } from '../mesh/istio/made-pods';
import { istioWithoutMesh } from '../mesh/istio/releases';
import { OperatedPods, type TrafficPart } from '../traffic';
import { backendTlsPolicies } from './backend-tls';
import { destinationsOf, reachedBy } from './destinations';
import { Gateway, GatewayNeed, routesOf, type GatewayAbility, type GatewayBackEnd, type GatewayFacts } from './gateway';
import { weightedRoutes } from './gateway-api-objects';
import { gatewayApiObjects } from './gateway-api-routes';
import { IMPLEMENTATIONS, completesPods, type Implementation, type ImplementationFacts } from './implementations';

/** What the Gateway API 1.6 (standard channel) has words for, whoever implements it. */
const EVERYBODY_CAN: readonly GatewayAbility[] = ['header-changes', 'rewrite', 'weights'];

/** What this back end does with each implementation, as findings name it. */
export const GATEWAY_API_CAN: Readonly<Record<string, ReadonlySet<GatewayAbility>>> = Object.fromEntries(
  Object.entries(IMPLEMENTATIONS).map(([name, known]) => [`gateway-api with ${name}`, abilitiesOf(known)]),
);

function abilitiesOf(known: ImplementationFacts): ReadonlySet<GatewayAbility> {
  return new Set([...EVERYBODY_CAN, ...known.knows, ...(completesPods(known) ? (['scale'] as const) : [])]);
}

/** What an environment file may say. */
interface Options {
  readonly implementation: Implementation;
  readonly gatewayClassName?: string;
  readonly pods?: { readonly namespace: string; readonly labels?: Readonly<Record<string, string>> };
  readonly ports?: Readonly<Record<'http' | 'https', number>>;
  readonly controlPlane?: string;
}

const PORT: JsonSchema = { type: 'integer', minimum: 1, maximum: 65_535 };

const OPTIONS: JsonSchema = {
  type: 'object',
  properties: {
    implementation: {
      type: 'string',
      enum: Object.keys(IMPLEMENTATIONS),
      description: 'Who serves the Gateway API in the cluster.',
    },
    gatewayClassName: { type: 'string', description: 'Name of the GatewayClass.' },
    pods: {
      type: 'object',
      description: 'Pods through which requests reach services, where they are not beside the Gateway.',
      properties: {
        namespace: { type: 'string' },
        labels: { type: 'object', additionalProperties: { type: 'string' } },
      },
      required: ['namespace'],
      additionalProperties: false,
    },
    ports: {
      type: 'object',
      description: 'Ports of the listeners.',
      properties: { http: PORT, https: PORT },
      required: ['http', 'https'],
      additionalProperties: false,
    },
    controlPlane: { type: 'string', description: 'Namespace of what configures the pods beside the Gateway.' },
  },
  additionalProperties: false,
};

/** Most pods of one gateway that the quota of its context has room for, where somebody else says how many there are. */
const PODS = 3;

/**
 * The portable core of the Gateway API (1.6, standard channel): whoever serves it in the cluster brings pods and address.
 * What it has no words for is a finding.
 */
export const gatewayApi = backEnd(GatewayNeed, 'gateway-api', OPTIONS, (given): GatewayBackEnd => {
  const options: Options = { implementation: 'istio', ...given };
  const known = implementationOf(options);
  return {
    name: 'gateway-api',
    runs: true,
    can: abilitiesOf(known),
    releases: options.implementation === 'istio' ? istioWithoutMesh(known.control?.namespace ?? '') : [],
    realize: (construct, facts) => operate(construct, facts, known),
    objects: (graph) => [...gatewayApiObjects(graph, known), ...backendTlsPolicies(graph, known)],
    weightedRoutes,
    podLabels: () => [],
    podAnnotations: () => [],
    trafficIn: (graph) => trafficIn(graph, known),
    trafficOut: (graph) => trafficOut(graph, known),
  };
});

function implementationOf(options: Options): ImplementationFacts {
  const { implementation, gatewayClassName: className, pods, ports, controlPlane: namespace } = options;
  const known = IMPLEMENTATIONS[implementation];
  const control = known.control === undefined || namespace === undefined ? undefined : { ...known.control, namespace };
  return {
    ...known,
    ...onlyGiven({ className, ports, control, namespace: pods?.namespace }),
    ...(pods !== undefined && { labelsOf: () => pods.labels ?? {} }),
  };
}

/** Pods beside the Gateway are in the context: its quota counts them, and its default deny holds for them. */
function operate(construct: Construct, facts: Readonly<GatewayFacts>, known: ImplementationFacts): void {
  if (known.namespace !== undefined) return;
  const { id: name } = construct.node;
  const { namespace, scale } = facts;
  const selector = known.labelsOf(name, namespace);
  // The account is called as the Deployment that istiod makes (Istio 1.31, "Kubernetes Gateway API", "Automated Deployment").
  const made = completesPods(known) ? { pods: { scale }, account: `${name}-${known.className}` } : { pods: PODS };
  declare(construct, OperatedPods, { name, namespace, selector, resources: PROXY_RESOURCES, ...made });
}

function* trafficIn(graph: Graph, known: ImplementationFacts): Iterable<Part<TrafficPart>> {
  for (const { construct, facts } of graph.having(Gateway)) {
    const source = { by: 'gateway', at: construct.node.path };
    if (known.namespace === undefined) {
      for (const port of Object.values(known.ports)) yield { to: construct, source, part: flow(ANYWHERE, port) };
      continue;
    }
    const labels = known.labelsOf(construct.node.id, facts.namespace);
    const pods: Reach = { pods: { namespace: known.namespace, labels } };
    for (const destination of routesOf(graph, construct).flatMap((route) => destinationsOf(graph, route))) {
      const port = reachedBy(graph, destination)?.port;
      if (port === undefined || transportOf(port.protocol) === 'UDP') continue;
      yield { to: destination.to, source: destination.source, part: flow(pods, port.containerPort) };
    }
  }
}

function flow(peer: Reach, port: number): TrafficPart {
  return { peer, port, transport: 'TCP', purpose: 'relation' };
}

function* trafficOut(graph: Graph, { namespace, control }: ImplementationFacts): Iterable<Part<TrafficPart>> {
  if (namespace !== undefined || control === undefined) return;
  const peer: Reach = { pods: { namespace: control.namespace, labels: control.labels } };
  for (const { construct } of graph.having(Gateway)) {
    const part: TrafficPart = { peer, port: control.port, transport: 'TCP', purpose: 'control' };
    yield { to: construct, source: { by: 'gateway', at: construct.node.path }, part };
  }
}
