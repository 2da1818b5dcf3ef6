import { backEnd } from '../../model/back-end';
import { declare } from '../../model/recorder';
import {
  ELASTIC_IMAGE,
  ELASTIC_PORT,
  ElasticNeed,
  declareElastic,
  type ElasticAddress,
  type ElasticBackEnd,
} from './elastic';
import { setUpElastic } from './elastic-set-up';
import { connectTo, connectionTo, elsewhere, externalOptions, type ServerConnection } from './external';
import { OwnSecrets, fromSecret, knownAccount } from './own-secrets';

/** An Elasticsearch that somebody else runs. */
export const externalElastic = backEnd(ElasticNeed, 'external', externalOptions(ELASTIC_PORT), (options) => ({
  address: (server, facts) => {
    const connection = connectionTo(server, options, ELASTIC_PORT);
    return connection && externalElasticBackEnd(connection).address(server, facts);
  },
  realize: (construct, facts, build) =>
    connectTo(construct, ElasticNeed, connectionTo(construct, options, ELASTIC_PORT), (connection) =>
      externalElasticBackEnd(connection).realize(construct, facts, build),
    ),
  problems: () => [],
}));

/** The back end for a connection. Storage, memory and backups are the server's own. */
export function externalElasticBackEnd(connection: ServerConnection): ElasticBackEnd {
  const { host, port, tls, authority, accounts, adminSecret, image = ELASTIC_IMAGE } = connection;
  const address: ElasticAddress = {
    host,
    port,
    tls,
    ...elsewhere(connection),
    ...(authority !== undefined && { authority }),
    image,
  };
  return {
    address: () => address,
    realize: (construct, facts, build) => {
      const { namespace } = facts;
      declareElastic(construct, facts, address);
      if (accounts === 'existing') return;
      declare(construct, OwnSecrets, { namespace, secrets: [knownAccount(namespace, adminSecret)] });
      setUpElastic(build, construct, facts, {
        image,
        server: `${tls ? 'https' : 'http'}://${host}:${port}`,
        admin: [
          fromSecret('ADMIN_USER', adminSecret, 'username'),
          fromSecret('ADMIN_PASSWORD', adminSecret, 'password'),
        ],
        exporter: false,
        ...(authority !== undefined && { authority }),
      });
    },
    problems: () => [],
  };
}
