import type { IConstruct } from 'constructs';
import { rule, type RuleFinding } from '../../model/extension';
import type { Graph } from '../../model/graph';
import type { Edge } from '../../model/relation';
import { Calls } from '../calls';
import { Reads } from '../reads';
import { Workload } from '../workload';
import { allAccess } from './accounts';
import { serverOf } from './connection';
import { Connection, connectionOf } from './connection-facts';
import { Caches, Owns, StandsOn, Store, type AccessFacts, type StoreFacts } from './store';

type Access = Edge<IConstruct, IConstruct, AccessFacts>;

/** Each store has one owner, and others keep away from it (Database per service). */
export const ownershipRules = rule('stores.ownership', function* (graph): Iterable<RuleFinding> {
  for (const { construct: store, facts } of graph.having(Store)) {
    const owners = ownersOf(graph, store);
    if (owners.length === 0 && !needsNoOwner(graph, store)) yield ownerless(store, facts);
    if (owners.length > 1) yield shared(store, owners);
    for (const edge of owners) if (isElsewhere(graph, edge, facts)) yield ownedFromElsewhere(edge, facts);
    for (const edge of graph.to(store, Reads))
      if (isElsewhere(graph, edge, facts)) yield readFromElsewhere(edge, facts);
  }
});

/** Who writes, each once: what a service owns and caches in at once is told by another rule. */
function ownersOf(graph: Graph, store: IConstruct): readonly Access[] {
  const edges: readonly Access[] = [...graph.to(store, Owns), ...graph.to(store, Caches)];
  return edges.filter(({ from }, index) => edges.findIndex((edge) => edge.from === from) === index);
}

/** Its shares have owners of their own, or whoever reaches it may write. */
function needsNoOwner(graph: Graph, store: IConstruct): boolean {
  return graph.to(store, StandsOn).length > 0 || graph.viewOf(connectionOf, store)?.credentials === 'none';
}

function isElsewhere(graph: Graph, { from }: Access, { namespace }: Readonly<StoreFacts>): boolean {
  const workload = graph.facts(from, Workload);
  return workload !== undefined && workload.namespace !== namespace;
}

function ownerless(store: IConstruct, { engine }: Readonly<StoreFacts>): RuleFinding {
  return {
    at: store,
    code: 'store-without-owner',
    message: `Nobody owns this store (${engine}), so nobody may write to it.`,
    got: 'no owner',
    allowed: 'one service that owns it',
    fix: 'Say it: orders.owns(ordersDb).',
  };
}

function shared(store: IConstruct, owners: readonly Access[]): RuleFinding {
  return {
    at: store,
    code: 'shared-database',
    message: 'Several services write to this store, so none of them can change it alone.',
    got: owners.map(({ from, source }) => `${from.node.path} at ${source.at}`).join(', '),
    allowed: 'one owner',
    fix: 'Give each its own store and let the others call or read, or accept the finding at the store with a reason.',
  };
}

function ownedFromElsewhere({ from, source }: Access, { namespace }: Readonly<StoreFacts>): RuleFinding {
  return {
    at: from,
    code: 'owner-in-another-context',
    message: 'A service owns a store of another context.',
    got: `${from.node.path} at ${source.at}`,
    allowed: `a service of ${namespace}`,
    fix: 'Create the store in the context of its owner.',
  };
}

function readFromElsewhere({ from, to, source }: Access, { namespace }: Readonly<StoreFacts>): RuleFinding {
  return {
    at: from,
    code: 'reader-in-another-context',
    message: `It reads ${to.node.path}, past the service that owns it.`,
    got: `${from.node.path} at ${source.at}`,
    allowed: `workloads of ${namespace}`,
    fix: 'Call the owner, or subscribe to what it publishes; or accept the finding here with a reason.',
  };
}

/** What production demands of data that must not be lost. */
export const durabilityRules = rule('stores.durability', function* (graph): Iterable<RuleFinding> {
  if (graph.environment.tier !== 'production') return;
  for (const { construct: store, facts } of graph.having(Store)) {
    const isShare = serverOf(graph, store) !== store;
    const isElsewhere = graph.viewOf(connectionOf, store)?.isElsewhere === true;
    if (!facts.durable || isShare || isElsewhere || facts.backup !== undefined) continue;
    yield noBackup(store);
  }
});

/** What must not be lost has a backup. */
export function noBackup(store: IConstruct): RuleFinding {
  return {
    at: store,
    code: 'no-backup',
    message: 'What is lost here is lost.',
    field: 'backup',
    got: 'none',
    allowed: 'a backup in production',
    fix: 'Give backup: Backup.daily({ keep: Duration.days(30) }), or accept the finding with a reason.',
  };
}

/** A variable asks for something that the engine's connections have. */
export const connectionRules = rule('stores.connection', function* (graph): Iterable<RuleFinding> {
  for (const { store, account, holder } of graph.view(allAccess)) {
    const connection = graph.viewOf(connectionOf, store);
    if (connection === undefined) continue;
    const credentials = connection.credentials === 'none' ? [] : ['user', 'password'];
    const known = [...credentials, ...Object.keys({ ...connection.fields[account.level], ...holder.fields })];
    for (const [variable, field] of Object.entries(holder.facts.env ?? {})) {
      if (known.includes(field)) continue;
      yield {
        at: holder.construct,
        code: 'unknown-connection-field',
        message: `The variable ${variable} asks ${store.node.path} for something that it does not have.`,
        field: `env.${variable}`,
        got: `${field} at ${holder.source.at}`,
        allowed: known.join(', '),
        fix: 'Name one of these.',
      };
    }
  }
});

/** Who logs in has an account, and nobody on the way reads its password. */
export const credentialRules = rule('stores.credentials', function* (graph): Iterable<RuleFinding> {
  const access = new Set(graph.view(allAccess).map(({ store, holder }) => pairOf(holder.construct, store)));
  for (const { from, to, source } of graph.all(Calls)) {
    const connection = graph.viewOf(connectionOf, to);
    const isOpen = connection === undefined || connection.credentials === 'none';
    if (!isOpen && !access.has(pairOf(from, to))) yield calledWithoutAccount(from, to, source.at);
  }
  if (graph.environment.tier !== 'production') return;
  for (const { construct: store } of graph.having(Store)) {
    const connection = graph.facts(store, Connection);
    if (connection?.isEncrypted === false && connection.credentials !== 'none') yield inPlainText(store);
  }
});

const pairOf = (holder: IConstruct, store: IConstruct): string => `${holder.node.path}\n${store.node.path}`;

function calledWithoutAccount(from: IConstruct, to: IConstruct, at: string): RuleFinding {
  return {
    at: from,
    code: 'call-without-account',
    message: `It calls ${to.node.path}, which lets nobody in without an account.`,
    got: `a call at ${at}`,
    allowed: 'owns, caches or reads: they bring the way, the address and an account',
    fix: "Say one of these instead, or give the store access: 'network', so that network policies alone guard it.",
  };
}

function inPlainText(at: IConstruct): RuleFinding {
  return {
    at,
    code: 'plain-text-connection',
    severity: 'warning',
    message: 'Its back end speaks no TLS here: passwords and data cross the network as they are.',
    got: 'a connection without TLS',
    allowed: 'an external server with TLS, or a mesh that encrypts what pods say to each other',
    fix: 'Choose such a back end, or accept the finding at the store with a reason.',
  };
}
