import { capability } from '../../model/capability';
import { contribute } from '../../model/extension';
import type { Part } from '../../model/facet';
import type { JsonSchema } from '../../model/json-schema';
import { saidBy } from '../../model/source';
import type { Reach } from '../endpoint';
import { TrafficIn, type TrafficPart } from '../traffic';

/** Who scrapes the metrics of a server, and where. */
export interface ScrapedFacts {
  /** The pods that come for them. */
  readonly scraper: Reach;
  readonly port: number;
}

/** The capability of telling metrics. */
export const Scraped = capability<ScrapedFacts>('store.scraped');

/** Whoever scrapes may come in. */
export const scrapedParts = contribute('store.scraped', TrafficIn, function* (graph): Iterable<Part<TrafficPart>> {
  for (const { construct: to, facts } of graph.having(Scraped)) {
    const part: TrafficPart = { peer: facts.scraper, port: facts.port, transport: 'TCP', purpose: 'control' };
    yield { to, source: saidBy(to), part };
  }
});

/** Whoever scrapes, in an environment file. */
export interface ScrapedBy {
  readonly namespace: string;
  readonly podLabels?: Readonly<Record<string, string>>;
}

/** The schema of who scrapes. */
export const SCRAPED_BY: JsonSchema = {
  type: 'object',
  description: 'The pods that collect metrics.',
  properties: {
    namespace: { type: 'string', description: 'Their namespace: monitoring.' },
    podLabels: { type: 'object', additionalProperties: { type: 'string' }, description: 'Their labels. None: all.' },
  },
  required: ['namespace'],
  additionalProperties: false,
};

/** What an environment says of exporters. */
export interface ExporterOption {
  readonly image?: string;
  readonly scrapedBy: ScrapedBy;
}

/** The schema of exporters. */
export const EXPORTER_OPTION: JsonSchema = {
  type: 'object',
  description: 'A container beside each server that tells its metrics, and who comes for them; none where left out.',
  properties: { image: { type: 'string', description: 'Image of the exporter.' }, scrapedBy: SCRAPED_BY },
  required: ['scrapedBy'],
  additionalProperties: false,
};

/** The pods that scrape. */
export function scraperOf({ namespace, podLabels = {} }: ScrapedBy): Reach {
  return { pods: { namespace, labels: podLabels } };
}

/** An exporter and who comes to it. */
export interface ExporterFacts {
  readonly image: string;
  readonly scraper: Reach;
}

/** The exporter that an environment wants. */
export function exporterOf(option: ExporterOption | undefined, image: string): ExporterFacts | undefined {
  return option && { image: option.image ?? image, scraper: scraperOf(option.scrapedBy) };
}
