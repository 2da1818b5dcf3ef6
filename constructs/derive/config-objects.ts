import type { IConstruct } from 'constructs';
import type { KubeObject } from '../model/kube-object';
import { shared } from '../model/shared';
import { LABEL_PREFIX, ownershipLabels } from './labels';

/** What is rendered of one content of a configuration. */
export interface RenderedVersion {
  readonly name: string;
  readonly data: Readonly<Record<string, string>>;
  readonly secret: Readonly<Record<string, string>>;
  readonly change: 'roll' | 'replace';
}

/** An earlier revision is still read by the pods of an earlier release, so no tool may prune it with this one gone. */
const NEVER_PRUNED = shared({
  'argocd.argoproj.io/sync-options': 'Prune=false',
  'argocd.argoproj.io/compare-options': 'IgnoreExtraneous',
  'kustomize.toolkit.fluxcd.io/prune': 'disabled',
});

/** Who it belongs to. */
function metadataFor(construct: IConstruct, namespace: string, name: string): KubeObject['metadata'] {
  const labels = { [`${LABEL_PREFIX}/config`]: construct.node.id, ...ownershipLabels(construct) };
  return { name, namespace, labels };
}

/** The values that nobody may read, as a Secret of the same name. */
export function renderSecret(construct: IConstruct, namespace: string, { name, secret }: RenderedVersion): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: metadataFor(construct, namespace, name),
    type: 'Opaque',
    stringData: secret,
  };
}

/** The values of a version as a ConfigMap: immutable where a new content gets a new name. */
export function renderConfigMap(
  construct: IConstruct,
  namespace: string,
  { name, data, change }: RenderedVersion,
): KubeObject {
  const rolls = change === 'roll';
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { ...metadataFor(construct, namespace, name), ...(rolls && { annotations: NEVER_PRUNED }) },
    ...(rolls && { immutable: true }),
    data,
  };
}

/** The files of a configuration: those that nobody may read lie beside the others. */
export function filesOf({ name, data, secret }: RenderedVersion): object {
  if (Object.keys(secret).length === 0) return { configMap: { name } };
  if (Object.keys(data).length === 0) return { secret: { secretName: name } };
  return { projected: { sources: [{ configMap: { name } }, { secret: { name } }] } };
}

/** Who reads which content of which configuration. */
