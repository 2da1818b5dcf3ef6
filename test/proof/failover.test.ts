import { createServer, type Server } from 'node:https';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  BoundedContext,
  CircuitBreaker,
  Duration,
  ExternalService,
  Failover,
  Microservice,
  Percent,
  Retry,
  Rollout,
  Scale,
  definePlatform,
} from 'ashlar';
import { makePlan, plainEnvironment } from 'ashlar/charts';
import { certify, meshProof } from './support/mesh/engine';
import { Lab } from './support/mesh/lab';
import { STAYS_OPEN, type Answer } from './support/mesh/talk';
import { meshed } from './support/mesh/plans';
import { VersionedLab } from './support/rollouts/stage';

const image = 'registry.example.com/it:1';
const BACKUP = 'rates.example.com';
const timeout = Duration.seconds(2);

/** One callee, and callers that go elsewhere while it is unwell: to a service, to a host outside, to nobody. */
const definition = definePlatform('proof', (platform) => {
  const callers = new BoundedContext(platform, 'callers', { team: 'a' });
  const callees = new BoundedContext(platform, 'callees', { team: 'b' });
  const ports = { http: 8080 };
  const rates = new Microservice(callees, 'rates', { image, ports });
  const backup = new Microservice(callees, 'backup', { image, ports: { http: 9090 } });
  const outside = ExternalService.of(platform, 'outside', { host: BACKUP });
  const open = { open: Duration.seconds(3), maxEjected: Percent.of(100) };
  const circuitBreaker = CircuitBreaker.consecutiveErrors(3, open);
  const retry = Retry.attempts(2).on('5xx').backOff(Duration.millis(1));
  new Microservice(callers, 'orders', { image }).calls(rates, {
    timeout,
    circuitBreaker,
    failover: Failover.to(backup).whenUnhealthy(),
  });
  new Microservice(callers, 'stubborn', { image }).calls(rates, {
    timeout,
    circuitBreaker: CircuitBreaker.consecutiveErrors(2, open),
    retry,
    failover: Failover.to(backup).whenUnhealthy(),
  });
  new Microservice(callers, 'remote', { image }).calls(rates, {
    timeout,
    circuitBreaker,
    failover: Failover.to(outside).whenUnhealthy(),
  });
  new Microservice(callers, 'alone', { image }).calls(rates, { timeout, circuitBreaker });
});

meshProof('failover through live proxies', () => {
  let lab: Lab;
  let server: Server;
  let seen: { readonly host: string; readonly name: string }[] = [];
  beforeAll(async () => {
    const own = certify(BACKUP);
    server = createServer({ ...STAYS_OPEN, cert: own.certificate, key: own.key }, (request, response) => {
      const { servername } = request.socket as unknown as { readonly servername: string };
      seen.push({ host: request.headers.host ?? '', name: servername });
      response.end('outside');
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const at = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    lab = new Lab(meshed(definition), {
      outside: { [`${BACKUP}:443`]: { at, authority: own.certificate } },
    });
    await lab.start(...lab.configs.keys());
  });
  afterAll(async () => {
    await lab.stop();
    server.closeAllConnections();
    server.close();
  });
  beforeEach(() => {
    seen = [];
    lab.reset((key) => ({ body: key }));
  });
  const call = (caller: string): Promise<Answer> => lab.call(`callers/${caller}`, 'callees/rates', 8080);
  const fail = (): void => {
    lab.app('callees/rates').answer = () => 503;
  };
  /** Waits until breakers of earlier tests are closed. */
  const recovered = async (caller: string): Promise<void> => {
    for (let tries = 0; tries < 60 && (await call(caller)).body !== 'callees/rates'; tries += 1) await sleep(200);
  };

  test('istiod warns of filters of Envoy, and of nothing else', () => {
    expect(lab.problems.map((problem) => problem.split(' ')[0]?.split(':')[0]).sort()).toEqual([
      'EnvoyFilter/callers/orders.rates.callees.8080.failover',
      'EnvoyFilter/callers/remote.rates.callees.8080.failover',
      'EnvoyFilter/callers/stubborn.rates.callees.8080.failover',
    ]);
  });

  test('while the callee is well, it alone answers', async () => {
    for (let count = 0; count < 50; count += 1) expect((await call('orders')).body).toBe('callees/rates');
    expect(lab.app('callees/backup').seen).toEqual([]);
  });

  test('when its breaker is open the standby answers, and the callee again once it is back', async () => {
    fail();
    for (let count = 0; count < 3; count += 1) expect((await call('orders')).status).toBe(503);
    for (let count = 0; count < 20; count += 1)
      expect(await call('orders')).toMatchObject({ status: 200, body: 'callees/backup' });
    expect(lab.app('callees/rates').seen).toHaveLength(3);
    lab.app('callees/rates').answer = () => 200;
    await recovered('orders');
    for (let count = 0; count < 20; count += 1) expect((await call('orders')).body).toBe('callees/rates');
  });

  test('where it is sent again more often than the breaker waits, at most the first request is lost', async () => {
    fail();
    const answers: Answer[] = [];
    for (let count = 0; count < 20; count += 1) answers.push(await call('stubborn'));
    // The breaker opens a moment after the last error, and the attempts of the first request may be over by then.
    expect(answers.slice(1).map(({ body }) => body)).toEqual(Array(19).fill('callees/backup'));
    lab.app('callees/rates').answer = () => 200;
    await recovered('stubborn');
    expect((await call('stubborn')).body).toBe('callees/rates');
  });

  test('others of the same callee go on as they were', async () => {
    fail();
    for (let count = 0; count < 3; count += 1) await call('alone');
    expect((await call('alone')).status).toBe(503);
    expect(lab.app('callees/backup').seen).toEqual([]);
    lab.app('callees/rates').answer = () => 200;
    await recovered('alone');
  });

  test('a host outside is asked over TLS', async () => {
    fail();
    for (let count = 0; count < 3; count += 1) await call('remote');
    expect(await call('remote')).toMatchObject({ status: 200, body: 'outside' });
    expect(seen).toEqual([{ host: BACKUP, name: BACKUP }]);
    lab.app('callees/rates').answer = () => 200;
    await recovered('remote');
    expect(lab.app('callees/rates').seen.at(-1)?.headers['host']).toBe('rates.callees.svc:8080');
  });

  test('a callee that is gone altogether is replaced at once', async () => {
    await lab.stopPod('callees/rates');
    const bodies: string[] = [];
    for (let count = 0; count < 10; count += 1) bodies.push((await call('orders')).body);
    expect(bodies.slice(3)).toEqual(Array(7).fill('callees/backup'));
  });
});

/** A callee, and a standby that is released as a canary. */
const released = definePlatform('proof', (platform) => {
  const shop = new BoundedContext(platform, 'shop', { team: 'a' });
  const rates = new Microservice(shop, 'rates', { image, ports: { http: 8080 } });
  const rollout = Rollout.canary({ weights: [50] });
  const backup = new Microservice(shop, 'backup', { image, ports: { http: 9090 }, scale: Scale.fixed(4), rollout });
  const circuitBreaker = CircuitBreaker.consecutiveErrors(3, {
    open: Duration.minutes(5),
    maxEjected: Percent.of(100),
  });
  const orders = new Microservice(shop, 'orders', { image });
  orders.calls(rates, { timeout, circuitBreaker, failover: Failover.to(backup).whenUnhealthy() });
  orders.calls(backup, { timeout });
});

meshProof('a standby in two versions through live proxies', () => {
  test.each([
    { percent: 0, called: 0, standingBy: 0 },
    { percent: 50, called: 50, standingBy: 0 },
    { percent: 100, called: 100, standingBy: 100 },
  ])('at $percent % one version stands by', async ({ percent, called, standingBy }) => {
    const at = 'environments/test.yaml:1:1';
    const versions = { 'shop/backup': { image: 'registry.example.com/it:2', percent } };
    const backEnds = {
      mesh: { name: 'istio-sidecar', options: {}, at },
      rollout: { name: 'plain', options: { versions }, at },
    };
    const environment = { ...plainEnvironment('dev', 'development'), backEnds };
    const lab = new VersionedLab(makePlan(released, environment, { today: '2026-01-01' }), {}, 'ashlar.dev/version');
    try {
      await lab.start(...lab.reachable());
      lab.app('shop/rates').answer = () => 503;
      const rates = (): Promise<Answer> => lab.call('shop/orders', 'shop/rates', 8080);
      for (let count = 0; count < 20 && (await rates()).status !== 200; count += 1) await sleep(100);
      expect(await lab.share('next', 400, rates)).toBe(standingBy);
      const own = await lab.share('next', 400, () => lab.call('shop/orders', 'shop/backup', 9090));
      expect(Math.abs(own - called)).toBeLessThanOrEqual(10);
    } finally {
      await lab.stop();
    }
  });
});
