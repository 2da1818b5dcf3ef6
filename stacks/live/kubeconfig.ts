import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { AshlarError } from '../../constructs/model/error';
import { given } from '../../constructs/model/given';

/** Where an API server answers, and who asks. */
export interface Access {
  readonly server: string;
  readonly ca?: string | Buffer;
  readonly cert?: string | Buffer;
  readonly key?: string | Buffer;
  readonly token?: string;
  readonly insecure: boolean;
  /** Name in the server's certificate, where it is not that of its address. */
  readonly servername?: string;
}

interface Named {
  readonly name: string;
}

type Fields = Readonly<Record<string, unknown>>;

interface Kubeconfig {
  readonly 'current-context'?: string;
  readonly contexts?: readonly (Named & { readonly context?: { readonly cluster?: string; readonly user?: string } })[];
  readonly clusters?: readonly (Named & { readonly cluster?: Fields })[];
  readonly users?: readonly (Named & { readonly user?: Fields })[];
}

/**
 * The access that a kubeconfig gives: its text, its path, or undefined for the usual places. Undefined where there is
 * none: Pulumi's provider then tries what a pod finds in its cluster.
 * @throws AshlarError `bad-kubeconfig`
 */
export function accessBy(kubeconfig: string | undefined, context: string | undefined): Access | undefined {
  const found = sources(kubeconfig).flatMap(({ text, folder }) => {
    const config = parsed(text);
    return config === undefined ? [] : [{ config, folder }];
  });
  if (found.length === 0) return undefined;
  const name = context ?? found.map(({ config }) => config['current-context']).find((one) => one !== undefined);
  for (const { config, folder } of found) {
    const { cluster, user } = namedIn(config, name);
    if (cluster !== undefined) return accessOf(cluster, user ?? {}, folder);
  }
  const known = found.flatMap(({ config }) => config.contexts?.map((one) => one.name) ?? []);
  throw bad(
    'It has no such context, or the context has no cluster.',
    name ?? 'no current context',
    known.join(', ') || 'no context is in it',
  );
}

/** The cluster and the user of a context. */
function namedIn(config: Kubeconfig, name: string | undefined): { readonly cluster?: Fields; readonly user?: Fields } {
  const chosen = config.contexts?.find((one) => one.name === name)?.context;
  const cluster = config.clusters?.find((one) => one.name === chosen?.cluster)?.cluster;
  const user = config.users?.find((one) => one.name === chosen?.user)?.user;
  return given({ cluster, user });
}

/** The texts of all files, with the folder that relative paths in them start at. */
function sources(kubeconfig: string | undefined): readonly { readonly text: string; readonly folder: string }[] {
  if (kubeconfig?.includes('\n') === true || kubeconfig?.trimStart().startsWith('{') === true) {
    return [{ text: kubeconfig, folder: process.cwd() }];
  }
  const usual = process.env['KUBECONFIG'] ?? path.join(homedir(), '.kube', 'config');
  const files = (kubeconfig ?? usual).split(path.delimiter).filter((file) => file !== '');
  if (kubeconfig !== undefined && !existsSync(kubeconfig))
    throw bad('There is no such file.', 'a path that leads nowhere');
  return files
    .filter((file) => existsSync(file))
    .map((file) => ({ text: readFileSync(file, 'utf8'), folder: path.dirname(file) }));
}

function parsed(text: string): Kubeconfig | undefined {
  const { parse } = require('yaml') as typeof import('yaml');
  try {
    return (parse(text) as Kubeconfig | null) ?? undefined;
  } catch {
    throw bad('It is no YAML.', 'a text that does not parse');
  }
}

function accessOf(cluster: Fields, user: Fields, folder: string): Access {
  const server = typeof cluster['server'] === 'string' ? cluster['server'] : '';
  if (!URL.canParse(server)) throw bad('The address of its server is no URL.', server === '' ? 'no address' : server);
  const credentials = { ...user, ...fromPlugin(user['exec'] as Plugin | undefined) };
  return {
    server,
    insecure: cluster['insecure-skip-tls-verify'] === true,
    ...given({
      ca: dataOf(cluster, 'certificate-authority', folder),
      cert: dataOf(credentials, 'client-certificate', folder),
      key: dataOf(credentials, 'client-key', folder),
      token: tokenOf(credentials, folder),
      servername: cluster['tls-server-name'] as string | undefined,
    }),
  };
}

function dataOf(fields: Fields, name: string, folder: string): string | Buffer | undefined {
  const data = fields[`${name}-data`];
  if (typeof data === 'string') return Buffer.from(data, 'base64');
  const file = fields[name];
  return typeof file === 'string' ? read(path.resolve(folder, file)) : undefined;
}

function tokenOf(fields: Fields, folder: string): string | undefined {
  if (typeof fields['token'] === 'string') return fields['token'];
  return typeof fields['tokenFile'] === 'string' ? read(path.resolve(folder, fields['tokenFile'])).trim() : undefined;
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    throw bad('A file that it names cannot be read.', file);
  }
}

interface Plugin {
  readonly command: string;
  readonly args?: readonly string[] | null;
  readonly env?: readonly { readonly name: string; readonly value: string }[] | null;
  readonly apiVersion?: string;
}

interface Credential {
  readonly status?: {
    readonly token?: string;
    readonly clientCertificateData?: string;
    readonly clientKeyData?: string;
  };
}

/** Longest time that a credential plugin may take, in milliseconds. */
const PLUGIN_MS = 30_000;

/** What a credential plugin of a cloud answers (client-go credential plugins, client.authentication.k8s.io/v1). */
function fromPlugin(plugin: Plugin | undefined): Fields {
  if (plugin === undefined) return {};
  const { command, args, env, apiVersion = 'client.authentication.k8s.io/v1' } = plugin;
  const info = { apiVersion, kind: 'ExecCredential', spec: { interactive: false } };
  const own = Object.fromEntries((env ?? []).map(({ name, value }) => [name, value]));
  const { status, stdout } = spawnSync(command, args ?? [], {
    encoding: 'utf8',
    env: { ...process.env, ...own, KUBERNETES_EXEC_INFO: JSON.stringify(info) },
    stdio: ['ignore', 'pipe', 'ignore'],
    timeout: PLUGIN_MS,
  });
  if (status !== 0) throw bad('Its credential plugin failed.', command);
  const { token, clientCertificateData: cert, clientKeyData: key } = credentialIn(stdout, command);
  const data = (text: string | undefined) => (text === undefined ? undefined : Buffer.from(text).toString('base64'));
  return given({ token, 'client-certificate-data': data(cert), 'client-key-data': data(key) });
}

function credentialIn(stdout: string, command: string): NonNullable<Credential['status']> {
  try {
    return (JSON.parse(stdout) as Credential).status ?? {};
  } catch {
    throw bad('Its credential plugin answers with something else.', command);
  }
}

/** Never the text of the kubeconfig: it holds keys. */
function bad(message: string, got: string, allowed = 'a kubeconfig that kubectl can use'): AshlarError {
  return new AshlarError({
    code: 'bad-kubeconfig',
    path: 'cluster.kubeconfig',
    message: `The kubeconfig cannot be used. ${message}`,
    got,
    allowed,
    fix: 'Try it with: kubectl --kubeconfig FILE version',
  });
}
