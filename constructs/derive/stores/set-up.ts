import type { IConstruct } from 'constructs';
import { capability } from '../../model/capability';
import { contribute } from '../../model/extension';
import type { Part } from '../../model/facet';
import { viewOf, type Graph } from '../../model/graph';
import { relation } from '../../model/relation';
import { setting } from '../../model/setting';
import {
  PodContainers,
  PodEnv,
  PodVolumes,
  type ContainerFacts,
  type ContainerPart,
  type EnvPart,
  type VolumePart,
} from '../pod';
import { TrafficIn, TrafficOut, podsOf, type TrafficPart } from '../traffic';
import { accountsOf, allAccess, loginName, type Access, type Account } from './accounts';
import { serverOf, variableParts } from './connection';
import { Connection, type ConnectionFacts } from './connection-facts';
import { fromSecret } from './own-secrets';
import { StandsOn, Store, type StoreFacts } from './store';

/**
 * A pod works on a server for the platform itself: it makes accounts, or takes backups. It reaches the server, and the
 * server admits it, as control traffic.
 */
export const Tends = relation<IConstruct, IConstruct, { readonly accounts: boolean }>('tends', () => '');

/** How the pods of those who have access wait until they can log in. */
export interface WaitFacts {
  /** What runs until it can (`waitUntil`): it ends well as soon as a login works. It can write to `/tmp`, which is its home. */
  readonly container: Omit<ContainerFacts, 'name'>;
  /** Fields of the connection that it gets, by name of the variable: `{ STORE: 'url' }`. */
  readonly env: Readonly<Record<string, string>>;
}

/** Name of the container that waits for a store. */
export function waitName({ name }: { readonly name: string }): string {
  return `wait-for-${name}`;
}

/** How long a workload waits for its store to be ready for it, before its pod fails and is started again. */
export const StoreWait = setting<number>({
  id: 'storeWaitSeconds',
  schema: { type: 'integer', minimum: 1, maximum: 3600, description: 'Seconds that a pod waits for its store.' },
  byTier: () => 300,
});

/**
 * A script (POSIX.1-2024, Shell Command Language) that asks until the answer is well, and says what is missing where that
 * takes too long.
 */
export function waitUntil(ask: string): string {
  return `end=$(($(date +%s) + WAIT_SECONDS))
until ${ask}; do
  if [ "$(date +%s)" -ge "$end" ]; then echo "Waited $WAIT_SECONDS s: $MISSING" >&2; exit 1; fi
  sleep 2
done`;
}

/** The capability of being waited for. */
export const WaitedFor = capability<WaitFacts>('store.waited-for');

/** The container in which a pod waits for a store. */
export function waitContainer(
  graph: Graph,
  waiting: Waiting,
  wait: Readonly<WaitFacts>,
  told: WaitTexts,
): ContainerPart {
  const { facts, account, connection, holder } = waiting;
  const name = waitName(facts);
  const fields = connection.fields[account.level];
  const texts = {
    ...told.texts,
    WAIT_SECONDS: String(graph.setting(StoreWait, holder.construct)),
    MISSING: told.missing,
  };
  const env = [
    ...Object.entries(wait.env).flatMap(([variable, field]) => variableParts(variable, field, fields, account.secret)),
    ...Object.entries(texts).map(([variable, value]) => ({ name: variable, value })),
  ];
  return { name, role: 'init', order: FIRST, container: { ...wait.container, name }, env };
}

/** What its script reads besides the way to the store, and how long it may take (`waitUntil`). */
export interface WaitTexts {
  /** Variables by name. */
  readonly texts: Readonly<Record<string, string>>;
  /** What is said where it takes too long. */
  readonly missing: string;
}

/** Access of a pod that waits, and the connection that it waits for. */
export interface Waiting extends Access {
  readonly connection: Readonly<ConnectionFacts>;
}

/** Before what else a pod does at its start, which may need the store. */
const FIRST = -10;

/** Where pods that tend a server reach it. A back end declares it on a server that clients reach in another way. */
export interface TendedFacts {
  readonly reach: ConnectionFacts['reach'];
  readonly ports: readonly number[];
}

/** The capability of being tended elsewhere than where clients come. */
export const Tended = capability<TendedFacts>('store.tended');

/** An account on a server, and the store that it is for. */
export interface ServerAccount {
  readonly store: IConstruct;
  readonly facts: Readonly<StoreFacts>;
  readonly account: Account;
}

/** All accounts on a server: of the store that is the server, and of those that are a share of it. */
export const accountsOn = viewOf('accounts-on', (graph: Graph, server: IConstruct): readonly ServerAccount[] =>
  [server, ...graph.to(server, StandsOn).map(({ from }) => from)].flatMap((store) => {
    const facts = graph.facts(store, Store);
    return facts === undefined ? [] : graph.viewOf(accountsOf, store).map((account) => ({ store, facts, account }));
  }),
);

/** What the accounts of a store may use of its server. */
export interface ScopeFacts {
  /** A database, an index pattern. */
  readonly scope: string;
}

/** The capability of being a part of a server that has a name there. */
export const Scope = capability<ScopeFacts>('store.scope');

/**
 * Accounts as variables of the pod that makes them: `ACCOUNTS` counts them, and `ACCOUNT_1_USER`, `_PASSWORD`, `_LEVEL`,
 * `_SCOPE` and `_RESTING` (the login that is not to be touched) tell the first.
 */
export const setUpParts = [
  contribute('store.set-up.env', PodEnv, function* (graph): Iterable<Part<EnvPart>> {
    for (const { from, to, facts, source } of graph.all(Tends)) {
      if (!facts.accounts) continue;
      const accounts = graph.viewOf(accountsOn, to);
      const parts = [
        { name: 'ACCOUNTS', value: String(accounts.length) },
        ...accounts.flatMap((account, index) => accountVariables(graph, account, `ACCOUNT_${index + 1}`)),
      ];
      for (const part of parts) yield { to: from, source, part };
    }
  }),
  contribute('store.tends.out', TrafficOut, function* (graph): Iterable<Part<TrafficPart>> {
    for (const { from, to, source } of graph.all(Tends)) {
      for (const part of controlParts(graph, to, tendedAt(graph, to)?.reach)) yield { to: from, source, part };
    }
  }),
  contribute('store.tends.in', TrafficIn, function* (graph): Iterable<Part<TrafficPart>> {
    for (const { from, to, source } of graph.all(Tends)) {
      for (const part of controlParts(graph, to, podsOf(graph, from))) yield { to, source, part };
    }
  }),
  contribute('store.wait', PodContainers, function* (graph): Iterable<Part<ContainerPart>> {
    for (const waiting of waits(graph)) {
      const { holder, wait } = waiting;
      const { name, namespace } = waiting.facts;
      const missing =
        `${name} of the namespace ${namespace} does not let this account in. ` +
        'See the logs of its pods, and of the Job that makes its accounts.';
      const part = waitContainer(graph, waiting, wait, { texts: { HOME: '/tmp' }, missing });
      yield { to: holder.construct, source: holder.source, part };
    }
  }),
  contribute('store.wait.home', PodVolumes, function* (graph): Iterable<Part<VolumePart>> {
    for (const { facts, holder } of waits(graph)) {
      const name = waitName(facts);
      const part: VolumePart = { name, source: { emptyDir: {} }, mounts: [{ path: '/tmp', container: name }] };
      yield { to: holder.construct, source: holder.source, part };
    }
  }),
];

/** Everybody who waits for a store. */
function* waits(graph: Graph): Iterable<Waiting & { wait: Readonly<WaitFacts> }> {
  for (const access of graph.view(allAccess)) {
    const wait = graph.facts(serverOf(graph, access.store), WaitedFor);
    const connection = graph.facts(access.store, Connection);
    if (wait !== undefined && connection !== undefined) yield { ...access, wait, connection };
  }
}

function accountVariables(graph: Graph, { store, account }: ServerAccount, prefix: string): readonly EnvPart[] {
  const { generation, level, name, secret } = account;
  return [
    fromSecret(`${prefix}_USER`, secret, 'username'),
    fromSecret(`${prefix}_PASSWORD`, secret, 'password'),
    { name: `${prefix}_LEVEL`, value: level },
    { name: `${prefix}_SCOPE`, value: graph.facts(store, Scope)?.scope ?? '' },
    { name: `${prefix}_RESTING`, value: loginName(name, generation + 1) },
  ];
}

function tendedAt(graph: Graph, server: IConstruct): Readonly<TendedFacts> | undefined {
  return graph.facts(server, Tended) ?? graph.facts(server, Connection);
}

function controlParts(graph: Graph, server: IConstruct, peer: TrafficPart['peer'] | undefined): readonly TrafficPart[] {
  if (peer === undefined) return [];
  const { ports = [] } = tendedAt(graph, server) ?? {};
  return ports.map((port): TrafficPart => ({ peer, port, transport: 'TCP', purpose: 'control' }));
}
