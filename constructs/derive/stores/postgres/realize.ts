import { realize, type Build } from '../../../model/extension';
import { declare } from '../../../model/recorder';
import { externalPostgresBackEnd } from './external';
import {
  Postgres,
  PostgresMadeBy,
  PostgresNeed,
  PostgresShare,
  type PostgresBackEnd,
  type PostgresFacts,
} from './server';

/** A server, and how its stores are reached, are what the environment's back end makes of them. */
export const realizePostgres = [
  realize('postgres', Postgres, (construct, facts, build) => {
    const backEnd = backEndOf(facts, build);
    declare(construct, PostgresMadeBy, { backEnd: backEnd.name });
    backEnd.realize(construct, facts, build);
    // A server that several share is no store itself.
    if (facts.store !== undefined) backEnd.connect(construct, facts, undefined);
  }),
  realize('postgres-share', PostgresShare, (construct, share, build) => {
    backEndOf(share.server, build).connect(construct, share.server, share);
  }),
];

/** The back end of one server: that of the environment, unless the program says where it is. */
export function backEndOf({ connection }: Readonly<PostgresFacts>, build: Build): PostgresBackEnd {
  return connection === undefined ? build.backEnd(PostgresNeed) : externalPostgresBackEnd(connection);
}
