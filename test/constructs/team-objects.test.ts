import {
  BoundedContext,
  Config,
  ExternalService,
  Key,
  Microservice,
  PodContainers,
  Workload,
  accept,
  contribute,
  type Extension,
  type Layer,
  type Platform,
  type Service,
} from 'ashlar';
import { ApiObject } from 'cdk8s';
import * as kplus from 'cdk8s-plus-27';
import { codesOf, objectOf, planOf, type PlanOptions } from '../support/plans';

const image = 'ghcr.io/acme/app:1.0.0';

/** A context for workloads of cdk8s-plus-27, which cannot say all that Pod Security asks for. */
function contextOf(platform: Platform): BoundedContext {
  const context = new BoundedContext(platform, 'ordering', { team: 'orders' });
  accept(context, 'pod-security-restricted', 'cdk8s-plus-27 knows no seccomp profile.');
  return context;
}

interface Parts {
  readonly context: BoundedContext;
  readonly deployment: kplus.Deployment;
  readonly orders: Service;
  readonly payments: Microservice;
}

/** A Deployment of cdk8s-plus-27 that was taken in, and a microservice beside it. */
function planWith(say: (parts: Parts) => void = () => undefined, options: PlanOptions = {}) {
  return planOf((shop) => {
    const context = contextOf(shop);
    const deployment = new kplus.Deployment(context, 'orders', {
      replicas: 2,
      containers: [{ name: 'app', image, portNumber: 8080, envVariables: { MODE: kplus.EnvValue.fromValue('fast') } }],
    });
    const payments = new Microservice(context, 'payments', { image, ports: { grpc: 9090 } });
    say({ context, deployment, orders: Microservice.fromWorkload(deployment), payments });
  }, options);
}

type Plan = ReturnType<typeof planOf>;

const templateOf = (plan: Plan) => objectOf(plan, 'Deployment/ordering/orders')['spec'].template;
const envOf = (plan: Plan): readonly { readonly name: string }[] => templateOf(plan).spec.containers[0].env;

describe('a workload that was taken in', () => {
  test('keeps its manifest and is planned once', () => {
    const plan = planWith();
    expect(codesOf(plan)).toEqual([]);
    expect(objectOf(plan, 'Deployment/ordering/orders')['spec']).toMatchObject({ replicas: 2 });
    expect(envOf(plan)).toEqual([{ name: 'MODE', value: 'fast' }]);
    expect(plan.counts.services).toBe(2);
  });

  test('gets addresses and configuration beside what it says itself', () => {
    const plan = planWith(({ context, orders, payments }) => {
      orders.calls(payments, { env: 'PAYMENTS' });
      orders.reads(
        new Config(context, 'limits', { schema: { MAX: Key.integer() }, values: { MAX: 3 }, change: 'replace' }),
      );
    });
    expect(codesOf(plan)).toEqual([]);
    expect(envOf(plan)).toEqual([
      { name: 'MODE', value: 'fast' },
      { name: 'MAX', valueFrom: { configMapKeyRef: { name: 'limits', key: 'MAX' } } },
      { name: 'PAYMENTS', value: 'payments.ordering.svc:9090' },
    ]);
    expect(templateOf(plan).metadata.annotations).toHaveProperty(['config.ashlar.dev/limits']);
  });

  test('is called at its ports, and policies know it by its own labels', () => {
    const plan = planWith(({ orders, payments }) => void payments.calls(orders, { env: 'ORDERS' }));
    expect(codesOf(plan)).toEqual([]);
    const { matchLabels } = objectOf(plan, 'Deployment/ordering/orders')['spec'].selector;
    expect(matchLabels).toHaveProperty(['cdk8s.io/metadata.addr']);
    expect(templateOf(plan).metadata.labels).toMatchObject(matchLabels);
    expect(objectOf(plan, 'Service/ordering/orders')['spec']).toMatchObject({
      selector: matchLabels,
      ports: [{ port: 8080 }],
    });
    expect(objectOf(plan, 'NetworkPolicy/ordering/orders')['spec'].podSelector).toEqual({ matchLabels });
    expect(objectOf(plan, 'NetworkPolicy/ordering/payments')['spec'].egress[0].to[0].podSelector).toEqual({
      matchLabels,
    });
    const { env } = objectOf(plan, 'Deployment/ordering/payments')['spec'].template.spec.containers[0];
    expect(env).toEqual([{ name: 'ORDERS', value: 'orders.ordering.svc:8080' }]);
  });

  test('has pods that say who owns them', () => {
    expect(templateOf(planWith()).metadata.labels).toMatchObject({
      'ashlar.dev/team': 'orders',
      'ashlar.dev/context': 'ordering',
    });
  });

  test('has one writer a variable', () => {
    const plan = planWith(({ orders, payments }) => void orders.calls(payments, { env: 'MODE' }));
    expect(plan.findings).toMatchObject([{ code: 'two-writers' }]);
  });

  test('is named in findings and sources by its own name', () => {
    const plan = planWith(({ orders, payments }) => void orders.calls(payments, { env: 'PAYMENTS' }));
    const planned = plan.objects.find(({ key }) => key === 'apps/Deployment/ordering/orders');
    expect(planned?.sources.map(({ by }) => by)).toEqual(['orders.calls(payments)']);
  });

  const config = { MAX: { value: 9, at: 'x' } };
  test.each(['ordering/orders', 'ordering/*'])('is named %s in environment files', (path) => {
    const layers: readonly Layer[] = [
      { name: 'base', settings: {}, config: {}, services: { [path]: { at: 'x', settings: {}, config } } },
    ];
    const plan = planWith(
      ({ context, orders }) => {
        orders.reads(
          new Config(context, 'limits', { schema: { MAX: Key.integer() }, values: { MAX: 3 }, change: 'replace' }),
        );
      },
      { environment: { layers } },
    );
    expect(codesOf(plan)).toEqual([]);
    expect(objectOf(plan, 'ConfigMap/ordering/limits-orders')['data']).toEqual({ MAX: '9' });
  });

  test('may be given rights at the API server', () => {
    const plan = planWith(({ orders }) => void orders.accessesKubernetes({ resources: ['pods'], verbs: ['list'] }));
    expect(codesOf(plan)).toEqual([]);
    const { spec } = templateOf(plan);
    const [subject] = objectOf(plan, 'RoleBinding/ordering/orders')['subjects'] as readonly { readonly name: string }[];
    expect(spec.serviceAccountName ?? 'default').toBe(subject?.name);
    expect(spec.automountServiceAccountToken).toBe(true);
  });

  test('speaks on its ports what their names say', () => {
    const plan = planOf((shop) => {
      const context = contextOf(shop);
      const ports = [
        { name: 'http', number: 8080 },
        { name: 'dns', number: 53, protocol: kplus.Protocol.UDP },
      ];
      const orders = Microservice.fromWorkload(
        new kplus.Deployment(context, 'orders', { containers: [{ image, ports }] }),
      );
      new Microservice(context, 'web', { image }).calls(orders, { port: 'http', env: { ORDERS: 'url' } });
    });
    const { env } = objectOf(plan, 'Deployment/ordering/web')['spec'].template.spec.containers[0];
    expect(env).toEqual([{ name: 'ORDERS', value: 'http://orders.ordering.svc:8080' }]);
    expect(objectOf(plan, 'Service/ordering/orders')['spec'].ports).toMatchObject([
      { protocol: 'TCP' },
      { protocol: 'UDP' },
    ]);
  });

  test('takes containers that other patterns add', () => {
    const extension: Extension = {
      name: 'acme',
      pieces: [
        contribute('acme.agent', PodContainers, function* (graph) {
          for (const { construct } of graph.having(Workload)) {
            const part = {
              name: 'agent',
              role: 'sidecar',
              container: { name: 'agent', image, ports: [] },
              env: [],
            } as const;
            yield { to: construct, part, source: { by: 'acme', at: 'acme' } };
          }
        }),
      ],
    };
    const plan = planWith(undefined, { extensions: [extension] });
    expect(templateOf(plan).spec.initContainers).toMatchObject([{ name: 'agent', restartPolicy: 'Always' }]);
  });

  test('is pulled from the environment’s registry', () => {
    const plan = planWith(undefined, { environment: { registries: { 'ghcr.io': 'mirror.example.com' } } });
    expect(templateOf(plan).spec.containers[0].image).toBe('mirror.example.com/acme/app:1.0.0');
  });

  test('may be a StatefulSet', () => {
    const plan = planOf((shop) => {
      const context = contextOf(shop);
      const set = new kplus.StatefulSet(context, 'store', {
        service: new kplus.Service(context, 'store-pods', { ports: [{ port: 5000 }] }),
        containers: [{ image, portNumber: 5000 }],
      });
      new Microservice(context, 'orders', { image }).calls(Microservice.fromWorkload(set), { env: 'STORE' });
    });
    expect(codesOf(plan)).toEqual([]);
    expect(plan.objects.filter(({ manifest }) => manifest.kind === 'StatefulSet')).toHaveLength(1);
    expect(objectOf(plan, 'NetworkPolicy/ordering/store')['spec'].policyTypes).toEqual(['Ingress']);
  });

  test('without containers is refused', () => {
    expect(() =>
      planOf(
        (shop) =>
          void Microservice.fromWorkload(new kplus.Deployment(new BoundedContext(shop, 'a', { team: 't' }), 'orders')),
      ),
    ).toThrow(/not-a-workload/);
  });

  test('calls peers outside', () => {
    const plan = planWith(
      ({ context, orders }) =>
        void orders.calls(ExternalService.of(context, 'bank', { host: 'bank.example.com' }), { env: 'BANK' }),
    );
    expect(envOf(plan).map(({ name }) => name)).toContain('BANK');
  });
});

describe('constructs of cdk8s in a context', () => {
  test('a plain ApiObject takes part, in the context’s namespace and with its labels', () => {
    const plan = planOf((shop) => {
      const context = contextOf(shop);
      new ApiObject(context, 'raw', {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'raw' },
        data: { a: 'b' },
      });
    });
    expect(codesOf(plan)).toEqual([]);
    expect(objectOf(plan, 'ConfigMap/ordering/raw')).toMatchObject({
      data: { a: 'b' },
      metadata: { labels: { 'ashlar.dev/team': 'orders' } },
    });
    expect(plan.objects.find(({ manifest }) => manifest.kind === 'ConfigMap')).toMatchObject({
      construct: 'shop/ordering/raw',
      chart: 'ordering',
    });
  });

  test('an object without a name is called by its path, without a hash', () => {
    const plan = planOf((shop) => {
      const context = contextOf(shop);
      new ApiObject(context, 'Raw Thing', { apiVersion: 'v1', kind: 'ConfigMap' });
      new kplus.ConfigMap(context, 'settings', { data: { a: 'b' } });
      new kplus.Deployment(context, 'worker', { containers: [{ image, portNumber: 80 }] }).exposeViaService();
    });
    const names = plan.objects
      .filter(({ derivation }) => derivation === 'team-objects')
      .map(({ manifest }) => manifest.metadata.name);
    expect(names).toEqual(expect.arrayContaining(['raw-thing', 'settings', 'worker', 'worker-service']));
  });

  test('values that cdk8s fills in late are filled in', () => {
    const plan = planOf((shop) => {
      const context = contextOf(shop);
      const map = new kplus.ConfigMap(context, 'settings');
      const deployment = new kplus.Deployment(context, 'worker', { replicas: 1 });
      map.addData('late', 'yes');
      deployment.addContainer({ image, resources: {} });
    });
    expect(objectOf(plan, 'ConfigMap/ordering/settings')['data']).toEqual({ late: 'yes' });
    expect(objectOf(plan, 'Deployment/ordering/worker')['spec'].template.spec.containers).toHaveLength(1);
  });

  test('objects directly in the platform are its own chart’s', () => {
    const role = {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata: { name: 'reader' },
      rules: [],
    };
    const plan = planOf((shop) => void new ApiObject(shop, 'role', role));
    expect(codesOf(plan)).toEqual([]);
    expect(plan.objects).toMatchObject([
      { chart: 'shop', construct: 'shop/role', key: 'rbac.authorization.k8s.io/ClusterRole//reader' },
    ]);
  });

  test('they are checked like all others', () => {
    const plan = planOf((shop) => {
      const context = contextOf(shop);
      new ApiObject(context, 'raw', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'raw' }, dta: {} });
    });
    expect(plan.findings).toMatchObject([{ code: 'unknown-field', path: 'shop/ordering/raw', field: '/dta' }]);
  });
});
