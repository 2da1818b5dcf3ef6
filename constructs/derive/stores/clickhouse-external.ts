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
import { connectTo, connectionTo, elsewhere, externalOptions, type ServerConnection } from './external';
import { OwnSecrets, knownAccount } from './own-secrets';

/** A ClickHouse that somebody else runs: a database of its own on one server for all, or on one by path. */
export const externalClickHouse = backEnd(ClickHouseNeed, 'external', externalOptions(SECURE.http), (options) => ({
  realize: (construct, facts, build) =>
    connectTo(construct, ClickHouseNeed, connectionTo(construct, options, SECURE.http), (connection) =>
      externalClickHouseBackEnd(connection).realize(construct, facts, build),
    ),
  problems: () => [],
}));

/** The back end for a connection. Storage, memory and backups are the server's own. */
export function externalClickHouseBackEnd(connection: ServerConnection): ClickHouseBackEnd {
  const { accounts, port, image = CLICKHOUSE_IMAGE, ...place } = connection;
  const native = place.tls ? SECURE.native : PLAIN.native;
  const address: ClickHouseAddress = { ...place, ...elsewhere(connection), http: port, native };
  return {
    realize: (construct, facts, build) => {
      declareClickHouse(construct, facts, address, image);
      if (accounts === 'existing') return;
      const { namespace } = facts;
      declare(construct, OwnSecrets, { namespace, secrets: [knownAccount(namespace, place.adminSecret)] });
      tendClickHouse(build, construct, facts, { address, image });
    },
    problems: () => [],
  };
}
