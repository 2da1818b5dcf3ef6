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
import { Maintains, Owns, Store, type AccessFacts, type StoreFacts } from './store';

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

/** Characters of a generated password: 32 of 62 are 190 bits. */
const PASSWORD_LENGTH = 32;

/** Who logs in with an account, and how it wants to be told. */
export interface Holder {
  /** The workload. */
  readonly construct: IConstruct;
  /** Namespace of its pods, where the Secret has to be. */
  readonly namespace: string;
  /** How it wants its access. */
  readonly facts: AccessFacts;
  /** The line of the program that said it. */
  readonly source: Source;
}

/** An account of a store. */
export interface Account {
  /** `owner` may do anything with the data of the store, `reader` may read it. */
  readonly level: 'owner' | 'reader';
  /** A DNS label, unique on the server: `orders`; for a workload of another context with that before it: `billing-invoices`. */
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
    secret: `${facts.name}-${name}-v${generation}`,
    holders,
  });
  const owners = graph.to(store, Owns);
  const maintainers = graph.to(store, Maintains).map((edge) => holderOf(graph, edge));
  const readers = groupBy(graph.to(store, Reads), (edge) => accountName(graph, edge.from, facts));
  return [
    ...owners.map((edge, index) =>
      account('owner', accountName(graph, edge.from, facts), [
        holderOf(graph, edge),
        ...(index === 0 ? maintainers : []),
      ]),
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

function holderOf(graph: Graph, { from, facts, source }: Edge<IConstruct, IConstruct, AccessFacts>): Holder {
  return { construct: from, namespace: graph.facts(from, Workload)?.namespace ?? '', facts, source };
}

function accountName(graph: Graph, holder: IConstruct, { namespace }: Readonly<StoreFacts>): string {
  const workload = graph.facts(holder, Workload);
  const name = workload?.name ?? holder.node.id;
  return workload === undefined || workload.namespace === namespace ? name : `${workload.namespace}-${name}`;
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
    const { construct, namespace, source } = holder;
    for (const part of keysOf(account, facts, facts.namespace)) yield { to: store, source, part };
    if (namespace === facts.namespace) continue;
    for (const part of keysOf(account, facts, namespace)) yield { to: construct, source, part };
  }
});

function keysOf(account: Account, facts: Readonly<StoreFacts>, namespace: string): readonly SecretKeyPart[] {
  const { name, secret, generation } = account;
  const id = `${facts.namespace}/${secret}/password`;
  const common = { namespace, name: secret, kind: 'kubernetes.io/basic-auth' } as const;
  return [
    { ...common, key: 'username', value: { text: loginName(name, generation) } },
    { ...common, key: 'password', value: { random: { id, length: PASSWORD_LENGTH } } },
  ];
}

/**
 * The name under which an account logs in. Two take turns: the new password goes to the one that rests, and pods with
 * the old one stay logged in. Written with underscores, which no engine wants quoted.
 */
export function loginName(account: string, generation: number): string {
  return `${account.replaceAll('-', '_')}_${generation % 2 === 1 ? 'a' : 'b'}`;
}
