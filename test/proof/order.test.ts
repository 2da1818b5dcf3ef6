import { BoundedContext, Microservice, definePlatform, type PlannedObject } from 'ashlar';
import { makePlan, plainEnvironment } from 'ashlar/charts';
import { proof, type Applied, type Cluster } from 'ashlar/testing/cluster';
import { shuffled } from '../support/shuffled';
import { builtInExample } from './support/examples';
import { failedCreations } from './support/pods';
import { zooIn } from './support/zoo';

const SEEDS = [1, 2, 3, 4, 5];
const PLANS = [zooIn(), builtInExample('shop', 'prod'), builtInExample('online-boutique', 'prod')];

/** What was refused, and for what. */
function refusals(applied: readonly Applied[]): readonly string[] {
  return applied
    .filter(({ outcome }) => outcome === 'refused')
    .map(({ manifest, verdict }) => `${manifest.kind} ${manifest.metadata.name}: ${verdict.status} ${verdict.message}`);
}

/** One after the other: each is sent once, whatever became of those before. */
function oneByOne(cluster: Cluster, objects: readonly PlannedObject[]): Promise<readonly Applied[]> {
  return cluster.apply(objects, { order: 'given', wait: false, refusals: 'return' });
}

const isOf =
  (...kinds: readonly string[]) =>
  ({ manifest }: PlannedObject): boolean =>
    kinds.includes(manifest.kind);

proof('the order of a plan', (cluster) => {
  /** What the controllers could not create: pods that were not admitted. */
  const failed = (): Promise<readonly string[]> => failedCreations(cluster());

  test.each(PLANS)('lets no object of $name be refused, and no pod', async ({ plan }) => {
    const applied = await cluster().apply(plan, { order: 'dependencies', refusals: 'return' });
    expect(refusals(applied)).toEqual([]);
    expect(applied.map(({ outcome }) => outcome)).toEqual(plan.objects.map(() => 'created'));
    expect(await failed()).toEqual([]);
  });

  test('is needed by pods: backwards within its namespace, they are not admitted', async () => {
    const backwards = definePlatform('backwards', (platform) => {
      const context = new BoundedContext(platform, 'backwards', { team: 'a' });
      new Microservice(context, 'crab', { image: 'registry.example.com/crab:1', ports: { http: 8080 } });
    });
    const { objects } = makePlan(backwards, plainEnvironment('production', 'production'), { today: '2026-01-01' });
    const [namespace] = objects.filter(isOf('Namespace'));
    const others = objects.filter((object) => object !== namespace).toReversed();
    const isAccount = isOf('ServiceAccount');
    // Controllers take their time: what is to be missed is kept back until they have missed it.
    const early = others.filter((object) => !isAccount(object));
    expect(refusals(await oneByOne(cluster(), [namespace!, ...early]))).toEqual([]);
    const isRefused = (message: string): boolean => /serviceaccount "crab" not found/.test(message);
    await cluster().until(async () => (await failed()).some(isRefused), { what: 'a pod to be refused' });
    expect(refusals(await oneByOne(cluster(), others.filter(isAccount)))).toEqual([]);
  });
});

proof(
  'an API server',
  (cluster) => {
    const { plan } = zooIn();
    afterEach(() => cluster().cleanUp());

    test.each(SEEDS)('refuses objects of a plan that is shuffled by %i', async (seed) => {
      const applied = await oneByOne(cluster(), shuffled(plan.objects, seed));
      expect(refusals(applied).join('\n')).toMatch(/namespaces "\w+" not found/);
    });

    test('refuses custom resources before their definitions', async () => {
      const [last, others] = [true, false].map((is) =>
        plan.objects.filter((object) => isOf('CustomResourceDefinition')(object) === is),
      );
      const applied = await oneByOne(cluster(), [...others!, ...last!]);
      expect(refusals(applied)).toEqual([expect.stringMatching(/^Report daily: 404/)]);
    });
  },
  { controllers: false },
);
