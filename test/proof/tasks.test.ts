import {
  BoundedContext,
  Config,
  Duration,
  Key,
  Schedule,
  ScheduledTask,
  Task,
  type KubeObject,
  type Plan,
  type ScheduledTaskProps,
  type TaskProps,
} from 'ashlar';
import { planToYaml } from 'ashlar/charts';
import { proof } from 'ashlar/testing/cluster';
import { planOf } from '../support/plans';
import { failedCreations } from './support/pods';

const image = 'acme/it:1';

interface Job extends KubeObject {
  readonly metadata: KubeObject['metadata'] & { readonly uid: string };
  readonly spec: { readonly suspend?: boolean };
  readonly status?: {
    readonly startTime?: string;
    readonly succeeded?: number;
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  };
}

interface Given extends Partial<TaskProps> {
  readonly level?: string;
  readonly suspended?: boolean;
}

/** A task in a namespace of its own, which reads a configuration. */
function planWithTask(namespace: string, { level = 'info', suspended = false, ...props }: Given = {}): Plan {
  const at = 'environments/test.yaml';
  const settings = { suspended: { value: suspended, at } };
  return planOf(
    (shop) => {
      const context = new BoundedContext(shop, namespace, { team: 'orders' });
      const config = new Config(context, 'limits', { schema: { LEVEL: Key.text() }, values: { LEVEL: level } });
      new Task(context, 'seed', { image, ...props }).reads(config);
    },
    { environment: { layers: [{ name: 'environment', settings, config: {}, services: {} }] } },
  );
}

function planWithSchedule(namespace: string, props: Partial<ScheduledTaskProps> = {}): Plan {
  return planOf((shop) => {
    const context = new BoundedContext(shop, namespace, { team: 'orders' });
    new ScheduledTask(context, 'expire', { image, schedule: Schedule.daily({ at: '03:30' }), ...props });
  });
}

const objectOf = (plan: Plan, kind: string): KubeObject =>
  plan.objects.map(({ manifest }) => manifest).find((manifest) => manifest.kind === kind)!;

const isComplete = ({ status }: Job): boolean =>
  status?.conditions?.some(({ type, status: state }) => type === 'Complete' && state === 'True') ?? false;

proof('a task', (cluster) => {
  const jobsOf = (namespace: string): Promise<readonly Job[]> =>
    cluster().list<Job>('batch/v1', 'Job', { namespace, labels: { 'ashlar.dev/task': 'seed' } });
  const uids = async (namespace: string): Promise<readonly string[]> =>
    (await jobsOf(namespace)).map(({ metadata }) => metadata.uid).sort();

  test('runs to its end once, and is not run again by an apply that changes nothing', async () => {
    await cluster().apply(planWithTask('once', { sidecars: { proxy: { image } } }));
    const before = await jobsOf('once');
    expect(before.map(isComplete)).toEqual([true]);
    const again = await cluster().apply(planWithTask('once', { sidecars: { proxy: { image } } }));
    expect(again.filter(({ outcome }) => outcome !== 'unchanged')).toEqual([]);
    expect(await uids('once')).toEqual(before.map(({ metadata }) => metadata.uid));
    expect(await failedCreations(cluster(), 'once')).toEqual([]);
  });

  test.each<[string, string, Given]>([
    ['another image', 'next-image', { image: 'acme/it:2' }],
    ['another value of its configuration', 'next-value', { level: 'debug' }],
    ['more pieces', 'next-pieces', { completions: 3, parallelism: 2 }],
  ])('runs anew with %s, by a plain kubectl apply', async (_what, namespace, next) => {
    for (const given of [{}, next]) {
      const applied = await cluster().kubectl(['apply', '-f', '-'], planToYaml(planWithTask(namespace, given)));
      expect(applied).toMatchObject({ code: 0 });
      await cluster().until(async () => (await jobsOf(namespace)).every(isComplete));
    }
    expect(await jobsOf(namespace)).toHaveLength(2);
    expect(await failedCreations(cluster(), namespace)).toEqual([]);
  });

  test('is changed in place in what a Job lets change', async () => {
    await cluster().apply(planWithTask('in-place'));
    const before = await uids('in-place');
    const given = { deadline: Duration.minutes(5), retries: 9, deletedAfter: Duration.hours(1) };
    await cluster().apply(planWithTask('in-place', given));
    expect(await uids('in-place')).toEqual(before);
  });

  // Why the name has to change: without that, each release of a task would have to delete it first.
  test.each<[string, Given]>([
    ['another image', { image: 'acme/it:2' }],
    ['more pieces', { completions: 3 }],
    ['other exit codes', { fatalExitCodes: [2] }],
  ])('under one name could not have %s', async (_what, next) => {
    await cluster().apply(planWithTask('immutable'));
    const { name } = objectOf(planWithTask('immutable'), 'Job').metadata;
    const job = objectOf(planWithTask('immutable', next), 'Job');
    const renamed = { ...job, metadata: { ...job.metadata, name } };
    await expect(cluster().apply([renamed])).rejects.toThrow(/field is immutable/);
  });

  test('that is suspended starts when it is not any more', async () => {
    await cluster().apply(planWithTask('waiting', { suspended: true }));
    const before = await jobsOf('waiting');
    expect(before.map(({ spec, status }) => [spec.suspend, status?.startTime])).toEqual([[true, undefined]]);
    await cluster().apply(planWithTask('waiting'));
    expect((await jobsOf('waiting')).map(isComplete)).toEqual([true]);
    expect(await uids('waiting')).toEqual(before.map(({ metadata }) => metadata.uid));
  });

  test('is refused by the server under the names that are a finding, and taken under the longest that is none', async () => {
    await cluster().apply(planWithTask('names'));
    const named = (id: string, completions: number): KubeObject =>
      objectOf(
        planOf((shop) => {
          new Task(new BoundedContext(shop, 'names', { team: 'orders' }), id, { image, completions });
        }),
        'Job',
      );
    expect(await cluster().dryRun(named('a'.repeat(52), 1))).toMatchObject({ accepted: true });
    expect(await cluster().dryRun(named('a'.repeat(53), 1))).toMatchObject({ accepted: false });
    expect(await cluster().dryRun(named('a'.repeat(50), 10))).toMatchObject({ accepted: true });
    expect(await cluster().dryRun(named('a'.repeat(51), 10))).toMatchObject({ accepted: false });
  });
});

proof('a scheduled task', (cluster) => {
  test('is taken, and what it would run ends', async () => {
    await cluster().apply(planWithSchedule('by-hand'));
    const created = await cluster().kubectl(['create', 'job', 'now', '--from=cronjob/expire', '--namespace=by-hand']);
    expect(created).toMatchObject({ code: 0 });
    const metadata = { namespace: 'by-hand', name: 'now' };
    await cluster().until(async () => {
      const job = await cluster().get<Job>({ apiVersion: 'batch/v1', kind: 'Job', metadata });
      return job !== undefined && isComplete(job);
    });
    const again = await cluster().apply(planWithSchedule('by-hand'));
    expect(again.filter(({ outcome }) => outcome !== 'unchanged')).toEqual([]);
  });

  const SCHEDULES = [
    '0 3 * * *',
    '*/5 8-18 * jan,jul MON-FRI',
    '5/15 0-23/2 1,15 * ?',
    '@weekly',
    '@every 1h30m',
    '0 0 3 * * *',
    '* * * *',
    '60 * * * *',
    '*/0 * * * *',
    '0 3 * * 7',
    '0 3 * * mon-sun',
    '0 3 31 13 *',
    '10-5 * * * *',
    '@reboot',
    '@DAILY',
    'TZ=UTC 0 3 * * *',
    '',
  ];
  const ZONES = [
    'Etc/UTC',
    'UTC',
    'Europe/Berlin',
    'US/Eastern',
    'Asia/Kolkata',
    'Europe/Munich',
    'europe/berlin',
    '+01:00',
    'Local',
  ];

  test.each([
    ...SCHEDULES.map((cron) => [`the schedule ${JSON.stringify(cron)}`, { schedule: Schedule.cron(cron) }] as const),
    ...ZONES.map((timeZone) => [`the time zone ${timeZone}`, { timeZone }] as const),
  ])('with %s is taken by the server exactly where it is no finding', async (_what, props) => {
    await cluster().apply(planWithSchedule('schedules'));
    const plan = planWithSchedule('schedules', props);
    const cronJob = objectOf(plan, 'CronJob');
    const { accepted } = await cluster().dryRun({ ...cronJob, metadata: { ...cronJob.metadata, name: 'another' } });
    expect(accepted).toBe(plan.findings.length === 0);
  });
});
