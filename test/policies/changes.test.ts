import { BoundedContext, Manifest, Microservice, Size, RedisStore, accept, type KubeObject, type Plan } from 'ashlar';
import { comparedWith } from 'ashlar/charts';
import { changes } from '../../policies/changes';
import { codesOf, planOf } from '../support/plans';
import { ACCEPTED_CHANGES, REFUSED_CHANGES } from '../support/changes';

const planned = (manifest: KubeObject) => {
  const plan = planOf(
    (shop) => void Manifest.from(new BoundedContext(shop, 'changing', { team: 't' }), 'it', manifest),
  );
  return plan.objects.filter(({ manifest: { kind } }) => kind === manifest.kind);
};

const found = (before: KubeObject, after: KubeObject) => changes([before], planned(after));

test.each(REFUSED_CHANGES)('$what is found before it is deployed', ({ before, after, code }) => {
  expect(found(before, after)).toEqual([expect.objectContaining({ code, path: 'shop/changing/it' })]);
  expect(found(after, after)).toEqual([]);
});

test.each(ACCEPTED_CHANGES)('$what is no finding', ({ before, after }) => {
  expect(found(before, after)).toEqual([]);
});

describe('a custom resource whose storage shrinks is found:', () => {
  const resource = (spec: object): KubeObject => ({
    apiVersion: 'example.com/v1',
    kind: 'Database',
    metadata: { name: 'orders', namespace: 'changing' },
    spec,
  });
  const CASES: readonly (readonly [string, (size: string) => object])[] = [
    ['storage.size', (size) => ({ storage: { size } })],
    ['walStorage.size', (size) => ({ walStorage: { size } })],
    [
      'a claim template in a list, by name',
      (storage) => ({
        nodeSets: [
          { name: 'other' },
          { name: 'hot', volumeClaimTemplates: [{ spec: { resources: { requests: { storage } } } }] },
        ],
      }),
    ],
    ['volumes of a pool', (size) => ({ pool: { storage: { type: 'jbod', volumes: [{ id: 0, size }] } } })],
    ['storageSize', (storageSize) => ({ storageSize })],
  ];

  test.each(CASES)('%s', (_, spec) => {
    const [finding, ...others] = found(resource(spec('10Gi')), resource(spec('5Gi')));
    expect(others).toEqual([]);
    expect(finding).toMatchObject({ code: 'storage-shrinks', got: '5Gi, after 10Gi', allowed: '10Gi or more' });
    expect(found(resource(spec('5Gi')), resource(spec('10Gi')))).toEqual([]);
    expect(found(resource(spec('5Gi')), resource(spec('$(SIZE)')))).toEqual([]);
  });
});

/** A cache with a volume of this many gibibytes. */
const shop = (gibibytes: number, accepted = false): Plan =>
  planOf((platform) => {
    const ordering = new BoundedContext(platform, 'ordering', { team: 'orders' });
    const cache = new RedisStore(ordering, 'carts', { storage: Size.gibibytes(gibibytes), access: 'network' });
    new Microservice(ordering, 'orders', { image: 'ghcr.io/acme/orders:1.0.0' }).calls(cache);
    if (accepted) accept(cache, 'storage-shrinks', 'It was empty, and is made anew.');
  });

const manifestsOf = (plan: Plan): readonly KubeObject[] => plan.objects.map(({ manifest }) => manifest);

test('a plan that is compared with itself has nothing new', () => {
  expect(comparedWith(shop(2), manifestsOf(shop(2))).findings).toEqual([]);
});

test('a store that shrinks is found at its construct, and may be accepted', () => {
  const before = manifestsOf(shop(2));
  expect(comparedWith(shop(1), before).findings).toMatchObject([
    { code: 'storage-shrinks', path: 'shop/ordering/carts', object: 'StatefulSet/ordering/carts' },
  ]);
  const accepted = comparedWith(shop(1, true), before);
  expect(codesOf(accepted)).toEqual([]);
  expect(accepted.accepted).toHaveLength(1);
  expect(accepted.unused).toEqual([]);
});
