import {
  BoundedContext,
  CircuitBreaker,
  Duration,
  ExternalService,
  Failover,
  LoadBalancing,
  Microservice,
  Percent,
  Retry,
  Rollout,
  Scale,
  outsideMesh,
  type CallOptions,
  type Environment,
  type MicroserviceProps,
  type Plan,
  type Tier,
} from 'ashlar';
import { codesOf, objectOf, planOf } from '../support/plans';

const image = 'registry.example.com/it:1';
const timeout = Duration.seconds(2);
const circuitBreaker = CircuitBreaker.consecutiveErrors(3);
const zones = Failover.zones();
const THREE = ['zone-a', 'zone-b', 'zone-c'];

interface Asked {
  readonly mesh?: string;
  readonly props?: Partial<MicroserviceProps>;
  readonly tier?: Tier;
  readonly environment?: Partial<Environment>;
}

const chosen = (name: string) => ({ name, options: {}, at: 'environments/test.yaml:1:1' });

/** The plan of `orders`, which calls `rates` of the same context. */
function calling(options: CallOptions, { mesh = 'istio-sidecar', props = {}, tier, environment }: Asked = {}): Plan {
  const backEnds = { mesh: chosen(mesh), rollout: chosen(props.rollout === undefined ? 'none' : 'argo-rollouts') };
  return planOf(
    (shop) => {
      const context = new BoundedContext(shop, 'shop', { team: 'a' });
      const rates = new Microservice(context, 'rates', { image, ports: { http: 8080 }, ...props });
      new Microservice(context, 'orders', { image }).calls(rates, { timeout, ...options });
    },
    { tier: tier ?? 'production', environment: { zones: THREE, backEnds, ...environment } },
  );
}

const policyOf = (plan: Plan, rule = 'orders.rates.shop') =>
  objectOf(plan, `DestinationRule/shop/${rule}`)['spec'].trafficPolicy.portLevelSettings[0] as Record<string, unknown>;

test('endpoints of the own zone come first', () => {
  const plan = calling({ circuitBreaker, failover: zones });
  expect(codesOf(plan)).toEqual([]);
  expect(policyOf(plan)).toMatchObject({
    loadBalancer: { localityLbSetting: { enabled: true } },
    outlierDetection: { consecutive5xxErrors: 3, maxEjectionPercent: 50 },
  });
});

test('what is sent again may leave the zone, and nothing else is sent again', () => {
  const retriesOf = (options: CallOptions): readonly unknown[] =>
    (
      objectOf(calling({ retry: Retry.attempts(2).on(503), ...options }), 'VirtualService/shop/rates')['spec'].http as {
        readonly name: string;
        readonly retries: unknown;
      }[]
    ).map(({ retries }) => retries);
  const again = { attempts: 2, retryOn: '503' };
  expect(retriesOf({ circuitBreaker, failover: zones })).toEqual([
    { ...again, retryRemoteLocalities: true },
    { attempts: 0 },
    { attempts: 0 },
  ]);
  expect(retriesOf({ circuitBreaker })[0]).toEqual(again);
});

test('a breaker alone prefers no zone, and without a breaker nothing is said of zones', () => {
  expect(policyOf(calling({ circuitBreaker }))).toMatchObject({
    loadBalancer: { localityLbSetting: { enabled: false } },
  });
  const balanced = calling({ loadBalancing: LoadBalancing.roundRobin() });
  expect(policyOf(balanced)['loadBalancer']).toEqual({ simple: 'ROUND_ROBIN' });
});

test('of a breaker on a rate the rule says as much as Istio needs to order zones', () => {
  const rate = CircuitBreaker.failureRate(Percent.of(50), { open: Duration.seconds(20) });
  const plan = calling({ circuitBreaker: rate, failover: zones });
  expect(codesOf(plan)).toEqual([]);
  expect(policyOf(plan)).toMatchObject({ outlierDetection: { consecutive5xxErrors: 0, baseEjectionTime: '20s' } });
  expect(objectOf(plan, 'EnvoyFilter/shop/orders.rates.shop.failure-rate')).toBeDefined();
  expect(() => policyOf(calling({ circuitBreaker: rate }))).toThrow();
});

test('a region comes after a region, in the order of their names whatever the order in which they were said', () => {
  const failover = Failover.regions({ 'eu-west-1': 'eu-central-1', 'eu-central-1': 'eu-north-1' });
  expect(policyOf(calling({ circuitBreaker, failover }))['loadBalancer']).toEqual({
    localityLbSetting: {
      enabled: true,
      failover: [
        { from: 'eu-central-1', to: 'eu-north-1' },
        { from: 'eu-west-1', to: 'eu-central-1' },
      ],
    },
  });
});

test('each host of a callee in two versions is told of zones', () => {
  const props = { rollout: Rollout.canary({ weights: [10, 50] }), scale: Scale.fixed(3) };
  const plan = calling({ circuitBreaker, failover: zones }, { props });
  for (const host of ['rates', 'rates-stable', 'rates-canary'])
    expect(policyOf(plan, `orders.${host}.shop`)).toMatchObject({
      loadBalancer: { localityLbSetting: { enabled: true } },
    });
});

test('a standby comes after all zones', () => {
  const whole = CircuitBreaker.consecutiveErrors(3, { maxEjected: Percent.of(100) });
  const withStandby = (breaker: CircuitBreaker): Plan =>
    planOf(
      (shop) => {
        const context = new BoundedContext(shop, 'shop', { team: 'a' });
        const service = (id: string) => new Microservice(context, id, { image, ports: { http: 8080 } });
        const failover = zones.thenTo(service('standby'));
        service('orders').calls(service('rates'), { timeout, circuitBreaker: breaker, failover });
      },
      { tier: 'production', environment: { zones: THREE, backEnds: { mesh: chosen('istio-sidecar') } } },
    );
  const plan = withStandby(whole);
  expect(codesOf(plan)).toEqual([]);
  expect(policyOf(plan)).toMatchObject({ loadBalancer: { localityLbSetting: { enabled: true } } });
  const [cluster] = objectOf(plan, 'EnvoyFilter/shop/orders.rates.shop.8080.failover')['spec'].configPatches;
  expect(cluster.patch.value.cluster_type.typed_config.clusters).toHaveLength(2);
  // Half of the endpoints are enough for zones, and not for a standby.
  expect(codesOf(withStandby(circuitBreaker))).toEqual(['failover-without-breaker']);
});

test.each([
  [2, 50],
  [3, 34],
  [4, 50],
  [5, 40],
  [7, 43],
  [12, 34],
])('of %i pods in three zones a breaker has to be let leave %i %% alone', (pods, percent) => {
  const ask = (share: number): Plan =>
    calling(
      { circuitBreaker: CircuitBreaker.consecutiveErrors(3, { maxEjected: Percent.of(share) }), failover: zones },
      { props: { scale: Scale.fixed(pods) } },
    );
  expect(codesOf(ask(percent))).toEqual([]);
  const [found] = ask(percent - 1).findings;
  expect(found).toMatchObject({ code: 'failover-without-breaker', severity: 'error' });
  expect(found?.allowed).toContain(`${percent} % of the endpoints: of ${pods} pods`);
});

test('of a scaled callee the worst of its numbers counts', () => {
  const scale = Scale.between(2, 20).onCpu(Percent.of(70));
  const two = { zones: ['zone-a', 'zone-b'] };
  const ask = (share: number) =>
    codesOf(
      calling(
        { circuitBreaker: CircuitBreaker.consecutiveErrors(3, { maxEjected: Percent.of(share) }), failover: zones },
        { props: { scale }, environment: { ...two, backEnds: { mesh: chosen('istio-sidecar') } } },
      ),
    );
  // Of three pods one zone of two has two.
  expect(ask(66)).toEqual(['failover-without-breaker']);
  expect(ask(67)).toEqual([]);
});

test('zones without a breaker, or with one that is for a library, are told', () => {
  expect(codesOf(calling({ failover: zones }))).toEqual(['failover-without-breaker']);
  const trials = CircuitBreaker.consecutiveErrors(3, { trials: 3 });
  expect(codesOf(calling({ circuitBreaker: trials, failover: zones }))).toEqual([
    'failover-without-breaker',
    'mesh-cannot',
  ]);
});

test('where all endpoints are in one zone, that is told, but not in development', () => {
  const asked = { circuitBreaker, failover: zones };
  const within = (plan: Plan) => plan.findings.filter(({ code }) => code === 'failover-within-one-zone');
  const onePod = within(calling(asked, { props: { scale: Scale.fixed(1) }, tier: 'staging' }));
  expect(onePod).toMatchObject([{ severity: 'warning' }]);
  expect(onePod[0]?.got).toContain('no more than one pod');
  const backEnds = { mesh: chosen('istio-sidecar') };
  const oneZone = within(calling(asked, { tier: 'staging', environment: { zones: ['zone-a'], backEnds } }));
  expect(oneZone[0]?.got).toContain('one zone in staging');
  const noZone = { tier: 'development', environment: { zones: [], backEnds } } as const;
  expect(codesOf(calling(asked, noZone))).toEqual([]);
});

test('a host outside has no zones; of a Service of others any breaker will do', () => {
  const planFor = (to: (context: BoundedContext) => ExternalService): Plan =>
    planOf(
      (shop) => {
        const context = new BoundedContext(shop, 'shop', { team: 'a' });
        new Microservice(context, 'orders', { image }).calls(to(context), { timeout, circuitBreaker, failover: zones });
      },
      { tier: 'production', environment: { zones: THREE, backEnds: { mesh: chosen('istio-sidecar') } } },
    );
  const outside = planFor((context) =>
    ExternalService.of(context, 'bank', { host: 'bank.example.com', ports: { http: 80 } }),
  );
  expect(codesOf(outside)).toEqual(['failover-within-one-zone']);
  const others = { namespace: 'monitoring', podLabels: {}, ports: { http: 80 } };
  expect(codesOf(planFor((context) => ExternalService.inCluster(context, 'query', others)))).toEqual([]);
});

test('an endpoint that is chosen by a value is another one in each zone', () => {
  const ask = (loadBalancing: LoadBalancing) => codesOf(calling({ circuitBreaker, failover: zones, loadBalancing }));
  expect(ask(LoadBalancing.byHeader('x-user'))).toEqual(['same-endpoint-by-zone']);
  expect(ask(LoadBalancing.byCookie('session', Duration.hours(1)))).toEqual(['same-endpoint-by-zone']);
  expect(ask(LoadBalancing.roundRobin())).toEqual([]);
});

test.each(['istio-ambient', 'none'])('with the mesh %s nobody prefers zones, and no library does', (mesh) => {
  const layer = { settings: { clientLibrary: { value: 'data', at: 'environments/test.yaml:2:1' } } };
  const layers = [{ name: 'environment' as const, config: {}, services: {}, ...layer }];
  const environment = { layers, zones: THREE, backEnds: { mesh: chosen(mesh) } };
  const plan = calling({ circuitBreaker, failover: zones }, { environment });
  const [found, ...others] = plan.findings.filter(({ code }) => code === 'mesh-cannot');
  expect(others).toEqual([]);
  expect(found).toMatchObject({ severity: 'error', allowed: 'istio-sidecar' });
  expect(found?.message).toContain(': locality.');
  expect(found?.fix).not.toContain('clientLibrary');
  expect(JSON.stringify(plan.objects.map(({ manifest }) => manifest))).not.toContain('nextRegion');
});

test('a region of which nothing says what comes next is told, but not in development', () => {
  const codesIn = (region: string, tier: Tier = 'staging', failover = Failover.regions({ east: 'west' })) =>
    codesOf(
      calling(
        { circuitBreaker, failover },
        { tier, environment: { region, zones: THREE, backEnds: { mesh: chosen('istio-sidecar') } } },
      ),
    );
  expect(codesIn('north')).toEqual(['region-without-next']);
  expect(codesIn('east')).toEqual([]);
  expect(codesIn('north', 'development')).toEqual([]);
  expect(codesIn('north', 'staging', zones)).toEqual([]);
});

test('regions that cannot be are told, all at once', () => {
  const next = { 'eu-west-1': 'eu-west-1', 'eu/west': 'eu-north-1', 'us-east-1': '*' };
  const plan = calling({ circuitBreaker, failover: Failover.regions(next) });
  expect(codesOf(plan)).toContain('bad-regions');
  const [found] = plan.findings.filter(({ code }) => code === 'bad-regions');
  for (const region of Object.keys(next)) expect(found?.got).toContain(region);
  expect(codesOf(calling({ circuitBreaker, failover: Failover.regions({}) }))).toEqual(['bad-regions']);
  const unread = Failover.regions({ 'eu-west-1': 7 } as unknown as Record<string, string>);
  expect(codesOf(calling({ circuitBreaker, failover: unread }))).toEqual(['bad-regions']);
  const nothing = Failover.regions(undefined as unknown as Record<string, string>);
  expect(codesOf(calling({ circuitBreaker, failover: nothing }))).toEqual(['bad-regions']);
});

test('a failover that was begun and not finished is told', () => {
  const begun = Failover.to(undefined as never) as unknown as Failover;
  expect(codesOf(calling({ circuitBreaker, failover: begun }))).toEqual(['bad-value']);
});

test('a caller outside the mesh has no zones, whatever its library', () => {
  const layer = { settings: { clientLibrary: { value: 'data', at: 'environments/test.yaml:2:1' } } };
  const environment = {
    zones: THREE,
    layers: [{ name: 'environment' as const, config: {}, services: {}, ...layer }],
    backEnds: { mesh: chosen('istio-sidecar') },
  };
  const plan = planOf(
    (shop) => {
      const context = new BoundedContext(shop, 'shop', { team: 'a' });
      const rates = new Microservice(context, 'rates', { image, ports: { http: 8080 } });
      const orders = new Microservice(context, 'orders', { image });
      outsideMesh(orders.calls(rates, { timeout, circuitBreaker, failover: zones }), 'Old.');
    },
    { tier: 'production', environment },
  );
  const [found] = plan.findings.filter(({ code }) => code === 'mesh-cannot');
  expect(found).toMatchObject({
    allowed: 'callers in the mesh',
    fix: 'Bring the caller into the mesh, or take it out.',
  });
});
