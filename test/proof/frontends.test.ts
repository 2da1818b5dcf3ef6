import { ApiGateway, Auth, BackendForFrontend, BoundedContext, Duration, Microservice, definePlatform } from 'ashlar';
import { ISSUER, token, withKeys } from './support/issuer';
import { analyze, certify, meshProof } from './support/mesh/engine';
import { Lab } from './support/mesh/lab';
import type { Answer } from './support/mesh/talk';
import { meshed } from './support/mesh/plans';

const HOST = 'api.shop.example.com';
const MOBILE = 'm.shop.example.com';
const image = 'registry.example.com/it:1';
const timeout = Duration.seconds(5);
const open = { auth: Auth.none('A proof asks.'), timeout };
const claims = { scope: 'mobile' };
const jwt = Auth.jwt({ issuer: ISSUER, audiences: ['shop'], jwksUri: `${ISSUER}/keys`, claims });

const definition = definePlatform('proof', (platform) => {
  const context = new BoundedContext(platform, 'shop', { team: 'a' });
  const service = { image, ports: { http: 8080 } };
  const orders = new Microservice(context, 'orders', service);
  new Microservice(context, 'payments', service);
  const edge = new ApiGateway(context, 'edge', { hosts: [HOST] });
  edge.route('/orders', orders, open);
  new BackendForFrontend(context, 'mobile-bff', {
    ...service,
    ...{ client: 'mobile', gateway: edge, host: MOBILE, auth: jwt, timeout },
  }).calls(orders, { timeout: Duration.seconds(1) });
  new BackendForFrontend(context, 'web-bff', { ...service, ...open, client: 'web', gateway: edge, path: '/web' });
});

meshProof('backends for frontends', () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = new Lab(meshed(definition), { change: withKeys, shown: certify(HOST) });
    await lab.start('shop/edge', 'shop/orders', 'shop/payments', 'shop/mobile-bff', 'shop/web-bff');
  });
  afterAll(() => lab.stop());
  beforeEach(() => {
    for (const app of lab.apps.values()) app.seen = [];
  });
  const ask = (host: string, path: string, headers = {}): Promise<Answer> =>
    lab.fromOutside('shop/edge', HOST, { path, headers: { host, ...headers } });
  const seenBy = (name: string) => lab.app(`shop/${name}`).seen.map(({ url }) => url);

  test('istiod finds nothing wrong', () => {
    expect(lab.problems).toEqual([]);
    const codes = analyze(lab.placed.objects).messages.map(({ code }) => code);
    // IST0101: the Secret of the certificate is made by others. IST0102: namespaces are not labelled, pods are.
    expect(codes.filter((code) => !['IST0101', 'IST0102'].includes(code))).toEqual([]);
  });

  test('each is reached by its own name or path, with its own authentication', async () => {
    expect((await ask(MOBILE, '/home', token(claims))).status).toBe(200);
    expect((await ask(HOST, '/web/home')).status).toBe(200);
    expect((await ask(HOST, '/orders/1')).status).toBe(200);
    expect([seenBy('mobile-bff'), seenBy('web-bff'), seenBy('orders')]).toEqual([
      ['/home'],
      ['/web/home'],
      ['/orders/1'],
    ]);
    expect((await ask(MOBILE, '/home')).status).toBe(401);
    expect((await ask(MOBILE, '/home', token({ scope: 'web' }))).status).toBe(403);
  });

  test('all of a name is its own: routes of other names are not found there', async () => {
    expect((await ask(MOBILE, '/orders/1')).status).toBe(401);
    expect((await ask(MOBILE, '/orders/1', token(claims))).status).toBe(200);
    expect([seenBy('mobile-bff'), seenBy('orders')]).toEqual([['/orders/1'], []]);
  });

  test('there is no way around by spelling of the name', async () => {
    for (const host of [MOBILE.toUpperCase(), `${MOBILE}:443`, `${MOBILE}:1`, `${MOBILE}.`, `${MOBILE}:a`]) {
      for (const headers of [{}, { authorization: 'Basic dTpw' }, token({ scope: 'web' })]) {
        const { status } = await ask(host, '/orders/1', headers);
        expect([host, [400, 401, 403, 404].includes(status)]).toEqual([host, true]);
      }
    }
    expect([...seenBy('mobile-bff'), ...seenBy('orders')]).toEqual([]);
    expect((await ask(MOBILE.toUpperCase(), '/x', token(claims))).status).toBe(200);
    expect((await ask(`${MOBILE}:443`, '/x', token(claims))).status).toBe(200);
  });

  test('it reaches what it calls, and nothing else; nobody but the gateway reaches it', async () => {
    expect((await lab.call('shop/mobile-bff', 'shop/orders', 8080)).status).toBe(200);
    // The caller's own proxy knows no such host; that of orders, which calls nobody, takes no call at all.
    expect((await lab.call('shop/mobile-bff', 'shop/payments', 8080)).status).toBe(502);
    await expect(lab.call('shop/orders', 'shop/mobile-bff', 8080)).rejects.toThrow();
    expect(await lab.plain('shop/mobile-bff', 8080)).toBe('refused');
    expect([...seenBy('payments'), ...seenBy('mobile-bff')]).toEqual([]);
  });
});
