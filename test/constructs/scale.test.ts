import { BoundedContext, Duration, Microservice, Percent, Scale, Shutdown, type MicroserviceProps } from 'ashlar';
import { codesOf, objectOf, planOf, type PlanOptions } from '../support/plans';

const image = 'ghcr.io/acme/app:1.0.0';

function planWith(props: Partial<MicroserviceProps>, options: PlanOptions = {}) {
  return planOf((shop) => {
    const context = new BoundedContext(shop, 'ordering', { team: 'orders' });
    new Microservice(context, 'orders', { image, ...props });
  }, options);
}

const specOf = (plan: ReturnType<typeof planOf>, kind: string) => objectOf(plan, `${kind}/ordering/orders`)['spec'];
const kindsOf = (plan: ReturnType<typeof planOf>): readonly string[] =>
  plan.objects.map(({ manifest }) => manifest.kind);

describe('scale', () => {
  test('a fixed number is written, and no scaler', () => {
    const plan = planWith({ scale: Scale.fixed(3) });
    expect(specOf(plan, 'Deployment').replicas).toBe(3);
    expect(kindsOf(plan)).not.toContain('HorizontalPodAutoscaler');
  });

  test('under a scaler the number is left to it, and whoever deploys is told so', () => {
    const plan = planWith({ scale: Scale.between(2, 6) });
    expect(specOf(plan, 'Deployment')).not.toHaveProperty('replicas');
    const planned = plan.objects.find(({ manifest }) => manifest.kind === 'Deployment');
    expect(planned?.hints.ownedElsewhere).toEqual(['/spec/replicas']);
    expect(specOf(plan, 'HorizontalPodAutoscaler')).toEqual({
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'orders' },
      minReplicas: 2,
      maxReplicas: 6,
      metrics: [
        { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 70 } } },
      ],
    });
  });

  test.each([
    ['CPU', Scale.between(2, 6).onCpu(Percent.of(50)), { cpu: 50 }],
    ['memory', Scale.between(2, 6).onMemory(Percent.of(80)), { memory: 80 }],
    ['both', Scale.between(2, 6).onMemory(Percent.of(80)).onCpu(Percent.of(50)), { cpu: 50, memory: 80 }],
  ])('it follows %s', (_what, scale, expected) => {
    const { metrics } = specOf(planWith({ scale }), 'HorizontalPodAutoscaler') as {
      metrics: readonly { resource: { name: string; target: { averageUtilization: number } } }[];
    };
    expect(
      Object.fromEntries(metrics.map(({ resource }) => [resource.name, resource.target.averageUtilization])),
    ).toEqual(expected);
  });

  test.each([
    ['a negative number', Scale.fixed(-1)],
    ['half a pod', Scale.fixed(1.5)],
    ['a range from 0', Scale.between(0, 3)],
    ['a range of nothing', Scale.between(3, 3)],
    ['a range that runs backwards', Scale.between(5, 2)],
    ['a target of 0 %', Scale.between(2, 3).onCpu(Percent.of(0))],
    ['a target above 1000 %', Scale.between(2, 3).onMemory(Percent.of(1001))],
    ['no number', Scale.fixed('3' as never)],
  ])('%s is a finding', (_what, scale) => {
    expect(planWith({ scale }).findings).toContainEqual(
      expect.objectContaining({
        code: 'out-of-range',
        path: 'shop/ordering/orders',
        field: expect.stringMatching(/^scale/) as string,
      }),
    );
  });

  test('an environment file may set a range, whose target is 70 % of CPU', () => {
    const settings = { scale: { value: { min: 2, max: 5 }, at: 'environments/dev.yaml:2:3' } };
    const plan = planWith(
      {},
      { environment: { layers: [{ name: 'environment', settings, config: {}, services: {} }] } },
    );
    expect(specOf(plan, 'HorizontalPodAutoscaler')).toMatchObject({
      minReplicas: 2,
      maxReplicas: 5,
      metrics: [{ resource: { name: 'cpu', target: { averageUtilization: 70 } } }],
    });
  });
});

describe('disruption budget', () => {
  test('one pod of a few may go, and pods that never came up hold no drain', () => {
    expect(specOf(planWith({ scale: Scale.between(1, 4) }), 'PodDisruptionBudget')).toEqual({
      maxUnavailable: 1,
      unhealthyPodEvictionPolicy: 'AlwaysAllow',
      selector: { matchLabels: { 'app.kubernetes.io/name': 'orders' } },
    });
  });

  test('of many, a quarter may go', () => {
    expect(specOf(planWith({ scale: Scale.fixed(5) }), 'PodDisruptionBudget').maxUnavailable).toBe('25%');
  });

  test.each([0, 1])('of %i pods there is none: it would stop every drain or guard nothing', (pods) => {
    expect(kindsOf(planWith({ scale: Scale.fixed(pods) }))).not.toContain('PodDisruptionBudget');
  });
});

describe('production', () => {
  const production = (props: Partial<MicroserviceProps>, zones: readonly string[] = ['a', 'b', 'c']) =>
    planWith(props, { tier: 'production', environment: { zones } });

  test('it demands two pods', () => {
    expect(production({ scale: Scale.between(1, 5) }).findings).toMatchObject([
      { code: 'single-replica', path: 'shop/ordering/orders', got: 'at least 1' },
    ]);
    expect(codesOf(production({ scale: Scale.fixed(2) }))).toEqual([]);
  });

  test('it demands two zones', () => {
    expect(production({}, ['a']).findings).toMatchObject([{ code: 'too-few-zones', path: 'shop', got: 'a' }]);
  });

  test.each(['development', 'staging'] as const)('%s demands neither', (tier) => {
    expect(codesOf(planWith({ scale: Scale.fixed(1) }, { tier, environment: { zones: ['a'] } }))).toEqual([]);
  });
});

describe('spread', () => {
  const zoneOf = (plan: ReturnType<typeof planOf>) =>
    (specOf(plan, 'Deployment').template.spec.topologySpreadConstraints as readonly object[]).find(
      (constraint) => (constraint as { topologyKey: string }).topologyKey === 'topology.kubernetes.io/zone',
    );

  test.each([
    ['development', 'ScheduleAnyway'],
    ['staging', 'ScheduleAnyway'],
    ['production', 'DoNotSchedule'],
  ] as const)('in %s pods are spread over zones: %s', (tier, whenUnsatisfiable) => {
    expect(zoneOf(planWith({}, { tier }))).toMatchObject({
      maxSkew: 1,
      whenUnsatisfiable,
      labelSelector: { matchLabels: { 'app.kubernetes.io/name': 'orders' } },
      matchLabelKeys: ['pod-template-hash'],
    });
  });

  test('a service may say otherwise', () => {
    expect(zoneOf(planWith({ spread: 'preferred' }, { tier: 'production' }))).toMatchObject({
      whenUnsatisfiable: 'ScheduleAnyway',
    });
  });
});

describe('shutdown', () => {
  const ends = (props: Partial<MicroserviceProps>): readonly [number | undefined, number] => {
    const { containers, terminationGracePeriodSeconds } = specOf(planWith(props), 'Deployment').template.spec;
    return [
      containers[0].lifecycle?.preStop.sleep.seconds as number | undefined,
      terminationGracePeriodSeconds as number,
    ];
  };
  const ports = { http: 8080 };

  test.each<[string, Partial<MicroserviceProps>, readonly [number | undefined, number]]>([
    ['five seconds to drain and thirty to finish', { ports }, [5, 35]],
    ['what listens on nothing drains nothing', {}, [undefined, 30]],
    ['drain', { ports, shutdown: Shutdown.graceful({ drain: Duration.seconds(20) }) }, [20, 50]],
    ['finish', { ports, shutdown: Shutdown.graceful({ finish: Duration.minutes(2) }) }, [5, 125]],
    [
      'both',
      { ports, shutdown: Shutdown.graceful({ drain: Duration.seconds(1), finish: Duration.seconds(2) }) },
      [1, 3],
    ],
    ['at once', { ports, shutdown: Shutdown.prompt() }, [undefined, 30]],
    ['at once, with a time', { ports, shutdown: Shutdown.prompt(Duration.seconds(3)) }, [undefined, 3]],
  ])('the grace period is the sum: %s', (_what, props, expected) => {
    expect(ends(props)).toEqual(expected);
  });

  test.each([
    ['half a second', Shutdown.graceful({ drain: Duration.millis(500) }), 'shutdown.drain'],
    ['more than an hour', Shutdown.graceful({ finish: Duration.minutes(61) }), 'shutdown.finish'],
  ])('%s is a finding', (_what, shutdown, field) => {
    expect(planWith({ shutdown }).findings).toContainEqual(expect.objectContaining({ code: 'out-of-range', field }));
  });
});

test('a fixed number of pods follows no load', () => {
  const plan = planOf((shop) => {
    const ordering = new BoundedContext(shop, 'ordering', { team: 'orders' });
    new Microservice(ordering, 'orders', { image: 'orders:1.0.0', scale: Scale.fixed(3).onCpu(Percent.of(50)) });
  });
  expect(codesOf(plan)).toEqual(['scale-is-fixed']);
});
