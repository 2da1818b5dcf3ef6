import type { IConstruct } from 'constructs';
import type { KubeObject } from '../../../model/kube-object';
import { budgetSpec, scalerSpec } from '../../availability';
import { ownershipLabels } from '../../labels';
import type { ResourceFacts } from '../../pod';
import { isScaled, type ScaleFacts } from '../../scaling';

/** What a gateway's proxy asks for where nobody says it (Istio 1.31, istiod/values.yaml, `global.proxy.resources`). */
export const PROXY_RESOURCES: ResourceFacts = {
  requests: { cpu: '100m', memory: '128Mi' },
  limits: { memory: '1Gi' },
};

/** Pods that istiod makes for a Gateway. */
export interface MadePods {
  /** Name of the Gateway, and of the ConfigMap. */
  readonly name: string;
  /** Namespace of all of them. */
  readonly namespace: string;
  /** Labels that istiod puts on the pods. */
  readonly labels: Readonly<Record<string, string>>;
  /** How many. */
  readonly scale: ScaleFacts;
  /** What each takes. */
  readonly resources: ResourceFacts;
}

/** How a Gateway names the ConfigMap, in `spec.infrastructure`. */
export function parametersRef(name: string): object {
  return { parametersRef: { group: '', kind: 'ConfigMap', name } };
}

/**
 * What istiod's own template leaves out (Istio 1.31, "Gateway deployment customization"): how many, what each takes, how
 * they are spread, and the seccomp profile without which Pod Security `restricted` refuses them.
 */
export function renderParameters(construct: IConstruct, pods: MadePods): KubeObject {
  const { name, namespace, labels, scale, resources } = pods;
  const deployment = {
    spec: {
      ...(!isScaled(scale) && { replicas: scale.min }),
      template: {
        spec: {
          securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
          topologySpreadConstraints: [
            {
              maxSkew: 1,
              topologyKey: 'topology.kubernetes.io/zone',
              whenUnsatisfiable: 'ScheduleAnyway',
              labelSelector: { matchLabels: labels },
            },
          ],
          containers: [{ name: 'istio-proxy', resources }],
        },
      },
    },
  };
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace, labels: { ...ownershipLabels(construct) } },
    data: {
      deployment: textOf(deployment),
      ...(isScaled(scale) && { horizontalPodAutoscaler: textOf({ spec: scalerSpec(scale) }) }),
      ...(scale.max > 1 && { podDisruptionBudget: textOf({ spec: budgetSpec(scale) }) }),
    },
  };
}

function textOf(overlay: object): string {
  return `${JSON.stringify(overlay, null, 2)}\n`;
}
