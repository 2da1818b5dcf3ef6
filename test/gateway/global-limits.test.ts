import { ApiGateway, Duration, RateLimit, type Plan } from 'ashlar';
import { parse } from 'yaml';
import { HOST, blocksOf, gatewayPlan, open } from '../support/gateways';
import { codesOf, objectOf } from '../support/plans';

const perClient = RateLimit.perClient(100, Duration.minutes(1)).global();

function limitedPlan(rateLimit: RateLimit = perClient): Plan {
  return gatewayPlan(({ edge, orders }) => edge.route('/orders', orders, { ...open, rateLimit }));
}

function fileOf(plan: Plan) {
  const [map] = plan.objects.map(({ manifest }) => manifest).filter(({ kind }) => kind === 'ConfigMap');
  const text = (map?.['data'] as Record<string, string> | undefined)?.['limits.yaml'] ?? '';
  return { name: map?.metadata.name, limits: parse(text) as Record<string, unknown> };
}

/** A patch of an EnvoyFilter: tests look into few of its fields. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
type PatchJson = any;

const patchesOf = (plan: Plan): readonly PatchJson[] =>
  objectOf(plan, 'EnvoyFilter/shop/edge-global-limits')['spec'].configPatches;

test('the gateway brings a service that counts and a Redis, each with its own ways, and no others', () => {
  const plan = limitedPlan();
  expect(codesOf(plan)).toEqual([]);
  const flows = (name: string) => JSON.stringify(objectOf(plan, `NetworkPolicy/shop/${name}`)['spec']);
  expect(flows('edge')).toContain('edge-limits');
  expect(flows('edge')).not.toContain('edge-counters');
  expect(objectOf(plan, 'NetworkPolicy/shop/edge-limits')['spec']).toMatchObject({
    ingress: [
      { from: [{ podSelector: { matchLabels: { 'app.kubernetes.io/name': 'edge' } } }], ports: [{ port: 8081 }] },
    ],
  });
  expect(objectOf(plan, 'NetworkPolicy/shop/edge-counters')['spec']).toMatchObject({
    ingress: [
      {
        from: [{ podSelector: { matchLabels: { 'app.kubernetes.io/name': 'edge-limits' } } }],
        ports: [{ port: 6379 }],
      },
    ],
  });
  const admitted = (name: string) => JSON.stringify(objectOf(plan, `AuthorizationPolicy/shop/${name}`)['spec'].rules);
  expect(admitted('edge-limits')).toContain('cluster.local/ns/shop/sa/edge"');
  expect(admitted('edge-counters')).toContain('cluster.local/ns/shop/sa/edge-limits"');
});

test('the service runs as any other: restricted, asked for its health, in the mesh', () => {
  const { metadata, spec } = objectOf(limitedPlan(), 'Deployment/shop/edge-limits')['spec'].template;
  expect(metadata.labels).toMatchObject({ 'sidecar.istio.io/inject': 'true' });
  expect(spec).toMatchObject({ automountServiceAccountToken: false, securityContext: { runAsNonRoot: true } });
  const [{ image, readinessProbe, securityContext, env }] = spec.containers;
  expect(image).toMatch(/^docker\.io\/envoyproxy\/ratelimit:[0-9a-f]{8}$/);
  expect(readinessProbe.httpGet).toEqual({ path: '/healthcheck', port: 8080 });
  expect(securityContext).toMatchObject({ readOnlyRootFilesystem: true, allowPrivilegeEscalation: false });
  const names: readonly string[] = env.map(({ name }: { name: string }) => name);
  // The password comes from a Secret, and is there before what is made of it.
  expect(names.indexOf('REDIS_AUTH')).toBeGreaterThan(names.indexOf('REDIS_PASSWORD'));
  expect(env).toContainEqual({ name: 'REDIS_AUTH', value: '$(REDIS_USER):$(REDIS_PASSWORD)' });
  expect(env).toContainEqual({ name: 'REDIS_URL', value: 'edge-counters.shop.svc:6379' });
});

test('what a route says of its requests is what the file of the service knows', () => {
  const plan = gatewayPlan(({ edge, orders }) =>
    edge
      .route('/orders', orders, { ...open, rateLimit: perClient })
      .route('/a', orders, {
        ...open,
        methods: ['GET', 'POST'],
        rateLimit: RateLimit.overall(5, Duration.days(1)).global(),
      })
      .route('/local', orders, { ...open, rateLimit: RateLimit.overall(1, Duration.millis(1500)) }),
  );
  expect(codesOf(plan)).toEqual([]);
  expect(fileOf(plan).limits).toEqual({
    domain: 'edge.shop',
    descriptors: [
      {
        key: 'route',
        value: '/orders',
        descriptors: [{ key: 'remote_address', rate_limit: { unit: 'minute', requests_per_unit: 100 } }],
      },
      { key: 'route', value: '/a GET POST', rate_limit: { unit: 'day', requests_per_unit: 5 } },
    ],
  });
  const [filter, ...routes] = patchesOf(plan);
  expect(filter.patch.value.typed_config.value).toMatchObject({
    domain: 'edge.shop',
    failure_mode_deny: false,
    rate_limit_service: {
      grpc_service: {
        envoy_grpc: {
          cluster_name: 'outbound|8081||edge-limits.shop.svc.cluster.local',
          authority: 'edge-limits.shop.svc.cluster.local',
        },
      },
    },
  });
  const blocks = blocksOf(plan).map(({ name }) => name);
  expect(blocks).toEqual(['orders:/orders', 'orders:/local', 'orders:/a:GET:POST']);
  expect(routes.map(({ match }) => match.routeConfiguration.vhost.route.name)).toEqual([blocks[0], blocks[2]]);
  expect(routes.map(({ patch }) => patch.value.route.rate_limits)).toEqual([
    [
      {
        stage: 0,
        actions: [{ generic_key: { descriptor_key: 'route', descriptor_value: '/orders' } }, { remote_address: {} }],
      },
    ],
    [{ stage: 0, actions: [{ generic_key: { descriptor_key: 'route', descriptor_value: '/a GET POST' } }] }],
  ]);
  const local = objectOf(plan, 'EnvoyFilter/shop/edge-rate-limits')['spec'].configPatches;
  expect(local).toHaveLength(2);
});

test('routes that refuse where nobody counts have a filter of their own', () => {
  const plan = gatewayPlan(({ edge, orders }) =>
    edge.route('/a', orders, { ...open, rateLimit: perClient }).route('/b', orders, {
      ...open,
      rateLimit: RateLimit.overall(5, Duration.hours(1)).global({ whenUnavailable: 'deny' }),
    }),
  );
  const filters = patchesOf(plan).filter(({ applyTo }) => applyTo === 'HTTP_FILTER');
  expect(filters.map(({ patch }) => patch.value.name)).toEqual([
    'envoy.filters.http.ratelimit',
    'envoy.filters.http.ratelimit.deny',
  ]);
  expect(filters.map(({ patch }) => patch.value.typed_config.value)).toMatchObject([
    { stage: 0, failure_mode_deny: false },
    { stage: 1, failure_mode_deny: true, status_on_error: { code: 503 } },
  ]);
});

test('another limit is another file, and rolls the service', () => {
  const volumes = (plan: Plan) => objectOf(plan, 'Deployment/shop/edge-limits')['spec'].template.spec.volumes;
  const [before, after] = [limitedPlan(), limitedPlan(RateLimit.perClient(101, Duration.minutes(1)).global())];
  expect(fileOf(before).name).not.toBe(fileOf(after).name);
  expect(volumes(after)).toContainEqual({ name: 'files', configMap: { name: fileOf(after).name } });
});

test('the Redis is what the environment makes of any; with one that speaks TLS, so does the service', () => {
  const server = {
    host: 'counters.example.com',
    addresses: ['203.0.113.7/32'],
    authority: { secret: 'redis-ca', key: 'ca.crt' },
  };
  const redis = {
    name: 'external',
    options: { servers: { 'shop/edge/edge-counters': server } },
    at: 'environments/test.yaml:1:1',
  };
  const plan = gatewayPlan(({ edge, orders }) => edge.route('/orders', orders, { ...open, rateLimit: perClient }), {
    environment: { backEnds: { redis } },
  });
  expect(codesOf(plan)).toEqual([]);
  const [{ env }] = objectOf(plan, 'Deployment/shop/edge-limits')['spec'].template.spec.containers;
  expect(env).toContainEqual({ name: 'REDIS_TLS', value: 'true' });
  expect(env).toContainEqual({ name: 'REDIS_TLS_CACERT', value: '/var/run/ashlar/edge-counters/ca.crt' });
  expect(env).toContainEqual({ name: 'REDIS_URL', value: 'counters.example.com:6379' });
});

test('each gateway counts by itself', () => {
  const plan = gatewayPlan(({ edge, context, orders }) => {
    edge.route('/orders', orders, { ...open, rateLimit: perClient });
    new ApiGateway(context, 'side', { hosts: [`side.${HOST}`] }).route('/o', orders, { ...open, rateLimit: perClient });
  });
  const domains = ['edge', 'side'].map(
    (name) =>
      objectOf(plan, `EnvoyFilter/shop/${name}-global-limits`)['spec'].configPatches[0].patch.value.typed_config.value
        .domain,
  );
  expect(domains).toEqual(['edge.shop', 'side.shop']);
});

test('times that the service does not know, and choices that are none, are told', () => {
  const half = RateLimit.perClient(10, Duration.seconds(30)).global();
  const shrug = RateLimit.overall(0, Duration.minutes(1)).global({ whenUnavailable: 'shrug' as never });
  expect(codesOf(limitedPlan(half))).toEqual(['not-one-unit']);
  expect(codesOf(limitedPlan(shrug))).toEqual(['out-of-range', 'unknown-choice']);
});
