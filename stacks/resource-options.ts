import type { CustomResourceOptions } from '@pulumi/pulumi';
import { conditionOf } from '../charts/conditions';
import type { KubeObject } from '../constructs/model/kube-object';
import type { PlannedObject } from '../constructs/model/plan';

/** What the engine is told about an object by its hints. */
export function optionsOf({ hints }: PlannedObject, isProtected: boolean): CustomResourceOptions {
  const { ownedElsewhere = [], retain, keepEarlier } = hints;
  return {
    ...(isProtected && { protect: true }),
    ...((isProtected || retain === true || keepEarlier === true) && { retainOnDelete: true }),
    ...(ownedElsewhere.length > 0 && { ignoreChanges: ownedElsewhere.map(propertyPath) }),
  };
}

/** A JSON pointer as Pulumi writes paths: `/spec/http/0/weight` is `spec.http[0].weight`. */
export function propertyPath(pointer: string): string {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map((part, index) => {
      if (/^\d+$/.test(part)) return `[${part}]`;
      if (!/^[A-Za-z_][\w-]*$/.test(part)) return `[${JSON.stringify(part)}]`;
      return index === 0 ? part : `.${part}`;
    })
    .join('');
}

/** Name under which fields are owned at the API server, whatever Pulumi would make up (`pulumi-kubernetes-<hash>`). */
const FIELD_MANAGER = 'ashlar';

/**
 * A manifest with what the Kubernetes provider reads from annotations: who owns its fields, and what it waits for.
 * What the program says there stays.
 */
export function annotated(manifest: KubeObject, { hints }: PlannedObject): KubeObject {
  const { metadata } = manifest;
  const annotations = {
    'pulumi.com/patchFieldManager': FIELD_MANAGER,
    ...waiting(manifest, hints),
    ...metadata.annotations,
  };
  return { ...manifest, metadata: { ...metadata, annotations } };
}

/**
 * Custom resources are ready when their operator says so. A claim binds with its first pod, and a Service is
 * ready with its pods, which are awaited themselves: waiting for these first would take ten seconds, or for ever. The
 * address of a load balancer is an output, so that is waited for.
 */
function waiting(manifest: KubeObject, hints: PlannedObject['hints']): Readonly<Record<string, string>> {
  const condition = hints.readyWhen ?? conditionOf(manifest);
  if (condition !== undefined) return { 'pulumi.com/waitFor': JSON.stringify([condition]) };
  return hints.skipAwait === true || isAwaitedByItsPods(manifest) ? { 'pulumi.com/skipAwait': 'true' } : {};
}

function isAwaitedByItsPods({ apiVersion, kind, ...manifest }: KubeObject): boolean {
  if (apiVersion !== 'v1') return kind === 'Ingress' && apiVersion === 'networking.k8s.io/v1';
  if (kind === 'PersistentVolumeClaim') return true;
  return kind === 'Service' && (manifest['spec'] as { type?: string } | undefined)?.type !== 'LoadBalancer';
}
