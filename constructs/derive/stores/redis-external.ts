import type { Construct } from 'constructs';
import { backEnd } from '../../model/back-end';
import { realize } from '../../model/extension';
import { declare } from '../../model/recorder';
import { Endpoint } from '../endpoint';
import { Connection } from './connection-facts';
import {
  authorityFile,
  authorityFiles,
  connectTo,
  connectionTo,
  elsewhere,
  placeOptions,
  serversOption,
  type ServerConnection,
} from './external';
import { REDIS_ENV, REDIS_PORT, Redis, RedisNeed, redisFields, type RedisBackEnd, type RedisFacts } from './redis';

/** Each Redis is what its environment's back end makes of it, or is where the program says. */
export const realizeRedis = realize('redis', Redis, (construct, facts, build) => {
  if (facts.connection !== undefined) realizeExternal(construct, facts, facts.connection);
  else build.backEnd(RedisNeed).realize(construct, facts, build);
});

/** Servers that somebody else runs, by path: a Redis has one space of keys, so that two stores on one would be one. */
export const externalRedis = backEnd(
  RedisNeed,
  'external',
  {
    type: 'object',
    properties: { servers: serversOption(placeOptions(REDIS_PORT.number), ['host', 'addresses']) },
    required: ['servers'],
    additionalProperties: false,
  },
  (options): RedisBackEnd => ({
    realize: (construct, facts) =>
      connectTo(construct, RedisNeed, connectionTo(construct, options, REDIS_PORT.number), (connection) =>
        realizeExternal(construct, facts, connection),
      ),
  }),
);

/** Declares how it is reached. Its accounts are known to whoever runs it. */
function realizeExternal(construct: Construct, facts: Readonly<RedisFacts>, connection: ServerConnection): void {
  const { id: name } = construct.node;
  const { host, port, reach, tls, authority } = connection;
  const fields = {
    ...redisFields(host, port, tls ? 'rediss' : 'redis', facts.access),
    ...(authority !== undefined && { authority: authorityFile(name) }),
  };
  declare(construct, Endpoint, {
    host: { name: host },
    ports: [{ ...REDIS_PORT, number: port, containerPort: port }],
    reach,
  });
  declare(construct, Connection, {
    fields: { owner: fields, reader: fields },
    env: REDIS_ENV,
    ports: [port],
    ...elsewhere(connection),
    credentials: facts.access === 'accounts' ? 'known' : 'none',
    files: authorityFiles(name, authority),
  });
}
