import {
  BoundedContext,
  Check,
  Config,
  ExternalService,
  Health,
  Key,
  Manifest,
  Microservice,
  derive,
  patch,
  type Deferred,
  type Derived,
  type KubeObject,
  type Platform,
} from 'ashlar';
import { codesOf, objectOf, planOf } from '../support/plans';

/** A Pulumi Output by its shape: whoever asks for anything but the mark gets an error, as a proxy would give a proxy. */
function output<T>(): Deferred<T> {
  const shape = { __pulumiOutput: true, apply: () => undefined };
  return new Proxy(shape, {
    get: (target, name) => {
      if (name === '__pulumiOutput' || name === 'apply') return Reflect.get(target, name);
      throw new Error(`An Output was asked for ${String(name)}.`);
    },
    ownKeys: () => {
      throw new Error('An Output was asked for its keys.');
    },
  });
}

const image = 'ghcr.io/acme/app:1.0.0';

function contextOf(platform: Platform): BoundedContext {
  return new BoundedContext(platform, 'ordering', { team: 'orders' });
}

const planWith = (program: (context: BoundedContext) => void) => planOf((platform) => program(contextOf(platform)));

function envOf(plan: ReturnType<typeof planOf>): readonly { readonly name: string; readonly value: string }[] {
  return objectOf(plan, 'Deployment/ordering/orders')['spec'].template.spec.containers[0].env;
}

test('a deferred variable is a hole with its construct, its prop and the field where it stands', () => {
  const plan = planWith(
    (context) => void new Microservice(context, 'orders', { image, env: { A: 'a', URL: output() } }),
  );
  expect(plan.findings).toMatchObject([
    {
      code: 'hole',
      severity: 'error',
      path: 'shop/ordering/orders',
      object: 'Deployment/ordering/orders',
      field: '/spec/template/spec/containers/0/env/1/value',
      message: 'The value of env.URL of shop/ordering/orders is not known yet.',
    },
  ]);
});

test('a deferred image is a hole, in a sidecar as well, and each is a hole of its own', () => {
  const [main, side] = [output<string>(), output<string>()];
  const plan = planWith((context) => {
    new Microservice(context, 'orders', { image: main, sidecars: { proxy: { image: side } } });
  });
  expect(codesOf(plan)).toEqual(['hole', 'hole']);
  const pod = objectOf(plan, 'Deployment/ordering/orders')['spec'].template.spec;
  expect(pod.containers[0].image).not.toBe(pod.initContainers[0].image);
});

test('one variable name in two containers is two holes', () => {
  const plan = planWith((context) => {
    new Microservice(context, 'orders', {
      image,
      env: { URL: output() },
      sidecars: { proxy: { image, env: { URL: output() } } },
    });
  });
  expect(codesOf(plan)).toEqual(['hole', 'hole']);
  const pod = objectOf(plan, 'Deployment/ordering/orders')['spec'].template.spec;
  expect(envOf(plan)[0]?.value).not.toBe(pod.initContainers[0].env[0].value);
});

test('a deferred host is told where it stands inside an address', () => {
  const plan = planOf((platform) => {
    const orders = new Microservice(contextOf(platform), 'orders', { image });
    const host = output<string>();
    const bank = ExternalService.of(platform, 'bank', { host, ports: { https: 8443 } });
    orders.calls(bank, { env: { BANK_ADDR: 'host:port', BANK_HOST: 'host' } });
  });
  expect(plan.findings).toMatchObject([
    {
      code: 'hole',
      field: expect.stringMatching(/env\/0\/value$/) as string,
      message: expect.stringContaining('host of shop/bank') as string,
    },
    { code: 'hole', field: expect.stringMatching(/env\/1\/value$/) as string },
  ]);
  expect(envOf(plan)[0]?.value).toMatch(/^<.+>:8443$/);
});

test('a deferred value of a configuration is a hole in its ConfigMap', () => {
  const plan = planWith((context) => {
    const config = new Config(context, 'limits', {
      schema: { URL: Key.text() },
      values: { URL: output<string>() },
      change: 'replace',
    });
    new Microservice(context, 'orders', { image }).reads(config);
  });
  expect(plan.findings).toMatchObject([{ code: 'hole', object: 'ConfigMap/ordering/limits', field: '/data/URL' }]);
});

test.each([
  ['a whole number', Key.integer({ min: 1 })],
  ['a boolean', Key.boolean()],
  ['one of several', Key.oneOf('a', 'b')],
])('%s of a configuration may be deferred: its schema waits', (_what, key) => {
  const plan = planWith((context) => {
    new Config(context, 'limits', { schema: { KEY: key }, values: { KEY: output<never>() } });
  });
  expect(codesOf(plan)).toEqual(['hole']);
});

test('deferred values are found at any depth of a manifest, in fields of any type', () => {
  const plan = planWith((context) => {
    Manifest.from(context, 'raw', {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'raw', annotations: { note: output() } },
      spec: { type: 'ExternalName', externalName: 'a.example.com', ports: [{ port: output(), name: output() }] },
    });
  });
  expect(plan.findings.map(({ code, field }) => `${code} ${field}`)).toEqual([
    'hole /metadata/annotations/note',
    'hole /spec/ports/0/name',
    'hole /spec/ports/0/port',
  ]);
});

test('a deferred number of pods does not make a quota of nonsense', () => {
  const manifest = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'raw' },
    spec: {
      replicas: output(),
      selector: { matchLabels: { app: 'raw' } },
      template: {
        metadata: { labels: { app: 'raw' } },
        spec: { containers: [{ name: 'raw', image, resources: { requests: { cpu: output(), memory: '64Mi' } } }] },
      },
    },
  };
  const plan = planWith((context) => void Manifest.from(context, 'raw', manifest));
  const { hard } = objectOf(plan, 'ResourceQuota/ordering/quota')['spec'] as { hard: Readonly<Record<string, string>> };
  for (const amount of Object.values(hard)) expect(amount).not.toContain('NaN');
});

test('the same program has the same placeholders each time', () => {
  const values = [1, 2].map(() => {
    const plan = planWith((context) => void new Microservice(context, 'orders', { image, env: { URL: output() } }));
    return envOf(plan)[0]?.value;
  });
  expect(values[0]).toBe(values[1]);
});

const WARNING = `Calling [toString] on an [Output<T>] is not supported.

To get the value of an Output<T> as an Output<string> consider either:
1: o.apply(v => \`prefix\${v}suffix\`)`;

test.each([
  ['a variable', { image, env: { URL: `https://${WARNING}` } }],
  ['an image', { image: `ghcr.io/acme/${WARNING}` }],
  ['an argument', { image, args: [`--url=${WARNING}`] }],
  ['a header', { image, ports: { http: 8080 }, health: Health.both(Check.http('/', { headers: { Host: WARNING } })) }],
])('%s with an Output inside a template literal is an error', (_what, props) => {
  expect(codesOf(planWith((context) => void new Microservice(context, 'orders', props)))).toContain(
    'stringified-output',
  );
});

test('an Output inside a template literal of a manifest is an error', () => {
  const manifest = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'raw' }, data: { url: WARNING } };
  const { findings } = planWith((context) => void Manifest.from(context, 'raw', manifest));
  expect(findings).toMatchObject([{ code: 'stringified-output', path: 'shop/ordering/raw' }]);
});

/** A plan with a deferred variable, whose placeholder somebody else changes. */
function planWithToken(change: (token: string) => string) {
  let token = '';
  const config = (scope: Derived['scope']): KubeObject => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'copy', namespace: scope.node.id },
    data: { url: change(token) },
  });
  const copy = derive('acme.copy', function* (graph): Iterable<Derived> {
    const scope = graph.root.node.findChild('ordering');
    yield { scope, manifest: config(scope) };
  });
  token =
    envOf(planWith((context) => void new Microservice(context, 'orders', { image, env: { URL: output() } })))[0]
      ?.value ?? '';
  return planOf((platform) => void new Microservice(contextOf(platform), 'orders', { image, env: { URL: output() } }), {
    extensions: [{ name: 'acme', pieces: [copy] }],
  }).findings.filter(({ object }) => object === 'ConfigMap/ordering/copy');
}

test('a placeholder that is carried elsewhere whole is that hole', () => {
  expect(planWithToken((token) => `https://${token}/path`)).toMatchObject([{ code: 'hole', field: '/data/url' }]);
});

test.each([
  ['changed', (token: string) => token.replace('orders', 'order')],
  ['cut at its end', (token: string) => token.slice(0, -3)],
  ['cut in the middle', (token: string) => token.slice(0, token.length / 2)],
])('a placeholder that was %s is an error', (_how, change) => {
  expect(planWithToken(change)).toMatchObject([{ code: 'changed-token', field: '/data/url' }]);
});

test('a raw Output that got into an object by a side door is an error at its field', () => {
  const plan = planWith((context) => {
    const orders = new Microservice(context, 'orders', { image });
    const value = { __pulumiOutput: true };
    patch(orders, { kind: 'Deployment' }, [{ op: 'add', path: '/metadata/annotations', value: { url: value } }]);
  });
  expect(plan.findings).toMatchObject([{ severity: 'error', field: '/metadata/annotations/url' }]);
});
