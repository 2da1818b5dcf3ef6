import { derive, type Derived } from '../model/extension';
import { alike } from '../model/shared';
import { selecting } from './labels';
import { Replicas, isScaled, type ScaleFacts } from './scaling';
import { formOf } from './rollout/rollout';
import { Workload, metadataOf, runOf } from './workload';

/**
 * HorizontalPodAutoscalers (Kubernetes 1.36, autoscaling/v2). They let go slowly: half a minute of less load must not
 * take away what the next peak needs.
 */
export const scalers = derive('scalers', function* (graph): Iterable<Derived> {
  for (const { construct, facts } of graph.having(Workload)) {
    if (facts.adopted !== undefined || runOf(facts) !== undefined) continue;
    const scale = graph.setting(Replicas, construct, facts.scale);
    if (!isScaled(scale)) continue;
    const { apiVersion, kind } = formOf(graph, construct, facts);
    yield {
      scope: construct,
      manifest: {
        apiVersion: 'autoscaling/v2',
        kind: 'HorizontalPodAutoscaler',
        metadata: metadataOf(construct, facts),
        spec: {
          scaleTargetRef: { apiVersion, kind, name: facts.name },
          ...scalerSpec(scale),
        },
      },
    };
  }
});

/** Between which numbers a scaler moves, and by what. */
export function scalerSpec(scale: ScaleFacts): object {
  return { minReplicas: scale.min, maxReplicas: scale.max, metrics: alike(renderMetrics(scale)) };
}

function renderMetrics({ cpuPercent, memoryPercent }: ScaleFacts): readonly object[] {
  const metric = (name: string, averageUtilization: number): object => ({
    type: 'Resource',
    resource: { name, target: { type: 'Utilization', averageUtilization } },
  });
  return [
    ...(cpuPercent === undefined ? [] : [metric('cpu', cpuPercent)]),
    ...(memoryPercent === undefined ? [] : [metric('memory', memoryPercent)]),
  ];
}

/** Share of a workload's pods that a drain may take at once, in percent, rounded up by the controller: at least one. */
const UNAVAILABLE_PERCENT = 25;

/** How many of so many pods a drain may take at once. */
export function budgetSpec({ max }: ScaleFacts): object {
  return { maxUnavailable: max > 4 ? `${UNAVAILABLE_PERCENT}%` : 1, unhealthyPodEvictionPolicy: 'AlwaysAllow' };
}

/**
 * PodDisruptionBudgets (Kubernetes 1.36, policy/v1). At least one pod may always go, or no node could ever be drained;
 * pods that never became ready do not hold a drain up (`AlwaysAllow`, stable in Kubernetes 1.31).
 */
export const disruptionBudgets = derive('disruption-budgets', function* (graph): Iterable<Derived> {
  for (const { construct, facts } of graph.having(Workload)) {
    if (facts.adopted !== undefined || runOf(facts) !== undefined) continue;
    const scale = graph.setting(Replicas, construct, facts.scale);
    if (scale.max < 2) continue;
    yield {
      scope: construct,
      manifest: {
        apiVersion: 'policy/v1',
        kind: 'PodDisruptionBudget',
        metadata: metadataOf(construct, facts),
        spec: {
          ...budgetSpec(scale),
          selector: selecting(facts.selector),
        },
      },
    };
  }
});
