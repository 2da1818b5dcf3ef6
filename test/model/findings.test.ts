import { BoundedContext, Microservice, accept, derive, report, rule, type Problem, type RuleFinding } from 'ashlar';
import { codesOf, planOf } from '../support/plans';

interface Parts {
  readonly context: BoundedContext;
  readonly orders: Microservice;
}

/** A production platform whose only service has one pod: `single-replica`. */
function planWith(say: (parts: Parts) => void, today?: string) {
  return planOf(
    (platform) => {
      const context = new BoundedContext(platform, 'ordering', { team: 'orders' });
      const orders = new Microservice(context, 'orders', { image: 'ghcr.io/acme/orders:1.0.0' });
      say({ context, orders });
    },
    {
      tier: 'production',
      environment: {
        layers: [{ name: 'base', settings: { scale: { value: { min: 1 }, at: 'base' } }, config: {}, services: {} }],
      },
      ...(today !== undefined && { today }),
    },
  );
}

test('what is not accepted stays open', () => {
  expect(codesOf(planWith(() => undefined))).toEqual(['single-replica']);
});

test('an acceptance is listed with its reason and its line', () => {
  const plan = planWith(({ orders }) => accept(orders, 'single-replica', 'It keeps nothing.'));
  expect(plan.findings).toEqual([]);
  expect(plan.unused).toEqual([]);
  expect(plan.accepted).toMatchObject([
    {
      finding: { code: 'single-replica', path: 'shop/ordering/orders' },
      acceptance: {
        reason: 'It keeps nothing.',
        source: { at: expect.stringMatching(/findings\.test\.ts:\d+/) as string },
      },
    },
  ]);
});

test('an acceptance holds for the parts of its construct, and for no other code', () => {
  expect(planWith(({ context }) => accept(context, 'single-replica', 'All of it is small.')).findings).toEqual([]);
  const plan = planWith(({ orders }) => accept(orders, 'floating-image', 'There is one only.'));
  expect(codesOf(plan)).toEqual(['single-replica']);
  expect(plan.unused).toMatchObject([{ code: 'floating-image', reason: 'There is one only.' }]);
});

test('an acceptance at one service does not hold for another whose name starts alike', () => {
  const plan = planWith(({ context, orders }) => {
    new Microservice(context, 'orders-history', { image: 'ghcr.io/acme/history:1.0.0' });
    accept(orders, 'single-replica', 'It keeps nothing.');
  });
  expect(plan.findings).toMatchObject([{ code: 'single-replica', path: 'shop/ordering/orders-history' }]);
});

test('an acceptance holds until its last day, and that day too', () => {
  const say = ({ orders }: Parts): void => accept(orders, 'single-replica', 'Until the move.', { until: '2027-01-31' });
  expect(codesOf(planWith(say, '2027-01-31'))).toEqual([]);
  const after = planWith(say, '2027-02-01');
  expect(codesOf(after)).toEqual(['acceptance-ended', 'single-replica']);
  expect(after.findings[0]).toMatchObject({
    code: 'acceptance-ended',
    severity: 'warning',
    field: 'accept(single-replica)',
    got: expect.stringContaining('Until the move.') as string,
  });
  expect(after.accepted).toEqual([]);
});

test('what the program said wrongly cannot be accepted, and is no reason to leave out checks', () => {
  const plan = planWith(({ context }) => {
    const wrong = { image: 'ghcr.io/acme/stock:1.0.0', rollout: 'canary' as never };
    accept(new Microservice(context, 'stock', wrong), 'bad-value', 'It goes well.');
    accept(context, 'single-replica', 'All of it is small.');
  });
  expect(codesOf(plan)).toEqual(['acceptance-refused', 'bad-value']);
  expect(plan.findings[0]).toMatchObject({
    severity: 'error',
    path: 'shop/ordering/stock',
    field: 'accept(bad-value)',
  });
  expect(plan.unused).toEqual([]);
});

test('an acceptance that holds counts, whatever ended beside it', () => {
  const plan = planWith(({ context, orders }) => {
    accept(orders, 'single-replica', 'Until the move.', { until: '2020-01-01' });
    accept(context, 'single-replica', 'The new home has one node.');
  });
  expect(plan.accepted).toMatchObject([{ acceptance: { reason: 'The new home has one node.' } }]);
  expect(codesOf(plan)).not.toContain('single-replica');
});

test.each(['', '   '])('an acceptance without a reason (%j) is a finding', (reason) => {
  expect(codesOf(planWith(({ orders }) => accept(orders, 'single-replica', reason)))).toContain(
    'acceptance-without-reason',
  );
});

test.each(['soon', '2027-13-45', '2027-1-5', '31.01.2027'])('%s is no last day', (until) => {
  const plan = planWith(({ orders }) => accept(orders, 'single-replica', 'Until then.', { until }));
  expect(plan.findings).toMatchObject([{ code: 'bad-date', field: 'until', got: until }]);
});

test('an acceptance after the plan is refused', () => {
  let late: Microservice | undefined;
  planWith(({ orders }) => (late = orders));
  expect(() => accept(late as Microservice, 'single-replica', 'Too late.')).toThrow(/after the plan was made/);
});

const problem = (code: string, message = 'm'): Problem => ({ code, message });

test('findings are sorted by path and code, and equal ones are told once', () => {
  const loud = rule('acme.loud', function* (graph): Iterable<RuleFinding> {
    const context = graph.root.node.findChild('ordering');
    for (const code of ['b', 'a', 'b']) yield { at: context, ...problem(code) };
    yield { at: graph.root, ...problem('z') };
  });
  const plan = planOf(
    (platform) => {
      const context = new BoundedContext(platform, 'ordering', { team: 'orders' });
      report(new BoundedContext(platform, 'billing', { team: 'billing' }), problem('c'));
      report(context, problem('a'));
    },
    { extensions: [{ name: 'acme', pieces: [loud] }] },
  );
  expect(plan.findings.map(({ path, code }) => `${path} ${code}`)).toEqual([
    'shop z',
    'shop/billing c',
    'shop/ordering a',
    'shop/ordering b',
  ]);
});

test('two objects of one name are a finding that names both makers', () => {
  const twin = derive('acme.twin', function* (graph) {
    const metadata = { name: 'limits', namespace: 'ordering' };
    yield { scope: graph.root, manifest: { apiVersion: 'v1', kind: 'LimitRange', metadata, spec: { limits: [] } } };
  });
  const plan = planOf((platform) => void new BoundedContext(platform, 'ordering', { team: 'orders' }), {
    extensions: [{ name: 'acme', pieces: [twin] }],
  });
  expect(plan.findings).toMatchObject([
    {
      code: 'duplicate-object',
      object: 'LimitRange/ordering/limits',
      got: 'shop (acme.twin) and shop/ordering (contexts)',
    },
  ]);
});

test('an object keeps its identity when its version moves on', () => {
  const twin = derive('acme.twin', function* (graph) {
    const metadata = { name: 'orders', namespace: 'ordering', labels: {} };
    yield { scope: graph.root, manifest: { apiVersion: 'apps/v1beta1', kind: 'Deployment', metadata } };
  });
  const plan = planOf(
    (platform) => {
      const context = new BoundedContext(platform, 'ordering', { team: 'orders' });
      new Microservice(context, 'orders', { image: 'ghcr.io/acme/orders:1.0.0' });
    },
    { extensions: [{ name: 'acme', pieces: [twin] }] },
  );
  expect(codesOf(plan)).toContain('duplicate-object');
});
