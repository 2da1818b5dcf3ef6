import {
  accept,
  BoundedContext,
  Config,
  Directory,
  Duration,
  Key,
  Microservice,
  Schedule,
  ScheduledTask,
  Task,
  patch,
  type Layer,
  type Plan,
  type ScheduledTaskProps,
  type TaskProps,
} from 'ashlar';
import { installMatchers } from 'ashlar/testing';
import { codesOf, objectOf, planOf, type PlanOptions } from '../support/plans';

installMatchers(expect);

const image = 'ghcr.io/acme/orders:1.4.2';

/** A task `seed` that calls a service and reads a configuration. */
function planWithTask(props: Partial<TaskProps> = {}, options: PlanOptions & { readonly level?: string } = {}): Plan {
  return planOf((shop) => {
    const ordering = new BoundedContext(shop, 'ordering', { team: 'orders' });
    const payments = new Microservice(ordering, 'payments', { image, ports: { grpc: 9090 } });
    accept(payments, 'single-replica', 'It is not what is tested.');
    const schema = { LEVEL: Key.text() };
    const config = new Config(ordering, 'limits', { schema, values: { LEVEL: options.level ?? 'info' } });
    new Task(ordering, 'seed', { image, ...props }).calls(payments, { env: 'PAYMENTS_ADDR' }).reads(config);
  }, options);
}

function planWithSchedule(props: Partial<ScheduledTaskProps> = {}, options: PlanOptions = {}): Plan {
  return planOf((shop) => {
    const ordering = new BoundedContext(shop, 'ordering', { team: 'orders' });
    new ScheduledTask(ordering, 'expire-carts', { image, schedule: Schedule.hourly(), ...props });
  }, options);
}

/** What a program says that no compiler has seen. */
function unchecked<T>(props: object): Partial<T> {
  return props;
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- a test that reads a manifest knows its shape
const jobOf = (plan: Plan): any => plan.objects.find(({ manifest }) => manifest.kind === 'Job')?.manifest;
const nameOf = (plan: Plan): string => jobOf(plan).metadata.name as string;
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- the same
const cronJobOf = (plan: Plan): any => objectOf(plan, 'CronJob/ordering/expire-carts');

const layerWith = (settings: Readonly<Record<string, unknown>>, path?: string): Layer => {
  const at = 'environments/test.yaml:3:1';
  const located = Object.fromEntries(Object.entries(settings).map(([id, value]) => [id, { value, at }]));
  const services = path === undefined ? {} : { [path]: { at, settings: located, config: {} } };
  return { name: 'environment', settings: path === undefined ? located : {}, config: {}, services };
};

describe('a task', () => {
  test('is a Job that ends, gives up, and does not count a drain as a failure', () => {
    const plan = planWithTask();
    expect(codesOf(plan)).toEqual([]);
    const { spec } = jobOf(plan);
    expect(spec).toMatchObject({ parallelism: 1, completions: 1, backoffLimit: 3, activeDeadlineSeconds: 3600 });
    expect(spec.podFailurePolicy.rules).toEqual([
      { action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] },
    ]);
    expect(spec).not.toHaveProperty('ttlSecondsAfterFinished');
    expect(spec).not.toHaveProperty('suspend');
    expect(spec).not.toHaveProperty('completionMode');
    expect(spec.template.spec.restartPolicy).toBe('Never');
  });

  test('has the pod of a service: identity, security, variables, configuration', () => {
    const plan = planWithTask({ directories: [Directory.temporary('/tmp')], user: 4711 });
    const { metadata, spec } = jobOf(plan).spec.template;
    expect(metadata.labels).toMatchObject({ 'app.kubernetes.io/name': 'seed', 'ashlar.dev/team': 'orders' });
    expect(spec).toMatchObject({
      serviceAccountName: 'seed',
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, runAsUser: 4711 },
    });
    expect(spec.containers[0].env).toMatchObject([
      { name: 'LEVEL', valueFrom: { configMapKeyRef: { key: 'LEVEL' } } },
      { name: 'PAYMENTS_ADDR', value: 'payments.ordering.svc:9090' },
    ]);
    expect(spec.containers[0].volumeMounts).toEqual([{ name: 'tmp', mountPath: '/tmp' }]);
    expect(objectOf(plan, 'ServiceAccount/ordering/seed')['automountServiceAccountToken']).toBe(false);
  });

  test('has nothing that is for pods that stay', () => {
    const plan = planWithTask({}, { tier: 'production', environment: { zones: ['a', 'b'] } });
    expect(codesOf(plan)).toEqual([]);
    const kinds = plan.objects
      .filter(({ construct }) => construct === 'shop/ordering/seed')
      .map((one) => one.manifest.kind);
    expect(kinds.sort()).toEqual(['Job', 'NetworkPolicy', 'ServiceAccount']);
    expect(jobOf(plan).spec.template.spec).not.toHaveProperty('topologySpreadConstraints');
  });

  test('may reach whom it calls, and is admitted there', () => {
    const plan = planWithTask();
    const to = { podSelector: { matchLabels: { 'app.kubernetes.io/name': 'payments' } } };
    expect(objectOf(plan, 'NetworkPolicy/ordering/seed')['spec'].egress).toMatchObject([
      { to: [to], ports: [{ port: 9090 }] },
    ]);
    const from = { podSelector: { matchLabels: { 'app.kubernetes.io/name': 'seed' } } };
    expect(plan).toAllow('seed', 'Deployment/ordering/payments', 9090);
    expect(plan).not.toAllow('payments', 'Job/ordering/seed', 9090);
    expect(objectOf(plan, 'NetworkPolicy/ordering/payments')['spec'].ingress).toMatchObject([{ from: [from] }]);
  });

  test('may be let do things at the API server', () => {
    const plan = planOf((shop) => {
      const ordering = new BoundedContext(shop, 'ordering', { team: 'orders' });
      new Task(ordering, 'seed', { image }).accessesKubernetes({ resources: ['pods'], verbs: ['list'] });
    });
    expect(jobOf(plan).spec.template.spec.automountServiceAccountToken).toBe(true);
    expect(objectOf(plan, 'Role/ordering/seed')['rules']).toEqual([
      { apiGroups: [''], resources: ['pods'], verbs: ['list'] },
    ]);
  });

  test('keeps the sidecars that end with it, and the containers that end before it', () => {
    const plan = planWithTask({ sidecars: { proxy: { image } }, initContainers: { wait: { image } } });
    expect(jobOf(plan).spec.template.spec.initContainers).toMatchObject([
      { name: 'wait' },
      { name: 'proxy', restartPolicy: 'Always' },
    ]);
    expect(jobOf(plan).spec.template.spec.initContainers[0]).not.toHaveProperty('restartPolicy');
  });

  test('that is cut into pieces gives each of them a number', () => {
    expect(jobOf(planWithTask({ completions: 10, parallelism: 4 })).spec).toMatchObject({
      completions: 10,
      parallelism: 4,
      completionMode: 'Indexed',
    });
  });

  test('says which exit codes end it', () => {
    const { rules } = jobOf(planWithTask({ fatalExitCodes: [64, 2, 64] })).spec.podFailurePolicy;
    expect(rules).toEqual([
      expect.objectContaining({ action: 'Ignore' }),
      { action: 'FailJob', onExitCodes: { containerName: 'seed', operator: 'In', values: [2, 64] } },
    ]);
  });

  test('comes after what it needs', () => {
    const { objects } = planWithTask();
    const at = (kind: string) => objects.findIndex(({ manifest }) => manifest.kind === kind);
    expect(at('Job')).toBeGreaterThan(at('ConfigMap'));
    expect(at('Job')).toBeGreaterThan(at('ServiceAccount'));
    expect(at('Job')).toBeGreaterThan(at('ResourceQuota'));
  });
});

describe('the name of a Job', () => {
  test('says its task, and follows all that cannot be changed', () => {
    const before = nameOf(planWithTask());
    expect(before).toMatch(/^seed-[0-9a-f]{10}$/);
    expect(nameOf(planWithTask())).toBe(before);
    const others = [
      planWithTask({ image: 'ghcr.io/acme/orders:1.4.3' }),
      planWithTask({ args: ['--all'] }),
      planWithTask({ env: { A: 'b' } }),
      planWithTask({}, { level: 'debug' }),
      planWithTask({ completions: 2 }),
      planWithTask({ fatalExitCodes: [2] }),
      planWithTask({}, { environment: { registries: { 'ghcr.io': 'registry.example.com' } } }),
      planWithTask({}, { environment: { layers: [layerWith({ user: 4711 })] } }),
    ].map(nameOf);
    expect(new Set([before, ...others]).size).toBe(others.length + 1);
  });

  test.each<[string, Partial<TaskProps>]>([
    ['how long it may take', { deadline: Duration.minutes(5) }],
    ['how often it is tried', { retries: 0 }],
    ['when it is deleted', { deletedAfter: Duration.hours(1) }],
  ])('does not follow %s, which an update may change', (_what, props) => {
    const [before, after] = [planWithTask(), planWithTask(props)];
    expect(nameOf(after)).toBe(nameOf(before));
    expect(jobOf(after).spec).not.toEqual(jobOf(before).spec);
  });

  test('is found by a label, whatever the version', () => {
    expect(jobOf(planWithTask()).metadata.labels).toMatchObject({
      'ashlar.dev/task': 'seed',
      'app.kubernetes.io/name': 'seed',
    });
  });

  test('need not be known for a patch', () => {
    const plan = planOf((shop) => {
      const task = new Task(new BoundedContext(shop, 'ordering', { team: 'orders' }), 'seed', { image });
      patch(task, { kind: 'Job' }, [{ op: 'replace', path: '/spec/backoffLimit', value: 9 }]);
    });
    expect(jobOf(plan).spec.backoffLimit).toBe(9);
  });
});

describe('a scheduled task', () => {
  test('is a CronJob that never runs twice at once, in a zone that is written', () => {
    const plan = planWithSchedule();
    expect(codesOf(plan)).toEqual([]);
    expect(cronJobOf(plan).spec).toMatchObject({
      schedule: '0 * * * *',
      timeZone: 'Etc/UTC',
      concurrencyPolicy: 'Forbid',
      successfulJobsHistoryLimit: 3,
      failedJobsHistoryLimit: 1,
      jobTemplate: {
        metadata: { labels: { 'app.kubernetes.io/name': 'expire-carts', 'ashlar.dev/context': 'ordering' } },
        spec: { backoffLimit: 3, activeDeadlineSeconds: 3600, template: { spec: { restartPolicy: 'Never' } } },
      },
    });
    expect(cronJobOf(plan).spec).not.toHaveProperty('suspend');
  });

  test('is told when, how and how long', () => {
    const plan = planWithSchedule({
      timeZone: 'Europe/Berlin',
      concurrency: 'replace',
      startingDeadline: Duration.minutes(5),
      deadline: Duration.minutes(10),
      retries: 0,
      history: { failures: 7 },
    });
    expect(codesOf(plan)).toEqual([]);
    expect(cronJobOf(plan).spec).toMatchObject({
      timeZone: 'Europe/Berlin',
      concurrencyPolicy: 'Replace',
      startingDeadlineSeconds: 300,
      successfulJobsHistoryLimit: 3,
      failedJobsHistoryLimit: 7,
      jobTemplate: { spec: { backoffLimit: 0, activeDeadlineSeconds: 600 } },
    });
  });

  test.each([
    ['hourly', Schedule.hourly({ minute: 17 }), '17 * * * *'],
    ['daily', Schedule.daily({ at: '03:30' }), '30 3 * * *'],
    ['weekly', Schedule.weekly({ on: 'monday', at: '23:05' }), '5 23 * * 1'],
    ['monthly', Schedule.monthly({ day: 28, at: '00:00' }), '0 0 28 * *'],
    ['cron', Schedule.cron('*/5 8-18 * jan,jul MON-FRI'), '*/5 8-18 * jan,jul MON-FRI'],
    ['a name', Schedule.cron('@weekly'), '@weekly'],
    ['an interval', Schedule.cron('@every 1h30m'), '@every 1h30m'],
  ])('runs %s', (_what, schedule, cron) => {
    const plan = planWithSchedule({ schedule });
    expect(codesOf(plan)).toEqual([]);
    expect(cronJobOf(plan).spec.schedule).toBe(cron);
  });

  test('takes deadline, retries and zone from a layer where the program says nothing', () => {
    const layers = [layerWith({ deadlineSeconds: 60, retries: 1, timeZone: 'Asia/Tokyo' })];
    expect(cronJobOf(planWithSchedule({}, { environment: { layers } })).spec).toMatchObject({
      timeZone: 'Asia/Tokyo',
      jobTemplate: { spec: { backoffLimit: 1, activeDeadlineSeconds: 60 } },
    });
    const said = planWithSchedule({ timeZone: 'Europe/Berlin', retries: 5 }, { environment: { layers } });
    expect(cronJobOf(said).spec).toMatchObject({
      timeZone: 'Europe/Berlin',
      jobTemplate: { spec: { backoffLimit: 5 } },
    });
  });
});

describe('an environment that suspends', () => {
  test.each([
    ['all tasks', undefined],
    ['one of them', 'ordering/expire-carts'],
  ])('%s', (_what, path) => {
    const layers = [layerWith({ suspended: true }, path)];
    const plan = planWithSchedule({}, { tier: 'staging', environment: { layers } });
    expect(codesOf(plan)).toEqual([]);
    expect(cronJobOf(plan).spec.suspend).toBe(true);
  });

  test('keeps a Job from starting, under the name that it will have when it starts', () => {
    const suspended = planWithTask({}, { environment: { layers: [layerWith({ suspended: true })] } });
    expect(jobOf(suspended).spec.suspend).toBe(true);
    expect(nameOf(suspended)).toBe(nameOf(planWithTask()));
  });

  test('is noticed in production, with the place that says so', () => {
    const layers = [layerWith({ suspended: true })];
    const plan = planWithSchedule({}, { tier: 'production', environment: { zones: ['a', 'b'], layers } });
    expect(plan.findings).toMatchObject([
      {
        code: 'suspended-in-production',
        severity: 'warning',
        path: 'shop/ordering/expire-carts',
        got: 'true from environments/test.yaml:3:1',
      },
    ]);
  });
});

describe('the quota', () => {
  const podsOf = (plan: Plan): string => objectOf(plan, 'ResourceQuota/ordering/quota')['spec'].hard.pods as string;
  const withTask = (props: Partial<TaskProps>): Plan =>
    planOf((shop) => {
      new Task(new BoundedContext(shop, 'ordering', { team: 'orders' }), 'seed', { image, ...props });
    });

  test('holds a task beside its earlier version', () => {
    expect(podsOf(withTask({}))).toBe('3'); // 2 x 1.25 = 2.5
    expect(podsOf(withTask({ completions: 9, parallelism: 4 }))).toBe('10'); // 8 x 1.25
  });

  test.each([
    ['forbid', '2'], // 1 x 1.25
    ['replace', '3'], // 2 x 1.25
    ['allow', '3'],
  ] as const)('holds what a schedule that is to %s runs at once', (concurrency, pods) => {
    expect(podsOf(planWithSchedule({ concurrency }))).toBe(pods);
  });

  test('counts what its containers request', () => {
    const { hard } = objectOf(withTask({}), 'ResourceQuota/ordering/quota')['spec'];
    expect(hard).toMatchObject({ 'requests.cpu': '125m', 'requests.memory': '160Mi' }); // 2 x (50m, 64Mi) x 1.25
  });
});

describe('what is wrong', () => {
  test.each<[string, Partial<ScheduledTaskProps>, string]>([
    ['a cron text with seconds', { schedule: Schedule.cron('0 0 3 * * *') }, 'bad-schedule'],
    ['a minute that is none', { schedule: Schedule.cron('60 * * * *') }, 'bad-schedule'],
    ['a name that is none', { schedule: Schedule.cron('@reboot') }, 'bad-schedule'],
    ['a zone in the text', { schedule: Schedule.cron('CRON_TZ=UTC 0 3 * * *') }, 'bad-schedule'],
    ['no schedule', unchecked({ schedule: undefined }), 'bad-value'],
    ['a text for a schedule', unchecked({ schedule: '@daily' }), 'bad-value'],
    ['a minute after the hour', { schedule: Schedule.hourly({ minute: 61 }) }, 'out-of-range'],
    ['a time of day', { schedule: Schedule.daily({ at: '24:00' }) }, 'bad-time'],
    [
      'a day of the week',
      { schedule: Schedule.weekly(unchecked({ at: '03:00' }) as { on: 'monday'; at: string }) },
      'unknown-choice',
    ],
    ['a day that not each month has', { schedule: Schedule.monthly({ day: 31, at: '03:00' }) }, 'out-of-range'],
    ['a zone that is none', { timeZone: 'Europe/Munich' }, 'bad-time-zone'],
    ['a zone in small letters', { timeZone: 'europe/berlin' }, 'bad-time-zone'],
    ['an offset for a zone', { timeZone: '+01:00' }, 'bad-time-zone'],
    ['a concurrency that is none', unchecked({ concurrency: 'never' }), 'unknown-choice'],
    ['a start that nobody would notice', { startingDeadline: Duration.seconds(9) }, 'out-of-range'],
    ['a history that is none', { history: { successes: -1 } }, 'out-of-range'],
    ['a history of something else', unchecked({ history: { total: 3 } }), 'unknown-prop'],
    ['a prop that nobody reads', unchecked({ ports: { http: 80 } }), 'unknown-prop'],
  ])('%s is a finding of the task', (_what, props, code) => {
    const findings = planWithSchedule(props).findings.map((finding) => [finding.code, finding.path]);
    expect(findings).toContainEqual([code, 'shop/ordering/expire-carts']);
  });

  test.each<[string, Partial<TaskProps>, string, string]>([
    ['no time at all', { deadline: Duration.seconds(0) }, 'out-of-range', 'deadline'],
    ['a part of a second', { deadline: Duration.millis(1500) }, 'out-of-range', 'deadline'],
    ['retries below none', { retries: -1 }, 'out-of-range', 'retries'],
    ['no pods', { completions: 0 }, 'out-of-range', 'completions'],
    ['more at once than in all', { completions: 2, parallelism: 3 }, 'out-of-range', 'parallelism'],
    ['an exit code that means success', { fatalExitCodes: [0] }, 'out-of-range', 'fatalExitCodes'],
    ['a deletion before the end', { deletedAfter: Duration.seconds(0.5) }, 'out-of-range', 'deletedAfter'],
    ['a user that is root', { user: 0 }, 'out-of-range', 'user'],
    ['a scale', unchecked({ scale: 3 }), 'unknown-prop', 'scale'],
  ])('%s is a finding of the task', (_what, props, code, field) => {
    expect(planWithTask(props).findings).toContainEqual(
      expect.objectContaining({ code, field, path: 'shop/ordering/seed', severity: 'error' }),
    );
  });

  const named = (id: string, completions = 1) =>
    planOf((shop) => {
      const ordering = new BoundedContext(shop, 'ordering', { team: 'orders' });
      new Task(ordering, id, { image, completions });
    });

  test('a name that leaves no room for what is added to it is a finding', () => {
    expect(codesOf(named('a'.repeat(52)))).toEqual([]);
    expect(codesOf(named('a'.repeat(53)))).toEqual(['bad-name', 'name-too-long']);
    expect(codesOf(named('a'.repeat(50), 10))).toEqual([]);
    expect(codesOf(named('a'.repeat(51), 10))).toEqual(['name-too-long']);
  });

  test('two writers of a variable are a finding, as in a service', () => {
    expect(codesOf(planWithTask({ env: { PAYMENTS_ADDR: 'elsewhere:1' } }))).toEqual(['two-writers']);
  });
});
