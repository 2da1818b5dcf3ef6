import { capability } from '../../../model/capability';
import { contribute } from '../../../model/extension';
import type { Part } from '../../../model/facet';
import type { JsonSchema } from '../../../model/json-schema';
import type { Reach } from '../../endpoint';
import { TrafficIn, type TrafficPart } from '../../traffic';

/** Role of the metrics exporter: it reads statistics and no data (PostgreSQL 18, 21.5 "Predefined Roles", pg_monitor). */
export const METRICS_ROLE = 'ashlar_metrics';

/** Who scrapes the metrics of a server, and where. */
export interface PostgresMetricsFacts {
  readonly scrapers: Reach;
  readonly port: number;
}

/** The capability of telling metrics. */
export const PostgresMetrics = capability<PostgresMetricsFacts>('postgres-metrics');

/** Whoever scrapes may come in. */
export const metricsTraffic = contribute('postgres.metrics', TrafficIn, function* (graph): Iterable<Part<TrafficPart>> {
  for (const { construct: to, facts } of graph.having(PostgresMetrics)) {
    const part: TrafficPart = { peer: facts.scrapers, port: facts.port, transport: 'TCP', purpose: 'control' };
    yield { to, part, source: { by: 'postgres-metrics', at: to.node.path } };
  }
});

/** Whoever scrapes metrics, in an environment file. */
export const SCRAPERS_SCHEMA: JsonSchema = {
  type: 'object',
  description: 'Pods that scrape metrics. Without them nothing exports any.',
  properties: {
    namespace: { type: 'string', description: 'Their namespace: monitoring.' },
    labels: { type: 'object', additionalProperties: { type: 'string' }, description: 'Their labels. None: all pods.' },
  },
  required: ['namespace'],
  additionalProperties: false,
};

/** The pods that scrape, where the options name them. */
export function scrapersOf(raw: unknown): Reach | undefined {
  if (raw === undefined) return undefined;
  const { namespace, labels = {} } = raw as { namespace: string; labels?: Record<string, string> };
  return { pods: { namespace, labels } };
}
