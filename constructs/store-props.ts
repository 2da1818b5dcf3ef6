import type { IConstruct } from 'constructs';
import { Size } from './cdk8s-values';
import { BACKUP, type Backup } from './backup';
import type { Authority } from './derive/stores/connection-facts';
import type { ServerConnection } from './derive/stores/external';
import { reachOf } from './derive/stores/operated';
import { adminSecretOf } from './derive/stores/own-secrets';
import type { BackupFacts } from './derive/stores/store';
import {
  CPU,
  LIST,
  SIZE,
  problemsOfKind,
  problemsOfNeeded,
  problemsOfValue,
  quantityOf,
  soundOf,
  textOrLater,
} from './kinds';
import { textOf, type Deferrable } from './model/deferred';
import type { Problem } from './model/finding';
import { given } from './model/given';
import { parseQuantity } from './model/quantity';
import type { CpuAmount, SizeAmount } from './resources';
import { propsOr, tellProps, type Needs } from './props';
import { Cpu, noAddresses, printed, problemOfInteger } from './values';

/** What every server of a store is told. */
export interface StoreServerProps {
  /** Size of the volume of each replica. It can grow, where the storage class lets it; it never shrinks. */
  readonly storage: SizeAmount;
  /** Memory of each replica. @defaultValue by the engine */
  readonly memory?: SizeAmount;
  /** CPU that each replica asks for. @defaultValue 250m */
  readonly cpu?: CpuAmount;
  /** Replicas, 1 to 49. @defaultValue by the back end: one in development, as many as bear a loss elsewhere */
  readonly replicas?: number;
  /** Backups. @defaultValue none, which is a finding in production */
  readonly backup?: Backup;
}

/** Where a server is that somebody else runs. */
export interface StoreConnectionProps {
  /** DNS name of the server. */
  readonly host: Deferrable<string>;
  /** Its port, 1 to 65535. @defaultValue that of the engine */
  readonly port?: number;
  /** Its addresses as CIDRs. @defaultValue all public addresses: network policies know no names */
  readonly addresses?: readonly string[];
  /** Whether it is encrypted, and its name verified. @defaultValue true */
  readonly tls?: boolean;
  /** Secret with the certificate of the authority that signed for it. @defaultValue one that clients know anyway */
  readonly authority?: Authority;
  /**
   * `made`: a Job makes the accounts, with an administrator's account that the plan asks for. `existing`: they are there,
   * under the names and passwords of the Secrets that the plan asks for.
   * @defaultValue 'made'
   */
  readonly accounts?: 'made' | 'existing';
  /**
   * Secret with `username` and `password` of the administrator who makes accounts, in the namespace of the context.
   * @defaultValue `<id>-admin`
   */
  readonly adminSecret?: string;
}

/** Names of the props, to tell those that nobody reads. */
export const SERVER_PROPS = { storage: true, memory: true, cpu: true, replicas: true, backup: true } as const;

/** Names of the props of a connection. */
export const CONNECTION_PROPS = {
  host: true,
  port: true,
  addresses: true,
  tls: true,
  authority: true,
  accounts: true,
  adminSecret: true,
} as const;

/** What a server is, at least. */
export const SERVER_NEEDS: Needs<{ readonly storage: Size }> = {
  needed: ['storage'],
  example: '{ storage: Size.gibibytes(20) }',
  instead: { storage: Size.gibibytes(20) },
};

const CONNECTION_NEEDS: Needs<StoreConnectionProps> = {
  needed: ['host'],
  example: "{ host: 'db.example.com' }",
  instead: { host: 'db.example.com' },
};

/** A connection is known by its host, so the name is there even where nothing is given. */
const NO_HOST: object = { host: undefined };

/** A store by its connection, also where that is none, or has no host. */
export function connected<P extends Pick<StoreConnectionProps, 'host'>, S extends IConstruct>(
  asked: object,
  props: P,
  make: (said: P) => S,
): S {
  const store = make({ ...NO_HOST, ...propsOr(props, CONNECTION_NEEDS as Needs<P>) });
  tellProps(store, props, CONNECTION_NEEDS, asked);
  return store;
}

/** Defaults of every engine. */
export const STORE_DEFAULTS = { cpu: Cpu.millis(250), memory: Size.gibibytes(1) } as const;

/** What every engine's facts have of a server. */
export interface ServerSizes {
  readonly storage: string;
  readonly memoryBytes: number;
  readonly cpu: string;
  readonly replicas?: number;
  readonly backup?: BackupFacts;
}

/** Sizes as facts. What is missing has been told. */
export function serverSizes(
  { storage, memory, cpu, replicas, backup }: Partial<StoreServerProps>,
  otherwise: SizeAmount,
): ServerSizes {
  return {
    // Types ask for it; where they are not checked, it may be missing.
    storage: quantityOf(storage) ?? '0',
    memoryBytes: parseQuantity((soundOf(memory, SIZE) ?? otherwise).asString()),
    cpu: (soundOf(cpu, CPU) ?? STORE_DEFAULTS.cpu).amount,
    ...given({ replicas, backup: soundOf(backup, BACKUP)?.facts }),
  };
}

/** What is wrong with a server. */
export function problemsOfServer(props: StoreServerProps, least: number, what: string): readonly Problem[] {
  const { storage, memory, cpu, replicas, backup } = props as Partial<StoreServerProps>;
  const [volume, main] = [quantityOf(storage), quantityOf(memory)];
  return [
    ...problemsOfKind('storage', storage, SIZE),
    ...problemsOfKind('memory', memory, SIZE),
    ...problemsOfKind('cpu', cpu, CPU),
    ...(storage === undefined || (volume !== undefined && parseQuantity(volume) <= 0) ? [noStorage(volume)] : []),
    ...(main === undefined || parseQuantity(main) >= least ? [] : [littleMemory(main, least, what)]),
    ...(replicas === undefined ? [] : problemOfInteger('replicas', replicas, 1, 49)),
    ...problemsOfValue('backup', backup, BACKUP),
  ];
}

function noStorage(storage: string | undefined): Problem {
  return {
    code: 'storage-missing',
    message: 'A server keeps its data on a volume, and is not told how large it is.',
    field: 'storage',
    got: storage ?? 'none',
    allowed: 'a size above 0',
    fix: 'Give storage: Size.gibibytes(20).',
  };
}

function littleMemory(memory: string, least: number, what: string): Problem {
  return {
    code: 'memory-too-small',
    message: `With so little memory it does not run: ${what}.`,
    field: 'memory',
    got: memory,
    allowed: `at least ${least / 2 ** 20}Mi`,
    fix: `Give memory: Size.mebibytes(${least / 2 ** 20}) or more.`,
  };
}

/** A connection as facts; a host that is known later stays a token. */
export function connectionFacts(at: IConstruct, props: StoreConnectionProps, defaultPort: number): ServerConnection {
  const { host, port = defaultPort, addresses, tls = true, authority, accounts = 'made' } = props;
  const { adminSecret = adminSecretOf(at.node.id) } = props;
  return {
    host: textOf(at, 'host', soundOf(host, HOST_TEXT) ?? UNKNOWN_HOST),
    port,
    reach: reachOf(soundOf(addresses, ADDRESSES)),
    tls,
    accounts,
    adminSecret,
    ...given({ authority }),
  };
}

const HOST = /^(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\.?$/i;

/** Which addresses a server has. */
export const ADDRESSES = { ...LIST, example: "['10.20.0.0/16']" };

/** What stands in for a host that is none. */
const UNKNOWN_HOST = 'unknown';

const HOST_TEXT = textOrLater("'db.example.com'");

/** What is wrong with a connection. */
export function problemsOfConnection({ host, port = 1, addresses }: StoreConnectionProps): readonly Problem[] {
  return [
    ...problemOfInteger('port', port, 1, 65535),
    ...problemsOfKind('addresses', addresses, ADDRESSES),
    ...(addresses?.length === 0 ? [noAddresses('addresses')] : []),
    ...problemsOfHost(host),
  ];
}

function problemsOfHost(host: Deferrable<string>): readonly Problem[] {
  if (typeof host !== 'string') return problemsOfNeeded('host', host, HOST_TEXT);
  return HOST.test(host) ? [] : [badHost(host)];
}

/** What is given instead may hold an account, which is not repeated. */
function badHost(host: string): Problem {
  const got = host.includes('@') ? 'a text with an account in it' : printed(host);
  return {
    code: 'bad-host',
    message: `It is no DNS name: ${got}.`,
    field: 'host',
    got,
    allowed: 'a name such as db.example.com, without scheme, port, path or account',
    fix: 'Give the name alone; the port goes under port, and accounts are never written down.',
  };
}
