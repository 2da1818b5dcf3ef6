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
  type IEndpoint,
  type MicroserviceProps,
  type Plan,
} from 'ashlar';
import { codesOf, objectOf } from '../support/plans';
import { rolloutPlanOf, type RolloutChoice } from '../support/rollouts';

const image = 'registry.example.com/it:1';
const timeout = Duration.seconds(2);
const circuitBreaker = CircuitBreaker.consecutiveErrors(3, { maxEjected: Percent.of(100) });

interface Made {
  readonly context: BoundedContext;
  readonly orders: Microservice;
  readonly backup: Microservice;
}

/** The plan of `orders`, which calls `rates` with a standby: `backup`, or another one that is made. */
function withStandby(
  say: (made: Made) => IEndpoint | undefined = () => undefined,
  { props = {}, ...choice }: RolloutChoice & { readonly props?: Partial<MicroserviceProps> } = {},
): Plan {
  return rolloutPlanOf((shop) => {
    const context = new BoundedContext(shop, 'shop', { team: 'a' });
    const rates = new Microservice(context, 'rates', { image, ports: { http: 8080 } });
    const backup = new Microservice(context, 'backup', { image, ports: { http: 9090 }, ...props });
    const orders = new Microservice(context, 'orders', { image });
    const standby = say({ context, orders, backup }) ?? backup;
    orders.calls(rates, { timeout, circuitBreaker, failover: Failover.to(standby).whenUnhealthy() });
  }, choice);
}

const clustersOf = (plan: Plan): readonly string[] =>
  objectOf(plan, 'EnvoyFilter/shop/orders.rates.shop.8080.failover')['spec'].configPatches[0].patch.value.cluster_type
    .typed_config.clusters;

describe('a standby that is called, too', () => {
  test('its own call has options of its own', () => {
    const plan = withStandby(({ orders, backup }) => {
      orders.calls(backup, { env: 'BACKUP', timeout: Duration.seconds(1) });
      return undefined;
    });
    expect(codesOf(plan)).toEqual([]);
    const [container] = objectOf(plan, 'Deployment/shop/orders')['spec'].template.spec.containers;
    expect(container.env).toContainEqual({ name: 'BACKUP', value: 'backup.shop.svc:9090' });
    expect(objectOf(plan, 'VirtualService/shop/backup')['spec'].http).toMatchObject([
      { name: 'shop-orders-http', timeout: '1s' },
      { name: 'everybody-http' },
    ]);
    expect(clustersOf(plan)[1]).toBe('outbound|9090||backup.shop.svc.cluster.local');
  });

  test('a call that waits without end is told, and the way of the failover is not', () => {
    expect(codesOf(withStandby())).toEqual([]);
    const plan = withStandby(({ orders, backup }) => {
      orders.calls(backup);
      return undefined;
    });
    expect(codesOf(plan)).toEqual(['no-timeout']);
  });

  test('a host outside is called with options of its own, in plain text', () => {
    const plan = withStandby(({ context, orders }) => {
      const outside = ExternalService.of(context, 'outside', { host: 'rates.example.com', ports: { http: 80 } });
      orders.calls(outside, { env: 'BACKUP', timeout });
      return outside;
    });
    expect(codesOf(plan)).toEqual([]);
  });

  test('what its proxy encrypts the program does not encrypt again', () => {
    const codes = (who: 'orders' | 'backup', port: 'https' | 'http'): readonly string[] => {
      const plan = rolloutPlanOf((shop) => {
        const context = new BoundedContext(shop, 'shop', { team: 'a' });
        const service = (id: string) => new Microservice(context, id, { image, ports: { http: 8080 } });
        const outside = ExternalService.of(context, 'outside', {
          host: 'rates.example.com',
          ports: { https: 443, http: 80 },
        });
        const made = { orders: service('orders'), backup: service('backup') };
        const failover = Failover.to(outside, { port: 'https' }).whenUnhealthy();
        made.orders.calls(service('rates'), { timeout, circuitBreaker, failover });
        made[who].calls(outside, { port, ...(port === 'http' && { timeout }) });
      });
      return codesOf(plan);
    };
    expect(codes('orders', 'https')).toEqual(['standby-encrypted-twice']);
    expect(codes('orders', 'http')).toEqual([]);
    expect(codes('backup', 'https')).toEqual([]);
  });
});

describe('a standby in two versions', () => {
  const props = { rollout: Rollout.canary({ weights: [10, 50] }), scale: Scale.fixed(4) };
  const plain = (percent: number): RolloutChoice => ({
    rollout: 'plain',
    rolloutOptions: { versions: { 'shop/backup': { image: 'registry.example.com/it:2', percent } } },
  });

  test.each<[string, string, RolloutChoice]>([
    ['a controller', 'backup-stable', {}],
    ['a share of the requests', 'backup-stable', plain(50)],
    ['none of them yet', 'backup-stable', plain(0)],
    ['all of them', 'backup-canary', plain(100)],
  ])('by %s: %s answers alone, and its caller knows it', (_, version, choice) => {
    const plan = withStandby(undefined, { ...choice, props });
    expect(codesOf(plan)).toEqual([]);
    expect(clustersOf(plan)[1]).toBe(`outbound|9090||${version}.shop.svc.cluster.local`);
    const [{ hosts }] = objectOf(plan, 'Sidecar/shop/orders')['spec'].egress;
    expect(hosts).toContain(`shop/${version}.shop.svc.cluster.local`);
  });

  test('where nobody shares requests, all go to the name that all know', () => {
    const plan = withStandby(undefined, { rollout: 'none', rolloutOptions: {}, props });
    expect(clustersOf(plan)[1]).toBe('outbound|9090||backup.shop.svc.cluster.local');
  });
});

test('of a callee with two ports the requests to one fail over', () => {
  const plan = rolloutPlanOf((shop) => {
    const context = new BoundedContext(shop, 'shop', { team: 'a' });
    const service = (id: string, ports: Readonly<Record<string, number>>) =>
      new Microservice(context, id, { image, ports });
    const [rates, backup] = [service('rates', { http: 8080, grpc: 9090 }), service('backup', { http: 8080 })];
    service('orders', {})
      .calls(rates, { port: 'http', timeout, circuitBreaker, failover: Failover.to(backup).whenUnhealthy() })
      .calls(rates, { port: 'grpc', timeout });
  });
  expect(codesOf(plan)).toEqual([]);
  const { configPatches } = objectOf(plan, 'EnvoyFilter/shop/orders.rates.shop.8080.failover')['spec'];
  const routes = configPatches.slice(1) as { match: { routeConfiguration: { vhost: unknown } } }[];
  expect(routes.map(({ match }) => match.routeConfiguration.vhost)).toEqual([
    { name: 'rates.shop.svc.cluster.local:8080', route: { name: 'shop-orders-http' } },
  ]);
});

test('callees of two contexts that are called alike have failovers of their own', () => {
  const plan = rolloutPlanOf((shop) => {
    const context = (id: string) => new BoundedContext(shop, id, { team: 'a' });
    const rates = (id: string) => new Microservice(context(id), 'rates', { image, ports: { http: 8080 } });
    const [billing, pricing] = [rates('billing'), rates('pricing')];
    const home = context('shop');
    const backup = new Microservice(home, 'backup', { image, ports: { http: 8080 } });
    const options = { timeout, circuitBreaker, failover: Failover.to(backup).whenUnhealthy() };
    new Microservice(home, 'orders', { image }).calls(billing, options).calls(pricing, options);
  });
  expect(codesOf(plan)).toEqual([]);
  const filters = plan.objects.filter(({ manifest }) => manifest.kind === 'EnvoyFilter');
  expect(filters.map(({ manifest }) => manifest.metadata.name).sort()).toEqual([
    'orders.rates.billing.8080.failover',
    'orders.rates.pricing.8080.failover',
  ]);
});
