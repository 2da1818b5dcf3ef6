import { BoundedContext, Duration, Microservice, Rollout, Scale, definePlatform, outsideMesh } from 'ashlar';
import { makePlan, plainEnvironment } from 'ashlar/charts';
import { meshProof } from './support/mesh/engine';
import { VersionedLab } from './support/rollouts/stage';

const image = 'registry.example.com/it:1';

const definition = definePlatform('proof', (platform) => {
  const ordering = new BoundedContext(platform, 'ordering', { team: 'a' });
  const testers = { header: 'x-canary', value: 'yes' };
  const rollout = Rollout.canary({ weights: [30], testers });
  const orders = new Microservice(ordering, 'orders', { image, ports: { http: 8080 }, scale: Scale.fixed(4), rollout });
  outsideMesh(orders, 'Its callers have the proxies.');
  new Microservice(ordering, 'caller', { image }).calls(orders, { timeout: Duration.seconds(10) });
});

meshProof('a canary outside the mesh', () => {
  test('proxies of its callers share their requests by weights', async () => {
    const at = 'environments/test.yaml:1:1';
    const versions = { 'ordering/orders': { image: 'registry.example.com/it:2', percent: 30 } };
    const backEnds = {
      mesh: { name: 'istio-sidecar', options: {}, at },
      rollout: { name: 'plain', options: { versions }, at },
    };
    const plan = makePlan(definition, { ...plainEnvironment('dev', 'development'), backEnds }, { today: '2026-01-01' });
    const lab = new VersionedLab(plan, {}, 'ashlar.dev/version');
    try {
      expect(lab.problems).toEqual([]);
      await lab.start(...lab.placed.pods.keys());
      const call =
        (headers = {}) =>
        () =>
          lab.call('ordering/caller', 'ordering/orders', 8080, { headers });
      expect(Math.abs((await lab.share('next', 3500, call())) - 30)).toBeLessThanOrEqual(3);
      expect(await lab.share('next', 100, call({ 'x-canary': 'yes' }))).toBe(100);
    } finally {
      await lab.stop();
    }
  });
});
