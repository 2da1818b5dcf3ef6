import type { Construct } from 'constructs';
import { TeamObject } from './model/adopted';
import { componentOf } from './model/component';
import { dataOf } from './model/deferred';
import { Element } from './model/element';
import type { KubeObject } from './model/kube-object';
import type { Problem } from './model/finding';
import { declare, report } from './model/recorder';

/**
 * Plain manifests: a custom resource of the team's own, the rendered output of a Helm chart. They take part in the
 * plan, its order, its checks and its policies like everything else.
 *
 * Errors: `bad-manifest`, `manifest-elsewhere` (a warning), `unknown-kind` where no definition is given for a custom
 * resource.
 *
 * @example
 * ```ts
 * Manifest.from(ordering, 'report', { apiVersion: 'acme.example/v1', kind: 'Report', metadata: { name: 'daily' }, spec: {} });
 * ```
 */
export class Manifest extends Element {
  private constructor(scope: Construct, id: string, objects: readonly unknown[]) {
    super(scope, id);
    const component = componentOf(this);
    const namespace = 'namespace' in component ? component.namespace : undefined;
    for (const [index, object] of objects.entries()) {
      const holder = objects.length === 1 ? this : new ManifestPart(this, `object-${index + 1}`);
      const field = objects.length === 1 ? 'manifest' : `manifest/${index}`;
      if (isKubeObject(object)) {
        const manifest = placed(dataOf(holder, '', object) as KubeObject, namespace);
        declare(holder, TeamObject, { render: () => manifest });
        if (namespace !== undefined && isElsewhere(manifest, namespace)) report(holder, elsewhere(manifest, namespace));
      } else {
        report(holder, {
          code: 'bad-manifest',
          message: 'This is no Kubernetes object.',
          field,
          got: typeof object === 'object' ? 'an object without apiVersion, kind or metadata.name' : typeof object,
          allowed: 'an object with apiVersion, kind and metadata.name',
          fix: 'Give the parsed manifest, not its text.',
        });
      }
    }
  }

  /**
   * Adds one manifest or several.
   * Namespaced objects that name no namespace get that of their context; give cluster-scoped ones to the platform.
   */
  static from(scope: Construct, id: string, manifest: object | readonly object[]): Manifest {
    return new Manifest(scope, id, Array.isArray(manifest) ? manifest : [manifest]);
  }
}

class ManifestPart extends Element {}

function isKubeObject(value: unknown): value is KubeObject {
  const object = value as Partial<KubeObject> | null;
  return (
    typeof object === 'object' &&
    object !== null &&
    typeof object.apiVersion === 'string' &&
    typeof object.kind === 'string' &&
    typeof object.metadata?.name === 'string'
  );
}

/** Kinds of the cluster itself that teams are likely to bring (Kubernetes 1.36). */
const CLUSTER_SCOPED: ReadonlySet<string> = new Set([
  'APIService',
  'ClusterRole',
  'ClusterRoleBinding',
  'CustomResourceDefinition',
  'GatewayClass',
  'IngressClass',
  'MutatingWebhookConfiguration',
  'Namespace',
  'PersistentVolume',
  'PriorityClass',
  'RuntimeClass',
  'StorageClass',
  'ValidatingAdmissionPolicy',
  'ValidatingAdmissionPolicyBinding',
  'ValidatingWebhookConfiguration',
]);

function isElsewhere({ metadata }: KubeObject, namespace: string): boolean {
  return metadata.namespace !== undefined && metadata.namespace !== namespace;
}

function elsewhere({ metadata }: KubeObject, namespace: string): Problem {
  return {
    code: 'manifest-elsewhere',
    severity: 'warning',
    message: 'The object stands in a context, but its manifest puts it into another namespace.',
    field: 'metadata.namespace',
    got: metadata.namespace ?? '',
    allowed: `${namespace}, or no namespace`,
    fix: 'Leave the namespace out, give the object to its own context or to the platform, or accept the finding.',
  };
}

function placed(manifest: KubeObject, namespace: string | undefined): KubeObject {
  if (namespace === undefined || manifest.metadata.namespace !== undefined || CLUSTER_SCOPED.has(manifest.kind))
    return manifest;
  const { name, ...rest } = manifest.metadata;
  return { ...manifest, metadata: { name, namespace, ...rest } };
}
