import * as pulumi from '@pulumi/pulumi';
import { MockMonitor } from '@pulumi/pulumi/runtime/mocks';
import { AshlarError } from '../../constructs/model/error';
import { isError, type Finding } from '../../constructs/model/finding';
import { findingText } from '../../constructs/model/finding-text';
import { displayNameOf, groupOf, type KubeObject } from '../../constructs/model/kube-object';
import { groupBy } from '../../constructs/model/order';
import type { Plan, PlannedObject } from '../../constructs/model/plan';
import type { ClusterOptions } from '../cluster';
import type { DeployOptions } from '../deploy-options';
import { Client } from './client';
import { fixedFieldFindings, hasFixedFields } from './immutable';
import { accessBy, type Access } from './kubeconfig';

/**
 * Looks at the clusters before anything is registered: that they answer, that they serve the kinds of the plan, that no
 * field would change that cannot, that nobody else's platform owns the objects. What the credentials do not let us see
 * is left to the server.
 * @throws AshlarError `cluster-unreachable`, `kind-not-installed`, `immutable-field`, `owned-by-another`, `bad-kubeconfig`
 */
export async function inspect(plan: Plan, objects: readonly PlannedObject[], options: DeployOptions): Promise<void> {
  // Mocks reach no cluster.
  if (pulumi.runtime.getMonitor() instanceof MockMonitor) return;
  const { cluster = {}, clusters = {} } = options;
  const findings: Finding[] = [];
  for (const [target, own] of groupBy(objects, ({ chart }) => clusters[chart] ?? cluster)) {
    const access = target.provider === undefined ? await accessTo(target) : undefined;
    if (access !== undefined) findings.push(...(await look(access, plan, own)));
  }
  const errors = findings.filter(isError);
  if (errors.length > 0) throw new AshlarError(...errors);
  for (const finding of findings) void pulumi.log.warn(findingText(finding));
}

interface Told {
  readonly isKnown: Promise<boolean>;
  promise(withUnknowns: boolean): Promise<readonly (string | undefined)[]>;
}

/** The access to a cluster; undefined where it is known only later, since the same program makes the cluster. */
async function accessTo({ kubeconfig, context }: ClusterOptions): Promise<Access | undefined> {
  // Both are there in every Output of the SDK 3, but not in its declarations.
  const given = pulumi.output([kubeconfig, context]) as unknown as Told;
  const [isKnown, [file, name] = []] = await Promise.all([given.isKnown, given.promise(true)]);
  return isKnown ? accessBy(file, name) : undefined;
}

async function look(access: Access, plan: Plan, objects: readonly PlannedObject[]): Promise<readonly Finding[]> {
  const client = new Client(access);
  try {
    const unreachable = await reach(client, access);
    if (unreachable !== undefined) return [unreachable];
    return [...(await missingKinds(client, objects)), ...(await compare(client, plan, objects))];
  } finally {
    client.close();
  }
}

async function reach(client: Client, { server }: Access): Promise<Finding | undefined> {
  try {
    await client.get('/version');
    return undefined;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return {
      code: 'cluster-unreachable',
      severity: 'error',
      path: 'cluster',
      message: 'The cluster does not answer, and a preview would not tell.',
      field: server,
      got: code ?? message,
      allowed: 'an API server that answers',
      fix: 'See that the cluster runs and can be reached: kubectl version. Another cluster is another kubeconfig or context.',
    };
  }
}

const OK = 200;
const NOT_FOUND = 404;

/** Kinds of custom resources that the server does not serve and whose definitions are not planned either. */
async function missingKinds(client: Client, objects: readonly PlannedObject[]): Promise<readonly Finding[]> {
  const planned = new Set(objects.flatMap(({ manifest }) => definedKind(manifest)));
  const custom = objects.filter(({ manifest }) => groupOf(manifest.apiVersion).includes('.'));
  const findings: Finding[] = [];
  for (const [apiVersion, own] of groupBy(custom, ({ manifest }) => manifest.apiVersion)) {
    const { status, body } = await client.get(`/apis/${apiVersion}`);
    if (status !== OK && status !== NOT_FOUND) continue;
    const served = new Set(
      (body as { resources?: readonly { kind: string }[] } | undefined)?.resources?.map(({ kind }) => kind),
    );
    const missing = own.filter(
      ({ manifest: { kind } }) => !served.has(kind) && !planned.has(`${groupOf(apiVersion)}/${kind}`),
    );
    findings.push(
      ...[...groupBy(missing, ({ manifest }) => manifest.kind).values()].map(([first]) => notInstalled(first)),
    );
  }
  return findings;
}

function definedKind({ kind, ...manifest }: KubeObject): readonly string[] {
  if (kind !== 'CustomResourceDefinition') return [];
  const { group = '', names } = (manifest['spec'] ?? {}) as { group?: string; names?: { kind?: string } };
  return [`${group}/${names?.kind ?? ''}`];
}

function notInstalled(object: PlannedObject | undefined): Finding {
  const { manifest, construct = '' } = object ?? {};
  return {
    code: 'kind-not-installed',
    severity: 'error',
    path: construct,
    ...(manifest !== undefined && { object: displayNameOf(manifest) }),
    message: `The cluster does not know the kind ${manifest?.kind ?? ''}.`,
    got: manifest?.apiVersion ?? '',
    allowed: 'kinds that the cluster serves, or whose CustomResourceDefinition is in the plan',
    fix: 'Install the operator that brings the definition, or choose another back end in the environment file.',
  };
}

/** Names under which objects are listed, of the kinds that are looked at. */
const PLURALS: Readonly<Record<string, string>> = {
  'v1 Namespace': 'api/v1/namespaces',
  'v1 Service': 'api/v1/services',
  'v1 PersistentVolumeClaim': 'api/v1/persistentvolumeclaims',
  'apps/v1 StatefulSet': 'apis/apps/v1/statefulsets',
  'apps/v1 Deployment': 'apis/apps/v1/deployments',
  'apps/v1 DaemonSet': 'apis/apps/v1/daemonsets',
  'batch/v1 Job': 'apis/batch/v1/jobs',
};

/** Compares what is planned with what is there, one list a kind and namespace. */
async function compare(client: Client, plan: Plan, objects: readonly PlannedObject[]): Promise<readonly Finding[]> {
  const looked = objects.filter(({ manifest }) => `${manifest.apiVersion} ${manifest.kind}` in PLURALS);
  const lists = groupBy(looked, ({ manifest }) => listOf(manifest));
  const findings = await Promise.all(
    [...lists].map(async ([path, own]) => {
      const live = await itemsOf(client, path);
      return own.flatMap((object) => {
        const there = live.get(object.manifest.metadata.name);
        return there === undefined ? [] : differences(plan, object, there);
      });
    }),
  );
  return findings.flat();
}

function listOf({ apiVersion, kind, metadata }: KubeObject): string {
  const plural = PLURALS[`${apiVersion} ${kind}`] ?? '';
  const [, prefix = '', name = ''] = /^(.*)\/([^/]+)$/.exec(plural) ?? [];
  return metadata.namespace === undefined ? `/${plural}` : `/${prefix}/namespaces/${metadata.namespace}/${name}`;
}

async function itemsOf(client: Client, path: string): Promise<ReadonlyMap<string, KubeObject>> {
  const { status, body } = await client.get(path);
  const items = status === OK ? (body as { items?: readonly KubeObject[] } | undefined)?.items : undefined;
  return new Map((items ?? []).map((item) => [item.metadata.name, item]));
}

function differences(plan: Plan, object: PlannedObject, live: KubeObject): readonly Finding[] {
  const labels = live.metadata.labels ?? {};
  const owner = labels['app.kubernetes.io/managed-by'] === 'ashlar' ? labels['app.kubernetes.io/part-of'] : undefined;
  if (owner !== undefined && owner !== plan.platform) return [ownedByAnother(plan, object, owner)];
  return hasFixedFields(object.manifest) ? fixedFieldFindings(object, live) : [];
}

function ownedByAnother({ platform }: Plan, { construct, manifest }: PlannedObject, owner: string): Finding {
  return {
    code: 'owned-by-another',
    severity: 'error',
    path: construct,
    object: displayNameOf(manifest),
    message: `${displayNameOf(manifest)} belongs to the platform ${owner}.`,
    got: `the label app.kubernetes.io/part-of: ${owner}`,
    allowed: `objects of ${platform}, and names that nobody has`,
    fix: 'Rename the context or its namespace, or take the object out of the other platform first.',
  };
}
