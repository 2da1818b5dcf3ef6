import { isDeployable } from '../../constructs/model/plan';
import { proof, type Cluster } from 'ashlar/testing/cluster';
import { allExamples, type Example } from './support/examples';
import { misfits, outcomes } from './support/misfits';
import { zooIn } from './support/zoo';

/** What cdk8s-plus-27 writes although it says nothing (no addresses, 0 seconds, false), and the server leaves out. */
const NOTHING_SAID = [
  '/Service/store/vault-members: /spec/externalIPs',
  'apps/StatefulSet/store/vault: /spec/minReadySeconds',
  'apps/StatefulSet/store/vault: /spec/template/spec/hostNetwork',
];

proof(
  'an API server',
  (cluster) => {
    let sent = 0;

    /** Without controllers namespaces stay; all that lives in them goes at once. */
    const remove = async (by: Cluster, { plan }: Example): Promise<void> => {
      const inside = plan.objects.filter(({ manifest }) => manifest.kind !== 'Namespace');
      for (const { manifest } of inside.toReversed()) await by.delete(manifest);
    };

    test.each(allExamples())('takes all of $name in $environment as it is, and once', async (example) => {
      expect(isDeployable(example.plan)).toBe(true);
      const applied = await cluster().apply(example.plan, { refusals: 'return' });
      expect(misfits(applied)).toEqual([]);
      expect(outcomes(await cluster().apply(example.plan))).toEqual(['unchanged']);
      sent += applied.length;
      await remove(cluster(), example);
    });

    test('was sent every object of every example', () => {
      const planned = allExamples().flatMap(({ plan }) => plan.objects);
      expect(sent).toBe(planned.length);
      process.stderr.write(`accepted: ${sent} objects of the examples\n`);
    });
  },
  { controllers: false, crds: true },
);

proof('a cluster', (cluster) => {
  const { plan } = zooIn();

  test('takes everything that Ashlar can make, and gets it ready', async () => {
    expect(plan.findings.filter(({ severity }) => severity === 'error')).toEqual([]);
    const applied = await cluster().apply(plan, { order: 'dependencies', refusals: 'return', wait: false });
    expect(misfits(applied)).toEqual(NOTHING_SAID);
    expect(outcomes(applied)).toEqual(['created']);
    await cluster().apply(plan, { withinMs: 30_000 });
  });

  test('is not changed when all of that is applied again', async () => {
    expect(outcomes(await cluster().apply(plan))).toEqual(['unchanged']);
  });

  test('holds every kind that Ashlar knows how to make', () => {
    const kinds = new Set(plan.objects.map(({ manifest }) => manifest.kind));
    expect([...kinds].sort()).toMatchInlineSnapshot(`
      [
        "ConfigMap",
        "CronJob",
        "CustomResourceDefinition",
        "Deployment",
        "HorizontalPodAutoscaler",
        "Ingress",
        "LimitRange",
        "Namespace",
        "NetworkPolicy",
        "PersistentVolumeClaim",
        "PodDisruptionBudget",
        "Report",
        "ResourceQuota",
        "Role",
        "RoleBinding",
        "Secret",
        "Service",
        "ServiceAccount",
        "StatefulSet",
      ]
    `);
  });
});
