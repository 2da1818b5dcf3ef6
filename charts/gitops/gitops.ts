import { AshlarError } from '../../constructs/model/error';
import type { GitOpsTarget } from '../../constructs/model/environment';
import type { Finding } from '../../constructs/model/finding';
import type { KubeObject } from '../../constructs/model/kube-object';
import type { Plan, PlannedObject } from '../../constructs/model/plan';

/** A tool that brings what is in a repository into clusters. */
export type GitOpsTool = 'argocd' | 'flux';

/** What a tool is given for one plan. */
export interface GitOpsFiles {
  /** The tool's own objects: Applications, Kustomizations. */
  readonly objects: readonly KubeObject[];
  /** An object as the tool wants it: with its wave, and with what it must not delete. */
  annotate(object: PlannedObject): KubeObject;
  /** One folder a chart, where the tool takes folders. */
  readonly foldersByChart: boolean;
  /** What the tool cannot do. */
  readonly findings: readonly Finding[];
}

/**
 * Where a plan's environment is found and goes.
 * @throws AshlarError `no-gitops-target`
 */
export function targetOf({ environment }: Plan): GitOpsTarget {
  if (environment.gitops !== undefined) return environment.gitops;
  throw new AshlarError({
    code: 'no-gitops-target',
    path: `environments/${environment.name}.yaml`,
    message: 'The environment does not say in which repository its objects lie.',
    field: 'gitops',
    got: 'nothing',
    allowed: 'gitops.repository, and what differs from the defaults',
    fix: 'Add the lines "gitops:" and "  repository: https://github.com/acme/shop-deploy.git".',
  });
}

/** Names of the tool's objects: one platform may be in one cluster several times. */
export function nameOf({ platform, environment }: Plan, ...more: readonly string[]): string {
  return [platform, environment.name, ...more].join('-');
}

/** Labels of the tool's objects. */
export function labelsOf({ platform }: Plan): Readonly<Record<string, string>> {
  return { 'app.kubernetes.io/part-of': platform, 'app.kubernetes.io/managed-by': 'ashlar' };
}

/** A manifest with annotations; what it says itself stays, and lists of options are joined. */
export function withAnnotations(manifest: KubeObject, added: Readonly<Record<string, string>>): KubeObject {
  const { metadata } = manifest;
  const own = metadata.annotations ?? {};
  const joined = Object.entries(added).map(([key, value]) => {
    const said = own[key];
    return [key, said === undefined || said === value ? value : `${said},${value}`] as const;
  });
  const annotations = { ...own, ...Object.fromEntries(joined) };
  return Object.keys(annotations).length === 0 ? manifest : { ...manifest, metadata: { ...metadata, annotations } };
}
