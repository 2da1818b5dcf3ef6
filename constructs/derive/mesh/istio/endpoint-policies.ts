import type { IConstruct } from 'constructs';
import type { Derived } from '../../../model/extension';
import type { Joined } from '../../../model/facet';
import type { Graph } from '../../../model/graph';
import { byText, groupBy } from '../../../model/order';
import type { Source } from '../../../model/source';
import { Calls } from '../../calls';
import { Endpoint } from '../../endpoint';
import type { BalancingFacts, BreakerFacts, LocalityFacts } from '../../resilience/facts';
import { EndpointPolicies, callerFacts, type CallerFacts, type EndpointPolicyPart } from '../../resilience/routes';
import { durationOf, envoyDurationOf } from './durations';
import { istioObject } from './objects';
import { renderPool } from './pool';
import { nameOf } from './routes';
import { hostsOf } from './versions';

type Policy = Joined<EndpointPolicyPart>;

/** How often an endpoint that was left alone is looked at again: it comes back at most this much later than declared. */
const SWEEP = '1s';

/**
 * How each caller's proxies treat the endpoints of a host (Istio API 1.31, networking.istio.io/v1 DestinationRule). A rule
 * in the namespace of a caller hides that of the callee, also from callers whom its selector does not name. So where one
 * caller of a namespace has a rule of its own, all of them there have one.
 */
export function* destinationRules(
  graph: Graph,
  callees: Iterable<IConstruct> = graph.receivers(EndpointPolicies),
): Iterable<Derived> {
  for (const callee of callees) {
    const policies = groupBy(graph.collect(EndpointPolicies, callee), ({ value }) => value.caller.path);
    const namespaces = new Set([...policies.values()].flat().map(({ value }) => value.caller.namespace));
    for (const { caller, at, sources } of eachCaller(graph, callee)) {
      if (!namespaces.has(caller.namespace)) continue;
      const said = policies.get(caller.path) ?? [];
      // A rule of a host does nothing for the hosts of its versions.
      for (const { label, host } of hostsOf(graph, callee)) {
        const pair = { caller, at, sources, host, name: `${at.node.id}.${hostLabel(graph, callee, label)}` };
        yield renderRule(pair, said);
        yield* renderFilters(pair, said);
      }
    }
  }
}

interface Pair {
  readonly caller: CallerFacts;
  readonly at: IConstruct;
  readonly sources: readonly Source[];
  readonly host: string;
  /** Unique among the callers and callees of a namespace: what is between can be in no name of theirs. */
  readonly name: string;
}

/** Each caller once, with all that it said. */
function* eachCaller(graph: Graph, callee: IConstruct): Iterable<Pick<Pair, 'caller' | 'at' | 'sources'>> {
  for (const [at, calls] of groupBy(graph.to(callee, Calls), ({ from }) => from)) {
    const caller = callerFacts(graph, at);
    if (caller !== undefined) yield { caller, at, sources: calls.map(({ source }) => source) };
  }
}

/**
 * Tells hosts apart in names of objects: services of two namespaces may be called alike.
 * @param version - Service of one of its versions; empty: its own
 */
export function hostLabel(graph: Graph, callee: IConstruct, version = ''): string {
  const host = graph.facts(callee, Endpoint)?.host;
  const namespace = host !== undefined && 'namespace' in host ? `.${host.namespace}` : '';
  return `${version === '' ? nameOf(graph, callee) : version}${namespace}`;
}

function renderRule({ caller, at, sources, host, name }: Pair, said: readonly Policy[]): Derived {
  const ports = said
    .map(({ value }) => ({ number: value.port, policy: renderPolicy(value) }))
    .filter(({ policy }) => Object.keys(policy).length > 0)
    .map(({ number, policy }) => ({ port: { number }, ...policy }));
  return {
    scope: at,
    sources,
    manifest: istioObject(
      'networking',
      'DestinationRule',
      at,
      { name, namespace: caller.namespace },
      {
        host,
        workloadSelector: { matchLabels: caller.labels },
        exportTo: ['.'],
        ...(ports.length > 0 && { trafficPolicy: { portLevelSettings: ports } }),
      },
    ),
  };
}

/** How the endpoints of a host are treated, on one port. */
export function renderPolicy({
  circuitBreaker,
  bulkhead,
  loadBalancing,
  locality,
  serverName,
}: Readonly<Omit<EndpointPolicyPart, 'caller' | 'port'>>): object {
  const outlierDetection = circuitBreaker && renderBreaker(circuitBreaker, locality);
  const loadBalancer = {
    ...(loadBalancing !== undefined && renderBalancing(loadBalancing)),
    ...(outlierDetection !== undefined && { localityLbSetting: renderLocality(locality) }),
  };
  return {
    ...(serverName !== undefined && {
      // The authorities that the proxy's own image trusts; without one, whoever answers would be believed.
      tls: { mode: 'SIMPLE', sni: serverName, subjectAltNames: [serverName], caCertificates: 'system' },
    }),
    ...(Object.keys(loadBalancer).length > 0 && { loadBalancer }),
    ...(bulkhead !== undefined && { connectionPool: renderPool(bulkhead) }),
    ...(outlierDetection !== undefined && { outlierDetection }),
  };
}

/**
 * Errors in a row. Of a breaker on a rate Istio's own rule is only told where places matter: it orders endpoints by
 * places where a rule has such a part, and does not see what a filter says.
 */
function renderBreaker(
  { consecutiveErrors, openMs, maxEjectedPercent }: BreakerFacts,
  locality: LocalityFacts | undefined,
): object | undefined {
  if (consecutiveErrors === undefined && locality === undefined) return undefined;
  return {
    consecutive5xxErrors: consecutiveErrors ?? 0,
    interval: SWEEP,
    baseEjectionTime: durationOf(openMs),
    maxEjectionPercent: maxEjectedPercent,
  };
}

/**
 * Which endpoints come first (Istio API 1.31, `LocalityLoadBalancerSetting`). Where nothing is said, Istio prefers those of
 * the caller's zone as soon as there is a breaker (Istio 1.31, MeshConfig `localityLbSetting`, on by default): then one
 * value of a header would lead elsewhere from each zone, and a zone with more callers than pods would be overrun.
 */
function renderLocality(locality: LocalityFacts | undefined): object {
  if (locality === undefined) return { enabled: false };
  const failover = Object.entries(locality.nextRegion)
    .sort(([a], [b]) => byText(a, b))
    .map(([from, to]) => ({ from, to }));
  return { enabled: true, ...(failover.length > 0 && { failover }) };
}

function renderBalancing(facts: BalancingFacts): object {
  if ('simple' in facts) return { simple: facts.simple };
  if ('header' in facts) return { consistentHash: { httpHeaderName: facts.header } };
  if ('cookie' in facts)
    return { consistentHash: { httpCookie: { name: facts.cookie, ttl: durationOf(facts.ttlMs) } } };
  return { consistentHash: { useSourceIp: true } };
}

/**
 * Rates of failures: Envoy has them and Istio's own rule does not, so the caller's proxies are told directly (Istio API
 * 1.31, networking.istio.io/v1alpha3 EnvoyFilter; Envoy 1.40, `OutlierDetection`).
 */
function* renderFilters({ caller, at, sources, host, name: rule }: Pair, said: readonly Policy[]): Iterable<Derived> {
  const patches = said.flatMap(({ value: { circuitBreaker, port } }) =>
    circuitBreaker?.failureRate === undefined ? [] : [renderPatch(host, port, circuitBreaker)],
  );
  if (patches.length === 0) return;
  const name = `${rule}.failure-rate`;
  const spec = { workloadSelector: { labels: caller.labels }, configPatches: patches };
  const manifest = istioObject('networking', 'EnvoyFilter', at, { name, namespace: caller.namespace }, spec);
  yield { scope: at, sources, manifest };
}

function renderPatch(
  service: string,
  portNumber: number,
  { failureRate, openMs, maxEjectedPercent }: BreakerFacts,
): object {
  return {
    applyTo: 'CLUSTER',
    match: { context: 'SIDECAR_OUTBOUND', cluster: { service, portNumber } },
    patch: {
      operation: 'MERGE',
      value: {
        outlier_detection: {
          interval: envoyDurationOf(failureRate?.withinMs ?? 0),
          base_ejection_time: envoyDurationOf(openMs),
          max_ejection_percent: maxEjectedPercent,
          failure_percentage_threshold: failureRate?.percent,
          failure_percentage_request_volume: failureRate?.minimumRequests,
          failure_percentage_minimum_hosts: 1,
          enforcing_failure_percentage: 100,
          // Only the rate counts.
          enforcing_consecutive_5xx: 0,
          enforcing_success_rate: 0,
        },
      },
    },
  };
}
