import { backEnd } from '../../model/back-end';
import type { Derived } from '../../model/extension';
import type { Part } from '../../model/facet';
import type { Graph } from '../../model/graph';
import type { AppProtocolPart } from '../endpoint';
import type { InjectedPart, TextPart } from '../pod';
import type { TrafficPart } from '../traffic';
import { authorizationPolicies } from './istio/authorization';
import { contextObjects, exposedPorts } from './istio/context';
import { istiodPart, scraperPart } from './istio/control';
import { serviceEntries, sidecars } from './istio/egress';
import { destinationRules } from './istio/endpoint-policies';
import { failovers } from './istio/failover';
import { virtualServices } from './istio/routes';
import { versionRoutes } from './istio/versions';
import { ISTIO_OPTIONS, istioOptions, type IstioOptions } from './istio/options';
import { istioReleases } from './istio/releases';
import { tokenPolicies } from './istio/tokens';
import { MeshNeed, members, memberships, sourceOf, withProxies, type MeshAbility, type MeshBackEnd } from './mesh';

/** What Istio does with a proxy beside each pod. */
export const SIDECAR_CAN: ReadonlySet<MeshAbility> = new Set([
  'mutual-tls',
  'authorization',
  'timeout',
  'retry',
  'consecutive-errors',
  'failure-rate',
  'bulkhead',
  'admission',
  'load-balancing',
  'locality',
  'failover',
  'settings-per-caller',
  'outside-hosts',
  'weights',
  'access-token',
]);

/** Label by which a pod says whether it gets a proxy (Istio 1.31, "Resource Labels"). */
const INJECT_LABEL = 'sidecar.istio.io/inject';

/** Istio with a proxy in each pod (Istio 1.31), injected by istiod's webhook and set up by Istio's CNI plugin. */
export const istioSidecar = backEnd(MeshNeed, 'istio-sidecar', ISTIO_OPTIONS, (given): MeshBackEnd => {
  const options = istioOptions(given);
  return {
    name: 'istio-sidecar',
    can: SIDECAR_CAN,
    reporters: ['source'],
    isScraped: options.scraper !== undefined,
    releases: istioReleases(options.namespace),
    objects: (graph) => objects(graph, options),
    podLabels: (graph) => labels(graph, options),
    podAnnotations: (graph) => annotations(graph, options),
    injected: (graph) => injected(graph, options),
    appProtocols: plainTcp,
    serviceLabels: () => [],
    contextPods: () => [],
    tunnels: () => [],
    trafficIn: (graph) => trafficIn(graph, options),
    trafficOut: (graph) => trafficOut(graph, options),
  };
});

function* objects(graph: Graph, options: IstioOptions): Iterable<Derived> {
  const all = members(graph);
  yield* contextObjects(graph, options);
  yield* exposedPorts(graph, all);
  yield* authorizationPolicies(graph, all, options.trustDomain);
  yield* tokenPolicies(graph, all);
  yield* sidecars(graph, all);
  yield* serviceEntries(graph, withProxies(graph));
  yield* virtualServices(graph);
  yield* versionRoutes(graph);
  yield* destinationRules(graph);
  yield* failovers(graph);
}

/**
 * Each pod says it by itself, in or out, and namespaces say nothing: so a pod that is in nobody's plan, such as one that
 * an operator makes, is never injected by accident.
 */
function* labels(graph: Graph, { revision }: IstioOptions): Iterable<Part<TextPart>> {
  for (const member of graph.view(memberships).values()) {
    if (member.proxy === 'itself') continue;
    const part = { to: member.construct, source: sourceOf(member) };
    yield { ...part, part: { name: INJECT_LABEL, value: String(member.inside) } };
    if (member.inside && revision !== '') yield { ...part, part: { name: 'istio.io/rev', value: revision } };
  }
}

function* annotations(graph: Graph, { proxy }: IstioOptions): Iterable<Part<TextPart>> {
  for (const member of graph.view(memberships).values()) {
    const part = { to: member.construct, source: sourceOf(member) };
    yield { ...part, part: { name: 'ashlar.dev/mesh', value: member.reason } };
    if (!member.inside || member.proxy === 'itself') continue;
    // Said, although they are mostly the chart's own: the quota was computed from them.
    yield { ...part, part: { name: 'sidecar.istio.io/proxyCPU', value: proxy.cpu } };
    yield { ...part, part: { name: 'sidecar.istio.io/proxyMemory', value: proxy.memory } };
    yield { ...part, part: { name: 'sidecar.istio.io/proxyMemoryLimit', value: proxy.memoryLimit } };
  }
}

function* injected(graph: Graph, { proxy }: IstioOptions): Iterable<Part<InjectedPart>> {
  const resources = { requests: { cpu: proxy.cpu, memory: proxy.memory }, limits: { memory: proxy.memoryLimit } };
  for (const member of members(graph)) {
    yield { to: member.construct, source: sourceOf(member), part: { name: 'istio-proxy', resources } };
  }
}

/**
 * Of a port whose protocol nobody names, proxies look at the first bytes, and wait for them: where the server speaks
 * first, that is seconds (Istio 1.31, "Protocol Selection").
 */
export function* plainTcp({ root }: Graph): Iterable<Part<AppProtocolPart>> {
  yield { to: root, source: { by: 'mesh', at: root.node.path }, part: { protocol: 'tcp', appProtocol: 'tcp' } };
}

function* trafficIn(graph: Graph, options: IstioOptions): Iterable<Part<TrafficPart>> {
  const part = scraperPart(options);
  if (part === undefined) return;
  for (const member of withProxies(graph)) yield { to: member.construct, source: sourceOf(member), part };
}

function* trafficOut(graph: Graph, options: IstioOptions): Iterable<Part<TrafficPart>> {
  const part = istiodPart(options);
  for (const member of members(graph)) yield { to: member.construct, source: sourceOf(member), part };
}
