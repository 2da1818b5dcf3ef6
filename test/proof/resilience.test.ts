import {
  BoundedContext,
  Bulkhead,
  CircuitBreaker,
  Duration,
  LoadBalancing,
  Microservice,
  Percent,
  Retry,
  definePlatform,
  type CallOptions,
  type KubeObject,
} from 'ashlar';
import { setTimeout as sleep } from 'node:timers/promises';
import { meshProof, render } from './support/mesh/engine';
import { Lab } from './support/mesh/lab';
import type { Answer } from './support/mesh/talk';
import { place } from './support/mesh/placed';
import { meshed } from './support/mesh/plans';

const image = 'registry.example.com/it:1';
const QUOTE = '/acme.Payments/Quote';
const PAY = '/acme.Payments/Pay';

/** Two callees, and callers that want different things of them; all callers stand in one namespace. */
const definition = definePlatform('proof', (platform) => {
  const callers = new BoundedContext(platform, 'callers', { team: 'a' });
  const callees = new BoundedContext(platform, 'callees', { team: 'b' });
  const web = new Microservice(callees, 'web', { image, ports: { http: 8080 } });
  const payments = new Microservice(callees, 'payments', { image, ports: { grpc: 9090 } });
  const narrow = new Microservice(callees, 'narrow', { image, ports: { http: 8080 } }).admits(
    Bulkhead.of({ maxRequests: 1, maxPending: 1 }),
  );
  const caller = (id: string, options: CallOptions): void => {
    new Microservice(callers, id, { image }).calls(web, options).calls(narrow);
  };
  caller('plain', {});
  caller('hasty', { timeout: Duration.millis(300) });
  caller('patient', { timeout: Duration.millis(900) });
  caller('stubborn', { retry: Retry.attempts(2).on('5xx').backOff(Duration.millis(1)) });
  caller('sure', { retry: Retry.attempts(2).on(503).backOff(Duration.millis(1)), idempotent: true });
  const breaker = { open: Duration.seconds(1), maxEjected: Percent.of(100) };
  caller('careful', { circuitBreaker: CircuitBreaker.consecutiveErrors(3, breaker) });
  caller('half', { circuitBreaker: CircuitBreaker.consecutiveErrors(3, { maxEjected: Percent.of(50) }) });
  caller('late', { timeout: Duration.millis(100), circuitBreaker: CircuitBreaker.consecutiveErrors(2, breaker) });
  const again = Retry.attempts(2).on('5xx').backOff(Duration.millis(1));
  caller('eager', { retry: again, circuitBreaker: CircuitBreaker.consecutiveErrors(3, breaker) });
  const rate = { ...breaker, within: Duration.seconds(1), minimumRequests: 10 };
  caller('counting', { circuitBreaker: CircuitBreaker.failureRate(Percent.of(50), rate) });
  caller('modest', { bulkhead: Bulkhead.of({ maxConnections: 2, maxPending: 1, maxRequests: 2 }) });
  caller('sticky', { loadBalancing: LoadBalancing.byHeader('x-user') });
  const grpc = Retry.attempts(2).on('connect-failure', 'unavailable').backOff(Duration.millis(1));
  new Microservice(callers, 'payer', { image }).calls(payments, { retry: grpc, idempotent: [QUOTE] });
});

meshProof('calls through live proxies', () => {
  const lab = new Lab(meshed(definition));
  beforeAll(() => lab.start(...lab.configs.keys()));
  afterAll(() => lab.stop());
  beforeEach(() => lab.reset());

  const call = (caller: string, options = {}, service = 'web'): Promise<Answer> =>
    lab.call(`callers/${caller}`, `callees/${service}`, 8080, options);
  const web = () => lab.app('callees/web');
  /** How often the callee was asked for one request. */
  const tries = async (caller: string, options = {}): Promise<number> => {
    web().seen = [];
    await call(caller, options);
    return web().seen.length;
  };

  test('istiod finds nothing wrong, and warns of the one thing that it cannot do by itself', () => {
    expect(lab.problems).toEqual([
      expect.stringMatching(/^EnvoyFilter\/callers\/counting.*exposes internal implementation details/),
    ]);
  });

  test('two callers of one callee get their own timeouts, and who asked for none waits', async () => {
    web().delayMs = 1200;
    const [hasty, patient, plain] = await Promise.all([call('hasty'), call('patient'), call('plain')]);
    expect([hasty.status, patient.status, plain.status]).toEqual([504, 504, 200]);
    expect(hasty.ms).toBeGreaterThan(250);
    expect(hasty.ms).toBeLessThan(850);
    expect(patient.ms).toBeGreaterThan(850);
    expect(patient.ms).toBeLessThan(1190);
  });

  test('retries are as many as declared, none for what is not safe, none where none is declared', async () => {
    web().answer = () => 503;
    expect(await tries('stubborn')).toBe(3);
    expect(await tries('stubborn', { method: 'HEAD' })).toBe(3);
    expect(await tries('stubborn', { method: 'POST' })).toBe(1);
    expect(await tries('stubborn', { method: 'DELETE' })).toBe(1);
    expect(await tries('sure', { method: 'POST' })).toBe(3);
    expect(await tries('plain')).toBe(1);
    expect(await tries('hasty')).toBe(1);
  });

  test('gRPC is sent again for methods that are said to be idempotent, and for no other', async () => {
    const app = lab.app('callees/payments');
    app.answer = () => 14;
    const ask = (method: string) => lab.callGrpc('callers/payer', 'callees/payments', 9090, method);
    expect(await ask(QUOTE)).toMatchObject({ grpc: 14 });
    expect(app.seen.length).toBe(3);
    app.seen = [];
    expect(await ask(PAY)).toMatchObject({ grpc: 14 });
    expect(app.seen.length).toBe(1);
  });

  test('the breaker opens after errors in a row, fails fast, recovers; other callers go on', async () => {
    web().answer = () => 500;
    for (let count = 0; count < 3; count += 1) expect(await call('careful')).toMatchObject({ status: 500 });
    expect(await call('careful')).toMatchObject({ status: 503 });
    expect(web().seen.length).toBe(3);
    web().answer = () => 200;
    expect(await call('plain')).toMatchObject({ status: 200 });
    await sleep(2500);
    expect(await call('careful')).toMatchObject({ status: 200 });
  });

  test('timeouts and attempts count as errors', async () => {
    web().delayMs = 300;
    expect([await call('late'), await call('late'), await call('late')].map(({ status }) => status)).toEqual([
      504, 504, 503,
    ]);
    Object.assign(web(), { seen: [], answer: () => 500, delayMs: 0 });
    expect((await call('eager')).status).toBe(500);
    expect((await call('eager')).status).toBe(503);
    expect(web().seen.length).toBe(3);
  });

  test('of a single endpoint, half is none', async () => {
    web().answer = () => 500;
    for (let count = 0; count < 9; count += 1) expect(await call('half')).toMatchObject({ status: 500 });
  });

  test('a rate of failures opens the breaker, errors in a row do not; it fails fast, and recovers', async () => {
    web().answer = () => (web().seen.length % 3 === 0 ? 200 : 500);
    let refused = 0;
    for (let count = 0; count < 60 && refused === 0; count += 1) {
      if ((await call('counting')).status === 503) refused = count;
      await sleep(50);
    }
    // Not before the first interval is over, and enough was asked.
    expect(refused).toBeGreaterThan(9);
    web().seen = [];
    const { status, ms } = await call('counting');
    expect([status, web().seen]).toEqual([503, []]);
    expect(ms).toBeLessThan(200);
    web().answer = () => 200;
    await sleep(2500);
    expect((await call('counting')).status).toBe(200);
  });

  test('below its rate of failures, or with too few requests, the breaker stays closed', async () => {
    const statuses = async (count: number, pause: number, isFailure: (nth: number) => boolean) => {
      web().seen = [];
      web().answer = () => (isFailure(web().seen.length) ? 500 : 200);
      const all: number[] = [];
      for (let nth = 0; nth < count; nth += 1) {
        all.push((await call('counting')).status);
        await sleep(pause);
      }
      return new Set(all);
    };
    // Two of five, so that no ten in a row have half of them; and fewer than ten in a second, none of the others among them.
    expect(await statuses(50, 40, (nth) => nth % 5 === 0 || nth % 5 === 2)).toEqual(new Set([200, 500]));
    await sleep(1100);
    expect(await statuses(12, 200, () => true)).toEqual(new Set([500]));
  });

  test('above its bulkhead a caller is refused at once', async () => {
    web().delayMs = 400;
    const answers = await Promise.all(Array.from({ length: 8 }, () => call('modest')));
    const refused = answers.filter(({ status }) => status === 503);
    expect(web().seen.length).toBeLessThanOrEqual(3);
    expect(refused.length).toBeGreaterThanOrEqual(5);
    expect(Math.max(...refused.map(({ ms }) => ms))).toBeLessThan(390);
  });

  test('above what it admits a callee refuses, whoever asks', async () => {
    lab.app('callees/narrow').delayMs = 400;
    const answers = await Promise.all(
      Array.from({ length: 6 }, (_, index) => call(index % 2 === 0 ? 'plain' : 'hasty', {}, 'narrow')),
    );
    expect(answers.filter(({ status }) => status === 503).length).toBeGreaterThanOrEqual(4);
    expect(answers.filter(({ status }) => status === 200).length).toBeGreaterThanOrEqual(1);
  });

  test('who asks for a kind of balancing gets it', () => {
    const policy = (caller: string): unknown =>
      lab.configs.get(`callers/${caller}`)?.clusters.find(({ name }) => /^outbound\|8080\|\|web\./.test(name as string))
        ?.lbPolicy;
    expect(policy('sticky')).toBe('RING_HASH');
    expect(policy('plain')).toBe('LEAST_REQUEST');
  });
});

meshProof('what is known of Istio', () => {
  const placed = place(meshed(definition));
  const rule = (name: string, namespace: string, spec: object): KubeObject => ({
    apiVersion: 'networking.istio.io/v1',
    kind: 'DestinationRule',
    metadata: { name, namespace },
    spec: { host: 'web.callees.svc.cluster.local', ...spec },
  });
  const limits = { trafficPolicy: { connectionPool: { tcp: { maxConnections: 7 } } } };
  /** Most connections to `web` of the proxy of `plain`. */
  const limitOfPlain = (...rules: readonly KubeObject[]): unknown => {
    const objects = placed.objects.filter(({ kind }) => kind !== 'DestinationRule');
    const { proxies } = render([...objects, ...rules], [placed.proxyOf(placed.pods.get('callers/plain')!)]);
    const cluster = proxies[0]?.clusters.find(({ name }) => /^outbound\|8080\|\|web\./.test(name as string));
    return cluster?.circuitBreakers?.thresholds?.[0]?.maxConnections;
  };

  test('a rule in the namespace of a caller hides that of the callee, also from whom its selector does not name', () => {
    const ofCallee = rule('web', 'callees', limits);
    const ofAnother = rule('other', 'callers', {
      workloadSelector: { matchLabels: { 'app.kubernetes.io/name': 'hasty' } },
    });
    expect(limitOfPlain(ofCallee)).toBe(7);
    expect(limitOfPlain(ofCallee, ofAnother)).not.toBe(7);
  });

  test('it retries twice unless it is told not to', () => {
    const objects = placed.objects.filter(({ kind }) => kind !== 'VirtualService');
    const { proxies } = render(objects, [placed.proxyOf(placed.pods.get('callers/plain')!)]);
    expect(JSON.stringify(proxies[0]?.routes)).toContain('"numRetries":2');
  });
});
