import { FLUX_PRUNE } from '../../constructs/derive/config/rolling';
import type { GitOpsDestination, GitOpsTarget } from '../../constructs/model/environment';
import type { Finding } from '../../constructs/model/finding';
import { displayNameOf, type KubeObject } from '../../constructs/model/kube-object';
import { byText } from '../../constructs/model/order';
import { chartsOf, type Plan, type PlannedObject } from '../../constructs/model/plan';
import { conditionOf } from '../conditions';
import { protectedKeys } from '../protected';
import { labelsOf, nameOf, targetOf, withAnnotations, type GitOpsFiles } from './gitops';

/** How often Flux looks, and how long it waits until what it applied is ready. */
const INTERVAL = '10m';
const TIMEOUT = '10m';

/**
 * A GitRepository and one Kustomization a chart (kustomize-controller 1.9, "Kustomization"). A chart waits for the charts whose
 * objects it needs. Not one a wave: an object that moves to another Kustomization is deleted by the one that it left.
 * Within a chart Flux applies definitions and namespaces first and workloads last; what cannot be kept is a finding.
 * @throws AshlarError `no-gitops-target`
 */
export function flux(plan: Plan): GitOpsFiles {
  const target = targetOf(plan);
  const needs = neededCharts(plan);
  const kept = protectedKeys(plan);
  const clusters = target.destinations.length === 0 ? [undefined] : target.destinations;
  const charts = [...chartsOf(plan)];
  return {
    objects: [
      gitRepository(plan, target),
      ...clusters.flatMap((cluster) =>
        charts.map(([chart, objects]) => kustomization(plan, target, chart, objects, needs.get(chart) ?? [], cluster)),
      ),
    ],
    foldersByChart: true,
    annotate: ({ manifest, hints, key }) => {
      const isKept = kept.has(key) || hints.retain === true;
      return isKept ? withAnnotations(manifest, { [FLUX_PRUNE]: 'disabled' }) : manifest;
    },
    findings: [...plan.objects.flatMap(contested), ...plan.objects.flatMap((object) => unordered(object, needs))],
  };
}

function namespaceOf({ namespace = 'flux-system' }: GitOpsTarget): string {
  return namespace;
}

function gitRepository(plan: Plan, target: GitOpsTarget): KubeObject {
  return {
    apiVersion: 'source.toolkit.fluxcd.io/v1',
    kind: 'GitRepository',
    metadata: { name: nameOf(plan), namespace: namespaceOf(target), labels: labelsOf(plan) },
    spec: { interval: INTERVAL, url: target.repository, ref: refOf(target.revision) },
  };
}

/** Flux wants to know which of the three it is. */
function refOf(revision: string): object {
  if (/^[0-9a-f]{40}$/.test(revision)) return { commit: revision };
  return /^v?\d+\.\d+/.test(revision) ? { tag: revision } : { branch: revision };
}

function kustomization(
  plan: Plan,
  target: GitOpsTarget,
  chart: string,
  objects: readonly PlannedObject[],
  needs: readonly string[],
  cluster: GitOpsDestination | undefined,
): KubeObject {
  const suffix = cluster === undefined ? [] : [cluster.name];
  const checks = healthChecks(objects);
  return {
    apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
    kind: 'Kustomization',
    metadata: { name: nameOf(plan, ...suffix, chart), namespace: namespaceOf(target), labels: labelsOf(plan) },
    spec: {
      interval: INTERVAL,
      timeout: TIMEOUT,
      sourceRef: { kind: 'GitRepository', name: nameOf(plan) },
      path: `./${target.path}/${chart}`,
      prune: true,
      // Ready once all of it is, by kstatus and by the expressions below.
      wait: true,
      ...(checks.length > 0 && { healthCheckExprs: checks }),
      ...(needs.length > 0 && { dependsOn: needs.map((other) => ({ name: nameOf(plan, ...suffix, other) })) }),
      ...(cluster !== undefined && {
        kubeConfig: { secretRef: { name: cluster.kubeConfigSecret ?? `${cluster.name}-kubeconfig` } },
      }),
    },
  };
}

/** What kstatus cannot tell: kinds that say they are ready in another field than a condition. */
function healthChecks(objects: readonly PlannedObject[]): readonly object[] {
  const checks = new Map<string, object>();
  for (const { manifest, hints } of objects) {
    const { apiVersion, kind } = manifest;
    const current = expressionFor(hints.readyWhen ?? conditionOf(manifest));
    if (current !== undefined) checks.set(`${apiVersion} ${kind}`, { apiVersion, kind, current });
  }
  return [...checks].sort(([a], [b]) => byText(a, b)).map(([, check]) => check);
}

/** `kubectl wait --for` as CEL. A condition called Ready is what kstatus looks at anyway. */
function expressionFor(readyWhen: string | undefined): string | undefined {
  const field = /^jsonpath=\{\.(.+)\}=(.*)$/.exec(readyWhen ?? '');
  if (field !== null) return `has(${field[1]}) && ${field[1]} == '${field[2]}'`;
  const condition = /^condition=([^=]+)(?:=(.*))?$/.exec(readyWhen ?? '');
  if (condition === null || condition[1] === 'Ready') return undefined;
  return `status.conditions.exists(c, c.type == '${condition[1]}' && c.status == '${condition[2] ?? 'True'}')`;
}

/** The charts whose objects a chart needs, without those that need it in their turn. */
function neededCharts(plan: Plan): ReadonlyMap<string, readonly string[]> {
  const direct = new Map<string, Set<string>>();
  for (const { chart, dependsOn } of plan.objects) {
    for (const { on } of dependsOn) {
      if (on.chart !== chart) direct.set(chart, (direct.get(chart) ?? new Set<string>()).add(on.chart));
    }
  }
  const reaches = (from: string, to: string, seen: Set<string>): boolean => {
    if (seen.has(from)) return false;
    seen.add(from);
    return [...(direct.get(from) ?? [])].some((next) => next === to || reaches(next, to, seen));
  };
  const kept = [...direct].map(([chart, others]) => {
    const all = [...others].filter((other) => chart < other || !reaches(other, chart, new Set()));
    return [chart, all.sort(byText)] as const;
  });
  return new Map(kept);
}

/** Flux applies what stands in the manifest, each time anew. */
function contested({ manifest, construct, hints: { ownedElsewhere = [] } }: PlannedObject): readonly Finding[] {
  return ownedElsewhere
    .filter((field) => valueAt(manifest, field) !== undefined)
    .map((field) => ({
      code: 'field-owned-elsewhere',
      severity: 'error',
      path: construct,
      object: displayNameOf(manifest),
      field,
      message: `A controller writes ${field}, and Flux would write it back each time.`,
      got: JSON.stringify(valueAt(manifest, field)),
      allowed: 'a manifest without the field',
      fix: 'Use Argo CD, which can leave a field alone; or deploy with Pulumi.',
    }));
}

/** An order that the program asked for and that Flux does not keep. */
function unordered(
  { manifest, chart, construct, dependsOn }: PlannedObject,
  needs: ReadonlyMap<string, readonly string[]>,
): readonly Finding[] {
  const asked = dependsOn.filter(({ reason }) => reason.includes(' was told to come after '));
  return asked
    .filter(({ on }) =>
      on.chart === chart ? !isAppliedFirst(on, manifest) : needs.get(chart)?.includes(on.chart) !== true,
    )
    .map(({ on, reason }) => ({
      code: 'order-not-kept',
      severity: 'warning',
      path: construct,
      object: displayNameOf(manifest),
      message: `Flux does not wait for ${displayNameOf(on.manifest)} before it applies ${displayNameOf(manifest)}.`,
      got: reason,
      allowed: 'an order between contexts, one way',
      fix: 'Move one of the two into a context of its own, or let the later one wait by itself (an init container).',
    }));
}

/** Kinds that Flux applies and waits for before all others (fluxcd/pkg/ssa, ApplyAllStaged). */
function isAppliedFirst(on: PlannedObject, manifest: KubeObject): boolean {
  const isFirst = (kind: string): boolean => kind === 'Namespace' || kind === 'CustomResourceDefinition';
  return isFirst(on.manifest.kind) && !isFirst(manifest.kind);
}

function valueAt(root: unknown, pointer: string): unknown {
  return pointer
    .split('/')
    .slice(1)
    .map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce<unknown>((at, name) => (at as Record<string, unknown> | undefined)?.[name], root);
}
