import type { IConstruct } from 'constructs';
import type { Derived } from '../../../model/extension';
import { view, type Graph } from '../../../model/graph';
import { byText, groupBy } from '../../../model/order';
import type { Source } from '../../../model/source';
import { Calls, portOfCall } from '../../calls';
import { Endpoint, Served, isEncrypted, type PortFacts, type Reach } from '../../endpoint';
import { Admission } from '../../resilience/admission';
import { KubernetesAccess } from '../../kubernetes-access';
import { Connection, type ConnectionFacts } from '../../stores/connection-facts';
import { allAccess } from '../../stores/accounts';
import { TrafficOut, peerKey } from '../../traffic';
import type { Membership } from '../mesh';
import { renderPool } from './pool';
import { fullName } from './hosts';
import { istioObject } from './objects';
import { workloadOf } from './peers';
import { hostsOf as versionHosts } from './versions';

/** Who is called, as a Sidecar names them, and by what was said. */
type Hosts = Map<string, readonly Source[]>;

/**
 * One Sidecar a workload (Istio API 1.31, networking.istio.io/v1): its proxy knows the declared callees and no other
 * host, and opens no way to addresses that nobody declared.
 */
export function* sidecars(graph: Graph, all: readonly Membership[]): Iterable<Derived> {
  for (const { construct, name, namespace, selector } of all) {
    const hosts = hostsOf(graph, construct);
    const admission = graph.facts(construct, Admission);
    const named = withoutCovered([...hosts.keys()], namespace).sort(byText);
    yield {
      scope: construct,
      sources: [...hosts.values()].flat(),
      manifest: istioObject(
        'networking',
        'Sidecar',
        construct,
        { name, namespace, of: name },
        {
          workloadSelector: { labels: selector },
          // `~/*` is nobody at all.
          egress: [{ hosts: named.length > 0 ? named : ['~/*'] }],
          outboundTrafficPolicy: { mode: 'REGISTRY_ONLY' },
          ...(admission !== undefined && { inboundConnectionPool: renderPool(admission) }),
        },
      ),
    };
  }
}

/** Istio refuses a host that stands beside all hosts of its namespace; `.` is the namespace of the Sidecar. */
function withoutCovered(hosts: readonly string[], own: string): string[] {
  const namespaceOf = (host: string): string => host.replace(/\/.*/, '').replace(/^\.$/, own);
  const whole = new Set(hosts.filter((host) => host.endsWith('/*')).map(namespaceOf));
  return hosts.filter((host) => host.endsWith('/*') || !whole.has(namespaceOf(host)));
}

function hostsOf(graph: Graph, caller: IConstruct): Hosts {
  const hosts: Hosts = new Map();
  const named = [...calledHosts(graph, caller), ...otherHosts(graph, caller)];
  for (const { host, sources } of named) hosts.set(host, [...(hosts.get(host) ?? []), ...sources]);
  return hosts;
}

interface NamedHost {
  readonly host: string;
  readonly sources: readonly Source[];
}

/** The port of a call that passes through proxies, and whose it is. */
function* meshCalls(graph: Graph, caller: IConstruct) {
  for (const { to, facts, source } of graph.from(caller, Calls)) {
    const endpoint = graph.facts(to, Endpoint);
    const port = portOfCall(endpoint, facts);
    if (endpoint === undefined || port === undefined || port.protocol === 'udp') continue;
    yield { to, endpoint, port, source };
  }
}

function* calledHosts(graph: Graph, caller: IConstruct): Iterable<NamedHost> {
  for (const { to, endpoint, source } of meshCalls(graph, caller)) {
    const namespace = 'name' in endpoint.host ? '.' : endpoint.host.namespace;
    for (const { host } of versionHosts(graph, to)) yield { host: `${namespace}/${host}`, sources: [source] };
  }
}

/** Hosts that other relations than calls lead to: stores, the API server. */
function* otherHosts(graph: Graph, caller: IConstruct): Iterable<NamedHost> {
  const called = new Set<string>();
  for (const { endpoint, port } of meshCalls(graph, caller))
    called.add(`${peerKey(endpoint.reach)} ${port.containerPort}`);
  for (const { value, sources } of graph.collect(TrafficOut, caller)) {
    if (value.transport === 'UDP') continue;
    if (value.purpose === 'control' && workloadOf(graph, value.peer) === undefined) continue;
    if (called.has(`${peerKey(value.peer)} ${value.port}`)) continue;
    for (const host of hostsBehind(graph, value.peer, value.port)) yield { host, sources };
  }
  for (const { store, source } of storesOf(graph, caller)) yield { host: `./${storeHost(store)}`, sources: [source] };
  if (graph.facts(caller, KubernetesAccess) === undefined) return;
  const sources = [{ by: 'access to the API server', at: caller.node.path }];
  yield { host: `default/${fullName(graph, 'kubernetes', 'default')}`, sources };
}

/** Services that lead to pods which some other relation than a call opens the way to, such as those of a store. */
function hostsBehind(graph: Graph, peer: Reach, port: number): readonly string[] {
  if (!('pods' in peer)) return [];
  const { namespace } = peer.pods;
  const workload = workloadOf(graph, peer);
  const served = workload === undefined ? undefined : graph.facts(workload, Served);
  const leading = (served?.services ?? []).filter(({ ports }) => ports.some((one) => one.containerPort === port));
  // Whoever runs those pods gives their Services names that the platform does not know.
  if (leading.length === 0) return [`${namespace}/*`];
  return leading.map(({ name }) => `${namespace}/${fullName(graph, name, namespace)}`);
}

/** A host outside the cluster, as all callers of one namespace use it. */
interface Entry {
  readonly at: IConstruct;
  readonly name: string;
  readonly host: string;
  readonly namespace: string;
  readonly addresses: Set<string>;
  readonly ports: Map<number, EntryPort>;
  readonly sources: Source[];
}

interface EntryPort {
  readonly number: number;
  readonly name: string;
  readonly protocol: string;
}

/** One ServiceEntry a namespace and host (Istio API 1.31, networking.istio.io/v1); other namespaces do not see it. */
export function* serviceEntries(graph: Graph, all: readonly Membership[]): Iterable<Derived> {
  const entries = new Map<string, Entry>();
  for (const { construct, namespace } of all) {
    for (const { to, endpoint, port, source } of meshCalls(graph, construct)) {
      if (!('name' in endpoint.host)) continue;
      const entry = entryOf(entries, { at: construct, name: nameOf(to), host: endpoint.host.name, namespace });
      addTo(entry, endpoint.reach, { number: port.number, name: port.name, protocol: istioProtocol(port) }, source);
    }
    for (const { connection, store, source } of storesOf(graph, construct)) {
      const host = storeHost(store);
      const entry = entryOf(entries, { at: construct, name: nameOf(store), host, namespace });
      for (const number of connection.ports) {
        addTo(entry, connection.reach, { number, name: `tcp-${number}`, protocol: 'TCP' }, source);
      }
    }
  }
  for (const entry of entries.values()) yield renderEntry(entry);
}

function entryOf(entries: Map<string, Entry>, of: Pick<Entry, 'at' | 'name' | 'host' | 'namespace'>): Entry {
  const key = `${of.namespace}/${of.host}`;
  let entry = entries.get(key);
  if (entry === undefined) {
    entries.set(key, (entry = { ...of, addresses: new Set(), ports: new Map(), sources: [] }));
  }
  return entry;
}

function addTo({ addresses, ports, sources }: Entry, reach: Reach, port: EntryPort, source: Source): void {
  // Where addresses are everything but the private ones, nobody named any.
  if ('cidrs' in reach && reach.except.length === 0) for (const cidr of reach.cidrs) addresses.add(cidr);
  ports.set(port.number, port);
  sources.push(source);
}

/**
 * Where a protocol says whom it wants, the proxy asks the DNS. Plain TCP says nothing, so it is known by its addresses
 * and goes where it was going; only then may an entry have CIDRs (Istio 1.31, validation of ServiceEntry).
 */
function renderEntry({ at, name, host, namespace, addresses, ports, sources }: Entry): Derived {
  const byAddress = addresses.size > 0 && [...ports.values()].some(({ protocol }) => protocol === 'TCP');
  return {
    scope: at,
    sources,
    manifest: istioObject(
      'networking',
      'ServiceEntry',
      at,
      { name, namespace },
      {
        hosts: [host],
        exportTo: ['.'],
        location: 'MESH_EXTERNAL',
        resolution: byAddress ? 'NONE' : 'DNS',
        ...(byAddress && { addresses: [...addresses].sort(byText) }),
        ports: [...ports].sort(([a], [b]) => a - b).map(([, port]) => port),
      },
    ),
  };
}

/** Path below the platform with hyphens: what is called `stripe` in two contexts are two. */
function nameOf({ node }: IConstruct): string {
  return node.path.split('/').slice(1).join('-');
}

/** What is spoken, as Istio names it (Istio API 1.31, `ServicePort.protocol`). What is encrypted already is passed on. */
function istioProtocol(port: PortFacts): string {
  return isEncrypted(port) ? 'TLS' : port.protocol.toUpperCase();
}

interface StoreOutside {
  readonly connection: Readonly<ConnectionFacts>;
  readonly store: IConstruct;
  readonly source: Source;
}

/** Stores outside the cluster, by the workload that has access to them. */
const storesOutside = view('mesh.stores-outside', (graph: Graph): ReadonlyMap<IConstruct, readonly StoreOutside[]> => {
  const outside = graph.view(allAccess).flatMap(({ store, holder }) => {
    const connection = graph.facts(store, Connection);
    if (connection === undefined || 'pods' in connection.reach) return [];
    return [{ connection, store, holder: holder.construct, source: holder.source }];
  });
  return groupBy(outside, ({ holder }) => holder);
});

function storesOf(graph: Graph, caller: IConstruct): readonly StoreOutside[] {
  return graph.view(storesOutside).get(caller) ?? [];
}

/** A store is found by its addresses. The name only tells it apart. */
function storeHost(store: IConstruct): string {
  return `${nameOf(store)}.store.internal`;
}
