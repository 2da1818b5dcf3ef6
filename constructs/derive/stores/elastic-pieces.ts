import { realize, rule, type Piece, type RuleFinding } from '../../model/extension';
import { Elastic, ElasticNeed, Index, declareIndex, type ElasticBackEnd, type ElasticFacts } from './elastic';
import { eckElastic, eckPrerequisites } from './elastic-eck';
import { eckClusters } from './elastic-eck-cluster';
import { externalElastic, externalElasticBackEnd } from './elastic-external';
import { inClusterElastic } from './elastic-in-cluster';
import { noBackup } from './rules';

/** The back end of one Elasticsearch: that of the environment, unless the program says where it is. */
function backEndOf({ connection }: Readonly<ElasticFacts>, chosen: () => ElasticBackEnd): ElasticBackEnd {
  return connection === undefined ? chosen() : externalElasticBackEnd(connection);
}

/** Everything that is derived for Elasticsearch. */
export const elasticPieces: readonly Piece[] = [
  realize('elasticsearch', Elastic, (construct, facts, build) => {
    backEndOf(facts, () => build.backEnd(ElasticNeed)).realize(construct, facts, build);
  }),
  realize('elasticsearch.index', Index, (construct, facts, build) => {
    const { server } = facts;
    const at = server.shared ? construct.node.scope : construct;
    const address = at && backEndOf(server, () => build.backEnd(ElasticNeed)).address(at, server);
    if (address !== undefined) declareIndex(construct, facts, address);
  }),
  rule('elasticsearch', function* (graph): Iterable<RuleFinding> {
    for (const { construct, facts } of graph.having(Elastic)) {
      const backEnd = backEndOf(facts, () => graph.backEnd(ElasticNeed));
      for (const problem of backEnd.problems(facts, graph.environment)) yield { at: construct, ...problem };
      const guarded = facts.backup !== undefined || facts.connection !== undefined;
      if (facts.shared && !guarded && graph.environment.tier === 'production') yield noBackup(construct);
    }
  }),
  inClusterElastic,
  eckElastic,
  eckClusters,
  eckPrerequisites,
  externalElastic,
];
