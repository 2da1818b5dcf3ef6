import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Connection } from './connection';
import type { Engines } from './engines';
import { writeKubeconfig } from './kubeconfig';
import { freePorts } from './ports';
import { startProcess, type RunningProcess } from './process';

/** Who has a token: user name and groups. Components have the names that Kubernetes' own roles are bound to. */
const USERS: Readonly<Record<string, readonly [string, string]>> = {
  admin: ['admin', 'system:masters'],
  'kube-controller-manager': ['system:kube-controller-manager', ''],
  'kube-scheduler': ['system:kube-scheduler', ''],
  kwok: ['kwok', 'system:masters'],
};

/** Files of a cluster, all in one folder. */
export interface ControlPlaneOptions {
  readonly engines: Engines;
  /** Folder for files and logs; exists. */
  readonly folder: string;
  /** Kubernetes version to behave like: `1.35`. @defaultValue the executables' own */
  readonly emulate?: string;
}

/** etcd and an API server on loopback ports. */
export interface ControlPlane {
  readonly folder: string;
  readonly connection: Connection;
  readonly etcd: RunningProcess;
  readonly apiServer: RunningProcess;
  /** Path of the kubeconfig of a user of {@link USERS}, written when asked for. */
  kubeconfigOf(user: string): string;
}

/**
 * Starts etcd, from `FOLDER/etcd` where that is there, and an API server. No openssl: identities are static tokens, the
 * API server makes its own certificate, Node the key that signs service accounts.
 *
 * @throws AshlarError as `startProcess` does, with nothing left running
 */
export async function startControlPlane(options: ControlPlaneOptions): Promise<ControlPlane> {
  const { folder } = options;
  const ports = await freePorts(3);
  const tokens = new Map(Object.keys(USERS).map((name) => [name, randomBytes(24).toString('hex')]));
  writeIdentities(folder, tokens);
  const etcd = await startEtcd(options, ports);
  try {
    const { connection, apiServer } = await startApiServer(options, ports, tokens.get('admin') ?? '');
    const kubeconfigOf = (user: string): string => {
      const file = path.join(folder, `${user}.kubeconfig`);
      if (!existsSync(file)) writeKubeconfig(file, { ...connection.access, token: tokens.get(user) ?? '' }, user);
      return file;
    };
    return { folder, connection, etcd, apiServer, kubeconfigOf };
  } catch (error) {
    const earlier = etcd.trouble();
    await etcd.stop();
    throw earlier ?? error;
  }
}

function writeIdentities(folder: string, tokens: ReadonlyMap<string, string>): void {
  mkdirSync(path.join(folder, 'certificates'), { recursive: true });
  const lines = Object.entries(USERS).map(
    ([name, [user, groups]]) => `${tokens.get(name) ?? ''},${user},${name},"${groups}"`,
  );
  writeFileSync(path.join(folder, 'tokens.csv'), `${lines.join('\n')}\n`, { mode: 0o600 });
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const file = path.join(folder, 'service-accounts');
  writeFileSync(`${file}.key`, privateKey.export({ type: 'sec1', format: 'pem' }), { mode: 0o600 });
  writeFileSync(`${file}.pub`, publicKey.export({ type: 'spki', format: 'pem' }));
}

/** Its data are thrown away at the end, so it need not wait for the disk. */
function startEtcd({ engines, folder }: ControlPlaneOptions, ports: readonly number[]): Promise<RunningProcess> {
  const [client, peer] = [`http://127.0.0.1:${ports[0]}`, `http://127.0.0.1:${ports[1]}`];
  return startProcess({
    name: 'etcd',
    command: engines.fileOf('etcd'),
    args: [
      '--name=ashlar',
      `--data-dir=${path.join(folder, 'etcd')}`,
      '--unsafe-no-fsync',
      '--log-level=info',
      `--listen-client-urls=${client}`,
      `--advertise-client-urls=${client}`,
      `--listen-peer-urls=${peer}`,
      `--initial-advertise-peer-urls=${peer}`,
      `--initial-cluster=ashlar=${peer}`,
    ],
    log: path.join(folder, 'etcd.log'),
    ready: (started) => started.output().includes('ready to serve client requests'),
    readyWithinMs: 30_000,
  });
}

async function startApiServer(
  { engines, folder, emulate }: ControlPlaneOptions,
  ports: readonly number[],
  token: string,
): Promise<{ connection: Connection; apiServer: RunningProcess }> {
  const file = (name: string): string => path.join(folder, name);
  const certificate = file('certificates/apiserver.crt');
  let connection: Connection | undefined;
  const apiServer = await startProcess({
    name: 'kube-apiserver',
    command: engines.fileOf('kube-apiserver'),
    args: [
      `--etcd-servers=http://127.0.0.1:${ports[0]}`,
      '--bind-address=127.0.0.1',
      '--advertise-address=127.0.0.1',
      `--secure-port=${ports[2]}`,
      // No EndpointSlice for the Service `kubernetes`: loopback addresses are refused in one.
      '--endpoint-reconciler-type=none',
      '--service-cluster-ip-range=10.96.0.0/16',
      `--cert-dir=${file('certificates')}`,
      `--token-auth-file=${file('tokens.csv')}`,
      `--service-account-key-file=${file('service-accounts.pub')}`,
      `--service-account-signing-key-file=${file('service-accounts.key')}`,
      '--service-account-issuer=https://kubernetes.default.svc.cluster.local',
      '--authorization-mode=Node,RBAC',
      '--enable-admission-plugins=NodeRestriction',
      '--allow-privileged=true',
      '--profiling=false',
      ...(emulate === undefined ? [] : [`--emulated-version=${emulate}`]),
    ],
    log: file('kube-apiserver.log'),
    stopSignal: 'SIGKILL',
    ready: async () => {
      if (!existsSync(certificate)) return false;
      connection ??= connectTo(`https://127.0.0.1:${ports[2]}`, certificate, token);
      return (await connection.send({ path: '/readyz' })).status === 200;
    },
  });
  const { access } = connection ?? connectTo(`https://127.0.0.1:${ports[2]}`, certificate, token);
  return { apiServer, connection: new Connection(access, () => apiServer.trouble()) };
}

function connectTo(server: string, certificate: string, token: string): Connection {
  return new Connection({ server, ca: readFileSync(certificate, 'utf8'), token });
}
