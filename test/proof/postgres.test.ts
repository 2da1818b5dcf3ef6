import { Backup, BoundedContext, Microservice, Pooler, PostgresDatabase, type KubeObject, type Plan } from 'ashlar';
import { proof, type Applied } from 'ashlar/testing/cluster';
import { keyOfManifest } from '../../constructs/model/kube-object';
import { planOf } from '../support/plans';
import { postgresShop } from '../support/postgres-shop';
import { lostFields } from './support/stored';

const zones = ['zone-a', 'zone-b', 'zone-c'];
const options = {
  backups: { bucket: 'backups', prefix: 'prod/', secret: 'backup-keys', region: 'eu-west-1' },
  podMonitor: true,
};

/** Every object that CloudNativePG and its plugin are told. */
const operated = (): Plan =>
  postgresShop({
    tier: 'production',
    props: { pooler: Pooler.transaction(20), backup: Backup.daily() },
    environment: {
      zones,
      backEnds: { postgres: { name: 'cloudnative-pg', options, at: 'environments/prod.yaml:4:3' } },
    },
  });

/** A database with a dump that is restored. */
const restored = (): Plan =>
  planOf((shop) => {
    const ordering = new BoundedContext(shop, 'restoring', { team: 'orders' });
    const database = new PostgresDatabase(ordering, 'orders-db', { backup: Backup.daily() });
    new Microservice(ordering, 'orders', { image: 'ghcr.io/acme/orders:1.0.0' }).owns(database);
    database.restore('back');
  });

/** What was not taken as it was sent: refused, warned about, not stored whole. */
function misfits(applied: readonly Applied[]): readonly string[] {
  return applied.flatMap(({ manifest, verdict }) => {
    const lost = verdict.object === undefined ? [] : lostFields(manifest, verdict.object);
    return [verdict.message, ...verdict.warnings, ...lost]
      .filter((text) => text !== '')
      .map((text) => `${keyOfManifest(manifest)}: ${text}`);
  });
}

const errors = (plan: Plan): readonly string[] =>
  plan.findings.filter(({ severity }) => severity === 'error').map(({ code }) => code);

/** The Secrets that the plan needs, as somebody would make them. */
function secretsOf(plan: Plan): readonly KubeObject[] {
  return plan.prerequisites.flatMap((needs) =>
    needs.type === 'release'
      ? []
      : [
          {
            apiVersion: 'v1',
            kind: 'Secret',
            metadata: { namespace: needs.namespace, name: needs.name },
            type: needs.kind,
            stringData: Object.fromEntries(Object.keys(needs.keys).map((key) => [key, 'value'])),
          },
        ],
  );
}

proof(
  'an API server with the definitions of CloudNativePG and its plugin',
  (cluster) => {
    test('takes all that is said to the operator, as it is and once', async () => {
      const plan = operated();
      expect(errors(plan)).toEqual([]);
      const kinds = new Set(plan.objects.map(({ manifest }) => manifest.kind));
      expect([...kinds]).toEqual(expect.arrayContaining(['Cluster', 'Pooler', 'ScheduledBackup', 'ObjectStore']));
      const applied = await cluster().apply(plan, { refusals: 'return' });
      expect(misfits(applied)).toEqual([]);
      const again = await cluster().apply(plan);
      expect(again.filter(({ outcome }) => outcome !== 'unchanged')).toEqual([]);
    });
  },
  { controllers: false, crds: true },
);

proof('a cluster', (cluster) => {
  test('gets a database in the cluster ready, with its Jobs, its volumes and its restore', async () => {
    const plan = restored();
    expect(errors(plan)).toEqual([]);
    const [namespace] = plan.objects.filter(({ manifest }) => manifest.kind === 'Namespace');
    await cluster().create(namespace!.manifest);
    for (const secret of secretsOf(plan)) await cluster().create(secret);
    const applied = await cluster().apply(plan, { refusals: 'return', withinMs: 60_000 });
    expect(misfits(applied)).toEqual([]);
    for (const task of ['orders-db-access', 'orders-db-back']) {
      const jobs = await cluster().list('batch/v1', 'Job', { namespace: 'restoring' });
      expect(jobs.map(({ metadata }) => metadata.labels?.['ashlar.dev/task'])).toContain(task);
    }
  });
});
