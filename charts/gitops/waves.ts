import type { Plan, PlannedObject } from '../../constructs/model/plan';

/** Kinds that are not ready before the pods that use them: whoever waited for them first would wait for ever. */
const READY_LATER: ReadonlySet<string> = new Set(['PersistentVolumeClaim', 'Ingress']);

/**
 * The wave of each object, from 0: later than that of all that it needs, and no later than it has to be. What is only
 * ready with the pods that need it is in their wave.
 */
export function wavesOf({ objects }: Plan): ReadonlyMap<PlannedObject, number> {
  const waves = new Map<PlannedObject, number>();
  // In a plan each object comes after what it needs.
  for (const object of objects) {
    const after = object.dependsOn.map(({ on }) => (waves.get(on) ?? 0) + (isReadyLater(on) ? 0 : 1));
    waves.set(object, Math.max(0, ...after));
  }
  return waves;
}

function isReadyLater({ manifest, hints }: PlannedObject): boolean {
  return hints.skipAwait === true || READY_LATER.has(manifest.kind);
}
