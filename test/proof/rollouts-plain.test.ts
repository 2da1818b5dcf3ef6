import {
  BoundedContext,
  Duration,
  Microservice,
  Rollout,
  Scale,
  definePlatform,
  type PlatformDefinition,
} from 'ashlar';
import { makePlan, plainEnvironment } from 'ashlar/charts';
import { meshProof } from './support/mesh/engine';
import { VersionedLab } from './support/rollouts/stage';

const image = 'registry.example.com/it:1';

const definition = definePlatform('proof', (platform) => {
  const ordering = new BoundedContext(platform, 'ordering', { team: 'a' });
  const props = { image, ports: { http: 8080 }, scale: Scale.fixed(4) };
  const testers = { header: 'x-canary', value: 'yes' };
  const orders = new Microservice(ordering, 'orders', {
    ...props,
    rollout: Rollout.canary({ weights: [30], testers }),
  });
  const payments = new Microservice(ordering, 'payments', { ...props, rollout: Rollout.blueGreen() });
  const caller = new Microservice(ordering, 'caller', { image });
  caller.calls(orders, { timeout: Duration.seconds(10) }).calls(payments, { timeout: Duration.seconds(10) });
});

/** In a mesh, without a controller: the environment names one state. */
function stated(of: PlatformDefinition, mesh: string, orders: number, payments: number) {
  const at = 'environments/test.yaml:1:1';
  const next = 'registry.example.com/it:2';
  const versions = {
    'ordering/orders': { image: next, percent: orders },
    'ordering/payments': { image: next, percent: payments },
  };
  const backEnds = {
    mesh: { name: mesh, options: {}, at },
    rollout: { name: 'plain', options: { versions }, at },
  };
  return makePlan(of, { ...plainEnvironment('dev', 'development'), backEnds }, { today: '2026-01-01' });
}

meshProof('one state of a release, without a controller', () => {
  test.each([
    ['istio-sidecar', 30, 0],
    ['istio-sidecar', 100, 100],
    ['istio-sidecar', 0, 0],
    ['istio-ambient', 30, 0],
    ['istio-ambient', 100, 100],
  ])('in %s %d %% go to the canary, and %d %% to the version beside', async (mesh, orders, payments) => {
    const lab = new VersionedLab(stated(definition, mesh, orders, payments), {}, 'ashlar.dev/version');
    try {
      expect(lab.problems).toEqual([]);
      await lab.start(...lab.reachable());
      const call =
        (service: string, headers = {}) =>
        () =>
          lab.call('ordering/caller', `ordering/${service}`, 8080, { headers });
      expect(Math.abs((await lab.share('next', 3500, call('orders'))) - orders)).toBeLessThanOrEqual(3);
      expect(await lab.share('next', 100, call('orders', { 'x-canary': 'yes' }))).toBe(100);
      expect(await lab.share('next', 100, call('payments'))).toBe(payments);
    } finally {
      await lab.stop();
    }
  });
});
