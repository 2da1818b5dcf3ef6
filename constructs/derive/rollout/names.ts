import type { Graph } from '../../model/graph';
import { hasRequests } from '../resilience/conditions';
import { GatewayNeed } from '../gateway/gateway';
import { MeshNeed } from '../mesh/mesh';
import type { PortFacts } from '../endpoint';
import type { DeliveryFacts, MetricsFacts, StrategyFacts, VerifyFacts } from './facts';

/** Services, by what they lead to. */
export interface VersionNames {
  /** The version that serves. */
  readonly serving: string;
  /** The new one. */
  readonly waiting: string;
}

/** Names of the Services of both versions. */
export function versionNames({ name, strategy }: Readonly<DeliveryFacts>): VersionNames {
  return strategy.kind === 'canary'
    ? { serving: cut(name, '-stable'), waiting: cut(name, '-canary') }
    : { serving: name, waiting: cut(name, '-preview') };
}

/** Name of the run that verifies a version. */
export function runName({ name }: Readonly<DeliveryFacts>, { id }: Pick<Stage, 'id'>): string {
  return cut(name, `-${id}`);
}

/** Longest name of a Service, and longest value of a label (RFC 1035, section 2.3.4; Kubernetes 1.36, "Labels"). */
const MAX_NAME = 63;

/** Longest name of a service that is released so: its versions have Services, and its runs labels, that begin with it. */
export function longestName(facts: Readonly<DeliveryFacts>): number {
  const short = { ...facts, name: '' };
  const { serving, waiting } = versionNames(short);
  const runs = stagesOf(facts).flatMap((stage) => (stage.verify.job === undefined ? [] : [runName(short, stage)]));
  return MAX_NAME - Math.max(...[serving, waiting, ...runs].map(({ length }) => length));
}

/** A name that would be too long is a finding of the service; what is made of it goes on, so that it is told once. */
function cut(name: string, suffix: string): string {
  return `${name.slice(0, MAX_NAME - suffix.length)}${suffix}`;
}

/** Name of the object that holds the weights of a port. */
export function weightsName(service: string, { name }: PortFacts): string {
  return `${service}-${name}-versions`;
}

/** A verification of a release: when, of which version. */
export interface Stage {
  /** Last part of the names of its objects. */
  readonly id: 'verify' | 'verify-after';
  readonly verify: VerifyFacts;
  /** Service of the version that is verified. */
  readonly target: string;
  /** How often is measured. @defaultValue until the release is through */
  readonly count?: number;
}

/** The verifications of a release. */
export function stagesOf(facts: Readonly<DeliveryFacts>): readonly Stage[] {
  const { strategy } = facts;
  const { serving, waiting } = versionNames(facts);
  const stages: Stage[] = [];
  if (strategy.verify !== undefined) stages.push({ id: 'verify', verify: strategy.verify, target: waiting });
  if (strategy.kind === 'blue-green' && strategy.verifyAfter !== undefined) {
    const { verifyAfter: verify, keepOldSeconds } = strategy;
    stages.push({ id: 'verify-after', verify, target: serving, count: countIn(keepOldSeconds, verify.metrics) });
  }
  return stages;
}

/** So many measurements are made in a time, once the first has something to look back on; at least one. */
function countIn(seconds: number, metrics: MetricsFacts | undefined): number {
  if (metrics === undefined) return 1;
  return Math.max(1, Math.floor((seconds - metrics.windowSeconds) / metrics.everySeconds));
}

/** Name of what says how something is verified: by figures, by a job. */
export function templateName({ name }: Readonly<DeliveryFacts>, { id }: Stage, by: 'metrics' | 'job'): string {
  return `${name}-${id}-${by}`;
}

/** Ports whose requests can be shared by weights. */
export function sharedPorts({ ports }: Readonly<DeliveryFacts>): readonly PortFacts[] {
  return ports.filter(({ protocol }) => hasRequests(protocol));
}

/** Whether a release can be performed: there is a Service, and where weights are asked for, somebody who follows them. */
export function isPossible(graph: Pick<Graph, 'backEnd'>, facts: Readonly<DeliveryFacts>): boolean {
  return facts.strategy.kind === 'blue-green' ? facts.ports.length > 0 : isShared(graph, facts);
}

/** Whether somebody shares requests among versions: the mesh, or a gateway by objects of its own. */
export function isShared(graph: Pick<Graph, 'backEnd'>, facts: Readonly<DeliveryFacts>): boolean {
  return followsWeights(graph) && sharedPorts(facts).length > 0;
}

/** Whether there are objects that hold weights: of the mesh, or of gateways. */
export function followsWeights(graph: Pick<Graph, 'backEnd'>): boolean {
  return graph.backEnd(MeshNeed).can.has('weights') || graph.backEnd(GatewayNeed).weightedRoutes !== undefined;
}

/** Most sets of pods at once: two versions; three where one that was replaced is still kept when the next one comes. */
export function setsOf(strategy: StrategyFacts): number {
  return strategy.kind === 'blue-green' ? 3 : 2;
}
