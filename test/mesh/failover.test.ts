import {
  BoundedContext,
  CircuitBreaker,
  Duration,
  ExternalService,
  Failover,
  Microservice,
  Percent,
  Rollout,
  Scale,
  type CallOptions,
  type MicroserviceProps,
  type Plan,
} from 'ashlar';
import { codesOf, objectOf, planOf } from '../support/plans';

const image = 'registry.example.com/it:1';
const timeout = Duration.seconds(2);
const circuitBreaker = CircuitBreaker.consecutiveErrors(3, { maxEjected: Percent.of(100) });

/** The plan of a caller of `rates`, with a standby in the cluster and one outside. */
function calling(
  say: (standby: Microservice, outside: ExternalService) => CallOptions,
  mesh = 'istio-sidecar',
  props: Partial<MicroserviceProps> = {},
): Plan {
  const chosen = (name: string) => ({ name, options: {}, at: 'environments/test.yaml:1:1' });
  const backEnds = { mesh: chosen(mesh), rollout: chosen(props.rollout === undefined ? 'none' : 'argo-rollouts') };
  return planOf(
    (shop) => {
      const context = new BoundedContext(shop, 'shop', { team: 'a' });
      const service = (id: string, ports: Readonly<Record<string, number>>) =>
        new Microservice(context, id, { image, ports });
      const outside = ExternalService.of(shop, 'outside', { host: 'rates.example.com' });
      const standby = service('standby', { http: 9090, grpc: 9091 });
      service('orders', { http: 8080 }).calls(
        new Microservice(context, 'rates', { image, ports: { http: 8080 }, ...props }),
        say(standby, outside),
      );
    },
    { environment: { backEnds } },
  );
}

const toHttp = (standby: Microservice): CallOptions => ({
  timeout,
  circuitBreaker,
  failover: Failover.to(standby, { port: 'http' }).whenUnhealthy(),
});

test('the callee comes first, and then the standby', () => {
  const plan = calling(toHttp);
  expect(codesOf(plan)).toEqual([]);
  const { workloadSelector, configPatches } = objectOf(plan, 'EnvoyFilter/shop/orders.rates.shop.8080.failover')[
    'spec'
  ];
  expect(workloadSelector).toEqual({ labels: { 'app.kubernetes.io/name': 'orders' } });
  expect(configPatches[0].patch.value.cluster_type.typed_config.clusters).toEqual([
    'outbound|8080||rates.shop.svc.cluster.local',
    'outbound|9090||standby.shop.svc.cluster.local',
  ]);
  expect(configPatches[1].match.routeConfiguration.vhost).toEqual({
    name: 'rates.shop.svc.cluster.local:8080',
    route: { name: 'shop-orders-http' },
  });
  expect(configPatches[1].patch.value).toEqual({ route: { cluster: 'failover|8080||rates.shop.svc.cluster.local' } });
});

test('the way to the standby is open before it is needed', () => {
  const plan = calling(toHttp);
  expect(objectOf(plan, 'Sidecar/shop/orders')['spec'].egress[0].hosts).toEqual([
    'shop/rates.shop.svc.cluster.local',
    'shop/standby.shop.svc.cluster.local',
  ]);
  expect(JSON.stringify(objectOf(plan, 'AuthorizationPolicy/shop/standby'))).toContain('/sa/orders');
});

test('a host outside is asked over TLS that is checked', () => {
  const plan = calling((_, outside) => ({ timeout, circuitBreaker, failover: Failover.to(outside).whenUnhealthy() }));
  expect(codesOf(plan)).toEqual([]);
  const [{ tls }] = objectOf(plan, 'DestinationRule/shop/orders.outside')['spec'].trafficPolicy.portLevelSettings;
  expect(tls).toMatchObject({ mode: 'SIMPLE', sni: 'rates.example.com', subjectAltNames: ['rates.example.com'] });
});

test('a failover that nothing would set off is told', () => {
  const half = CircuitBreaker.consecutiveErrors(3);
  for (const breaker of [{}, { circuitBreaker: half }]) {
    const plan = calling((standby) => ({ timeout, failover: toHttp(standby).failover!, ...breaker }));
    expect(codesOf(plan)).toEqual(['failover-without-breaker']);
  }
});

test('a standby that speaks something else is told', () => {
  const to = (port: string) => (standby: Microservice) => ({
    timeout,
    circuitBreaker,
    failover: Failover.to(standby, { port }).whenUnhealthy(),
  });
  expect(codesOf(calling(to('grpc')))).toEqual(['standby-differs']);
  expect(codesOf(calling(to('nothing')))).toContain('standby-differs');
});

test('what a mesh cannot do is a finding', () => {
  expect(codesOf(calling(toHttp, 'istio-ambient'))).toEqual(['mesh-cannot']);
});

test('a standby that encrypts answers HTTP, and nothing else', () => {
  const outside = (port: Readonly<Record<string, number>>) =>
    calling((_, peer) => ({ circuitBreaker, failover: Failover.to(peer).whenUnhealthy() }), 'istio-sidecar', {
      ports: port,
    });
  expect(codesOf(outside({ http: 8080 }))).toEqual(['no-timeout']);
  expect(codesOf(outside({ grpc: 8080 }))).toEqual(['no-timeout', 'standby-differs']);
});

const canary = { rollout: Rollout.canary({ weights: [10, 50] }), scale: Scale.fixed(3) };

test('a callee that shares its requests by weights is told', () => {
  expect(codesOf(calling(toHttp, 'istio-sidecar', canary))).toEqual(['failover-beside-canary']);
});

test('who calls is no standby of its own', () => {
  const told = (failover: (orders: Microservice) => Failover): readonly (string | undefined)[] => {
    const { findings } = planOf((shop) => {
      const context = new BoundedContext(shop, 'shop', { team: 'a' });
      const rates = new Microservice(context, 'rates', { image, ports: { http: 8080 } });
      const orders = new Microservice(context, 'orders', { image, ports: { http: 8080 } });
      orders.calls(rates, { timeout, circuitBreaker, failover: failover(orders) });
    });
    return findings.filter(({ code }) => code === 'bad-value').map(({ got }) => got);
  };
  expect(told((orders) => Failover.to(orders).whenUnhealthy())).toEqual(['shop/shop/orders, which calls']);
  expect(told((orders) => Failover.zones().thenTo(orders))).toEqual(['shop/shop/orders, which calls']);
});
