import type { KubeObject } from '../constructs/model/kube-object';
import { byText, groupBy } from '../constructs/model/order';
import type { Plan, PlannedObject } from '../constructs/model/plan';
import { NAMESPACE_LABEL } from '../constructs/derive/labels';

/**
 * The charts of a plan in the order in which stacks of their own would be deployed: what is called before its callers,
 * what objects depend on before those. Charts that need each other stand in the order of their names.
 */
export function orderOfCharts(plan: Plan): readonly string[] {
  const charts = groupBy(plan.objects, (object) => object.chart);
  const homes = homesOf(plan);
  const ordered = new Set<string>();
  const visit = (chart: string, within: ReadonlySet<string>): void => {
    if (ordered.has(chart) || within.has(chart)) return;
    const needed = neededBy(charts.get(chart) ?? [], homes);
    for (const other of [...needed].sort(byText)) if (charts.has(other)) visit(other, new Set([...within, chart]));
    ordered.add(chart);
  };
  // What belongs to no context, definitions among it, is there for all of them.
  for (const chart of [plan.platform, ...[...charts.keys()].sort(byText)])
    if (charts.has(chart)) visit(chart, new Set());
  return [...ordered];
}

/** The chart of each namespace. */
function homesOf({ objects }: Plan): ReadonlyMap<string, string> {
  const namespaces = objects.filter(({ manifest }) => manifest.kind === 'Namespace');
  return new Map(namespaces.map(({ manifest, chart }) => [manifest.metadata.name, chart]));
}

function neededBy(objects: readonly PlannedObject[], homes: ReadonlyMap<string, string>): ReadonlySet<string> {
  const needed = new Set<string>();
  for (const { manifest, dependsOn } of objects) {
    for (const { on } of dependsOn) needed.add(on.chart);
    for (const namespace of calledNamespaces(manifest)) needed.add(homes.get(namespace) ?? '');
  }
  return needed;
}

interface Policy {
  readonly egress?: readonly { readonly to?: readonly { readonly namespaceSelector?: Selector }[] }[];
}

interface Selector {
  readonly matchLabels?: Readonly<Record<string, string>>;
}

/** Every call opens its way in a network policy, so these say who calls whom. */
function calledNamespaces({ kind, ...manifest }: KubeObject): readonly string[] {
  if (kind !== 'NetworkPolicy') return [];
  const { egress = [] } = (manifest['spec'] ?? {}) as Policy;
  return egress.flatMap(({ to = [] }) =>
    to.flatMap(({ namespaceSelector }) => namespaceSelector?.matchLabels?.[NAMESPACE_LABEL] ?? []),
  );
}
