import { Aggregator, ApiGateway, Auth, BoundedContext, Duration, Microservice, type Plan } from 'ashlar';
import { meshPlanOf } from '../support/meshes';
import { codesOf, objectOf } from '../support/plans';

const image = 'registry.example.com/it:1';
const millis = (amount: number): Duration => Duration.millis(amount);

function pagePlan(deadline: number, gather: (page: Aggregator, peers: readonly Microservice[]) => void): Plan {
  return meshPlanOf((shop) => {
    const context = new BoundedContext(shop, 'shop', { team: 'a' });
    const peers = ['shipping', 'orders'].map((id) => new Microservice(context, id, { image, ports: { http: 8080 } }));
    gather(new Aggregator(context, 'page', { image, ports: { http: 8080 }, deadline: millis(deadline) }), peers);
  });
}

const all = (page: Aggregator, [shipping, orders]: readonly Microservice[]): void => {
  page.gathers(shipping!, { deadline: millis(400), onFailure: 'omit' }).gathers(orders!, { deadline: millis(500) });
};

test('the program is told its branches and its time, and the mesh sees to each', () => {
  const plan = pagePlan(800, all);
  expect(codesOf(plan)).toEqual([]);
  const { env } = objectOf(plan, 'Deployment/shop/page')['spec'].template.spec.containers[0];
  const values = new Map((env as { name: string; value: string }[]).map(({ name, value }) => [name, value]));
  expect(values.get('AGGREGATOR_DEADLINE_MS')).toBe('800');
  expect(JSON.parse(values.get('AGGREGATOR_BRANCHES') ?? '')).toEqual([
    { name: 'orders', address: 'orders.shop.svc:8080', deadlineMs: 500, onFailure: 'fail' },
    { name: 'shipping', address: 'shipping.shop.svc:8080', deadlineMs: 400, onFailure: 'omit' },
  ]);
  expect(objectOf(plan, 'VirtualService/shop/orders')['spec'].http[0]).toMatchObject({
    name: 'shop-page-http',
    timeout: '500ms',
  });
  expect(objectOf(plan, 'AuthorizationPolicy/shop/shipping')).toBeDefined();
});

test('a deadline below that of a branch is told', () => {
  expect(pagePlan(450, all).findings).toMatchObject([
    { code: 'deadline-below-branch', path: 'shop/shop/page', allowed: 'at least 500 ms' },
  ]);
});

test('what was given wrongly is told', () => {
  expect(codesOf(pagePlan(0, () => undefined))).toEqual(['nothing-gathered', 'out-of-range']);
  const wrong = pagePlan(900, (page, [shipping]) => {
    page.gathers(shipping!, { deadline: millis(0), onFailure: 'retry' as never });
  });
  expect(codesOf(wrong)).toEqual(['out-of-range', 'unknown-choice']);
});

test('a caller and a route that wait less long than its deadline are told; those that wait as long are not', () => {
  const plan = pagePlan(800, (page, peers) => {
    all(page, peers);
    const context = page.node.scope as BoundedContext;
    new Microservice(context, 'hasty', { image }).calls(page, { timeout: millis(799) });
    new Microservice(context, 'patient', { image }).calls(page, { timeout: millis(800) });
    const edge = new ApiGateway(context, 'edge', { hosts: ['api.shop.example.com'] });
    const auth = Auth.none('A test asks.');
    edge.route('/hasty', page, { auth, timeout: millis(700) }).route('/patient', page, { auth, timeout: millis(900) });
  });
  const found = plan.findings.filter(({ code }) => code === 'timeout-below-deadline');
  expect(found.map(({ path, got }) => [path, got?.split(' at ')[0]])).toEqual([
    ['shop/shop/edge', '700 ms'],
    ['shop/shop/hasty', '799 ms'],
  ]);
});
