import type { Construct, IConstruct } from 'constructs';
import { need } from '../../model/back-end';
import { capability } from '../../model/capability';
import type { Environment } from '../../model/environment';
import type { Build } from '../../model/extension';
import type { Problem } from '../../model/finding';
import { declare } from '../../model/recorder';
import { Connection, reachedOf, type ConnectionFacts, type ReachedFacts } from './connection-facts';
import { authorityFile, authorityFiles, type ServerConnection } from './external';
import { SMALL } from './in-cluster';
import { Scope, WaitedFor, waitName, waitUntil } from './set-up';
import type { BackupFacts } from './store';

/** An Elasticsearch, of one index or of several. */
export interface ElasticFacts {
  /** Name of its objects. */
  readonly name: string;
  /** Namespace of its objects: that of its context. */
  readonly namespace: string;
  /** Size of the volume of each node as a quantity. */
  readonly storage: string;
  /** Memory of each node, in bytes; half of it is heap. */
  readonly memoryBytes: number;
  /** CPU that each node asks for, as a quantity. */
  readonly cpu: string;
  /** Nodes. @defaultValue by the back end */
  readonly replicas?: number;
  /** Backups. @defaultValue none */
  readonly backup?: BackupFacts;
  /** A server that somebody else runs, whatever back end the environment chose. */
  readonly connection?: ServerConnection;
  /** Whether it holds the indices of several services. */
  readonly shared: boolean;
}

/** The capability of being an Elasticsearch. */
export const Elastic = capability<ElasticFacts>('elasticsearch');

/** An index, or several that share a name. */
export interface IndexFacts {
  /** The server that holds it. */
  readonly server: ElasticFacts;
  /** Name of the store that the index is. */
  readonly name: string;
  /** Names and patterns of its indices, the first of which is its own: `['search', 'search-*']`. */
  readonly indices: readonly [string, ...string[]];
}

/** The capability of being an index. */
export const Index = capability<IndexFacts>('elasticsearch.index');

/** Where an Elasticsearch is in an environment. */
export interface ElasticAddress extends ReachedFacts {
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
  /** Image with a shell and curl, for what waits. */
  readonly image: string;
}

/** How an Elasticsearch is run in an environment. */
export interface ElasticBackEnd {
  /** Declares what the construct is here. */
  realize(construct: Construct, facts: Readonly<ElasticFacts>, build: Build): void;
  /** Where it is; undefined where the environment does not say. */
  address(server: IConstruct, facts: Readonly<ElasticFacts>): ElasticAddress | undefined;
  /** What this back end cannot do of what is asked. */
  problems(facts: Readonly<ElasticFacts>, environment: Environment): readonly Problem[];
}

/** The need for an Elasticsearch. */
export const ElasticNeed = need<ElasticBackEnd>('elasticsearch', 'in-cluster');

/** Elasticsearch's own port (Elasticsearch 9.4, `http.port`). */
export const ELASTIC_PORT = 9200;

/** Version of Elasticsearch; ECK 3.5 is tested with it. */
export const ELASTIC_VERSION = '9.4.3';

/** Elasticsearch where the environment names no image. */
export const ELASTIC_IMAGE = `docker.elastic.co/elasticsearch/elasticsearch:${ELASTIC_VERSION}`;

/** What measures an Elasticsearch (Apache-2.0). */
export const ELASTIC_EXPORTER_IMAGE = 'quay.io/prometheuscommunity/elasticsearch-exporter:v1.9.0';

/** Least memory, in bytes: half of it is heap, and with less than 512 MiB of that it does not get far. */
export const ELASTIC_LEAST_MEMORY = 2 ** 30;

/** Largest heap, in bytes: above it, addresses of objects take twice the room (Elasticsearch 9.4, "JVM heap size"). */
const LARGEST_HEAP = 31 * 2 ** 30;

/** Half of the memory as heap; the rest is for the file cache (Elasticsearch 9.4, "JVM heap size"). In MiB. */
export function heapOf(memoryBytes: number): number {
  return Math.floor(Math.min(memoryBytes / 2, LARGEST_HEAP) / 2 ** 20);
}

/** Options of Java for a heap that never grows or shrinks. */
export function javaOptions({ memoryBytes }: ElasticFacts): string {
  const heap = heapOf(memoryBytes);
  return `-Xms${heap}m -Xmx${heap}m`;
}

/** Variables where nothing is said. Clients read none by themselves; this is the name that most guides use. */
const ENV = { ELASTICSEARCH_URL: 'url' } as const;

/** Prints what curl reads, so that no password is an argument of a process. */
const WAIT = waitUntil(`printf 'url = "%s/_security/_authenticate"\\n' "$STORE" |
  curl --silent --fail --max-time 10 \${CA:+--cacert "$CA"} --output /dev/null --config -`);

/** How a server, or an index on it, is connected to. */
function connectionOf(
  address: ElasticAddress,
  { indices, name }: Pick<IndexFacts, 'indices' | 'name'>,
): ConnectionFacts {
  const { host, port, tls, authority } = address;
  const fields = {
    url: `${tls ? 'https' : 'http'}://{user}:{password}@${host}:${port}`,
    host,
    port: String(port),
    index: indices[0],
    indices: indices.join(','),
    ...(authority !== undefined && { ca: authorityFile(name) }),
  };
  return {
    fields: { owner: fields, reader: fields },
    env: { ...ENV, ...(authority !== undefined && { ELASTICSEARCH_CA: 'ca' }) },
    ports: [port],
    ...reachedOf(address),
    files: authorityFiles(name, authority, waitName({ name })),
  };
}

/** What an index is here. */
export function declareIndex(construct: Construct, facts: Readonly<IndexFacts>, address: ElasticAddress): void {
  declare(construct, Scope, { scope: facts.indices.join(',') });
  declare(construct, Connection, connectionOf(address, facts));
}

/** What a server is here, besides its pods: how its clients wait, and for a shared one, how it is reached. */
export function declareElastic(construct: Construct, facts: Readonly<ElasticFacts>, address: ElasticAddress): void {
  declare(construct, WaitedFor, {
    container: { image: address.image, command: ['/bin/sh', '-ec', WAIT], ports: [], resources: SMALL },
    env: { STORE: 'url', CA: 'ca' },
  });
  if (!facts.shared) return;
  declare(construct, Connection, connectionOf(address, { indices: ['*'], name: facts.name }));
}
