import type { Plan } from '../constructs/model/plan';

/** Kinds that hold what a protected object needs: where they go, it goes. */
const HOLDERS: ReadonlySet<string> = new Set(['Namespace', 'CustomResourceDefinition', 'PersistentVolumeClaim']);

/** Keys of the objects that are not deleted: those whose hints say so, with their namespaces, definitions and claims. */
export function protectedKeys(plan: Plan): ReadonlySet<string> {
  const keys = new Set<string>();
  for (const { key, hints, dependsOn } of plan.objects) {
    if (hints.protect !== true) continue;
    keys.add(key);
    for (const { on } of dependsOn) if (HOLDERS.has(on.manifest.kind)) keys.add(on.key);
  }
  return keys;
}
