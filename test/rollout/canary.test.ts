import {
  ApiGateway,
  Auth,
  BoundedContext,
  CircuitBreaker,
  Cors,
  Directory,
  Duration,
  Microservice,
  Percent,
  RateLimit,
  Rollout,
  Scale,
  Verify,
  type CanaryProps,
  type MicroserviceProps,
  type Program,
} from 'ashlar';
import { argocd, flux } from 'ashlar/charts';
import { ApiObject } from 'cdk8s';
import { codesOf, objectOf, planOf } from '../support/plans';
import { rolloutPlanOf } from '../support/rollouts';

const image = 'registry.example.com/it:1';
const WEIGHTS: CanaryProps = { weights: [5, 25] };

/** A service that is released as a canary, and one that calls it. */
const canary =
  (props: CanaryProps = WEIGHTS, more: Partial<MicroserviceProps> = {}): Program =>
  (shop) => {
    const ordering = new BoundedContext(shop, 'ordering', { team: 'a' });
    const rollout = Rollout.canary(props);
    const orders = new Microservice(ordering, 'orders', { image, ports: { http: 8080 }, rollout, ...more });
    const web = new Microservice(ordering, 'web', { image });
    web.calls(orders, {
      timeout: Duration.seconds(2),
      circuitBreaker: CircuitBreaker.consecutiveErrors(5),
    });
  };

const strategyOf = (props: CanaryProps, more = {}) =>
  objectOf(rolloutPlanOf(canary(props, more)), 'Rollout/ordering/orders')['spec'].strategy.canary;

test('a Rollout stands in place of the Deployment, and all that names it follows', () => {
  const plan = rolloutPlanOf(canary(WEIGHTS, { scale: Scale.between(2, 6) }));
  expect(codesOf(plan)).toEqual([]);
  expect(plan.objects.filter(({ manifest }) => manifest.kind === 'Deployment')).toHaveLength(1);
  const { spec } = objectOf(plan, 'Rollout/ordering/orders');
  expect(spec).not.toHaveProperty('replicas');
  expect(spec.template.spec.topologySpreadConstraints[0].matchLabelKeys).toEqual(['rollouts-pod-template-hash']);
  expect(objectOf(plan, 'HorizontalPodAutoscaler/ordering/orders')['spec'].scaleTargetRef).toEqual({
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Rollout',
    name: 'orders',
  });
  expect(objectOf(plan, 'PodDisruptionBudget/ordering/orders')['spec'].selector).toEqual(spec.selector);
  expect(plan.prerequisites).toContainEqual(expect.objectContaining({ name: 'argo-rollouts', version: '1.10.0' }));
});

test('weights, holds and the last step follow each other; a person may have the last word', () => {
  const hold = { pause: { duration: '60s' } };
  const steps = [{ setWeight: 5 }, hold, { setWeight: 25 }, hold];
  expect(strategyOf({ ...WEIGHTS, hold: Duration.minutes(1) })).toMatchObject({ steps });
  expect(strategyOf({ ...WEIGHTS, hold: Duration.minutes(1), promote: 'manual' })).toMatchObject({
    steps: [...steps, { pause: {} }],
  });
});

test('all callers delegate to one object with the weights, and each keeps its own treatment', () => {
  const plan = rolloutPlanOf(canary());
  const { http } = objectOf(plan, 'VirtualService/ordering/orders')['spec'];
  const delegate = { name: 'orders-http-versions', namespace: 'ordering' };
  expect(http).toMatchObject([
    { name: 'ordering-web-http', timeout: '2s', delegate },
    { name: 'everybody-http', delegate },
  ]);
  expect(http.filter((block: object) => 'route' in block)).toEqual([]);
  const weights = objectOf(plan, 'VirtualService/ordering/orders-http-versions')['spec'];
  expect(weights).not.toHaveProperty('hosts');
  expect(weights.http).toMatchObject([
    {
      route: [
        { destination: { host: 'orders-stable.ordering.svc.cluster.local', port: { number: 8080 } }, weight: 100 },
        { destination: { host: 'orders-canary.ordering.svc.cluster.local', port: { number: 8080 } }, weight: 0 },
      ],
    },
  ]);
  expect(objectOf(plan, 'Rollout/ordering/orders')['spec'].strategy.canary).toMatchObject({
    stableService: 'orders-stable',
    canaryService: 'orders-canary',
    trafficRouting: { istio: { virtualServices: [{ name: 'orders-http-versions' }] } },
  });
});

test('callers know all three hosts, and break circuits to each of them', () => {
  const plan = rolloutPlanOf(canary());
  const hosts = ['orders-canary', 'orders-stable', 'orders'].map((name) => `${name}.ordering.svc.cluster.local`);
  const { egress } = objectOf(plan, 'Sidecar/ordering/web')['spec'];
  expect(egress[0].hosts).toEqual(hosts.map((host) => `ordering/${host}`));
  const rules = plan.objects.filter(({ manifest }) => manifest.kind === 'DestinationRule');
  expect(rules.map(({ manifest }) => manifest['spec'])).toEqual(
    ['orders-canary', 'orders-stable', 'orders'].map((name) =>
      expect.objectContaining({
        host: `${name}.ordering.svc.cluster.local`,
        trafficPolicy: { portLevelSettings: [expect.objectContaining({ port: { number: 8080 } })] },
      }),
    ),
  );
});

test('behind a waypoint, all callers of all versions come by it', () => {
  const verify = Verify.successRate(Percent.of(99)).job({ image });
  const plan = rolloutPlanOf(canary({ ...WEIGHTS, verify }), { mesh: 'istio-ambient' });
  expect(codesOf(plan)).toEqual([]);
  const services = ['orders', 'orders-canary', 'orders-stable'];
  for (const service of services) {
    const { labels } = objectOf(plan, `Service/ordering/${service}`).metadata;
    expect(labels).toMatchObject({ 'istio.io/use-waypoint': 'waypoint' });
    const { spec } = objectOf(plan, `DestinationRule/ordering/${service}`);
    expect(spec.host).toBe(`${service}.ordering.svc.cluster.local`);
  }
  const { targetRefs } = objectOf(plan, 'AuthorizationPolicy/ordering/orders.waypoint')['spec'];
  expect(targetRefs.map(({ name }: { name: string }) => name).sort()).toEqual(services);
  const { http } = objectOf(plan, 'VirtualService/ordering/orders')['spec'];
  expect(http).toMatchObject([{ timeout: '2s', delegate: { name: 'orders-http-versions' } }]);
  const [rate] = objectOf(plan, 'AnalysisTemplate/ordering/orders-verify-metrics')['spec'].metrics;
  expect(rate.provider.prometheus.query).toContain('reporter=~"source|waypoint"');
});

test.each([
  ['nobody may scrape proxies', { scraped: {} }, 'backEnds.mesh.options.scraper'],
  ['there are no proxies', { mesh: 'none', gateway: 'gateway-api' }, 'backEnds.mesh'],
  ['nobody is asked', { rolloutOptions: {} }, 'backEnds.rollout.options.metrics'],
])('figures never come where %s', (_, options, field) => {
  const verify = Verify.successRate(Percent.of(99));
  const { findings } = rolloutPlanOf(canary({ ...WEIGHTS, verify }), { tier: 'staging', ...options });
  const [found] = findings.filter(({ code }) => code === 'verification-without-metrics');
  expect(found).toMatchObject({ severity: 'error', field });
});

test('figures never come where no caller is in the mesh', () => {
  const alone: Program = (shop) => {
    const ordering = new BoundedContext(shop, 'ordering', { team: 'a' });
    const rollout = Rollout.canary({ ...WEIGHTS, verify: Verify.successRate(Percent.of(99)) });
    new Microservice(ordering, 'orders', { image, ports: { http: 8080 }, rollout });
  };
  const { findings } = rolloutPlanOf(alone, { tier: 'staging' });
  expect(findings.filter(({ code }) => code === 'verification-without-metrics')).toMatchObject([
    { field: 'rollout.verify', got: 'nobody calls it' },
  ]);
});

test.each([
  [{}, 119, ['window-too-short rollout.verify.measured.window: 119 s, with a value each 60 s']],
  [{}, 120, []],
  [{ scrapeSeconds: 15 }, 30, []],
  [{ scrapeSeconds: 15 }, 29, ['window-too-short rollout.verify.measured.window: 29 s, with a value each 15 s']],
])('a measurement looks back over two values: with %j over %d s', (options, seconds, told) => {
  const verify = Verify.successRate(Percent.of(99)).measured({
    every: Duration.seconds(5),
    window: Duration.seconds(seconds),
  });
  const rolloutOptions = { metrics: 'http://prometheus.monitoring:9090', ...options };
  const { findings } = rolloutPlanOf(canary({ ...WEIGHTS, verify }), { rolloutOptions });
  expect(findings.map(({ code, field, got }) => `${code} ${field}: ${got}`)).toEqual(told);
});

test('whoever scrapes gets to the proxies of callers and gateways', () => {
  for (const mesh of ['istio-sidecar', 'istio-ambient']) {
    const plan = rolloutPlanOf(
      (shop, settings) => {
        canary()(shop, settings);
        new ApiGateway(shop.node.findChild('ordering'), 'edge', { hosts: ['shop.example.com'] });
      },
      { mesh, gateway: 'istio' },
    );
    const policies = mesh === 'istio-sidecar' ? ['web', 'orders', 'edge'] : ['edge', 'waypoint'];
    for (const name of policies) {
      expect(JSON.stringify(objectOf(plan, `NetworkPolicy/ordering/${name}`)['spec'].ingress)).toContain('15020');
    }
  }
});

test('after an abort pods of the new version stand for half a minute', () => {
  expect(strategyOf(WEIGHTS)).toMatchObject({ abortScaleDownDelaySeconds: 30 });
});

test('testers are told by a block in front of each caller, treated as that caller', () => {
  const plan = rolloutPlanOf(canary({ ...WEIGHTS, testers: { header: 'x-canary', value: 'yes' } }));
  const { http } = objectOf(plan, 'VirtualService/ordering/orders')['spec'];
  expect(http.map(({ name }: { name: string }) => name)).toEqual([
    'ordering-web-http-testers',
    'ordering-web-http',
    'everybody-http-testers',
    'everybody-http',
  ]);
  expect(http[0]).toMatchObject({
    match: [{ sourceLabels: { 'app.kubernetes.io/name': 'web' }, headers: { 'x-canary': { exact: 'yes' } } }],
    timeout: '2s',
    route: [{ destination: { host: 'orders-canary.ordering.svc.cluster.local' } }],
  });
});

test('a gateway delegates, too: limits and answers before stay with its own blocks', () => {
  const plan = rolloutPlanOf(
    (shop) => {
      canary({ ...WEIGHTS, testers: { header: 'x-canary', value: 'yes' } })(shop, {});
      const orders = shop.node.findChild('ordering').node.findChild('orders') as Microservice;
      const context = shop.node.findChild('ordering') as BoundedContext;
      new ApiGateway(context, 'edge', { hosts: ['shop.example.com'] }).route('/orders', orders, {
        auth: Auth.none('Everybody may look.'),
        timeout: Duration.seconds(5),
        cors: Cors.from('https://shop.example.com'),
        rateLimit: RateLimit.overall(5, Duration.minutes(1)),
      });
    },
    { gateway: 'istio' },
  );
  const { http } = objectOf(plan, 'VirtualService/ordering/edge')['spec'];
  const delegate = { name: 'orders-http-versions', namespace: 'ordering' };
  expect(http).toMatchObject([
    { name: 'orders:/orders:preflight', delegate },
    { name: 'orders:/orders', match: [{ headers: { 'x-canary': { exact: 'yes' } } }], timeout: '5s' },
    { name: 'orders:/orders', timeout: '5s', delegate },
  ]);
});

test('what the controller writes is left to it, and what it names is there first', () => {
  const plan = rolloutPlanOf(canary({ ...WEIGHTS, verify: Verify.job({ image }) }, { scale: Scale.between(2, 6) }));
  const owned = plan.objects
    .filter(({ hints }) => hints.ownedElsewhere !== undefined)
    .map(({ manifest, hints }) => `${manifest.kind}/${manifest.metadata.name} ${hints.ownedElsewhere?.join()}`);
  expect(owned.sort()).toEqual([
    'Rollout/orders /spec/replicas',
    'Service/orders-canary /spec/selector',
    'Service/orders-stable /spec/selector',
    'VirtualService/orders-http-versions /spec/http',
  ]);
  const rollout = plan.objects.find(({ manifest }) => manifest.kind === 'Rollout');
  const before = rollout?.dependsOn.map(({ on }) => `${on.manifest.kind}/${on.manifest.metadata.name}`);
  expect(before).toEqual(
    expect.arrayContaining([
      'VirtualService/orders-http-versions',
      'Service/orders-stable',
      'Service/orders-canary',
      'AnalysisTemplate/orders-verify-job',
    ]),
  );
});

describe('verification', () => {
  test('asks for the figures of the new version, as its callers see it, from the first weight on', () => {
    const verify = Verify.successRate(Percent.of(99))
      .latency({ percentile: 95, under: Duration.millis(300) })
      .measured({ every: Duration.seconds(30), window: Duration.minutes(2), failures: 1 });
    const plan = rolloutPlanOf(canary({ ...WEIGHTS, verify }));
    const { metrics } = objectOf(plan, 'AnalysisTemplate/ordering/orders-verify-metrics')['spec'];
    expect(metrics).toMatchObject([
      { name: 'success-rate', interval: '30s', initialDelay: '120s', failureLimit: 1 },
      { name: 'latency', successCondition: expect.stringContaining('result[0] < 300') },
    ]);
    expect(metrics[0].provider.prometheus.address).toBe('http://prometheus.monitoring:9090');
    expect(metrics[1].provider.prometheus.query).toBe(
      'histogram_quantile(0.95, sum(rate(istio_request_duration_milliseconds_bucket{reporter="source",' +
        'destination_service_name="orders-canary",destination_service_namespace="ordering"}[120s])) by (le))',
    );
    expect(objectOf(plan, 'Rollout/ordering/orders')['spec'].strategy.canary.analysis).toEqual({
      templates: [{ templateName: 'orders-verify-metrics' }],
      startingStep: 1,
    });
  });

  test('by a job: it has an identity, the way to the version, and is started by nobody else', () => {
    const verify = Verify.job({ image: 'registry.example.com/tests:1' });
    const plan = rolloutPlanOf(canary({ ...WEIGHTS, verify }), { scraped: {} });
    expect(codesOf(plan)).toEqual([]);
    expect(plan.objects.filter(({ manifest }) => manifest.kind === 'Job')).toEqual([]);
    const [{ provider }] = objectOf(plan, 'AnalysisTemplate/ordering/orders-verify-job')['spec'].metrics;
    const { spec } = provider.job.spec.template;
    expect(spec).toMatchObject({ serviceAccountName: 'orders-verify', restartPolicy: 'Never' });
    expect(spec.containers[0].env).toEqual([{ name: 'TARGET', value: 'orders-canary.ordering.svc:8080' }]);
    expect(objectOf(plan, 'NetworkPolicy/ordering/orders-verify')['spec'].policyTypes).toEqual(['Egress']);
    const [rule] = objectOf(plan, 'AuthorizationPolicy/ordering/orders')['spec'].rules;
    expect(rule.from[0].source.principals).toContain('cluster.local/ns/ordering/sa/orders-verify');
    expect(strategyOf({ ...WEIGHTS, verify: Verify.job({ image }) }).steps[1]).toEqual({
      analysis: { templates: [{ templateName: 'orders-verify-job' }] },
    });
    // What fails is not sent again.
    expect(objectOf(plan, 'VirtualService/ordering/orders-canary')['spec'].http).toMatchObject([
      { retries: { attempts: 0 } },
    ]);
  });
});

test('without somebody who performs releases it is a Deployment, and that is told but in development', () => {
  expect(codesOf(planOf(canary()))).not.toContain('rollout-not-performed');
  const staging = rolloutPlanOf(canary(), { rollout: 'none', tier: 'staging' });
  expect(codesOf(staging)).toEqual(['rollout-not-performed']);
  expect(objectOf(staging, 'Deployment/ordering/orders')['spec'].strategy.type).toBe('RollingUpdate');
});

describe('what cannot work is found', () => {
  const volume = { persistentVolumeClaim: { claimName: 'data' }, name: 'data' };
  test.each<[string, Program, object]>([
    ['bad-weights', canary({ weights: [25, 5] }), {}],
    ['bad-weights', canary({ weights: [5, 100] }), {}],
    ['bad-weights', canary({ weights: [] }), {}],
    ['bad-header', canary({ ...WEIGHTS, testers: { header: 'X Canary', value: 'yes' } }), {}],
    [
      'hold-too-short',
      canary({ ...WEIGHTS, hold: Duration.seconds(120), verify: Verify.successRate(Percent.of(99)) }),
      {},
    ],
    ['canary-without-mesh', canary(), { mesh: 'none' }],
    ['rollout-without-requests', canary(WEIGHTS, { ports: { tcp: 9000 } }), {}],
    ['port-without-weights', canary(WEIGHTS, { ports: { http: 8080, tcp: 9000 } }), {}],
    [
      'verification-without-metrics',
      canary({ ...WEIGHTS, verify: Verify.successRate(Percent.of(99)) }),
      { rolloutOptions: {} },
    ],
  ])('%s', (code, program, options) => {
    expect(codesOf(rolloutPlanOf(program, options))).toContain(code);
  });

  test.each([
    ['nobody knows', undefined, 'ordering', true],
    ['one node writes to', 'ReadWriteOnce', 'ordering', true],
    ['many nodes write to', 'ReadWriteMany', 'ordering', false],
    ['is that of another namespace', 'ReadWriteMany', 'billing', true],
  ])('a volume whose claim %s', (_, mode, namespace, isTold) => {
    const plan = rolloutPlanOf((shop, settings) => {
      canary(WEIGHTS, { directories: [Directory.of('/data', volume)] })(shop, settings);
      new BoundedContext(shop, 'billing', { team: 'b' });
      if (mode === undefined) return;
      const spec = { accessModes: [mode], resources: { requests: { storage: '1Gi' } } };
      const kind = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'data' } };
      new ApiObject(shop.node.findChild(namespace), 'data', { ...kind, ...{ spec } });
    });
    expect(codesOf(plan).includes('single-writer-volume')).toBe(isTold);
  });
});

describe('tools that watch a repository', () => {
  const gitops = {
    repository: 'https://github.com/acme/shop-deploy.git',
    revision: 'main',
    path: 'k8s/prod',
    project: 'default',
    destinations: [],
  };
  const plan = () => {
    const made = rolloutPlanOf(canary());
    return { ...made, environment: { ...made.environment, gitops } };
  };

  test('Argo CD leaves weights and selectors alone', () => {
    const [application] = argocd(plan()).objects;
    expect(application?.['spec']).toMatchObject({
      ignoreDifferences: expect.arrayContaining([
        {
          group: 'networking.istio.io',
          kind: 'VirtualService',
          name: 'orders-http-versions',
          namespace: 'ordering',
          jsonPointers: ['/spec/http'],
        },
      ]) as unknown,
      syncPolicy: { syncOptions: expect.arrayContaining(['RespectIgnoreDifferences=true']) as unknown },
    });
  });

  test('Flux cannot, which is told', () => {
    expect(flux(plan()).findings.map(({ code, object }) => `${code} ${object}`)).toEqual([
      'field-owned-elsewhere Service/ordering/orders-canary',
      'field-owned-elsewhere Service/ordering/orders-stable',
      'field-owned-elsewhere VirtualService/ordering/orders-http-versions',
    ]);
  });
});
