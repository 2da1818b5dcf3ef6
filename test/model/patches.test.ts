import {
  BoundedContext,
  Microservice,
  Port,
  displayNameOf,
  patch,
  type ObjectSelector,
  type PatchOperation,
  type Platform,
} from 'ashlar';
import { codesOf, objectOf, planOf } from '../support/plans';

const image = 'ghcr.io/acme/app:1.0.0';

function planWith(change: (parts: { platform: Platform; context: BoundedContext; orders: Microservice }) => void) {
  return planOf((platform) => {
    const context = new BoundedContext(platform, 'ordering', { team: 'orders' });
    const orders = new Microservice(context, 'orders', { image, ports: { http: Port.http(80, { container: 8080 }) } });
    new Microservice(context, 'payments', { image });
    change({ platform, context, orders });
  });
}

const replicas = (value: number): readonly PatchOperation[] => [{ op: 'replace', path: '/spec/replicas', value }];

test('a patch changes what was derived for its construct, and nothing else', () => {
  const plan = planWith(({ orders }) => patch(orders, { kind: 'Deployment' }, replicas(4)));
  expect(codesOf(plan)).toEqual([]);
  expect(objectOf(plan, 'Deployment/ordering/orders')['spec'].replicas).toBe(4);
  expect(objectOf(plan, 'Deployment/ordering/payments')['spec'].replicas).toBe(1);
});

test('a patch changes the place that it names, and no other that says the same', () => {
  const plan = planWith(({ orders }) =>
    patch(orders, { kind: 'Deployment' }, [{ op: 'add', path: '/metadata/labels/tier', value: 'web' }]),
  );
  const { metadata, ...deployment } = objectOf(plan, 'Deployment/ordering/orders');
  expect(metadata.labels).toHaveProperty('tier', 'web');
  expect(deployment['spec'].template.metadata.labels).not.toHaveProperty('tier');
  expect(objectOf(plan, 'Service/ordering/orders').metadata.labels).not.toHaveProperty('tier');
});

test('the object knows its patches, with the line', () => {
  const plan = planWith(({ orders }) => patch(orders, { kind: 'Deployment' }, replicas(4)));
  const patched = plan.objects.filter(({ patches }) => patches.length > 0);
  expect(patched.map(({ manifest }) => displayNameOf(manifest))).toEqual(['Deployment/ordering/orders']);
  expect(patched[0]?.patches).toMatchObject([
    {
      by: 'patch(orders, Deployment)',
      at: expect.stringMatching(/^shop\/ordering\/orders \(patches\.test\.ts:\d+:\d+\)$/) as string,
    },
  ]);
});

test('a patch of a context reaches the objects of all its parts', () => {
  const plan = planWith(({ context }) => patch(context, { kind: 'Deployment' }, replicas(4)));
  for (const name of ['orders', 'payments'])
    expect(objectOf(plan, `Deployment/ordering/${name}`)['spec'].replicas).toBe(4);
});

test('patches of one object are applied one after the other, each once', () => {
  const append = (value: string): readonly PatchOperation[] => [
    { op: 'add', path: '/spec/ports/-', value: { name: value, port: value.length } },
  ];
  const plan = planWith(({ orders }) => {
    patch(orders, { kind: 'Service', name: 'orders' }, append('a'));
    patch(orders, { kind: 'Service', apiVersion: 'v1' }, append('bb'));
  });
  const { ports } = objectOf(plan, 'Service/ordering/orders')['spec'] as { ports: readonly { name: string }[] };
  expect(ports.map(({ name }) => name)).toEqual(['http', 'a', 'bb']);
});

test('the checks see the patched object', () => {
  const plan = planWith(({ orders }) =>
    patch(orders, { kind: 'Deployment' }, [{ op: 'add', path: '/spec/replica', value: 4 }]),
  );
  expect(plan.findings).toMatchObject([
    {
      code: 'unknown-field',
      object: 'Deployment/ordering/orders',
      field: '/spec/replica',
      path: 'shop/ordering/orders',
    },
  ]);
});

test.each<[string, ObjectSelector]>([
  ['another kind', { kind: 'StatefulSet' }],
  ['another name', { kind: 'Deployment', name: 'payments' }],
  ['another version', { kind: 'Deployment', apiVersion: 'apps/v2' }],
])('a patch of %s matches nothing: a finding that lists what there is', (_what, selector) => {
  const plan = planWith(({ orders }) => patch(orders, selector, replicas(4)));
  expect(plan.findings).toMatchObject([
    {
      code: 'patch-without-object',
      severity: 'error',
      path: 'shop/ordering/orders',
      got: [selector.apiVersion, selector.kind, selector.name].filter((part) => part !== undefined).join(' '),
      allowed: expect.stringContaining('Deployment/ordering/orders') as string,
    },
  ]);
});

test('a patch that does not apply leaves the object whole', () => {
  const plan = planWith(({ orders }) => {
    patch(orders, { kind: 'Deployment' }, [
      { op: 'replace', path: '/spec/replicas', value: 4 },
      { op: 'remove', path: '/spec/no/such/thing' },
    ]);
  });
  expect(plan.findings).toMatchObject([
    { code: 'patch-failed', severity: 'error', path: 'shop/ordering/orders', object: 'Deployment/ordering/orders' },
  ]);
  expect(objectOf(plan, 'Deployment/ordering/orders')['spec'].replicas).toBe(1);
  expect(plan.objects.flatMap(({ patches }) => patches)).toEqual([]);
});

test('a failed test operation is a failed patch', () => {
  const plan = planWith(({ orders }) => {
    patch(orders, { kind: 'Deployment' }, [
      { op: 'test', path: '/spec/replicas', value: 7 },
      { op: 'replace', path: '/spec/replicas', value: 4 },
    ]);
  });
  expect(codesOf(plan)).toEqual(['patch-failed']);
  expect(objectOf(plan, 'Deployment/ordering/orders')['spec'].replicas).toBe(1);
});

test('one value that is patched into two objects is shared by neither', () => {
  const value = { tier: 'gold' };
  const plan = planWith(({ context, orders }) => {
    patch(context, { kind: 'Deployment' }, [{ op: 'add', path: '/metadata/annotations', value }]);
    patch(orders, { kind: 'Deployment' }, [{ op: 'replace', path: '/metadata/annotations/tier', value: 'lead' }]);
  });
  expect(objectOf(plan, 'Deployment/ordering/orders').metadata.annotations).toEqual({ tier: 'lead' });
  expect(objectOf(plan, 'Deployment/ordering/payments').metadata.annotations).toEqual({ tier: 'gold' });
  expect(value).toEqual({ tier: 'gold' });
});

test('an object that a patch renames is known by its new name', () => {
  const plan = planWith(({ orders }) => {
    patch(orders, { kind: 'ServiceAccount' }, [{ op: 'replace', path: '/metadata/name', value: 'other' }]);
    patch(orders, { kind: 'Deployment' }, [
      { op: 'replace', path: '/spec/template/spec/serviceAccountName', value: 'other' },
    ]);
  });
  expect(codesOf(plan)).toEqual([]);
  expect(plan.objects.map(({ key }) => key)).toContain('/ServiceAccount/ordering/other');
});

test('two objects that a patch gives one name are found', () => {
  const plan = planWith(({ orders }) => {
    patch(orders, { kind: 'ServiceAccount' }, [{ op: 'replace', path: '/metadata/name', value: 'payments' }]);
  });
  expect(codesOf(plan)).toContain('duplicate-object');
});

test('a patch after the plan is refused', () => {
  let late: Microservice | undefined;
  planWith(({ orders }) => (late = orders));
  expect(() => patch(late as Microservice, { kind: 'Deployment' }, replicas(4))).toThrow(
    /a patch of Deployment came after the plan/,
  );
});
