import {
  Backup,
  BoundedContext,
  Duration,
  ExternalService,
  Microservice,
  RedisCache,
  RedisStore,
  Size,
  type KubeObject,
} from 'ashlar';
import { proof } from 'ashlar/testing/cluster';
import { objectOf, planOf } from '../support/plans';

const image = 'ghcr.io/acme/service:1.0.0';
const scrapedBy = { namespace: 'monitoring', podLabels: { app: 'prometheus' } };

/** A store with all that it may have, a share of it, and a cache. */
const plan = planOf(
  (shop) => {
    const ordering = new BoundedContext(shop, 'ordering', { team: 'orders' });
    const carts = new RedisStore(ordering, 'carts', { storage: Size.gibibytes(1), backup: Backup.daily() });
    const orders = new Microservice(ordering, 'orders', { image, ports: { http: 8080 } });
    orders
      .owns(carts)
      .calls(ExternalService.of(ordering, 'prices', { host: 'prices.example.com' }))
      .caches(new RedisCache(ordering, 'pages'), { ttl: Duration.minutes(10), env: { PAGES_URL: 'url' } });
    new Microservice(ordering, 'returns', { image, ports: { http: 8080 } }).owns(carts.keys('returns'));
  },
  {
    tier: 'production',
    environment: {
      zones: ['a', 'b', 'c'],
      backEnds: { redis: { name: 'in-cluster', options: { exporter: { scrapedBy } }, at: 'x' } },
    },
  },
);

/** A run that somebody starts by hand: `kubectl create job --from=cronjob/...`. */
function jobOf(cronJob: string): KubeObject {
  const { spec } = objectOf(plan, `CronJob/ordering/${cronJob}`);
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: `${cronJob}-1`, namespace: 'ordering' },
    spec: spec.jobTemplate.spec,
  };
}

proof('Redis on a cluster', (cluster) => {
  test('is taken as it is, gets ready, and stays', async () => {
    const applied = await cluster().apply(plan);
    expect(applied.map(({ outcome }) => outcome)).toEqual(plan.objects.map(() => 'created'));
    expect(applied.flatMap(({ verdict }) => verdict.warnings)).toEqual([]);
    const again = await cluster().apply(plan);
    expect(again.filter(({ outcome }) => outcome !== 'unchanged')).toEqual([]);
  });

  test.each(['carts-backup', 'carts-restore'])('runs %s when it is asked to, under Pod Security', async (name) => {
    expect(await cluster().create(jobOf(name))).toMatchObject({ accepted: true, warnings: [] });
    const job = { apiVersion: 'batch/v1', kind: 'Job', metadata: { namespace: 'ordering', name: `${name}-1` } };
    await cluster().until(async () => {
      const found = await cluster().get<{ status: { succeeded?: number } }>(job);
      return found?.status.succeeded === 1;
    });
  });

  test('never restores by itself', async () => {
    const cronJob = {
      apiVersion: 'batch/v1',
      kind: 'CronJob',
      metadata: { namespace: 'ordering', name: 'carts-restore' },
    };
    expect(await cluster().get(cronJob)).toMatchObject({ spec: { suspend: true } });
  });
});
