import { chartsOf, type Plan } from '../constructs/model/plan';
import { writeFolder, type WriteFolderResult } from './write-folder';
import { documentsToYaml, toYaml } from './yaml';

/** First line of every file, so that nobody edits it by hand. */
function header(plan: Plan): string {
  return `# Made by ashlar from the platform ${plan.platform} for ${plan.environment.name}. Change the program, not this file.\n`;
}

/**
 * Writes a plan as one file a chart and a `kustomization.yaml` over them, for `kubectl apply -k FOLDER`. The folder is
 * replaced as a whole; see `writeFolder` for what is refused.
 */
export function writePlan(plan: Plan, folder: string): WriteFolderResult {
  return writeFolder(folder, filesOf(plan));
}

/** Text of each file of a plan, made one after the other, so that only one chart's text is needed at a time. */
function* filesOf(plan: Plan): Iterable<readonly [string, string]> {
  const charts = chartsOf(plan);
  const names = [...charts.keys()].map((chart) => `${chart}.yaml`);
  const kustomization = { apiVersion: 'kustomize.config.k8s.io/v1beta1', kind: 'Kustomization', resources: names };
  yield ['kustomization.yaml', header(plan) + toYaml(kustomization)];
  for (const [chart, objects] of charts) {
    yield [`${chart}.yaml`, header(plan) + documentsToYaml(objects.map(({ manifest }) => manifest))];
  }
}

/** The whole plan as one stream of documents, in the order in which it can be applied. */
export function planToYaml(plan: Plan): string {
  return documentsToYaml(plan.objects.map(({ manifest }) => manifest));
}
