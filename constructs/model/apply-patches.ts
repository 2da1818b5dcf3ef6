import { byText, groupBy } from './order';
import type { OpenObject } from './dependencies';
import type { Finding } from './finding';
import { displayNameOf, keyOfManifest, type KubeObject } from './kube-object';
import type { ObjectSelector, Patch } from './records';

type Report = (finding: Finding) => void;

/** Applies every patch once, in the order in which they were recorded for one construct. */
export function applyPatches(
  objects: readonly OpenObject[],
  patches: readonly Patch[],
  environment: string,
  report: Report,
): void {
  if (patches.length === 0) return;
  const byKind = groupBy(objects, (object) => object.manifest.kind);
  for (const patch of patches) {
    const targets = (byKind.get(patch.selector.kind) ?? []).filter((object) => matches(patch, object));
    if (targets.length === 0) report(withoutObject(patch, objects));
    for (const target of targets) applyOne(target, patch, environment, report);
  }
}

function matches({ path, selector }: Patch, { construct, manifest }: OpenObject): boolean {
  if (construct !== path && !construct.startsWith(`${path}/`)) return false;
  if (selector.apiVersion !== undefined && selector.apiVersion !== manifest.apiVersion) return false;
  return selector.name === undefined || selector.name === manifest.metadata.name;
}

function applyOne(target: OpenObject, patch: Patch, environment: string, report: Report): void {
  try {
    const copy = copyOf(target.manifest) as KubeObject;
    const patched = jsonPatch().applyPatch(copy, patch.operations, true, true, true).newDocument;
    target.key = keyOfManifest(patched);
    target.manifest = patched;
    target.patches = [...target.patches, patch.source];
  } catch (error) {
    report({
      code: 'patch-failed',
      severity: 'error',
      path: patch.path,
      object: displayNameOf(target.manifest),
      message: `The patch at ${patch.source.at} does not apply.`,
      got: (error as Error).message.split('\n')[0] ?? '',
      allowed: 'operations of JSON Patch (RFC 6902) whose paths exist in the object',
      fix: `See the object as it is with: ashlar explain --env ${environment} ${displayNameOf(target.manifest)}`,
    });
  }
}

/** A copy in which no two places share a part: a patch changes only what it names. */
function copyOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copyOf);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, copyOf(member)]));
}

interface JsonPatch {
  applyPatch(
    document: KubeObject,
    operations: Patch['operations'],
    validate: boolean,
    mutate: boolean,
    banPrototype: boolean,
  ): { newDocument: KubeObject };
}

/** Loaded by the first patch only: most platforms have none. */
function jsonPatch(): JsonPatch {
  return require('fast-json-patch') as JsonPatch;
}

function withoutObject(patch: Patch, objects: readonly OpenObject[]): Finding {
  const there = objects
    .filter((object) => object.construct === patch.path || object.construct.startsWith(`${patch.path}/`))
    .map((object) => displayNameOf(object.manifest))
    .sort(byText);
  return {
    code: 'patch-without-object',
    severity: 'error',
    path: patch.path,
    message: `The patch at ${patch.source.at} matches no object.`,
    got: describe(patch.selector),
    allowed: there.length === 0 ? 'nothing: the construct has no objects' : there.join(', '),
    fix: 'Correct the selector, or remove the patch.',
  };
}

function describe({ kind, apiVersion, name }: ObjectSelector): string {
  return [apiVersion, kind, name].filter((part) => part !== undefined).join(' ');
}
