import { BoundedContext, Check, Duration, Health, Microservice, Port, type MicroserviceProps } from 'ashlar';
import { Cpu, Probe } from 'cdk8s-plus-27';
import { Size } from 'cdk8s';
import { codesOf, objectOf, planOf, type PlanOptions } from '../support/plans';

const image = 'ghcr.io/acme/app:1.0.0';

function planWith(props: Partial<MicroserviceProps>, options: PlanOptions = {}) {
  return planOf((shop) => {
    const context = new BoundedContext(shop, 'ordering', { team: 'orders' });
    new Microservice(context, 'orders', { image, ...props });
  }, options);
}

function containerOf(props: Partial<MicroserviceProps>, options: PlanOptions = {}) {
  const plan = planWith(props, options);
  expect(codesOf(plan)).toEqual([]);
  return objectOf(plan, 'Deployment/ordering/orders')['spec'].template.spec.containers[0];
}

const ports = { grpc: Port.grpc(80, { container: 9090 }), http: 8080 };

test('without checks traffic waits for the first port, and nothing restarts the pod', () => {
  const container = containerOf({ ports });
  expect(container.readinessProbe).toEqual({ tcpSocket: { port: 9090 } });
  expect(container).not.toHaveProperty('livenessProbe');
  expect(container).not.toHaveProperty('startupProbe');
});

test('a service that listens on UDP only, or that an environment tells so, has no default check', () => {
  expect(containerOf({ ports: { udp: 53 } })).not.toHaveProperty('readinessProbe');
  const settings = { readiness: { value: 'none', at: 'x' } };
  const layers = [{ name: 'base', settings, config: {}, services: {} } as const];
  expect(containerOf({ ports }, { environment: { layers } })).not.toHaveProperty('readinessProbe');
});

test('HTTP with headers, at a port and in times of its own', () => {
  const check = Check.http('/ready', {
    port: 8080,
    headers: { Cookie: 'a=b', Host: 'shop' },
    scheme: 'HTTPS',
    initialDelay: Duration.seconds(10),
    period: Duration.minutes(1),
    timeout: Duration.seconds(2),
    failures: 5,
    successes: 2,
  });
  expect(containerOf({ ports, health: Health.of({ readiness: check }) }).readinessProbe).toEqual({
    httpGet: {
      path: '/ready',
      port: 8080,
      scheme: 'HTTPS',
      httpHeaders: [
        { name: 'Cookie', value: 'a=b' },
        { name: 'Host', value: 'shop' },
      ],
    },
    initialDelaySeconds: 10,
    periodSeconds: 60,
    timeoutSeconds: 2,
    failureThreshold: 5,
    successThreshold: 2,
  });
});

test.each([
  ['HTTP', Check.http('/'), { httpGet: { path: '/', port: 9090 } }],
  ['gRPC', Check.grpc(), { grpc: { port: 9090 } }],
  ['gRPC of one service', Check.grpc({ service: 'orders.v1' }), { grpc: { port: 9090, service: 'orders.v1' } }],
  ['TCP', Check.tcp(), { tcpSocket: { port: 9090 } }],
  ['a command', Check.exec(['/bin/check', '-q']), { exec: { command: ['/bin/check', '-q'] } }],
])('%s asks the container’s first port, not the service’s', (_what, check, probe) => {
  const { readinessProbe, livenessProbe } = containerOf({ ports, health: Health.both(check) });
  expect(readinessProbe).toEqual(probe);
  expect(livenessProbe).toEqual(probe);
});

test('each question has its own check', () => {
  const health = Health.of({
    startup: Check.tcp({ failures: 30 }),
    readiness: Check.http('/ready'),
    liveness: Check.http('/live'),
  });
  expect(containerOf({ ports, health })).toMatchObject({
    startupProbe: { tcpSocket: {}, failureThreshold: 30 },
    readinessProbe: { httpGet: { path: '/ready' } },
    livenessProbe: { httpGet: { path: '/live' } },
  });
});

test('Probes of cdk8s-plus-27 do as well', () => {
  const health = Health.of({
    readiness: Probe.fromHttpGet('/ready', { port: 8080, periodSeconds: Duration.seconds(7) }),
    liveness: Probe.fromTcpSocket({ failureThreshold: 9 }),
    startup: Probe.fromCommand(['/bin/true']),
  });
  expect(containerOf({ ports, health })).toMatchObject({
    readinessProbe: { httpGet: { path: '/ready', port: 8080 }, periodSeconds: 7 },
    livenessProbe: { tcpSocket: { port: 9090 }, failureThreshold: 9 },
    startupProbe: { exec: { command: ['/bin/true'] } },
  });
});

test.each([
  ['a port, where there is none', {}, Check.http('/'), 'check-without-port'],
  ['something that is no check', { ports }, {} as Check, 'unknown-check'],
  ['no failure at all', { ports }, Check.tcp({ failures: 0 }), 'out-of-range'],
  ['several successes of liveness', { ports }, Check.tcp({ successes: 2 }), expect.any(String) as string],
])('a check that asks %s is a finding', (_what, props, check, code) => {
  const { findings } = planWith({ ...props, health: Health.of({ liveness: check }) });
  expect(findings).toContainEqual(expect.objectContaining({ code, severity: 'error', path: 'shop/ordering/orders' }));
});

test.each([
  ['initialDelay', { initialDelay: Duration.millis(500) }],
  ['period', { period: Duration.millis(1500) }],
  ['timeout', { timeout: Duration.millis(200) }],
])('a part of a second as %s is a finding, and not the end of the program', (field, options) => {
  const { findings } = planWith({ ports, health: Health.both(Check.tcp(options)) });
  expect(findings).toContainEqual(expect.objectContaining({ code: 'out-of-range', field: `health.${field}` }));
});

describe('resources', () => {
  test.each([
    ['development', { cpu: '50m', memory: '64Mi' }],
    ['staging', { cpu: '100m', memory: '128Mi' }],
    ['production', { cpu: '100m', memory: '128Mi' }],
  ] as const)('in %s a container that says nothing has requests, a memory limit and no CPU limit', (tier, requests) => {
    expect(containerOf({}, { tier }).resources).toEqual({ requests, limits: { memory: '256Mi' } });
  });

  test('values of cdk8s and cdk8s-plus-27 are taken', () => {
    const resources = {
      cpu: { request: Cpu.millis(250), limit: Cpu.units(1) },
      memory: { request: Size.mebibytes(100), limit: Size.gibibytes(1) },
      ephemeralStorage: { request: Size.gibibytes(2) },
    };
    expect(containerOf({ resources }).resources).toEqual({
      requests: { cpu: '250m', memory: '100Mi', 'ephemeral-storage': '2Gi' },
      limits: { cpu: '1', memory: '1Gi' },
    });
  });

  test('a request above its limit is a finding, in other units too', () => {
    const memory = { request: Size.mebibytes(1025), limit: Size.gibibytes(1) };
    expect(planWith({ resources: { memory } }).findings).toMatchObject([
      { code: 'request-above-limit', field: 'resources.memory', got: 'request 1025Mi, limit 1Gi' },
    ]);
  });

  test('no memory limit is a finding', () => {
    expect(planWith({ resources: { memory: { request: Size.mebibytes(64) } } }).findings).toMatchObject([
      { code: 'no-memory-limit' },
    ]);
  });

  test('neither has a sidecar without one', () => {
    const resources = { memory: { request: Size.mebibytes(512) } };
    expect(planWith({ sidecars: { proxy: { image, resources } } }).findings).toMatchObject([
      { code: 'no-memory-limit' },
    ]);
  });
});
