import type { IConstruct } from 'constructs';
import { capability } from '../../model/capability';
import { given } from '../../model/given';
import { viewOf, type Graph } from '../../model/graph';
import type { Reach } from '../endpoint';
import type { VolumePart } from '../pod';
import { StandsOn, Store, type ConnectionEnv } from './store';

/**
 * How a store is reached in this environment. Its back end declares it, on the construct of the store, at the seal.
 *
 * A field is a text in which `{user}` and `{password}` stand for what the Secret holds:
 * `postgresql://{user}:{password}@orders-db.ordering.svc:5432/orders_db`. The fields `user` and `password` are always
 * there.
 */
export interface ConnectionFacts {
  /** Fields by name, for those who write and for those who read. */
  readonly fields: Readonly<Record<'owner' | 'reader', Readonly<Record<string, string>>>>;
  /** Variables that a workload gets which says none. */
  readonly env: ConnectionEnv;
  /** Where packets arrive. */
  readonly reach: Reach;
  /** Ports that the pods, or the addresses, listen on. */
  readonly ports: readonly number[];
  /**
   * `made`: user names and passwords are made with the store. `known`: who runs it gave them. `none`: nobody logs in,
   * and only network policies guard it. @defaultValue 'made'
   */
  readonly credentials?: 'made' | 'known' | 'none';
  /** Somebody else runs the server, and sees to its replicas and backups. @defaultValue false */
  readonly isElsewhere?: boolean;
  /** Whether the server is known by its certificate and nobody on the way can read. @defaultValue not said */
  readonly isEncrypted?: boolean;
  /** Who signed for the server; asked for where clients are in another namespace. @defaultValue one that they know anyway */
  readonly authority?: Authority;
  /** Files that clients need, such as the certificate of the authority that signs for the server. @defaultValue none */
  readonly files?: readonly VolumePart[];
}

/** A certificate authority whose certificate clients need. */
export interface Authority {
  /** Secret with the certificate, in the namespace of the store. */
  readonly secret: string;
  /** Its key there: `ca.crt`. */
  readonly key: string;
}

/** What a connection is, but for what clients are told. */
export type ReachedFacts = Omit<ConnectionFacts, 'fields' | 'env' | 'ports' | 'files'>;

/** What an address says of that. */
export function reachedOf({ reach, credentials, isElsewhere, isEncrypted, authority }: ReachedFacts): ReachedFacts {
  return { reach, ...given({ credentials, isElsewhere, isEncrypted, authority }) };
}

/** The capability of being connected to. */
export const Connection = capability<ConnectionFacts>('store.connection');

/** How a store is reached: as its back end says, or as its server is, with what the share has besides. */
export const connectionOf = viewOf(
  'connection',
  (graph: Graph, store: IConstruct): Readonly<ConnectionFacts> | undefined => {
    const own = graph.facts(store, Connection);
    const [server] = graph.from(store, StandsOn);
    const common = server === undefined ? undefined : graph.facts(server.to, Connection);
    if (own !== undefined || common === undefined) return own;
    const { fields, env } = graph.facts(store, Store)?.besides ?? { fields: {}, env: {} };
    const { owner, reader } = common.fields;
    return {
      ...common,
      fields: { owner: { ...owner, ...fields }, reader: { ...reader, ...fields } },
      env: { ...common.env, ...env },
    };
  },
);
