import type { KubeObject } from 'ashlar';
import type { ClusterClient, ObjectId } from 'ashlar/testing/cluster';

/** A container, as far as proofs look into it. */
export interface Container {
  readonly name: string;
  readonly image: string;
  readonly env?: readonly EnvVariable[];
  readonly securityContext?: Readonly<Record<string, unknown>>;
}

/** A variable: a value, or a key of a ConfigMap. */
export interface EnvVariable {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: { readonly configMapKeyRef?: { readonly name: string; readonly key: string } };
}

/** A pod, as far as proofs look into it. */
export interface Pod extends KubeObject {
  readonly metadata: KubeObject['metadata'] & {
    readonly name: string;
    readonly namespace: string;
    readonly uid: string;
    readonly deletionTimestamp?: string;
  };
  readonly spec: {
    readonly nodeName?: string;
    readonly containers: readonly Container[];
    readonly volumes?: readonly { readonly configMap?: { readonly name: string } }[];
  };
  readonly status: {
    readonly phase?: string;
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
    readonly containerStatuses?: readonly { readonly state?: { readonly waiting?: { readonly reason: string } } }[];
  };
}

/** The pods of a workload, or all of a namespace; those apart that are ending. */
export async function podsOf(cluster: ClusterClient, namespace: string, workload?: string): Promise<readonly Pod[]> {
  const labels = workload === undefined ? {} : { labels: { 'app.kubernetes.io/name': workload } };
  const pods = await cluster.list<Pod>('v1', 'Pod', { namespace, ...labels });
  return pods.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
}

/** True where a pod may be sent traffic. */
export function isReady({ status }: Pod): boolean {
  return status.conditions?.some((one) => one.type === 'Ready' && one.status === 'True') ?? false;
}

/** A Deployment by its name. */
export function deployment(namespace: string, name: string): ObjectId {
  return { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { namespace, name } };
}

/** Why pods of a namespace could not be made so far: messages of all events `FailedCreate`. */
export async function failedCreations(cluster: ClusterClient, namespace?: string): Promise<readonly string[]> {
  const within = namespace === undefined ? {} : { namespace };
  const events = await cluster.list<{ readonly reason?: string; readonly message?: string }>('v1', 'Event', within);
  const messages = events.filter(({ reason }) => reason === 'FailedCreate').map(({ message = '' }) => message);
  // Two pods at once were counted by one quota: the controller tries again at once.
  return messages.filter((message) => !message.includes('the object has been modified'));
}
