import { withFindings } from '../constructs/model/findings';
import type { KubeObject } from '../constructs/model/kube-object';
import { chartsOf, type Plan } from '../constructs/model/plan';
import type { GitOpsFiles } from './gitops/gitops';
import { changes } from '../policies/changes';
import { writeFolder, type WriteFolderResult } from './write-folder';
import { documentsToYaml, toYaml } from '../constructs/model/yaml';

/** First line of every file, so that nobody edits it by hand. */
function header(plan: Plan): string {
  return `# Made by ashlar from the platform ${plan.platform} for ${plan.environment.name}. Change the program, not this file.\n`;
}

/**
 * Writes a plan as one file a chart and a `kustomization.yaml` over them, for `kubectl apply -k FOLDER`. The folder is
 * replaced as a whole; see `writeFolder` for what is refused.
 * @param tool - a GitOps tool that takes the folder: its marks on the objects, and a folder a chart where it wants that
 */
export function writePlan(plan: Plan, folder: string, tool?: GitOpsFiles): WriteFolderResult {
  return writeFolder(folder, filesOf(plan, tool));
}

/** Writes the objects of a GitOps tool, for `kubectl apply -k FOLDER` in the cluster that the tool runs in. */
export function writeGitOps(plan: Plan, folder: string, tool: GitOpsFiles): WriteFolderResult {
  return writeFolder(folder, [
    ['kustomization.yaml', kustomization(plan, ['objects.yaml'])],
    ['objects.yaml', header(plan) + documentsToYaml(tool.objects)],
  ]);
}

/**
 * The plan with what cannot be done to objects that are there already: `storage-shrinks`, `immutable-field`. Those that the
 * program accepts are among the accepted ones.
 * @param earlier - the objects as they were deployed, such as `earlierObjects` reads them
 * @param today - day on which acceptances are judged, `YYYY-MM-DD`; default today
 */
export function comparedWith(
  plan: Plan,
  earlier: readonly KubeObject[],
  today = new Date().toISOString().slice(0, 10),
): Plan {
  return withFindings(plan, changes(earlier, plan.objects), today);
}

/**
 * The files of a plan, as they are written: name to bytes.
 * @param tool - a GitOps tool that takes the folder
 */
export function renderFiles(plan: Plan, tool?: GitOpsFiles): ReadonlyMap<string, Buffer> {
  return new Map(Array.from(filesOf(plan, tool), ([name, text]) => [name, Buffer.from(text)]));
}

/** Text of each file of a plan, made one after the other, so that only one chart's text is needed at a time. */
function* filesOf(plan: Plan, tool: GitOpsFiles | undefined): Iterable<readonly [string, string]> {
  const charts = chartsOf(plan);
  const byChart = tool?.foldersByChart === true;
  yield [
    'kustomization.yaml',
    kustomization(
      plan,
      [...charts.keys()].map((chart) => (byChart ? chart : `${chart}.yaml`)),
    ),
  ];
  for (const [chart, objects] of charts) {
    const manifests = objects.map((object) => tool?.annotate(object) ?? object.manifest);
    if (byChart) yield [`${chart}/kustomization.yaml`, kustomization(plan, [`${chart}.yaml`])];
    yield [`${byChart ? `${chart}/` : ''}${chart}.yaml`, header(plan) + documentsToYaml(manifests)];
  }
}

function kustomization(plan: Plan, resources: readonly string[]): string {
  return header(plan) + toYaml({ apiVersion: 'kustomize.config.k8s.io/v1beta1', kind: 'Kustomization', resources });
}

/** The whole plan as one stream of documents, in the order in which it can be applied. */
export function planToYaml(plan: Plan): string {
  return documentsToYaml(plan.objects.map(({ manifest }) => manifest));
}
