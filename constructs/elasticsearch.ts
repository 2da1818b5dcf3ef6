import type { Construct } from 'constructs';
import type { IStore } from './capabilities';
import { ELASTIC_LEAST_MEMORY, ELASTIC_PORT, Elastic, Index, type ElasticFacts } from './derive/stores/elastic';
import { StandsOn, Store } from './derive/stores/store';
import { Element } from './model/element';
import type { Problem } from './model/finding';
import { given } from './model/given';
import { declare, relate, report } from './model/recorder';
import { namespaceOf } from './namespace';
import { Size } from './cdk8s-values';
import {
  CONNECTION_PROPS,
  SERVER_PROPS,
  connectionFacts,
  problemsOfConnection,
  problemsOfServer,
  serverSizes,
  type StoreConnectionProps,
  type StoreServerProps,
} from './store-props';
import { printed, unknownProps } from './values';

/** What an index is told, wherever it is. */
export interface IndexOptions {
  /**
   * Names of its indices, in which `*` stands for any text; the first is the one that is told as `index`. Up to 255 bytes
   * each. @defaultValue the id, and all that start with it and a dash: `search` and `search-*`
   */
  readonly indices?: readonly [string, ...string[]];
}

/** What an Elasticsearch of several services is told. Its memory is at least 1 GiB; half of it is heap. */
export interface ElasticsearchClusterProps extends StoreServerProps {}

/** What an index with an Elasticsearch of its own is told. Its memory is at least 1 GiB; half of it is heap. */
export interface ElasticsearchIndexProps extends StoreServerProps, IndexOptions {}

/** Where an Elasticsearch is that somebody else runs. */
export interface ElasticsearchConnectionProps extends StoreConnectionProps, IndexOptions {}

/** Defaults, for code, docs and tests alike. */
const DEFAULT_MEMORY = Size.gibibytes(2);
const LITTLE_HEAP = 'half of it is heap, which takes 512 MiB';

/**
 * An Elasticsearch that holds the indices of several services of a context: cheaper than one each, and each has its
 * accounts for its own. What happens to the cluster happens to all of them.
 *
 * Errors: `storage-missing`, `memory-too-small`, `no-backup`, `single-replica`, `no-majority`, `backup-without-storage`,
 * `back-end-for-development`.
 *
 * @example
 * ```ts
 * const shared = new ElasticsearchCluster(ordering, 'searches', { storage: Size.gibibytes(50) });
 * orders.owns(shared.index('orders-search'));
 * ```
 */
export class ElasticsearchCluster extends Element {
  readonly #facts: ElasticFacts;

  constructor(scope: Construct, id: string, props: ElasticsearchClusterProps) {
    super(scope, id);
    for (const problem of [...unknownProps(props, SERVER_PROPS), ...problemsOfNodes(props)]) report(this, problem);
    this.#facts = nodeFacts(this, props, true);
    declare(this, Elastic, this.#facts);
  }

  /** An index, or several that share a name, for one service. */
  index(id: string, options: IndexOptions = {}): ElasticsearchIndex {
    const share = new ElasticsearchIndex(this, id, options as ElasticsearchIndexProps, this.#facts);
    relate(StandsOn, share, this, {});
    return share;
  }
}

/**
 * An index of Elasticsearch for one service, or several that share a name, with an Elasticsearch of its own. Its owner may
 * do anything with its own indices and nothing with others; who reads it can search and no more.
 *
 * Errors: `bad-index-name`, and those of an `ElasticsearchCluster` and of every store.
 *
 * @example
 * ```ts
 * const search = new ElasticsearchIndex(ordering, 'search', {
 *   storage: Size.gibibytes(50),
 *   backup: Backup.daily(),
 * });
 * orders.owns(search);
 * ```
 */
export class ElasticsearchIndex extends Element implements IStore {
  /** What keeps the data. */
  readonly engine = 'elasticsearch';

  /**
   * @param props - what the environment's back end is to run, or where a server is that somebody else runs
   * @param on - facts of the cluster that it is a share of; `ElasticsearchCluster.index` gives them
   */
  constructor(
    scope: Construct,
    id: string,
    props: ElasticsearchIndexProps | ElasticsearchConnectionProps,
    on?: ElasticFacts,
  ) {
    super(scope, id);
    const { indices = [id, `${id}-*`] } = props;
    for (const problem of [...problemsOf(props, on), ...indices.flatMap(problemsOfName)]) report(this, problem);
    const server = on ?? nodeFacts(this, props, false);
    const { name, namespace, storage, backup } = server;
    const own = on === undefined;
    declare(this, Store, {
      engine: this.engine,
      name: own ? name : `${name}-${this.node.id}`,
      namespace,
      isolation: own ? 'server' : 'index',
      // What somebody else runs, somebody else backs up.
      durable: server.connection === undefined,
      ...(own ? { storage, ...given({ backup }) } : { share: this.node.id }),
    });
    if (own) declare(this, Elastic, server);
    declare(this, Index, { server, name: own ? name : `${name}-${this.node.id}`, indices });
  }

  /** An index of an Elasticsearch that somebody else runs, whatever the environment's back end is. */
  static fromConnection(scope: Construct, id: string, props: ElasticsearchConnectionProps): ElasticsearchIndex {
    return new ElasticsearchIndex(scope, id, props);
  }
}

/** Facts of the nodes, run here or elsewhere. */
function nodeFacts(at: Element, props: StoreServerProps | StoreConnectionProps, shared: boolean): ElasticFacts {
  const elsewhere = 'host' in props;
  return {
    name: at.node.id,
    namespace: namespaceOf(at),
    shared,
    ...serverSizes(elsewhere ? {} : props, DEFAULT_MEMORY),
    ...given({
      connection: elsewhere ? connectionFacts(at, props, ELASTIC_PORT) : undefined,
    }),
  };
}

function problemsOf(
  props: ElasticsearchIndexProps | ElasticsearchConnectionProps,
  on: ElasticFacts | undefined,
): readonly Problem[] {
  if (on !== undefined) return unknownProps(props, { indices: true });
  if ('host' in props) {
    return [...unknownProps(props, { ...CONNECTION_PROPS, indices: true }), ...problemsOfConnection(props)];
  }
  return [...unknownProps(props, { ...SERVER_PROPS, indices: true }), ...problemsOfNodes(props)];
}

function problemsOfNodes(props: StoreServerProps): readonly Problem[] {
  return problemsOfServer(props, ELASTIC_LEAST_MEMORY, LITTLE_HEAP);
}

/** Names that Elasticsearch refuses (Elasticsearch 9.4, "Create index"), and those that would take in everybody's. */
const NAME = /^[^-_+.\\/*?"<>| ,#:A-Z][^\\/?"<>| ,#:A-Z]*$/;

function problemsOfName(name: string): readonly Problem[] {
  if (NAME.test(name) && Buffer.byteLength(name) <= 255) return [];
  return [
    {
      code: 'bad-index-name',
      message: `Elasticsearch takes no index called ${printed(name)}, or it would be everybody's.`,
      field: 'indices',
      got: printed(name),
      allowed: 'up to 255 bytes in lower case without \\ / ? " < > | , # : and blanks, not from - _ + . or *',
      fix: 'Choose a name such as "orders" or "orders-*".',
    },
  ];
}
