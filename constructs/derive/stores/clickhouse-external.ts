import { backEnd } from '../../model/back-end';
import { declare } from '../../model/recorder';
import {
  CLICKHOUSE_IMAGE,
  ClickHouseNeed,
  PLAIN,
  SECURE,
  declareClickHouse,
  type ClickHouseAddress,
  type ClickHouseBackEnd,
} from './clickhouse';
import { tendClickHouse } from './clickhouse-jobs';
import { connectionOf, externalOptions, textOption, type ServerConnection } from './external';
import { OwnSecrets, adminSecretOf, knownAccount } from './own-secrets';

/** A ClickHouse that somebody else runs: a database of its own on one server for all. */
export const externalClickHouse = backEnd(ClickHouseNeed, 'external', externalOptions(SECURE.http), (options) =>
  externalClickHouseBackEnd(connectionOf(options, SECURE.http), textOption(options, 'image', CLICKHOUSE_IMAGE)),
);

/** The back end for a connection. Storage, memory and backups are the server's own. */
export function externalClickHouseBackEnd(connection: ServerConnection, image = CLICKHOUSE_IMAGE): ClickHouseBackEnd {
  const { accounts, port, ...place } = connection;
  const native = place.tls ? SECURE.native : PLAIN.native;
  const known = { credentials: 'known' } as const;
  const address: ClickHouseAddress = { ...place, http: port, native, ...(accounts === 'existing' && known) };
  return {
    realize: (construct, facts, build) => {
      const { name, namespace } = facts;
      declareClickHouse(construct, facts, address, image);
      if (accounts === 'existing') return;
      declare(construct, OwnSecrets, { namespace, secrets: [knownAccount(namespace, adminSecretOf(name))] });
      tendClickHouse(build, construct, facts, { address, image });
    },
    problems: () => [],
  };
}
