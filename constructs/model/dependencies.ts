import { groupOf, type KubeObject } from './kube-object';
import { byText, groupBy } from './order';
import type { Dependency, PlannedObject } from './plan';
import { objectsByKey, objectsWithPods, referencesOf, type Reference } from './references';
import type { Source } from './source';

/** A planned object while its dependencies are still being found. */
export interface OpenObject extends PlannedObject {
  dependsOn: Dependency[];
  /** A patch may change these. */
  key: string;
  manifest: KubeObject;
  patches: readonly Source[];
}

/**
 * Kinds in the order in which a person reads them, and in which one goes before another where nothing else decides.
 * What is not listed comes after the workloads: custom resources, which need their definitions and often their pods.
 */
const READING_ORDER: readonly string[] = [
  'CustomResourceDefinition',
  'Namespace',
  'ResourceQuota',
  'LimitRange',
  'NetworkPolicy',
  'ServiceAccount',
  'Role',
  'ClusterRole',
  'RoleBinding',
  'ClusterRoleBinding',
  'ConfigMap',
  'Secret',
  'PersistentVolumeClaim',
  'Service',
  'Deployment',
  'Rollout',
  'StatefulSet',
  'DaemonSet',
  'Job',
  'CronJob',
  'PodDisruptionBudget',
  'HorizontalPodAutoscaler',
];

const RANK = new Map(READING_ORDER.map((kind, index) => [kind, index]));

/** Kinds that must stand before a namespace's first pod: they count it, limit it or close its ports. */
const GUARDS: ReadonlySet<string> = new Set(['ResourceQuota', 'LimitRange', 'NetworkPolicy']);

const GUARD_REASON = 'holds from the first pod on';

/** Finds what each object needs, in time linear in objects and references. */
export function connect(objects: readonly OpenObject[]): void {
  const byKey = objectsByKey(objects);
  const namespaces = namespacesByName(objects);
  const definitions = definitionsByKind(objects);
  const guards = groupBy(
    objects.filter((object) => GUARDS.has(object.manifest.kind)),
    (object) => object.construct,
  );
  for (const object of objects) {
    const { manifest } = object;
    const { namespace } = manifest.metadata;
    if (namespace !== undefined) addDependency(object, namespaces.get(namespace), 'lives in it');
    if (definitions.size > 0) {
      addDependency(object, definitions.get(`${groupOf(manifest.apiVersion)}/${manifest.kind}`), 'is of its kind');
    }
    let last: Reference | undefined;
    for (const reference of referencesOf(manifest)) {
      // Variables of one map follow each other and need it once.
      if (reference.key !== last?.key) addDependency(object, byKey.get(reference.key), reference.reason);
      last = reference;
    }
  }
  for (const { on } of objectsWithPods(objects)) {
    const object = on as OpenObject;
    addGuards(object, guards);
    // A list that grows has room for sixteen more; those of other objects are too short to grow.
    object.dependsOn = object.dependsOn.slice();
  }
}

/** Namespaces by name: most objects live in one, so they are not looked for by keys that would have to be put together. */
function namespacesByName(objects: readonly OpenObject[]): ReadonlyMap<string, OpenObject> {
  const found = objects.filter(({ manifest }) => manifest.kind === 'Namespace' && manifest.apiVersion === 'v1');
  return new Map(found.map((object) => [object.manifest.metadata.name, object]));
}

/** The guards of the pod's own construct and of the constructs around it. */
function addGuards(object: OpenObject, guards: ReadonlyMap<string, readonly OpenObject[]>): void {
  for (let path = object.construct; path !== ''; path = path.slice(0, Math.max(0, path.lastIndexOf('/')))) {
    for (const guard of guards.get(path) ?? []) {
      if (guard.manifest.metadata.namespace === object.manifest.metadata.namespace)
        addDependency(object, guard, GUARD_REASON);
    }
  }
}

function definitionsByKind(objects: readonly OpenObject[]): Map<string, OpenObject> {
  const found = new Map<string, OpenObject>();
  for (const object of objects) {
    if (object.manifest.kind !== 'CustomResourceDefinition') continue;
    const spec = object.manifest['spec'] as { group?: string; names?: { kind?: string } } | undefined;
    found.set(`${spec?.group ?? ''}/${spec?.names?.kind ?? ''}`, object);
  }
  return found;
}

/** One object needs another; said twice, the first reason stays. */
export function addDependency(object: OpenObject, on: OpenObject | undefined, reason: string): void {
  if (on === undefined || on === object) return;
  const { dependsOn } = object;
  for (let index = 0; index < dependsOn.length; index += 1) if (dependsOn[index]?.on === on) return;
  if (dependsOn.length < 2) object.dependsOn = [...dependsOn, { on, reason }];
  else dependsOn.push({ on, reason });
}

/** Objects that need each other: no order exists. */
export interface DependencyCycle {
  readonly objects: readonly PlannedObject[];
}

/** Objects by chart, kind and name: the order that a person reads, and the same whoever made them first. */
export function inReadingOrder(objects: readonly OpenObject[]): readonly OpenObject[] {
  // Chart by chart, as each holds few: comparing all with all would compare charts most of the time.
  const charts = [...groupBy(objects, ({ chart }) => chart)].sort(([a], [b]) => byText(a, b));
  return charts.flatMap(([, ofChart]) => ofChart.sort((a, b) => rankOf(a) - rankOf(b) || byText(a.key, b.key)));
}

/** An order in which each object comes after what it needs; otherwise the order that they are given in. */
export function inOrder(
  objects: readonly OpenObject[],
  onCycle: (cycle: DependencyCycle) => void,
): readonly OpenObject[] {
  const ordered: OpenObject[] = [];
  const state = new Map<PlannedObject, 'open' | 'done'>();
  const path: OpenObject[] = [];
  const visit = (object: OpenObject): void => {
    const known = state.get(object);
    if (known === 'open') onCycle({ objects: path.slice(path.indexOf(object)) });
    if (known !== undefined) return;
    state.set(object, 'open');
    path.push(object);
    for (const { on } of object.dependsOn) visit(on as OpenObject);
    path.pop();
    state.set(object, 'done');
    ordered.push(object);
  };
  for (const object of objects) visit(object);
  return ordered;
}

function rankOf({ manifest }: OpenObject): number {
  return RANK.get(manifest.kind) ?? READING_ORDER.length;
}
