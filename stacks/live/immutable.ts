import { isDeepStrictEqual } from 'node:util';
import { hasTokens } from '../../constructs/model/deferred';
import type { Finding } from '../../constructs/model/finding';
import { displayNameOf, type KubeObject } from '../../constructs/model/kube-object';
import type { PlannedObject } from '../../constructs/model/plan';

/** Fields of one kind that cannot change. */
interface Fixed {
  /** JSON pointers. What the plan leaves out is not compared. */
  readonly fields: readonly string[];
  /** Replacing it loses data or its ties to data. */
  readonly stateful: boolean;
}

/**
 * What makes Pulumi's Kubernetes provider delete an object and make it anew (4.32, provider/pkg/provider/diff.go), for
 * the kinds that Ashlar makes. `revisionHistoryLimit` is no immutable field to the server, but it is to the provider.
 */
const FIXED: Readonly<Record<string, Fixed>> = {
  'apps/v1 StatefulSet': {
    fields: [
      '/spec/selector',
      '/spec/serviceName',
      '/spec/podManagementPolicy',
      '/spec/revisionHistoryLimit',
      '/spec/volumeClaimTemplates',
    ],
    stateful: true,
  },
  'v1 PersistentVolumeClaim': {
    fields: ['/spec/accessModes', '/spec/selector', '/spec/storageClassName', '/spec/volumeName'],
    stateful: true,
  },
  'apps/v1 Deployment': { fields: ['/spec/selector'], stateful: false },
  'apps/v1 DaemonSet': { fields: ['/spec/selector'], stateful: false },
  'v1 Service': { fields: ['/spec/clusterIP'], stateful: false },
  'batch/v1 Job': { fields: ['/spec/completions', '/spec/parallelism', '/spec/template'], stateful: false },
};

/** True for kinds that have such fields. */
export function hasFixedFields({ apiVersion, kind }: KubeObject): boolean {
  return `${apiVersion} ${kind}` in FIXED;
}

/** The fields of a live object that the plan would change and nobody can. */
export function fixedFieldFindings(object: PlannedObject, live: KubeObject): readonly Finding[] {
  const { manifest, construct, hints } = object;
  const fixed = FIXED[`${manifest.apiVersion} ${manifest.kind}`];
  if (fixed === undefined) return [];
  const isError = fixed.stateful || hints.protect === true;
  return fixed.fields
    .filter((field) => changes(valueAt(manifest, field), valueAt(live, field)))
    .map((field) => ({
      code: 'immutable-field',
      severity: isError ? 'error' : 'warning',
      path: construct,
      object: displayNameOf(manifest),
      message: isError
        ? `A change of ${field} would delete ${displayNameOf(manifest)} and make it anew, away from its data.`
        : `A change of ${field} deletes ${displayNameOf(manifest)} and makes it anew: it is gone for a while.`,
      field,
      got: shown(field, valueAt(manifest, field)),
      allowed: shown(field, valueAt(live, field)),
      fix: isError
        ? 'Take the change back. To make it nevertheless: a second object under another name, move the data, remove the first.'
        : 'Give it another name, so that the new one stands before the old one goes; or let it be gone for a while.',
    }));
}

/** A pod template is long, and may hold what is better not printed. */
function shown(field: string, value: unknown): string {
  if (field === '/spec/template') return 'a template';
  return value === undefined ? 'nothing' : JSON.stringify(value).slice(0, 200);
}

function valueAt(root: unknown, pointer: string): unknown {
  return pointer
    .split('/')
    .slice(1)
    .reduce<unknown>((at, name) => (at as Record<string, unknown> | undefined)?.[name], root);
}

/** What is planned differs from what is there; what the server has added does not count, nor what is known later. */
function changes(planned: unknown, live: unknown): boolean {
  if (planned === undefined || (typeof planned === 'string' && hasTokens(planned))) return false;
  if (typeof planned !== 'object' || planned === null) return !isDeepStrictEqual(planned, live);
  if (typeof live !== 'object' || live === null) return true;
  const [ours, theirs] = [Object.entries(planned), live as Record<string, unknown>];
  if (Array.isArray(planned) && planned.length !== (live as unknown[]).length) return true;
  return ours.some(([key, value]) => changes(value, theirs[key]));
}
