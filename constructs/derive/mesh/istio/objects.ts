import type { IConstruct } from 'constructs';
import type { KubeObject } from '../../../model/kube-object';
import { NAME_LABEL, ownershipLabels } from '../../labels';

/** Kinds that Istio serves in an older version only (Istio API 1.31). */
const OLDER: Readonly<Record<string, string>> = { EnvoyFilter: 'v1alpha3' };

/** An object of one of Istio's groups (Istio API 1.31). */
export function istioObject(
  api: 'networking' | 'security' | 'telemetry',
  kind: string,
  at: IConstruct,
  { name, namespace, of }: { readonly name: string; readonly namespace: string; readonly of?: string },
  spec: object,
): KubeObject {
  return {
    apiVersion: `${api}.istio.io/${OLDER[kind] ?? 'v1'}`,
    kind,
    metadata: {
      name,
      namespace,
      labels: { ...(of !== undefined && { [NAME_LABEL]: of }), ...ownershipLabels(at) },
    },
    spec,
  };
}
