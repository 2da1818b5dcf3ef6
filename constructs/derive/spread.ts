import type { IConstruct } from 'constructs';
import type { Graph } from '../model/graph';
import { selecting } from './labels';
import { formOf } from './rollout/rollout';
import { Spread } from './scaling';
import type { WorkloadFacts } from './workload';

/** How the pods of a workload are spread over zones and nodes (Kubernetes 1.36, "Pod Topology Spread Constraints"). */
export function renderSpread(graph: Graph, construct: IConstruct, facts: WorkloadFacts): readonly object[] {
  const spread = graph.setting(Spread, construct, facts.spread);
  const { versionKeys } = formOf(graph, construct, facts);
  const common = {
    // A zone whose nodes are drained or gone is no zone to be even with (stable in Kubernetes 1.33).
    nodeTaintsPolicy: 'Honor',
    labelSelector: selecting(facts.selector),
    // Counts the pods of one version only, so that an update does not end up lopsided (stable in Kubernetes 1.33).
    ...(facts.strategy === 'rolling' && { matchLabelKeys: versionKeys }),
  };
  const zone = { maxSkew: 1, topologyKey: 'topology.kubernetes.io/zone' };
  const host = { maxSkew: 1, topologyKey: 'kubernetes.io/hostname' };
  return [
    { ...zone, whenUnsatisfiable: spread === 'required' ? 'DoNotSchedule' : 'ScheduleAnyway', ...common },
    { ...host, whenUnsatisfiable: 'ScheduleAnyway', ...common },
  ];
}
