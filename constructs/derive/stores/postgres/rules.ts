import type { IConstruct } from 'constructs';
import { rule, type RuleFinding } from '../../../model/extension';
import type { Graph } from '../../../model/graph';
import { groupBy } from '../../../model/order';
import { serverOf } from '../connection';
import { Connection } from '../connection-facts';
import { backupWithoutBucket } from '../operated';
import { noBackup } from '../rules';
import { StandsOn, Store } from '../store';
import { CnpgCluster } from './cloudnative-pg';
import { PostgresMigration } from './migrations';
import { postgresStores, type PostgresStore } from './roles';
import { Postgres, PostgresAdmin, PostgresMadeBy, PostgresNeed, type PostgresFacts } from './server';
import { allAccess } from '../accounts';

/** Longest name of a role in bytes (PostgreSQL 18, 4.1.1, NAMEDATALEN): a longer one is cut off, and is another's. */
const MAX_IDENTIFIER = 63;

/** Names that PostgreSQL refuses, and tables that are two services'. */
export const postgresNameRules = rule('postgres.names', function* (graph): Iterable<RuleFinding> {
  for (const { construct } of graph.having(Postgres)) {
    const stores = graph.viewOf(postgresStores, construct);
    for (const store of stores) yield* badRoles(store);
    yield* overlaps(stores);
  }
});

function* badRoles({ construct, roles }: PostgresStore): Iterable<RuleFinding> {
  for (const { group, logins } of roles) {
    const bad = [group, ...logins].find((name) => name.length > MAX_IDENTIFIER || name.startsWith('pg_'));
    if (bad === undefined) continue;
    yield {
      at: construct,
      code: 'role-refused',
      message: 'A role that follows from the names of the store and of the workload cannot be.',
      field: 'id',
      got: `${bad} (${bad.length} characters)`,
      allowed: `at most ${MAX_IDENTIFIER} characters, not from pg_`,
      fix: 'Choose a shorter name for the store or for the workload.',
    };
  }
}

function* overlaps(stores: readonly PostgresStore[]): Iterable<RuleFinding> {
  const patterns = stores.flatMap(({ construct, tables = [] }) => tables.map((pattern) => ({ construct, pattern })));
  for (const [index, one] of patterns.entries()) {
    const other = patterns
      .slice(index + 1)
      .find((later) => later.construct !== one.construct && meet(later.pattern, one.pattern));
    if (other === undefined) continue;
    yield {
      at: other.construct,
      code: 'overlapping-tables',
      message: 'There are names that are tables of two services.',
      field: 'patterns',
      got: `${other.pattern}, and ${one.pattern} of ${one.construct.node.path}`,
      allowed: 'names that belong to one service',
      fix: 'Begin the names of each service with letters of its own.',
    };
  }
}

/** Whether a name fits both: only a star at the end stands for others. */
function meet(a: string, b: string): boolean {
  const [stemA, stemB] = [a.replace(/\*$/, ''), b.replace(/\*$/, '')];
  if (a.endsWith('*') && stemB.startsWith(stemA)) return true;
  return b.endsWith('*') ? stemA.startsWith(stemB) : a === b;
}

/** What production demands of a server. */
export const postgresProductionRules = rule('postgres.production', function* (graph): Iterable<RuleFinding> {
  if (graph.environment.tier !== 'production') return;
  for (const { construct: at, facts } of graph.having(Postgres)) {
    const madeBy = graph.facts(at, PostgresMadeBy)?.backEnd;
    if (madeBy !== 'external' && facts.backup === undefined && isShared(graph, at)) yield noBackup(at);
    if (graph.facts(at, CnpgCluster)?.instances === 1) yield noReplica(at);
  }
});

/** A store of its own is judged as every store is. */
function isShared(graph: Graph, server: IConstruct): boolean {
  return graph.facts(server, Store) === undefined && graph.to(server, StandsOn).length > 0;
}

function noReplica(at: IConstruct): RuleFinding {
  return {
    at,
    code: 'no-replica',
    message: 'Where the only copy is drained or gone, nobody reads or writes.',
    field: 'replicas',
    got: '0',
    allowed: 'at least 1 in production',
    fix: 'Raise replicas, or accept the finding with a reason.',
  };
}

/** What is asked of a back end that it cannot do. */
export const postgresBackEndRules = rule('postgres.back-end', function* (graph): Iterable<RuleFinding> {
  for (const { construct: at, facts } of graph.having(Postgres)) {
    const madeBy = graph.facts(at, PostgresMadeBy)?.backEnd ?? '';
    for (const [field, who] of lacking(madeBy, facts)) yield notSupported(at, field, madeBy, who);
    const cluster = graph.facts(at, CnpgCluster);
    if (cluster !== undefined && facts.backup !== undefined && cluster.options.backups === undefined) {
      yield { at, ...backupWithoutBucket(`backEnds.${PostgresNeed.id}.options.backups of ${graph.environment.name}`) };
    }
    yield* poolAboveLimit(graph, at, facts);
  }
  yield* sameDatabases(graph);
  yield* unmarkedMigrations(graph);
});

/** What a back end does nothing about, and who does. */
function lacking(madeBy: string, facts: Readonly<PostgresFacts>): readonly (readonly [string, string])[] {
  const asked = (field: keyof PostgresFacts): boolean => facts[field] !== undefined && facts[field] !== 0;
  const operator = 'cloudnative-pg';
  if (madeBy === 'in-cluster') {
    return (['pooler', 'replicas'] as const).filter(asked).map((field) => [field, operator]);
  }
  if (madeBy !== 'external') return [];
  const fields = ['pooler', 'replicas', 'resources', 'backup'] as const;
  return fields.filter(asked).map((field) => [field, field === 'backup' ? `${operator}, in-cluster` : operator]);
}

function notSupported(at: IConstruct, field: string, madeBy: string, who: string): RuleFinding {
  return {
    at,
    code: 'not-supported',
    severity: 'warning',
    message: `The back end ${madeBy} does nothing about ${field}; whoever runs the server has to.`,
    field,
    got: `${field} with the back end ${madeBy}`,
    allowed: `${field} with ${who}`,
    fix: 'Nothing, where the environment does without; otherwise choose another back end.',
  };
}

/** A pool that wants more connections than the server gives an account finds them refused at the worst time. */
function* poolAboveLimit(graph: Graph, at: IConstruct, { pooler }: Readonly<PostgresFacts>): Iterable<RuleFinding> {
  if (pooler === undefined || graph.facts(at, CnpgCluster) === undefined) return;
  const roles = graph.viewOf(postgresStores, at).flatMap((store) => store.roles);
  const limit = roles[0]?.connections;
  if (limit === undefined || pooler.connections <= limit) return;
  yield {
    at,
    code: 'pool-above-limit',
    message: 'The pool wants more connections than the server has for each account.',
    field: 'pooler',
    got: `${pooler.connections} for each of ${roles.length} accounts`,
    allowed: `at most ${limit}`,
    fix: 'Lower the pool, or raise the memory of the server or its max_connections.',
  };
}

/** Two stores of a server that somebody else runs may be one. Shares of one server share its database, and that is meant. */
function* sameDatabases(graph: Graph): Iterable<RuleFinding> {
  const places = graph.having(Store).flatMap(({ construct: at }) => {
    const { isElsewhere, fields } = graph.facts(at, Connection) ?? {};
    const isWhole = graph.facts(at, Postgres) !== undefined;
    const { host, port, database } = fields?.owner ?? {};
    return isWhole && isElsewhere === true ? [{ at, place: `${host}:${port}/${database}` }] : [];
  });
  for (const [place, [first, second]] of groupBy(places, (one) => one.place)) {
    if (first !== undefined && second !== undefined) yield sameDatabase(second.at, first.at, place);
  }
}

function sameDatabase(at: IConstruct, other: IConstruct, place: string): RuleFinding {
  return {
    at,
    code: 'same-database',
    message: 'Two stores are one database, so that each has what is the other’s.',
    field: 'database',
    got: `${place}, as ${other.node.path}`,
    allowed: 'a database of its own for each store',
    fix: 'Name another database, or use a PostgresServer with schemas.',
  };
}

function* unmarkedMigrations(graph: Graph): Iterable<RuleFinding> {
  for (const { store, holder } of graph.view(allAccess)) {
    if (graph.facts(holder.construct, PostgresMigration) === undefined) continue;
    const isThere = graph.facts(store, Connection) !== undefined;
    if (!isThere || graph.facts(serverOf(graph, store), PostgresAdmin) !== undefined) continue;
    yield {
      at: holder.construct,
      code: 'migration-without-accounts',
      message:
        'Who uses the store cannot wait for the migration: nothing of Ashlar is in a database whose accounts somebody else makes.',
      got: 'accounts that somebody else makes',
      allowed: 'a server whose administrator the environment knows',
      fix: 'Have the accounts made, or run the migration as a Task and order it yourself.',
    };
  }
}
