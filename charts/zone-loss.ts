import { AshlarError } from '../constructs/model/error';
import { displayNameOf, type KubeObject } from '../constructs/model/kube-object';
import type { Plan } from '../constructs/model/plan';
import { podTemplateOf } from '../constructs/model/references';

/** What is left of a workload at the moment at which a zone is gone, before anything takes the place of what was there. */
export interface ZoneLoss {
  /** Name of the workload: `Deployment/ordering/orders`. */
  readonly workload: string;
  /** Pods that it has; where a scaler decides, the fewest. */
  readonly pods: number;
  /** Pods that are left in any case. */
  readonly least: number;
  /** Pods that are left at best: which zones have one more than others, nobody knows before. */
  readonly most: number;
  /**
   * What becomes of those that are gone: `elsewhere`, others take their place in zones that are left; `waits`, their
   * volumes are in the zone, so they wait for it.
   */
  readonly gone: 'elsewhere' | 'waits';
  /** Whether pods have to be spread over zones. Where they need not be, all of them may be in one. */
  readonly isSpread: boolean;
}

interface Spec {
  readonly replicas?: number;
  readonly volumeClaimTemplates?: readonly object[];
}

interface PodSpec {
  readonly volumes?: readonly { readonly persistentVolumeClaim?: object }[];
  readonly topologySpreadConstraints?: readonly {
    readonly topologyKey: string;
    readonly whenUnsatisfiable: string;
    readonly maxSkew: number;
  }[];
}

interface Scaler {
  readonly minReplicas?: number;
  readonly scaleTargetRef: { readonly kind: string; readonly name: string };
}

/** Kinds whose pods run on: those of tasks end, and those of a DaemonSet are as many as there are nodes. */
const LASTING: ReadonlySet<string> = new Set(['Deployment', 'StatefulSet', 'Rollout']);

const ZONE = 'topology.kubernetes.io/zone';

/**
 * What is left when a zone is gone, for each workload of a plan. Pods that an operator makes are not in it.
 *
 * Throws `unknown-zone` where the environment has no such zone.
 * @param zone - one of the environment's zones: `eu-west-1a`
 */
export function zoneLoss(plan: Plan, zone: string): readonly ZoneLoss[] {
  const { zones, name } = plan.environment;
  if (!zones.includes(zone)) throw unknownZone(zone, zones, name);
  const manifests = plan.objects.map(({ manifest }) => manifest);
  const scaled = new Map(manifests.flatMap(fewestOf));
  return manifests
    .filter((manifest) => LASTING.has(manifest.kind) && podTemplateOf(manifest) !== undefined)
    .map((manifest) => lossOf(manifest, scaled.get(displayNameOf(manifest)), zones.length));
}

function fewestOf(manifest: KubeObject): readonly (readonly [string, number])[] {
  if (manifest.kind !== 'HorizontalPodAutoscaler') return [];
  const { minReplicas = 1, scaleTargetRef } = manifest['spec'] as Scaler;
  return [[`${scaleTargetRef.kind}/${manifest.metadata.namespace}/${scaleTargetRef.name}`, minReplicas]];
}

function lossOf(manifest: KubeObject, fewest: number | undefined, zones: number): ZoneLoss {
  const spec = manifest['spec'] as Spec;
  const pod = podTemplateOf(manifest)?.['spec'] as PodSpec;
  const pods = fewest ?? spec.replicas ?? 1;
  const skew = skewOf(pod);
  return {
    workload: displayNameOf(manifest),
    pods,
    ...(skew === undefined || zones < 2 ? { least: 0, most: zones < 2 ? 0 : pods } : leftOf(pods, zones, skew)),
    gone: hasVolumes(spec, pod) ? 'waits' : 'elsewhere',
    isSpread: skew !== undefined,
  };
}

/** By how many pods zones may differ; undefined where they may differ by all. */
function skewOf({ topologySpreadConstraints = [] }: PodSpec): number | undefined {
  const strict = topologySpreadConstraints.filter(
    ({ topologyKey, whenUnsatisfiable }) => topologyKey === ZONE && whenUnsatisfiable === 'DoNotSchedule',
  );
  return strict.length === 0 ? undefined : Math.min(...strict.map(({ maxSkew }) => maxSkew));
}

/**
 * With the skew `s` a zone has at most `s` pods more than each other one: of `n` pods in `z` zones at most
 * `(n + s (z - 1)) / z`, and at least `(n - s (z - 1)) / z`, both in whole pods.
 */
function leftOf(pods: number, zones: number, skew: number): { readonly least: number; readonly most: number } {
  const others = skew * (zones - 1);
  const fullest = Math.min(pods, Math.floor((pods + others) / zones));
  const emptiest = Math.max(0, Math.ceil((pods - others) / zones));
  return { least: pods - fullest, most: pods - emptiest };
}

function hasVolumes({ volumeClaimTemplates = [] }: Spec, { volumes = [] }: PodSpec): boolean {
  return volumeClaimTemplates.length > 0 || volumes.some((one) => one.persistentVolumeClaim !== undefined);
}

function unknownZone(zone: string, zones: readonly string[], environment: string): AshlarError {
  return new AshlarError({
    code: 'unknown-zone',
    path: `environment ${environment}`,
    message: 'The environment has no such zone.',
    got: zone,
    allowed: zones.join(', ') || 'none: the environment names no zones',
    fix: 'Name one of them, or add it under zones of the environment.',
  });
}
