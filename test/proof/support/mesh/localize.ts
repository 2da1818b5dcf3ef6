import type { EnvoyJson, ProxyConfig, ProxyId } from './engine';
import { sourceOf } from './routes';

/** Where a proxy finds things that in a pod are found by iptables and by its agent. */
export interface Surroundings {
  /** Address on which it listens. */
  readonly address: string;
  /** The applications behind it, `host:port` by the port of the pod. */
  readonly apps: Readonly<Record<number, string>>;
  readonly adminPort: number;
  /** Folder of its routes, which it follows. @defaultValue they stay as they are */
  readonly routes?: string;
  /** Where certificates of the mesh are had, `host:port`. */
  readonly authority: string;
  /** What a gateway shows to clients, for each of its Secrets. @defaultValue none */
  readonly shown?: KeyPair;
  /** Where hosts outside the cluster are, by `host:port`, and who signed their certificates. @defaultValue nowhere */
  readonly outside?: Readonly<Record<string, { readonly at: string; readonly authority?: string }>>;
  /** Authorities in ConfigMaps, as PEM by `namespace/name`. @defaultValue none */
  readonly authorities?: Readonly<Record<string, string>>;
}

/** A certificate and its key, as PEM. */
export interface KeyPair {
  readonly certificate: string;
  readonly key: string;
}

const TYPE = 'type.googleapis.com/envoy';

/**
 * What istiod sends over streams, as one file that Envoy can run on loopback addresses. Filters, routes, clusters and TLS
 * stay as istiod made them; only addresses, and how they are found, change:
 * - the original destination comes in a PROXY header in place of iptables;
 * - inbound ports are listeners of their own, with the filter chains that istiod made for the port;
 * - routes are in it, or are files, which the proxy follows;
 * - endpoints are static, the log of requests is dropped, and what would leave the machine leads nowhere.
 */
export function localize(config: ProxyConfig, { id, metadata }: ProxyId, around: Surroundings): EnvoyJson {
  const { listeners, clusters, routes, endpoints } = structuredClone(config) as {
    [K in keyof ProxyConfig]: EnvoyJson[];
  };
  const routesByName = new Map(routes.map((route) => [route.name, route]));
  const endpointsByCluster = new Map(endpoints.map((one) => [one.clusterName, one]));
  walk(listeners, (node) => {
    const name = node.rds?.routeConfigName as string | undefined;
    if (name === undefined) return;
    const route = routesByName.get(name);
    if (route === undefined) throw new Error(`istiod sent no route ${name}`);
    if (around.routes !== undefined) node.rds = sourceOf(around.routes, name);
    else {
      node.routeConfig = route;
      delete node.rds;
    }
  });
  walk(listeners, (node) => {
    if (!/^kubernetes(-gateway)?:/.test(String(node.tlsCertificateSdsSecretConfigs?.[0]?.name))) return;
    const { certificate, key } = around.shown ?? { certificate: '', key: '' };
    node.tlsCertificates = [{ certificateChain: { inlineString: certificate }, privateKey: { inlineString: key } }];
    delete node.tlsCertificateSdsSecretConfigs;
  });
  walk(clusters, (node) => trust(node, around));
  // Nobody reads the log of requests, and a pipe cannot be opened by that name.
  walk(listeners, (node) => {
    if (node.path === '/dev/stdout') node.path = '/dev/null';
  });
  walk(listeners, withoutOwnParts);
  return {
    node: { id, cluster: 'proof', metadata },
    admin: { address: socket('127.0.0.1', around.adminPort) },
    bootstrapExtensions: [
      {
        name: 'envoy.bootstrap.internal_listener',
        typedConfig: { '@type': `${TYPE}.extensions.bootstrap.internal_listener.v3.InternalListener` },
      },
    ],
    staticResources: {
      listeners: listeners.flatMap((listener) => localListener(listener, around)),
      clusters: [...clusters.map((one) => localCluster(one, endpointsByCluster, around)), authority(around)],
    },
  };
}

/** The agent of a pod asks istiod for what is in ConfigMaps. */
function trust(node: EnvoyJson, { authorities = {} }: Surroundings): void {
  const { combinedValidationContext: asked } = node;
  const [, name] = /^configmap:\/\/(.*)-cacert$/.exec(String(asked?.validationContextSdsSecretConfig?.name)) ?? [];
  if (name === undefined) return;
  node.validationContext = { ...asked.defaultValidationContext, trustedCa: { inlineString: authorities[name] ?? '' } };
  delete node.combinedValidationContext;
}

/** What only Istio's own builds of Envoy have: a filter that tells workloads apart, and a kind of text. */
function withoutOwnParts(node: EnvoyJson): void {
  if (node.factoryKey === 'istio.hashable_string') node.factoryKey = 'envoy.hashable_string';
  if (node.httpFilters === undefined) return;
  node.httpFilters = node.httpFilters.filter(
    ({ typedConfig }: EnvoyJson) => typedConfig?.typeUrl?.includes('io.istio.') !== true,
  );
}

function walk(value: EnvoyJson, visit: (node: EnvoyJson) => void): void {
  if (typeof value !== 'object' || value === null) return;
  if (!Array.isArray(value)) visit(value);
  for (const inner of Object.values(value as object)) walk(inner, visit);
}

export function socket(address: string, portValue: number): EnvoyJson {
  return { socketAddress: { address, portValue } };
}

function localListener(listener: EnvoyJson, { address, apps }: Surroundings): readonly EnvoyJson[] {
  if (listener.name === 'virtualInbound') {
    const inbound = Object.keys(apps).map((port) => ({
      ...listener,
      name: `inbound ${port}`,
      address: socket(address, Number(port)),
      filterChains: listener.filterChains.filter(
        (chain: EnvoyJson) => chain.filterChainMatch?.destinationPort === Number(port),
      ),
      listenerFilters: listener.listenerFilters
        .filter(({ name }: EnvoyJson) => !name.includes('original_dst'))
        .map(({ filterDisabled: _, ...filter }: EnvoyJson) => filter),
    }));
    // What no Service leads to, such as a port of probes, is not istiod's.
    return inbound.filter(({ filterChains }) => filterChains.length > 0);
  }
  if (listener.name === 'virtualOutbound') {
    const proxyProtocol = {
      name: 'envoy.filters.listener.proxy_protocol',
      typedConfig: { '@type': `${TYPE}.extensions.filters.listener.proxy_protocol.v3.ProxyProtocol` },
    };
    listener.address.socketAddress.address = address;
    return [{ ...listener, listenerFilters: [proxyProtocol, ...(listener.listenerFilters ?? [])] }];
  }
  if (listener.internalListener === undefined && listener.bindToPort !== false)
    listener.address.socketAddress.address = address;
  return [listener];
}

/** Fields that only make sense for clusters which find their endpoints by themselves. */
const FINDING = ['lbPolicy', 'originalDstLbConfig', 'upstreamBindConfig', 'cleanupInterval', 'edsClusterConfig'];

function localCluster(
  cluster: EnvoyJson,
  endpoints: ReadonlyMap<string, EnvoyJson>,
  { apps, outside = {} }: Surroundings,
): EnvoyJson {
  const app = apps[Number(/^inbound\|(\d+)\|/.exec(cluster.name as string)?.[1])];
  if (app !== undefined) return pinned(cluster, [app]);
  if (cluster.name.includes('Passthrough')) return pinned(cluster, []);
  // Names of the outside world are not looked up.
  if (cluster.type === 'STRICT_DNS' || cluster.type === 'LOGICAL_DNS') return reached(cluster, outside);
  if (cluster.type !== 'EDS') return cluster;
  const { edsClusterConfig: _, ...rest } = cluster;
  const loadAssignment = endpoints.get(cluster.name as string) ?? { clusterName: cluster.name, endpoints: [] };
  return { ...rest, type: 'STATIC', loadAssignment };
}

/** What is outside the cluster, where a proof put it, with the authority that a cluster would find in its own files. */
function reached(cluster: EnvoyJson, outside: NonNullable<Surroundings['outside']>): EnvoyJson {
  const [, port, , host] = (cluster.name as string).split('|');
  const found = outside[`${host}:${port}`];
  if (found === undefined) return pinned(cluster, []);
  walk(cluster, (node) => {
    const { combinedValidationContext: wanted } = node;
    if (wanted?.validationContextSdsSecretConfig.name !== 'file-root:system') return;
    delete node.combinedValidationContext;
    node.validationContext = { ...wanted.defaultValidationContext, trustedCa: { inlineString: found.authority } };
  });
  const local = pinned(cluster, [found.at]);
  // A cluster that asks the DNS gives its endpoints the name that it asked for.
  walk(local.loadAssignment, (node) => {
    if (node.endpoint !== undefined) node.endpoint.hostname = host;
  });
  return local;
}

export function pinned(cluster: EnvoyJson, addresses: readonly string[]): EnvoyJson {
  const rest = Object.fromEntries(Object.entries(cluster as object).filter(([field]) => !FINDING.includes(field)));
  const lbEndpoints = addresses.map((text) => {
    const [host = '', port] = text.split(':');
    return { endpoint: { address: socket(host, Number(port)) } };
  });
  return { ...rest, type: 'STATIC', loadAssignment: { clusterName: cluster.name, endpoints: [{ lbEndpoints }] } };
}

/** Who signs certificates, under the name by which istiod's configuration asks for them. */
export function authority({ authority: at }: Surroundings): EnvoyJson {
  return {
    ...pinned({ name: 'sds-grpc', connectTimeout: '5s' }, [at]),
    typedExtensionProtocolOptions: {
      'envoy.extensions.upstreams.http.v3.HttpProtocolOptions': {
        '@type': `${TYPE}.extensions.upstreams.http.v3.HttpProtocolOptions`,
        explicitHttpConfig: { http2ProtocolOptions: {} },
      },
    },
  };
}
