import type { KubeObject, PlannedObject } from 'ashlar';
import { byText } from '../../../../constructs/model/order';
import { podTemplateOf } from '../../../../constructs/model/references';
import type { ProxyId } from './engine';

/** Where a node stands. */
export interface Place {
  readonly region: string;
  readonly zone: string;
}

/** Where the pods of workloads stand, by `namespace/name`. */
export type Places = Readonly<Record<string, readonly Place[]>>;

/** A pod of a plan at a loopback address. */
export interface PlacedPod {
  /** `ordering/orders`; of several pods of a workload the others are `ordering/orders/1` and so on. */
  readonly key: string;
  readonly namespace: string;
  /** Name of the workload. */
  readonly name: string;
  /** `orders-0`. */
  readonly pod: string;
  /** Where its node stands. @defaultValue on no node */
  readonly place?: Place;
  readonly address: string;
  readonly account: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Ports that its containers listen on. */
  readonly ports: readonly number[];
  readonly inMesh: boolean;
  /** Its connections are turned to the proxy of the node. */
  readonly isAmbient: boolean;
  /** The pod is a proxy, and there is none beside it. */
  readonly isGateway: boolean;
  /** The pod is a proxy before the callees of its namespace. */
  readonly isWaypoint: boolean;
}

/** A Service of a plan with an address. */
export interface PlacedService {
  readonly key: string;
  readonly namespace: string;
  readonly name: string;
  readonly address: string;
  readonly ports: readonly { readonly name: string; readonly port: number; readonly targetPort: number }[];
  readonly pods: readonly PlacedPod[];
}

/** A plan as a cluster would have it: pods of workloads, each with an address, and what istiod watches. */
export interface Placed {
  readonly pods: ReadonlyMap<string, PlacedPod>;
  readonly services: ReadonlyMap<string, PlacedService>;
  readonly objects: readonly KubeObject[];
  /** What the proxy of a pod says of itself. */
  proxyOf(pod: PlacedPod): ProxyId;
}

/** A plan, or what is left of it in a cluster. */
export interface Placeable {
  readonly objects: readonly Pick<PlannedObject, 'manifest'>[];
}

interface Template {
  readonly metadata?: {
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec: {
    readonly serviceAccountName?: string;
    readonly containers: readonly { readonly ports?: readonly { readonly containerPort: number }[] }[];
  };
}

interface ServiceSpec {
  readonly selector: Readonly<Record<string, string>>;
  readonly clusterIP?: string;
  readonly ports: readonly {
    readonly name: string;
    readonly port: number;
    readonly targetPort: number;
    readonly protocol: string;
  }[];
}

/** Kinds that make one pod here; a pod of a cluster stands for itself. */
const WORKLOADS = new Set(['Deployment', 'Rollout', 'StatefulSet', 'Job', 'CronJob', 'Pod']);

/**
 * @param places - how many pods workloads have, and where; one that is not in it has one pod, nowhere
 * @param net - the first three parts of addresses; what is rendered and never started can do with any
 */
export function place(plan: Placeable, places: Places = {}, net = '127.77.0'): Placed {
  const manifests = plan.objects.map(({ manifest }) => manifest);
  const waypoints = manifests.filter(isWaypoint);
  const pods = [
    ...manifests
      .filter(({ kind }) => WORKLOADS.has(kind))
      .flatMap((manifest) => podsOf(manifest, places))
      .map((pod, index) => ({ ...pod, address: `${net}.${index + 10}` })),
    ...waypoints.map((manifest, index) => waypointOf(manifest, places, `${net}.${index + 200}`)),
  ];
  const services = [...manifests.filter(({ kind }) => kind === 'Service'), ...waypoints.map(waypointService)].map(
    (manifest, index) => serviceOf(manifest, index, pods),
  );
  const kept = manifests.filter(
    ({ kind, apiVersion }) => kind === 'Namespace' || /(istio\.io|gateway\.networking\.k8s\.io)\//.test(apiVersion),
  );
  return {
    pods: new Map(pods.map((pod) => [pod.key, pod])),
    services: new Map(services.map(({ service }) => [service.key, service])),
    objects: [
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'istio-system' } },
      ...kept.map((manifest) => (isWaypoint(manifest) ? programmed(manifest) : manifest)),
      ...nodesOf(pods),
      ...pods.map(renderPod),
      ...services.flatMap(({ objects }) => objects),
    ],
    proxyOf: ({ namespace, pod, address, account, labels, isGateway, isWaypoint: before }) => ({
      id: `${before ? 'waypoint' : isGateway ? 'router' : 'sidecar'}~${address}~${pod}.${namespace}~${namespace}.svc.cluster.local`,
      metadata: {
        NAMESPACE: namespace,
        SERVICE_ACCOUNT: account,
        LABELS: labels,
        CLUSTER_ID: 'Kubernetes',
        ISTIO_VERSION: '1.31.0',
      },
    }),
  };
}

/** The pods of a workload, which still lack addresses. */
function podsOf(manifest: KubeObject, places: Places): readonly Omit<PlacedPod, 'address'>[] {
  const { namespace = '', name } = manifest.metadata;
  const key = `${namespace}/${name}`;
  const first = podOf(manifest);
  const at = places[key];
  if (at === undefined) return [first];
  return at.map((where, index) => ({
    ...first,
    key: index === 0 ? key : `${key}/${index}`,
    pod: `${name}-${index}`,
    place: where,
  }));
}

function podOf(manifest: KubeObject): Omit<PlacedPod, 'address'> {
  const { namespace = '', name } = manifest.metadata;
  const template = podTemplateOf(manifest) as unknown as Template;
  const labels = template.metadata?.labels ?? {};
  const isGateway = template.metadata?.annotations?.['inject.istio.io/templates'] === 'gateway';
  const inMesh = labels['sidecar.istio.io/inject'] === 'true';
  return {
    key: `${namespace}/${name}`,
    namespace,
    name,
    pod: `${name}-0`,
    account: template.spec.serviceAccountName ?? 'default',
    // The webhook that adds the proxy adds this label, by which callers know that it speaks mutual TLS.
    labels: { ...labels, ...(inMesh && { 'security.istio.io/tlsMode': 'istio' }) },
    ports: template.spec.containers.flatMap(({ ports = [] }) => ports.map(({ containerPort }) => containerPort)),
    inMesh,
    isAmbient: labels['istio.io/dataplane-mode'] === 'ambient',
    isGateway,
    isWaypoint: false,
  };
}

/** istiod makes the pods of these, their Service, and their status. */
function isWaypoint({ kind, apiVersion, ...manifest }: KubeObject): boolean {
  const spec = manifest['spec'] as { readonly gatewayClassName?: string } | undefined;
  return kind === 'Gateway' && /^gateway\./.test(apiVersion) && spec?.gatewayClassName === 'istio-waypoint';
}

function waypointOf({ metadata }: KubeObject, places: Places, address: string): PlacedPod {
  const { name, namespace = '' } = metadata;
  const key = `${namespace}/${name}`;
  const [at] = places[key] ?? [];
  return {
    key,
    namespace,
    name,
    pod: `${name}-0`,
    ...(at !== undefined && { place: at }),
    address,
    account: name,
    labels: { 'gateway.networking.k8s.io/gateway-name': name, 'istio.io/dataplane-mode': 'none' },
    ports: [15008],
    inMesh: true,
    isAmbient: false,
    isGateway: false,
    isWaypoint: true,
  };
}

function waypointService({ metadata: { name, namespace = '' } }: KubeObject): KubeObject {
  const labels = { 'gateway.networking.k8s.io/gateway-name': name };
  const ports = [{ name: 'mesh', port: 15008, targetPort: 15008, protocol: 'TCP', appProtocol: 'hbone' }];
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace, labels },
    spec: { selector: labels, ports },
  };
}

function programmed(manifest: KubeObject): KubeObject {
  const { name, namespace = '' } = manifest.metadata;
  const value = `${name}.${namespace}.svc.cluster.local`;
  return { ...manifest, status: { addresses: [{ type: 'Hostname', value }] } };
}

/** What Istio's CNI plugin writes to a pod whose connections it has turned to the node's proxy. */
const REDIRECTED = { annotations: { 'ambient.istio.io/redirection': 'enabled' } };

const nameOfNode = ({ region, zone }: Place): string => `node-${region}-${zone}`;

/** One node a place. */
function nodesOf(pods: readonly PlacedPod[]): readonly KubeObject[] {
  const places = new Map(pods.flatMap(({ place: at }) => (at === undefined ? [] : [[nameOfNode(at), at] as const])));
  return [...places].map(([name, { region, zone }]) => ({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      labels: { 'topology.kubernetes.io/region': region, 'topology.kubernetes.io/zone': zone },
    },
  }));
}

function renderPod(pod: PlacedPod): KubeObject {
  const { namespace, address, account, labels, ports, inMesh, isAmbient, place: at } = pod;
  const main = { name: 'main', image: 'none', ports: ports.map((containerPort) => ({ containerPort })) };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: pod.pod, namespace, labels, ...(isAmbient && REDIRECTED) },
    spec: {
      serviceAccountName: account,
      ...(at !== undefined && { nodeName: nameOfNode(at) }),
      containers: [main, ...(inMesh ? [{ name: 'istio-proxy', image: 'none' }] : [])],
    },
    status: {
      phase: 'Running',
      podIP: address,
      podIPs: [{ ip: address }],
      conditions: [{ type: 'Ready', status: 'True' }],
    },
  };
}

function serviceOf(manifest: KubeObject, index: number, pods: readonly PlacedPod[]) {
  const { name, namespace = '' } = manifest.metadata;
  const spec = manifest['spec'] as ServiceSpec;
  const isHeadless = spec.clusterIP === 'None';
  const address = `10.96.${Math.floor(index / 250)}.${(index % 250) + 2}`;
  const selected = pods.filter(
    (pod) =>
      pod.namespace === namespace && Object.entries(spec.selector).every(([key, value]) => pod.labels[key] === value),
  );
  const slice: KubeObject = {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: `${name}-0`, namespace, labels: { 'kubernetes.io/service-name': name } },
    addressType: 'IPv4',
    ports: spec.ports.map(({ name: port, targetPort, protocol }) => ({ name: port, port: targetPort, protocol })),
    endpoints: selected
      .toSorted((a, b) => byText(a.pod, b.pod))
      .map((pod) => ({
        addresses: [pod.address],
        conditions: { ready: true },
        targetRef: { kind: 'Pod', name: pod.pod, namespace },
      })),
  };
  const service: PlacedService = {
    key: `${namespace}/${name}`,
    namespace,
    name,
    // A name without an address of its own resolves to the pods.
    address: isHeadless ? (selected[0]?.address ?? address) : address,
    ports: spec.ports,
    pods: selected,
  };
  return { service, objects: [isHeadless ? manifest : { ...manifest, spec: { ...spec, clusterIP: address } }, slice] };
}
