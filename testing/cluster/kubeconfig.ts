import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { given } from '../../constructs/model/given';
import type { Access } from './connection';
import { clusterError } from './problems';

/** The parts of a kubeconfig that say how a cluster is reached (Kubernetes 1.36, `v1` of client-go's clientcmd). */
interface KubeConfig {
  readonly 'current-context'?: string;
  readonly contexts?: readonly { name: string; context: { cluster: string; user: string } }[];
  readonly clusters?: readonly { name: string; cluster: Readonly<Record<string, unknown>> }[];
  readonly users?: readonly { name: string; user: Readonly<Record<string, unknown>> }[];
}

/** A command that prints credentials, as clouds have it. */
interface Exec {
  readonly command: string;
  readonly args?: readonly string[];
  readonly env?: readonly { name: string; value: string }[];
}

/**
 * How the cluster of a kubeconfig's current context is reached: by token, token file, client certificate or `exec`.
 * @throws AshlarError `bad-kubeconfig`
 */
export function readKubeconfig(file: string): Access {
  try {
    const { parse } = require('yaml') as typeof import('yaml');
    return accessOf(parse(readFileSync(file, 'utf8')) as KubeConfig, path.dirname(path.resolve(file)));
  } catch (error) {
    throw clusterError({
      code: 'bad-kubeconfig',
      message: 'The kubeconfig cannot be used.',
      got: `${file}: ${(error as Error).message.split('\n')[0] ?? ''}`,
      allowed: 'a kubeconfig with a current context, its cluster and its user',
      fix: 'Let ASHLAR_KUBECONFIG name one that kubectl works with.',
    });
  }
}

/** Writes a kubeconfig for one user of one cluster, readable by nobody else. */
export function writeKubeconfig(file: string, { server, ca, token }: Access, user: string): void {
  const authority = ca === undefined ? undefined : Buffer.from(ca).toString('base64');
  const cluster = { server, ...given({ 'certificate-authority-data': authority }) };
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'ashlar',
    clusters: [{ name: 'ashlar', cluster }],
    users: [{ name: user, user: { token } }],
    contexts: [{ name: 'ashlar', context: { cluster: 'ashlar', user } }],
  };
  writeFileSync(file, JSON.stringify(config), { mode: 0o600 });
}

function accessOf(config: KubeConfig, folder: string): Access {
  const { cluster, user, server } = currentOf(config);
  return {
    server,
    ...(cluster['insecure-skip-tls-verify'] === true && { insecure: true }),
    ...given({
      ca: textOf(cluster, 'certificate-authority', folder),
      cert: textOf(user, 'client-certificate', folder),
      key: textOf(user, 'client-key', folder),
      token: tokenOf(user, folder),
    }),
  };
}

type Fields = Readonly<Record<string, unknown>>;

/** What the current context leads to. */
function currentOf(config: KubeConfig): { cluster: Fields; user: Fields; server: string } {
  const { 'current-context': current, contexts = [], clusters = [], users = [] } = config;
  const context = contexts.find(({ name }) => name === current)?.context;
  const cluster = clusters.find(({ name }) => name === context?.cluster)?.cluster;
  const user = users.find(({ name }) => name === context?.user)?.user;
  if (typeof cluster?.['server'] !== 'string' || user === undefined) {
    throw new Error(`current-context ${String(current)} leads to no cluster and user`);
  }
  return { cluster, user, server: cluster['server'] };
}

/** A value that stands there in base 64 (`-data`), or in a file. */
function textOf(from: Fields, name: string, folder: string): string | undefined {
  const data = from[`${name}-data`];
  if (typeof data === 'string') return Buffer.from(data, 'base64').toString();
  const file = from[name];
  return typeof file === 'string' ? readFileSync(path.resolve(folder, file), 'utf8') : undefined;
}

function tokenOf(user: Fields, folder: string): string | undefined {
  const { token, tokenFile, exec } = user;
  if (typeof token === 'string') return token;
  if (typeof tokenFile === 'string') return readFileSync(path.resolve(folder, tokenFile), 'utf8').trim();
  return exec === undefined ? undefined : tokenFrom(exec as Exec);
}

function tokenFrom({ command, args = [], env = [] }: Exec): string | undefined {
  const variables = Object.fromEntries(env.map(({ name, value }) => [name, value]));
  const printed = execFileSync(command, args, { encoding: 'utf8', env: { ...process.env, ...variables } });
  return (JSON.parse(printed) as { status?: { token?: string } }).status?.token;
}
