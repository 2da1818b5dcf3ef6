import type { IConstruct } from 'constructs';
import { capability } from '../../model/capability';
import { contribute } from '../../model/extension';
import type { Part } from '../../model/facet';
import type { JsonSchema } from '../../model/json-schema';
import { declare } from '../../model/recorder';
import type { Graph } from '../../model/graph';
import type { Reach } from '../endpoint';
import { PodContainers, type ContainerPart, type EnvPart, type ResourceFacts } from '../pod';
import { TrafficIn, type TrafficPart } from '../traffic';
import { CredentialGeneration, secretName } from './accounts';
import { REDIS_PORT, Redis } from './redis';
import type { ControlLogin } from './redis-logins';
import { Store } from './store';

/** Image of the exporter where the environment names none (MIT). */
const EXPORTER_IMAGE = 'docker.io/oliver006/redis_exporter:v1.88.0';

/** The exporter's own port (redis_exporter 1.88, `web.listen-address`). */
export const EXPORTER_PORT = 9121;

/** What it takes. */
export const EXPORTER_RESOURCES: ResourceFacts = {
  requests: { cpu: '10m', memory: '32Mi' },
  limits: { memory: '64Mi' },
};

/** What an exporter asks (redis_exporter 1.88, `exporter.go`), without `CONFIG`, which would tell passwords. */
export const EXPORTER_LOGIN: ControlLogin = {
  name: 'exporter',
  rules: '-@all +ping +info +client|setname +slowlog|len +slowlog|get +latency|latest +latency|histogram',
};

/** What an environment says of exporters. */
export interface ExporterOption {
  readonly image?: string;
  readonly scrapedBy: { readonly namespace: string; readonly podLabels: Readonly<Record<string, string>> };
}

/** Its schema. */
export const EXPORTER_OPTION: JsonSchema = {
  type: 'object',
  description: 'A container beside each server that tells its metrics, and who comes for them; none where left out.',
  properties: {
    image: { type: 'string', description: 'Image of redis_exporter.' },
    scrapedBy: {
      type: 'object',
      description: 'The pods that collect metrics.',
      properties: {
        namespace: { type: 'string' },
        podLabels: { type: 'object', additionalProperties: { type: 'string' } },
      },
      required: ['namespace', 'podLabels'],
      additionalProperties: false,
    },
  },
  required: ['scrapedBy'],
  additionalProperties: false,
};

/** An exporter and who comes to it. */
export interface ExporterFacts {
  readonly image: string;
  readonly scraper: Reach;
}

const Exporter = capability<ExporterFacts>('redis.exporter');

/** The exporter that an environment wants. */
export function exporterOf(option: ExporterOption | undefined): ExporterFacts | undefined {
  if (option === undefined) return undefined;
  const { namespace, podLabels } = option.scrapedBy;
  return { image: option.image ?? EXPORTER_IMAGE, scraper: { pods: { namespace, labels: podLabels } } };
}

/** Says that a server which runs in our own pods has an exporter. */
export function declareExporter(construct: IConstruct, facts: ExporterFacts): void {
  declare(construct, Exporter, facts);
}

/** The container beside the server, and the way to it. */
export const redisExporterParts = [
  contribute('redis.exporter', PodContainers, function* (graph): Iterable<Part<ContainerPart>> {
    for (const { construct, facts } of graph.having(Exporter)) {
      yield { to: construct, source: sourceOf(construct), part: sidecar(graph, construct, facts) };
    }
  }),
  contribute('redis.scraped', TrafficIn, function* (graph): Iterable<Part<TrafficPart>> {
    for (const { construct, facts } of graph.having(Exporter)) {
      const part: TrafficPart = { peer: facts.scraper, port: EXPORTER_PORT, transport: 'TCP', purpose: 'control' };
      yield { to: construct, source: sourceOf(construct), part };
    }
  }),
];

function sourceOf(construct: IConstruct) {
  return { by: `${construct.constructor.name} ${construct.node.id}`, at: construct.node.path };
}

function sidecar(graph: Graph, server: IConstruct, { image }: ExporterFacts): ContainerPart {
  const number = EXPORTER_PORT;
  return {
    name: 'exporter',
    role: 'sidecar',
    env: [
      { name: 'REDIS_ADDR', value: `redis://localhost:${REDIS_PORT.containerPort}` },
      { name: 'REDIS_EXPORTER_CONFIG_COMMAND', value: '-' },
      ...(graph.facts(server, Redis)?.access === 'network' ? [] : loginOf(graph, server)),
    ],
    container: {
      name: 'exporter',
      image,
      ports: [{ name: 'metrics', number, containerPort: number, protocol: 'http' }],
      health: { liveness: { httpGet: { path: '/health', port: number }, periodSeconds: 10 } },
      resources: EXPORTER_RESOURCES,
    },
  };
}

function loginOf(graph: Graph, server: IConstruct): readonly EnvPart[] {
  const store = graph.facts(server, Store)?.name ?? '';
  const secret = secretName(store, EXPORTER_LOGIN.name, graph.setting(CredentialGeneration, server));
  return [
    { name: 'REDIS_PASSWORD', valueFrom: { secretKeyRef: { name: secret, key: 'password' } } },
    { name: 'REDIS_USER', value: EXPORTER_LOGIN.name },
  ];
}
