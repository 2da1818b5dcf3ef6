import {
  Backup,
  ClickHouseDatabase,
  ElasticsearchIndex,
  MongoDatabase,
  Size,
  accept,
  type BoundedContext,
  type IStore,
  type KubeObject,
  type Plan,
  type Tier,
} from 'ashlar';
import { proof } from 'ashlar/testing/cluster';
import { SchemaChecker } from '../../policies/schema/check';
import { planWithStore } from '../support/planned-stores';
import { shuffled } from '../support/shuffled';
import { misfits, outcomes } from './support/misfits';
import { mutationsOf } from './support/mutations';

const storage = Size.gibibytes(5);
const backup = Backup.daily();
const backups = { bucket: 'acme-backups', secret: 'backup-keys', region: 'eu-west-1' };

/** A store by each back end whose definitions can be had; those of ClickHouse's operator cannot (docs/proof.md). */
const CASES: readonly (readonly [need: string, backEnd: string, tier: Tier, options: object])[] = [
  ['mongodb', 'in-cluster', 'development', {}],
  ['mongodb', 'percona', 'development', {}],
  ['mongodb', 'percona', 'production', { backups }],
  ['mongodb', 'external', 'production', { host: 'db.example.com' }],
  ['elasticsearch', 'in-cluster', 'development', {}],
  ['elasticsearch', 'eck', 'development', {}],
  ['elasticsearch', 'eck', 'production', { backups }],
  ['elasticsearch', 'external', 'production', { host: 'es.example.com' }],
  ['clickhouse', 'in-cluster', 'development', {}],
  ['clickhouse', 'external', 'production', { host: 'ch.example.com' }],
];

const MAKE: Readonly<Record<string, (context: BoundedContext) => IStore>> = {
  mongodb: (context) => new MongoDatabase(context, 'catalog-db', { storage, backup }),
  clickhouse: (context) => new ClickHouseDatabase(context, 'events', { storage, backup }),
  elasticsearch: (context) => new ElasticsearchIndex(context, 'products', { storage, backup }),
};

function planOfCase([need, name, tier, options]: (typeof CASES)[number]): Plan {
  return planWithStore(
    (context) => {
      const store = MAKE[need]!(context);
      // In development a backup has nowhere to go.
      if (tier === 'development') accept(store, 'backup-without-storage', 'Development is made anew.');
      return store;
    },
    { tier, backEnd: [need, name, options as Readonly<Record<string, unknown>>] },
  );
}

/** Which mutations are taken, and how many: so that it takes seconds. */
const SEED = 7;
const MOST = 2000;

const CUSTOM = ['PerconaServerMongoDB', 'Elasticsearch'];

proof(
  'an API server with the operators’ definitions',
  (cluster) => {
    test.each(CASES)('takes %s by %s in %s as it is, and once', async (...one) => {
      const plan = planOfCase(one);
      expect(plan.findings).toEqual([]);
      const applied = await cluster().apply(plan, { refusals: 'return' });
      expect(misfits(applied)).toEqual([]);
      expect(outcomes(await cluster().apply(plan))).toEqual(['unchanged']);
      const inside = plan.objects.filter(({ manifest }) => manifest.kind !== 'Namespace');
      for (const { manifest } of inside.toReversed()) {
        // Nobody here does what a finalizer waits for.
        if (CUSTOM.includes(manifest.kind)) await cluster().patch(manifest, { metadata: { finalizers: null } });
        await cluster().delete(manifest);
      }
    });

    /** The custom resources of production, in a namespace of their own. */
    const resources = (): readonly KubeObject[] =>
      CASES.filter(([, , tier]) => tier === 'production')
        .flatMap((one) => planOfCase(one).objects.map(({ manifest }) => structuredClone(manifest)))
        .filter(({ kind }) => CUSTOM.includes(kind))
        .map((manifest) => ({ ...manifest, metadata: { ...manifest.metadata, namespace: 'mutants' } }));

    test('refuses no custom resource that the schema check lets pass', async () => {
      await cluster().apply([{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'mutants' } }]);
      const checker = new SchemaChecker({ version: '1.36' });
      const all = resources().flatMap((object) => [...mutationsOf(object)]);
      const mutations = shuffled(all, SEED).slice(0, MOST);
      const missed = new Set<string>();
      let [next, refused] = [0, 0];
      const work = async (): Promise<void> => {
        for (let mutation = mutations[next++]; mutation !== undefined; mutation = mutations[next++]) {
          const { object, what, value } = mutation;
          const { status, message } = await cluster().dryRun(object);
          if (status < 300) continue;
          refused += 1;
          // Lists inside custom resources whose elements differ by a key: that is checked in Kubernetes' own kinds. The
          // type package of ECK says of this policy no more than that it is a text.
          if (what.startsWith('duplicate ') || what.endsWith(' at /spec/volumeClaimDeletePolicy')) continue;
          if (checker.check(object).some(({ severity }) => severity !== 'warning')) continue;
          missed.add(`${object.kind} ${what} = ${JSON.stringify(value)}: ${message}`.slice(0, 300));
        }
      };
      await Promise.all(Array.from({ length: 20 }, work));
      process.stderr.write(
        `stores: ${mutations.length} of ${all.length} mutations of custom resources, ${refused} refused by the server\n`,
      );
      expect(refused).toBeGreaterThan(mutations.length / 4);
      expect([...missed]).toEqual([]);
    }, 300_000);
  },
  { controllers: false, crds: true },
);

proof('a cluster', (cluster) => {
  test.each(CASES.filter(([, backEnd]) => backEnd === 'in-cluster'))(
    'runs the pods of %s by %s in %s under Pod Security restricted',
    async (...one) => {
      const plan = planOfCase(one);
      await cluster().apply(plan, { withinMs: 60_000 });
      expect(outcomes(await cluster().apply(plan))).toEqual(['unchanged']);
      // The quota is that of one store: the next one finds no room beside this one.
      const inside = plan.objects.filter(({ manifest }) => manifest.kind !== 'Namespace');
      for (const { manifest } of inside.toReversed()) await cluster().delete(manifest);
      const pods = (): Promise<readonly object[]> => cluster().list('v1', 'Pod', { namespace: 'catalogue' });
      await cluster().until(async () => (await pods()).length === 0);
    },
  );
});
