/** What `ashlar synth --gitops` writes is what Argo CD and Flux define, told by their real definitions. */
import type { GitOpsTarget, Plan } from 'ashlar';
import { argocd, flux } from 'ashlar/charts';
import { proof } from 'ashlar/testing/cluster';
import { allExamples, withoutOperators } from './support/examples';
import { lostFields } from './support/stored';

const target: GitOpsTarget = {
  repository: 'https://github.com/acme/shop-deploy.git',
  revision: 'main',
  path: 'k8s/prod',
  project: 'default',
  destinations: [],
};
const several = {
  ...target,
  destinations: ['eu', 'us'].map((name) => ({ name, server: `https://${name}.example.com` })),
};

proof(
  'an API server',
  (cluster) => {
    beforeAll(async () => {
      for (const name of ['argocd', 'flux-system']) {
        await cluster().create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
      }
    });

    const tools = [
      ['Argo CD', 'one cluster', argocd, target],
      ['Argo CD', 'several clusters', argocd, several],
      ['Flux', 'one cluster', flux, target],
      ['Flux', 'several clusters', flux, several],
    ] as const;
    test.each(tools)('takes what %s needs for %s as it is', async (_tool, _where, tool, gitops) => {
      for (const { plan } of allExamples()) {
        const made: Plan = { ...plan, environment: { ...plan.environment, gitops } };
        const applied = await cluster().apply(tool(made).objects, { refusals: 'return', wait: false });
        const misfits = applied.flatMap(({ manifest, verdict }) => [
          ...(verdict.message === '' ? [] : [verdict.message]),
          ...verdict.warnings,
          ...(verdict.object === undefined ? ['not stored'] : lostFields(manifest, verdict.object)),
        ]);
        expect(misfits).toEqual([]);
      }
    });

    test('takes all objects with what the tools are told, wave by wave', async () => {
      for (const { plan } of allExamples().filter(({ environment }) => environment === 'prod')) {
        const made: Plan = { ...plan, environment: { ...plan.environment, gitops: target } };
        const files = argocd(made);
        const wave = 'argocd.argoproj.io/sync-wave';
        const annotated = withoutOperators(made).objects.map((object) => files.annotate(object));
        const inWaves = annotated.toSorted(
          (a, b) => Number(a.metadata.annotations?.[wave]) - Number(b.metadata.annotations?.[wave]),
        );
        const applied = await cluster().apply(inWaves, { refusals: 'return', wait: false });
        expect(
          applied.flatMap(({ verdict }) => [verdict.message, ...verdict.warnings]).filter((text) => text !== ''),
        ).toEqual([]);
      }
    });
  },
  { controllers: false, crds: true },
);
