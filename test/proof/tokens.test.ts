import { generateKeyPairSync } from 'node:crypto';
import { Auth, BoundedContext, Duration, Microservice, definePlatform } from 'ashlar';
import { ISSUER, token, withKeys } from './support/issuer';
import { analyze, meshProof } from './support/mesh/engine';
import { Lab } from './support/mesh/lab';
import { meshed } from './support/mesh/plans';

const definition = definePlatform('proof', (platform) => {
  const context = new BoundedContext(platform, 'shop', { team: 'a' });
  const image = 'registry.example.com/it:1';
  const orders = new Microservice(context, 'orders', { image, ports: { http: 8080, grpc: 9090 } });
  orders.requires(
    Auth.jwt({ issuer: ISSUER, audiences: ['shop'], jwksUri: `${ISSUER}/keys`, claims: { scope: ['orders', 'all'] } }),
  );
  const timeout = Duration.seconds(2);
  new Microservice(context, 'web', { image })
    .calls(orders, { port: 'http', timeout })
    .calls(orders, { port: 'grpc', timeout });
  new Microservice(context, 'stranger', { image });
});

meshProof('services that want a token', () => {
  let lab: Lab;
  beforeAll(async () => {
    // Callers' own proxies would refuse what they did not declare: here the callee's is asked.
    lab = new Lab(meshed(definition), { change: withKeys, without: ['Sidecar'] });
    await lab.start('shop/orders', 'shop/web', 'shop/stranger');
  });
  afterAll(() => lab.stop());
  beforeEach(() => {
    lab.app('shop/orders').seen = [];
  });
  const SCOPE = { scope: 'read orders' };
  const status = async (headers: Readonly<Record<string, string>>, from = 'shop/web'): Promise<number> =>
    (await lab.call(from, 'shop/orders', 8080, { path: '/1', headers })).status;
  const seen = () => lab.app('shop/orders').seen;

  test('istiod and its analyzers find nothing wrong', () => {
    expect(lab.problems).toEqual([]);
    const codes = analyze(lab.placed.objects).messages.map(({ code }) => code);
    // IST0102: namespaces are not labelled, pods are.
    expect([...new Set(codes)]).toEqual(['IST0102']);
  });

  test('no token is 403, one that is forged or expired 401, one that does not fit 403, the right one 200', async () => {
    const other = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
    expect(await status({})).toBe(403);
    expect(await status({ authorization: 'Basic dTpw' })).toBe(403);
    expect(await status({ authorization: 'Bearer a.b.c' })).toBe(401);
    expect(await status(token(SCOPE, other))).toBe(401);
    expect(await status(token({ ...SCOPE, exp: 1000 }))).toBe(401);
    expect(await status(token({ ...SCOPE, aud: 'bank' }))).toBe(403);
    expect(await status(token({ ...SCOPE, iss: 'https://other.example.com' }))).toBe(401);
    expect(await status(token({ scope: 'read' }))).toBe(403);
    expect(await status(token({}))).toBe(403);
    expect(seen()).toEqual([]);
    expect(await status(token(SCOPE))).toBe(200);
    expect(await status(token({ scope: 'all' }))).toBe(200);
    expect(await status(token({ scope: ['read', 'orders'] }))).toBe(200);
    // Two clocks may differ by a minute.
    const now = Math.floor(Date.now() / 1000);
    expect(await status(token({ ...SCOPE, exp: now - 30 }))).toBe(200);
    expect(await status(token({ ...SCOPE, exp: now - 90 }))).toBe(401);
  });

  test('the service is handed the token', async () => {
    const headers = token(SCOPE);
    expect(await status(headers)).toBe(200);
    expect(seen()[0]?.headers['authorization']).toBe(headers['authorization']);
  });

  test('gRPC is asked alike', async () => {
    const answer = await lab.callGrpc('shop/web', 'shop/orders', 9090, '/acme.Orders/Get');
    expect([answer.grpc === 0, seen().length]).toEqual([false, 0]);
  });

  test('a token lets in nobody who is no declared caller', async () => {
    expect(await status(token(SCOPE), 'shop/stranger')).toBe(403);
    expect(await lab.plain('shop/orders', 8080)).toBe('refused');
    expect(seen()).toEqual([]);
  });
});
