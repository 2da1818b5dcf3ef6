import {
  ApiGateway,
  Auth,
  BoundedContext,
  Cors,
  Duration,
  Microservice,
  definePlatform,
  type RouteOptions,
} from 'ashlar';
import { WHO, grpcAuthorizer, httpAuthorizer, type AuthStandIn } from './support/auth-stand-in';
import { certify, meshProof, validate } from './support/mesh/engine';
import { Lab } from './support/mesh/lab';
import type { Answer } from './support/mesh/talk';
import { meshed } from './support/mesh/plans';

const HOST = 'api.shop.example.com';
const ORIGIN = 'https://shop.example.com';

const definition = definePlatform('proof', (platform) => {
  const context = new BoundedContext(platform, 'shop', { team: 'a' });
  const image = 'registry.example.com/it:1';
  const assets = new Microservice(context, 'assets', { image, ports: { http: 8080 } });
  const opa = new Microservice(context, 'opa', { image, ports: { grpc: 9191 } });
  const login = new Microservice(context, 'login', { image, ports: { http: 4180 } });
  const timeout = Duration.seconds(5);
  const byOpa: RouteOptions = { auth: Auth.external(opa, { protocol: 'grpc', passes: [WHO] }), timeout };
  const byLogin: RouteOptions = {
    auth: Auth.external(login, { protocol: 'http', passes: [WHO], timeout: Duration.millis(300) }),
    timeout,
  };
  new ApiGateway(context, 'edge', { hosts: [HOST] })
    .route('/rules', assets, { ...byOpa, cors: Cors.from(ORIGIN) })
    .route('/pages', assets, byLogin)
    .route('/pages/open', assets, { auth: Auth.none('A proof asks.'), timeout });
});

const PASS = { cookie: 'pass=letmein' };

meshProof('authorizers that a gateway asks', () => {
  let lab: Lab;
  let opa: AuthStandIn;
  let login: AuthStandIn;
  beforeAll(async () => {
    [opa, login] = [await grpcAuthorizer(), await httpAuthorizer()];
    const standIns = { 'shop/opa:9191': opa.address, 'shop/login:4180': login.address };
    lab = new Lab(meshed(definition), { shown: certify(HOST), standIns });
    await lab.start('shop/edge', 'shop/assets', 'shop/opa', 'shop/login');
  });
  afterAll(async () => {
    opa.stop();
    login.stop();
    await lab.stop();
  });
  beforeEach(() => {
    lab.app('shop/assets').seen = [];
    Object.assign(opa.shown, { length: 0 });
    Object.assign(login.shown, { length: 0 });
  });
  const ask = (path: string, headers = {}, more = {}): Promise<Answer> =>
    lab.fromOutside('shop/edge', HOST, { path, headers, ...more });
  const status = async (...request: Parameters<typeof ask>): Promise<number> => (await ask(...request)).status;
  const seen = () => lab.app('shop/assets').seen;

  test('Envoy takes the filters', () => {
    expect(lab.problems).toEqual([expect.stringMatching(/^EnvoyFilter\/shop\/edge-authorizers/)]);
    expect(() => validate(lab.writeConfig('shop/edge'))).not.toThrow();
  });

  test('one that speaks gRPC is shown the request, lets in, and refuses with what it says', async () => {
    expect(await status('/rules/1', PASS)).toBe(200);
    expect(opa.shown).toMatchObject([{ method: 'GET', path: '/rules/1', headers: PASS }]);
    expect(seen()[0]?.headers[WHO]).toBe('ann');
    const refused = await ask('/rules/1', { cookie: 'pass=guess' });
    expect([refused.status, refused.body]).toEqual([403, 'not you']);
    expect(seen()).toHaveLength(1);
    expect(login.shown).toEqual([]);
  });

  test('one that speaks HTTP is shown the request, lets in, and sends to its page', async () => {
    const answer = await ask('/pages/1', PASS);
    expect(answer.status).toBe(200);
    expect(answer.headers['set-cookie']).toEqual(['pass=letmein; Secure']);
    expect(login.shown).toMatchObject([{ method: 'GET', path: '/pages/1', headers: { ...PASS, host: HOST } }]);
    expect(seen()[0]?.headers).toMatchObject({ [WHO]: 'ann' });
    expect(seen()[0]?.headers['x-other']).toBeUndefined();
    const refused = await ask('/pages/1');
    expect([refused.status, refused.headers['location']]).toEqual([302, 'https://login.example.com/']);
    expect(seen()).toHaveLength(1);
    expect(opa.shown).toEqual([]);
  });

  test('a route that is open asks nobody, and nobody outside says who he is', async () => {
    expect(await status('/pages/open/1', { [WHO]: 'boss' })).toBe(200);
    expect(seen()[0]?.headers[WHO]).toBeUndefined();
    expect([...opa.shown, ...login.shown]).toEqual([]);
    expect(await status('/rules/1', { ...PASS, [WHO]: 'boss' })).toBe(200);
    expect(seen()[1]?.headers[WHO]).toBe('ann');
  });

  test('there is no way around by spelling of the path', async () => {
    for (const path of ['//rules/1', '/rules%2f1', '/pages/open/../../rules/1', '/Rules/1', '/rules/./1']) {
      const code = await status(path);
      expect([path, [302, 400, 403, 404].includes(code)]).toEqual([path, true]);
    }
    expect(seen()).toEqual([]);
  });

  test('browsers of a declared origin may ask first, without being known', async () => {
    const first = { origin: ORIGIN, 'access-control-request-method': 'POST' };
    const asked = await ask('/rules/1', first, { method: 'OPTIONS' });
    expect([asked.status, asked.headers['access-control-allow-origin']]).toEqual([200, ORIGIN]);
    expect(opa.shown).toEqual([]);
  });

  test('plain HTTP is sent on to HTTPS without asking', async () => {
    expect(await status('/rules/1', {}, { plain: true })).toBe(301);
    expect(opa.shown).toEqual([]);
  });

  test('nobody but the gateway asks them', async () => {
    expect(await lab.plain('shop/opa', 9191)).toBe('refused');
    expect(await lab.plain('shop/login', 4180)).toBe('refused');
  });

  test('who is too slow, or away, lets nobody in', async () => {
    login.delayMs = 1000;
    expect(await status('/pages/1', PASS)).toBe(503);
    login.stop();
    opa.stop();
    expect(await status('/pages/1', PASS)).toBe(503);
    expect(await status('/rules/1', PASS)).toBe(503);
    expect(seen()).toEqual([]);
    expect(await status('/pages/open')).toBe(200);
  });
});
