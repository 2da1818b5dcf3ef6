import { BoundedContext, Microservice, PostgresDatabase, Scale, type Platform, type Tier } from 'ashlar';
import { zoneLoss, type ZoneLoss } from 'ashlar/charts';
import { planOf } from '../support/plans';

const zones = ['zone-a', 'zone-b', 'zone-c'];
const image = 'registry.example.com/it:1';

/** What is left of the workloads of a context. */
function lossOf(say: (context: BoundedContext) => void, of = zones, tier: Tier = 'production'): readonly ZoneLoss[] {
  const program = (shop: Platform): void => say(new BoundedContext(shop, 'ordering', { team: 'a' }));
  return zoneLoss(planOf(program, { tier, environment: { zones: of } }), of[0] ?? '');
}

const scaled = (scale: Scale) => (context: BoundedContext) => {
  new Microservice(context, 'orders', { image, ports: { http: 8080 }, scale });
};

test.each([
  [1, 3, 0, 1],
  [2, 3, 1, 2],
  [3, 3, 2, 2],
  [4, 3, 2, 3],
  [6, 3, 4, 4],
  [7, 2, 3, 4],
  [3, 1, 0, 0],
])('of %i pods in %i zones %i to %i are left', (pods, count, least, most) => {
  const [loss] = lossOf(scaled(Scale.fixed(pods)), zones.slice(0, count));
  expect(loss).toEqual({
    workload: 'Deployment/ordering/orders',
    pods,
    least,
    most,
    gone: 'elsewhere',
    isSpread: true,
  });
});

test('where a scaler decides, the fewest pods count', () => {
  const [loss] = lossOf(scaled(Scale.between(6, 30)));
  expect(loss).toMatchObject({ pods: 6, least: 4, most: 4 });
});

test('where pods need not be spread, all of them may be in the zone', () => {
  const [loss] = lossOf(scaled(Scale.fixed(3)), zones, 'staging');
  expect(loss).toMatchObject({ pods: 3, least: 0, most: 3, isSpread: false });
});

test('what has a volume in the zone waits for it', () => {
  const all = lossOf((context) => new PostgresDatabase(context, 'orders-db'));
  expect(all.map(({ workload, gone }) => [workload, gone])).toEqual([['StatefulSet/ordering/orders-db', 'waits']]);
});

test('a zone that the environment does not have is told', () => {
  const plan = planOf(() => undefined, { tier: 'production', environment: { zones } });
  expect(() => zoneLoss(plan, 'zone-z')).toThrow(/unknown-zone[\s\S]*zone-a, zone-b, zone-c/);
});
