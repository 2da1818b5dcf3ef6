import type { IConstruct } from 'constructs';
import type { Graph } from '../model/graph';
import type { KubeObject } from '../model/kube-object';
import { podTemplateOf } from '../model/references';
import { PodContainers, Readiness, type ContainerFacts, type HealthFacts, type ProbeFacts } from './pod';
import { Workload } from './workload';

/** What is asked of a main container that does not say: whether its first port takes connections. */
export function defaultHealth(graph: Graph, construct: IConstruct, { ports }: ContainerFacts): HealthFacts | undefined {
  const first = ports.find(({ protocol }) => protocol !== 'udp');
  if (first === undefined || graph.setting(Readiness, construct) === 'none') return undefined;
  return { readiness: { tcpSocket: { port: first.containerPort } } };
}

/** A container and the questions that it is asked. */
interface Probed {
  readonly ports: readonly { readonly name?: string; readonly containerPort: number }[];
  readonly probes: readonly (ProbeFacts | undefined)[];
}

/** Ports of a workload's pods on which the kubelet asks whether they are well, in ascending order. */
export function probePorts(graph: Graph, construct: IConstruct): readonly number[] {
  const facts = graph.facts(construct, Workload);
  if (facts === undefined) return [];
  const own =
    facts.adopted === undefined
      ? [probedOf(facts.container, facts.container.health ?? defaultHealth(graph, construct, facts.container))]
      : probedIn(facts.adopted.toJson() as KubeObject);
  const beside = graph.collect(PodContainers, construct).map(({ value }) => value.container);
  const all = [...own, ...beside.map((container) => probedOf(container, container.health))];
  return [...new Set(all.flatMap(portsAsked))].sort((a, b) => a - b);
}

function probedOf({ ports }: ContainerFacts, { startup, readiness, liveness }: HealthFacts = {}): Probed {
  return { ports, probes: [startup, readiness, liveness] };
}

interface ContainerLike {
  readonly ports?: Probed['ports'];
  readonly startupProbe?: ProbeFacts;
  readonly readinessProbe?: ProbeFacts;
  readonly livenessProbe?: ProbeFacts;
}

function probedIn(manifest: KubeObject): readonly Probed[] {
  const pod = podTemplateOf(manifest) as
    | {
        readonly spec?: {
          readonly containers?: readonly ContainerLike[];
          readonly initContainers?: readonly ContainerLike[];
        };
      }
    | undefined;
  return [...(pod?.spec?.containers ?? []), ...(pod?.spec?.initContainers ?? [])].map((container) => ({
    ports: container.ports ?? [],
    probes: [container.startupProbe, container.readinessProbe, container.livenessProbe],
  }));
}

/** Of the kinds of probes, all but commands come over the network (Kubernetes 1.36, core/v1 Probe). */
function portsAsked({ ports, probes }: Probed): readonly number[] {
  return probes.flatMap((probe) => {
    const asked = (probe?.['httpGet'] ?? probe?.['tcpSocket'] ?? probe?.['grpc']) as
      { readonly port?: number | string } | undefined;
    const port = asked?.port;
    const number = typeof port === 'string' ? ports.find(({ name }) => name === port)?.containerPort : port;
    return number === undefined ? [] : [number];
  });
}
