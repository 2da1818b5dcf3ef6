/** What `deploy` asks a cluster before it registers anything, asked of a real API server. */
import {
  BoundedContext,
  Manifest,
  Microservice,
  RedisStore,
  Size,
  accept,
  definePlatform,
  isAshlarError,
  type Plan,
  type PlatformDefinition,
  type Program,
} from 'ashlar';
import { makePlan, plainEnvironment } from 'ashlar/charts';
import { proof } from 'ashlar/testing/cluster';
import { inspect } from '../../stacks/live/inspect';
import { allExamples, withoutOperators } from './support/examples';

const environment = plainEnvironment('dev', 'development');
const image = 'ghcr.io/acme/orders:1.4.2';

const shop =
  (carts: Size, name = 'orders'): Program =>
  (platform) => {
    const ordering = new BoundedContext(platform, 'ordering', { team: 'orders' });
    accept(
      new RedisStore(ordering, 'carts', { storage: carts, access: 'network' }),
      'single-replica',
      'It is a cache.',
    );
    new Microservice(ordering, name, { image, ports: { http: 8080 } });
  };

const planOf = (program: Program, name = 'shop'): Plan => makePlan(definePlatform(name, program), environment);

proof(
  'an API server',
  (cluster) => {
    const found = async (plan: Plan): Promise<readonly string[]> => {
      const options = { environment, cluster: { kubeconfig: cluster().kubeconfig } };
      try {
        await inspect(plan, plan.objects, options);
        return [];
      } catch (error) {
        if (!isAshlarError(error)) throw error;
        return error.findings.map(({ code, object, field }) => [code, object, field].join(' ').trim());
      }
    };

    test('has nothing against what is not there yet', async () => {
      expect(await found(planOf(shop(Size.gibibytes(1))))).toEqual([]);
    });

    test.each(allExamples())('has nothing against $name in $environment again, defaults and all', async (example) => {
      const plan = withoutOperators(example.plan);
      await cluster().apply(plan);
      expect(await found(plan)).toEqual([]);
      const inside = plan.objects.filter(({ manifest }) => manifest.kind !== 'Namespace');
      for (const { manifest } of inside.toReversed()) await cluster().delete(manifest);
    });

    test('tells of a stateful object that would be made anew, and of one that belongs to another platform', async () => {
      const plan = planOf(shop(Size.gibibytes(1)));
      await cluster().apply(plan);
      expect(await found(plan)).toEqual([]);
      expect(await found(planOf(shop(Size.gibibytes(2))))).toEqual([
        'immutable-field StatefulSet/ordering/carts /spec/volumeClaimTemplates',
      ]);
      expect(await found(planOf(shop(Size.gibibytes(1)), 'store'))).toEqual(
        expect.arrayContaining(['owned-by-another Namespace/ordering', 'owned-by-another StatefulSet/ordering/carts']),
      );
      for (const { manifest } of plan.objects.toReversed()) {
        if (manifest.kind !== 'Namespace') await cluster().delete(manifest);
      }
    });

    test('tells of kinds that it does not know, unless their definition comes along', async () => {
      const report = { apiVersion: 'acme.example/v1', kind: 'Report', metadata: { name: 'daily' } };
      const definition = reports();
      const program: Program = (platform) => {
        Manifest.from(new BoundedContext(platform, 'ordering', { team: 'orders' }), 'daily', report);
      };
      const without: PlatformDefinition = definePlatform('shop', { definitions: [definition] }, program);
      expect(await found(makePlan(without, environment))).toEqual(['kind-not-installed Report/ordering/daily']);
      const along: Program = (platform) => {
        program(platform, {});
        Manifest.from(platform, 'reports', definition);
      };
      expect(await found(planOf(along))).toEqual([]);
    });

    test('is asked by those who may look at nothing, too', async () => {
      const plan = planOf(shop(Size.gibibytes(1)));
      const kubeconfig = { 'current-context': 'c', ...anonymous(await serverOf(cluster().kubeconfig)) };
      await inspect(plan, plan.objects, { environment, cluster: { kubeconfig: JSON.stringify(kubeconfig) } });
    });
  },
  { controllers: false, crds: true },
);

async function serverOf(file: string): Promise<string> {
  const { readFile } = await import('node:fs/promises');
  return /"?server"?: *"?([^\s"]+)/.exec(await readFile(file, 'utf8'))?.[1] ?? '';
}

function anonymous(server: string): object {
  return {
    contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
    clusters: [{ name: 'c', cluster: { server, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'u', user: {} }],
  };
}

function reports(): object {
  const schema = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'reports.acme.example' },
    spec: {
      group: 'acme.example',
      scope: 'Namespaced',
      names: { kind: 'Report', plural: 'reports', singular: 'report', listKind: 'ReportList' },
      versions: [{ name: 'v1', served: true, storage: true, schema }],
    },
  };
}
