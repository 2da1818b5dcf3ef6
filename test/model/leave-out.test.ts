import { BoundedContext, Config, Key, Microservice, accept, patch, type Environment, type Layer } from 'ashlar';
import { codesOf, planOf } from '../support/plans';

interface Parts {
  readonly web: BoundedContext;
  readonly frontend: Microservice;
  readonly load: Microservice;
}

function planWithout(
  paths: readonly string[],
  say: (parts: Parts) => void = () => undefined,
  layers: readonly Layer[] = [],
) {
  const without: Environment['without'] = paths.map((path) => ({ path, at: `environments/prod.yaml:5:11 ${path}` }));
  return planOf(
    (platform) => {
      const web = new BoundedContext(platform, 'web', { team: 'web' });
      const image = 'ghcr.io/acme/app:1.0.0';
      const frontend = new Microservice(web, 'frontend', { image, ports: { http: 8080 } });
      const load = new Microservice(web, 'load', { image, ports: { http: 8080 } });
      load.calls(frontend, { env: 'FRONTEND' });
      say({ web, frontend, load });
    },
    { environment: { without, layers } },
  );
}

const namesOf = (plan: ReturnType<typeof planOf>): readonly string[] =>
  plan.objects.map(({ manifest }) => manifest.metadata.name);

test('a construct that is left out has no objects, and its calls open nothing', () => {
  const plan = planWithout(['web/load']);
  expect(codesOf(plan)).toEqual([]);
  expect(namesOf(plan)).not.toContain('load');
  expect(plan.counts).toEqual({ services: 1, calls: 0 });
  expect(plan.objects.map(({ key }) => key)).not.toContain('networking.k8s.io/NetworkPolicy/web/frontend');
});

test('a context is left out with all its parts', () => {
  expect(planWithout(['web']).objects).toEqual([]);
});

test('a construct whose name starts alike stays', () => {
  const plan = planWithout(
    ['web/load'],
    ({ web }) => void new Microservice(web, 'loader', { image: 'ghcr.io/acme/app:1.0.0' }),
  );
  expect(namesOf(plan)).toContain('loader');
});

test('whoever needs what is left out is told', () => {
  expect(planWithout(['web/frontend']).findings).toMatchObject([
    { code: 'needs-what-is-left-out', severity: 'error', path: 'shop/web/load', got: 'load.calls(frontend)' },
  ]);
});

test('a path that leads nowhere is a finding with the place in the file', () => {
  expect(planWithout(['web/lode']).findings).toMatchObject([
    { code: 'unknown-construct-left-out', path: 'environments/prod.yaml:5:11 web/lode', got: 'web/lode' },
  ]);
});

test('a patch of what is left out is no mistake', () => {
  const plan = planWithout(['web/load'], ({ load }) =>
    patch(load, { kind: 'Deployment' }, [{ op: 'add', path: '/metadata/annotations', value: { a: 'b' } }]),
  );
  expect(codesOf(plan)).toEqual([]);
});

test('an acceptance at what is left out is not used, and no finding', () => {
  const plan = planWithout(['web/load'], ({ load }) => accept(load, 'single-replica', 'It is a toy.'));
  expect(codesOf(plan)).toEqual([]);
  expect(plan.unused).toMatchObject([{ path: 'shop/web/load' }]);
});

test('a layer that all environments share may speak of what one of them leaves out', () => {
  const layer: Layer = {
    name: 'base',
    settings: {},
    config: {},
    services: { 'web/load': { at: 'base', settings: { scale: { value: { min: 1 }, at: 'base' } }, config: {} } },
  };
  expect(codesOf(planWithout(['web/load'], undefined, [layer]))).toEqual([]);
});

test('such a layer may give values that only a configuration left out has', () => {
  const layer: Layer = { name: 'base', settings: {}, config: { RATE: { value: 3, at: 'base' } }, services: {} };
  const plan = planWithout(
    ['web/load', 'web/rates'],
    ({ web, load }) => void load.reads(new Config(web, 'rates', { schema: { RATE: Key.integer() } })),
    [layer],
  );
  expect(codesOf(plan)).toEqual([]);
});
