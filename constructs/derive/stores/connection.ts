import type { IConstruct } from 'constructs';
import { contribute } from '../../model/extension';
import type { Part } from '../../model/facet';
import { view, type Graph } from '../../model/graph';
import { PodEnv, PodVolumes, type EnvPart, type VolumePart } from '../pod';
import { SecretKeys, type SecretKeyPart } from '../secrets';
import { TrafficIn, TrafficOut, podsOf, type TrafficPart } from '../traffic';
import { allAccess, type Access } from './accounts';
import { connectionOf, type ConnectionFacts } from './connection-facts';
import { fromSecret } from './own-secrets';
import { ReachedThrough, StandsOn } from './store';

interface Connected extends Access {
  readonly connection: Readonly<ConnectionFacts>;
}

/** Each workload's connection to each store that has one in this environment. */
const connections = view('store-connections', (graph: Graph): readonly Connected[] => {
  const found: Connected[] = [];
  for (const access of graph.view(allAccess)) {
    const connection = graph.viewOf(connectionOf, access.store);
    if (connection !== undefined) found.push({ ...access, connection });
  }
  return found;
});

/** What follows from access: variables, files and the way, for exactly those who have it. */
export const connectionParts = [
  contribute('store.env', PodEnv, function* (graph): Iterable<Part<EnvPart>> {
    for (const { connection, account, holder } of graph.view(connections)) {
      const fields = { ...connection.fields[account.level], ...holder.fields };
      for (const [variable, field] of Object.entries({ ...(holder.facts.env ?? connection.env), ...holder.env })) {
        // A rule tells what nobody can log in with.
        if (connection.credentials === 'none' && isCredential(field)) continue;
        for (const part of variableParts(variable, field, fields, account.secret)) {
          yield { to: holder.construct, source: holder.source, part };
        }
      }
    }
  }),
  contribute('store.files', PodVolumes, function* (graph): Iterable<Part<VolumePart>> {
    for (const { connection, holder } of graph.view(connections)) {
      for (const part of connection.files ?? []) yield { to: holder.construct, source: holder.source, part };
    }
  }),
  contribute('store.authority', SecretKeys, function* (graph): Iterable<Part<SecretKeyPart>> {
    for (const { connection, facts, holder } of graph.view(connections)) {
      const { authority } = connection;
      if (authority === undefined || holder.namespace === facts.namespace) continue;
      const { secret: name, key } = authority;
      const value = { known: `${facts.namespace}/${name}/${key}` };
      const part: SecretKeyPart = { namespace: holder.namespace, name, kind: 'Opaque', key, value };
      yield { to: holder.construct, source: holder.source, part };
    }
  }),
  contribute('store.out', TrafficOut, function* (graph): Iterable<Part<TrafficPart>> {
    for (const { connection, holder } of graph.view(connections)) {
      for (const port of connection.ports) {
        const part: TrafficPart = { peer: connection.reach, port, transport: 'TCP', purpose: 'relation' };
        yield { to: holder.construct, source: holder.source, part };
      }
    }
  }),
  contribute('store.in', TrafficIn, function* (graph): Iterable<Part<TrafficPart>> {
    for (const { store, connection, holder } of graph.view(connections)) {
      const peer = podsOf(graph, holder.construct);
      if (peer === undefined) continue;
      for (const port of connection.ports) {
        const part: TrafficPart = { peer, port, transport: 'TCP', purpose: 'relation' };
        yield { to: frontOf(graph, store), source: holder.source, part };
      }
    }
  }),
];

/** The server that a store is a share of; itself where it has one of its own. */
export function serverOf(graph: Graph, store: IConstruct): IConstruct {
  return graph.from(store, StandsOn)[0]?.to ?? store;
}

/** What clients of a store talk to: what stands before its server, or the server. */
function frontOf(graph: Graph, store: IConstruct): IConstruct {
  const server = serverOf(graph, store);
  return graph.from(server, ReachedThrough)[0]?.to ?? server;
}

function isCredential(field: string): field is 'user' | 'password' {
  return field === 'user' || field === 'password';
}

const PLACEHOLDER = /\{(user|password)\}/g;

/**
 * A variable with a field of a connection. A password is never text of the manifest: the variable takes it from the
 * Secret, or is composed in the pod of variables that do.
 */
export function variableParts(
  variable: string,
  field: string,
  fields: Readonly<Record<string, string>>,
  secret: string,
): readonly EnvPart[] {
  if (isCredential(field)) return [fromSecret(variable, secret, KEYS[field])];
  const template = fields[field];
  // An unknown field is told by a rule.
  if (template === undefined) return [];
  if (!template.includes('{')) return [{ name: variable, value: template }];
  const used = new Set([...template.matchAll(PLACEHOLDER)].map(([, name]) => name as 'user' | 'password'));
  const name = (of: string): string => `${variable}_${of.toUpperCase()}`;
  return [
    ...[...used].map((of) => fromSecret(name(of), secret, KEYS[of])),
    { name: variable, value: template.replaceAll(PLACEHOLDER, (_, of: string) => `$(${name(of)})`) },
  ];
}

/** Keys of the Secret of an account. */
const KEYS = { user: 'username', password: 'password' } as const;
