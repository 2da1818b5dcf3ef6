import type { Construct } from 'constructs';
import { backEnd } from '../../model/back-end';
import type { Build } from '../../model/extension';
import { declare } from '../../model/recorder';
import { Connection } from './connection-facts';
import { authorityFiles, connectionOf, externalOptions, textOption, type ServerConnection } from './external';
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
import { OwnSecrets, adminSecretOf, knownAccount } from './own-secrets';
import { waitName } from './set-up';

/** A MongoDB that somebody else runs: a database of its own on one server for all. */
export const externalMongo = backEnd(MongoNeed, 'external', externalOptions(MONGO_PORT), (options) =>
  externalMongoBackEnd(connectionOf(options, MONGO_PORT), textOption(options, 'image', MONGO_IMAGE)),
);

/** The back end for a connection. Storage, memory and backups are the server's own. */
export function externalMongoBackEnd(connection: ServerConnection, image = MONGO_IMAGE): MongoBackEnd {
  return {
    realize: (construct, facts, build) => connectTo(construct, facts, build, connection, image),
    problems: () => [],
  };
}

function connectTo(
  construct: Construct,
  facts: Readonly<MongoFacts>,
  build: Build,
  connection: ServerConnection,
  image: string,
): void {
  const { name, namespace, database } = facts;
  const { host, port, reach, tls, authority, accounts } = connection;
  const options = tls ? tlsOptions(facts, authority) : {};
  declareMongo(construct, facts, image);
  declare(construct, Connection, {
    fields: mongoFields({ hosts: [host], port, database, options }),
    env: MONGO_ENV,
    reach,
    ports: [port],
    ...(accounts === 'existing' && { credentials: 'known' as const }),
    files: authorityFiles(facts.name, authority, waitName(facts)),
  });
  if (accounts === 'existing') return;
  const query = Object.entries(options).map(([option, value]) => `${option}=${value}`);
  const url = `mongodb://$(ADMIN_USER):$(ADMIN_PASSWORD)@${host}:${port}/admin?${query.join('&')}`;
  declare(construct, OwnSecrets, { namespace, secrets: [knownAccount(namespace, adminSecretOf(name))] });
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
      env: adminVariables(name, url),
      volumes: [scratch('tmp', '/tmp'), ...authorityFiles(facts.name, authority)],
    },
  );
}
