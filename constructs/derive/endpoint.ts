import type { IConstruct } from 'constructs';
import { capability } from '../model/capability';
import { facet } from '../model/facet';
import { viewOf, type Graph } from '../model/graph';
import { CONSTRUCT, constructWith } from '../model/kind';

/** What is spoken on a port. It decides probes, `appProtocol` and, with a mesh, what can be asked of a call. */
export type Protocol = 'http' | 'http2' | 'grpc' | 'tcp' | 'udp';

/** A port of an endpoint. */
export interface PortFacts {
  /** By which callers choose it: `http`, `grpc-admin`. 1 to 15 of a-z, 0-9 and single `-` (RFC 6335, section 5.1). */
  readonly name: string;
  /** Port that callers use, 1 to 65535. */
  readonly number: number;
  /** Port that the pod listens on, 1 to 65535. */
  readonly containerPort: number;
  /** What is spoken: said by `Port.grpc(9090)`, or told from the first word of the name. */
  readonly protocol: Protocol;
}

/** Where packets go in the end: pods with labels, or addresses outside. */
export type Reach =
  | { readonly pods: { readonly namespace: string; readonly labels: Readonly<Record<string, string>> } }
  | { readonly cidrs: readonly string[]; readonly except: readonly string[] };

/** Something that can be called. */
export interface EndpointFacts {
  /** A Service of the cluster, or a DNS name outside it. */
  readonly host: { readonly service: string; readonly namespace: string } | { readonly name: string };
  /** What callers may choose from. With a single port they need not name it. */
  readonly ports: readonly PortFacts[];
  /** Where packets of a call arrive. The callers' network policies open the way to this. */
  readonly reach: Reach;
}

/** The capability of being called. */
export const Endpoint = capability<EndpointFacts>('endpoint');

/** What a program may call. Who has no ports yet gets them from the environment's back end, and knows their names. */
export const ENDPOINT = constructWith<IConstruct & { readonly portNames: readonly string[] }>(
  'a service',
  CONSTRUCT.example,
  ({ portNames }) => Array.isArray(portNames),
);

/** DNS name of an endpoint: `payments.billing.svc`, resolved by the search path of any pod in any cluster domain. */
export const hostOf = viewOf('host', (graph: Graph, endpoint: IConstruct): string => {
  const host = graph.facts(endpoint, Endpoint)?.host;
  if (host === undefined) return '';
  return 'name' in host ? host.name : `${host.service}.${host.namespace}.svc`;
});

/** One Service object over a workload's pods. */
export interface ServiceFacts {
  /** Name of the Service, a DNS label. Callers resolve it: `orders`. */
  readonly name: string;
  /** As in `spec.type`. `Headless` is a `ClusterIP` Service without an address: its name resolves to all pods. */
  readonly type: 'ClusterIP' | 'Headless' | 'NodePort' | 'LoadBalancer';
  /** The ports that it leads to. */
  readonly ports: readonly PortFacts[];
  /** CIDRs that the load balancer admits. Empty: all. */
  readonly sourceRanges: readonly string[];
}

/** The Service objects of a workload. */
export interface ServedFacts {
  /** Name of the workload. */
  readonly name: string;
  readonly namespace: string;
  readonly selector: Readonly<Record<string, string>>;
  readonly services: readonly ServiceFacts[];
}

/** The capability of being served by Service objects. */
export const Served = capability<ServedFacts>('served');

/** Two versions of a workload at once, and how requests find each of them. */
export interface VersionedFacts {
  /** Name of the Service that leads to both. */
  readonly name: string;
  /** Namespace of all of them. */
  readonly namespace: string;
  /**
   * Names of Services that lead to the pods of one version; a mesh knows them as hosts. Those that the workload does not
   * have are made, with its ports.
   */
  readonly services: readonly string[];
  /** Requests are shared between two of them by weights. @defaultValue no */
  readonly split?: SplitFacts;
  /** Whose requests go to the new version, whatever else is said. @defaultValue nobody's */
  readonly testers?: TestersWayFacts;
  /**
   * Labels by which each of these Services finds its pods, besides those of the workload; and the Service that leads to
   * both, while one of them gets all requests.
   * @defaultValue a controller narrows their selectors
   */
  readonly labels?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Those of the Services that only a verification calls. */
  readonly verified: readonly string[];
}

/** How requests are shared between two versions. */
export interface SplitFacts {
  /** Service of the version that all have known. */
  readonly stable: string;
  /** Service of the new version. */
  readonly canary: string;
  /** Percent of the requests that go to the new version. @defaultValue a controller moves it */
  readonly percent?: number;
}

/** The way of testers. */
export interface TestersWayFacts {
  /** Name of the header by which they are told, in lower case. */
  readonly header: string;
  /** What it has to be. */
  readonly value: string;
  /** Service of the new version. */
  readonly service: string;
}

/** The capability of being there in two versions. */
export const Versioned = capability<VersionedFacts>('versioned');

/** True where not all requests to the callee go the same way: its versions share them, or testers have their own. */
export function leadsApart({ split, testers }: Pick<VersionedFacts, 'split' | 'testers'> = {}): boolean {
  return split !== undefined || testers !== undefined;
}

/** How ports of a protocol are named to proxies, beside what is always said. */
export interface AppProtocolPart {
  /** Key of the facet. */
  readonly protocol: Protocol;
  /** As in `Service.spec.ports.appProtocol`: `tcp`. */
  readonly appProtocol: string;
}

/** Names of protocols, given to the root: they hold for all Services. */
export const AppProtocols = facet<AppProtocolPart>('service.app-protocols', ({ protocol }) => protocol);

/** A label of one Service of a workload. */
export interface ServiceLabelPart {
  /** Name of the Service: `orders`. */
  readonly service: string;
  /** Key of the label, with its prefix: `istio.io/use-waypoint`. */
  readonly name: string;
  /** Up to 63 characters. */
  readonly value: string;
}

/** Labels of Services beside those of the owner, given to the workload. */
export const ServiceLabels = facet<ServiceLabelPart>('service.labels', ({ service, name }) => `${service} ${name}`);

/** The transport under a protocol, as Kubernetes writes it. */
export function transportOf(protocol: Protocol): 'TCP' | 'UDP' {
  return protocol === 'udp' ? 'UDP' : 'TCP';
}

/** What comes encrypted is passed on as it is. The name says so. */
export function isEncrypted({ name, protocol }: PortFacts): boolean {
  return protocol === 'tcp' && /^(https|tls)(-|$)/.test(name);
}
