import type { KubeObject } from 'ashlar';
import { parseQuantity } from '../../../constructs/model/quantity';
import type { ClusterClient } from 'ashlar/testing/cluster';
import type { Pod } from './pods';

/** A quota as it is stored. */
export interface Quota extends KubeObject {
  readonly status: {
    readonly hard: Readonly<Record<string, string>>;
    readonly used: Readonly<Record<string, string>>;
  };
}

/** Looks at the quotas of namespaces again and again, until it is stopped; says the largest share of each, in percent. */
export function watchQuotas(
  cluster: ClusterClient,
  namespaces: readonly string[],
): { stop(): Promise<ReadonlyMap<string, number>> } {
  const peaks = new Map<string, number>(namespaces.map((name) => [name, 0]));
  let goesOn = true;
  const watching = (async () => {
    while (goesOn) {
      for (const quota of await cluster.list<Quota>('v1', 'ResourceQuota')) {
        const { namespace = '' } = quota.metadata;
        const peak = peaks.get(namespace);
        if (peak !== undefined) peaks.set(namespace, Math.max(peak, shareOf(quota)));
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return peaks;
  })();
  return {
    stop: () => {
      goesOn = false;
      return watching;
    },
  };
}

function shareOf({ status: { hard, used } }: Quota): number {
  const shares = Object.entries(hard).map(([name, limit]) => parseQuantity(used[name] ?? '0') / parseQuantity(limit));
  return Math.round(100 * Math.max(...shares));
}

/** A pod of nobody's with the same permissions as another, and with next to no resources. */
export function bareLike({ metadata: { namespace }, spec }: Pod, name: string): KubeObject {
  const [container] = spec.containers;
  const resources = { requests: { cpu: '1m', memory: '1Mi' }, limits: { cpu: '1m', memory: '1Mi' } };
  const { serviceAccountName, securityContext } = spec as unknown as Record<string, unknown>;
  const bare = { name: 'bare', image: container?.image, securityContext: container?.securityContext, resources };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace },
    spec: { serviceAccountName, securityContext, containers: [bare] },
  };
}
