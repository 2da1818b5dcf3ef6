import type { Construct } from 'constructs';
import { backEnd } from '../../model/back-end';
import { realize } from '../../model/extension';
import { declare, report } from '../../model/recorder';
import { pathBelowPlatform } from '../../model/setting';
import { Endpoint } from '../endpoint';
import type { VolumePart } from '../pod';
import { Connection } from './connection-facts';
import {
  REDIS_ENV,
  REDIS_PORT,
  Redis,
  RedisNeed,
  redisFields,
  type RedisAddress,
  type RedisBackEnd,
  type RedisFacts,
} from './redis';

/** Each Redis is what its environment's back end makes of it, or is where the program says. */
export const realizeRedis = realize('redis', Redis, (construct, facts, build) => {
  if (facts.address !== undefined) realizeExternal(construct, facts, facts.address);
  else build.backEnd(RedisNeed).realize(construct, facts, build);
});

const ADDRESS = {
  type: 'object',
  properties: {
    host: { type: 'string', description: 'DNS name of the server.' },
    port: { type: 'integer', minimum: 1, maximum: 65535, description: 'Its port; 6379 where left out.' },
    tls: { type: 'boolean', description: 'Whether clients speak TLS to it; they do where left out.' },
    addresses: { type: 'array', items: { type: 'string' }, description: 'Its addresses as CIDRs.' },
    authority: {
      type: 'object',
      description: 'Secret with the certificate of a private authority.',
      properties: { secret: { type: 'string' }, key: { type: 'string' } },
      required: ['secret', 'key'],
      additionalProperties: false,
    },
  },
  required: ['host', 'addresses'],
  additionalProperties: false,
} as const;

type GivenAddress = Pick<RedisAddress, 'host' | 'addresses'> & Partial<RedisAddress>;

/** Servers that somebody else runs, by the path of the store: a managed Redis, one in another cluster. */
export const externalRedis = backEnd(
  RedisNeed,
  'external',
  {
    type: 'object',
    properties: {
      servers: {
        type: 'object',
        description: 'By path below the platform: catalogue/pages.',
        additionalProperties: ADDRESS,
      },
    },
    required: ['servers'],
    additionalProperties: false,
  },
  ({ servers }): RedisBackEnd => ({
    realize: (construct, facts) => {
      const known = servers as Readonly<Record<string, GivenAddress>>;
      const path = pathBelowPlatform(construct);
      const address = known[path];
      if (address !== undefined) return realizeExternal(construct, facts, withDefaults(address));
      return report(construct, {
        code: 'missing-store',
        message: 'The environment does not say where this Redis is.',
        field: 'backEnds.redis.options.servers',
        got: Object.keys(known).join(', ') || 'no servers',
        allowed: path,
        fix: `Add ${path} with its host and addresses, or leave it out here (without).`,
      });
    },
  }),
);

/** TLS unless somebody says otherwise. */
export function withDefaults(given: GivenAddress): RedisAddress {
  return { port: REDIS_PORT.number, tls: true, ...given };
}

/** Declares how it is reached. Its accounts are known to whoever runs it. */
export function realizeExternal(construct: Construct, facts: Readonly<RedisFacts>, address: RedisAddress): void {
  const { host, port, tls, addresses, authority } = address;
  const reach = { cidrs: addresses, except: [] };
  const folder = `/etc/redis/${construct.node.id}`;
  const fields = {
    ...redisFields(host, port, tls ? 'rediss' : 'redis', facts.access),
    ...(authority !== undefined && { authority: `${folder}/${authority.key}` }),
  };
  declare(construct, Endpoint, {
    host: { name: host },
    ports: [{ ...REDIS_PORT, number: port, containerPort: port }],
    reach,
  });
  declare(construct, Connection, {
    fields: { owner: fields, reader: fields },
    env: REDIS_ENV,
    reach,
    ports: [port],
    credentials: facts.access === 'accounts' ? 'known' : 'none',
    isElsewhere: true,
    isEncrypted: tls,
    ...(authority !== undefined && { files: [authorityFile(construct.node.id, folder, authority)] }),
  });
}

function authorityFile(
  id: string,
  folder: string,
  { secret, key }: NonNullable<RedisAddress['authority']>,
): VolumePart {
  return {
    name: `${id}-authority`,
    source: { secret: { secretName: secret, items: [{ key, path: key }] } },
    mounts: [{ path: folder, readOnly: true }],
  };
}
