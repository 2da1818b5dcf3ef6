/**
 * Volumes and their mounts. Source: `ValidateVolumes`, `validateVolumeSource` and `ValidateVolumeMounts` in
 * k8s.io/kubernetes v1.36.3 `pkg/apis/core/validation/validation.go`.
 */
import { isDeferred } from '../deferred';
import { isDnsLabel } from '../formats';
import { oneOf, print } from '../print';
import { eachDuplicate, isKnown, list, record, type Data, type Report } from './rule';

/** Checks the volumes of a pod and that every mount finds its volume among them or among the claims of its StatefulSet. */
export function checkVolumes(spec: Data, claims: unknown, path: string, report: Report): void {
  const volumes = list(spec['volumes']);
  for (let index = 0; index < volumes.length; index++) checkVolume(record(volumes[index]), `${path}/volumes/${index}`, report);
  eachDuplicate(volumes, 'name', (index, name) => report(`${path}/volumes/${index}/name`, {
    code: 'duplicate-name', message: `two volumes are named ${name}`, got: name, allowed: 'names that differ', fix: 'rename one of them',
  }));
  for (const field of CONTAINER_LISTS) {
    const containers = list(spec[field]);
    for (let index = 0; index < containers.length; index++) {
      checkMounts(list(record(containers[index])['volumeMounts']), spec['volumes'], claims, `${path}/${field}/${index}/volumeMounts`, report);
    }
  }
}

const CONTAINER_LISTS = ['containers', 'initContainers'];

function checkVolume(volume: Data, path: string, report: Report): void {
  const name = volume['name'];
  if (typeof name === 'string' && !isDnsLabel(name)) {
    report(`${path}/name`, { code: 'bad-name', message: `${print(name)} is no valid volume name`, got: print(name), allowed: 'at most 63 of a-z, 0-9 and -, letter or digit at the ends', fix: 'rename the volume' });
  }
  let sources = 0;
  let fields = 0;
  for (const field in volume) {
    if (volume[field] === undefined) continue;
    fields++;
    if (field !== 'name' && volume[field] !== null) sources++;
  }
  if (sources === 1 || fields === 0) return;
  report(path, {
    code: sources === 0 ? 'missing-choice' : 'several-choices', message: `volume ${print(name)} must have exactly one source`, got: `${sources} sources`,
    allowed: 'one source, as emptyDir or configMap', fix: sources === 0 ? 'add a source, as emptyDir: {}' : 'keep one source',
  });
}

function checkMounts(mounts: readonly unknown[], volumes: unknown, claims: unknown, path: string, report: Report): void {
  for (let index = 0; index < mounts.length; index++) {
    const { name, subPath, subPathExpr } = record(mounts[index]);
    if (typeof name === 'string' && !mayHold(volumes, name, false) && !mayHold(claims, name, true)) {
      const known = list(volumes).map((volume) => record(volume)['name']).filter((known) => typeof known === 'string');
      report(`${path}/${index}/name`, {
        code: 'unknown-volume', message: `the pod has no volume named ${name}`, got: name, allowed: known.length === 0 ? 'no mounts, as the pod has no volumes' : oneOf(known),
        fix: `add a volume ${name}, or mount one of those that are there`,
      });
    }
    if (isKnown(subPath) && isKnown(subPathExpr)) {
      report(`${path}/${index}/subPathExpr`, { code: 'several-choices', message: 'a mount has subPath or subPathExpr, not both', got: 'both', allowed: 'one of them', fix: 'remove one of them' });
    }
    if (typeof subPath === 'string' && (subPath.startsWith('/') || subPath.split('/').includes('..'))) {
      report(`${path}/${index}/subPath`, { code: 'bad-sub-path', message: 'subPath stays inside the volume', got: subPath, allowed: 'a relative path without ..', fix: 'make it relative' });
    }
  }
  eachDuplicate(mounts, 'mountPath', (index, mountPath) => report(`${path}/${index}/mountPath`, {
    code: 'duplicate-mount-path', message: `two volumes are mounted at ${mountPath}`, got: mountPath, allowed: 'paths that differ', fix: 'mount one of them elsewhere',
  }));
}

/** Whether a list has an element of that name, or one that is not known yet. Claims keep the name in their metadata. */
function mayHold(elements: unknown, name: string, inMetadata: boolean): boolean {
  if (isDeferred(elements)) return true;
  return list(elements).some((element) => {
    const holder = inMetadata && !isDeferred(element) ? record(element)['metadata'] : element;
    const own = record(holder)['name'];
    return own === name || isDeferred(holder) || isDeferred(own) || isDeferred(element);
  });
}
