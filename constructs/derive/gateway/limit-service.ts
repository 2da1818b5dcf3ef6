import { Construct } from 'constructs';
import { capability } from '../../model/capability';
import { contribute, derive, realize, type Build, type Derived } from '../../model/extension';
import type { Part } from '../../model/facet';
import { viewOf, type Graph } from '../../model/graph';
import { declare } from '../../model/recorder';
import { toYaml } from '../../model/yaml';
import { Calls } from '../calls';
import { Endpoint, Served, type PortFacts } from '../endpoint';
import { PodEnv, PodVolumes, type EnvPart, type VolumePart } from '../pod';
import { selectorOf } from '../pod-template';
import { Connection } from '../stores/connection-facts';
import { Redis } from '../stores/redis';
import { fileMounts, renderFiles, type ServerFilesFacts } from '../stores/server-files';
import { Owns, Store } from '../stores/store';
import { Workload } from '../workload';
import { GatewayNeed, nameOfMatch, routesOf, type GatewayRoute, type RateLimitFacts } from './gateway';

/** A gateway whose pods count requests together. */
export const LimitsTogether = capability<{ readonly namespace: string }>('gateway.limits-together');

/** The service that counts for a gateway. */
interface LimitServiceFacts {
  readonly gateway: Construct;
  readonly counters: Construct;
  readonly namespace: string;
}

/** The capability of counting for a gateway. */
export const LimitService = capability<LimitServiceFacts>('gateway.limit-service');

/** Image of the service (Apache-2.0). It has no versions: tags are commits, this one is of January 2026. */
const IMAGE = 'docker.io/envoyproxy/ratelimit:3fb70258';

/** Port on which proxies ask it (envoyproxy/ratelimit 3fb70258, `GRPC_PORT`). */
export const LIMIT_PORT: PortFacts = { name: 'grpc', number: 8081, containerPort: 8081, protocol: 'grpc' };

/** Port on which it says whether it is well (envoyproxy/ratelimit 3fb70258, `PORT`). */
const HEALTH_PORT: PortFacts = { name: 'http', number: 8080, containerPort: 8080, protocol: 'http' };

/** Times that it knows (envoyproxy/ratelimit 3fb70258, "Rate limit definition"), by milliseconds. */
export const UNITS: ReadonlyMap<number, string> = new Map([
  [1000, 'second'],
  [60_000, 'minute'],
  [3_600_000, 'hour'],
  [86_400_000, 'day'],
]);

const FOLDER = '/etc/ratelimit';
const FILE = 'limits.yaml';

/** Memory for counters: some 120 bytes each in Redis 8, so that half a million clients fit. */
const COUNTER_BYTES = 64 * 2 ** 20;

/**
 * Where pods of a gateway count together, it brings the service that they ask, and a Redis as the environment makes any
 * other. Both are workloads of the context, with quotas, policies and a place in the mesh like all.
 */
export const realizeLimitService = realize('gateway.limit-service', LimitsTogether, (gateway, facts, build) => {
  if (!build.backEnd(GatewayNeed).can.has('rate-limit')) return;
  const { id } = gateway.node;
  const service = build.ensure(gateway, `${id}-limits`, (scope) => new Construct(scope, `${id}-limits`));
  const counters = build.ensure(gateway, `${id}-counters`, (scope) => new Construct(scope, `${id}-counters`));
  runCounters(counters, facts.namespace);
  runService(service, facts.namespace);
  declare(service, LimitService, { gateway, counters, namespace: facts.namespace });
  relateAll({ gateway, service, counters }, build);
});

/** What is counted lives as long as its time. A Redis that is full forgets what would end soonest. */
function runCounters(counters: Construct, namespace: string): void {
  const { id: name } = counters.node;
  declare(counters, Store, { engine: 'redis', name, namespace, isolation: 'server', durable: false });
  declare(counters, Redis, { namespace, memoryBytes: COUNTER_BYTES, evict: 'volatile-ttl', access: 'accounts' });
}

function runService(service: Construct, namespace: string): void {
  const { id: name } = service.node;
  const selector = selectorOf(name);
  const ports = [LIMIT_PORT];
  declare(service, Endpoint, {
    host: { service: name, namespace },
    ports,
    reach: { pods: { namespace, labels: selector } },
  });
  declare(service, Served, {
    name,
    namespace,
    selector,
    services: [{ name, type: 'ClusterIP', ports, sourceRanges: [] }],
  });
  declare(service, Workload, {
    name,
    namespace,
    selector,
    strategy: 'rolling',
    mountsToken: false,
    env: Object.entries(ENVIRONMENT).map(([variable, value]) => ({ name: variable, value })),
    beside: [],
    claims: [],
    volumes: [],
    container: {
      name,
      image: IMAGE,
      command: ['/bin/ratelimit'],
      ports: [LIMIT_PORT, HEALTH_PORT],
      // Without its Redis it is not ready; to start it again would not help.
      health: {
        readiness: { httpGet: { path: '/healthcheck', port: HEALTH_PORT.containerPort }, periodSeconds: 5 },
        liveness: { tcpSocket: { port: LIMIT_PORT.containerPort }, periodSeconds: 10 },
      },
      resources: { requests: { cpu: '50m', memory: '64Mi' }, limits: { memory: '128Mi' } },
    },
  });
}

/** Settings of the service (envoyproxy/ratelimit 3fb70258, README and `src/settings/settings.go`). */
const ENVIRONMENT = {
  RUNTIME_ROOT: FOLDER,
  RUNTIME_SUBDIRECTORY: 'limits',
  // Another file is another ConfigMap, and rolls the pods.
  RUNTIME_WATCH_ROOT: 'false',
  USE_STATSD: 'false',
  DEBUG_HOST: '127.0.0.1',
  REDIS_SOCKET_TYPE: 'tcp',
  REDIS_TYPE: 'SINGLE',
  REDIS_AUTH: '$(REDIS_USER):$(REDIS_PASSWORD)',
  REDIS_HEALTH_CHECK_ACTIVE_CONNECTION: 'true',
} as const;

interface Brought {
  readonly gateway: Construct;
  readonly service: Construct;
  readonly counters: Construct;
}

function relateAll({ gateway, service, counters }: Brought, build: Build): void {
  const env = { REDIS_URL: 'address', REDIS_USER: 'user', REDIS_PASSWORD: 'password' };
  build.relate(Owns, service, counters, { env });
  build.relate(Calls, gateway, service, { port: LIMIT_PORT.name, env: {} });
}

/** A route that all pods limit together. */
export type LimitedTogether = GatewayRoute & {
  readonly facts: { readonly rateLimit: RateLimitFacts & { readonly global: object } };
};

/** Those of a gateway, in the order in which they are tried. */
export function limitedTogether(graph: Graph, gateway: Construct): readonly LimitedTogether[] {
  return routesOf(graph, gateway).filter(
    (route): route is LimitedTogether => route.facts.rateLimit?.global !== undefined,
  );
}

/** Whose counters they are, so that gateways of one name do not share them. */
export function domainOf(namespace: string, { node }: Construct): string {
  return `${node.id}.${namespace}`;
}

/** What a proxy says of a request to be counted, and the service finds in its file. */
export function descriptorOf({ facts }: GatewayRoute): { readonly key: string; readonly value: string } {
  return { key: 'route', value: nameOfMatch(facts) };
}

/** The file that says how many of what there may be (envoyproxy/ratelimit 3fb70258, "The configuration format"). */
const files = viewOf('gateway.limit-files', (graph: Graph, service: Construct): ServerFilesFacts => {
  const { gateway, namespace } = graph.facts(service, LimitService) as LimitServiceFacts;
  const descriptors = limitedTogether(graph, gateway).map((route) => {
    const { requests, perMs, by } = route.facts.rateLimit;
    const limit = { rate_limit: { unit: UNITS.get(perMs) ?? 'minute', requests_per_unit: requests } };
    const inner = by === 'all' ? limit : { descriptors: [{ key: 'remote_address', ...limit }] };
    return { ...descriptorOf(route), ...inner };
  });
  return {
    server: service.node.id,
    namespace,
    files: { [FILE]: toYaml({ domain: domainOf(namespace, gateway), descriptors }) },
  };
});

/** The ConfigMap of the file. */
export const limitFiles = derive('gateway.limit-files', function* (graph): Iterable<Derived> {
  for (const { construct, facts } of graph.having(LimitService)) {
    const sources = limitedTogether(graph, facts.gateway).map(({ source }) => source);
    yield { scope: construct, sources, manifest: renderFiles(construct, graph.viewOf(files, construct)) };
  }
});

/** What follows for the pods of the service: the file, and how to speak to a Redis that speaks TLS. */
export const limitServiceParts = [
  contribute('gateway.limit-files', PodVolumes, function* (graph): Iterable<Part<VolumePart>> {
    for (const { construct } of graph.having(LimitService)) {
      const part = fileMounts(graph.viewOf(files, construct), { [FILE]: `${FOLDER}/limits/config/${FILE}` });
      yield { to: construct, source: sourceOf(construct), part };
    }
  }),
  contribute('gateway.limit-tls', PodEnv, function* (graph): Iterable<Part<EnvPart>> {
    for (const { construct, facts } of graph.having(LimitService)) {
      const connection = graph.facts(facts.counters, Connection);
      const authority = connection?.fields.owner['authority'];
      const part = { to: construct, source: sourceOf(construct) };
      if (connection?.isEncrypted === true) yield { ...part, part: { name: 'REDIS_TLS', value: 'true' } };
      if (authority !== undefined) yield { ...part, part: { name: 'REDIS_TLS_CACERT', value: authority } };
    }
  }),
];

function sourceOf({ node }: Construct) {
  return { by: 'gateway', at: node.path };
}
