import { realize, rule, type Piece, type RuleFinding } from '../../model/extension';
import { ClickHouse, ClickHouseNeed, type ClickHouseBackEnd, type ClickHouseFacts } from './clickhouse';
import { altinityClickHouse, altinityPrerequisites } from './clickhouse-altinity';
import { altinityObjects } from './clickhouse-altinity-cluster';
import { externalClickHouse, externalClickHouseBackEnd } from './clickhouse-external';
import { inClusterClickHouse } from './clickhouse-in-cluster';

/** The back end of one ClickHouse: that of the environment, unless the program says where it is. */
function backEndOf({ connection }: Readonly<ClickHouseFacts>, chosen: () => ClickHouseBackEnd): ClickHouseBackEnd {
  return connection === undefined ? chosen() : externalClickHouseBackEnd(connection);
}

/** Everything that is derived for ClickHouse. */
export const clickHousePieces: readonly Piece[] = [
  realize('clickhouse', ClickHouse, (construct, facts, build) => {
    backEndOf(facts, () => build.backEnd(ClickHouseNeed)).realize(construct, facts, build);
  }),
  rule('clickhouse', function* (graph): Iterable<RuleFinding> {
    for (const { construct, facts } of graph.having(ClickHouse)) {
      const backEnd = backEndOf(facts, () => graph.backEnd(ClickHouseNeed));
      for (const problem of backEnd.problems(facts, graph.environment)) yield { at: construct, ...problem };
    }
  }),
  inClusterClickHouse,
  altinityClickHouse,
  altinityObjects,
  altinityPrerequisites,
  externalClickHouse,
];
