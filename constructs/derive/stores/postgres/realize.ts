import { realize, type Build } from '../../../model/extension';
import { declare } from '../../../model/recorder';
import { givenServer } from './external';
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

/** A server that the program itself places is where the program says, in every environment. */
export function backEndOf({ given }: Readonly<PostgresFacts>, build: Build): PostgresBackEnd {
  return given === undefined ? build.backEnd(PostgresNeed) : givenServer(given);
}
