import { generateKeyPairSync } from 'node:crypto';
import {
  ApiGateway,
  Auth,
  BoundedContext,
  Cors,
  Duration,
  Microservice,
  RateLimit,
  definePlatform,
  type RouteOptions,
} from 'ashlar';
import { ISSUER, token, withKeys } from './support/issuer';
import { analyze, certify, meshProof } from './support/mesh/engine';
import { Lab } from './support/mesh/lab';
import type { Answer } from './support/mesh/talk';
import type { KeyPair } from './support/mesh/localize';
import { meshed } from './support/mesh/plans';

const HOST = 'api.shop.example.com';
const ORIGIN = 'https://shop.example.com';

const definition = definePlatform('proof', (platform) => {
  const context = new BoundedContext(platform, 'shop', { team: 'a' });
  const image = 'registry.example.com/it:1';
  const orders = new Microservice(context, 'orders', { image, ports: { http: 8080 } });
  const assets = new Microservice(context, 'assets', { image, ports: { http: 8080 } });
  const edge = new ApiGateway(context, 'edge', { hosts: [HOST] });
  const open = (options: Partial<RouteOptions> = {}): RouteOptions => ({
    auth: Auth.none('A proof asks.'),
    timeout: Duration.seconds(5),
    ...options,
  });
  const jwt = Auth.jwt({
    issuer: ISSUER,
    audiences: ['shop'],
    jwksUri: `${ISSUER}/keys`,
    claims: { scope: ['orders', 'everything'] },
  });
  const staff = Auth.jwt({ issuer: ISSUER, audiences: ['staff'], jwksUri: `${ISSUER}/keys` });
  const beta = { header: 'api-version', value: 'beta' };
  edge
    .route('/orders', orders, open({ auth: staff, methods: ['GET', 'POST'], when: beta }))
    .route('/orders/all', orders, open({ auth: staff, methods: ['GET'] }))
    .route('/orders', orders, open({ auth: jwt, methods: ['GET', 'POST'], cors: Cors.from(ORIGIN) }))
    .route('/orders/status', orders, open())
    .route('/assets', assets, open({ rewrite: '/' }))
    .route('/v1/assets', assets, open({ rewrite: '/old' }))
    .route('/hasty', assets, open({ timeout: Duration.millis(200) }))
    .route('/limited', assets, open({ rateLimit: RateLimit.perClient(100, Duration.minutes(1)) }))
    .route('/scarce', assets, open({ rateLimit: RateLimit.overall(5, Duration.minutes(1)) }));
});

const base64 = (text: string): string => Buffer.from(text).toString('base64');

const REFUSALS: ReadonlySet<number> = new Set([400, 401, 403, 404]);

meshProof('a gateway', () => {
  let lab: Lab;
  let shown: KeyPair;
  beforeAll(async () => {
    shown = certify(HOST);
    lab = new Lab(meshed(definition), { change: withKeys, shown });
    await lab.start('shop/edge', 'shop/orders', 'shop/assets');
  });
  afterAll(() => lab.stop());
  beforeEach(() => lab.reset());
  const ask = (path: string, request = {}): Promise<Answer> => lab.fromOutside('shop/edge', HOST, { path, ...request });
  const status = async (path: string, request = {}): Promise<number> => (await ask(path, request)).status;
  const SCOPE = { scope: 'read orders' };

  test('istiod and its analyzers find nothing wrong but the filter of rate limits', () => {
    expect(lab.problems).toEqual([expect.stringMatching(/^EnvoyFilter\/shop\/edge-rate-limits/)]);
    const secret = {
      apiVersion: 'v1',
      kind: 'Secret',
      type: 'kubernetes.io/tls',
      metadata: { name: 'edge-tls', namespace: 'shop' },
      data: { 'tls.crt': base64(shown.certificate), 'tls.key': base64(shown.key) },
    };
    const codes = analyze([...lab.placed.objects, secret]).messages.map(({ code }) => code);
    // IST0102: namespaces are not labelled, pods are. IST0133: what an EnvoyFilter says may change with Envoy.
    expect([...new Set(codes)].sort()).toEqual(['IST0102', 'IST0133']);
  });

  test('plain HTTP is sent on to HTTPS, and other names find nobody', async () => {
    const answer = await ask('/assets/a.css', { plain: true });
    expect([answer.status, answer.headers['location']]).toEqual([301, `https://${HOST}/assets/a.css`]);
    expect((await lab.fromOutside('shop/edge', HOST, { headers: { host: 'other.example.com' } })).status).toBe(404);
  });

  test('no token is 401, one that does not fit 401 or 403, the right one 200', async () => {
    expect(await status('/orders/1')).toBe(401);
    expect(await status('/orders')).toBe(401);
    expect(await status('/orders/1', { headers: { authorization: 'Basic dTpw' } })).toBe(403);
    expect(await status('/orders/1', { headers: { authorization: 'Bearer a.b.c' } })).toBe(401);
    const other = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
    expect(await status('/orders/1', { headers: token(SCOPE, other) })).toBe(401);
    expect(await status('/orders/1', { headers: token({ ...SCOPE, exp: 1000 }) })).toBe(401);
    expect(await status('/orders/1', { headers: token({ ...SCOPE, aud: 'bank' }) })).toBe(403);
    expect(await status('/orders/1', { headers: token({ scope: 'read' }) })).toBe(403);
    expect(await status('/orders/1', { headers: token({}) })).toBe(403);
    expect(lab.app('shop/orders').seen).toEqual([]);
    expect(await status('/orders/1', { headers: token(SCOPE) })).toBe(200);
    expect(await status('/orders', { method: 'POST', headers: token({ scope: 'everything' }) })).toBe(200);
  });

  test('there is no way around: neither by spelling of the path, nor by another method, nor by a token elsewhere', async () => {
    const bearer = token(SCOPE)['authorization']?.replace('Bearer ', '') ?? '';
    for (const path of [
      '//orders/1',
      '/orders%2f1',
      '/assets/../orders/1',
      '/Orders/1',
      '/orders/./1',
      `/orders/1?access_token=${bearer}`,
    ]) {
      expect([path, REFUSALS.has(await status(path))]).toEqual([path, true]);
    }
    expect(await status('/orders/1', { method: 'DELETE', headers: token(SCOPE) })).toBe(404);
    expect(lab.app('shop/orders').seen).toEqual([]);
  });

  test('a narrower route that is open takes its requests away from the guarded one', async () => {
    expect(await status('/orders/status')).toBe(200);
    expect(await status('/orders/status/now', { headers: { authorization: 'Basic dTpw' } })).toBe(200);
    expect(await status('/orders/statusx')).toBe(401);
  });

  test('of two versions of a route, and of a narrower one, each takes tokens of its own and no others', async () => {
    const [ours, theirs] = [token(SCOPE), token({ aud: 'staff' })];
    const beta = { 'api-version': 'beta' };
    expect(await status('/orders/1', { headers: beta })).toBe(401);
    expect(await status('/orders/1', { headers: { ...beta, ...ours } })).toBe(403);
    expect(await status('/orders/1', { headers: { ...beta, ...theirs } })).toBe(200);
    expect(await status('/orders/1', { headers: { 'api-version': 'beta2', ...theirs } })).toBe(403);
    expect(await status('/orders/1', { headers: theirs })).toBe(403);
    expect(await status('/orders/all', { headers: ours })).toBe(403);
    expect(await status('/orders/all', { headers: theirs })).toBe(200);
    expect(await status('/orders/all', { method: 'POST', headers: theirs })).toBe(403);
    expect(await status('/orders/all', { method: 'POST', headers: ours })).toBe(200);
  });

  test('pages of a declared origin may call, and browsers may ask first', async () => {
    const first = { origin: ORIGIN, 'access-control-request-method': 'POST' };
    const asked = await ask('/orders/1', { method: 'OPTIONS', headers: first });
    expect(asked.status).toBe(200);
    expect(asked.headers['access-control-allow-origin']).toBe(ORIGIN);
    expect(asked.headers['access-control-allow-methods']).toBe('GET,POST');
    const answer = await ask('/orders/1', { headers: { origin: ORIGIN, ...token(SCOPE) } });
    expect(answer.headers['access-control-allow-origin']).toBe(ORIGIN);
    const strange = await ask('/orders/1', { headers: { origin: 'https://evil.example', ...token(SCOPE) } });
    expect(strange.headers['access-control-allow-origin']).toBeUndefined();
  });

  test('services see the path that the route says', async () => {
    for (const path of ['/assets', '/assets/a/b.css?x=1', '/v1/assets', '/v1/assets/c']) await ask(path);
    expect(lab.app('shop/assets').seen.map(({ url }) => url)).toEqual(['/', '/a/b.css?x=1', '/old', '/old/c']);
    expect(await status('/assetsx')).toBe(404);
  });

  test('services know that the gateway calls', async () => {
    await ask('/assets/a');
    const [seen] = lab.app('shop/assets').seen;
    expect(seen?.headers['x-forwarded-client-cert']).toContain('spiffe://cluster.local/ns/shop/sa/edge');
  });

  test('clients are answered 504 when the time of the route is over', async () => {
    lab.app('shop/assets').delayMs = 600;
    expect(await status('/hasty')).toBe(504);
    expect(await status('/assets')).toBe(200);
  });

  test('above its limit a client is answered 429, and others are not', async () => {
    const from = (localAddress: string, count: number) =>
      Promise.all(Array.from({ length: count }, () => status('/limited', { localAddress })));
    const codes = await from('127.0.0.1', 120);
    // Tokens come back one by one, 100 in a minute: in the seconds that this takes a few.
    expect(codes.filter((code) => code === 200).length).toBeGreaterThanOrEqual(100);
    expect(codes.filter((code) => code === 429).length).toBeGreaterThan(10);
    expect(await from('127.0.0.2', 3)).toEqual([200, 200, 200]);
  });

  test('where all are counted together, one more than the limit is answered 429', async () => {
    const codes = [];
    for (let count = 0; count < 6; count += 1) codes.push(await status('/scarce'));
    expect(codes).toEqual([200, 200, 200, 200, 200, 429]);
    expect(await status('/assets')).toBe(200);
  });
});
