import { toYaml } from '../../constructs/model/yaml';
import { alike, foundRight, isRight, oncePer, oncePerValue, shared } from '../../constructs/model/shared';

describe('a shared part', () => {
  test('is written as any other, in each of its places', () => {
    const plain = () => ({ labels: { name: 'orders' }, ports: [{ port: 80 }] });
    const part = shared(plain());
    const around = (inner: object) => ({ a: inner, b: [inner, [inner]], c: { d: inner } });
    expect(toYaml(around(part))).toBe(toYaml(around(plain())));
    expect(toYaml(part)).toBe(toYaml(plain()));
    // The second time from what was remembered.
    expect(toYaml(around(part))).toBe(toYaml(around(plain())));
  });

  test('cannot be changed, nor what it holds', () => {
    const part = shared({ labels: { name: 'orders' } });
    expect(() => (part.labels.name = 'payments')).toThrow(TypeError);
  });

  test('looks and is copied like a plain one', () => {
    const part = shared({ name: 'orders' });
    expect(part).toStrictEqual({ name: 'orders' });
    expect(Reflect.ownKeys({ ...part })).toEqual(['name']);
    expect(structuredClone(part)).toEqual({ name: 'orders' });
  });

  test('is right only in the eyes of who found it right', () => {
    const [one, other] = [{}, {}];
    const part = shared({ name: 'orders' });
    foundRight(part, one);
    expect([isRight(part, one), isRight(part, other)]).toEqual([true, false]);
  });

  test('what is not shared, or was frozen by somebody else, is never remembered', () => {
    const by = {};
    for (const part of [{ name: 'orders' }, shared(Object.freeze({ name: 'orders' }))]) {
      foundRight(part, by);
      expect(isRight(part, by)).toBe(false);
    }
  });
});

test('parts that say the same are one', () => {
  expect(alike([{ port: 80 }])).toBe(alike([{ port: 80 }]));
  expect(alike([{ port: 80 }])).not.toBe(alike([{ port: 81 }]));
});

test('what depends on an object alone is computed once for each', () => {
  const compute = jest.fn(({ n }: { readonly n: number }) => n * 2);
  const twice = oncePer(compute);
  const [one, two] = [{ n: 1 }, { n: 2 }];
  expect([twice(one), twice(two), twice(one)]).toEqual([2, 4, 2]);
  expect(compute).toHaveBeenCalledTimes(2);
});

test('what depends on a value alone is computed once for each, unless there are very many', () => {
  const compute = jest.fn((n: number) => ({ twice: n * 2 }));
  const twice = oncePerValue(compute);
  expect([twice(1), twice(2), twice(1)]).toEqual([{ twice: 2 }, { twice: 4 }, { twice: 2 }]);
  expect(compute).toHaveBeenCalledTimes(2);
  for (let n = 3; n < 200; n += 1) twice(n);
  expect(twice(1)).toEqual({ twice: 2 });
});
