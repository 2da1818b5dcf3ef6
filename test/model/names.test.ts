import { BoundedContext, Manifest, Microservice, isAshlarError, definePlatform } from 'ashlar';
import { codesOf, planOf } from '../support/plans';

const image = 'ghcr.io/acme/app:1.0.0';

test.each(['Orders', '1orders', 'orders-', '-orders', 'or_ders', 'or ders', 'ö', 'a'.repeat(64)])(
  '%j is no name',
  (id) => {
    const plan = planOf(
      (shop) => void new Microservice(new BoundedContext(shop, 'ordering', { team: 't' }), id, { image }),
    );
    expect(plan.findings).toContainEqual(
      expect.objectContaining({ code: 'bad-name', severity: 'error', got: JSON.stringify(id) }),
    );
  },
);

test.each(['a', 'orders', 'order-history-2', 'a'.repeat(63)])('%j is a name', (id) => {
  const plan = planOf(
    (shop) => void new Microservice(new BoundedContext(shop, 'ordering', { team: 't' }), id, { image }),
  );
  expect(codesOf(plan)).toEqual([]);
});

test('a doubled name is a finding, and the program goes on so that all problems are told', () => {
  const plan = planOf((shop) => {
    const context = new BoundedContext(shop, 'ordering', { team: 't' });
    new Microservice(context, 'orders', { image });
    new Microservice(context, 'orders', { image });
    Manifest.from(context, 'orders', { apiVersion: 'v1' });
    new BoundedContext(shop, 'ordering', { team: 't' });
  });
  const doubles = plan.findings.filter(({ code }) => code === 'duplicate-name');
  expect(doubles.map(({ got }) => got)).toEqual([
    'another Microservice of this name',
    'another Microservice of this name',
    'another BoundedContext of this name',
  ]);
  expect(codesOf(plan)).toContain('bad-manifest');
});

test('the same name in two contexts is fine', () => {
  const plan = planOf((shop) => {
    for (const id of ['a', 'b']) new Microservice(new BoundedContext(shop, id, { team: 't' }), 'worker', { image });
  });
  expect(codesOf(plan)).toEqual([]);
});

test('two contexts of one namespace are told apart, not merged', () => {
  const plan = planOf((shop) => {
    for (const id of ['a', 'b']) new BoundedContext(shop, id, { team: 't', namespace: 'shared' });
  });
  expect(new Set(codesOf(plan))).toEqual(new Set(['duplicate-object']));
});

test('a platform’s own name is checked when it is defined', () => {
  expect.assertions(2);
  try {
    definePlatform('My Shop', () => undefined);
  } catch (error) {
    expect(isAshlarError(error)).toBe(true);
    expect(error).toMatchObject({ code: 'bad-name' });
  }
});

function errorOf(program: Parameters<typeof planOf>[0]) {
  try {
    planOf(program);
  } catch (error) {
    if (isAshlarError(error)) return error.findings;
    throw error;
  }
  return [];
}

test('a program that throws is told with its message and its line, and so is what was wrong before', () => {
  const findings = errorOf((shop) => {
    new BoundedContext(shop, 'Ordering', { team: 't' });
    throw new Error('no such file');
  });
  expect(findings).toMatchObject([
    { code: 'bad-name' },
    { code: 'program-threw', got: 'no such file', field: expect.stringContaining('names.test.ts') as string },
  ]);
});

test.each([
  [undefined, 'undefined'],
  ['text', 'text'],
  [{ a: 1 }, '[object Object]'],
])('a program may throw anything: %p', (thrown, got) => {
  expect(
    errorOf(() => {
      throw thrown as unknown as Error;
    }),
  ).toMatchObject([{ code: 'program-threw', got }]);
});

test('a program that answers later is refused', () => {
  const later = (() => Promise.reject(new Error('later'))) as unknown as () => void;
  expect(errorOf(later)).toMatchObject([{ code: 'program-is-async' }]);
});

test('a platform without a function is refused', () => {
  expect(() => definePlatform('shop', {} as never)).toThrow(/no-program/);
});
