import { realize, rule, type Piece, type RuleFinding } from '../../model/extension';
import { Mongo, MongoNeed, type MongoBackEnd, type MongoFacts } from './mongo';
import { externalMongo, externalMongoBackEnd } from './mongo-external';
import { inClusterMongo } from './mongo-in-cluster';
import { perconaMongo, perconaPrerequisites } from './mongo-percona';
import { perconaClusters } from './mongo-percona-cluster';

/** The back end of one MongoDB: that of the environment, unless the program says where it is. */
function backEndOf({ connection }: Readonly<MongoFacts>, chosen: () => MongoBackEnd): MongoBackEnd {
  return connection === undefined ? chosen() : externalMongoBackEnd(connection);
}

/** Everything that is derived for MongoDB. */
export const mongoPieces: readonly Piece[] = [
  realize('mongodb', Mongo, (construct, facts, build) => {
    backEndOf(facts, () => build.backEnd(MongoNeed)).realize(construct, facts, build);
  }),
  rule('mongodb', function* (graph): Iterable<RuleFinding> {
    for (const { construct, facts } of graph.having(Mongo)) {
      const backEnd = backEndOf(facts, () => graph.backEnd(MongoNeed));
      for (const problem of backEnd.problems(facts, graph.environment)) yield { at: construct, ...problem };
    }
  }),
  inClusterMongo,
  perconaMongo,
  perconaClusters,
  perconaPrerequisites,
  externalMongo,
];
