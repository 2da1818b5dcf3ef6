/** Who serves the Gateway API in a cluster. */
export type Implementation = 'istio' | 'envoy-gateway' | 'kong' | 'nginx' | 'traefik';

/** What of an implementation the platform has to know, since the API does not say it. */
export interface ImplementationFacts {
  /** Name of the GatewayClass where nobody gave it another. */
  readonly className: string;
  /** Where its pods are: beside the Gateway, or in a namespace of their own. */
  readonly namespace?: string;
  /** Labels of the pods of one Gateway; none: all pods of the namespace. */
  labelsOf(gateway: string, namespace: string): Readonly<Record<string, string>>;
  /** Ports of listeners, which elsewhere are those of clients. */
  readonly ports: Readonly<Record<'http' | 'https', number>>;
  /** Ports that its pods listen on. */
  readonly podPorts: readonly number[];
  /** Who tells its pods what to do. */
  readonly control?: {
    readonly namespace: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly port: number;
  };
  /** A mesh of Istio takes its pods for its own, and lets nobody in unless that is said. */
  readonly inMesh: boolean;
  /** It knows the filter CORS of HTTPRoutes. */
  readonly knowsCors: boolean;
}

const WELL_KNOWN = { http: 80, https: 443 };
const GATEWAY_LABEL = 'gateway.networking.k8s.io/gateway-name';

/** Names and labels of their usual installations. All of it, but who the pods are beside the Gateway, is an option, too. */
export const IMPLEMENTATIONS: Readonly<Record<Implementation, ImplementationFacts>> = {
  // Istio 1.31: files/kube-gateway.yaml of the chart istiod; supported_features.go.
  istio: {
    className: 'istio',
    labelsOf: (gateway) => ({ [GATEWAY_LABEL]: gateway }),
    ports: WELL_KNOWN,
    podPorts: [80, 443],
    control: { namespace: 'istio-system', labels: { app: 'istiod' }, port: 15012 },
    inMesh: true,
    knowsCors: true,
  },
  // Envoy Gateway 1.4, "Quickstart" and "Customize EnvoyProxy"; the class is that of the quickstart.
  'envoy-gateway': {
    className: 'eg',
    namespace: 'envoy-gateway-system',
    labelsOf: (gateway, namespace) => ({
      'gateway.envoyproxy.io/owning-gateway-name': gateway,
      'gateway.envoyproxy.io/owning-gateway-namespace': namespace,
    }),
    ports: WELL_KNOWN,
    podPorts: [],
    inMesh: false,
    knowsCors: false,
  },
  // Kong Ingress Controller, "Gateway API": the pods are installed by people, by the chart into the namespace kong.
  kong: {
    className: 'kong',
    namespace: 'kong',
    labelsOf: () => ({}),
    ports: WELL_KNOWN,
    podPorts: [],
    inMesh: false,
    knowsCors: false,
  },
  // NGINX Gateway Fabric 2, "Gateway architecture", "Deploy a Gateway for data plane instances".
  nginx: {
    className: 'nginx',
    labelsOf: (gateway) => ({ [GATEWAY_LABEL]: gateway }),
    ports: WELL_KNOWN,
    podPorts: [80, 443],
    control: { namespace: 'nginx-gateway', labels: {}, port: 8443 },
    inMesh: false,
    knowsCors: false,
  },
  // Traefik 3, "Traefik & Kubernetes with Gateway API": ports of listeners are those of its entry points.
  traefik: {
    className: 'traefik',
    namespace: 'traefik',
    labelsOf: () => ({}),
    ports: { http: 8000, https: 8443 },
    podPorts: [],
    inMesh: false,
    knowsCors: false,
  },
};
