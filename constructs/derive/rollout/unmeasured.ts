import type { IConstruct } from 'constructs';
import type { RuleFinding } from '../../model/extension';
import type { Graph } from '../../model/graph';
import { callersOf } from '../callers';
import { MeshNeed, memberships } from '../mesh/mesh';
import type { DeliveryFacts } from './facts';
import { RolloutNeed } from './rollout';

/** Figures that are wanted, and never come. */
export function* unmeasured(graph: Graph, at: IConstruct, { strategy }: DeliveryFacts): Iterable<RuleFinding> {
  const after = strategy.kind === 'blue-green' ? strategy.verifyAfter : undefined;
  if (strategy.verify?.metrics === undefined && after?.metrics === undefined) return;
  const why = whyNot(graph, at);
  if (why === undefined) return;
  const severity = graph.environment.tier === 'development' ? 'warning' : 'error';
  yield { at, code: 'verification-without-metrics', severity, ...why };
}

type Why = Pick<RuleFinding, 'message' | 'field' | 'got' | 'allowed' | 'fix'>;

function whyNot(graph: Graph, at: IConstruct): Why | undefined {
  const { metrics, name } = graph.backEnd(RolloutNeed);
  const mesh = graph.backEnd(MeshNeed);
  if (metrics === undefined) {
    return {
      message: 'A version is to be judged by figures, and nobody is there to be asked for them.',
      field: 'backEnds.rollout.options.metrics',
      got: `${name} without an address`,
      allowed: 'the address of a Prometheus',
      fix: 'Add the line "metrics: http://prometheus.monitoring:9090" to the options of the back end.',
    };
  }
  if (mesh.reporters.length === 0) {
    return {
      message: 'The figures of a version are measured by the proxies of its callers, and there are none.',
      field: 'backEnds.mesh',
      got: mesh.name,
      allowed: 'a mesh with proxies',
      fix: 'Choose such a mesh, or verify by a job.',
    };
  }
  if (!mesh.isScraped) {
    return {
      message: 'Nobody gets the figures that proxies measure: their pods are closed to whoever collects them.',
      field: 'backEnds.mesh.options.scraper',
      got: 'none',
      allowed: 'the pods of the Prometheus that is asked',
      fix: 'Add the line "scraper: { namespace: monitoring, podLabels: { app: prometheus } }" with its labels.',
    };
  }
  return callersWithout(graph, at);
}

/** Proxies of callers measure: those in pods of the mesh, and those of its gateways. */
function callersWithout(graph: Graph, at: IConstruct): Why | undefined {
  const inside = graph.view(memberships);
  const { gateways, services } = callersOf(graph, at);
  const callers = [...gateways, ...services];
  if (callers.some(({ from }) => inside.get(from)?.inside === true)) return undefined;
  const names = [...new Set(callers.map(({ from }) => from.node.path))];
  return {
    message: 'The figures of a version are measured by the proxies of its callers, and no caller has one of the mesh.',
    field: 'rollout.verify',
    got: names.join(', ') || 'nobody calls it',
    allowed: 'a caller in the mesh, or a gateway of the mesh',
    fix: 'Verify by a job: Verify.job({ image }).',
  };
}
