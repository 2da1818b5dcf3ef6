import { groupOf, keyOf, type KubeObject } from './kube-object';
import { referencesOfPod } from './pod-references';
import type { PlannedObject } from './plan';
import type { Reference } from './reference';
import { referencesOfRollout } from './rollout-references';
import { oncePer } from './shared';

export type { Reference } from './reference';

/** Where the pod template of a kind is, by kind; and the kind's group, as others have kinds of the same name. */
const POD_TEMPLATES: ReadonlyMap<string, { readonly group: string; readonly path: readonly string[] }> = new Map([
  ['Pod', { group: '', path: [] }],
  ['Deployment', { group: 'apps', path: ['spec', 'template'] }],
  ['StatefulSet', { group: 'apps', path: ['spec', 'template'] }],
  ['DaemonSet', { group: 'apps', path: ['spec', 'template'] }],
  ['ReplicaSet', { group: 'apps', path: ['spec', 'template'] }],
  ['Job', { group: 'batch', path: ['spec', 'template'] }],
  ['CronJob', { group: 'batch', path: ['spec', 'jobTemplate', 'spec', 'template'] }],
  ['Rollout', { group: 'argoproj.io', path: ['spec', 'template'] }],
  // Of a job that judges a release; it stands alone in its template.
  ['AnalysisTemplate', { group: 'argoproj.io', path: ['spec', 'metrics', '0', 'provider', 'job', 'spec', 'template'] }],
]);

/** The path to a manifest's pod template; undefined where the kind has none. */
export function podTemplatePath(manifest: KubeObject): readonly string[] | undefined {
  const known = POD_TEMPLATES.get(manifest.kind);
  return known === undefined || known.group !== groupOf(manifest.apiVersion) ? undefined : known.path;
}

/** The pod template of a manifest; undefined where the kind has none. */
export function podTemplateOf(manifest: KubeObject): Readonly<Record<string, unknown>> | undefined {
  const path = podTemplatePath(manifest);
  if (path === undefined) return undefined;
  let at: unknown = manifest;
  for (const step of path) at = (at as Record<string, unknown> | undefined)?.[step];
  return at as Readonly<Record<string, unknown>> | undefined;
}

/** An object of a plan with its pod template. */
export interface WithPod {
  readonly on: PlannedObject;
  readonly template: Readonly<Record<string, unknown>>;
}

/** The objects that have a pod template: the few that policies about pods look at. */
export const objectsWithPods = oncePer((objects: readonly PlannedObject[]): readonly WithPod[] => {
  const found: WithPod[] = [];
  for (const on of objects) {
    const template = podTemplateOf(on.manifest);
    if (template !== undefined) found.push({ on, template });
  }
  return found;
});

/** Objects by their keys, for those who look references up. */
export function objectsByKey<O extends PlannedObject>(objects: readonly O[]): ReadonlyMap<string, O> {
  const found = new Map<string, O>();
  for (const object of objects) found.set(object.key, object);
  return found;
}

/** References of pods, which both the order of objects and the policies ask for. Planned manifests do not change. */
const ofPods = new WeakMap<KubeObject, readonly Reference[]>();

/** The objects that a finished manifest names, except its namespace. */
export function referencesOf(manifest: KubeObject): readonly Reference[] {
  const template = podTemplateOf(manifest);
  if (template !== undefined) {
    let found = ofPods.get(manifest);
    if (found === undefined) {
      const ofPod = referencesOfPod(manifest.metadata.namespace, podTemplatePath(manifest) ?? [], template['spec']);
      found = manifest.kind === 'Rollout' ? [...ofPod, ...referencesOfRollout(manifest)] : ofPod;
      ofPods.set(manifest, found);
    }
    return found;
  }
  switch (manifest.kind) {
    case 'HorizontalPodAutoscaler':
      return ofScaler(manifest);
    case 'RoleBinding':
    case 'ClusterRoleBinding':
      return [...ofBinding(manifest)];
    default:
      return NONE;
  }
}

const NONE: readonly never[] = [];

function ofScaler(manifest: KubeObject): readonly Reference[] {
  const target = (
    manifest['spec'] as { scaleTargetRef?: { apiVersion?: string; kind: string; name: string } } | undefined
  )?.scaleTargetRef;
  if (target === undefined) return [];
  const group = groupOf(target.apiVersion ?? 'v1');
  const { namespace } = manifest.metadata;
  return [
    {
      key: keyOf({ group, kind: target.kind, namespace, name: target.name }),
      reason: 'scales it',
      field: '/spec/scaleTargetRef',
    },
  ];
}

interface Subject {
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string;
}

function* ofBinding(manifest: KubeObject): Iterable<Reference> {
  const role = manifest['roleRef'] as { kind: string; name: string } | undefined;
  const group = 'rbac.authorization.k8s.io';
  if (role !== undefined) {
    const namespace = role.kind === 'Role' ? manifest.metadata.namespace : undefined;
    yield {
      key: keyOf({ group, kind: role.kind, namespace, name: role.name }),
      reason: 'grants it',
      field: '/roleRef',
    };
  }
  for (const [index, subject] of ((manifest['subjects'] as readonly Subject[] | undefined) ?? []).entries()) {
    if (subject.kind !== 'ServiceAccount') continue;
    const namespace = subject.namespace ?? manifest.metadata.namespace;
    yield {
      key: keyOf({ group: '', kind: 'ServiceAccount', namespace, name: subject.name }),
      reason: 'grants to it',
      field: `/subjects/${index}`,
    };
  }
}
