import { BoundedContext, Microservice, Scale, type Layer, type Located, type Tier } from 'ashlar';
import { objectOf, planOf } from '../support/plans';

const at = (value: unknown, where: string): Located => ({ value, at: where });

interface Said {
  readonly general?: number;
  readonly services?: Readonly<Record<string, number>>;
}

/** A layer that says how many pods there are. */
function layer(name: Layer['name'], { general, services = {} }: Said): Layer {
  const scale = (min: number, where: string) => ({ scale: at({ min }, where) });
  return {
    name,
    settings: general === undefined ? {} : scale(general, name),
    config: {},
    services: Object.fromEntries(
      Object.entries(services).map(([path, min]) => [
        path,
        { at: name, settings: scale(min, `${name} ${path}`), config: {} },
      ]),
    ),
  };
}

interface Decision {
  readonly layers?: readonly Layer[];
  readonly said?: Scale;
  readonly tier?: Tier;
}

/** How many pods `ordering/orders` gets, and who says so. */
function decide({ layers = [], said, tier = 'staging' }: Decision): readonly [number, string | undefined] {
  const plan = planOf(
    (platform) => {
      const context = new BoundedContext(platform, 'ordering', { team: 'orders' });
      new Microservice(context, 'orders', {
        image: 'ghcr.io/acme/orders:1.0.0',
        ...(said !== undefined && { scale: said }),
      });
      new Microservice(context, 'other', { image: 'ghcr.io/acme/other:1.0.0', scale: Scale.fixed(9) });
    },
    { tier, trace: true, environment: { layers } },
  );
  const planned = plan.objects.find(({ key }) => key === 'apps/Deployment/ordering/orders');
  const trace = planned?.settings.find(
    ({ setting, construct }) => setting === 'scale' && construct === 'shop/ordering/orders',
  );
  return [objectOf(plan, 'Deployment/ordering/orders')['spec'].replicas as number, trace?.from];
}

test.each([
  ['development', 1],
  ['staging', 2],
  ['production', 3],
] as const)('in %s there are %i pods where nobody says anything', (tier, pods) => {
  expect(decide({ tier })).toEqual([pods, `default of tier ${tier}`]);
});

const base = layer('base', { general: 11 });
const tier = layer('tier', { general: 12 });
const environment = layer('environment', { general: 13 });
const region = layer('region', { general: 14 });

test.each([
  ['base beats the tier’s default', [base], 11, 'base'],
  ['tier beats base', [base, tier], 12, 'tier'],
  ['environment beats tier', [base, tier, environment], 13, 'environment'],
  ['region beats environment', [base, tier, environment, region], 14, 'region'],
])('%s', (_what, layers, pods, from) => {
  expect(decide({ layers })).toEqual([pods, from]);
});

test('the program beats what layers say of all services', () => {
  expect(decide({ layers: [base, region], said: Scale.fixed(5) })).toEqual([5, 'program']);
});

test('what a layer says of this very service beats the program', () => {
  const exact = layer('base', { services: { 'ordering/orders': 6 } });
  expect(decide({ layers: [exact], said: Scale.fixed(5) })).toEqual([6, 'base ordering/orders']);
});

test('within a layer the service beats its context, which beats all', () => {
  const services = { '*': 1, 'ordering/*': 2, 'ordering/orders': 3 };
  expect(decide({ layers: [layer('base', { services })] })[0]).toBe(3);
  expect(decide({ layers: [layer('base', { services: { '*': 1, 'ordering/*': 2 } })] })[0]).toBe(2);
  expect(decide({ layers: [layer('base', { services: { '*': 1 } })] })[0]).toBe(1);
});

test('a stronger layer beats a weaker one, even if it names the service less exactly', () => {
  const layers = [layer('base', { services: { 'ordering/orders': 3 } }), layer('region', { services: { '*': 7 } })];
  expect(decide({ layers })).toEqual([7, 'region *']);
});

test('what is said of another service or context does not count', () => {
  const services = { 'ordering/other': 4, 'billing/*': 5, orders: 6 };
  expect(decide({ layers: [layer('base', { services })] })).toEqual([2, 'default of tier staging']);
});
