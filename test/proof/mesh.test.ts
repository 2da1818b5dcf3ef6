import type { KubeObject } from 'ashlar';
import boutique from '../../examples/online-boutique/platform';
import shop from '../../examples/shop/platform';
import { NetworkPolicies } from '../../testing/network-policies';
import { analyze, meshProof, validate } from './support/mesh/engine';
import { Lab } from './support/mesh/lab';
import { place } from './support/mesh/placed';
import { meshed } from './support/mesh/plans';

const EXAMPLES = [
  ['shop', shop],
  ['online-boutique', boutique],
] as const;

/**
 * Each pod says by itself that it is in the mesh, so that pods of operators are not drawn in. That the namespace is not
 * labelled is what the analyzer then tells.
 */
const LABELS_AT_PODS = 'IST0102';

/** What Online Boutique calls and others deploy. */
const OF_OTHERS: KubeObject = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'shoppingassistantservice', namespace: 'assistant' },
  spec: { ports: [{ name: 'http', port: 80 }] },
};

/** A ServiceEntry of plain TCP has no addresses. */
const ADDRESSES = 'IST0134';

meshProof('Istio', () => {
  test.each(EXAMPLES)('has nothing to say about %s', (_, definition) => {
    const plan = meshed(definition);
    const { messages, skipped, problems } = analyze([...place(plan, 1).objects, OF_OTHERS]);
    expect(problems).toEqual([]);
    expect(skipped).toEqual([]);
    const codes = messages.map(({ code }) => code).filter((code) => code !== LABELS_AT_PODS);
    // What is left the plan says by itself.
    const unnamed = plan.findings.filter(({ code }) => code === 'tcp-without-addresses');
    expect(codes).toEqual(unnamed.map(() => ADDRESSES));
  });

  test.each(EXAMPLES)('makes of %s what Envoy takes, for each proxy', async (_, definition) => {
    const lab = new Lab(meshed(definition), 2);
    expect(lab.problems).toEqual([]);
    expect(lab.configs.size).toBeGreaterThan(5);
    try {
      for (const key of lab.configs.keys()) validate(lab.writeConfig(key));
    } finally {
      await lab.stop();
    }
  });
});

meshProof('identities', () => {
  /** Proxies that would carry a call to anybody: what an application can do that gets around its own proxy's limits. */
  let lab: Lab;
  let limited: Lab;
  const policies = new NetworkPolicies(meshed(shop).objects.map(({ manifest }) => manifest));
  beforeAll(async () => {
    lab = new Lab(meshed(shop), 3, { without: ['Sidecar'] });
    limited = new Lab(meshed(shop), 4);
    await lab.start(...lab.configs.keys());
    await limited.start('fulfilment/shipping', 'fulfilment/notifications');
  });
  afterAll(() => Promise.all([lab.stop(), limited.stop()]));

  /** Every pair of caller and callee in the mesh, on each port of HTTP or gRPC. */
  const pairs = () =>
    [...lab.configs.keys()].flatMap((from) =>
      [...lab.placed.services.values()]
        .filter(({ name, pods }) => pods[0]?.name === name && lab.configs.has(pods[0].key))
        .flatMap(({ key, ports }) => ports.map(({ name, port }) => ({ from, to: key, port, name })))
        .filter(({ to }) => to !== from),
    );

  /** Whom the network policies of the same plan let through: they are judged by an evaluator of their own. */
  const isDeclared = (from: string, to: string, port: number): boolean => {
    const ends = [lab.pod(from), lab.placed.services.get(to)!.pods[0]!] as const;
    const [caller, callee] = ends.map(({ namespace, labels }) => ({ namespace, labels, ports: [] }));
    const target = lab.placed.services.get(to)?.ports.find((one) => one.port === port)?.targetPort ?? port;
    return policies.allow({ from: caller!, to: callee!, port: target, protocol: 'TCP' });
  };
  /** Ports that the program opens to everybody. */
  const EXPOSED = new Set(['catalogue/catalog http', 'ordering/orders http']);

  test('a declared caller gets through by mutual TLS; the callee refuses everybody else, whatever the caller does', async () => {
    const passed: string[] = [];
    const declared: string[] = [];
    const others = new Set<string>();
    for (const { from, to, port, name } of pairs()) {
      const asked = name === 'grpc' ? lab.callGrpc(from, to, port, '/any.Service/Method') : lab.call(from, to, port);
      const { status, grpc } = await asked.catch(() => ({ status: 'closed', grpc: undefined }));
      const pair = `${from} -> ${to} ${name}`;
      if (EXPOSED.has(`${to} ${name}`)) continue;
      if (isDeclared(from, to, port)) declared.push(pair);
      if (status === 200 && (grpc ?? 0) === 0) passed.push(pair);
      else others.add(`${status}${grpc === undefined ? '' : ` ${grpc}`}`);
    }
    expect(passed).toEqual(declared);
    expect(declared).toContain('ordering/orders -> billing/payments grpc');
    // Refused by the callee: 403, what gRPC has for it (7, permission denied), and for plain TCP an end.
    expect([...others].sort()).toEqual(['200 7', '403', 'closed']);
  });

  test('the application is told who called', async () => {
    const app = lab.app('billing/payments');
    app.seen.length = 0;
    expect(await lab.callGrpc('ordering/orders', 'billing/payments', 9090, '/acme.Payments/Pay')).toMatchObject({
      grpc: 0,
    });
    expect(app.seen[0]?.headers['x-forwarded-client-cert']).toContain('spiffe://cluster.local/ns/ordering/sa/orders');
  });

  test('the own proxy knows declared callees only', async () => {
    const asked = limited.call('fulfilment/shipping', 'fulfilment/notifications', 8080).then(
      ({ status }) => status,
      () => 'refused',
    );
    expect(await asked).toBe('refused');
    expect(limited.app('fulfilment/notifications').seen).toEqual([]);
  });

  test('plain text is refused, but where a port is exposed', async () => {
    expect(await lab.plain('fulfilment/shipping', 8080)).toBe('refused');
    expect(await lab.plain('catalogue/catalog', 9464)).toBe('refused');
    expect(await lab.plain('ordering/orders', 8080)).toBe('status 200');
  });
});
