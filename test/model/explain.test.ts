import {
  BoundedContext,
  Config,
  Key,
  Microservice,
  Scale,
  displayNameOf,
  type Layer,
  type Plan,
  type PlannedObject,
} from 'ashlar';
import { planOf } from '../support/plans';

const image = 'ghcr.io/acme/app:1.0.0';

function plannedOf(plan: Plan, display: string): PlannedObject {
  const found = plan.objects.find(({ manifest }) => displayNameOf(manifest) === display);
  if (found === undefined) throw new Error(`no ${display}`);
  return found;
}

const layers: readonly Layer[] = [
  {
    name: 'environment',
    settings: { user: { value: 4711, at: 'environments/dev.yaml:3:9' } },
    config: { MAX: { value: 7, at: 'environments/dev.yaml:5:8' } },
    services: {},
  },
];

function planWith(trace: boolean): Plan {
  return planOf(
    (platform) => {
      const context = new BoundedContext(platform, 'ordering', { team: 'orders' });
      const limits = new Config(context, 'limits', {
        schema: { MAX: Key.integer(), MODE: Key.text() },
        values: { MAX: 1, MODE: 'a' },
        change: 'replace',
      });
      const alone = new Microservice(context, 'alone', { image, ports: { http: 8080 } });
      const orders = new Microservice(context, 'orders', { image, scale: Scale.between(2, 4) });
      orders.calls(alone, { env: 'ALONE' }).reads(limits);
    },
    { trace, environment: { layers } },
  );
}

test('an object knows its construct, chart and derivation', () => {
  expect(plannedOf(planWith(false), 'Deployment/ordering/orders')).toMatchObject({
    key: 'apps/Deployment/ordering/orders',
    construct: 'shop/ordering/orders',
    chart: 'ordering',
    derivation: 'workloads',
  });
});

test('a workload and its network policy know the relations that had a say, with the line', () => {
  const plan = planWith(false);
  const { sources } = plannedOf(plan, 'Deployment/ordering/orders');
  expect([...new Set(sources.map(({ by }) => by))]).toEqual(['orders.calls(alone)', 'orders.reads(limits)']);
  expect(sources[0]?.at).toMatch(/^shop\/ordering\/orders \(explain\.test\.ts:\d+:\d+\)$/);
  expect(plannedOf(plan, 'NetworkPolicy/ordering/alone').sources).toMatchObject([{ by: 'orders.calls(alone)' }]);
});

test('a ConfigMap knows which layer gave each value', () => {
  expect(plannedOf(planWith(false), 'ConfigMap/ordering/limits').sources).toEqual([
    { by: 'value of MAX', at: 'environments/dev.yaml:5:8' },
    { by: 'value of MODE', at: 'program' },
  ]);
});

test('a traced workload knows each setting, its value and who gave it', () => {
  const { settings } = plannedOf(planWith(true), 'Deployment/ordering/orders');
  const values = Object.fromEntries(settings.map(({ setting, value, from }) => [setting, `${value} from ${from}`]));
  expect(values).toMatchObject({
    scale: '2 to 4 from program',
    user: '4711 from environments/dev.yaml:3:9',
    shutdown: '5 s + 30 s from default of tier development',
    spread: '"preferred" from default of tier development',
  });
});

test('a quota knows the settings that it was computed from, though another object asked for them first', () => {
  const { settings } = plannedOf(planWith(true), 'ResourceQuota/ordering/quota');
  expect(settings).toContainEqual({
    setting: 'scale',
    construct: 'shop/ordering/orders',
    value: '2 to 4',
    from: 'program',
  });
});

test('no object claims settings that belong to others', () => {
  const foreign = planWith(true).objects.flatMap(({ construct, settings, manifest }) => {
    const others = settings.filter(
      (trace) => trace.construct !== construct && !trace.construct.startsWith(`${construct}/`),
    );
    return others.map((trace) => `${displayNameOf(manifest)} claims ${trace.setting} of ${trace.construct}`);
  });
  expect(foreign).toEqual([]);
});

test('a namespace was not made by settings', () => {
  expect(plannedOf(planWith(true), 'Namespace/ordering').settings).toEqual([]);
});

test('nothing is traced unless it is asked for', () => {
  expect(planWith(false).objects.flatMap(({ settings }) => settings)).toEqual([]);
});
