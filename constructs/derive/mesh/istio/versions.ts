import type { IConstruct } from 'constructs';
import type { Derived } from '../../../model/extension';
import type { Graph } from '../../../model/graph';
import { Endpoint, Versioned, type PortFacts, type SplitFacts, type VersionedFacts } from '../../endpoint';
import type { HeaderMatchFacts } from '../../gateway/facts';
import { hasRequests } from '../../resilience/conditions';
import { weightsName } from '../../rollout/names';
import { versionsOf } from '../../rollout/ways';
import { fullName, meshHostOf } from './hosts';
import { istioObject } from './objects';

/** One way of a request to a callee: which requests take it, and where it leads. */
export interface Way {
  /** What stands behind the name of the block. */
  readonly suffix: string;
  /** Whose requests take it. @defaultValue all that no other way takes */
  readonly testers?: HeaderMatchFacts;
  /** The fields of the block that say where it leads. */
  readonly to: object;
}

/**
 * The ways to a port of a callee, in the order in which they are tried. Of a callee in two versions testers have a way of
 * their own. Where the versions share requests, all others are delegated to the one object that holds the weights. So there is one place where a
 * controller moves them, for all callers and gateways alike, and whoever adds a caller touches no weights
 * (Istio API 1.31, `HTTPRoute.delegate`: how requests are treated stays with the block that delegates).
 */
export function waysTo(graph: Graph, callee: IConstruct, number: number): readonly Way[] {
  const endpoint = graph.facts(callee, Endpoint);
  if (endpoint === undefined) return [];
  const port = endpoint.ports.find((one) => one.number === number);
  const versioned = versionsOf(graph, callee);
  const way = (to: object): Way => ({ suffix: '', to });
  if (versioned === undefined || port === undefined) return [way(routeTo(meshHostOf(graph, endpoint), number))];
  const { name, namespace, split, testers } = versioned;
  const delegate = { name: weightsName(name, port), namespace };
  const shared = way(split === undefined ? routeTo(meshHostOf(graph, endpoint), number) : { delegate });
  if (testers === undefined) return [shared];
  const to = routeTo(fullName(graph, testers.service, namespace), number);
  return [{ suffix: '-testers', testers, to }, shared];
}

/** A header that requests must have. */
export function renderHeader({ header, value }: HeaderMatchFacts): object {
  return { [header]: { exact: value } };
}

function routeTo(host: string, number: number): object {
  return { route: [{ destination: { host, port: { number } } }] };
}

/** Names of all hosts that lead to a callee: its own first, then those of its versions. */
export function hostsOf(
  graph: Graph,
  callee: IConstruct,
): readonly { readonly label: string; readonly host: string }[] {
  const endpoint = graph.facts(callee, Endpoint);
  if (endpoint === undefined) return [];
  const own = { label: '', host: meshHostOf(graph, endpoint) };
  const { services = [], name, namespace = '' } = versionsOf(graph, callee) ?? {};
  const others = services.filter((service) => service !== name);
  return [own, ...others.map((label) => ({ label, host: fullName(graph, label, namespace) }))];
}

/**
 * What callers' routes of a callee in two versions lead to (Istio API 1.31, networking.istio.io/v1 VirtualService without
 * hosts): for each port all requests go to the known version, until a controller writes other weights and owns the list; or
 * the weights are said. What is verified has routes of its own only where proxies look at its requests.
 */
export function* versionRoutes(
  graph: Graph,
  isLookedAt: (callee: IConstruct) => boolean = () => true,
): Iterable<Derived> {
  for (const { construct } of graph.having(Versioned)) {
    const endpoint = graph.facts(construct, Endpoint);
    const facts = versionsOf(graph, construct);
    if (endpoint === undefined || facts === undefined) continue;
    const { namespace } = facts;
    const ports = endpoint.ports.filter(({ protocol }) => hasRequests(protocol));
    if (facts.split !== undefined) {
      for (const port of ports) yield renderWeights(graph, construct, { ...facts, split: facts.split }, port);
    }
    if (ports.length === 0 || !isLookedAt(construct)) continue;
    for (const name of facts.verified) yield renderVerified(graph, construct, { name, namespace, ports });
  }
}

function renderWeights(
  graph: Graph,
  at: IConstruct,
  { name, namespace, split }: VersionedFacts & { readonly split: SplitFacts },
  port: PortFacts,
): Derived {
  const to = (version: string, weight: number): object => ({ ...destination(graph, version, namespace, port), weight });
  const { percent } = split;
  const http = [{ route: [to(split.stable, 100 - (percent ?? 0)), to(split.canary, percent ?? 0)] }];
  return {
    scope: at,
    ...(percent === undefined && { hints: { ownedElsewhere: ['/spec/http'] } }),
    manifest: virtualService(at, { name: weightsName(name, port), namespace }, { http }),
  };
}

interface Verified {
  readonly name: string;
  readonly namespace: string;
  readonly ports: readonly PortFacts[];
}

/** A verification sees what a version answers: where nothing is said, proxies would send again what failed. */
function renderVerified(graph: Graph, at: IConstruct, { name, namespace, ports }: Verified): Derived {
  const http = ports.map((port) => ({
    name: port.name,
    match: [{ port: port.number }],
    retries: { attempts: 0 },
    route: [destination(graph, name, namespace, port)],
  }));
  const hosts = [fullName(graph, name, namespace)];
  return { scope: at, manifest: virtualService(at, { name, namespace }, { hosts, http }) };
}

function destination(graph: Graph, name: string, namespace: string, { number }: PortFacts): object {
  return { destination: { host: fullName(graph, name, namespace), port: { number } } };
}

function virtualService(at: IConstruct, name: { readonly name: string; readonly namespace: string }, spec: object) {
  return istioObject('networking', 'VirtualService', at, name, { ...spec, exportTo: ['*'] });
}
