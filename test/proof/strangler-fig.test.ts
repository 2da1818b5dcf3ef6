import { createServer, type Server } from 'node:https';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import {
  ApiGateway,
  Auth,
  BoundedContext,
  Duration,
  ExternalService,
  Microservice,
  Percent,
  Phase,
  StranglerFig,
  definePlatform,
  type IEndpoint,
  type Platform,
} from 'ashlar';
import { certify, meshProof } from './support/mesh/engine';
import { Lab } from './support/mesh/lab';
import { STAYS_OPEN, type Answer, type Request, type Seen } from './support/mesh/talk';
import { meshed } from './support/mesh/plans';

const HOST = 'api.shop.example.com';
const OLD = 'legacy.example.com';
const image = 'registry.example.com/it:1';

/** A fig with a path in each phase in which something old answers. */
const figAround = (legacyOf: (platform: Platform, context: BoundedContext) => IEndpoint) =>
  definePlatform('proof', (platform) => {
    const context = new BoundedContext(platform, 'shop', { team: 'a' });
    const cart = new Microservice(context, 'cart', { image, ports: { http: 8080 } });
    const gateway = new ApiGateway(context, 'edge', { hosts: [HOST] });
    const auth = Auth.none('A proof asks.');
    new StranglerFig(platform, 'checkout', {
      gateway,
      legacy: legacyOf(platform, context),
      auth,
      timeout: Duration.seconds(2),
    })
      .moves('/facade', cart, Phase.facade())
      .moves('/shadow', cart, Phase.shadow(), { methods: ['GET'] })
      .moves('/half-shadow', cart, Phase.shadow(Percent.of(50)), { methods: ['GET'] })
      .moves('/weighted', cart, Phase.weighted(Percent.of(30)))
      .moves('/moved', cart, Phase.moved())
      .moves('/moved/back', cart, Phase.facade());
  });

const REQUESTS = 2000;

/** Copies arrive when they do: nobody waits for them. */
async function arrived(seen: () => number, count: number): Promise<number> {
  for (let tries = 0; tries < 100 && seen() < count; tries += 1) await new Promise((done) => setTimeout(done, 20));
  return seen();
}

meshProof('a strangler fig around a service of the platform', () => {
  let lab: Lab;
  beforeAll(async () => {
    const definition = figAround(
      (_, context) => new Microservice(context, 'monolith', { image, ports: { http: 8080 } }),
    );
    lab = new Lab(meshed(definition), { shown: certify(HOST) });
    await lab.start('shop/edge', 'shop/monolith', 'shop/cart');
  });
  afterAll(() => lab.stop());
  beforeEach(() => {
    lab.reset((key) => ({ body: key }));
  });
  const ask = (path: string, request: Request = {}): Promise<Answer> =>
    lab.fromOutside('shop/edge', HOST, { path, ...request });
  const seenBy = (name: string): readonly Seen[] => lab.app(`shop/${name}`).seen;
  const many = async (path: string): Promise<readonly Answer[]> => {
    const answers: Answer[] = [];
    while (answers.length < REQUESTS) answers.push(...(await Promise.all(Array.from({ length: 50 }, () => ask(path)))));
    return answers;
  };

  test('istiod finds nothing wrong', () => expect(lab.problems).toEqual([]));

  test('each path goes where its phase says, and what nobody named to the old one', async () => {
    const answers = await Promise.all(
      ['/facade/1', '/moved/1', '/moved', '/moved/back', '/movedx', '/', '/other?x=1'].map((path) => ask(path)),
    );
    expect(answers.map(({ body }) => body)).toEqual([
      'shop/monolith',
      'shop/cart',
      'shop/cart',
      'shop/monolith',
      'shop/monolith',
      'shop/monolith',
      'shop/monolith',
    ]);
    expect(seenBy('monolith').map(({ url }) => url)).toContain('/other?x=1');
  });

  test('copies arrive, and the old one answers, whatever becomes of them', async () => {
    for (let count = 0; count < 20; count += 1) expect((await ask(`/shadow/${count}?a=b`)).body).toBe('shop/monolith');
    expect(await arrived(() => seenBy('cart').length, 20)).toBe(20);
    expect(seenBy('cart').map(({ url }) => url)).toEqual(seenBy('monolith').map(({ url }) => url));
    const cart = lab.app('shop/cart');
    cart.answer = () => 500;
    cart.delayMs = 1000;
    const answers = await Promise.all(Array.from({ length: 10 }, () => ask('/shadow')));
    expect(answers.map(({ status, body }) => `${status} ${body}`)).toEqual(Array(10).fill('200 shop/monolith'));
    expect(Math.max(...answers.map(({ ms }) => ms))).toBeLessThan(900);
    expect(await arrived(() => seenBy('cart').length, 30)).toBe(30);
  });

  test('what changes something is not copied where the path says so', async () => {
    expect((await ask('/shadow/1', { method: 'POST', body: 'x' })).body).toBe('shop/monolith');
    await ask('/shadow/2');
    expect(await arrived(() => seenBy('cart').length, 1)).toBe(1);
    expect(seenBy('cart').map(({ method }) => method)).toEqual(['GET']);
  });

  test('a copy looks like the request: nothing tells the new one that nobody waits', async () => {
    await ask('/shadow');
    await arrived(() => seenBy('cart').length, 1);
    expect([seenBy('monolith')[0]?.headers['host'], seenBy('cart')[0]?.headers['host']]).toEqual([HOST, HOST]);
  });

  test('half of the requests are copied where half was said', async () => {
    expect((await many('/half-shadow')).every(({ body }) => body === 'shop/monolith')).toBe(true);
    await arrived(() => seenBy('cart').length, REQUESTS * 0.45);
    await new Promise((done) => setTimeout(done, 500));
    const share = (100 * seenBy('cart').length) / REQUESTS;
    expect(Math.abs(share - 50)).toBeLessThan(4);
  }, 120_000);

  test('shares are as said, within 3 points over 2,000 requests', async () => {
    const answers = await many('/weighted');
    const share = (100 * answers.filter(({ body }) => body === 'shop/cart').length) / REQUESTS;
    expect(Math.abs(share - 30)).toBeLessThan(3);
    expect(seenBy('cart').length + seenBy('monolith').length).toBe(REQUESTS);
  }, 120_000);
});

meshProof('a strangler fig around a host outside', () => {
  let lab: Lab;
  let server: Server;
  let seen: { readonly url: string; readonly host: string; readonly name: string }[] = [];
  const own = certify(OLD);
  beforeAll(async () => {
    server = createServer({ ...STAYS_OPEN, cert: own.certificate, key: own.key }, (request, response) => {
      const { servername } = request.socket as unknown as { readonly servername: string };
      seen.push({ url: request.url ?? '', host: request.headers.host ?? '', name: servername });
      response.end('old');
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const definition = figAround((platform) => ExternalService.of(platform, 'monolith', { host: OLD }));
    const at = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    lab = new Lab(meshed(definition), {
      shown: certify(HOST),
      outside: { [`${OLD}:443`]: { at, authority: own.certificate } },
    });
    await lab.start('shop/edge', 'shop/cart');
  });
  afterAll(async () => {
    await lab.stop();
    server.closeAllConnections();
    server.close();
  });
  beforeEach(() => {
    seen = [];
    lab.app('shop/cart').seen = [];
  });
  const ask = (path: string): Promise<Answer> => lab.fromOutside('shop/edge', HOST, { path });

  test('istiod finds nothing wrong', () => expect(lab.problems).toEqual([]));

  test('it is asked over TLS, under its own name', async () => {
    expect(await ask('/facade/1')).toMatchObject({ status: 200, body: 'old' });
    expect(await ask('/anything')).toMatchObject({ status: 200, body: 'old' });
    expect(seen).toEqual([
      { url: '/facade/1', host: OLD, name: OLD },
      { url: '/anything', host: OLD, name: OLD },
    ]);
    expect((await ask('/moved')).status).toBe(200);
    expect(lab.app('shop/cart').seen.map(({ headers }) => headers['host'])).toEqual([HOST]);
  });

  test('its answers come back while copies go to the new one', async () => {
    expect((await ask('/shadow/1')).body).toBe('old');
    expect(await arrived(() => lab.app('shop/cart').seen.length, 1)).toBe(1);
  });

  test('of a split path each is asked under the name that it knows', async () => {
    while (seen.length < 3 || lab.app('shop/cart').seen.length < 3) await ask('/weighted');
    expect([...new Set(seen.map(({ host }) => host))]).toEqual([OLD]);
    expect([...new Set(lab.app('shop/cart').seen.map(({ headers }) => headers['host']))]).toEqual([HOST]);
  });

  test('who answers with the certificate of somebody else is not believed', async () => {
    const other = certify('other.example.com');
    const impostor = createServer({ ...STAYS_OPEN, cert: other.certificate, key: other.key }, (_, response) =>
      response.end('forged'),
    );
    impostor.listen(0, '127.0.0.1');
    await once(impostor, 'listening');
    const at = `127.0.0.1:${(impostor.address() as AddressInfo).port}`;
    const definition = figAround((platform) => ExternalService.of(platform, 'monolith', { host: OLD }));
    const forged = new Lab(meshed(definition), {
      shown: certify(HOST),
      // Its certificate is trusted; only the name is another's.
      outside: { [`${OLD}:443`]: { at, authority: other.certificate } },
    });
    try {
      await forged.start('shop/edge');
      expect((await forged.fromOutside('shop/edge', HOST, { path: '/facade' })).status).toBe(503);
    } finally {
      await forged.stop();
      impostor.closeAllConnections();
      impostor.close();
    }
  });
});
