import { CacheControl, Compression, Deprecation, Duration, Size, type RouteOptions } from 'ashlar';
import { blocksOf, gatewayPlan, open } from '../support/gateways';
import { codesOf, objectOf } from '../support/plans';

const headersOf = (options: Partial<RouteOptions>): unknown =>
  blocksOf(gatewayPlan(({ edge, orders }) => edge.route('/orders', orders, { ...open, ...options })))[0]?.['headers'];

test('headers are set, added and taken away, of requests and of answers', () => {
  expect(
    headersOf({
      requestHeaders: { set: { 'X-Client': 'outside' }, remove: ['X-Internal', 'cookie'] },
      responseHeaders: { add: { 'x-frame-options': 'DENY' }, remove: ['server'] },
    }),
  ).toEqual({
    request: { set: { 'x-client': 'outside' }, remove: ['cookie', 'x-internal'] },
    response: { add: { 'x-frame-options': 'DENY' }, remove: ['server'] },
  });
  expect(headersOf({})).toBeUndefined();
});

test('nobody keeps what must not be kept', () => {
  expect(headersOf({ cache: CacheControl.never() })).toEqual({ response: { set: { 'cache-control': 'no-store' } } });
});

test('how long answers may be kept is written where a script has seen that they are no errors', () => {
  const said = (cache: CacheControl): unknown => {
    const plan = gatewayPlan(({ edge, orders }) => edge.route('/orders', orders, { ...open, cache }));
    expect(blocksOf(plan)[0]?.['headers']).toBeUndefined();
    const [filter, route] = objectOf(plan, 'EnvoyFilter/shop/edge-caching')['spec'].configPatches;
    expect(filter.patch.value.disabled).toBe(true);
    expect(route.match.routeConfiguration.vhost.route.name).toBe('orders:/orders');
    return route.patch.value.typed_per_filter_config['envoy.filters.http.lua'].value.filter_context['cache-control'];
  };
  expect(said(CacheControl.shared(Duration.minutes(5)))).toBe('public, max-age=300');
  expect(said(CacheControl.private(Duration.days(365)))).toBe('private, max-age=31536000');
});

test('clients are told that a route is about to go', () => {
  const deprecated = Deprecation.since('2023-06-30', {
    sunset: '2024-06-30',
    link: 'https://docs.example.com/v1',
    successor: 'https://api.example.com/v2',
  });
  expect(headersOf({ deprecated, responseHeaders: { set: { server: 'shop' } } })).toEqual({
    response: {
      set: { server: 'shop', deprecation: '@1688083200', sunset: 'Sun, 30 Jun 2024 00:00:00 GMT' },
      add: {
        link: '<https://docs.example.com/v1>; rel="deprecation"; type="text/html", <https://api.example.com/v2>; rel="successor-version"',
      },
    },
  });
  expect(headersOf({ deprecated: Deprecation.since('2023-06-30') })).toEqual({
    response: { set: { deprecation: '@1688083200' } },
  });
});

test('sizes and compression are said to the proxy', () => {
  const plan = gatewayPlan(
    ({ edge, orders }) => edge.route('/orders', orders, { ...open, maxRequest: Size.mebibytes(2) }),
    { props: { compression: Compression.gzip({ from: Size.kibibytes(2), types: ['application/json'] }) } },
  );
  expect(codesOf(plan)).toEqual([]);
  const [compress, buffer, limit, ...others] = objectOf(plan, 'EnvoyFilter/shop/edge-bodies')['spec'].configPatches;
  expect(others).toEqual([]);
  expect(compress.patch.value.typed_config.value.response_direction_config).toEqual({
    common_config: { min_content_length: 2048, content_type: ['application/json'] },
  });
  expect(buffer.patch.value.disabled).toBe(true);
  expect(limit.match.routeConfiguration.vhost.route.name).toBe(blocksOf(plan)[0]?.['name']);
  expect(limit.patch.value.typed_per_filter_config['envoy.filters.http.buffer'].value).toEqual({
    buffer: { max_request_bytes: 2_097_152 },
  });
});

test('what no header can be is told, all in one run', () => {
  const plan = gatewayPlan(
    ({ edge, orders }) =>
      edge
        .route('/a', orders, {
          ...open,
          when: { header: ':path', value: 'a b' },
          requestHeaders: { set: { host: 'a', 'x-a': '50%' }, add: { 'X-A': 'line\nbreak' } },
          responseHeaders: { set: { 'Cache-Control': 'public' }, remove: ['deprecation'] },
          cache: CacheControl.shared(Duration.millis(1500)),
          deprecated: Deprecation.since('2026-02-30', { sunset: 'soon', link: 'http://a', successor: 'https://a/<b>' }),
          maxRequest: Size.gibibytes(1),
        })
        .route('/b', orders, { ...open, deprecated: Deprecation.since('2026-02-02', { sunset: '2026-02-01' }) }),
    { props: { compression: Compression.gzip({ from: Size.mebibytes(2), types: ['JSON'] }) } },
  );
  expect(codesOf(plan)).toEqual([
    'bad-content-type',
    'bad-day',
    'bad-day',
    'bad-day',
    'bad-header',
    'bad-header',
    'bad-header',
    'bad-header',
    'bad-header',
    'bad-header',
    'header-twice',
    'header-twice',
    'header-twice',
    'not-https',
    'out-of-range',
    'out-of-range',
    'out-of-range',
  ]);
  for (const { fix } of plan.findings) expect(fix).toEqual(expect.any(String));
});
