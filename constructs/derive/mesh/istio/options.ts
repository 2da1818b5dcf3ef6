import type { JsonSchema } from '../../../model/json-schema';

/** How Istio is set up in an environment. */
export interface IstioOptions {
  /** Namespace of the control plane. */
  readonly namespace: string;
  /** Revision of the control plane; empty: the default one. */
  readonly revision: string;
  /** First part of identities. */
  readonly trustDomain: string;
  /** Which requests proxies log. */
  readonly accessLog: 'all' | 'errors' | 'none';
  /** Share of requests that are traced, in percent. */
  readonly traceSampling: number;
  /** What one proxy asks for and may use. */
  readonly proxy: { readonly cpu: string; readonly memory: string; readonly memoryLimit: string };
  /** How many proxies a waypoint has, where there are waypoints. @defaultValue 1 in development, 2 elsewhere */
  readonly waypoints?: number;
  /** Who scrapes the metrics of proxies; undefined: nobody. */
  readonly scraper: { readonly namespace: string; readonly podLabels: Readonly<Record<string, string>> } | undefined;
}

/**
 * What the control plane does where nothing is said. Requests and memory limit of a proxy are those of Istio's own chart
 * (Istio 1.31, istiod/values.yaml, `global.proxy.resources`); it gets no CPU limit, as no container of Ashlar does.
 */
const DEFAULTS: IstioOptions = {
  namespace: 'istio-system',
  revision: '',
  trustDomain: 'cluster.local',
  accessLog: 'errors',
  traceSampling: 1,
  proxy: { cpu: '100m', memory: '128Mi', memoryLimit: '1Gi' },
  scraper: undefined,
};

/** A DNS label. */
const LABEL = '^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$';

/** What an environment file may say under `backEnds.mesh.options` of Istio with a proxy in each pod. */
export const ISTIO_OPTIONS: JsonSchema = {
  type: 'object',
  properties: {
    namespace: { type: 'string', pattern: LABEL, description: 'Namespace of istiod.' },
    revision: { type: 'string', pattern: LABEL, description: 'Revision of istiod that serves the platform.' },
    trustDomain: { type: 'string', description: 'Trust domain of the mesh.' },
    accessLog: { type: 'string', enum: ['all', 'errors', 'none'], description: 'Which requests proxies log.' },
    traceSampling: { type: 'number', minimum: 0, maximum: 100, description: 'Percent of requests that are traced.' },
    proxy: {
      type: 'object',
      description: 'What one proxy asks for and may use.',
      properties: { cpu: { type: 'string' }, memory: { type: 'string' }, memoryLimit: { type: 'string' } },
      additionalProperties: false,
    },
    scraper: {
      type: 'object',
      description: 'Pods that scrape the metrics of proxies.',
      properties: {
        namespace: { type: 'string' },
        podLabels: { type: 'object', additionalProperties: { type: 'string' } },
      },
      required: ['namespace'],
      additionalProperties: false,
    },
  },
  additionalProperties: false,
};

/** The same for Istio with waypoints. */
export const AMBIENT_OPTIONS: JsonSchema = {
  ...ISTIO_OPTIONS,
  properties: {
    ...ISTIO_OPTIONS.properties,
    waypoints: { type: 'integer', minimum: 1, maximum: 100, description: 'Proxies of each waypoint.' },
  },
};

/** The options that an environment gives, and the defaults. */
export function istioOptions(options: Readonly<Record<string, unknown>>): IstioOptions {
  const given = options as Partial<Omit<IstioOptions, 'scraper'>> & {
    readonly scraper?: { readonly namespace: string };
  };
  return {
    ...DEFAULTS,
    ...given,
    proxy: { ...DEFAULTS.proxy, ...given.proxy },
    scraper: given.scraper === undefined ? undefined : { podLabels: {}, ...given.scraper },
  };
}
