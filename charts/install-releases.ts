import type { ReleasePrerequisite } from '../constructs/model/prerequisite';
import { documentsToYaml, toYaml } from '../constructs/model/yaml';

/** Charts of registries are named as a whole, others within their repository (Helm 3.8, "Use OCI-based registries"). */
const OCI = 'oci://';

/** Commands of Helm 3 that install releases, or bring them to the wanted version. */
export function helmCommands(releases: readonly ReleasePrerequisite[]): string {
  return releases.map(helmCommand).join('\n');
}

function helmCommand({ name, namespace, chart, values }: ReleasePrerequisite): string {
  const isOci = chart.repository.startsWith(OCI);
  const words = [
    'helm upgrade --install',
    quoted(name),
    isOci ? quoted(`${chart.repository}/${chart.name}`) : `${quoted(chart.name)} --repo ${quoted(chart.repository)}`,
    `--version ${quoted(chart.version)}`,
    `--namespace ${quoted(namespace)}`,
    '--create-namespace --wait',
  ].join(' ');
  // In quotes, so that the shell leaves what stands in the values alone.
  return values === undefined ? `${words}\n` : `${words} --values - <<'VALUES'\n${toYaml(values)}VALUES\n`;
}

/** A word of a POSIX shell. */
function quoted(word: string): string {
  return /^[\w.:/@+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** A TypeScript program for Pulumi, with one `helm.v3.Release` of `@pulumi/kubernetes` 4 for each release. */
export function pulumiProgram(releases: readonly ReleasePrerequisite[]): string {
  const head = "import * as kubernetes from '@pulumi/kubernetes';\n";
  return [head, ...releases.map(pulumiRelease)].join('\n');
}

function pulumiRelease({ name, namespace, chart, values }: ReleasePrerequisite): string {
  const isOci = chart.repository.startsWith(OCI);
  const args = {
    name,
    chart: isOci ? `${chart.repository}/${chart.name}` : chart.name,
    ...(!isOci && { repositoryOpts: { repo: chart.repository } }),
    version: chart.version,
    namespace,
    createNamespace: true,
    ...(values !== undefined && { values }),
  };
  return `new kubernetes.helm.v3.Release(${JSON.stringify(name)}, ${JSON.stringify(args, undefined, 2)});\n`;
}

/**
 * Applications of Argo CD (argoproj.io/v1alpha1, "Helm"), in its own namespace `argocd`. Server-side apply, since large
 * definitions do not fit into the annotation of a client-side one.
 */
export function argoApplications(releases: readonly ReleasePrerequisite[]): string {
  return documentsToYaml(
    releases.map(({ name, namespace, chart, values }) => ({
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'Application',
      metadata: { name, namespace: 'argocd' },
      spec: {
        project: 'default',
        source: {
          // Argo CD wants registries without their scheme.
          repoURL: chart.repository.replace(OCI, ''),
          chart: chart.name,
          targetRevision: chart.version,
          helm: { releaseName: name, ...(values !== undefined && { valuesObject: values }) },
        },
        destination: { server: 'https://kubernetes.default.svc', namespace },
        syncPolicy: { automated: {}, syncOptions: ['CreateNamespace=true', 'ServerSideApply=true'] },
      },
    })),
  );
}
