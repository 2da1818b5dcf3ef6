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
import { connectionOf, externalOptions, textOption, type ServerConnection } from './external';
import { OwnSecrets, adminSecretOf, fromSecret, knownAccount } from './own-secrets';

/** An Elasticsearch that somebody else runs. */
export const externalElastic = backEnd(ElasticNeed, 'external', externalOptions(ELASTIC_PORT), (options) =>
  externalElasticBackEnd(connectionOf(options, ELASTIC_PORT), textOption(options, 'image', ELASTIC_IMAGE)),
);

/** The back end for a connection. Storage, memory and backups are the server's own. */
export function externalElasticBackEnd(connection: ServerConnection, image = ELASTIC_IMAGE): ElasticBackEnd {
  const { accounts, ...place } = connection;
  const known = { credentials: 'known' } as const;
  const address: ElasticAddress = { ...place, image, ...(accounts === 'existing' && known) };
  return {
    address: () => address,
    realize: (construct, facts, build) => {
      const { name, namespace } = facts;
      declareElastic(construct, facts, address);
      if (accounts === 'existing') return;
      declare(construct, OwnSecrets, { namespace, secrets: [knownAccount(namespace, adminSecretOf(name))] });
      const { host, port, tls, authority } = place;
      setUpElastic(build, construct, facts, {
        image,
        server: `${tls ? 'https' : 'http'}://${host}:${port}`,
        admin: [
          fromSecret('ADMIN_USER', adminSecretOf(name), 'username'),
          fromSecret('ADMIN_PASSWORD', adminSecretOf(name), 'password'),
        ],
        exporter: false,
        ...(authority !== undefined && { authority }),
      });
    },
    problems: () => [],
  };
}
