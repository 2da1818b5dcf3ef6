import { gunzipSync } from 'node:zlib';
import {
  ApiGateway,
  Auth,
  BoundedContext,
  CacheControl,
  Compression,
  Deprecation,
  Duration,
  Microservice,
  Size,
  definePlatform,
  type RouteOptions,
} from 'ashlar';
import { certify, meshProof } from './support/mesh/engine';
import { Lab } from './support/mesh/lab';
import type { Answer, Request } from './support/mesh/talk';
import { meshed } from './support/mesh/plans';

const HOST = 'api.shop.example.com';
const V2 = { header: 'api-version', value: '2' };

const definition = definePlatform('proof', (platform) => {
  const context = new BoundedContext(platform, 'shop', { team: 'a' });
  const image = 'registry.example.com/it:1';
  const service = (id: string) => new Microservice(context, id, { image, ports: { http: 8080 } });
  const [first, second, pages] = [service('first'), service('second'), service('pages')];
  const edge = new ApiGateway(context, 'edge', { hosts: [HOST], compression: Compression.gzip() });
  const open = (options: Partial<RouteOptions> = {}): RouteOptions => ({
    auth: Auth.none('A proof asks.'),
    timeout: Duration.seconds(5),
    ...options,
  });
  edge
    .route('/v1/orders', first, open({ rewrite: '/orders' }))
    .route('/orders', first, open())
    .route('/orders', second, open({ when: V2 }))
    .route('/deep', first, open({ rewrite: '/very/deep' }))
    .route('/', pages, open({ rewrite: '/site' }))
    .route(
      '/changed',
      first,
      open({
        requestHeaders: { set: { 'x-client': 'outside' }, add: { 'x-via': 'edge' }, remove: ['x-internal'] },
        responseHeaders: { set: { 'x-powered-by': 'shop' }, add: { 'x-tag': 'edge' }, remove: ['x-secret'] },
      }),
    )
    .route('/kept', first, open({ cache: CacheControl.shared(Duration.minutes(5)), timeout: Duration.millis(300) }))
    .route('/never', first, open({ cache: CacheControl.never() }))
    .route(
      '/old',
      first,
      open({
        deprecated: Deprecation.since('2023-06-30', { sunset: '2024-06-30', link: 'https://docs.example.com/old' }),
      }),
    )
    .route('/small', first, open({ maxRequest: Size.kibibytes(2) }));
});

meshProof('routes of a gateway', () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = new Lab(meshed(definition), { shown: certify(HOST) });
    await lab.start('shop/edge', 'shop/first', 'shop/second', 'shop/pages');
  });
  afterAll(() => lab.stop());
  beforeEach(() => lab.reset());
  const ask = (path: string, request: Request = {}): Promise<Answer> =>
    lab.fromOutside('shop/edge', HOST, { path, ...request });
  const urls = (name: string) => lab.app(`shop/${name}`).seen.map(({ url }) => url);

  test('istiod finds nothing wrong but that there are filters of Envoy', () => {
    expect(lab.problems.map((problem) => problem.split(':')[0]).sort()).toEqual([
      'EnvoyFilter/shop/edge-bodies',
      'EnvoyFilter/shop/edge-caching',
    ]);
  });

  test('a version is told by the path or by a header, whose value is all of it', async () => {
    await ask('/v1/orders/7?a=b');
    await ask('/orders/7');
    for (const value of ['2', '20', '1,2', '']) await ask('/orders/8', { headers: { 'api-version': value } });
    expect(urls('first')).toEqual(['/orders/7?a=b', '/orders/7', '/orders/8', '/orders/8', '/orders/8']);
    expect(urls('second')).toEqual(['/orders/8']);
  });

  test('what stands in place of a path is put there once, at the end of a segment', async () => {
    for (const path of ['/deep', '/deep/', '/deep/deep/x', '/deep?x=/deep']) await ask(path);
    expect(urls('first')).toEqual(['/very/deep', '/very/deep/', '/very/deep/deep/x', '/very/deep?x=/deep']);
    for (const path of ['/', '/a', '/deeper', '/?q=1']) await ask(path);
    expect(urls('pages')).toEqual(['/site/', '/site/a', '/site/deeper', '/site/?q=1']);
  });

  test('services and clients see the headers that the route says', async () => {
    const app = lab.app('shop/first');
    app.reply = { headers: { 'x-powered-by': 'something', 'x-tag': 'own', 'x-secret': 's' } };
    const { headers } = await ask('/changed', {
      headers: { 'x-client': 'forged', 'x-via': 'proxy', 'x-internal': 'yes' },
    });
    expect(app.seen[0]?.headers).toMatchObject({ 'x-client': 'outside', 'x-via': 'proxy, edge' });
    expect(app.seen[0]?.headers['x-internal']).toBeUndefined();
    expect(headers).toMatchObject({ 'x-powered-by': 'shop', 'x-tag': 'own, edge' });
    expect(headers['x-secret']).toBeUndefined();
  });

  test('caches are told how long, unless the service says it', async () => {
    const app = lab.app('shop/first');
    const said = async (path: string): Promise<unknown> => (await ask(path)).headers['cache-control'];
    expect(await said('/kept')).toBe('public, max-age=300');
    expect(await said('/orders')).toBeUndefined();
    app.reply = { headers: { 'cache-control': 'private' } };
    expect([await said('/kept'), await said('/never')]).toEqual(['private', 'no-store']);
  });

  test('no error is to be kept, neither of the service nor of the gateway', async () => {
    const app = lab.app('shop/first');
    app.answer = () => 500;
    const failed = await ask('/kept');
    app.delayMs = 600;
    const late = await ask('/kept');
    expect([failed, late].map(({ status, headers }) => [status, headers['cache-control']])).toEqual([
      [500, undefined],
      [504, undefined],
    ]);
  });

  test('clients of a route that is about to go are told', async () => {
    lab.app('shop/first').reply = { headers: { link: '<https://a.example>; rel="next"' } };
    const { headers } = await ask('/old');
    expect(headers['deprecation']).toBe('@1688083200');
    expect(headers['sunset']).toBe('Sun, 30 Jun 2024 00:00:00 GMT');
    expect(headers['link']).toBe(
      '<https://a.example>; rel="next", <https://docs.example.com/old>; rel="deprecation"; type="text/html"',
    );
  });

  test('a request above its size is answered 413, whether it says its length or not, and never seen', async () => {
    const post = async (path: string, bytes: number, headers = {}): Promise<number> =>
      (await ask(path, { method: 'POST', body: 'x'.repeat(bytes), headers })).status;
    expect(await post('/small', 2048)).toBe(200);
    expect(await post('/small', 2049)).toBe(413);
    expect(await post('/small', 2049, { 'transfer-encoding': 'chunked' })).toBe(413);
    expect(lab.app('shop/first').seen).toHaveLength(1);
    expect(await post('/orders', 1_000_000)).toBe(200);
  });

  test('answers are compressed for those who take it, if they are large, and text', async () => {
    const body = JSON.stringify({ text: 'x'.repeat(10_000) });
    const json = { 'content-type': 'application/json' };
    const got = async (reply: object, headers: Record<string, string> = { 'accept-encoding': 'gzip' }) => {
      lab.app('shop/first').reply = reply;
      return ask('/orders', { headers });
    };
    const answer = await got({ headers: json, body });
    expect(answer.headers['content-encoding']).toBe('gzip');
    expect(answer.headers['vary']).toBe('Accept-Encoding');
    expect(answer.body.length).toBeLessThan(200);
    expect(gunzipSync(Buffer.from(answer.body, 'latin1')).toString()).toBe(body);
    const plain = [
      await got({ headers: json, body }, {}),
      await got({ headers: { ...json, 'content-length': '500' }, body: body.slice(0, 500) }),
      await got({ headers: { 'content-type': 'image/png' }, body }),
    ];
    expect(plain.map(({ headers }) => headers['content-encoding'])).toEqual([undefined, undefined, undefined]);
    const done = await got({ headers: { ...json, 'content-encoding': 'br' }, body: 'already' });
    expect([done.headers['content-encoding'], done.body]).toEqual(['br', 'already']);
  });
});
