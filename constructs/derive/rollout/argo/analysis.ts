import type { IConstruct } from 'constructs';
import type { Derived } from '../../../model/extension';
import type { Graph } from '../../../model/graph';
import type { KubeObject } from '../../../model/kube-object';
import { metadataOf, runOf, Workload } from '../../workload';
import { renderPod } from '../../pod-template';
import { renderRun } from '../../runs';
import { MeshNeed } from '../../mesh/mesh';
import { Delivery, type DeliveryFacts, type MetricsFacts } from '../facts';
import { versionsOf } from '../ways';
import { stagesOf, templateName, type Stage } from '../names';

/** Measurements without requests that are lived with; then the release waits until somebody decides. */
const QUIET = 3;

/** What releases are judged by (Argo Rollouts 1.10, argoproj.io/v1alpha1 AnalysisTemplate). */
export function* analysisTemplates(graph: Graph, address: string): Iterable<Derived> {
  const { reporters } = graph.backEnd(MeshNeed);
  for (const { construct, facts } of graph.having(Delivery)) {
    if (versionsOf(graph, construct) === undefined) continue;
    for (const stage of stagesOf(facts)) {
      const { metrics } = stage.verify;
      if (metrics !== undefined) {
        const measured = renderMetrics({ facts, stage, reporters, address }, metrics);
        yield {
          scope: construct,
          manifest: template(construct, facts, templateName(facts, stage, 'metrics'), measured),
        };
      }
      const job = renderJob(graph, construct, stage);
      if (job === undefined) continue;
      const name = templateName(facts, stage, 'job');
      yield { scope: construct, sources: job.sources, manifest: template(construct, facts, name, [job.metric]) };
    }
  }
}

function template(
  construct: IConstruct,
  facts: Readonly<DeliveryFacts>,
  name: string,
  metrics: readonly object[],
): KubeObject {
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'AnalysisTemplate',
    metadata: { ...metadataOf(construct, facts), name },
    spec: { metrics },
  };
}

/** The run that tests, as a metric with one measurement: it ends well, or not. */
function renderJob(graph: Graph, construct: IConstruct, { id, verify }: Stage) {
  const run = verify.job === undefined ? undefined : construct.node.tryFindChild(id);
  const facts = run === undefined ? undefined : graph.facts(run, Workload);
  const runFacts = facts === undefined ? undefined : runOf(facts);
  if (run === undefined || facts === undefined || runFacts === undefined) return undefined;
  const { manifest, sources = [] } = renderRun(graph, run, facts, runFacts, renderPod(graph, run, facts));
  const metadata = { labels: manifest.metadata.labels };
  const metric = { name: 'job', failureLimit: 0, provider: { job: { metadata, spec: manifest['spec'] } } };
  return { sources, metric };
}

interface Asked {
  readonly facts: Readonly<DeliveryFacts>;
  readonly stage: Stage;
  readonly reporters: readonly string[];
  /** Where Prometheus answers. */
  readonly address: string;
}

function renderMetrics(
  { facts: { namespace }, stage: { target, count }, reporters, address }: Asked,
  { successPercent, latency, everySeconds, windowSeconds, failures }: MetricsFacts,
): readonly object[] {
  const when = {
    interval: `${everySeconds}s`,
    initialDelay: `${windowSeconds}s`,
    ...(count !== undefined && { count }),
    failureLimit: failures,
    inconclusiveLimit: QUIET,
  };
  const measure = (name: string, query: string, condition: string): object => ({
    name,
    ...when,
    // Without requests there is no number, and neither condition holds.
    successCondition: `len(result) > 0 && !isNaN(result[0]) && result[0] ${condition}`,
    failureCondition: `len(result) > 0 && !isNaN(result[0]) && !(result[0] ${condition})`,
    provider: { prometheus: { address, query } },
  });
  const reporter = reporters.length > 1 ? `reporter=~"${reporters.join('|')}"` : `reporter="${reporters[0] ?? ''}"`;
  const of = `${reporter},destination_service_name="${target}",destination_service_namespace="${namespace}"`;
  const window = `[${windowSeconds}s]`;
  return [
    ...(successPercent === undefined
      ? []
      : [measure('success-rate', successRate(of, window), `>= ${successPercent / 100}`)]),
    ...(latency === undefined
      ? []
      : [measure('latency', quantile(of, window, latency.percentile), `< ${latency.underMs}`)]),
  ];
}

/**
 * Statuses of gRPC that are errors of the server: unknown, deadline exceeded, unimplemented, internal, unavailable, data
 * loss (OpenTelemetry semantic conventions 1.37, "gRPC").
 */
const GRPC_ERRORS = '2|4|12|13|14|15';

/**
 * Share of requests without an error of the server, as the callers' proxies saw them: they know which version they asked,
 * and they count what never arrived, too (Istio 1.31, "Istio Standard Metrics"). Where all were errors there is no series
 * of good ones, and nothing divided by something would be nothing in place of 0.
 */
function successRate(of: string, window: string): string {
  const good = `${of},response_code!~"5..",grpc_response_status!~"${GRPC_ERRORS}"`;
  return `(sum(rate(istio_requests_total{${good}}${window})) or vector(0)) / sum(rate(istio_requests_total{${of}}${window}))`;
}

/** Milliseconds within which a share of the requests was answered. */
function quantile(of: string, window: string, percentile: number): string {
  const buckets = `istio_request_duration_milliseconds_bucket{${of}}`;
  return `histogram_quantile(${percentile / 100}, sum(rate(${buckets}${window})) by (le))`;
}
