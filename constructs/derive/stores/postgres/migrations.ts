import { hash } from 'node:crypto';
import type { IConstruct } from 'constructs';
import { capability } from '../../../model/capability';
import { contribute } from '../../../model/extension';
import type { Part } from '../../../model/facet';
import { viewOf, type Graph } from '../../../model/graph';
import { PodContainers, PodEnv, type ContainerFacts, type ContainerPart, type EnvPart } from '../../pod';
import { allAccess } from '../accounts';
import { variableParts } from '../connection';
import { Connection } from '../connection-facts';
import { Maintains, type ConnectionEnv } from '../store';

/** A task that changes what the tables of a store look like, before those who use them start. */
export interface PostgresMigrationFacts {
  /** The team's program. */
  readonly container: ContainerFacts;
  /** Its variables. */
  readonly env: readonly EnvPart[];
  /** How it wants its access. @defaultValue as libpq reads it */
  readonly access?: ConnectionEnv;
  /** Whether the release before works with the tables that it leaves. */
  readonly compatible: boolean;
}

/** The capability of changing a store's tables. */
export const PostgresMigration = capability<PostgresMigrationFacts>('postgres-migration');

/** Characters of a version: 40 bits. */
const VERSION_LENGTH = 10;

/** The migrations of a store, each with the version that those who use the store wait for. */
export const migrationsOf = viewOf('postgres-migrations', (graph: Graph, store: IConstruct) =>
  graph.to(store, Maintains).flatMap(({ from: construct }) => {
    const facts = graph.facts(construct, PostgresMigration);
    if (facts === undefined) return [];
    const { image, command, args } = facts.container;
    const content = JSON.stringify([construct.node.id, image, command, args, facts.env, facts.access]);
    return [{ construct, version: hash('sha256', content).slice(0, VERSION_LENGTH) }];
  }),
);

/** Name of the container that runs the team's program. What comes after it says that it ended well. */
export const MIGRATE = 'migrate';

/** The program runs before the container that says so, as the owner of the store. */
export const migrationParts = [
  contribute('postgres.migrate', PodContainers, function* (graph): Iterable<Part<ContainerPart>> {
    for (const { store, account, holder } of graph.view(allAccess)) {
      const facts = graph.facts(holder.construct, PostgresMigration);
      const connection = graph.facts(store, Connection);
      if (facts === undefined || connection === undefined) continue;
      const wanted = Object.entries(facts.access ?? connection.env);
      const access = wanted.flatMap(([name, field]) =>
        variableParts(name, field, connection.fields.owner, account.secret),
      );
      const container = { ...facts.container, name: MIGRATE };
      const part: ContainerPart = { name: MIGRATE, role: 'init', env: [...facts.env, ...access], container };
      yield { to: holder.construct, source: holder.source, part };
    }
  }),
  contribute('postgres.migrated', PodEnv, function* (graph): Iterable<Part<EnvPart>> {
    for (const { store, holder } of graph.view(allAccess)) {
      const own = graph.viewOf(migrationsOf, store).find(({ construct }) => construct === holder.construct);
      if (own === undefined) continue;
      yield { to: holder.construct, source: holder.source, part: { name: 'VERSION', value: own.version } };
    }
  }),
];
