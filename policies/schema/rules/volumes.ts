/**
 * Volumes and their mounts. Source: `ValidateVolumes`, `validateVolumeSource` and `ValidateVolumeMounts` in
 * k8s.io/kubernetes v1.36.3 `pkg/apis/core/validation/validation.go`.
 */
import { isDeferred } from '../../../constructs/model/deferred';
import { isDnsLabel } from '../formats';
import { oneOf, print } from '../print';
import { checkItems } from './volume-items';
import { checkUnique, isKnown, list, nextDuplicate, record, type Data, type Report } from './rule';

/** Checks the volumes of a pod and that every mount finds its volume among them or among the claims of its StatefulSet. */
export function checkVolumes(spec: Data, claims: unknown, path: string, report: Report): void {
  const volumes = list(spec['volumes']);
  for (let index = 0; index < volumes.length; index++) checkVolume(record(volumes[index]), path, index, report);
  checkUnique(volumes, 'name', path, 'volumes', report);
  for (const field of CONTAINER_LISTS) {
    const containers = list(spec[field]);
    for (let index = 0; index < containers.length; index++) {
      const mounts = list(record(containers[index])['volumeMounts']);
      if (mounts.length === 0) continue;
      checkMounts(mounts, spec['volumes'], claims, `${path}/${field}/${index}/volumeMounts`, report);
    }
  }
}

const CONTAINER_LISTS = ['containers', 'initContainers'];

function checkVolume(volume: Data, path: string, index: number, report: Report): void {
  checkItems(volume, `${path}/volumes/${index}`, report);
  const name = volume['name'];
  if (typeof name === 'string' && !isDnsLabel(name)) {
    report(`${path}/volumes/${index}/name`, {
      code: 'bad-name',
      message: `${print(name)} is no valid volume name`,
      got: print(name),
      allowed: 'at most 63 of a-z, 0-9 and -, letter or digit at the ends',
      fix: 'rename the volume',
    });
  }
  checkNamed(volume, `${path}/volumes/${index}`, report);
  const sources = countSources(volume);
  if (sources === 1 || sources === undefined) return;
  report(`${path}/volumes/${index}`, {
    code: sources === 0 ? 'missing-choice' : 'several-choices',
    message: `volume ${print(name)} must have exactly one source`,
    got: `${sources} sources`,
    allowed: 'one source, as emptyDir or configMap',
    fix: sources === 0 ? 'add a source, as emptyDir: {}' : 'keep one source',
  });
}

/** What a source leads to, by the field that names it. */
const NAMED = [
  ['persistentVolumeClaim', 'claimName'],
  ['secret', 'secretName'],
  ['configMap', 'name'],
  ['hostPath', 'path'],
  ['csi', 'driver'],
] as const;

function checkNamed(volume: Data, path: string, report: Report): void {
  for (const [source, field] of NAMED) {
    if (record(volume[source])[field] !== '') continue;
    report(`${path}/${source}/${field}`, {
      code: 'missing-field',
      message: `${path}/${source} names nothing`,
      got: 'an empty text',
      allowed: 'a name',
      fix: `give ${field} its value`,
    });
  }
}

/** How many sources a volume has; `undefined` for a volume that holds nothing, or nothing that is known. */
function countSources(volume: Data): number | undefined {
  let sources: number | undefined;
  for (const field in volume) {
    const value = volume[field];
    if (value === undefined) continue;
    sources = (sources ?? 0) + (field === 'name' || value === null ? 0 : 1);
  }
  return sources;
}

function checkMounts(
  mounts: readonly unknown[],
  volumes: unknown,
  claims: unknown,
  path: string,
  report: Report,
): void {
  for (let index = 0; index < mounts.length; index++) {
    const mount = record(mounts[index]);
    const name = mount['name'];
    if (typeof name === 'string' && !hasVolume(volumes, name) && !hasClaim(claims, name)) {
      unknownVolume(name, list(volumes), `${path}/${index}/name`, report);
    }
    if (mount['subPath'] !== undefined) checkSubPath(mount, `${path}/${index}`, report);
  }
  for (let at = nextDuplicate(mounts, 'mountPath'); at >= 0; at = nextDuplicate(mounts, 'mountPath', at + 1)) {
    const mountPath = String(record(mounts[at])['mountPath']);
    report(`${path}/${at}/mountPath`, {
      code: 'duplicate-mount-path',
      message: `two volumes are mounted at ${mountPath}`,
      got: mountPath,
      allowed: 'paths that differ',
      fix: 'mount one of them elsewhere',
    });
  }
}

function unknownVolume(name: string, volumes: readonly unknown[], field: string, report: Report): void {
  const known = volumes.map((volume) => record(volume)['name']).filter((other) => typeof other === 'string');
  report(field, {
    code: 'unknown-volume',
    message: `the pod has no volume named ${name}`,
    got: name,
    allowed: known.length === 0 ? 'no mounts, as the pod has no volumes' : oneOf(known),
    fix: `add a volume ${name}, or mount one of those that are there`,
  });
}

function checkSubPath({ subPath, subPathExpr }: Data, path: string, report: Report): void {
  if (isKnown(subPath) && isKnown(subPathExpr)) {
    report(`${path}/subPathExpr`, {
      code: 'several-choices',
      message: 'a mount has subPath or subPathExpr, not both',
      got: 'both',
      allowed: 'one of them',
      fix: 'remove one of them',
    });
  }
  if (typeof subPath !== 'string' || !(subPath.startsWith('/') || subPath.split('/').includes('..'))) return;
  report(`${path}/subPath`, {
    code: 'bad-sub-path',
    message: 'subPath stays inside the volume',
    got: subPath,
    allowed: 'a relative path without ..',
    fix: 'make it relative',
  });
}

/** Whether a list has a volume of that name, or one that is not known yet. */
function hasVolume(volumes: unknown, name: string): boolean {
  return isDeferred(volumes) || list(volumes).some((volume) => mayBeNamed(volume, name));
}

/** As `hasVolume`, for claim templates, which keep the name in their metadata. */
function hasClaim(claims: unknown, name: string): boolean {
  return (
    isDeferred(claims) || list(claims).some((claim) => isDeferred(claim) || mayBeNamed(record(claim)['metadata'], name))
  );
}

function mayBeNamed(holder: unknown, name: string): boolean {
  const own = record(holder)['name'];
  return own === name || isDeferred(holder) || isDeferred(own);
}
