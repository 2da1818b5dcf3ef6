import type { TrafficPart } from '../../traffic';
import type { IstioOptions } from './options';

/** Port on which proxies ask istiod for their configuration and certificates (Istio 1.31, "Application Requirements"). */
const ISTIOD_PORT = 15012;

/** Port of the metrics of a proxy, with those of the application beside it (Istio 1.31, "Application Requirements"). */
const METRICS_PORT = 15020;

/** The way of a proxy to istiod. */
export function istiodPart({ namespace, revision }: IstioOptions): TrafficPart {
  const labels = { app: 'istiod', ...(revision !== '' && { 'istio.io/rev': revision }) };
  return { peer: { pods: { namespace, labels } }, port: ISTIOD_PORT, transport: 'TCP', purpose: 'control' };
}

/** The way of whoever scrapes metrics to a proxy; undefined where nobody does. */
export function scraperPart({ scraper }: IstioOptions): TrafficPart | undefined {
  if (scraper === undefined) return undefined;
  const peer = { pods: { namespace: scraper.namespace, labels: scraper.podLabels } };
  return { peer, port: METRICS_PORT, transport: 'TCP', purpose: 'control' };
}
