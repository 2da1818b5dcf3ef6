import type { IConstruct } from 'constructs';
import { derive, type Derived } from '../model/extension';
import { sourcesOf, type Joined } from '../model/facet';
import { alike } from '../model/shared';
import {
  AppProtocols,
  Served,
  ServiceLabels,
  isEncrypted,
  transportOf,
  type PortFacts,
  type Protocol,
  type ServedFacts,
  type ServiceFacts,
  type ServiceLabelPart,
  type VersionedFacts,
} from './endpoint';
import { sharedMetadata } from './labels';
import { versionsOf } from './rollout/ways';

/** Service objects (Kubernetes 1.36, core/v1 Service). */
export const services = derive('services', function* (graph): Iterable<Derived> {
  const said = graph.collect(AppProtocols, graph.root).map(({ value }) => value);
  const names = new Map(said.map(({ protocol, appProtocol }) => [protocol, appProtocol]));
  for (const { construct, facts } of graph.having(Served)) {
    const parts = graph.collect(ServiceLabels, construct);
    const versioned = versionsOf(graph, construct);
    for (const service of allServices(facts, versioned)) {
      const labels = parts.filter(({ value }) => value.service === service.name);
      yield {
        scope: construct,
        ...(labels.length > 0 && { sources: sourcesOf(labels) }),
        manifest: renderService(construct, selecting(facts, service, versioned), service, names, labels),
        ...selectorHints(service, versioned),
      };
    }
  }
});

/** All Services of a workload: its own, and those of versions that it does not have by itself, made like its first one. */
function allServices({ services: own }: ServedFacts, versioned: VersionedFacts | undefined): readonly ServiceFacts[] {
  const [first] = own;
  if (first === undefined || versioned === undefined) return own;
  const missing = versioned.services.filter((version) => !own.some(({ name }) => name === version));
  return [...own, ...missing.map((name) => ({ ...first, name }))];
}

/** The facts with the selector of one Service. */
function selecting(facts: ServedFacts, { name }: ServiceFacts, versioned: VersionedFacts | undefined): ServedFacts {
  const labels = versioned?.labels?.[name];
  return labels === undefined ? facts : { ...facts, selector: { ...facts.selector, ...labels } };
}

/** The selector is one field to the API server: whoever writes a part of it owns all of it. */
function selectorHints({ name }: ServiceFacts, versioned: VersionedFacts | undefined): Pick<Derived, 'hints'> {
  const written = versioned?.labels === undefined && versioned?.services.includes(name) === true;
  return written ? { hints: { ownedElsewhere: ['/spec/selector'] } } : {};
}

function renderService(
  construct: IConstruct,
  facts: ServedFacts,
  { name, type, ports, sourceRanges }: ServiceFacts,
  names: ReadonlyMap<Protocol, string>,
  labels: readonly Joined<ServiceLabelPart>[],
) {
  const own = sharedMetadata(construct, facts.name, facts.namespace);
  const more = Object.fromEntries(labels.map(({ value }) => [value.name, value.value]));
  const metadata = labels.length === 0 ? own : { ...own, labels: { ...own.labels, ...more } };
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: name === facts.name ? metadata : { ...metadata, name },
    spec: {
      type: type === 'Headless' ? 'ClusterIP' : type,
      ...(type === 'Headless' && { clusterIP: 'None' }),
      selector: facts.selector,
      ports: alike(
        ports.map((port) => ({
          name: port.name,
          port: port.number,
          targetPort: port.containerPort,
          protocol: transportOf(port.protocol),
          ...appProtocolOf(port, names),
        })),
      ),
      ...(sourceRanges.length > 0 && { loadBalancerSourceRanges: sourceRanges }),
    },
  };
}

/**
 * What a proxy or gateway reads. `kubernetes.io/h2c` is the standard name of HTTP/2 in plain text (KEP-3726); gRPC has
 * no standard name there, and meshes read `grpc` (Istio 1.31, Protocol Selection).
 */
function appProtocolOf(port: PortFacts, names: ReadonlyMap<Protocol, string>): { readonly appProtocol?: string } {
  switch (port.protocol) {
    case 'http':
      return { appProtocol: 'http' };
    case 'http2':
      return { appProtocol: 'kubernetes.io/h2c' };
    case 'grpc':
      return { appProtocol: 'grpc' };
    default: {
      const appProtocol = isEncrypted(port) ? undefined : names.get(port.protocol);
      return appProtocol === undefined ? {} : { appProtocol };
    }
  }
}
