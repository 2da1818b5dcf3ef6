import { capability } from '../../../model/capability';
import { realize, rule, type RuleFinding } from '../../../model/extension';
import { Workload } from '../../workload';
import { backEndOf } from './realize';
import { PostgresMadeBy, type PostgresRestoreFacts } from './server';

/** The capability of putting a dump in place of what is in a database. */
export const PostgresRestore = capability<PostgresRestoreFacts>('postgres-restore');

/** What a restore is depends on where the dumps are. */
export const realizeRestores = realize('postgres-restore', PostgresRestore, (construct, facts, build) => {
  backEndOf(facts.server, build).restore?.(construct, facts, build);
});

/** A back end that keeps no dumps restores in another way, or somebody else does. */
export const restoreRules = rule('postgres.restore', function* (graph): Iterable<RuleFinding> {
  for (const { construct: at } of graph.having(PostgresRestore)) {
    if (graph.facts(at, Workload) !== undefined) continue;
    const { scope } = at.node;
    const madeBy = scope === undefined ? undefined : graph.facts(scope, PostgresMadeBy)?.backEnd;
    yield {
      at,
      code: 'nothing-to-restore',
      message: 'There are no dumps that a Job could restore from here.',
      got: madeBy === 'in-cluster' ? 'a server without backup' : `the back end ${madeBy ?? 'of the environment'}`,
      allowed: 'a server with backup, and the back end in-cluster',
      fix: 'Leave the restore out here (without), and see the page on databases for how this back end restores.',
    };
  }
});
