import { contribute } from '../../../model/extension';
import type { Part } from '../../../model/facet';
import type { Graph } from '../../../model/graph';
import { shared } from '../../../model/shared';
import { PodContainers, type ContainerPart } from '../../pod';
import { allAccess } from '../accounts';
import { serverOf } from '../connection';
import { Connection } from '../connection-facts';
import { waitContainer, type WaitFacts, type Waiting } from '../set-up';
import { CLIENT_RESOURCES, accessOf, accessVersion } from './access';
import { LIBPQ_TLS } from './connect';
import { CLIENT_IMAGE } from './images';
import { migrationsOf } from './migrations';
import { WAIT_SCRIPT } from './scripts';
import { PostgresAdmin } from './server';

/** What a container runs that waits. */
const COMMAND = shared(['sh', '-c', WAIT_SCRIPT, 'wait']);

/**
 * Every pod that has access waits until its roles are there, with its own password: applying a plan has no order, and a
 * new generation of passwords holds only once the Job has run.
 */
export const waitParts = contribute('postgres.wait', PodContainers, function* (graph): Iterable<Part<ContainerPart>> {
  for (const access of graph.view(allAccess)) {
    const connection = graph.facts(access.store, Connection);
    const { holder } = access;
    if (connection === undefined || accessOf(serverOf(graph, access.store)) === undefined) continue;
    yield { to: holder.construct, source: holder.source, part: waitPart(graph, { ...access, connection }) };
  }
});

function waitPart(graph: Graph, waiting: Waiting): ContainerPart {
  const { store, facts, holder } = waiting;
  const server = serverOf(graph, store);
  const admin = graph.facts(server, PostgresAdmin);
  const { version } = graph.viewOf(accessVersion, server);
  // A migration does not wait for itself, nor for others that may have to come after it.
  const migrations = graph.viewOf(migrationsOf, store).filter(({ construct }) => construct !== holder.construct);
  const isMigration = graph.viewOf(migrationsOf, store).length > migrations.length;
  const awaited = isMigration ? [] : migrations;
  const jobs = [`${server.node.id}-access`, ...awaited.map(({ construct }) => construct.node.id)];
  const wait: WaitFacts = {
    container: {
      image: admin?.clientImage ?? CLIENT_IMAGE,
      command: COMMAND,
      args: [version, ...awaited.map((migration) => `migration ${migration.version}`)],
      ports: [],
      resources: CLIENT_RESOURCES,
    },
    env: LIBPQ_TLS,
  };
  const missing =
    `the Jobs ${jobs.join(', ')} of the namespace ${facts.namespace} have not done their work. ` +
    'See their logs. Where the database is new, delete them and apply again.';
  return waitContainer(graph, waiting, wait, { texts: { PGCONNECT_TIMEOUT: '10', STORE: facts.name }, missing });
}
