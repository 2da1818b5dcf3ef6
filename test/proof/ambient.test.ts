import {
  BoundedContext,
  CircuitBreaker,
  Duration,
  LoadBalancing,
  Microservice,
  Percent,
  Retry,
  definePlatform,
} from 'ashlar';
import { proof } from 'ashlar/testing/cluster';
import { setTimeout as sleep } from 'node:timers/promises';
import boutique from '../../examples/online-boutique/platform';
import shop from '../../examples/shop/platform';
import { OF_OTHERS, certificatesOf, withoutFilters } from './support/mesh/around';
import { analyze, certify, meshProof, render, validate, type ProxyConfig } from './support/mesh/engine';
import { Lab } from './support/mesh/lab';
import type { Answer } from './support/mesh/talk';
import { misfits, outcomes } from './support/misfits';
import type { KeyPair } from './support/mesh/localize';
import { place } from './support/mesh/placed';
import { meshed } from './support/mesh/plans';

const image = 'registry.example.com/it:1';

/** Two callers of each callee, who want the same of it, and a third who calls something else. */
const definition = definePlatform('proof', (platform) => {
  const callers = new BoundedContext(platform, 'callers', { team: 'a' });
  const callees = new BoundedContext(platform, 'callees', { team: 'b' });
  const callee = (id: string): Microservice => new Microservice(callees, id, { image, ports: { http: 8080 } });
  const [web, frail, other] = [callee('web'), callee('frail'), callee('other')];
  const again = Retry.attempts(2).on(503).backOff(Duration.millis(1));
  const breaker = { open: Duration.seconds(1), maxEjected: Percent.of(100) };
  const circuitBreaker = CircuitBreaker.consecutiveErrors(4, breaker);
  for (const id of ['one', 'two']) {
    new Microservice(callers, id, { image })
      .calls(web, { timeout: Duration.millis(600), retry: again })
      .calls(frail, { circuitBreaker, loadBalancing: LoadBalancing.random() });
  }
  new Microservice(callers, 'stranger', { image }).calls(other, { timeout: Duration.seconds(1) });
});

const EXAMPLES = [
  ['shop', shop],
  ['online-boutique', boutique],
  ['a platform with waypoints', definition],
] as const;

/** Namespaces are not labelled; gateways have EnvoyFilters, and there is no other way to what these do. */
const EXPECTED = ['IST0102', 'IST0133'];

meshProof('Istio in ambient mode', () => {
  let shown: KeyPair = { certificate: '', key: '' };
  beforeAll(() => {
    shown = certify('api.shop.example.com');
  });

  test.each(EXAMPLES)('has nothing to say about %s', (_, one) => {
    const plan = meshed(one, 'istio-ambient');
    const around = [OF_OTHERS, ...certificatesOf(plan, shown)];
    const { messages, skipped, problems } = analyze([...place(plan).objects, ...around]);
    expect(withoutFilters(problems)).toEqual([]);
    expect(skipped).toEqual([]);
    // The Service of a waypoint, and the name of its port, are istiod's own.
    const ours = messages.filter(
      ({ code, origin }) => !EXPECTED.includes(code) && !/^Service .*\/waypoint$/.test(origin),
    );
    expect(ours).toEqual([]);
  });

  test.each(EXAMPLES)('makes of %s what Envoy takes, for waypoints and gateways', async (_, one) => {
    const lab = new Lab(meshed(one, 'istio-ambient'), { shown });
    expect(lab.configs.size).toBeGreaterThan(0);
    try {
      for (const key of lab.configs.keys()) validate(lab.writeConfig(key));
    } finally {
      await lab.stop();
    }
  });
});

proof(
  'an API server',
  (cluster) => {
    test('takes all of it as it is, and once', async () => {
      const plan = meshed(definition, 'istio-ambient');
      const applied = await cluster().apply(plan, { refusals: 'return' });
      expect(misfits(applied)).toEqual([]);
      expect(applied.length).toBe(plan.objects.length);
      expect(outcomes(await cluster().apply(plan))).toEqual(['unchanged']);
    });
  },
  { controllers: false, crds: true },
);

meshProof('calls through a live waypoint', () => {
  const lab = new Lab(meshed(definition, 'istio-ambient'));
  beforeAll(() => lab.start(...lab.placed.pods.keys()));
  afterAll(() => lab.stop());
  beforeEach(() => lab.reset());

  const call = (caller: string, options = {}, service = 'web'): Promise<Answer> =>
    lab.call(`callers/${caller}`, `callees/${service}`, 8080, options);
  const web = () => lab.app('callees/web');

  test('Envoy takes what istiod makes of it', () => {
    expect(lab.problems).toEqual([]);
    validate(lab.writeConfig('callees/waypoint'));
  });

  test('declared callers get through by their identities; who calls another callee is refused by the waypoint', async () => {
    expect([(await call('one')).status, (await call('two')).status]).toEqual([200, 200]);
    expect((await call('stranger', {}, 'other')).status).toBe(200);
    web().seen = [];
    expect((await call('stranger')).status).toBe(403);
    expect((await call('one', {}, 'other')).status).toBe(403);
    expect(web().seen).toEqual([]);
  });

  test('a callee that sleeps is given up on at the timeout', async () => {
    web().delayMs = 1500;
    const { status, ms } = await call('one');
    expect(status).toBe(504);
    expect(ms).toBeGreaterThan(500);
    expect(ms).toBeLessThan(1400);
  });

  test('retries are as many as declared, and none for what is not safe', async () => {
    web().answer = () => 503;
    await call('one');
    expect(web().seen.length).toBe(3);
    web().seen = [];
    await call('one', { method: 'POST' });
    expect(web().seen.length).toBe(1);
  });

  test('the breaker opens for all callers together, fails fast, and recovers', async () => {
    const frail = lab.app('callees/frail');
    frail.answer = () => 500;
    for (let count = 0; count < 4; count += 1) expect((await call('one', {}, 'frail')).status).toBe(500);
    frail.seen = [];
    expect((await call('two', {}, 'frail')).status).toBe(503);
    expect(frail.seen).toEqual([]);
    frail.answer = () => 200;
    await sleep(2500);
    expect((await call('two', {}, 'frail')).status).toBe(200);
  });

  test('who asks for a kind of balancing gets it', () => {
    const policy = (service: string): unknown =>
      lab.configs
        .get('callees/waypoint')
        ?.clusters.find(({ name }) => (name as string).startsWith(`inbound-vip|8080|http|${service}.`))?.lbPolicy;
    expect([policy('frail'), policy('web')]).toEqual(['RANDOM', 'LEAST_REQUEST']);
  });
});

meshProof('what is known of waypoints', () => {
  const placed = place(meshed(definition, 'istio-ambient'));
  const waypoint = placed.proxyOf(placed.pods.get('callees/waypoint')!);
  const changed = (kind: string, change: (spec: never) => object): ProxyConfig => {
    const objects = placed.objects.map((object) =>
      object.kind === kind ? { ...object, spec: change(object['spec'] as never) } : object,
    );
    return render(objects, [waypoint]).proxies[0]!;
  };

  test('a block with the labels of its caller is dropped', () => {
    const ofCaller = { sourceLabels: { 'app.kubernetes.io/name': 'one' } };
    const { listeners } = changed('VirtualService', ({ http, ...spec }: { http: readonly { match: object[] }[] }) => ({
      ...spec,
      http: http.map((block) => ({ ...block, match: block.match.map((match) => ({ ...match, ...ofCaller })) })),
    }));
    expect(JSON.stringify(listeners)).not.toContain('"timeout":"0.600s"');
    expect(JSON.stringify(changed('VirtualService', (spec) => spec).listeners)).toContain('"timeout":"0.600s"');
  });

  test('a rule that names the pods of the waypoint is dropped', () => {
    const selecting = { matchLabels: { 'gateway.networking.k8s.io/gateway-name': 'waypoint' } };
    const { clusters } = changed('DestinationRule', (spec: object) => ({ ...spec, workloadSelector: selecting }));
    expect(JSON.stringify(clusters)).not.toContain('outlierDetection');
    expect(JSON.stringify(changed('DestinationRule', (spec) => spec).clusters)).toContain('outlierDetection');
  });

  test('without routes it retries twice by itself', () => {
    const objects = placed.objects.filter(({ kind }) => kind !== 'VirtualService');
    expect(JSON.stringify(render(objects, [waypoint]).proxies[0]?.listeners)).toContain('"numRetries":2');
  });
});
