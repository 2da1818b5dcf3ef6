import {
  BoundedContext,
  Config,
  Key,
  Manifest,
  Microservice,
  Scale,
  displayNameOf,
  type Plan,
  type Platform,
} from 'ashlar';
import { ConfigMap, Deployment } from 'cdk8s-plus-27';
import type { IConstruct } from 'constructs';
import { codesOf, planOf } from '../support/plans';

const image = 'ghcr.io/acme/app:1.0.0';

function planWith(program: (context: BoundedContext, platform: Platform) => void): Plan {
  return planOf((platform) => program(new BoundedContext(platform, 'ordering', { team: 'orders' }), platform));
}

/** What an object needs, with the reason. */
function needsOf(plan: Plan, display: string): Readonly<Record<string, string>> {
  const found = plan.objects.find(({ manifest }) => displayNameOf(manifest) === display);
  if (found === undefined) throw new Error(`no ${display}`);
  return Object.fromEntries(found.dependsOn.map(({ on, reason }) => [displayNameOf(on.manifest), reason]));
}

test('each object comes after everything that it needs', () => {
  const plan = planWith((context) => {
    const limits = new Config(context, 'limits', { schema: { MAX: Key.integer() }, values: { MAX: 1 } });
    const orders = new Microservice(context, 'orders', { image, ports: { http: 8080 }, scale: Scale.between(2, 4) });
    orders
      .reads(limits)
      .calls(orders)
      .accessesKubernetes({ resources: ['pods'], verbs: ['list'] });
  });
  expect(codesOf(plan)).toEqual([]);
  const position = new Map(plan.objects.map((object, index) => [object, index]));
  const pairs = plan.objects.flatMap((object) => object.dependsOn.map(({ on }) => [on, object] as const));
  expect(pairs.length).toBeGreaterThan(15);
  for (const [before, after] of pairs) expect(position.get(before)).toBeLessThan(position.get(after) ?? -1);
});

test('a workload needs its namespace, its identity, its configuration, and what guards it from the first pod on', () => {
  const plan = planWith((context) => {
    const limits = new Config(context, 'limits', {
      schema: { MAX: Key.integer() },
      values: { MAX: 1 },
      change: 'replace',
    });
    const orders = new Microservice(context, 'orders', { image, ports: { http: 8080 } });
    orders.reads(limits).calls(orders);
    new Microservice(context, 'other', { image, ports: { http: 8080 } }).calls(orders);
  });
  const guard = 'holds from the first pod on';
  expect(needsOf(plan, 'Deployment/ordering/orders')).toEqual({
    'Namespace/ordering': 'lives in it',
    'ServiceAccount/ordering/orders': 'runs as it',
    'ConfigMap/ordering/limits': 'reads it',
    'NetworkPolicy/ordering/orders': guard,
    'NetworkPolicy/ordering/default-deny': guard,
    'NetworkPolicy/ordering/allow-dns': guard,
    'ResourceQuota/ordering/quota': guard,
    'LimitRange/ordering/limits': guard,
  });
});

test('a scaler needs its target, a binding its role and its account', () => {
  const plan = planWith((context) => {
    const orders = new Microservice(context, 'orders', { image, scale: Scale.between(2, 4) });
    orders.accessesKubernetes({ resources: ['pods'], verbs: ['list'] });
  });
  expect(needsOf(plan, 'HorizontalPodAutoscaler/ordering/orders')).toMatchObject({
    'Deployment/ordering/orders': 'scales it',
  });
  expect(needsOf(plan, 'RoleBinding/ordering/orders')).toMatchObject({
    'Role/ordering/orders': 'grants it',
    'ServiceAccount/ordering/orders': 'grants to it',
  });
});

test('a custom resource needs its definition', () => {
  const definition = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'reports.acme.example' },
    spec: {
      group: 'acme.example',
      names: { kind: 'Report', plural: 'reports' },
      scope: 'Namespaced',
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          schema: { openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object' } } } },
        },
      ],
    },
  };
  const plan = planWith((context, platform) => {
    Manifest.from(context, 'daily', {
      apiVersion: 'acme.example/v1',
      kind: 'Report',
      metadata: { name: 'daily' },
      spec: {},
    });
    Manifest.from(platform, 'definition', definition);
  });
  expect(codesOf(plan)).toEqual([]);
  expect(needsOf(plan, 'Report/ordering/daily')).toEqual({
    'Namespace/ordering': 'lives in it',
    'CustomResourceDefinition/reports.acme.example': 'is of its kind',
  });
});

const configMap = (name: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: {} });

/** Two ConfigMaps, `a` and `b`, of which `a` is told to come after `b`. */
function chained(make: (context: BoundedContext, name: string) => IConstruct): Plan {
  return planWith((context) => {
    const [a, b] = [make(context, 'a'), make(context, 'b')];
    a.node.addDependency(b);
  });
}

test.each<[string, (context: BoundedContext, name: string) => IConstruct]>([
  ['manifests', (context, name) => Manifest.from(context, name, configMap(name))],
  ['several manifests', (context, name) => Manifest.from(context, name, [configMap(name), configMap(`${name}-too`)])],
  ['constructs of cdk8s-plus-27', (context, name) => new ConfigMap(context, name, { metadata: { name } })],
])('node.addDependency between %s holds between their objects', (_what, make) => {
  const plan = chained(make);
  expect(needsOf(plan, 'ConfigMap/ordering/a')).toHaveProperty(['ConfigMap/ordering/b']);
  const names = plan.objects.map(({ manifest }) => manifest.metadata.name);
  expect(names.indexOf('b')).toBeLessThan(names.indexOf('a'));
});

test('node.addDependency between services holds between their workloads', () => {
  const plan = planWith((context) => {
    const [a, b] = ['a', 'b'].map((id) => new Microservice(context, id, { image })) as [Microservice, Microservice];
    a.node.addDependency(b);
  });
  expect(needsOf(plan, 'Deployment/ordering/a')).toMatchObject({
    'Deployment/ordering/b': expect.stringContaining('shop/ordering/a was told to come after') as string,
  });
});

test('a context that is told to come after another waits for all of it', () => {
  const plan = planOf((platform) => {
    const [a, b] = ['a', 'b'].map((id) => new BoundedContext(platform, id, { team: 't' })) as [
      BoundedContext,
      BoundedContext,
    ];
    new Microservice(a, 'first', { image });
    new Microservice(b, 'second', { image });
    a.node.addDependency(b);
  });
  expect(needsOf(plan, 'Deployment/a/first')).toHaveProperty(['Deployment/b/second']);
});

test('a workload that was taken in keeps the dependencies of its construct', () => {
  const plan = planWith((context) => {
    const map = new ConfigMap(context, 'map', { metadata: { name: 'map' } });
    const deployment = new Deployment(context, 'orders', { containers: [{ image }] });
    deployment.node.addDependency(map);
    Microservice.fromWorkload(deployment);
  });
  expect(needsOf(plan, 'Deployment/ordering/orders')).toHaveProperty(['ConfigMap/ordering/map']);
});

test('objects that need each other are a finding that names them, and the plan is still whole', () => {
  const plan = planWith((context) => {
    const [a, b] = ['a', 'b'].map((name) => Manifest.from(context, name, configMap(name))) as [Manifest, Manifest];
    a.node.addDependency(b);
    b.node.addDependency(a);
  });
  expect(plan.findings).toMatchObject([
    {
      code: 'dependency-cycle',
      severity: 'error',
      got: 'ConfigMap/ordering/a → ConfigMap/ordering/b → ConfigMap/ordering/a',
    },
  ]);
  expect(plan.objects.filter(({ manifest }) => manifest.kind === 'ConfigMap')).toHaveLength(2);
});

test('the order does not depend on the order of statements', () => {
  const orders = [
    ['a', 'b', 'c'],
    ['c', 'a', 'b'],
  ].map((ids) =>
    planWith((context) => {
      const made = new Map(ids.map((id) => [id, new Microservice(context, id, { image, ports: { http: 8080 } })]));
      for (const from of made.values()) for (const to of made.values()) from.calls(to);
    }).objects.map(({ key }) => key),
  );
  expect(orders[0]).toEqual(orders[1]);
});
