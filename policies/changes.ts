import { isDeepStrictEqual } from 'node:util';
import type { Finding } from '../constructs/model/finding';
import { displayNameOf, groupOf, keyOfManifest, type KubeObject } from '../constructs/model/kube-object';
import type { PlannedObject } from '../constructs/model/plan';
import { parseQuantity } from '../constructs/model/quantity';
import { podTemplatePath } from '../constructs/model/references';

type Data = Readonly<Record<string, unknown>>;

/** Codes of what only a comparison with an earlier run finds. */
export const CHANGE_CODES: readonly string[] = ['storage-shrinks', 'immutable-field'];

/**
 * Which fields of `spec`, or of the object itself, an object keeps for ever. Source: the update checks of Kubernetes 1.36,
 * `pkg/apis/{core,apps,batch,rbac,storage,scheduling}/validation`.
 */
interface Fixed {
  /** Fields below `spec`. */
  readonly spec?: readonly string[];
  /** All fields below `spec` but these. */
  readonly specBut?: readonly string[];
  /** Fields of the object. */
  readonly own?: readonly string[];
  /** How to come by the change nevertheless. */
  readonly fix: string;
}

const OTHER_NAME = 'Give the new one another name, or delete the old one first and accept the finding with a reason.';

const SELECTOR: Fixed = {
  spec: ['selector'],
  fix: 'Keep the labels that its pods are found by, or delete it first and accept the finding with a reason.',
};

const FIXED: Readonly<Record<string, Fixed>> = {
  'apps/Deployment': SELECTOR,
  'apps/DaemonSet': SELECTOR,
  'apps/ReplicaSet': SELECTOR,
  'apps/StatefulSet': {
    specBut: [
      'replicas',
      'ordinals',
      'template',
      'updateStrategy',
      'revisionHistoryLimit',
      'persistentVolumeClaimRetentionPolicy',
      'minReadySeconds',
    ],
    fix: 'Delete it with kubectl delete --cascade=orphan, which leaves its pods and volumes, apply, and accept the finding with a reason.',
  },
  'batch/Job': {
    spec: ['selector', 'template', 'completionMode', 'completions', 'podFailurePolicy', 'successPolicy', 'managedBy'],
    fix: 'Give the Job a name that changes with what it runs: a version in it.',
  },
  '/Service': { spec: ['clusterIP'], fix: OTHER_NAME },
  '/PersistentVolumeClaim': { specBut: ['resources', 'volumeAttributesClassName'], fix: OTHER_NAME },
  '/Secret': { own: ['type'], fix: OTHER_NAME },
  'rbac.authorization.k8s.io/RoleBinding': { own: ['roleRef'], fix: OTHER_NAME },
  'rbac.authorization.k8s.io/ClusterRoleBinding': { own: ['roleRef'], fix: OTHER_NAME },
  'storage.k8s.io/StorageClass': {
    own: ['provisioner', 'parameters', 'reclaimPolicy', 'volumeBindingMode'],
    fix: OTHER_NAME,
  },
  'scheduling.k8s.io/PriorityClass': { own: ['value', 'preemptionPolicy'], fix: OTHER_NAME },
};

/** Data of a ConfigMap or Secret that calls itself immutable. */
const IMMUTABLE_DATA = ['data', 'binaryData', 'stringData', 'immutable'] as const;

/**
 * What cannot be done to objects that are there: storage gets smaller, a field changes that never can. The API server, or
 * the operator, would refuse it in the middle of a deployment.
 * @param earlier - manifests as they were deployed; those that are not planned any more say nothing
 * @param objects - what is planned now
 */
export function changes(earlier: readonly KubeObject[], objects: readonly PlannedObject[]): readonly Finding[] {
  const before = new Map(earlier.map((manifest) => [keyOfManifest(manifest), manifest]));
  return objects.flatMap((object) => {
    const old = before.get(object.key);
    return old === undefined || isDeepStrictEqual(old, object.manifest) ? [] : [...changesOf(old, object)];
  });
}

function* changesOf(old: KubeObject, on: PlannedObject): Iterable<Finding> {
  const shrunk = [...shrinking(old['spec'], on.manifest['spec'], '/spec')].filter(({ field }) => outlives(on, field));
  for (const { field, from, to } of shrunk) yield shrinks(on, field, from, to);
  for (const field of changedFields(old, on.manifest)) {
    if (shrunk.every((one) => !one.field.startsWith(`${field}/`))) yield isFixed(on, field);
  }
}

function kindOf({ apiVersion, kind }: KubeObject): string {
  return `${groupOf(apiVersion)}/${kind}`;
}

/** Pointers to fields that differ and must not. */
function changedFields(old: KubeObject, now: KubeObject): readonly string[] {
  const fixed = FIXED[kindOf(now)];
  const [before, after] = [dataOf(old['spec']), dataOf(now['spec'])];
  const inSpec = new Set([...Object.keys(before), ...Object.keys(after)]);
  const spec =
    fixed?.specBut === undefined ? (fixed?.spec ?? []) : [...inSpec].filter((key) => !fixed.specBut?.includes(key));
  const own = [...(fixed?.own ?? []), ...(isImmutableMap(old) ? IMMUTABLE_DATA : [])];
  return [
    ...spec.filter((key) => !isDeepStrictEqual(before[key], after[key])).map((key) => `/spec/${key}`),
    ...own.filter((key) => !isDeepStrictEqual(old[key], now[key])).map((key) => `/${key}`),
  ];
}

function isImmutableMap(manifest: KubeObject): boolean {
  return ['/ConfigMap', '/Secret'].includes(kindOf(manifest)) && manifest['immutable'] === true;
}

interface Shrinking {
  readonly field: string;
  readonly from: string;
  readonly to: string;
}

/**
 * Sizes of volumes that get smaller, in claims (`requests.storage`) and in custom resources, whose sizes stand under a
 * field that is called after storage or a volume. Elements of lists are compared by name, or by place.
 */
function* shrinking(old: unknown, now: unknown, at: string): Iterable<Shrinking> {
  if (Array.isArray(old) && Array.isArray(now)) {
    for (const [index, item] of now.entries()) {
      const name = nameOf(item);
      const before: unknown = name === undefined ? old[index] : old.find((one) => nameOf(one) === name);
      yield* shrinking(before, item, `${at}/${index}`);
    }
    return;
  }
  if (!isData(old) || !isData(now)) return;
  for (const [key, value] of Object.entries(now)) {
    const before = old[key];
    const field = `${at}/${key}`;
    if (!isSize(field)) yield* shrinking(before, value, field);
    else if (isSmaller(value, before)) yield { field, from: String(before), to: String(value) };
  }
}

const SIZE = /\/requests\/storage$|(?:storage|volume)[^/]*\/(?:[^/]+\/)?size$|\/(?:storage|volume)size$/i;

/** Pods of a template have volumes of their own, which come and go with them. */
function outlives({ manifest }: PlannedObject, field: string): boolean {
  const template = podTemplatePath(manifest);
  return template === undefined || !field.startsWith(`/${template.join('/')}/`);
}

function isSize(field: string): boolean {
  return SIZE.test(field);
}

function isSmaller(value: unknown, before: unknown): boolean {
  const [now, earlier] = [bytes(value), bytes(before)];
  return now !== undefined && earlier !== undefined && now < earlier;
}

function bytes(value: unknown): number | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  const parsed = parseQuantity(String(value));
  return Number.isFinite(parsed) ? parsed : undefined;
}

function nameOf(item: unknown): unknown {
  const { name, metadata } = dataOf(item);
  return name ?? dataOf(metadata)['name'];
}

function isData(value: unknown): value is Data {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function dataOf(value: unknown): Data {
  return isData(value) ? value : {};
}

function shrinks({ manifest, construct }: PlannedObject, field: string, from: string, to: string): Finding {
  return {
    code: 'storage-shrinks',
    severity: 'error',
    path: construct,
    object: displayNameOf(manifest),
    message: 'A volume is to become smaller than what was deployed, which no volume can.',
    field,
    got: `${to}, after ${from}`,
    allowed: `${from} or more`,
    fix: 'Keep the size. To come down, make a new store, move the data, and remove the old one.',
  };
}

function isFixed({ manifest, construct }: PlannedObject, field: string): Finding {
  return {
    code: 'immutable-field',
    severity: 'error',
    path: construct,
    object: displayNameOf(manifest),
    message: `${field} of a ${manifest.kind} that is there cannot change.`,
    field,
    got: 'another value than what was deployed',
    allowed: 'the value that was deployed',
    fix: FIXED[kindOf(manifest)]?.fix ?? OTHER_NAME,
  };
}
