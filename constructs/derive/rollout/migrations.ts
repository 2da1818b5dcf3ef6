import { rule, type RuleFinding } from '../../model/extension';
import { pathBelowPlatform } from '../../model/setting';
import { accountsOf } from '../stores/accounts';
import { PostgresMigration } from '../stores/postgres/migrations';
import { Maintains } from '../stores/store';
import { Delivery } from './facts';

/** Both versions of a release use the same tables: for as long as it goes on, the old one must be able to. */
export const migrationRule = rule('rollout.migrations', function* (graph): Iterable<RuleFinding> {
  for (const { from: migration, to: store } of graph.all(Maintains)) {
    if (graph.facts(migration, PostgresMigration)?.compatible !== false) continue;
    const holders = graph.viewOf(accountsOf, store).flatMap((account) => account.holders);
    for (const { construct: at } of holders) {
      const delivery = graph.facts(at, Delivery);
      if (delivery === undefined) continue;
      yield {
        at,
        code: 'migration-breaks-release',
        message: 'The old version of the service does not work with the tables that the new one brings.',
        field: 'rollout',
        got: `${delivery.strategy.kind}, and ${pathBelowPlatform(migration)} is not compatible`,
        allowed: 'migrations that the release before works with',
        fix: 'Change tables in two releases: add what is new, and remove what is old in the next one.',
      };
    }
  }
});
