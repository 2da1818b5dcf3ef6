import type { IConstruct } from 'constructs';
import type { Derived } from '../../../model/extension';
import type { Joined } from '../../../model/facet';
import type { Graph } from '../../../model/graph';
import { byText, sortedBy } from '../../../model/order';
import { madePart } from '../../../model/source';
import { Calls } from '../../calls';
import { Endpoint } from '../../endpoint';
import { isStatus } from '../../resilience/conditions';
import { HostRoutes, callerFacts, type RoutePart, type TreatmentFacts } from '../../resilience/routes';
import { memberships } from '../mesh';
import { durationOf } from './durations';
import { hostOfCallee } from './hosts';
import { istioObject } from './objects';
import { renderHeader, waysTo, type Way } from './versions';

type Block = Joined<RoutePart>;

/**
 * The routes of each host that is called with HTTP or gRPC (Istio API 1.31, networking.istio.io/v1 VirtualService): a
 * block for each caller that asks for something, and a last one for everybody else. There is one host, so there is one
 * object; where the host is not the platform's, there is one in each namespace that calls it, which others do not see.
 */
export function* virtualServices(graph: Graph): Iterable<Derived> {
  for (const callee of graph.receivers(HostRoutes)) {
    const blocks = graph.collect(HostRoutes, callee);
    const own = graph.view(memberships).get(callee)?.namespace;
    if (own !== undefined) yield renderRoutes(graph, callee, { namespace: own, at: callee }, blocks, ['*']);
    else yield* routesOfOthers(graph, callee, blocks);
  }
}

function* routesOfOthers(graph: Graph, callee: IConstruct, blocks: readonly Block[]): Iterable<Derived> {
  const callers = graph.to(callee, Calls).flatMap(({ from }) => callerFacts(graph, from) ?? []);
  for (const namespace of [...new Set(callers.map((caller) => caller.namespace))].sort(byText)) {
    const said = blocks.filter(({ value: { caller } }) => caller === undefined || caller.namespace === namespace);
    yield renderRoutes(graph, callee, { namespace, at: callee }, said, ['.']);
  }
}

/** One object of routes. */
export function renderRoutes(
  graph: Graph,
  callee: IConstruct,
  { namespace, at }: { readonly namespace: string; readonly at: IConstruct },
  blocks: readonly Block[],
  exportTo: readonly string[],
): Derived {
  const host = hostOfCallee(graph, callee);
  const inOrder = sortedBy(blocks, ({ value }) => orderOf(value));
  const http = inOrder.flatMap(({ value }) => waysTo(graph, callee, value.port).map((way) => renderBlock(value, way)));
  return {
    scope: at,
    sources: inOrder.flatMap(({ value, sources }) => sources.map((source) => madePart(`http ${value.name}`, source))),
    manifest: istioObject(
      'networking',
      'VirtualService',
      at,
      { name: nameOf(graph, callee), namespace },
      { hosts: [host], exportTo, http },
    ),
  };
}

/** Name of what is made for a host: that of its Service, or the path of a peer outside. */
export function nameOf(graph: Graph, callee: IConstruct): string {
  const host = graph.facts(callee, Endpoint)?.host;
  if (host !== undefined && 'service' in host) return host.service;
  return callee.node.path.split('/').slice(1).join('-');
}

/** By port; callers before everybody; of one caller the narrower first. The first block that matches is taken. */
function orderOf({ port, caller, only, name }: RoutePart): string {
  const narrow = only === undefined ? 1 : 0;
  const rank = caller === undefined ? `1 ${narrow}` : `0 ${caller.path} ${narrow}`;
  return `${String(port).padStart(5, '0')} ${rank} ${name}`;
}

function renderBlock({ name, port, caller, only, treat }: RoutePart, { suffix, testers, to }: Way): object {
  const who = {
    port,
    ...(caller !== undefined && { sourceNamespace: caller.namespace, sourceLabels: caller.labels }),
    ...(testers !== undefined && { headers: renderHeader(testers) }),
  };
  return {
    name: `${name}${suffix}`,
    match: matchesOf(only).map((request) => ({ ...who, ...request })),
    ...(treat.timeoutMs !== undefined && { timeout: durationOf(treat.timeoutMs) }),
    retries: renderRetry(treat),
    ...to,
  };
}

function matchesOf(only: RoutePart['only']): readonly object[] {
  if (only === undefined) return [{}];
  if ('paths' in only) return only.paths.map((path) => ({ uri: { exact: path } }));
  return only.methods.map((method) => ({ method: { exact: method } }));
}

/** Where nothing is said Istio retries twice (Istio 1.31, `defaultHttpRetryPolicy`): so nothing is said in so many words. */
function renderRetry({ retry, retryElsewhere = false }: TreatmentFacts): object {
  if (retry === undefined) return { attempts: 0 };
  const statuses = retry.on.filter(isStatus);
  const named = retry.on.filter((condition) => !isStatus(condition));
  return {
    attempts: retry.attempts,
    retryOn: [...named, ...statuses].join(','),
    ...(retry.perTryMs !== undefined && { perTryTimeout: durationOf(retry.perTryMs) }),
    ...(retry.backOffMs !== undefined && { backoff: durationOf(retry.backOffMs) }),
    ...(retryElsewhere && { retryRemoteLocalities: true }),
  };
}
