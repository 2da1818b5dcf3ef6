import type { KubeObject } from 'ashlar';

const LABELS = { 'app.kubernetes.io/name': 'orders' };

function istio(group: string, kind: string, spec: object): KubeObject {
  return {
    apiVersion: `${group}.istio.io/v1`,
    kind,
    metadata: { name: 'orders', namespace: 'shop', labels: LABELS },
    spec,
  };
}

function gateway(kind: string, spec: object): KubeObject {
  return { apiVersion: 'gateway.networking.k8s.io/v1', kind, metadata: { name: 'orders', namespace: 'shop' }, spec };
}

/** Objects of the kinds of Istio and of the Gateway API, as its users write them. */
export const MESH: readonly KubeObject[] = [
  istio('networking', 'VirtualService', {
    hosts: ['orders'],
    gateways: ['mesh'],
    http: [
      {
        name: 'canary',
        match: [{ uri: { prefix: '/v2' }, headers: { 'x-canary': { exact: 'yes' } } }],
        timeout: '2s',
        retries: { attempts: 2, perTryTimeout: '500ms', retryOn: '5xx' },
        fault: { delay: { fixedDelay: '5s', percentage: { value: 0.5 } } },
        route: [
          { destination: { host: 'orders', subset: 'v1', port: { number: 8080 } }, weight: 90 },
          { destination: { host: 'orders', subset: 'v2' }, weight: 10 },
        ],
      },
    ],
  }),
  istio('networking', 'DestinationRule', {
    host: 'orders',
    subsets: [{ name: 'v1', labels: { version: 'v1' } }],
    trafficPolicy: {
      connectionPool: { tcp: { maxConnections: 100, connectTimeout: '1s' }, http: { http1MaxPendingRequests: 10 } },
      loadBalancer: { consistentHash: { httpCookie: { name: 'user', ttl: '0s' } } },
      outlierDetection: { consecutive5xxErrors: 5, interval: '10s', baseEjectionTime: '30s', maxEjectionPercent: 50 },
      tls: { mode: 'ISTIO_MUTUAL' },
    },
  }),
  istio('networking', 'Gateway', {
    selector: { istio: 'ingressgateway' },
    servers: [
      {
        port: { number: 443, name: 'https', protocol: 'HTTPS' },
        hosts: ['shop.example.com'],
        tls: { mode: 'SIMPLE', credentialName: 'shop-tls', minProtocolVersion: 'TLSV1_2' },
      },
    ],
  }),
  istio('networking', 'ServiceEntry', {
    hosts: ['api.bank.example'],
    location: 'MESH_EXTERNAL',
    resolution: 'DNS',
    ports: [{ number: 443, name: 'tls', protocol: 'TLS' }],
    endpoints: [{ address: 'bank.example.net', ports: { tls: 8443 }, weight: 3 }],
  }),
  istio('networking', 'Sidecar', {
    workloadSelector: { labels: LABELS },
    egress: [{ hosts: ['./*', 'istio-system/*'] }],
    outboundTrafficPolicy: { mode: 'REGISTRY_ONLY' },
  }),
  istio('security', 'AuthorizationPolicy', {
    selector: { matchLabels: LABELS },
    action: 'ALLOW',
    rules: [
      {
        from: [{ source: { principals: ['cluster.local/ns/shop/sa/web'] } }],
        to: [{ operation: { methods: ['GET'], paths: ['/orders/*'], ports: ['8080'] } }],
        when: [{ key: 'request.headers[x-tenant]', values: ['acme'] }],
      },
    ],
  }),
  istio('security', 'PeerAuthentication', {
    selector: { matchLabels: LABELS },
    mtls: { mode: 'STRICT' },
    portLevelMtls: { '8080': { mode: 'PERMISSIVE' } },
  }),
  istio('security', 'RequestAuthentication', {
    selector: { matchLabels: LABELS },
    jwtRules: [
      {
        issuer: 'https://login.example.com',
        jwksUri: 'https://login.example.com/keys',
        audiences: ['shop'],
        fromHeaders: [{ name: 'x-token', prefix: 'Bearer ' }],
      },
    ],
  }),
  istio('telemetry', 'Telemetry', {
    selector: { matchLabels: LABELS },
    tracing: [{ randomSamplingPercentage: 10.5, customTags: { zone: { literal: { value: 'a' } } } }],
    accessLogging: [{ providers: [{ name: 'otel' }], filter: { expression: 'response.code >= 400' } }],
  }),
  gateway('Gateway', {
    gatewayClassName: 'istio',
    listeners: [
      {
        name: 'https',
        hostname: '*.example.com',
        port: 443,
        protocol: 'HTTPS',
        tls: { mode: 'Terminate', certificateRefs: [{ kind: 'Secret', name: 'shop-tls' }] },
        allowedRoutes: { namespaces: { from: 'Selector', selector: { matchLabels: { team: 'shop' } } } },
      },
    ],
  }),
  gateway('HTTPRoute', {
    parentRefs: [{ name: 'edge', sectionName: 'https' }],
    hostnames: ['shop.example.com'],
    rules: [
      {
        matches: [{ path: { type: 'PathPrefix', value: '/orders' }, method: 'GET' }],
        filters: [
          { type: 'RequestHeaderModifier', requestHeaderModifier: { set: [{ name: 'x-from', value: 'edge' }] } },
        ],
        backendRefs: [{ name: 'orders', port: 80, weight: 100 }],
        timeouts: { request: '10s', backendRequest: '2s' },
      },
    ],
  }),
  gateway('GRPCRoute', {
    parentRefs: [{ name: 'edge' }],
    rules: [
      {
        matches: [{ method: { service: 'orders.Orders', method: 'Get' } }],
        backendRefs: [{ name: 'orders', port: 90 }],
      },
    ],
  }),
  gateway('ReferenceGrant', {
    from: [{ group: 'gateway.networking.k8s.io', kind: 'HTTPRoute', namespace: 'edge' }],
    to: [{ group: '', kind: 'Service', name: 'orders' }],
  }),
];
