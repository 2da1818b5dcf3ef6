import { BoundedContext, Exposure, Microservice, definePlatform } from 'ashlar';
import shop from '../../examples/shop/platform';
import { NetworkPolicies } from '../../testing/network-policies';
import { allExamples } from './support/examples';
import { OF_OTHERS, certificatesOf, verifiersOf, withoutFilters } from './support/mesh/around';
import { analyze, certify, meshProof, validate } from './support/mesh/engine';
import { Lab } from './support/mesh/lab';
import type { KeyPair } from './support/mesh/localize';
import { place } from './support/mesh/placed';
import { meshed } from './support/mesh/plans';

/** The name of the shop's gateway outside, and the gateway. */
const HOST = 'api.shop.example.com';
const GATEWAY = 'edge/gateway';

/** Every environment of the examples that has a mesh. */
const EXAMPLES = allExamples().filter(({ plan }) => plan.environment.backEnds['mesh'] !== undefined);

/**
 * Each pod says by itself that it is in the mesh, so that pods of operators are not drawn in. That the namespace is not
 * labelled is what the analyzer then tells.
 */
const LABELS_AT_PODS = 'IST0102';

/** What an EnvoyFilter says may change with Envoy: so it is, and there is no other way to limit rates. */
const FILTERS = 'IST0133';

/** What the gateways show to clients. */
let shown: KeyPair = { certificate: '', key: '' };

meshProof('Istio', () => {
  beforeAll(() => {
    shown = certify(HOST);
  });

  test.each(EXAMPLES)('has nothing to say about $name in $environment', ({ plan }) => {
    const around = [OF_OTHERS, ...certificatesOf(plan, shown), ...verifiersOf(plan)];
    const { messages, skipped, problems } = analyze([...place(plan).objects, ...around]);
    expect(withoutFilters(problems)).toEqual([]);
    expect(skipped).toEqual([]);
    const codes = new Set(messages.map(({ code }) => code));
    expect([...codes].sort()).toEqual([LABELS_AT_PODS, FILTERS]);
  });

  test.each(EXAMPLES)('makes of $name in $environment what Envoy takes, for each proxy', async ({ plan }) => {
    const lab = new Lab(plan, { shown });
    expect(withoutFilters(lab.problems)).toEqual([]);
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
    shown = certify(HOST);
    lab = new Lab(meshed(shop), { without: ['Sidecar'], shown });
    limited = new Lab(meshed(shop));
    await lab.start(...lab.configs.keys());
    await limited.start('fulfilment/shipping', 'fulfilment/notifications');
  });
  afterAll(() => Promise.all([lab.stop(), limited.stop()]));

  /** Every pair of caller and callee in the mesh, on each port of HTTP or gRPC. Who is at the gateway comes from outside. */
  const pairs = () =>
    [...lab.configs.keys()]
      .filter((from) => from !== GATEWAY)
      .flatMap((from) =>
        [...lab.placed.services.values()]
          .filter(({ name, pods }) => pods[0]?.name === name && lab.configs.has(pods[0].key))
          .flatMap(({ key, ports }) => ports.map(({ name, port }) => ({ from, to: key, port, name })))
          .filter(({ to }) => to !== from && to !== GATEWAY),
      );

  /** Whom the network policies of the same plan let through: they are judged by an evaluator of their own. */
  const isDeclared = (from: string, to: string, port: number): boolean => {
    const ends = [lab.pod(from), lab.placed.services.get(to)!.pods[0]!] as const;
    const [caller, callee] = ends.map(({ namespace, labels }) => ({ namespace, labels, ports: [] }));
    const target = lab.placed.services.get(to)?.ports.find((one) => one.port === port)?.targetPort ?? port;
    return policies.allow({ from: caller!, to: callee!, port: target, protocol: 'TCP' });
  };
  test('a declared caller gets through by mutual TLS; the callee refuses everybody else, whatever the caller does', async () => {
    const passed: string[] = [];
    const declared: string[] = [];
    const others = new Set<string>();
    for (const { from, to, port, name } of pairs()) {
      const asked = name === 'grpc' ? lab.callGrpc(from, to, port, '/any.Service/Method') : lab.call(from, to, port);
      const { status, grpc } = await asked.catch(() => ({ status: 'closed', grpc: undefined }));
      const pair = `${from} -> ${to} ${name}`;
      if (isDeclared(from, to, port)) declared.push(pair);
      if (status === 200 && (grpc ?? 0) === 0) passed.push(pair);
      else others.add(`${status}${grpc === undefined ? '' : ` ${grpc}`}`);
    }
    expect(passed).toEqual(declared);
    expect(declared).toContain('ordering/orders -> billing/payments grpc');
    // Refused by the callee: 403, what gRPC has for it (7, permission denied), and for plain TCP an end.
    expect([...others].sort()).toEqual(['200 7', '403', 'closed']);
  });

  test('clients outside get through the gateway, by its routes alone', async () => {
    const ask = async (path: string): Promise<number> => (await lab.fromOutside(GATEWAY, HOST, { path })).status;
    const app = lab.app('catalogue/catalog');
    app.seen.length = 0;
    expect(await ask('/catalog/shoes')).toBe(200);
    expect(app.seen.map(({ url }) => url)).toEqual(['/shoes']);
    expect([await ask('/orders/1'), await ask('/order-page/1')]).toEqual([401, 401]);
    // What nobody named goes to the old shop, which is not here.
    expect(await ask('/payments')).toBe(503);
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

  test('plain text is refused', async () => {
    expect(await lab.plain('fulfilment/shipping', 8080)).toBe('refused');
    expect(await lab.plain('ordering/orders', 8080)).toBe('refused');
  });
});

meshProof('a port that is exposed', () => {
  const definition = definePlatform('open', (platform) => {
    const context = new BoundedContext(platform, 'web', { team: 'web' });
    const ports = { http: 8080, metrics: 9464 };
    const pages = new Microservice(context, 'pages', { image: 'registry.example.com/pages:1', ports });
    pages.exposes('http', Exposure.loadBalancer('pages-public'));
  });

  test('takes plain text, and no other port of its pods does', async () => {
    const lab = new Lab(meshed(definition));
    try {
      await lab.start('web/pages');
      expect(await lab.plain('web/pages', 8080)).toBe('status 200');
      expect(await lab.plain('web/pages', 9464)).toBe('refused');
    } finally {
      await lab.stop();
    }
  });
});
