import { toYaml } from '../constructs/model/yaml';
import { displayNameOf } from '../constructs/model/kube-object';
import { byKey } from '../constructs/model/order';
import type { Plan, PlannedObject } from '../constructs/model/plan';
import { shownManifest } from '../constructs/model/shown';
import { findingLine } from '../constructs/model/finding-text';

/** What jest wants of a snapshot serializer (pretty-format's plugin, by shape). */
export interface PlanSerializer {
  /** True for a plan, a planned object, and a list of those that is not empty. */
  readonly test: (value: unknown) => boolean;
  /** The text that goes into the snapshot. */
  readonly serialize: (value: unknown, config: unknown, indentation: string) => string;
}

/**
 * Writes plans and planned objects into snapshots as YAML: one document an object, under a line that names it. Objects
 * of one construct stand together, in the order of construct paths, kinds and names, whatever order they are deployed
 * in, so that a new service is one new block. A whole plan starts with its platform, its environment and its findings.
 *
 * `installMatchers` and the setup module `ashlar/testing/jest` add it; alone it is added by
 * `expect.addSnapshotSerializer(planSerializer)`.
 */
export const planSerializer: PlanSerializer = {
  test: (value) =>
    isPlan(value) ||
    isPlannedObject(value) ||
    (Array.isArray(value) && value.length > 0 && value.every(isPlannedObject)),
  serialize: (value, _config, indentation) =>
    textOf(value)
      .trimEnd()
      .replace(/\n(?!\n)/g, `\n${indentation}`),
};

function textOf(value: unknown): string {
  if (isPlan(value)) return [headOf(value), ...documentsOf(value.objects)].join('---\n');
  return documentsOf(Array.isArray(value) ? value : [value as PlannedObject]).join('---\n');
}

/** True for a plan of any copy of the kit. */
export function isPlan(value: unknown): value is Plan {
  return has(value, 'platform', 'environment', 'objects', 'findings');
}

function isPlannedObject(value: unknown): value is PlannedObject {
  return has(value, 'manifest', 'key', 'construct', 'chart', 'dependsOn');
}

function has(value: unknown, ...fields: readonly string[]): boolean {
  return typeof value === 'object' && value !== null && fields.every((field) => field in value);
}

function headOf({ platform, environment, findings, accepted }: Plan): string {
  const lines = [
    `${platform} in ${environment.name} (${environment.tier}, Kubernetes ${environment.kubernetes})`,
    ...findings.map(findingLine),
    ...accepted.map(({ finding, acceptance }) => `accepted ${findingLine(finding)}: ${acceptance.reason}`),
  ];
  return lines.map((line) => `# ${line.replaceAll('\n', ' ')}\n`).join('');
}

function documentsOf(objects: readonly PlannedObject[]): readonly string[] {
  const sorted = [...objects].sort(byKey(({ construct, manifest, key }) => [construct, manifest.kind, key].join('\n')));
  return sorted.map(({ manifest }) => `# ${displayNameOf(manifest)}\n${toYaml(shownManifest(manifest))}`);
}
