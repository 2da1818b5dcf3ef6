import path from 'node:path';
import { SharedClaim } from './claim';
import { ApiClient, type ClientParts } from './api-client';
import type { ClusterClient } from './client';
import type { Cluster } from './cluster';
import { Connection } from './connection';
import { KindIndex } from './kinds';
import { readKubeconfig } from './kubeconfig';
import { clusterError } from './problems';
import { StartedCluster } from './started-cluster';

/** What a proof does on any cluster: verb, resource, group. */
const NEEDED: readonly (readonly [string, string, string])[] = [
  ['create', 'namespaces', ''],
  ['patch', 'namespaces', ''],
  ['delete', 'namespaces', ''],
  ['patch', 'deployments', 'apps'],
];

/**
 * Opens a cluster that was there before.
 * @throws AshlarError `bad-kubeconfig`, `cluster-unreachable`, `cluster-forbidden`
 */
export async function openCluster(kubeconfig: string): Promise<Cluster> {
  const start = performance.now();
  const file = path.resolve(kubeconfig);
  const connection = new Connection(readKubeconfig(file));
  try {
    const kinds = new KindIndex(connection);
    const claim = new SharedClaim(kinds);
    const parts: ClientParts = { connection, kinds, written: (object) => claim.note(object) };
    const version = await versionOf(new ApiClient(parts));
    await checkRights(connection);
    const startedInMs = performance.now() - start;
    const nothing = { kubectl: undefined, metrics: undefined, end: () => Promise.resolve() };
    return new StartedCluster({
      ...parts,
      ...nothing,
      claim,
      version,
      startedInMs,
      kubeconfig: file,
      from: 'kubeconfig',
      controllers: true,
    });
  } catch (error) {
    connection.close();
    throw error;
  }
}

/** The version that an API server says, without its `v`; where it emulates an older one, that. */
export async function versionOf(client: ClusterClient): Promise<string> {
  const { status, body } = await client.send({ path: '/version' });
  if (status === 401 || status === 403) throw forbidden(`${status} to GET /version`);
  const { gitVersion, minor, emulationMajor, emulationMinor = minor } = body as VersionInfo;
  return emulationMinor === minor ? gitVersion.replace(/^v/, '') : `${emulationMajor}.${emulationMinor}.0`;
}

/** Answer to `/version`; older servers say nothing of emulation. */
interface VersionInfo {
  readonly gitVersion: string;
  readonly minor: string;
  readonly emulationMajor?: string;
  readonly emulationMinor?: string;
}

async function checkRights(connection: Connection): Promise<void> {
  const answers = await Promise.all(NEEDED.map(([verb, resource, group]) => mayI(connection, verb, resource, group)));
  const missing = NEEDED.filter((_, index) => answers[index] !== true);
  if (missing.length > 0) throw forbidden(`no leave to ${missing.map(([verb, what]) => `${verb} ${what}`).join(', ')}`);
}

async function mayI(connection: Connection, verb: string, resource: string, group: string): Promise<boolean> {
  const body = {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SelfSubjectAccessReview',
    spec: { resourceAttributes: { verb, resource, group } },
  };
  const path = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
  const answer = await connection.send({ method: 'POST', path, body });
  return (answer.body as { status?: { allowed?: boolean } }).status?.allowed === true;
}

function forbidden(got: string): Error {
  return clusterError({
    code: 'cluster-forbidden',
    message: 'The cluster of ASHLAR_KUBECONFIG does not let its user do what a proof does.',
    got,
    allowed: 'a user who may make and delete namespaces and write everything into them',
    fix: 'Use the kubeconfig of an administrator of a cluster for tests.',
  });
}
