import { keyOfManifest } from '../../../constructs/model/kube-object';
import type { Applied } from 'ashlar/testing/cluster';
import { lostFields } from './stored';

/** What was not taken as it was sent: refused, warned about, not stored whole. */
export function misfits(applied: readonly Applied[]): readonly string[] {
  return applied.flatMap(({ manifest, verdict }) => {
    const lost = verdict.object === undefined ? [] : lostFields(manifest, verdict.object);
    return [verdict.message, ...verdict.warnings, ...lost]
      .filter((text) => text !== '')
      .map((text) => `${keyOfManifest(manifest)}: ${text}`);
  });
}

/** What was done, each once. */
export function outcomes(applied: readonly Applied[]): readonly string[] {
  return [...new Set(applied.map(({ outcome }) => outcome))];
}
