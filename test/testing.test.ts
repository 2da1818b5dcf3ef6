import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  accept,
  BoundedContext,
  definePlatform,
  Exposure,
  ExternalService,
  isAshlarError,
  Manifest,
  Microservice,
  Port,
  type Plan,
  type Platform,
} from 'ashlar';
import { plainEnvironment } from 'ashlar/charts';
import { installMatchers, planSerializer, synthesize } from 'ashlar/testing';
import { planOf } from './support/plans';

installMatchers(expect);

function program(platform: Platform): void {
  const ordering = new BoundedContext(platform, 'ordering', { team: 'orders' });
  const billing = new BoundedContext(platform, 'billing', { team: 'billing' });
  const orders = new Microservice(ordering, 'orders', { image: 'example.com/orders:1', ports: { http: 8080 } });
  const payments = new Microservice(billing, 'payments', {
    image: 'example.com/payments:1',
    ports: { grpc: Port.grpc(80, { container: 9090 }), events: Port.udp(8125) },
  });
  const bank = ExternalService.of(platform, 'bank', { host: 'bank.example.com', addresses: ['203.0.113.0/24'] });
  orders
    .calls(payments, { port: 'grpc', env: 'PAYMENTS' })
    .exposes('http', Exposure.pods('ingress', { app: 'gateway' }));
  payments.calls(bank);
}

const plan = planOf(program);
const faulty = planOf((shop) => {
  program(shop);
  const reports = new BoundedContext(shop, 'reports', { team: 'reports' });
  const daily = new Microservice(reports, 'daily', { image: 'example.com/daily:1' });
  daily.calls(new Microservice(reports, 'store', { image: 'example.com/store:1', ports: { http: 80 } }), {
    port: 'htpp',
  });
  const old = new Microservice(reports, 'old', { image: 'example.com/old:latest' });
  accept(old, 'floating-image', 'It goes away.');
});

/** What a failing matcher tells, without colours. */
function messageOf(fails: () => void): string {
  try {
    fails();
  } catch (error) {
    return (error as Error).message.replace(/\u001b\[\d+m/g, '');
  }
  throw new Error('the matcher passed');
}

describe('synthesize', () => {
  const shop = definePlatform('shop', program);

  function codeOf(fails: () => unknown): readonly string[] {
    try {
      fails();
    } catch (error) {
      if (isAshlarError(error)) return error.findings.map(({ code, got }) => `${code}: ${got}`);
      throw error;
    }
    throw new Error('nothing was thrown');
  }

  test('a tier needs no files', () => {
    const production = synthesize(shop, { tier: 'production' });
    expect(production.environment).toEqual(plainEnvironment('production', 'production'));
    expect(production).toHaveObject('apps/v1', 'Deployment', 'orders', { spec: { replicas: 3 } });
  });

  test('an environment may be data', () => {
    const environment = { ...plainEnvironment('here', 'development'), clusterDomain: 'here.local' };
    expect(synthesize(shop, { environment }).environment).toBe(environment);
  });

  describe('with files', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'ashlar-testing-'));
    const before = process.cwd();

    beforeAll(() => {
      writeFileSync(path.join(folder, 'prod.yaml'), 'tier: production\nsettings:\n  scale: { min: 7 }\n');
      writeFileSync(path.join(folder, 'bad.yaml'), 'tier: produktion\nkubernetes: "1.2"\n');
    });
    afterAll(() => {
      process.chdir(before);
      rmSync(folder, { recursive: true });
    });

    test('a name is that of a file in the folder', () => {
      const prod = synthesize(shop, { environment: 'prod', folder });
      expect(prod).toHaveObject('apps/v1', 'Deployment', 'orders', { spec: { replicas: 7 } });
    });

    test('the folder is environments/ where none is said', () => {
      mkdirSync(path.join(folder, 'environments'));
      writeFileSync(path.join(folder, 'environments/only.yaml'), 'tier: staging\n');
      process.chdir(folder);
      expect(synthesize(shop, { environment: 'only' }).environment.tier).toBe('staging');
      expect(codeOf(() => synthesize(shop, { environment: 'prod' }))).toEqual(['unknown-environment: prod']);
    });

    test('all that is wrong with a file is told at once', () => {
      expect(codeOf(() => synthesize(shop, { environment: 'bad', folder }))).toEqual([
        'bad-environment: "produktion"',
        'bad-environment: "1.2"',
      ]);
    });
  });

  test('what is no platform is refused', () => {
    expect(codeOf(() => synthesize(undefined as never, { tier: 'production' }))).toEqual(['no-platform: undefined']);
    expect(codeOf(() => synthesize({ name: 'shop' } as never, { tier: 'production' }))).toEqual([
      'no-platform: object',
    ]);
  });

  test('acceptances are judged on the day that is given', () => {
    const ending = definePlatform('shop', (platform) => {
      const context = new BoundedContext(platform, 'a', { team: 'a' });
      const service = new Microservice(context, 'b', { image: 'example.com/b:latest' });
      accept(service, 'floating-image', 'Soon.', { until: '2026-05-01' });
    });
    expect(synthesize(ending, { tier: 'production', today: '2026-05-01' })).not.toHaveFinding('acceptance-ended');
    expect(synthesize(ending, { tier: 'production', today: '2026-05-02' })).toHaveFinding('acceptance-ended', 'a/b');
  });
});

describe('toAllow', () => {
  test('knows workloads by name, by namespace and name, and by kind', () => {
    expect(plan).toAllow('orders', 'payments', 9090);
    expect(plan).toAllow('ordering/orders', 'Deployment/billing/payments', 9090);
    expect(plan).not.toAllow('payments', 'orders', 8080);
  });

  test('takes the port of the pod, and that of a Service over it', () => {
    expect(plan).toAllow('orders', 'payments', 80);
    expect(plan).not.toAllow('orders', 'payments', 8080);
  });

  test('takes the protocol as the port is declared, or as it is said', () => {
    const udp = planOf((shop) => {
      const context = new BoundedContext(shop, 'c', { team: 'c' });
      const to = new Microservice(context, 'to', { image: 'example.com/to:1', ports: { events: Port.udp(8125) } });
      new Microservice(context, 'from', { image: 'example.com/from:1' }).calls(to);
    });
    expect(udp).toAllow('from', 'to', 8125);
    expect(udp).toAllow('from', 'to', 8125, 'UDP');
    expect(udp).not.toAllow('from', 'to', 8125, 'TCP');
  });

  test('knows addresses and pods outside the plan', () => {
    expect(plan).toAllow('payments', '203.0.113.9', 443);
    expect(plan).not.toAllow('orders', '203.0.113.9', 443);
    expect(plan).toAllow({ namespace: 'ingress', labels: { app: 'gateway' } }, 'orders', 8080);
    expect(plan).not.toAllow({ namespace: 'ingress' }, 'orders', 8080);
    expect(plan).toAllow('orders', { namespace: 'kube-system', labels: { 'k8s-app': 'kube-dns' } }, 53, 'UDP');
  });

  test('tells what is allowed instead', () => {
    expect(messageOf(() => expect(plan).toAllow('payments', 'orders', 8080))).toMatchInlineSnapshot(`
      "expect(plan).toAllow(from, to, port)

      billing/payments does not reach ordering/orders on port 8080/TCP.
        out of billing/payments: denied, none of its NetworkPolicies has a rule for this: billing/allow-dns, billing/default-deny, billing/payments
        into ordering/orders: denied, none of its NetworkPolicies has a rule for this: ordering/default-deny, ordering/orders

      ordering/orders listens on: 8080/TCP (http)
      billing/payments reaches: 203.0.113.0/24 on 443/TCP
      ordering/orders is reached by: none"
    `);
    expect(messageOf(() => expect(plan).toAllow('orders', 'payments', 8125))).toMatchInlineSnapshot(`
      "expect(plan).toAllow(from, to, port)

      ordering/orders does not reach billing/payments on port 8125/UDP.
        out of ordering/orders: denied, none of its NetworkPolicies has a rule for this: ordering/allow-dns, ordering/default-deny, ordering/orders
        into billing/payments: denied, none of its NetworkPolicies has a rule for this: billing/default-deny, billing/payments

      billing/payments listens on: 8125/UDP (events), 9090/TCP (grpc, Service port 80)
      ordering/orders reaches: billing/payments on 9090/TCP
      billing/payments is reached by: ordering/orders on 9090/TCP"
    `);
    expect(messageOf(() => expect(plan).toAllow('payments', '192.0.2.1', 443))).toMatchInlineSnapshot(`
      "expect(plan).toAllow(from, to, port)

      billing/payments does not reach 192.0.2.1 on port 443/TCP.
        out of billing/payments: denied, none of its NetworkPolicies has a rule for this: billing/allow-dns, billing/default-deny, billing/payments
        into 192.0.2.1: outside the cluster, no policy holds

      billing/payments reaches: 203.0.113.0/24 on 443/TCP"
    `);
  });

  test('tells which policies allow what should be closed', () => {
    expect(messageOf(() => expect(plan).not.toAllow('orders', 'payments', 80))).toMatchInlineSnapshot(`
      "expect(plan).not.toAllow(from, to, port)

      ordering/orders reaches billing/payments on port 9090/TCP.
        out of ordering/orders: allowed by NetworkPolicy ordering/orders
        into billing/payments: allowed by NetworkPolicy billing/payments"
    `);
  });

  test('fails either way where a name is unknown or means two', () => {
    const twice = planOf((shop) => {
      for (const id of ['a', 'b']) {
        const context = new BoundedContext(shop, id, { team: 'x' });
        new Microservice(context, 'api', { image: 'example.com/api:1', ports: { http: 80 } });
      }
    });
    expect(messageOf(() => expect(plan).toAllow('orders', 'paymnts', 9090))).toMatchInlineSnapshot(`
      "expect(plan).toAllow(from, to, port)

      The plan has no workload called paymnts. Is it billing/payments?
      Workloads: billing/payments, ordering/orders"
    `);
    expect(messageOf(() => expect(plan).not.toAllow('orders', 'paymnts', 9090))).toContain(
      'no workload called paymnts',
    );
    expect(messageOf(() => expect(twice).not.toAllow('api', 'api', 80))).toMatchInlineSnapshot(`
      "expect(plan).not.toAllow(from, to, port)

      The plan has 2 workloads called api. Say which: a/api, b/api"
    `);
    expect(messageOf(() => expect(plan).not.toAllow('10.0.0.1', '10.0.0.2', 80))).toContain(
      'Name a workload as one of them',
    );
  });
});

describe('toHaveObject', () => {
  test('finds by name, and by namespace and name', () => {
    expect(plan).toHaveObject('v1', 'Namespace', 'ordering');
    expect(plan).toHaveObject('apps/v1', 'Deployment', 'orders');
    expect(plan).toHaveObject('apps/v1', 'Deployment', 'ordering/orders');
    expect(plan).not.toHaveObject('apps/v1', 'Deployment', 'billing/orders');
    expect(plan).not.toHaveObject('v1', 'Deployment', 'orders');
  });

  test('compares a part of the manifest, as toMatchObject does', () => {
    const image = (value: unknown): Record<string, unknown> => ({
      spec: { template: { spec: { containers: [{ image: value }] } } },
    });
    expect(plan).toHaveObject('apps/v1', 'Deployment', 'orders', image('example.com/orders:1'));
    expect(plan).toHaveObject('apps/v1', 'Deployment', 'orders', image(expect.stringContaining('orders')));
    expect(plan).not.toHaveObject('apps/v1', 'Deployment', 'orders', image('example.com/orders:2'));
    expect(plan).not.toHaveObject('apps/v1', 'Deployment', 'orders', {
      spec: { template: { spec: { containers: [] } } },
    });
  });

  test('tells the difference in what was asked for, and no more', () => {
    const fields = { kind: expect.any(String) as string, spec: { replicas: 9, strategy: { type: 'Recreate' } } };
    expect(messageOf(() => expect(plan).toHaveObject('apps/v1', 'Deployment', 'orders', fields)))
      .toMatchInlineSnapshot(`
      "expect(plan).toHaveObject(apiVersion, kind, name, fields)

      Deployment/ordering/orders is there, but differs:

      - Expected
      + In the plan

        Object {
          "kind": Any<String>,
          "spec": Object {
      -     "replicas": 9,
      +     "replicas": 1,
            "strategy": Object {
      -       "type": "Recreate",
      +       "type": "RollingUpdate",
            },
          },
        }"
    `);
  });

  test('tells the nearest name', () => {
    const told = (apiVersion: string, kind: string, name: string): string | undefined =>
      messageOf(() => expect(plan).toHaveObject(apiVersion, kind, name)).split('\n\n')[1];
    expect(told('apps/v1', 'Deployment', 'order')).toMatchInlineSnapshot(`
      "The plan has no apps/v1 Deployment called order. Is it ordering/orders?
      It has: billing/payments, ordering/orders"
    `);
    expect(told('apps/v1', 'Deployment', 'ordering/payments')).toMatchInlineSnapshot(`
      "The plan has no apps/v1 Deployment called ordering/payments. Is it billing/payments?
      It has: billing/payments, ordering/orders"
    `);
    expect(told('apps/v1', 'Deploymnt', 'orders')).toMatchInlineSnapshot(
      `"The plan has no apps/v1 Deploymnt called orders. It has nothing of that kind. Is it Deployment? Kinds: Deployment, LimitRange, Namespace, NetworkPolicy, ResourceQuota, Role, RoleBinding, Service, ServiceAccount"`,
    );
    expect(told('apps/v1beta1', 'Deployment', 'orders')).toMatchInlineSnapshot(
      `"The plan has no apps/v1beta1 Deployment called orders. Deployment/ordering/orders is there as apps/v1."`,
    );
  });

  test('shows the object that should not be there', () => {
    const told = messageOf(() => expect(plan).not.toHaveObject('v1', 'ServiceAccount', 'orders'));
    expect(told).toContain('# ServiceAccount/ordering/orders\napiVersion: v1\nkind: ServiceAccount\n');
  });
});

describe('findings', () => {
  test('none, some, and some at a place', () => {
    expect(plan).toHaveNoFindings();
    expect(faulty).not.toHaveNoFindings();
    expect(faulty).toHaveFinding('unknown-port');
    expect(faulty).toHaveFinding('unknown-port', 'shop/reports/daily');
    expect(faulty).toHaveFinding('unknown-port', 'reports');
    expect(faulty).not.toHaveFinding('unknown-port', 'rep');
    expect(faulty).not.toHaveFinding('unknown-port', 'ordering');
  });

  test('are told in full', () => {
    expect(messageOf(() => expect(faulty).toHaveNoFindings()).replace(/\S+\.test\.ts:\d+:\d+/, 'FILE'))
      .toMatchInlineSnapshot(`
      "expect(plan).toHaveNoFindings()

      The plan has one finding.

      error unknown-port  shop/reports/daily
        shop/reports/store has no port called htpp.
        at      port
        got     htpp at shop/reports/daily FILE)
        allowed http (80)
        fix     Name one of its ports, or add the port to the callee."
    `);
    expect(messageOf(() => expect(faulty).not.toHaveFinding('unknown-port'))).toContain('  allowed http (80)');
  });

  test('that are not there: what is there, and what was accepted', () => {
    expect(messageOf(() => expect(faulty).toHaveFinding('floating-image', 'reports/old'))).toMatchInlineSnapshot(`
      "expect(plan).toHaveFinding(code, path)

      The plan has no finding floating-image at reports/old.
      It was accepted at shop/reports/old: It goes away.
      It has one finding:
        error unknown-port at shop/reports/daily port"
    `);
    expect(messageOf(() => expect(plan).not.toHaveNoFindings())).toContain('The plan has no findings.');
  });
});

test('matchers are about plans, with and without not', () => {
  expect(messageOf(() => expect(plan.objects).toHaveNoFindings())).toContain('got a list');
  expect(messageOf(() => expect(undefined).not.toHaveNoFindings())).toContain('got undefined');
  expect(messageOf(() => expect(null).not.toAllow('a', 'b', 1))).toContain('got null');
  expect(messageOf(() => expect({}).not.toHaveObject('v1', 'Service', 'a'))).toContain('got object');
  expect(messageOf(() => expect(3).not.toHaveFinding('a'))).toContain('got number');
});

describe('planSerializer', () => {
  const tiny = (): Plan =>
    planOf((shop) => {
      Manifest.from(shop, 'later', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'later' } });
      Manifest.from(shop, 'data', {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'data', namespace: 'later' },
        data: { text: 'a `quoted` line\n\nand another\n' },
      });
    });

  test('writes a plan: its head, then a document an object, by construct', () => {
    expect(tiny()).toMatchInlineSnapshot(`
      # shop in development (development, Kubernetes 1.36)
      ---
      # ConfigMap/later/data
      apiVersion: v1
      kind: ConfigMap
      metadata:
        name: data
        namespace: later
      data:
        text: |
          a \`quoted\` line

          and another
      ---
      # Namespace/later
      apiVersion: v1
      kind: Namespace
      metadata:
        name: later
    `);
  });

  test('writes findings and what was accepted into the head', () => {
    expect(planSerializer.serialize(faulty, undefined, '').split('---')[0]).toMatchInlineSnapshot(`
      "# shop in development (development, Kubernetes 1.36)
      # error unknown-port at shop/reports/daily port
      # accepted warning floating-image at shop/reports/old Deployment/reports/old image: It goes away.
      "
    `);
  });

  test('writes an object, a list, and indented where they are part of something', () => {
    const [first] = tiny().objects;
    expect(first).toMatchInlineSnapshot(`
      # Namespace/later
      apiVersion: v1
      kind: Namespace
      metadata:
        name: later
    `);
    expect({ nested: [first] }).toMatchInlineSnapshot(`
      {
        "nested": # Namespace/later
        apiVersion: v1
        kind: Namespace
        metadata:
          name: later,
      }
    `);
  });

  test('leaves everything else alone', () => {
    expect([[], {}, null, 'text', [plan.objects[0], 1], plan.objects[0]?.manifest].map(planSerializer.test)).toEqual(
      Array(6).fill(false),
    );
  });

  test('does not depend on the order of deployment', () => {
    const { objects } = plan;
    const written = planSerializer.serialize(objects, undefined, '');
    expect(planSerializer.serialize([...objects].reverse(), undefined, '')).toBe(written);
    expect(written.match(/^# .*$/gm)?.slice(0, 3)).toEqual([
      '# LimitRange/billing/limits',
      '# Namespace/billing',
      '# NetworkPolicy/billing/allow-dns',
    ]);
  });
});
