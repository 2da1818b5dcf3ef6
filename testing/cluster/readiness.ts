import type { KubeObject } from '../../constructs/model/kube-object';

/** Why an object is not ready, in words; undefined once it is. */
type Judge = (object: Loose) => string | undefined;

/** The parts of an object that say whether it is ready. Which of them there are depends on the kind. */
interface Loose {
  readonly metadata: { readonly generation?: number };
  readonly spec?: {
    readonly replicas?: number;
    readonly suspend?: boolean;
    readonly hard?: Readonly<Record<string, unknown>>;
  };
  readonly status?: {
    readonly phase?: string;
    readonly observedGeneration?: number;
    readonly replicas?: number;
    readonly updatedReplicas?: number;
    readonly availableReplicas?: number;
    readonly desiredNumberScheduled?: number;
    readonly numberAvailable?: number;
    readonly updatedNumberScheduled?: number;
    readonly hard?: Readonly<Record<string, unknown>>;
    readonly conditions?: readonly { readonly type: string; readonly status: string; readonly message?: string }[];
  };
}

/** What each kind has to show. A kind that is not listed is ready once it is stored. */
const JUDGES: Readonly<Record<string, Judge>> = {
  Namespace: phase('Active'),
  PersistentVolumeClaim: phase('Bound'),
  CustomResourceDefinition: condition('Established'),
  APIService: condition('Available'),
  Job: (object) => (object.spec?.suspend === true ? undefined : condition('Complete')(object)),
  Deployment: (object) => observed(object) ?? replicas(object),
  StatefulSet: (object) => observed(object) ?? replicas(object),
  DaemonSet: (object) => observed(object) ?? daemons(object),
  PodDisruptionBudget: observed,
  ValidatingAdmissionPolicy: observed,
  ResourceQuota: quota,
};

/** Kinds that the API server alone makes ready. */
const WITHOUT_CONTROLLERS: ReadonlySet<string> = new Set(['Namespace', 'CustomResourceDefinition', 'APIService']);

/**
 * Why an object is not ready yet: a namespace has to be active, a Deployment to have all its replicas updated and
 * available, a job to be complete or suspended, a claim to be bound; undefined once it is.
 *
 * @param object - as it is stored
 * @param controllers - whether controllers run: without them most kinds stay as they are stored
 */
export function whyNotReady(object: KubeObject, controllers = true): string | undefined {
  if (!controllers && !WITHOUT_CONTROLLERS.has(object.kind)) return undefined;
  return JUDGES[object.kind]?.(object as Loose);
}

function phase(wanted: string): Judge {
  return ({ status }) => (status?.phase === wanted ? undefined : `phase ${status?.phase ?? 'unknown'}, not ${wanted}`);
}

function condition(type: string): Judge {
  return ({ status }) => {
    const found = status?.conditions?.find((one) => one.type === type);
    return found?.status === 'True' ? undefined : `not ${type}: ${found?.message ?? 'no such condition yet'}`;
  };
}

function observed({ metadata, status }: Loose): string | undefined {
  return (status?.observedGeneration ?? 0) >= (metadata.generation ?? 1) ? undefined : 'no controller has seen it yet';
}

function replicas({ spec, status }: Loose): string | undefined {
  const wanted = spec?.replicas ?? 1;
  const { replicas: all = 0, updatedReplicas = 0, availableReplicas = 0 } = status ?? {};
  if (updatedReplicas === wanted && availableReplicas === wanted && all === wanted) return undefined;
  return `${updatedReplicas} updated and ${availableReplicas} available of ${wanted} replicas, ${all} in all`;
}

function daemons({ status }: Loose): string | undefined {
  const { desiredNumberScheduled = 0, numberAvailable = 0, updatedNumberScheduled = 0 } = status ?? {};
  if (numberAvailable === desiredNumberScheduled && updatedNumberScheduled === desiredNumberScheduled) return undefined;
  return `${numberAvailable} available of ${desiredNumberScheduled} pods`;
}

/** A quota counts once the controller has taken its limits over. */
function quota({ spec, status }: Loose): string | undefined {
  const counted = Object.keys(status?.hard ?? {});
  const missing = Object.keys(spec?.hard ?? {}).filter((name) => !counted.includes(name));
  return missing.length === 0 ? undefined : `not counted yet: ${missing.join(', ')}`;
}
