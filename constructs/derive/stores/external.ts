import type { JsonSchema } from '../../model/json-schema';
import type { Reach } from '../endpoint';
import type { VolumePart } from '../pod';
import { reachOf } from './operated';

/** A certificate authority whose certificate clients need. */
export interface Authority {
  /** Secret with the certificate, in the namespace of the store. */
  readonly secret: string;
  /** Its key there: `ca.crt`. */
  readonly key: string;
}

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
   * `made`: a Job makes them, with an administrator's account that `ashlar prerequisites` asks for. `existing`: they are
   * there, as the Secrets tell them.
   */
  readonly accounts: 'made' | 'existing';
}

/** Options of a back end `external`, in an environment file. */
export function externalOptions(port: number): JsonSchema {
  return {
    type: 'object',
    properties: {
      host: { type: 'string', description: 'DNS name of the server.' },
      port: { type: 'integer', minimum: 1, maximum: 65535, description: `Its port; ${port} where it is left out.` },
      addresses: {
        type: 'array',
        items: { type: 'string' },
        description: 'Its addresses as CIDRs; all public ones where they are left out.',
      },
      tls: { type: 'boolean', description: 'Whether it is encrypted; true where it is left out.' },
      authority: {
        type: 'object',
        description: 'Secret with the certificate of the authority that signed for the server.',
        properties: { secret: { type: 'string' }, key: { type: 'string' } },
        required: ['secret', 'key'],
        additionalProperties: false,
      },
      accounts: {
        type: 'string',
        enum: ['made', 'existing'],
        description: 'Whether a Job makes the accounts, or they are there; made where it is left out.',
      },
      image: { type: 'string', description: 'Image with the shell of the engine, for the Job and for waiting.' },
    },
    required: ['host'],
    additionalProperties: false,
  };
}

/** A connection as an environment file says it. */
export function connectionOf(options: Readonly<Record<string, unknown>>, defaultPort: number): ServerConnection {
  const { host, port = defaultPort, addresses, tls = true, authority, accounts = 'made' } = options;
  return {
    host: String(host),
    port: Number(port),
    reach: reachOf(addresses),
    tls: tls !== false,
    ...(authority !== undefined && { authority: authority as Authority }),
    accounts: accounts === 'existing' ? 'existing' : 'made',
  };
}

/** A text that an environment says of a back end. */
export function textOption(options: Readonly<Record<string, unknown>>, name: string, otherwise: string): string {
  const given = options[name];
  return typeof given === 'string' ? given : otherwise;
}

/** Folder in which those who connect to a store find the certificate of its authority. */
function authorityFolder(store: string): string {
  return `/etc/${store}`;
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
