import {
  BoundedContext,
  Microservice,
  PodEnv,
  contribute,
  derive,
  facet,
  type ContributePiece,
  type Extension,
  type Part,
  Workload,
} from 'ashlar';
import { codesOf, objectOf, planOf } from '../support/plans';

interface Wheel {
  readonly name: string;
  readonly size?: number;
  readonly color?: string;
}

const Wheels = facet<Wheel>('acme.wheels', ({ name }) => name);

const wheel = (id: string, part: Wheel, by = id): ContributePiece =>
  contribute(id, Wheels, function* (graph): Iterable<Part<Wheel>> {
    for (const { construct } of graph.having(Workload))
      yield { to: construct, part, source: { by, at: `file-of-${id}` } };
  });

const seen: unknown[] = [];
const reader = derive('acme.reader', (graph) => {
  for (const { construct } of graph.having(Workload)) seen.push(...graph.collect(Wheels, construct));
  return [];
});

function planWith(...pieces: readonly ContributePiece[]) {
  seen.length = 0;
  const extensions: Extension[] = [{ name: 'acme', pieces: [reader, ...pieces] }];
  return planOf(
    (platform) => {
      const context = new BoundedContext(platform, 'ordering', { team: 'orders' });
      new Microservice(context, 'orders', { image: 'ghcr.io/acme/orders:1.0.0', env: { MODE: 'fast' } });
    },
    { extensions },
  );
}

test('parts of one key are joined field by field and remember who gave them', () => {
  planWith(wheel('a', { name: 'front', size: 20 }), wheel('b', { name: 'front', color: 'red' }));
  expect(seen).toMatchObject([
    { key: 'front', value: { name: 'front', size: 20, color: 'red' }, sources: [{ by: 'a' }, { by: 'b' }] },
  ]);
});

test('parts come in the order of their keys, whoever came first', () => {
  const parts = ['b', 'c', 'a'].map((name) => wheel(`piece-${name}`, { name }));
  planWith(...parts);
  expect(seen).toMatchObject([{ key: 'a' }, { key: 'b' }, { key: 'c' }]);
});

test('two who write the same value agree', () => {
  expect(codesOf(planWith(wheel('a', { name: 'front', size: 20 }), wheel('b', { name: 'front', size: 20 })))).toEqual(
    [],
  );
});

test('two who write different values of a field are a finding that names both, in any order', () => {
  const pieces = [wheel('a', { name: 'front', size: 20 }), wheel('b', { name: 'front', size: 28 })] as const;
  const plans = [planWith(...pieces), planWith(...pieces.toReversed())];
  expect(plans[0]?.findings).toMatchObject([
    {
      code: 'two-writers',
      severity: 'error',
      path: 'shop/ordering/orders',
      field: 'acme.wheels: front.size',
      got: 'a at file-of-a says 20; b at file-of-b says 28',
    },
  ]);
  expect(plans[1]?.findings).toEqual(plans[0]?.findings);
});

test('a third writer of another field is no part of the quarrel', () => {
  const plan = planWith(
    wheel('a', { name: 'front', size: 20 }),
    wheel('b', { name: 'front', color: 'red' }),
    wheel('c', { name: 'front', color: 'blue' }),
  );
  expect(plan.findings).toHaveLength(1);
  expect(plan.findings[0]?.got).toMatch(/^b at .*; c at /);
});

test('a facet that another pattern owns takes parts from outside', () => {
  const add = contribute('acme.env', PodEnv, function* (graph) {
    for (const { construct } of graph.having(Workload)) {
      yield { to: construct, part: { name: 'REGION', value: 'north' }, source: { by: 'acme', at: 'acme' } };
    }
  });
  const plan = planWith(add);
  const [container] = objectOf(plan, 'Deployment/ordering/orders')['spec'].template.spec.containers;
  expect(container.env).toEqual([
    { name: 'MODE', value: 'fast' },
    { name: 'REGION', value: 'north' },
  ]);
});

test('a variable of the program and one of an extension do not overwrite each other', () => {
  const add = contribute('acme.env', PodEnv, function* (graph) {
    for (const { construct } of graph.having(Workload)) {
      yield { to: construct, part: { name: 'MODE', value: 'slow' }, source: { by: 'acme', at: 'acme' } };
    }
  });
  expect(planWith(add).findings).toMatchObject([
    { code: 'two-writers', got: expect.stringContaining('acme at acme says "slow"') as string },
  ]);
});

test('a literal value and a reference of one variable are two writers', () => {
  const add = contribute('acme.env', PodEnv, function* (graph) {
    for (const { construct } of graph.having(Workload)) {
      const valueFrom = { fieldRef: { fieldPath: 'metadata.name' } };
      yield { to: construct, part: { name: 'MODE', valueFrom }, source: { by: 'acme', at: 'acme' } };
    }
  });
  expect(codesOf(planWith(add))).toEqual(['two-writers']);
});
