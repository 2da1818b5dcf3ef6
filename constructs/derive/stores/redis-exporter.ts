import type { IConstruct } from 'constructs';
import { capability } from '../../model/capability';
import { contribute } from '../../model/extension';
import type { Part } from '../../model/facet';
import { declare } from '../../model/recorder';
import type { Graph } from '../../model/graph';
import { saidBy } from '../../model/source';
import { PodContainers, type ContainerPart, type EnvPart, type ResourceFacts } from '../pod';
import { CredentialGeneration, secretName } from './accounts';
import { REDIS_PORT, Redis } from './redis';
import type { ControlLogin } from './redis-logins';
import { fromSecret } from './own-secrets';
import { Scraped, type ExporterFacts } from './scraped';
import { Store } from './store';

/** Image of the exporter where the environment names none (MIT). */
export const EXPORTER_IMAGE = 'docker.io/oliver006/redis_exporter:v1.88.0';

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

const Exporter = capability<Pick<ExporterFacts, 'image'>>('redis.exporter');

/** Says that a server which runs in our own pods has an exporter. */
export function declareExporter(construct: IConstruct, { image, scraper }: ExporterFacts): void {
  declare(construct, Exporter, { image });
  declare(construct, Scraped, { scraper, port: EXPORTER_PORT });
}

/** The container beside the server. */
export const redisExporterParts = contribute('redis.exporter', PodContainers, function* (graph): Iterable<
  Part<ContainerPart>
> {
  for (const { construct, facts } of graph.having(Exporter)) {
    yield { to: construct, source: saidBy(construct), part: sidecar(graph, construct, facts.image) };
  }
});

function sidecar(graph: Graph, server: IConstruct, image: string): ContainerPart {
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
  return [fromSecret('REDIS_PASSWORD', secret, 'password'), { name: 'REDIS_USER', value: EXPORTER_LOGIN.name }];
}
