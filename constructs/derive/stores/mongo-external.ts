import type { Construct } from 'constructs';
import { backEnd } from '../../model/back-end';
import type { Build } from '../../model/extension';
import { declare } from '../../model/recorder';
import { Connection } from './connection-facts';
import { authorityFiles, connectTo, connectionTo, elsewhere, externalOptions, type ServerConnection } from './external';
import { SMALL, runTender, scratch } from './in-cluster';
import {
  MONGO_ENV,
  MONGO_IMAGE,
  MONGO_PORT,
  MongoNeed,
  declareMongo,
  mongoFields,
  tlsOptions,
  type MongoBackEnd,
  type MongoFacts,
} from './mongo';
import { adminVariables } from './mongo-in-cluster';
import { MONGO_SET_UP } from './mongo-script';
import { OwnSecrets, knownAccount } from './own-secrets';
import { waitName } from './set-up';

/** A MongoDB that somebody else runs: a database of its own on one server for all. */
export const externalMongo = backEnd(MongoNeed, 'external', externalOptions(MONGO_PORT), (options) => ({
  realize: (construct, facts, build) =>
    connectTo(construct, MongoNeed, connectionTo(construct, options, MONGO_PORT), (connection) =>
      realizeExternal(construct, facts, build, connection),
    ),
  problems: () => [],
}));

/** The back end for a connection. Storage, memory and backups are the server's own. */
export function externalMongoBackEnd(connection: ServerConnection): MongoBackEnd {
  return {
    realize: (construct, facts, build) => realizeExternal(construct, facts, build, connection),
    problems: () => [],
  };
}

function realizeExternal(
  construct: Construct,
  facts: Readonly<MongoFacts>,
  build: Build,
  connection: ServerConnection,
): void {
  const { name, namespace, database } = facts;
  const { host, port, tls, authority, accounts, adminSecret, image = MONGO_IMAGE } = connection;
  const options = tls ? tlsOptions(facts, authority) : {};
  declareMongo(construct, facts, image);
  declare(construct, Connection, {
    fields: mongoFields({ hosts: [host], port, database, options }),
    env: MONGO_ENV,
    ports: [port],
    ...elsewhere(connection),
    files: authorityFiles(facts.name, authority, waitName(facts)),
  });
  if (accounts === 'existing') return;
  const query = Object.entries(options).map(([option, value]) => `${option}=${value}`);
  const url = `mongodb://$(ADMIN_USER):$(ADMIN_PASSWORD)@${host}:${port}/admin?${query.join('&')}`;
  declare(construct, OwnSecrets, { namespace, secrets: [knownAccount(namespace, adminSecret)] });
  runTender(
    build,
    construct,
    { name, namespace },
    {
      suffix: 'set-up',
      accounts: true,
      container: {
        image,
        command: ['mongosh', '--nodb', '--norc', '--quiet', '--eval', MONGO_SET_UP],
        resources: SMALL,
      },
      env: adminVariables(adminSecret, url),
      volumes: [scratch('tmp', '/tmp'), ...authorityFiles(facts.name, authority)],
    },
  );
}
