import * as kubernetes from '@pulumi/kubernetes';
import type { CustomResource, CustomResourceOptions } from '@pulumi/pulumi';
import { groupOf, type KubeObject } from '../constructs/model/kube-object';

/** How a resource of the SDK is made. */
export type ResourceClass = new (
  name: string,
  args: Readonly<Record<string, unknown>>,
  options: CustomResourceOptions,
) => CustomResource;

type Modules = Readonly<
  Record<string, Readonly<Record<string, Readonly<Record<string, unknown>> | undefined>> | undefined>
>;

const found = new Map<string, ResourceClass>();

/**
 * The class of the SDK for a kind, told by its `__pulumiType`; `CustomResource` for all others. Two groups whose names
 * start alike (`policy`, `policy.example.com`) are not mixed up that way.
 */
export function classOf({ apiVersion, kind }: KubeObject, suffix: '' | 'Patch' = ''): ResourceClass {
  const key = `${apiVersion}/${kind}${suffix}`;
  let known = found.get(key);
  if (known === undefined) found.set(key, (known = typedClass(apiVersion, `${kind}${suffix}`) ?? untyped(suffix)));
  return known;
}

function typedClass(apiVersion: string, kind: string): ResourceClass | undefined {
  const group = groupOf(apiVersion) || 'core';
  const version = apiVersion.slice(apiVersion.indexOf('/') + 1);
  const module = group.split('.')[0] ?? group;
  const candidate = (kubernetes as unknown as Modules)[module]?.[version]?.[kind];
  const type = (candidate as { readonly __pulumiType?: string } | undefined)?.__pulumiType;
  return type === `kubernetes:${group}/${version}:${kind}` ? (candidate as ResourceClass) : undefined;
}

function untyped(suffix: '' | 'Patch'): ResourceClass {
  const { CustomResource, CustomResourcePatch } = kubernetes.apiextensions;
  return (suffix === '' ? CustomResource : CustomResourcePatch) as unknown as ResourceClass;
}

/** Versions that custom resources go through, as their makers name them. */
const VERSIONS = ['v1alpha1', 'v1alpha2', 'v1alpha3', 'v1beta1', 'v1beta2', 'v1beta3', 'v1', 'v2'];

/**
 * All that groups have ever had whose objects are many: each alias costs the SDK ten promises. Sources: Istio 1.31
 * `manifests/charts/base/files/crd-all.gen.yaml`, argo-rollouts v1.10.1 `manifests/crds`.
 */
const VERSIONS_OF: Readonly<Record<string, readonly string[]>> = {
  'networking.istio.io': ['v1alpha3', 'v1beta1', 'v1'],
  'security.istio.io': ['v1beta1', 'v1'],
  'argoproj.io': ['v1alpha1'],
};

/**
 * The types under which a kind may be known in an older state: its apiVersion is part of a resource's identity. The
 * SDK's own classes bring theirs.
 */
export function earlierTypes(manifest: KubeObject): readonly string[] {
  const { apiVersion, kind } = manifest;
  const group = groupOf(apiVersion);
  if (group === '' || typedClass(apiVersion, kind) !== undefined) return [];
  return (VERSIONS_OF[group] ?? VERSIONS)
    .map((version) => `${group}/${version}`)
    .filter((other) => other !== apiVersion)
    .map((other) => `kubernetes:${other}:${kind}`);
}
