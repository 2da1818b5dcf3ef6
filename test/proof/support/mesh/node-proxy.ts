import type { EnvoyJson, ProxyId } from './engine';
import { authority, pinned, socket, type Surroundings } from './localize';

const TYPE = 'type.googleapis.com/envoy';

/** Where the proxy of a node finds what stands before callees. */
export interface NodeSurroundings extends Surroundings {
  /** Address of the waypoint to which everything is sent. */
  readonly waypoint: string;
}

/**
 * What stands in for the proxy of a node (ztunnel), of one pod: connections leave through tunnels with the identity of the
 * pod, and tunnels that arrive end at the application. It asks no policy who may.
 */
export function nodeProxy({ id, metadata }: ProxyId, around: NodeSurroundings): EnvoyJson {
  const { address, apps, waypoint, adminPort } = around;
  const ports = Object.keys(apps);
  return {
    node: { id, cluster: 'proof', metadata },
    admin: { address: socket('127.0.0.1', adminPort) },
    staticResources: {
      listeners: [outbound(address), ...(ports.length > 0 ? [inbound(address, ports)] : [])],
      clusters: [
        {
          ...pinned({ name: 'tunnel', connectTimeout: '5s' }, [`${waypoint}:15008`]),
          ...http2(),
          transportSocket: tls('UpstreamTlsContext'),
        },
        ...ports.map((port) => pinned({ name: `app ${port}`, connectTimeout: '5s' }, [apps[Number(port)] ?? ''])),
        authority(around),
      ],
    },
  };
}

/** The original destination comes in a PROXY header, and goes on as the name of the tunnel's end. */
function outbound(address: string): EnvoyJson {
  const tcpProxy = {
    '@type': `${TYPE}.extensions.filters.network.tcp_proxy.v3.TcpProxy`,
    statPrefix: 'outbound',
    cluster: 'tunnel',
    tunnelingConfig: { hostname: '%DOWNSTREAM_LOCAL_ADDRESS%' },
  };
  return {
    name: 'outbound',
    address: socket(address, 15001),
    listenerFilters: [
      {
        name: 'envoy.filters.listener.proxy_protocol',
        typedConfig: { '@type': `${TYPE}.extensions.filters.listener.proxy_protocol.v3.ProxyProtocol` },
      },
    ],
    filterChains: [{ filters: [{ name: 'envoy.filters.network.tcp_proxy', typedConfig: tcpProxy }] }],
  };
}

function inbound(address: string, ports: readonly string[]): EnvoyJson {
  const virtualHosts = ports.map((port) => ({
    name: port,
    domains: [`${address}:${port}`],
    routes: [
      {
        match: { connectMatcher: {} },
        route: { cluster: `app ${port}`, upgradeConfigs: [{ upgradeType: 'CONNECT', connectConfig: {} }] },
      },
    ],
  }));
  const manager = {
    '@type': `${TYPE}.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager`,
    statPrefix: 'inbound',
    routeConfig: { name: 'inbound', virtualHosts },
    httpFilters: [
      {
        name: 'envoy.filters.http.router',
        typedConfig: { '@type': `${TYPE}.extensions.filters.http.router.v3.Router` },
      },
    ],
    http2ProtocolOptions: { allowConnect: true },
    upgradeConfigs: [{ upgradeType: 'CONNECT' }],
  };
  return {
    name: 'inbound',
    address: socket(address, 15008),
    filterChains: [
      {
        filters: [{ name: 'envoy.filters.network.http_connection_manager', typedConfig: manager }],
        transportSocket: tls('DownstreamTlsContext'),
      },
    ],
  };
}

function http2(): EnvoyJson {
  const name = 'envoy.extensions.upstreams.http.v3.HttpProtocolOptions';
  const options = { explicitHttpConfig: { http2ProtocolOptions: { allowConnect: true } } };
  return { typedExtensionProtocolOptions: { [name]: { '@type': `type.googleapis.com/${name}`, ...options } } };
}

/** Certificates of the mesh, in both directions. */
function tls(context: 'UpstreamTlsContext' | 'DownstreamTlsContext'): EnvoyJson {
  const sdsConfig = {
    apiConfigSource: {
      apiType: 'GRPC',
      transportApiVersion: 'V3',
      grpcServices: [{ envoyGrpc: { clusterName: 'sds-grpc' } }],
    },
    resourceApiVersion: 'V3',
  };
  return {
    name: 'tls',
    typedConfig: {
      '@type': `${TYPE}.extensions.transport_sockets.tls.v3.${context}`,
      commonTlsContext: {
        // Waypoints take nothing older, and a client of Envoy offers 1.2 by itself.
        tlsParams: { tlsMinimumProtocolVersion: 'TLSv1_3', tlsMaximumProtocolVersion: 'TLSv1_3' },
        tlsCertificateSdsSecretConfigs: [{ name: 'default', sdsConfig }],
        validationContextSdsSecretConfig: { name: 'ROOTCA', sdsConfig },
        alpnProtocols: ['h2'],
      },
      ...(context === 'DownstreamTlsContext' && { requireClientCertificate: true }),
    },
  };
}
