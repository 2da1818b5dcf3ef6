import type { Construct, IConstruct } from 'constructs';
import type { Problem } from '../../model/finding';
import { given } from '../../model/given';
import type { JsonSchema } from '../../model/json-schema';
import { report } from '../../model/recorder';
import { pathBelowPlatform } from '../../model/setting';
import type { Reach } from '../endpoint';
import type { VolumePart } from '../pod';
import type { Authority, ReachedFacts } from './connection-facts';
import { reachOf } from './operated';
import { adminSecretOf } from './own-secrets';

/** A server that somebody else runs. */
export interface ServerConnection {
  /** DNS name; may be known only later. */
  readonly host: string;
  /** Its port, 1 to 65535. */
  readonly port: number;
  /** Where packets arrive. */
  readonly reach: Reach;
  /** Encrypted, with the name of the server verified. */
  readonly tls: boolean;
  /** Who signed for the server. @defaultValue an authority that clients know anyway */
  readonly authority?: Authority;
  /**
   * `made`: a Job makes them, with the account of an administrator. `existing`: they are there, as the Secrets tell them.
   */
  readonly accounts: 'made' | 'existing';
  /** Secret with `username` and `password` of the administrator, which `ashlar prerequisites` asks for. */
  readonly adminSecret: string;
  /** Image with the shell of the engine, for the Job and for waiting. @defaultValue by the engine */
  readonly image?: string;
}

/** What an environment file says of a server, or of all. */
type Options = Readonly<Record<string, unknown>>;

/** Options of the place of a server, in an environment file. */
export function placeOptions(port: number): Readonly<Record<string, JsonSchema>> {
  return {
    host: {
      type: 'string',
      pattern: '^[^\\s/@:]+$',
      description: 'DNS name of the server, without scheme, account or port.',
    },
    port: { type: 'integer', minimum: 1, maximum: 65535, description: `Its port; ${port} where it is left out.` },
    addresses: {
      type: 'array',
      minItems: 1,
      items: { type: 'string' },
      description: 'Its addresses as CIDRs; all public ones where they are left out.',
    },
    tls: { type: 'boolean', description: 'Encrypted, and its name verified; true where it is left out.' },
    authority: {
      type: 'object',
      description: 'Secret with the certificate of the authority that signed for the server.',
      properties: { secret: { type: 'string' }, key: { type: 'string' } },
      required: ['secret', 'key'],
      additionalProperties: false,
    },
  };
}

/** The option by which an environment file tells servers apart. */
export function serversOption(
  properties: Readonly<Record<string, JsonSchema>>,
  required: readonly string[] = [],
): JsonSchema {
  return {
    type: 'object',
    description: 'What is different for some of them, by path: ordering/orders-db.',
    additionalProperties: { type: 'object', properties, required, additionalProperties: false },
  };
}

/**
 * Options of a back end `external`, in an environment file: of all servers, and of some by path.
 * @param own - what only this engine has
 */
export function externalOptions(port: number, own: Readonly<Record<string, JsonSchema>> = {}): JsonSchema {
  const properties: Readonly<Record<string, JsonSchema>> = {
    ...placeOptions(port),
    accounts: {
      type: 'string',
      enum: ['made', 'existing'],
      description: 'Whether a Job makes the accounts, or they are there; made where it is left out.',
    },
    adminSecret: {
      type: 'string',
      description: 'Secret with username and password of who may make accounts; <name>-admin where it is left out.',
    },
    image: { type: 'string', description: 'Image with the shell of the engine, for the Job and for waiting.' },
    ...own,
  };
  const servers = serversOption(properties);
  return { type: 'object', properties: { ...properties, servers }, additionalProperties: false };
}

/** What an environment file says of one server: what it says of all, and over that what it says by path. */
export function optionsOf(server: IConstruct, { servers, ...common }: Options): Options {
  return { ...common, ...(servers as Readonly<Record<string, Options>> | undefined)?.[pathBelowPlatform(server)] };
}

/** The connection to a server as an environment file says it; undefined where it does not name the host. */
export function connectionTo(server: IConstruct, all: Options, defaultPort: number): ServerConnection | undefined {
  const options = optionsOf(server, all);
  const { host, port = defaultPort, addresses, tls = true, authority, accounts = 'made', image } = options;
  if (typeof host !== 'string') return undefined;
  return {
    host,
    port: Number(port),
    reach: reachOf(addresses),
    tls: tls !== false,
    accounts: accounts === 'existing' ? 'existing' : 'made',
    adminSecret: textOption(options, 'adminSecret', adminSecretOf(server.node.id)),
    ...given({ authority: authority as Authority | undefined, image: image as string | undefined }),
  };
}

/** Goes on with the connection to a server; one that the environment does not name is told. */
export function connectTo<C extends ServerConnection>(
  server: Construct,
  { id }: { readonly id: string },
  connection: C | undefined,
  connect: (connection: C) => void,
): void {
  if (connection === undefined) report(server, missingHost(id, pathBelowPlatform(server)));
  else connect(connection);
}

function missingHost(need: string, path: string): Problem {
  return {
    code: 'missing-host',
    message: 'The environment does not say where the server is.',
    field: `backEnds.${need}.options`,
    got: 'no host',
    allowed: 'a host, under servers by path',
    fix: `Name it: servers: { ${path}: { host: db.example.com } }, or leave it out here (without).`,
  };
}

/** What holds of the connection of a store whose server somebody else runs. */
export function elsewhere({ reach, tls, authority, accounts }: ServerConnection): ReachedFacts {
  const credentials = accounts === 'existing' ? 'known' : undefined;
  return { reach, isElsewhere: true, isEncrypted: tls, ...given({ authority, credentials }) };
}

/** A text that an environment says of a back end. */
export function textOption(options: Readonly<Record<string, unknown>>, name: string, otherwise: string): string {
  const given = options[name];
  return typeof given === 'string' ? given : otherwise;
}

/** Folder in which those who connect to a store find the certificate of its authority. */
function authorityFolder(store: string): string {
  return `/var/run/ashlar/${store}`;
}

/** File with the certificate of the authority of a store. */
export function authorityFile(store: string): string {
  return `${authorityFolder(store)}/ca.crt`;
}

/** The certificate of the authority of a store, as a file of the main container and of others that connect. */
export function authorityFiles(
  store: string,
  authority: Authority | undefined,
  ...containers: readonly string[]
): readonly VolumePart[] {
  if (authority === undefined) return [];
  const { secret, key } = authority;
  const mount = { path: authorityFolder(store), readOnly: true };
  return [
    {
      name: `${store}-ca`,
      source: { secret: { secretName: secret, items: [{ key, path: 'ca.crt' }] } },
      mounts: [mount, ...containers.map((container) => ({ ...mount, container }))],
    },
  ];
}
