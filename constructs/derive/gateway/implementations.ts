import type { GatewayAbility } from './gateway';

/** Who serves the Gateway API in a cluster. */
export type Implementation = 'istio' | 'envoy-gateway' | 'kong' | 'nginx' | 'traefik';

/** What of an implementation the platform has to know, since the API does not say it. */
export interface ImplementationFacts {
  /** Name of the GatewayClass where nobody gave it another. */
  readonly className: string;
  /** Where its pods are: in a namespace of their own, or, where none is given, beside the Gateway. */
  readonly namespace?: string;
  /** Labels of the pods of one Gateway. */
  labelsOf(gateway: string, namespace: string): Readonly<Record<string, string>>;
  /** Ports of listeners; where the pods are beside the Gateway, they listen on these, too. */
  readonly ports: Readonly<Record<'http' | 'https', number>>;
  /** Who tells its pods what to do. */
  readonly control?: {
    readonly namespace: string;
    readonly labels: Readonly<Record<string, string>>;
    /** Port of the pod. */
    readonly port: number;
  };
  /**
   * istiod makes its pods: a mesh of Istio takes them for its own, and lets nobody in unless that is said; beside the
   * Gateway, a ConfigMap that it names completes them.
   */
  readonly inMesh: boolean;
  /** What it does of that which the API leaves to each ("Support: Extended"). What it does not know, it passes over. */
  readonly knows: readonly GatewayAbility[];
}

const WELL_KNOWN = { http: 80, https: 443 };
const GATEWAY_LABEL = 'gateway.networking.k8s.io/gateway-name';
const NAME_LABEL = 'app.kubernetes.io/name';

/** Names and labels of their usual installations. All of it, but who the pods are beside the Gateway, is an option, too. */
export const IMPLEMENTATIONS: Readonly<Record<Implementation, ImplementationFacts>> = {
  /**
   * Istio 1.31.1. Pods, labels, and ports that are those of the listeners: chart istiod, `files/kube-gateway.yaml`; istiod:
   * the same chart, `templates/deployment.yaml`. Abilities: `pilot/pkg/config/kube/gateway/supported_features.go`.
   */
  istio: {
    className: 'istio',
    labelsOf: (gateway) => ({ [GATEWAY_LABEL]: gateway }),
    ports: WELL_KNOWN,
    control: { namespace: 'istio-system', labels: { app: 'istiod' }, port: 15012 },
    inMesh: true,
    knows: ['timeout', 'cors', 'mirror', 'backend-tls'],
  },
  /**
   * Envoy Gateway 1.9.0. Class: `examples/kubernetes/quickstart.yaml`; namespace: chart gateway-helm, "Install with Helm",
   * where the deployment mode is not `GatewayNamespace`; labels: `internal/gatewayapi/helpers.go`, where gateways are not
   * merged. Abilities: `internal/gatewayapi/filters.go`, `route.go` and `backendtlspolicy.go`.
   */
  'envoy-gateway': {
    className: 'eg',
    namespace: 'envoy-gateway-system',
    labelsOf: (gateway, namespace) => ({
      'gateway.envoyproxy.io/owning-gateway-name': gateway,
      'gateway.envoyproxy.io/owning-gateway-namespace': namespace,
    }),
    ports: WELL_KNOWN,
    inMesh: false,
    knows: ['timeout', 'cors', 'mirror', 'backend-tls'],
  },
  /**
   * Kong Ingress Controller 3.5.13 (not Kong Operator). Namespace: its README, and chart ingress 0.24.0; labels: chart kong
   * 3.4.1, `kong.selectorLabels`, whose name is the alias `gateway` of the chart ingress; class and ports:
   * `examples/gateway-backendtlspolicy.yaml`. It reads BackendTLSPolicy as v1alpha3, which Gateway API 1.6 serves no more
   * (`internal/gatewayapi/aliases.go`), and of times only those of the backend (`subtranslator/httproute.go`).
   */
  kong: {
    className: 'kong',
    namespace: 'kong',
    labelsOf: () => ({ [NAME_LABEL]: 'gateway' }),
    ports: WELL_KNOWN,
    inMesh: false,
    knows: [],
  },
  /**
   * NGINX Gateway Fabric 2.6.7. Class, namespace, and the port of the control plane's pods: its chart, `values.yaml`,
   * README, `templates/service.yaml` and `_helpers.tpl`; labels and ports of the others:
   * `internal/controller/provisioner/objects.go`. Abilities: `internal/controller/state/graph/common_filter.go`,
   * `backend_tls_policy.go`; it refuses times (`httproute.go`).
   */
  nginx: {
    className: 'nginx',
    labelsOf: (gateway) => ({ [GATEWAY_LABEL]: gateway }),
    ports: WELL_KNOWN,
    control: { namespace: 'nginx-gateway', labels: { [NAME_LABEL]: 'nginx-gateway-fabric' }, port: 8443 },
    inMesh: false,
    knows: ['cors', 'mirror', 'backend-tls'],
  },
  /**
   * Traefik 3.7. Class, labels and ports, which are those of its entry points: chart traefik 41.3.0, `gatewayclass.yaml`,
   * `_helpers.tpl` and `values.yaml`; namespace: "Migrate from Ingress NGINX". Abilities: Traefik 3.7.9,
   * `pkg/provider/kubernetes/gateway/features.go`; BackendTLSPolicy for HTTPRoutes alone (`httproute.go`).
   */
  traefik: {
    className: 'traefik',
    namespace: 'traefik',
    labelsOf: () => ({ [NAME_LABEL]: 'traefik' }),
    ports: { http: 8000, https: 8443 },
    inMesh: false,
    knows: ['backend-tls'],
  },
};

/** True where the platform says what the pods are like: only beside the Gateway is there a ConfigMap that they read. */
export function completesPods({ inMesh, namespace }: ImplementationFacts): boolean {
  return inMesh && namespace === undefined;
}
