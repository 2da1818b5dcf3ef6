import type { IConstruct } from 'constructs';
import { contribute } from '../../model/extension';
import type { Part } from '../../model/facet';
import { view, viewOf, type Graph } from '../../model/graph';
import { groupBy } from '../../model/order';
import type { Edge } from '../../model/relation';
import { setting } from '../../model/setting';
import type { Source } from '../../model/source';
import { Reads } from '../reads';
import { SecretKeys, type SecretKeyPart } from '../secrets';
import { Workload } from '../workload';
import { cacheAccess } from './cache-access';
import { connectionOf } from './connection-facts';
import { knownAccount, madeAccount, secretParts } from './own-secrets';
import { Caches, Maintains, Owns, Store, type AccessFacts, type ConnectionEnv, type StoreFacts } from './store';

/**
 * Which password of an account holds. Raising it makes a new one beside the old one, so that pods of both releases can
 * log in while the one replaces the other.
 */
export const CredentialGeneration = setting<number>({
  id: 'credentialGeneration',
  schema: {
    type: 'integer',
    minimum: 1,
    maximum: 10000,
    description: 'Raise it to change the passwords of a store, or the values of a Secret.',
  },
  byTier: () => 1,
});

/** Who logs in with an account, and how it wants to be told. */
export interface Holder {
  /** The workload. */
  readonly construct: IConstruct;
  /** Namespace of its pods, where the Secret has to be. */
  readonly namespace: string;
  /** How it wants its access. */
  readonly facts: AccessFacts;
  /** Fields that the relation itself tells, besides those of the connection: `ttlSeconds` of a cache. */
  readonly fields: Readonly<Record<string, string>>;
  /** Variables that it gets whatever it says. */
  readonly env: ConnectionEnv;
  /** The line of the program that said it. */
  readonly source: Source;
}

/** An account of a store. */
export interface Account {
  /** `owner` may do anything with the data of the store, `reader` may read it. */
  readonly level: 'owner' | 'reader';
  /**
   * A DNS label, unique on the server: `orders`; for a workload of another context with that before it:
   * `billing-invoices`; in a share that is called otherwise with that before it: `returns-invoices`.
   */
  readonly name: string;
  /** Which password holds, from 1. */
  readonly generation: number;
  /** Name of the Secret with `username` and `password`, in the namespace of each holder and of the store. */
  readonly secret: string;
  /** Workloads that log in with it; at least one. */
  readonly holders: readonly Holder[];
}

/** The accounts of a store: its owner's, shared with the tasks that maintain it, and one for each reader. */
export const accountsOf = viewOf('accounts', (graph: Graph, store: IConstruct): readonly Account[] => {
  const facts = graph.facts(store, Store);
  if (facts === undefined) return [];
  const generation = graph.setting(CredentialGeneration, store);
  const account = (level: Account['level'], name: string, holders: readonly Holder[]): Account => ({
    level,
    name,
    generation,
    secret: secretName(facts.name, name, generation),
    holders,
  });
  const owners = groupBy(
    [
      ...graph.to(store, Owns).map((edge) => holderOf(graph, edge)),
      ...graph.to(store, Caches).map((edge) => holderOf(graph, edge, cacheAccess(edge))),
    ],
    ({ construct }) => accountName(graph, construct, facts),
  );
  const maintainers = graph.to(store, Maintains).map((edge) => holderOf(graph, edge));
  const readers = groupBy(graph.to(store, Reads), (edge) => accountName(graph, edge.from, facts));
  return [
    ...[...owners].map(([name, holders], index) =>
      account('owner', name, [...holders, ...(index === 0 ? maintainers : [])]),
    ),
    ...[...readers].map(([name, edges]) =>
      account(
        'reader',
        name,
        edges.map((edge) => holderOf(graph, edge)),
      ),
    ),
  ];
});

function holderOf(
  graph: Graph,
  { from, facts, source }: Edge<IConstruct, IConstruct, AccessFacts>,
  told: Pick<Holder, 'fields' | 'env'> = { fields: {}, env: {} },
): Holder {
  return { construct: from, namespace: graph.facts(from, Workload)?.namespace ?? '', facts, source, ...told };
}

/** Name of the Secret of an account. */
export function secretName(store: string, account: string, generation: number): string {
  return `${store}-${account}-v${generation}`;
}

function accountName(graph: Graph, holder: IConstruct, { namespace, share }: Readonly<StoreFacts>): string {
  const workload = graph.facts(holder, Workload);
  const name = workload?.name ?? holder.node.id;
  const local = workload === undefined || workload.namespace === namespace ? name : `${workload.namespace}-${name}`;
  // A service may have accounts in several stores of one server, each with a password of its own.
  return share === undefined || share === local ? local : `${share}-${local}`;
}

/** One workload's access to one store. */
export interface Access {
  readonly store: IConstruct;
  readonly facts: Readonly<StoreFacts>;
  readonly account: Account;
  readonly holder: Holder;
}

/** Who has access to what: one for each pair of a store and a workload. */
export const allAccess = view('store-access', (graph: Graph): readonly Access[] =>
  graph
    .having(Store)
    .flatMap(({ construct: store, facts }) =>
      graph
        .viewOf(accountsOf, store)
        .flatMap((account) => account.holders.map((holder) => ({ store, facts, account, holder }))),
    ),
);

/** User names and passwords, in the namespace of the store and of each holder. */
export const accountSecrets = contribute('store.accounts', SecretKeys, function* (graph): Iterable<
  Part<SecretKeyPart>
> {
  for (const { store, facts, account, holder } of graph.view(allAccess)) {
    const credentials = graph.viewOf(connectionOf, store)?.credentials ?? 'made';
    if (credentials === 'none') continue;
    const { construct, namespace, source } = holder;
    const { namespace: home } = facts;
    const secret =
      credentials === 'made'
        ? madeAccount(home, account.secret, loginName(account.name, account.generation))
        : knownAccount(home, account.secret);
    for (const part of secretParts(home, secret)) yield { to: store, source, part };
    if (namespace === home) continue;
    for (const part of secretParts(namespace, secret)) yield { to: construct, source, part };
  }
});

/**
 * The name under which an account logs in. Two take turns: the new password goes to the one that rests, and pods with
 * the old one stay logged in. Written with underscores, which no engine wants quoted.
 */
export function loginName(account: string, generation: number): string {
  return `${account.replaceAll('-', '_')}_${generation % 2 === 1 ? 'a' : 'b'}`;
}
