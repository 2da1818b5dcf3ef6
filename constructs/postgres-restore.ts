import type { Construct } from 'constructs';
import { PostgresRestore } from './derive/stores/postgres/restore';
import type { PostgresFacts } from './derive/stores/postgres/server';
import { Element } from './model/element';
import { declare, report } from './model/recorder';
import { needsNothing, propsOr, tellProps } from './props';
import { printed, unknownProps } from './values';

/** What a restore is told. */
export interface RestoreProps {
  /** Name of the dump, or `latest`. @defaultValue 'latest' */
  readonly dump?: string;
}

/**
 * Puts a dump in place of what is in a database, once: a Job. It is added for the time that it is needed, with the
 * services that use the database scaled to zero, and taken out again. One that stays in the program does not run twice,
 * as long as its Job is there.
 *
 * Only the back end `in-cluster` keeps dumps. CloudNativePG restores into a new cluster, as the page on databases shows.
 *
 * Errors: `bad-dump`, `nothing-to-restore` where the environment's back end keeps no dumps of the server.
 */
export class Restore extends Element {
  /** @param server - facts of the server; made by `PostgresDatabase.restore` and `PostgresServer.restore` */
  constructor(scope: Construct, id: string, server: PostgresFacts, props: RestoreProps = {}) {
    super(scope, id);
    const { dump = 'latest' } = props;
    for (const problem of unknownProps(props, PROPS)) report(this, problem);
    if (!DUMP.test(dump)) {
      report(this, {
        code: 'bad-dump',
        message: 'That cannot be the name of a dump.',
        field: 'dump',
        got: printed(dump),
        allowed: 'latest, or the name of a file such as orders_db-20261116T020000Z.dump',
        fix: 'Look for the names in the logs of the backup Jobs.',
      });
    }
    declare(this, PostgresRestore, { dump, server });
  }
}

const PROPS: Readonly<Record<keyof RestoreProps, true>> = { dump: true };

const NEEDS = needsNothing("{ dump: 'orders_db-20261116T020000Z.dump' }");

/**
 * A restore in what it is of, also where its props are none.
 * @param asked - the method that the program called
 */
export function restoreIn(
  server: Construct,
  id: string,
  facts: PostgresFacts,
  props: RestoreProps,
  asked: object,
): Restore {
  const restore = new Restore(server, id, facts, propsOr(props, NEEDS));
  tellProps(restore, props, NEEDS, asked);
  return restore;
}

/** No folders: what is restored lies beside the server that it is of. */
const DUMP = /^(latest|[A-Za-z0-9_-]+\.dump)$/;
